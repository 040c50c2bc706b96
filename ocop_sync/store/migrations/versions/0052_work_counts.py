"""Count runs and changes for good, for monitoring systems.

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_SENT = (
    "INSERT INTO work_count (counted, account, marketplace, outcome, n)"
    " SELECT 'sent', account, marketplace, '', count(*)"
    " FROM change GROUP BY account, marketplace"
)
_OUTCOMES = (
    "INSERT INTO work_count (counted, account, marketplace, outcome, n)"
    " SELECT 'outcome', account, marketplace, outcome, count(*)"
    " FROM change WHERE outcome IS NOT NULL GROUP BY account, marketplace, outcome"
)
_RUNS = (
    "INSERT INTO work_count (counted, account, marketplace, outcome, n)"
    " SELECT 'run', account, marketplace, outcome, count(*)"
    " FROM run WHERE ended_at IS NOT NULL GROUP BY account, marketplace, outcome"
)


def upgrade() -> None:
    """Make the table, and count what stands in the ledger."""
    op.create_table(
        "work_count",
        sa.Column("counted", exact(8), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("counted", "account", "marketplace", "outcome"), name="pk_work_count"
        ),
    )
    for each in (_SENT, _OUTCOMES, _RUNS):
        op.execute(each)


def downgrade() -> None:
    """Forget the counts."""
    op.drop_table("work_count")
