"""Keep which plans need approval anew, as the database was put back.

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: no plan needs that yet."""
    with op.batch_alter_table("plan") as plan:
        plan.add_column(sa.Column("reopened_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Forget why these plans wait."""
    with op.batch_alter_table("plan") as plan:
        plan.drop_column("reopened_at")
