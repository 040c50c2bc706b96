"""The table of runs that people have asked for.

No foreign key leads into the catalog's tables.
"""

from sqlalchemy import Boolean, Column, Index, Integer, Table, text

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import NUMBER, ForeignText
from ocop_sync.store.tables import metadata

_IS_OPEN = text("ended_at IS NULL")
_HAS_ENDED = text("ended_at IS NOT NULL")

run_request = Table(
    "run_request",
    metadata,
    # The runs that carry it out are called so in the ledger, before the first ":".
    Column("id", exact(16), primary_key=True),
    Column("kind", exact(16), nullable=False),
    Column("marketplaces", document(), nullable=False),
    Column("report_only", Boolean, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    # The plan that it carries out, if any.
    Column("plan_id", NUMBER),
    Column("cancelled_at", UtcDateTime),
    Column("began_at", UtcDateTime),
    Column("holder", ForeignText(), nullable=False),
    Column("token", exact(64), nullable=False),
    Column("lease_until", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", exact(16), nullable=False),
    Column("reason", ForeignText(500), nullable=False),
    # The entry of the audit that says who has asked; null of earlier versions.
    Column("act", NUMBER),
    Column("full", Boolean, nullable=False),
    Index("ix_run_request_asked_at_id", "asked_at", "id"),
    Index(
        "ix_run_request_open",
        "asked_at",
        "id",
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
    # Partial, or those that are open would be looked for here.
    Index(
        "ix_run_request_ended",
        "ended_at",
        sqlite_where=_HAS_ENDED,
        postgresql_where=_HAS_ENDED,
    ),
)
"""The runs that people have asked for. One without a token waits for a worker; one with
neither end nor living lease is taken over."""
