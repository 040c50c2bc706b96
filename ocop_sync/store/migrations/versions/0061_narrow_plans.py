"""Keep which accounts, products and facets a plan is of.

Revision ID: 0061
Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import document

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: the plans that are there are of everything."""
    with op.batch_alter_table("plan") as plan:
        plan.add_column(
            sa.Column("scope", document(), nullable=False, server_default="{}")
        )
    with op.batch_alter_table("plan") as plan:
        plan.alter_column("scope", server_default=None)


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("plan") as plan:
        plan.drop_column("scope")
