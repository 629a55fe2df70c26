"""Drafts (the table is called works) and the strokes painted on them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "works",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("image", sa.String(64), nullable=False),
        sa.Column("automatic", sa.String(64), nullable=False),
        sa.Column("alpha", sa.String(64), nullable=False),
        sa.Column("thumbnail", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_works_owner_changed", "works", ["owner", "changed"])
    op.create_table(
        "strokes",
        sa.Column("work_id", sa.String(32), sa.ForeignKey("works.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("stroke_id", sa.String(80), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_strokes_work_id_stroke_id", "strokes", ["work_id", "stroke_id"], unique=True)
