"""Remember submissions with an unreadable outcome.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_IS_ODD = sa.text("review_unreadable IS NOT NULL")


def upgrade() -> None:
    """Nobody has kept it yet: the next sync that follows them does."""
    op.add_column("listing", sa.Column("review_unreadable", exact(200)))
    op.create_index(
        "ix_listing_odd_review",
        "listing",
        ["marketplace", "product_id"],
        sqlite_where=_IS_ODD,
        postgresql_where=_IS_ODD,
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_listing_odd_review", "listing")
    with op.batch_alter_table("listing") as table:
        table.drop_column("review_unreadable")
