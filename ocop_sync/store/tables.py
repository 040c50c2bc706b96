"""The tables of our runs and their changes.

The wanted listings are computed from the catalog, never stored as truth; sent,
confirmed and found values are stored here. No foreign key leads into the catalog's
tables.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from catalog.columns import UtcDateTime, document, exact
from catalog.db.tables import NAMING
from ocop_sync.store.column_types import NUMBER, ForeignText
from ocop_sync.store.listing_columns import COLUMNS

metadata = MetaData(naming_convention=NAMING)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of the rows that fulfil *where*, for both databases."""
    is_so = text(where)
    return Index(
        name, *columns, unique=unique, sqlite_where=is_so, postgresql_where=is_so
    )


_LISTING_INDEXES = (
    # Thousands may wait since the same evaluation: the product is the last word.
    ("due", "account urgency waiting_since product_id", "urgency IS NOT NULL"),
    ("waiting", "account waiting_since product_id", "urgency IS NOT NULL"),
    ("in_review", "account", "found = 'in_review'"),
    ("live", "marketplace product_id", "found = 'live'"),
    ("unread", "account", "read_at IS NULL AND ref <> ''"),
    ("awaiting", "account", "awaiting IS NOT NULL"),
    ("look", "account look_at", "look_at IS NOT NULL"),
    ("until", "account until", "until IS NOT NULL"),
    ("failing", "account", "failures IS NOT NULL"),
    ("doubled", "marketplace product_id", "doubled_ref <> ''"),
    (
        "blocked",
        "marketplace product_id",
        "blocked AND found IN ('live', 'in_review')",
    ),
    ("tried_again", "marketplace product_id", "next_try_at IS NOT NULL"),
    ("next_try", "account next_try_at", "next_try_at IS NOT NULL"),
    ("unreadable", "marketplace product_id", "unreadable IS NOT NULL"),
    ("odd_review", "marketplace product_id", "review_unreadable IS NOT NULL"),
    ("hold", "account", "hold IS NOT NULL"),
    ("held", "held_group", "held_group IS NOT NULL"),
    ("sent", "product_id", "sent_at IS NOT NULL"),
)
"""By which work is found: the name of each, its columns, and the rows that it has."""

listing = Table(
    "listing",
    metadata,
    *(each.in_table() for each in COLUMNS),
    *(
        _partial(f"ix_listing_{name}", *columns.split(), where=where)
        for name, columns, where in _LISTING_INDEXES
    ),
    Index("ix_listing_ref", "account", "ref"),
)
"""One row for each product and marketplace, its facets inside (`COLUMNS`).

The facets are not rows of their own: a run that finds nothing to do would read
four times as many.
"""

