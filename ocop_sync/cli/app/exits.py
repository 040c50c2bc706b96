"""The meaning of a command's exit code."""

from enum import IntEnum

from catalog.errors import (
    CatalogError,
    HeldEditError,
    HeldPapersError,
    HeldPriceError,
    MovingCatalogError,
)
from ocop_sync.errors import ConfigurationError, OcopSyncError, PlanError


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    DONE = 0
    """Done; also when there was nothing to do."""
    FAILED = 1
    """Some listings failed, rows were bad, or another run holds an account."""
    WRONG = 2
    """The settings or the input must be put right."""
    HELD = 3
    """Something waits for a person."""


def exit_of(error: Exception) -> Exit:
    """Return the exit code that *error* ends a command with."""
    held = HeldPriceError | HeldEditError | HeldPapersError
    if isinstance(error, PlanError | held):
        return Exit.HELD
    if isinstance(error, MovingCatalogError):
        return Exit.FAILED
    wrong = isinstance(error, ConfigurationError | CatalogError)
    return Exit.WRONG if wrong else Exit.FAILED


def first_known(error: BaseException) -> OcopSyncError | CatalogError | None:
    """Return the error that a person is told of, also out of a group of them."""
    if isinstance(error, OcopSyncError | CatalogError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [first_known(each) for each in error.exceptions]
        return found[0] if all(found) else None
    return None
