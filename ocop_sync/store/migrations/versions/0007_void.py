"""Keep of a certificate that it was entered by mistake."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXTS = ("voided_by", "void_reason")


def upgrade() -> None:
    with _certificate() as table:
        for name in TEXTS:
            empty = sa.Column(name, sa.Text(), nullable=False, server_default="")
            table.add_column(empty)
        table.add_column(sa.Column("voided_on", sa.Date(), nullable=True))
    with _certificate() as table:
        for name in TEXTS:
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    with _certificate() as table:
        for name in (*TEXTS, "voided_on"):
            table.drop_column(name)


@contextmanager
def _certificate() -> Iterator[BatchOperations]:
    """Change the table; SQLite makes it anew, and has to be told how it keeps rows."""
    with op.batch_alter_table(
        "certificate", table_kwargs={"sqlite_with_rowid": False}
    ) as table:
        yield table
