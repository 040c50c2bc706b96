"""Keep since when each product is counted as it is.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the next run begins the first interval of each product.

    How products are counted stands in `listing`, but neither their commune nor what
    follows from the day that passes: that takes an evaluation.
    """
    op.create_table(
        "coverage_interval",
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("counted", exact(24), nullable=False),
        sa.Column("rule", exact(24), nullable=False),
        sa.Column("hold", exact(24), nullable=False),
        sa.Column("word", exact(16), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("commune", exact(8), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("product_set", exact(16), nullable=False),
        sa.Column("producer_kind", exact(8), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("later_counted", exact(24), nullable=False),
        sa.Column("later_rule", exact(24), nullable=False),
        sa.Column("later_stars", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "marketplace", "product_id", "began_at", name="pk_coverage_interval"
        ),
        sqlite_with_rowid=False,
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_coverage_interval_open",
        "coverage_interval",
        ["marketplace", "product_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Forget the intervals."""
    op.drop_table("coverage_interval")
