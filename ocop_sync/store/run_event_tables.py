"""The table of what is told of a run while it goes on."""

from sqlalchemy import Column, Integer, Table

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.tables import metadata

run_event = Table(
    "run_event",
    metadata,
    # As runs are called in the ledger, before the first ":".
    Column("run", exact(16), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", exact(16), nullable=False),
    Column("account", exact(64), nullable=False),
    Column("data", document(), nullable=False),
)
"""What is told of runs, in order; kept for some days, for whoever follows one."""
