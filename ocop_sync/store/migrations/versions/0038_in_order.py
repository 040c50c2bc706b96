"""Number the history in the order of its changes.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# What an earlier version knew without its values came behind the changes of imports.
# Numbers that are far below all others are free while they are given out.
_ORDER = """
CREATE TEMPORARY TABLE numbered AS
SELECT n AS was, ROW_NUMBER() OVER (ORDER BY changed_at, n) AS place,
    2 * COUNT(*) OVER () + 1 AS below
FROM field_change
"""
_INDEX = "CREATE UNIQUE INDEX ix_numbered ON numbered (was)"
_MOVE = """
UPDATE field_change SET
    n = (SELECT place - below FROM numbered WHERE was = field_change.n),
    supersedes = (SELECT place FROM numbered WHERE was = field_change.supersedes)
"""
_RISE = """
UPDATE field_change SET n = n + (SELECT MAX(below) FROM numbered)
"""
_NEXT = """
SELECT setval(pg_get_serial_sequence('field_change', 'n'), MAX(n))
FROM field_change HAVING MAX(n) IS NOT NULL
"""


def upgrade() -> None:
    """Give all of it new numbers, if some of it came behind what is later."""
    connection = op.get_bind()
    out_of_order = sa.text("SELECT 1 FROM field_change WHERE n < 1 LIMIT 1")
    if connection.execute(out_of_order).first() is None:
        return
    for statement in (_ORDER, _INDEX, _MOVE, _RISE):
        op.execute(statement)
    op.execute("DROP TABLE numbered")
    if connection.dialect.name == "postgresql":
        op.execute(_NEXT)


def downgrade() -> None:
    """The numbers are as good."""
