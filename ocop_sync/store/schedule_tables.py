"""The tables of schedules and of their runs.

No foreign key leads into the catalog's tables.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    text,
)

from catalog.columns import UtcDateTime, exact
from ocop_sync.store.column_types import NUMBER, ForeignText
from ocop_sync.store.tables import metadata

schedule = Table(
    "schedule",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("name", exact(40), nullable=False),
    Column("kind", exact(16), nullable=False),
    # One of the two: five fields of cron, or seconds.
    Column("cron", exact(200), nullable=False),
    Column("every_s", Integer),
    Column("made_at", UtcDateTime, nullable=False),
    Column("paused_at", UtcDateTime),
    # All due times up to this one are dealt with.
    Column("due_until", UtcDateTime, nullable=False),
    Column("skipped", Integer, nullable=False),
    Index(None, "name", unique=True),
)
"""The schedules that people have made. `skipped` counts due times since the last begun
run at which it still went on."""

schedule_run = Table(
    "schedule_run",
    metadata,
    Column("schedule_id", NUMBER, ForeignKey(schedule.c.id), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("by_hand", Boolean, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("began_at", UtcDateTime),
    Column("holder", ForeignText(), nullable=False),
    Column("token", exact(64), nullable=False),
    Column("lease_until", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", exact(16), nullable=False),
    Column("reason", ForeignText(500), nullable=False),
    # Danger: it is what keeps a schedule from running twice at once.
    Index(
        "ix_schedule_run_open",
        "schedule_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""The claims: one row for each schedule and due time. One without a token waits for a
process; one with neither end nor living lease is taken over."""
