"""Let people ask for a sync that evaluates every product.

Revision ID: 0063
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was asked for before is not full."""
    with op.batch_alter_table("run_request") as table:
        is_not: sa.Column[bool] = sa.Column(
            "full", sa.Boolean(), nullable=False, server_default=sa.false()
        )
        table.add_column(is_not)
    with op.batch_alter_table("run_request") as table:
        table.alter_column("full", server_default=None)


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("run_request") as table:
        table.drop_column("full")
