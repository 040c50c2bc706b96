"""Remember the pushes of marketplaces.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; none was taken before."""
    op.create_table(
        "push",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("digest", exact(64), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "digest", name="pk_push"),
    )
    op.create_index("ix_push_account_taken_at", "push", ["account", "taken_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("push")
