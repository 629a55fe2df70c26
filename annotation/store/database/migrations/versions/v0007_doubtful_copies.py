"""Pairs of samples that may be copies of each other, and what a person decided."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table. Nobody is asked about samples that were added before."""
    op.create_table(
        "doubtful_copies",
        sa.Column("sample_id", sa.Integer, sa.ForeignKey("samples.id"), primary_key=True),
        sa.Column("twin_id", sa.Integer, sa.ForeignKey("samples.id"), primary_key=True),
        sa.Column("otherwise", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
    )
