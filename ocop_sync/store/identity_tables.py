"""The tables of people, keys, links and sessions.

Personal data stand in columns that are emptied when a person is erased; the row stays,
so that its id never means anybody else. Of a key, a link or a session only a digest is
stored. No foreign key leads into the catalog's tables.
"""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from catalog.columns import UtcDateTime, exact
from ocop_sync.store.column_types import NUMBER, ForeignText
from ocop_sync.store.tables import metadata

person = Table(
    "person",
    metadata,
    Column("id", exact(16), primary_key=True),
    # Personal, empty once erased:
    Column("name", Text, nullable=False),
    Column("sign_in_name", exact()),
    Column("password_hash", Text, nullable=False),
    Column("role", exact(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("erased_at", UtcDateTime),
    Index(None, "sign_in_name", unique=True),
)
"""Everybody who may sign in, and those who once might."""

person_producer = Table(
    "person_producer",
    metadata,
    Column("person_id", exact(16), ForeignKey(person.c.id), primary_key=True),
    Column("producer_id", exact(32), primary_key=True),
    Index(None, "producer_id"),
)
"""The producers that a person serves."""

api_key = Table(
    "api_key",
    metadata,
    Column("id", exact(16), primary_key=True),
    Column("name", ForeignText(200), nullable=False),
    Column("role", exact(16), nullable=False),
    Column("digest", exact(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("replaced_by", exact(16), nullable=False),
    Index(None, "made_at", "id"),
)
"""The keys of programs. The id is the visible beginning of the key."""

key_producer = Table(
    "key_producer",
    metadata,
    Column("key_id", exact(16), ForeignKey(api_key.c.id), primary_key=True),
    Column("producer_id", exact(32), primary_key=True),
)
"""The producers that a key is bound to."""

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("person_id", exact(16), ForeignKey(person.c.id), nullable=False),
    Column("producer_id", exact(32), nullable=False),
    Column("digest", exact(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("voided_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    # Personal:
    Column("device", ForeignText(200), nullable=False),
    Index(None, "digest", unique=True),
    Index(None, "person_id"),
    Index(None, "producer_id", "id"),
)
"""The links by which people of producers sign in, each once."""

session = Table(
    "session",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("person_id", exact(16), ForeignKey(person.c.id), nullable=False),
    Column("digest", exact(64), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    # Personal:
    Column("device", ForeignText(200), nullable=False),
    Index(None, "digest", unique=True),
    Index(None, "person_id", "id"),
)
"""Who is signed in where. When one ends by itself is worked out, not stored: it hangs
on the role, which may change."""
