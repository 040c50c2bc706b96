"""How Mock V says no: to a whole call, or to one item of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TypedDict

LOCAL = timezone(timedelta(hours=7))
"""Vietnam's civil time: the only one that Mock V writes."""


class Problem(TypedDict):
    """Why something was refused or locked."""

    CODE: str
    MESSAGE: str
    FIELD: str


class CallRefusedError(Exception):
    """The whole call is refused and nothing was applied.

    Attributes:
        status: Of the envelope.
        message: In Vietnamese.
        data: The data that comes with it.
    """

    def __init__(self, status: int, message: str, **data: object) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.data: Mapping[str, object] = data


class ItemRefusedError(Exception):
    """One item is refused; the others of its call are not touched by that.

    Attributes:
        problems: At least one.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0]["CODE"])
        self.problems = list(problems)


def problem(code: str, message: str, field: str = "") -> Problem:
    """Return a problem."""
    return Problem(CODE=code, MESSAGE=message, FIELD=field)


def local(at: datetime) -> str:
    """Write an instant as Mock V does, dd/MM/yyyy HH:mm:ss in local time."""
    return at.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M:%S")
