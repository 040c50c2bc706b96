"""Note which import takes which one back, and mark products of an undone one.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No import was undone yet."""
    op.add_column("product", sa.Column("undone_import", sa.BigInteger()))
    op.add_column("catalog_import", sa.Column("undoes", sa.BigInteger()))
    op.add_column("catalog_import", sa.Column("undone_in", sa.BigInteger()))
    op.create_index("ix_catalog_import_source", "catalog_import", ["source"])


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_catalog_import_source", "catalog_import")
    with op.batch_alter_table("catalog_import") as catalog_import:
        catalog_import.drop_column("undone_in")
        catalog_import.drop_column("undoes")
    with op.batch_alter_table("product") as product:
        product.drop_column("undone_import")
