"""Keep the number of a paper, and the day of its issue.

Revision ID: 0055
Revises: 0054
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: of no paper they are known yet."""
    with _paper() as table:
        empty = sa.Column("number", sa.Text(), nullable=False, server_default="")
        table.add_column(empty)
        table.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
    with _paper() as table:
        table.alter_column("number", server_default=None)


def downgrade() -> None:
    """Forget numbers and days of issue."""
    with _paper() as table:
        table.drop_column("issued_on")
        table.drop_column("number")


@contextmanager
def _paper() -> Iterator[BatchOperations]:
    """Change the table; SQLite makes it anew, and has to be told how it keeps rows."""
    with op.batch_alter_table(
        "paper", table_kwargs={"sqlite_with_rowid": False}
    ) as table:
        yield table
