"""Keep each import, and its effects on buyers."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "catalog_import",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("source", exact(200), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_import"),
    )
    op.create_index("ix_catalog_import_imported_at", "catalog_import", ["imported_at"])
    op.create_table(
        "import_effect",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("key", exact(48), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("confirmed_in", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_import_effect_product_id_product"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["catalog_import.id"],
            name="fk_import_effect_import_id_catalog_import",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_in"],
            ["catalog_import.id"],
            name="fk_import_effect_confirmed_in_catalog_import",
        ),
        sa.PrimaryKeyConstraint(
            "product_id", "kind", "key", "import_id", name="pk_import_effect"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_import_effect_import_id", "import_effect", ["import_id"])
    op.create_index("ix_import_effect_kind_key", "import_effect", ["kind", "key"])


def downgrade() -> None:
    op.drop_table("import_effect")
    op.drop_table("catalog_import")
