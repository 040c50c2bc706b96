"""Count the listings that are live without going through all of them.

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    is_live = sa.text("found = 'live'")
    op.create_index(
        "ix_listing_live",
        "listing",
        ["marketplace", "product_id"],
        sqlite_where=is_live,
        postgresql_where=is_live,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_listing_live", "listing")
