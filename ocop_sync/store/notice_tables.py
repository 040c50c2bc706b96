"""The tables of notices: what was to be told, and how far it has got.

They hold ids, numbers and kinds of errors; no names, and no words of an error, which
may quote what is nobody else's business.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, text

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import NUMBER
from ocop_sync.store.tables import metadata

_STANDS = text("part = 'begun' AND ended_at IS NULL")
_WAITS = text("state = 'waiting'")

notice = Table(
    "notice",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    # Receivers know it by this: the same at each attempt, and no other's ever.
    Column("message_id", exact(40), nullable=False),
    Column("kind", exact(24), nullable=False),
    # Of one thing that stands: it is told when it begins and when it ends.
    Column("key", exact(160), nullable=False),
    Column("part", exact(8), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("simulated", Boolean, nullable=False),
    Column("details", document(), nullable=False),
    Index(
        "ix_notice_standing",
        "key",
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    ),
    Index("ix_notice_key_made_at", "key", "made_at"),
    Index("ix_notice_made_at", "made_at"),
)
"""What was to be told."""

notice_delivery = Table(
    "notice_delivery",
    metadata,
    Column("notice_id", NUMBER, ForeignKey(notice.c.id), primary_key=True),
    Column("sender", exact(16), primary_key=True),
    Column("state", exact(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    # Somebody is sending it until then; a sender that has died has lost it after.
    Column("claimed_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    # The kind of the last error, as "HTTP 500".
    Column("error", exact(80), nullable=False),
    Index(
        "ix_notice_delivery_waiting",
        "next_at",
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    ),
)
"""How far each notice has got, by each way that it goes."""
