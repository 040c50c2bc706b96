"""The catalog's tables, on SQLite and PostgreSQL alike.

Every value that a query searches or sorts by is a column of its own; labels and
pictures, which are read whole, are documents. In tables without a rowid SQLite keeps
the parts of a product side by side, so that a page is one sweep. Nothing here refers to
a table of another package. Rows become values in `catalog.db.from_rows`. A plain field
of a product or a pack has its column without being named here.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from catalog.columns import UtcDateTime, document, exact, with_plain
from catalog.model.product import Label, Product, Variant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are named, so that migrations can name them again."""

metadata = MetaData(naming_convention=NAMING)


def _number(name: str = "id") -> Column[int]:
    """Return the column of a number that the database gives out."""
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Column(name, kind, primary_key=True, autoincrement=True)


producer = Table(
    "producer",
    metadata,
    Column("id", exact(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_folded", exact(), nullable=False, index=True),
    Column("sort_key", exact(), nullable=False, index=True),
    Column("kind", exact(8), nullable=False),
    Column("certified_address", Text, nullable=False),
    Column("certified_old_commune_code", exact(8), nullable=False),
    Column("certified_commune_code", exact(8), nullable=False),
    Column("address", Text, nullable=False),
    Column("old_commune_code", exact(8), nullable=False),
    Column("commune_code", exact(8), nullable=False),
    Column("consent", exact(8), nullable=False),
    Column("consent_by", Text, nullable=False),
    Column("consent_on", Date),
    Column("identity_ready", exact(8), nullable=False),
    Column("identity_ready_by", Text, nullable=False),
    Column("identity_ready_on", Date),
    # What people search producers by: read whole, it is a tenth of the table.
    Index("ix_producer_searched", "id", "name_folded", "commune_code"),
)

DERIVED = frozenset({"name_folded", "sort_key"})
"""Columns that follow from others: they are written, and never read as values."""

product = Table(
    "product",
    metadata,
    *with_plain(
        Product,
        Column("id", exact(32), primary_key=True),
        Column("name_folded", exact(), nullable=False, index=True),
        Column("sort_key", exact(), nullable=False, index=True),
        Column("producer_id", exact(32), ForeignKey(producer.c.id), index=True),
        Column("set_code", exact(16), nullable=False),
        Column("ocop_code", exact(100), nullable=False, index=True),
        *(
            Column(f"label_{name}", Text, nullable=False)
            for name in Label.__struct_fields__
        ),
        Column("alcohol_percent", Float),
        # A line each: whether the OCOP mark shows, the size or "-", the address, with
        # a space between. Pictures are never searched, and JSON would double the cost
        # of reading a product.
        Column("pictures", Text, nullable=False),
        Column("stock_policy", exact(8), nullable=False),
        Column("undone_import", BigInteger),
        Column("revision", BigInteger, nullable=False),
        but={"label", "variants", "certificates", "papers", "effects"},
    ),
    # Unique: two changes never share a revision, so that a reader who has seen one
    # has missed none that is lower.
    Index(None, "revision", unique=True),
    # What people search products by, as of producers.
    Index(
        "ix_product_searched",
        *("id", "name_folded", "ocop_code", "producer_id", "set_code"),
    ),
)

variant = Table(
    "variant",
    metadata,
    *with_plain(
        Variant,
        Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
        Column("sku", exact(48), primary_key=True),
        Column("price_vnd", BigInteger),
        Column("gtin", exact(14), nullable=False),
        but={"sold", "adjusted"},
    ),
    Index(None, "sku", unique=True),
    CheckConstraint("price_vnd > 0", name="price_positive"),
    CheckConstraint(
        "on_hand >= 0 AND reserved >= 0 AND buffer >= 0", name="counts_not_negative"
    ),
    sqlite_with_rowid=False,
)

sale = Table(
    # Only ever added to: the online sales, once for each order line. No foreign key:
    # variants are written anew when a product changes.
    "sale",
    metadata,
    Column("channel", exact(64), primary_key=True),
    Column("order_line", exact(200), primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("sku", exact(48), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("sold_at", UtcDateTime, nullable=False),
    Column("heard_at", UtcDateTime, nullable=False),
    Index(None, "sku", "sold_at"),
    Index(None, "sku", "n"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    sqlite_with_rowid=False,
)

adjustment = Table(
    # Only ever added to: goods that came into a store, or left it otherwise than by an
    # online sale. No foreign key, as of a sale.
    "adjustment",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("sku", exact(48), nullable=False),
    Column("delta", Integer, nullable=False),
    Column("reason", exact(16), nullable=False),
    Column("happened_at", UtcDateTime, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Index(None, "sku", "happened_at"),
    CheckConstraint("delta <> 0", name="delta_not_zero"),
)

certificate = Table(
    "certificate",
    metadata,
    Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("stars", Integer),
    Column("evidence", exact(16), nullable=False),
    Column("decision", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("decided_on", Date, index=True),
    Column("year", Integer),
    Column("year_means", exact(8), nullable=False),
    Column("revoked_by", Text, nullable=False),
    Column("revoked_on", Date, index=True),
    Column("revocation_proposed", Boolean, nullable=False),
    Column("potential_5", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("voided_by", Text, nullable=False),
    Column("voided_on", Date),
    Column("void_reason", Text, nullable=False),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars_1_to_5"),
    sqlite_with_rowid=False,
)

paper = Table(
    "paper",
    metadata,
    Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
    Column("kind", exact(32), primary_key=True),
    Column("held", exact(8), nullable=False),
    Column("held_by", Text, nullable=False),
    Column("held_on", Date),
    Column("expires_on", Date),
    Column("number", Text, nullable=False),
    Column("issued_on", Date),
    sqlite_with_rowid=False,
)

naming = Table(
    # Which import names which product. Its key is searched by source, since missing
    # products are asked for source by source.
    "naming",
    metadata,
    Column("source", exact(200), primary_key=True),
    Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
    Column("missing_since", Date),
    Index(None, "product_id"),
    sqlite_with_rowid=False,
)

source = Table(
    # Every source of which a file was ever taken in.
    "source",
    metadata,
    Column("name", exact(200), primary_key=True),
    Column("imported_at", UtcDateTime),
    sqlite_with_rowid=False,
)

source_file = Table(
    # Of which source a file of this name is: it was asked once, or was its first.
    "source_file",
    metadata,
    Column("file", exact(), primary_key=True),
    Column("source", exact(200), nullable=False),
    sqlite_with_rowid=False,
)

confirmation = Table(
    # Only ever added to: who let a held import through, and which of its holds.
    "confirmation",
    metadata,
    _number(),
    Column("confirmed_at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("source", exact(200), nullable=False),
    Column("token", exact(64), nullable=False),
    Column("held", document(), nullable=False),
)

catalog_import = Table(
    # Only ever added to: each import that changed something, or by which a person
    # confirmed the effects of an earlier one.
    "catalog_import",
    metadata,
    _number(),
    Column("source", exact(200), nullable=False),
    Column("file", Text, nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    # How many products it has made and changed, and until when its
    # changes of them can be taken back; empty where they were never kept.
    Column("created", Integer),
    Column("changed", Integer),
    Column("changes_until", UtcDateTime),
    # The import that it takes back, or the one that took it back.
    Column("undoes", BigInteger),
    # When its sheet was exported from this catalog; empty if it never was.
    Column("exported_at", UtcDateTime),
    Column("undone_in", BigInteger),
    Index(None, "imported_at"),
    Index(None, "source"),
)

import_report = Table(
    # One for each attempt to import a file, whether anything was written or not. What
    # was told is erased after a while, with the problems and the file: personal data
    # may stand in it.
    "import_report",
    metadata,
    _number(),
    Column("made_at", UtcDateTime, nullable=False),
    Column("source", exact(200), nullable=False),
    Column("file", Text, nullable=False),
    Column("outcome", exact(16), nullable=False),
    # The import that it made; empty if it changed nothing.
    Column("import_id", BigInteger),
    Column("content_hash", exact(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("told", document()),
    Column("kept_until", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),
    # Whose sheet it was; empty if it was the department's.
    Column("producers", document()),
    Index(None, "import_id"),
    Index(None, "content_hash"),
    Index(None, "erased_at", "kept_until"),
)

import_problem = Table(
    # Its problems by their place; below 0, from -1 on, what it would change, or take.
    "import_problem",
    metadata,
    Column("report_id", BigInteger, ForeignKey(import_report.c.id), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("told", document(), nullable=False),
    sqlite_with_rowid=False,
)

import_file = Table(
    # The bytes of imported files, in parts: one that comes twice is kept once.
    "import_file",
    metadata,
    Column("content_hash", exact(64), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("part", LargeBinary, nullable=False),
)

import_effect = Table(
    # The effects of imports on buyers. One stands until a person's act or a later
    # import says otherwise; an effect that no longer stands is history.
    "import_effect",
    metadata,
    Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
    Column("kind", exact(16), primary_key=True),
    Column("key", exact(48), primary_key=True),
    Column("import_id", BigInteger, ForeignKey(catalog_import.c.id), primary_key=True),
    Column("stands", Boolean, nullable=False),
    # It counts towards the question about many.
    Column("asks", Boolean, nullable=False),
    # The import with which a person has confirmed it; none has if it is empty.
    Column("confirmed_in", BigInteger, ForeignKey(catalog_import.c.id)),
    Index(None, "import_id"),
    Index(None, "kind", "key"),
    sqlite_with_rowid=False,
)

confirmed_end = Table(
    # The last day of a product's certificates for which a person stands who was told
    # what it takes from buyers; "" where none has begun. It says nothing once they end
    # on another day.
    "confirmed_end",
    metadata,
    Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
    Column("ends_on", exact(10), nullable=False),
    sqlite_with_rowid=False,
)

column_answer = Table(
    # A person's meaning of a heading of a source: our name of the column, "" where it
    # is passed over. The heading is in lower case.
    "column_answer",
    metadata,
    Column("source", exact(200), primary_key=True),
    Column("heading", exact(200), primary_key=True),
    Column("means", exact(64), nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

picture = Table(
    # Uploaded pictures, written anew. The bytes come last: SQLite then reads the other
    # columns without them.
    "picture",
    metadata,
    Column("hash", exact(64), primary_key=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

picture_use = Table(
    # Which product has which of them, or had it until a time: it is derived from the
    # addresses in `product.pictures`, which may be of pictures that are not kept.
    "picture_use",
    metadata,
    Column("hash", exact(64), primary_key=True),
    Column("product_id", exact(32), ForeignKey(product.c.id), primary_key=True),
    Column("removed_at", UtcDateTime),
    Index(None, "product_id"),
    Index(
        "ix_picture_use_removed",
        "removed_at",
        sqlite_where=text("removed_at IS NOT NULL"),
        postgresql_where=text("removed_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

erasure = Table(
    # One for each time that a producer has withdrawn its consent: what may tell of its
    # people is to be erased. It ends with that, or with consent given anew.
    "erasure",
    metadata,
    _number(),
    Column("producer_id", exact(32), nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended", exact(16), nullable=False),
    Index(None, "producer_id"),
)

actor = Table(
    # Everybody who has acted. Name, user and salt are erased together.
    "actor",
    metadata,
    _number(),
    Column("kind", exact(16), nullable=False),
    Column("ref", exact(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("os_user", Text, nullable=False),
    Column("salt", exact(32), nullable=False),
    Index(None, "ref", "kind"),
)

act = Table(
    # Only ever added to: one row for each act, each with the hash of the one before
    # (`catalog.db.audit_chain`). No personal datum stands in it. The number is given
    # out by a counter, so that none is left out.
    "act",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", BigInteger, ForeignKey(actor.c.id), nullable=False),
    Column("actor_digest", exact(64), nullable=False),
    Column("acts_for", exact(32), nullable=False),
    Column("kind", exact(32), nullable=False),
    Column("subjects", document(), nullable=False),
    Column("refs", document(), nullable=False),
    Column("note_digest", exact(64), nullable=False),
    Column("previous", exact(64), nullable=False),
    Column("hash", exact(64), nullable=False),
    Index(None, "hash"),
    Index(None, "actor_id"),
)

act_note = Table(
    # The words that came with an act, and where it came from: they can be erased.
    "act_note",
    metadata,
    Column("act", BigInteger, ForeignKey(act.c.n), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("salt", exact(32), nullable=False),
    sqlite_with_rowid=False,
)

field_change = Table(
    # Only ever added to: each changed field, in the transaction of its change. Danger:
    # the personal values are erased in time (`catalog.db.retention`), and nothing but
    # `history` and `import show` may tell them.
    "field_change",
    metadata,
    _number("n"),
    # Who and why; empty where the service acted, and for changes from before the audit.
    Column("act", BigInteger, ForeignKey(act.c.n)),
    Column("import_id", BigInteger, ForeignKey(catalog_import.c.id)),
    Column("changed_at", UtcDateTime, nullable=False),
    # The name of who has neither an act nor an import.
    Column("changed_by", Text, nullable=False),
    # That of the product since; of a producer the lowest of its products.
    Column("revision", BigInteger),
    Column("entity", exact(16), nullable=False),
    # Id of the product or the producer; no foreign key, as it may be erased first.
    Column("subject", exact(32), nullable=False),
    Column("key", exact(200), nullable=False),
    Column("field", exact(32), nullable=False),
    Column("before", document()),
    Column("after", document()),
    Column("personal_before", document()),
    Column("personal_after", document()),
    Column("personal_until", UtcDateTime),
    Column("erased_at", UtcDateTime),
    # Whether it is the last change of its field, but for those that were undone, and
    # the one that was so before: the provenance (`catalog.db.provenance`).
    Column("stands", Boolean, nullable=False),
    Column("supersedes", BigInteger),
    Index(
        "ix_field_change_import",
        *("import_id", "entity", "subject", "key", "field"),
        sqlite_where=text("import_id IS NOT NULL"),
        postgresql_where=text("import_id IS NOT NULL"),
    ),
    Index("ix_field_change_subject", "subject", "n"),
    Index("ix_field_change_revision", "subject", "revision"),
    Index(
        "ix_field_change_sheets",
        *("subject", "changed_at"),
        sqlite_where=text("import_id IS NOT NULL"),
        postgresql_where=text("import_id IS NOT NULL"),
    ),
    Index(
        "ix_field_change_stands",
        "subject",
        sqlite_where=text("stands"),
        postgresql_where=text("stands"),
    ),
    Index(
        "ix_field_change_certified",
        "subject",
        sqlite_where=text("entity = 'certificate'"),
        postgresql_where=text("entity = 'certificate'"),
    ),
    Index(
        "ix_field_change_personal",
        "personal_until",
        sqlite_where=text("personal_until IS NOT NULL"),
        postgresql_where=text("personal_until IS NOT NULL"),
    ),
)

former_mark = Table(
    # The names and producers of what was renamed or moved: other sheets may still say
    # them. Without a product it is the name of the producer itself, which is erased
    # with it.
    "former_mark",
    metadata,
    _number("n"),
    Column("product_id", exact(32), nullable=False),
    Column("producer_id", exact(32), nullable=False),
    Column("name", Text, nullable=False),
    Index(None, "producer_id"),
)

counter = Table(
    # The last number given out: for revisions, product ids, producer ids.
    "catalog_counter",
    metadata,
    Column("name", exact(16), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
