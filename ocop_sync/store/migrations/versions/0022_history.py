"""Find runs and changes by when they were sent.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes that a million rows are paged by."""
    op.create_index("ix_run_started", "run", ["started_at", "id"])
    op.create_index("ix_change_sent", "change", ["sent_at", "run_id", "n"])
    op.create_index(
        "ix_change_account_sent", "change", ["account", "sent_at", "run_id", "n"]
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_change_account_sent", "change")
    op.drop_index("ix_change_sent", "change")
    op.drop_index("ix_run_started", "run")
