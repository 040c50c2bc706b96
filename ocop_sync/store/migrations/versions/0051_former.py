"""Keep what was renamed or moved by hand, by the names that sheets still say.

Revision ID: 0051
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact
from ocop_sync.store.column_types import NUMBER

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing was renamed or moved by hand before."""
    op.create_table(
        "former_mark",
        sa.Column("n", NUMBER, autoincrement=True, nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("producer_id", exact(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_former_mark"),
    )
    op.create_index("ix_former_mark_producer_id", "former_mark", ["producer_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("former_mark")
