"""Keep which accounts must be read whole before anything is written there.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: no database was restored yet."""
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("restored_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Forget which accounts wait for a whole read."""
    with op.batch_alter_table("account") as account:
        account.drop_column("restored_at")
