"""In which of four ways a run has ended, for whoever asked for it.

A command makes an exit code of it, the service an answer.
"""

from enum import StrEnum


class RunOutcome(StrEnum):
    """How a run has ended."""

    DONE = "done"
    """All of it was done; also where there was nothing to do."""
    FAILED = "failed"
    """Some of it was not done: a listing, an account, a read."""
    MISCONFIGURED = "misconfigured"
    """No account can be used as it is set up."""
    HELD = "held"
    """Something waits for a person."""
