"""How long work reports its progress to whoever waits for it."""

from collections.abc import Callable

Count = Callable[[int], object]
"""Called with how many more have been read or written."""


def no_progress(*_counts: object) -> None:
    """Report no progress, however it is counted."""
