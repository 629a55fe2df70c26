"""The answers that led to an alpha, and the revision on which a draft is based."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns. An older draft has no base (NULL), because it was not recorded.

    Until now, a revision saved from Correct named its model but not the weights. If these are known to be
    non-commercial, their licence is added; the SHA-256 of the file is no longer known.
    """
    op.add_column("revisions", sa.Column("answers", sa.Text, nullable=False, server_default=""))
    op.add_column("works", sa.Column("answers", sa.Text, nullable=False, server_default=""))
    op.add_column("works", sa.Column("base", sa.Integer))
    op.execute(
        "UPDATE revisions SET weights_licence = 'LicenseRef-non-commercial-Adobe-data' "
        "WHERE model IN ('gca', 'gca-dist') AND weights_licence = ''"
    )
