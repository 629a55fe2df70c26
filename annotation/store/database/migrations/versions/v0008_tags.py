"""The tags by which people find samples."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column. Older samples have no tags."""
    op.add_column("samples", sa.Column("tags", sa.Text, nullable=False, server_default=""))
