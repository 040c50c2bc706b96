"""Make the tables of the catalog."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _attestation()
    _catalog_counter()
    _confirmation()
    _producer()
    _product()
    _certificate()
    _naming()
    _paper()
    _provenance()
    _variant()
    _sale()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


TABLES = (
    "sale",
    "variant",
    "provenance",
    "paper",
    "naming",
    "certificate",
    "product",
    "producer",
    "confirmation",
    "catalog_counter",
    "attestation",
)


def _attestation() -> None:
    op.create_table(
        "attestation",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("subject", exact(32), nullable=False),
        sa.Column("what", exact(32), nullable=False),
        sa.Column("before", document(), nullable=True),
        sa.Column("after", document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attestation"),
    )
    op.create_index("ix_attestation_subject_what", "attestation", ["subject", "what"])


def _catalog_counter() -> None:
    op.create_table(
        "catalog_counter",
        sa.Column("name", exact(16), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_catalog_counter"),
    )


def _confirmation() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("source", exact(200), nullable=False),
        sa.Column("token", exact(64), nullable=False),
        sa.Column("held", document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_confirmation"),
    )


def _producer() -> None:
    op.create_table(
        "producer",
        sa.Column("id", exact(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", exact(), nullable=False),
        sa.Column("sort_key", exact(), nullable=False),
        sa.Column("kind", exact(8), nullable=False),
        sa.Column("certified_address", sa.Text(), nullable=False),
        sa.Column("certified_old_commune_code", exact(8), nullable=False),
        sa.Column("certified_commune_code", exact(8), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("old_commune_code", exact(8), nullable=False),
        sa.Column("commune_code", exact(8), nullable=False),
        sa.Column("consent", exact(8), nullable=False),
        sa.Column("consent_by", sa.Text(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("identity_ready", exact(8), nullable=False),
        sa.Column("identity_ready_by", sa.Text(), nullable=False),
        sa.Column("identity_ready_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_producer"),
    )
    op.create_index("ix_producer_name_folded", "producer", ["name_folded"])
    op.create_index("ix_producer_sort_key", "producer", ["sort_key"])


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", exact(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", exact(), nullable=False),
        sa.Column("sort_key", exact(), nullable=False),
        sa.Column("producer_id", exact(32), nullable=True),
        sa.Column("set_code", exact(16), nullable=False),
        sa.Column("ocop_code", exact(100), nullable=False),
        sa.Column("label_net_quantity", sa.Text(), nullable=False),
        sa.Column("label_ingredients", sa.Text(), nullable=False),
        sa.Column("label_origin", sa.Text(), nullable=False),
        sa.Column("label_dates", sa.Text(), nullable=False),
        sa.Column("label_use_and_storage", sa.Text(), nullable=False),
        sa.Column("label_warnings", sa.Text(), nullable=False),
        sa.Column("alcohol_percent", sa.Float(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("pictures", sa.Text(), nullable=False),
        sa.Column("trace_url", sa.Text(), nullable=False),
        sa.Column("stock_policy", exact(8), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("not_in_source_since", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["producer_id"], ["producer.id"], name="fk_product_producer_id_producer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
    )
    op.create_index("ix_product_name_folded", "product", ["name_folded"])
    op.create_index("ix_product_ocop_code", "product", ["ocop_code"])
    op.create_index("ix_product_producer_id", "product", ["producer_id"])
    op.create_index("ix_product_revision", "product", ["revision"], unique=True)
    op.create_index("ix_product_sort_key", "product", ["sort_key"])


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("evidence", exact(16), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("year_means", exact(8), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revocation_proposed", sa.Boolean(), nullable=False),
        sa.Column("potential_5", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_certificate_stars_1_to_5"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_certificate_product_id_product"
        ),
        sa.PrimaryKeyConstraint("product_id", "n", name="pk_certificate"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_certificate_decided_on", "certificate", ["decided_on"])


def _naming() -> None:
    op.create_table(
        "naming",
        sa.Column("source", exact(200), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("missing_since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_naming_product_id_product"
        ),
        sa.PrimaryKeyConstraint("source", "product_id", name="pk_naming"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_naming_product_id", "naming", ["product_id"])


def _paper() -> None:
    op.create_table(
        "paper",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("kind", exact(32), nullable=False),
        sa.Column("held", exact(8), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_paper_product_id_product"
        ),
        sa.PrimaryKeyConstraint("product_id", "kind", name="pk_paper"),
        sqlite_with_rowid=False,
    )


def _provenance() -> None:
    op.create_table(
        "provenance",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("sku", exact(48), nullable=False),
        sa.Column("field", exact(32), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_provenance_product_id_product"
        ),
        sa.PrimaryKeyConstraint("product_id", "sku", "field", name="pk_provenance"),
        sqlite_with_rowid=False,
    )


def _variant() -> None:
    op.create_table(
        "variant",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("sku", exact(48), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("price_vnd", sa.BigInteger(), nullable=True),
        sa.Column("on_hand", sa.Integer(), nullable=True),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("buffer", sa.Integer(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=True),
        sa.Column("gtin", exact(14), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "on_hand >= 0 AND reserved >= 0 AND buffer >= 0",
            name="ck_variant_counts_not_negative",
        ),
        sa.CheckConstraint("price_vnd > 0", name="ck_variant_price_positive"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_variant_product_id_product"
        ),
        sa.PrimaryKeyConstraint("product_id", "sku", name="pk_variant"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_variant_sku", "variant", ["sku"], unique=True)


def _sale() -> None:
    op.create_table(
        "sale",
        sa.Column("channel", exact(64), nullable=False),
        sa.Column("order_line", exact(200), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("sku", exact(48), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("sold_at", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_sale_quantity_positive"),
        sa.PrimaryKeyConstraint("channel", "order_line", name="pk_sale"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sale_sku_sold_at", "sale", ["sku", "sold_at"])
    op.create_index("ix_sale_sku_n", "sale", ["sku", "n"])
