"""The kinds of work that a schedule may have done."""

from enum import StrEnum


class ScheduleKind(StrEnum):
    """What a schedule has done."""

    SYNC = "sync"
    """Keeps all marketplaces right, as `sync` does."""
    RECONCILE = "reconcile"
    """Reads all marketplaces whole and heals the drift, as `reconcile` does."""
    CERTIFICATES = "certificates"
    """Finds the certificates that come to their end."""
    BACKUP = "backup"
    """Writes a copy of everything."""
