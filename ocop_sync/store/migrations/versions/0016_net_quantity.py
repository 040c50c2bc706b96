"""Give each pack its own net quantity, which was its product's.

Revision ID: 0016
Revises: 0015
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TO_PACK = """
UPDATE variant SET net_quantity = (
    SELECT label_net_quantity FROM product WHERE product.id = variant.product_id
)
WHERE product_id IN (
    SELECT product_id FROM variant GROUP BY product_id HAVING COUNT(*) = 1
)
"""
_FROM_PRODUCT = """
UPDATE product SET label_net_quantity = ''
WHERE id IN (SELECT product_id FROM variant GROUP BY product_id HAVING COUNT(*) = 1)
"""
_ITS_PROVENANCE = """
UPDATE provenance SET field = 'net_quantity', sku = (
    SELECT sku FROM variant WHERE variant.product_id = provenance.product_id
)
WHERE field = 'label.net_quantity' AND sku = '' AND product_id IN (
    SELECT product_id FROM variant GROUP BY product_id HAVING COUNT(*) = 1
)
"""
_ITS_CHANGES = """
UPDATE import_change SET entity = 'variant', field = 'net_quantity', key = (
    SELECT sku FROM variant WHERE variant.product_id = import_change.subject
)
WHERE entity = 'product' AND field = 'label_net_quantity' AND subject IN (
    SELECT product_id FROM variant GROUP BY product_id HAVING COUNT(*) = 1
)
"""
_TO_PRODUCT = """
UPDATE product SET label_net_quantity = COALESCE((
    SELECT net_quantity FROM variant
    WHERE variant.product_id = product.id AND net_quantity != ''
    ORDER BY sku LIMIT 1
), '')
WHERE label_net_quantity = ''
"""


def upgrade() -> None:
    """The net quantity of a product's only pack becomes that pack's.

    Of several nobody has said which: it stays the product's, and is told (E06).
    """
    with _variant() as table:
        empty = sa.Column("net_quantity", sa.Text(), nullable=False, server_default="")
        table.add_column(empty)
    with _variant() as table:
        table.alter_column("net_quantity", server_default=None)
    for statement in (_TO_PACK, _FROM_PRODUCT, _ITS_PROVENANCE, _ITS_CHANGES):
        op.execute(statement)


def downgrade() -> None:
    """Give a product the quantity of its first pack; its provenance is forgotten."""
    op.execute(_TO_PRODUCT)
    op.execute("DELETE FROM provenance WHERE field = 'net_quantity'")
    op.execute(
        "DELETE FROM import_change WHERE entity = 'variant' AND field = 'net_quantity'"
    )
    with _variant() as table:
        table.drop_column("net_quantity")


@contextmanager
def _variant() -> Iterator[BatchOperations]:
    """Change the table; SQLite makes it anew, and has to be told how it keeps rows."""
    with op.batch_alter_table(
        "variant", table_kwargs={"sqlite_with_rowid": False}
    ) as table:
        yield table
