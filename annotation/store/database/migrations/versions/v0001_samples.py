"""Samples and their revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("image", sa.String(64), nullable=False),
        sa.Column("thumbnail", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("pixels", sa.String(64), nullable=False, index=True),
        sa.Column("appearance", sa.BigInteger, nullable=False),
        sa.Column("group_key", sa.String(255), nullable=False, index=True),
        sa.Column("split", sa.String(16), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("assignee", sa.String(255), nullable=False, index=True),
        sa.Column("reviewer", sa.String(255), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.DateTime(timezone=True)),
        sa.Column("current", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("licence", sa.String(255), nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("person_visible", sa.Boolean),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_samples_state_id", "samples", ["deleted", "state", "id"])
    op.create_table(
        "revisions",
        sa.Column("sample_id", sa.Integer, sa.ForeignKey("samples.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("parent", sa.Integer, nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tool", sa.String(255), nullable=False),
        sa.Column("model", sa.String(255), nullable=False),
        sa.Column("weights", sa.String(64), nullable=False),
        sa.Column("weights_licence", sa.String(255), nullable=False),
        sa.Column("minutes", sa.Double, nullable=False),
        sa.Column("strokes", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("unknown", sa.Double),
        sa.Column("trimap", sa.String(64)),
        sa.Column("scribbles", sa.String(64)),
        sa.Column("alpha", sa.String(64)),
        sa.Column("foreground", sa.String(64)),
    )
