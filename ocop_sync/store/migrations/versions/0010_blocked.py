"""Listings wrongly on sale, and the next try of failed changes that are owed.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BLOCKED = "blocked AND found IN ('live', 'in_review')"
_TRIED_AGAIN = "next_try_at IS NOT NULL"
_STUCK = "decision = 'withdraw' AND hold IS NOT NULL"


def upgrade() -> None:
    """Take the last evaluation of each listing over; the next run makes a new one."""
    op.drop_index("ix_listing_stuck", "listing")
    op.add_column("listing", sa.Column("blocked", sa.Boolean()))
    op.add_column("listing", sa.Column("next_try_at", UtcDateTime()))
    op.execute(
        "UPDATE listing SET settled_print = '',"
        " blocked = (decision IN ('withdraw', 'hold_out_of_scope'))"
    )
    _index("ix_listing_blocked", ["marketplace", "product_id"], _BLOCKED)
    _index("ix_listing_next_try", ["account", "next_try_at"], _TRIED_AGAIN)
    _index("ix_listing_tried_again", ["marketplace", "product_id"], _TRIED_AGAIN)


def downgrade() -> None:
    """Forget both."""
    op.drop_index("ix_listing_tried_again", "listing")
    op.drop_index("ix_listing_next_try", "listing")
    op.drop_index("ix_listing_blocked", "listing")
    with op.batch_alter_table("listing") as table:
        table.drop_column("next_try_at")
        table.drop_column("blocked")
    _index("ix_listing_stuck", ["marketplace", "product_id"], _STUCK)


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "listing",
        columns,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
