"""Keep from which entry into the catalog on each change waits to be shown.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_EVALUATED = """
UPDATE listing SET evaluated_revision = (
    SELECT product.revision FROM product WHERE product.id = listing.product_id
)
"""


def upgrade() -> None:
    """Take all that has been entered so far as evaluated."""
    op.add_column("listing", sa.Column("evaluated_revision", sa.BigInteger()))
    op.execute(_EVALUATED)
    op.add_column("change_delay", sa.Column("found_at", UtcDateTime()))
    op.create_index("ix_field_change_revision", "field_change", ["subject", "revision"])


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_field_change_revision", "field_change")
    with op.batch_alter_table("change_delay") as table:
        table.drop_column("found_at")
    with op.batch_alter_table("listing") as table:
        table.drop_column("evaluated_revision")
