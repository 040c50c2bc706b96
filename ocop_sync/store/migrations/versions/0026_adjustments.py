"""Keep adjustments of stock beside the sales.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table: there were no adjustments before."""
    op.create_table(
        "adjustment",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku", exact(48), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("reason", exact(16), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("delta <> 0", name="ck_adjustment_delta_not_zero"),
        sa.PrimaryKeyConstraint("n", name="pk_adjustment"),
    )
    op.create_index(
        "ix_adjustment_sku_happened_at", "adjustment", ["sku", "happened_at"]
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("adjustment")
