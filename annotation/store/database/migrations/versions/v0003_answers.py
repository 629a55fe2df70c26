"""What an alpha came from, answer by answer, and the revision that an image in work is based on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; a work begun before has no base (NULL), as nobody noted it.

    Until now a revision saved from Correct named its model but not the weights. Of those that are known to be
    non-commercial that is made good; the SHA-256 of the file that was used is not known any more.
    """
    op.add_column("revisions", sa.Column("answers", sa.Text, nullable=False, server_default=""))
    op.add_column("works", sa.Column("answers", sa.Text, nullable=False, server_default=""))
    op.add_column("works", sa.Column("base", sa.Integer))
    op.execute(
        "UPDATE revisions SET weights_licence = 'LicenseRef-non-commercial-Adobe-data' "
        "WHERE model IN ('gca', 'gca-dist') AND weights_licence = ''"
    )
