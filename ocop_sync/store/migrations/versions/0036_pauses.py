"""Keep which accounts are paused, since when, for whom and why.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime
from ocop_sync.store.column_types import ForeignText

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: no account is paused yet."""
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("paused_at", UtcDateTime(), nullable=True))
        account.add_column(sa.Column("paused_by", ForeignText(), nullable=True))
        account.add_column(sa.Column("pause_reason", ForeignText(), nullable=True))


def downgrade() -> None:
    """Let every account go on."""
    with op.batch_alter_table("account") as account:
        for name in ("pause_reason", "paused_by", "paused_at"):
            account.drop_column(name)
