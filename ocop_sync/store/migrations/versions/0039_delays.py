"""Keep how long changes take until a read shows them.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact
from ocop_sync.store.column_types import NUMBER

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; changes that wait now are measured from the next run on."""
    op.create_table(
        "change_delay",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("facet", exact(16), nullable=False),
        sa.Column("fingerprint", exact(24), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", exact(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_change_delay"),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_change_delay_open",
        "change_delay",
        ["marketplace", "product_id", "facet"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_change_delay_ended", "change_delay", ["ended_at"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("change_delay")
