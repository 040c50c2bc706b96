"""The tables of plans that people decide on.

No foreign key leads into the catalog's tables.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import NUMBER, ForeignText
from ocop_sync.store.tables import metadata

plan = Table(
    "plan",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("state", exact(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", ForeignText(), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("simulated", Boolean, nullable=False),
    Column("marketplaces", document(), nullable=False),
    Column("unusable", document(), nullable=False),
    Column("changes", Integer, nullable=False),
    Column("takes", Integer, nullable=False),
    Column("checksum", exact(32), nullable=False),
    Column("decided_by", ForeignText(), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", ForeignText(), nullable=False),
    # The last run that was to carry it out; "" if there was none.
    Column("run", exact(16), nullable=False),
    Column("reopened_at", UtcDateTime),
    # The accounts, products and facets that it is of; all where none are named.
    Column("scope", document(), nullable=False),
)
"""The plans; one that is being made has no end yet, and is shown to nobody."""

plan_change = Table(
    "plan_change",
    metadata,
    Column("plan_id", NUMBER, ForeignKey(plan.c.id), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("marketplace", exact(64), nullable=False),
    Column("account", exact(64), nullable=False),
    Column("subject", exact(32), nullable=False),
    Column("name", ForeignText(), nullable=False),
    Column("listing", ForeignText(100), nullable=False),
    Column("kind", exact(16), nullable=False),
    Column("urgency", exact(24), nullable=False),
    Column("takes", Boolean, nullable=False),
    Column("is_double", Boolean, nullable=False),
    Column("counted_as", exact(64), nullable=False),
    Column("cause", exact(80), nullable=False),
    Column("why", document(), nullable=False),
    Column("before", document()),
    Column("after", document()),
    Column("fingerprint", exact(24), nullable=False),
    # What came of it; "" until the plan was carried out.
    Column("outcome", exact(16), nullable=False),
    Index("ix_plan_change_subject", "plan_id", "subject"),
)
"""The changes of plans, in the order in which they would go."""
