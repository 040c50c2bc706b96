"""Keep what is told of a run while it goes on.

Revision ID: 0054
Revises: 0053
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; of earlier runs the ledger tells."""
    op.create_table(
        "run_event",
        sa.Column("run", exact(16), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("data", document(), nullable=False),
        sa.PrimaryKeyConstraint("run", "n", name="pk_run_event"),
    )
    op.create_index("ix_run_event_at", "run_event", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("run_event")
