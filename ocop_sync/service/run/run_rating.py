"""How a run went, in one of four words, for whoever asked for it.

A command makes an exit code of it, the service an answer.
"""

from enum import StrEnum


class RunRating(StrEnum):
    """How a run went."""

    DONE = "done"
    """All of it was done; also where there was nothing to do."""
    FAILED = "failed"
    """Some of it was not done: a listing, an account, a read."""
    MISCONFIGURED = "misconfigured"
    """No account can be used as it is set up."""
    HELD = "held"
    """Something waits for a person."""
