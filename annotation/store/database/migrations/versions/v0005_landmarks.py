"""The landmarks of samples, by which turned, mirrored and cropped copies are recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table. The rows of older samples are made from their thumbnails when the next sample is added."""
    op.create_table(
        "landmarks",
        sa.Column("sample_id", sa.Integer, sa.ForeignKey("samples.id"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
