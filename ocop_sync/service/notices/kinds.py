"""The kinds of notices, and the key by which each thing is told once."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is about."""

    RUN_FAILED = "run_failed"
    """A run of an account has failed; it ends with one that works."""
    SCHEDULE_FAILED = "schedule_failed"
    """A run of a schedule has failed or died; it ends with one that works."""
    REQUEST_GIVEN_UP = "request_given_up"
    """A run that somebody has asked for is given up: nobody goes on with it."""
    ACCOUNT_DOWN = "account_down"
    """An account fails, or cannot be used, for an hour."""
    GROUP_HELD = "group_held"
    """Removals above the budget wait for a person."""
    CERTIFICATES_END = "certificates_end"
    """Certificates end within 90, 60 or 30 days."""
    CLAIMS_SHOWN = "claims_shown"
    """Listings on sale claim OCOP, though nothing proves it any more."""
    TEST = "test"
    """Somebody tries whether notices arrive."""


class Trouble(StrEnum):
    """What has become of a run that is told of."""

    FAILED = "failed"
    DIED = "died"
    """Its process has died, and another one carries it out."""
    GIVEN_UP = "given_up"
    """Every process that carried it out has died: nobody goes on with it."""


def key_of(kind: NoticeKind, *parts: object) -> str:
    """Return the key of a thing that stands."""
    return ":".join([kind.value, *map(str, parts)])
