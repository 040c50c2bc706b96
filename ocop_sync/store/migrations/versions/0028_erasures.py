"""Keep the erasures that withdrawn consent asks for.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table: consent that is withdrawn already asks for nothing."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "erasure",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("producer_id", exact(32), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended", exact(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_producer_id", "erasure", ["producer_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("erasure")
