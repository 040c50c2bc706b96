"""Search products and producers by parts of their names, without reading whole rows.

Revision ID: 0060
Revises: 0059
"""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_producer_searched", "producer", ["id", "name_folded", "commune_code"]
    )
    op.create_index(
        "ix_product_searched",
        "product",
        ["id", "name_folded", "ocop_code", "producer_id", "set_code"],
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_product_searched", "product")
    op.drop_index("ix_producer_searched", "producer")
