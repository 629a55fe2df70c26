"""The sample from which a draft was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column. For an older draft it was not recorded (NULL)."""
    op.add_column("works", sa.Column("sample_id", sa.Integer))
