"""Facts as the department knows them: yes, no, or unknown.

Unknown is a value of its own. It never withdraws a live listing and never drops its
claim; it holds new ones. Who attested a fact, and when, is kept with it; no identity
number and no scan is.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class Fact(StrEnum):
    """The known answer to a yes-or-no question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Attested(Struct, frozen=True, kw_only=True):
    """A fact and the person who stands for it.

    Attributes:
        value: The fact.
        by: Who has seen the evidence, by name or office; "" if unknown.
        on: The day on which it was seen, in Vietnam.
    """

    value: Fact = Fact.UNKNOWN
    by: str = ""
    on: date | None = None


UNATTESTED = Attested()
"""Nobody has said anything yet."""
