"""Pairs of samples that may be copies of one another, and what a person said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table; of samples added before nobody is asked."""
    op.create_table(
        "doubtful_copies",
        sa.Column("sample_id", sa.Integer, sa.ForeignKey("samples.id"), primary_key=True),
        sa.Column("twin_id", sa.Integer, sa.ForeignKey("samples.id"), primary_key=True),
        sa.Column("otherwise", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
    )