settled_range = Table(
    "settled_range",
    metadata,
    Column("marketplace", exact(64), primary_key=True),
    # Products behind this id, up to the other; the last range has no end.
    Column("after_id", exact(32), primary_key=True),
    Column("end_id", exact(32)),
    Column("digest", exact(64), nullable=False),
    Column("walked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)
"""Ranges of products that were all settled when they were last evaluated, each with the
digest of what that hung on: see `ocop_sync.service.run.settled_ranges`."""

drift = Table(
    "drift",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("marketplace", exact(64), nullable=False),
    Column("account", exact(64), nullable=False),
    Column("product_id", exact(32), nullable=False),
    Column("kind", exact(16), nullable=False),
    Column("field", exact(40), nullable=False),
    Column("expected", document()),
    Column("found", document()),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("recurred", Integer, nullable=False),
    Column("healed_at", UtcDateTime),
    Column("healed_by", ForeignText(), nullable=False),
    # A person's decision on it:
    Column("decision", exact(8), nullable=False),
    Column("decided_by", ForeignText(), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decision_fingerprint", exact(24), nullable=False),
    # In which version of the shape field, expected and found are; 1 if it says none.
    Column("shape", Integer),
    Index("ix_drift_product", "marketplace", "product_id"),
    Index("ix_drift_healed", "marketplace", "healed_at"),
    _partial("ix_drift_open", "marketplace", "id", where="healed_at IS NULL"),
)
"""Differences at a marketplace from our own writes: a row each time one comes. It is
open until it is right again; drift that comes back afterwards is a new row."""

seller = Table(
    "seller",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("producer_id", exact(32), primary_key=True),
    Column("marketplace", exact(64), nullable=False),
    Column("ref", ForeignText(100), nullable=False),
    Column("sent_fingerprint", exact(24), nullable=False),
    Column("confirmed_fingerprint", exact(24), nullable=False),
    Column("refused_fingerprint", exact(24), nullable=False),
    Column("submitted_fingerprint", exact(24), nullable=False),
    Column("problems", document(), nullable=False),
    Column("sent_at", UtcDateTime),
    Column("stopped", Boolean, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("key", exact(64), primary_key=True),
    Column("marketplace", exact(64), nullable=False),
    Column("read_whole_at", UtcDateTime),
    Column("down_since", UtcDateTime),
    Column("event_cursor", ForeignText()),
    Column("sales_known_at", UtcDateTime),
    Column("holder", ForeignText(), nullable=False),
    Column("token", exact(64), nullable=False),
    Column("lease_until", UtcDateTime),
    Column("cancelled_by", ForeignText(), nullable=False),
    Column("unreadable", Integer),
    # Since when, for whom and why nothing is written there; empty while it goes on.
    Column("paused_at", UtcDateTime),
    Column("paused_by", ForeignText()),
    Column("pause_reason", ForeignText()),
    # When a backup was put back; empty once the account was read whole after it.
    Column("restored_at", UtcDateTime),
)
"""The record of each account. `unreadable` counts the unreadable listings of the last
whole read that are of no product of ours."""

installation = Table(
    "installation",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("place", exact(200), nullable=False),
)
"""Where this database belongs, in one row: see `ocop_sync.store.db.installation`."""

work_count = Table(
    "work_count",
    metadata,
    Column("counted", exact(8), primary_key=True),
    Column("account", exact(64), primary_key=True),
    Column("marketplace", exact(64), primary_key=True),
    Column("outcome", exact(16), primary_key=True),
    Column("n", BigInteger, nullable=False),
)
"""How many runs have ended and changes were sent, since the database began."""

# The stored name of doubles at another account than their product.
elsewhere = Table(
    "elsewhere",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("ref", ForeignText(100), primary_key=True),
    Column("marketplace", exact(64), nullable=False),
    Column("product_id", exact(32), nullable=False),
    Column("found", exact(16), nullable=False),
    Column("shown", document(), nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("refused", document(), nullable=False),
    Column("failures", document()),
    Column("read_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("look_at", UtcDateTime),
    Index("ix_elsewhere_product", "marketplace", "product_id"),
)
"""Doubles of ours at another account than their product's.

No rows of `listing`: those belong to whoever has the lease of the product's account.
"""

named = Table(
    "named",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("ref", ForeignText(100), primary_key=True),
    Column("kind", exact(16), nullable=False),
    Column("shows_from", UtcDateTime, nullable=False),
    Column("looked", Boolean, nullable=False),
)
"""Listings of ours that an event named, until a read has shown the event. No column of
`listing`: a run that has the row in hand would write it over."""

push = Table(
    "push",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("digest", exact(64), primary_key=True),
    Column("taken_at", UtcDateTime, nullable=False),
    Index(None, "account", "taken_at"),
)
"""Pushes that were taken lately: the same one does not count again."""

remote = Table(
    "remote",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("ref", ForeignText(100), primary_key=True),
    Column("client_ref", ForeignText(200), nullable=False),
    Column("state", exact(16), nullable=False),
    Column("title", ForeignText(), nullable=False),
    Column("seller_name", ForeignText(), nullable=False),
    Column("seller_ref", ForeignText(200), nullable=False),
    Column("packs", document(), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)
"""Listings that are not ours: counted, compared, never touched."""

remote_key = Table(
    "remote_key",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("key", ForeignText(400), primary_key=True),
    Column("ref", ForeignText(100), primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
)
"""The keys by which a listing may be the same product:
`ocop_sync.engine.matching.similarity`."""

twin = Table(
    "twin",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("marketplace", exact(64), nullable=False),
    Column("product_id", exact(32), nullable=False),
    Column("account", exact(64), nullable=False),
    Column("ref", ForeignText(100), nullable=False),
    Column("agrees_on", document(), nullable=False),
    Column("score", Integer, nullable=False),
    Column("state", exact(16), nullable=False),
    Column("decided_by", ForeignText(), nullable=False),
    Column("decided_at", UtcDateTime),
    Index(None, "account", "product_id", "ref", unique=True),
)
"""Possible twins and a person's decision on each: open, adopted, other, closed."""

retry = Table(
    "retry",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("marketplace", exact(64), nullable=False),
    Column("product_id", exact(32), nullable=False),
    Column("asked_by", ForeignText(), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    _partial("ix_retry_unread", "marketplace", where="read_at IS NULL"),
)
"""Persons' requests for a retry, and when a run has read each."""

run = Table(
    "run",
    metadata,
    Column("id", exact(100), primary_key=True),
    Column("account", exact(64), nullable=False),
    Column("marketplace", exact(64), nullable=False),
    Column("holder", ForeignText(), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", exact(16), nullable=False),
    Column("detail", ForeignText(), nullable=False),
    Index(None, "account", "started_at"),
    Index("ix_run_started", "started_at", "id"),
    _partial("ix_run_running", "account", where="outcome = 'running'"),
)

last_run = Table(
    "last_run",
    metadata,
    Column("account", exact(64), primary_key=True),
    Column("marketplace", exact(64), nullable=False),
    Column("run_id", exact(100), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", exact(16), nullable=False),
    Column("error", ForeignText(500), nullable=False),
    Column("todo", document()),
    Column("writes", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("unread", ForeignText(500), nullable=False),
    Column("sales_unread", ForeignText(500), nullable=False),
    Column("cause", exact(16)),
    # Carried on from run to run:
    Column("failing_since", UtcDateTime),
    Column("worked_at", UtcDateTime),
)
"""The last run of each account, also one that has sent nothing.

No columns of `account`: that row is written with each slice, to renew a lease.
"""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", ForeignText(200), primary_key=True),
    Column("holder", ForeignText(), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("doing", exact(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("active_at", UtcDateTime, nullable=False),
    Column("every_s", Integer, nullable=False),
)
"""The activity of each worker when it could last tell: one row for each name."""

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("scope", exact(80), primary_key=True),
    Column("key", exact(128), primary_key=True),
    Column("fingerprint", exact(64), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False, index=True),
    Column("state", exact(16), nullable=False),
    Column("status", Integer),
    Column("headers", document()),
    Column("body", Text),
)
"""The keys of calls that may be repeated, each with its answer, for a day."""

change = Table(
    "change",
    metadata,
    Column("run_id", exact(100), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("marketplace", exact(64), nullable=False),
    Column("account", exact(64), nullable=False),
    Column("subject", exact(32), nullable=False),
    Column("kind", exact(16), nullable=False),
    Column("why", ForeignText(), nullable=False),
    Column("before", document()),
    Column("after", document()),
    Column("removes", Boolean, nullable=False),
    Column("in_budget", Boolean, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("outcome", exact(16)),
    Column("detail", ForeignText(), nullable=False),
    Column("answered_at", UtcDateTime),
    Index(None, "subject", "marketplace"),
    Index("ix_change_sent", "sent_at", "run_id", "n"),
    Index("ix_change_account_sent", "account", "sent_at", "run_id", "n"),
    _partial("ix_change_removes", "marketplace", "sent_at", where="removes"),
    _partial("ix_change_open", "account", where="outcome IS NULL"),
)
"""The ledger: who sent which change, when, why, the value before, the outcome."""

held = Table(
    "held",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("marketplace", exact(64), nullable=False),
    Column("cause", exact(64), nullable=False),
    Column("hold", exact(24), nullable=False),
    Column("size", Integer, nullable=False),
    Column("checksum", exact(24), nullable=False),
    Column("state", exact(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("decided_by", ForeignText(), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", ForeignText(), nullable=False),
    Column("approved_until", UtcDateTime),
    Index(None, "marketplace", "state"),
    _partial(
        "ix_held_open", "marketplace", "cause", where="state = 'open'", unique=True
    ),
)
"""Groups above the budget, one for each cause: open, approved, refused."""

held_member = Table(
    "held_member",
    metadata,
    Column("group_id", NUMBER, primary_key=True, autoincrement=False),
    Column("product_id", exact(32), primary_key=True),
    Column("kinds", exact(100), nullable=False),
    Column("why", exact(24), nullable=False),
    Column("seen_vi", ForeignText(), nullable=False),
    Column("seen_en", ForeignText(), nullable=False),
    Column("fingerprint", exact(24), nullable=False),
    Column("reask_reason", exact(16)),
    Column("asked_at", UtcDateTime, nullable=False),
)
"""The members of a held group; once a person has decided, as they were then."""

mapping = Table(
    "mapping",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("marketplace", exact(64), nullable=False),
    Column("mapping", document()),
    Column("set_by", ForeignText(), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Index(None, "marketplace", "id"),
)
"""Persons' mappings in the place of an adapter's, the last one in force. A row without
a mapping goes back to the adapter's own."""

policy = Table(
    "policy",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    # Of which account, or all at a marketplace; both empty: of all.
    Column("marketplace", exact(64), nullable=False),
    Column("account", exact(64), nullable=False),
    Column("name", exact(40), nullable=False),
    Column("value", document()),
    Column("set_by", ForeignText(), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("reason", ForeignText(), nullable=False),
    Index(None, "marketplace", "account", "name", "id"),
)
"""Persons' policies in the place of those of settings, the last one of each in force. A
row without a value goes back to what is said for more, or in settings."""

coverage_interval = Table(
    "coverage_interval",
    metadata,
    Column("marketplace", exact(64), primary_key=True),
    Column("product_id", exact(32), primary_key=True),
    Column("began_at", UtcDateTime, primary_key=True),
    Column("ended_at", UtcDateTime),
    Column("simulated", Boolean, nullable=False),
    Column("counted", exact(24), nullable=False),
    Column("rule", exact(24), nullable=False),
    Column("hold", exact(24), nullable=False),
    Column("word", exact(16), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("read_at", UtcDateTime),
    Column("commune", exact(8), nullable=False),
    Column("stars", Integer, nullable=False),
    Column("product_set", exact(16), nullable=False),
    Column("producer_kind", exact(8), nullable=False),
    # From then on, if nobody writes before:
    Column("until", UtcDateTime),
    Column("later_counted", exact(24), nullable=False),
    Column("later_rule", exact(24), nullable=False),
    Column("later_stars", Integer, nullable=False),
    _partial(
        "ix_coverage_interval_open",
        *("marketplace", "product_id"),
        where="ended_at IS NULL",
        unique=True,
    ),
    # Rows stand in the order of the key, which is how they are read, and only there.
    sqlite_with_rowid=False,
)
"""How each product is counted at each marketplace, and since when: a row until any of
it changes. What has ended is never changed: `store.listings.coverage_intervals`."""

change_delay = Table(
    "change_delay",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("marketplace", exact(64), nullable=False),
    Column("product_id", exact(32), nullable=False),
    Column("facet", exact(16), nullable=False),
    Column("fingerprint", exact(24), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    # The evaluation that found it; empty if that was before it was kept.
    Column("found_at", UtcDateTime),
    Column("taken_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("outcome", exact(16)),
    _partial(
        "ix_change_delay_open",
        *("marketplace", "product_id", "facet"),
        where="ended_at IS NULL",
        unique=True,
    ),
    Index("ix_change_delay_ended", "ended_at"),
)
"""How long each change takes until a read shows it: `store.listings.change_delays`."""

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("marketplace", exact(64), nullable=False),
    Column("counts", document(), nullable=False),
    Index(None, "marketplace", "at"),
)
"""Coverage as counted after each run; a row never changes later."""
