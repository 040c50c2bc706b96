"""Remember the last run of each account, and find its holds.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_IS_HELD = sa.text("hold IS NOT NULL")


def upgrade() -> None:
    """Nobody has kept it yet: the next run of each account does."""
    op.create_table(
        "last_run",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("run_id", exact(100), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("error", exact(500), nullable=False),
        sa.Column("todo", document()),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("unread", exact(500), nullable=False),
        sa.Column("unheard", exact(500), nullable=False),
        sa.Column("failing_since", UtcDateTime()),
        sa.Column("worked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("account", name="pk_last_run"),
    )
    op.create_index(
        "ix_listing_hold",
        "listing",
        ["account"],
        sqlite_where=_IS_HELD,
        postgresql_where=_IS_HELD,
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_listing_hold", "listing")
    op.drop_table("last_run")
