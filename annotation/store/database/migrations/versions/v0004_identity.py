"""Which dataset this is, and which files a clean-up has seen."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make both tables. The identity itself is agreed on with the files when the store is opened."""
    op.create_table("identity", sa.Column("id", sa.String(36), primary_key=True))
    op.create_table(
        "sightings",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("put", sa.Double, nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
    )
