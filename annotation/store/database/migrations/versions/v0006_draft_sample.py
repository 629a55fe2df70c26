"""The sample that an image in work was taken from."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; of a work begun before nobody noted it (NULL)."""
    op.add_column("works", sa.Column("sample_id", sa.Integer))
