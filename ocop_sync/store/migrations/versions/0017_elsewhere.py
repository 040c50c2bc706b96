"""Remember the values of second listings of ours at other accounts.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take over the rows' notes on them; the next run reads their values."""
    op.create_table(
        "elsewhere",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("found", exact(16), nullable=False),
        sa.Column("shown", document(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("refused", document(), nullable=False),
        sa.Column("failures", document()),
        sa.Column("read_at", UtcDateTime()),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("look_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("account", "ref", name="pk_elsewhere"),
    )
    op.create_index("ix_elsewhere_product", "elsewhere", ["marketplace", "product_id"])
    op.execute(
        "INSERT INTO elsewhere"
        " (account, ref, marketplace, product_id, found, shown, pending, refused)"
        " SELECT account.key, substr(listing.doubled_ref, length(account.key) + 2),"
        " listing.marketplace, listing.product_id, 'live', '{}', false, '{}'"
        " FROM listing JOIN account ON account.marketplace = listing.marketplace"
        " AND substr(listing.doubled_ref, 1, length(account.key) + 1)"
        " = account.key || '/'"
        " WHERE listing.doubled_ref <> ''"
    )


def downgrade() -> None:
    """Forget it; that they are there stands in the rows of their products."""
    op.drop_table("elsewhere")
