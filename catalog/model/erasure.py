"""Erasures: what may tell of a producer's people goes once consent is withdrawn.

Who asks for one, and what it erases, is decided in `catalog.commands.consent` and
`catalog.commands.erasure`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WAITS: Final = timedelta(hours=72)
"""How long a withdrawal may be taken back before anything is erased.

Decree 13/2023/NĐ-CP gives 72 hours to erase what a person asks to have erased; since
then Law 91/2025/QH15 has come into force. A person has to confirm besides: nothing is
erased by itself."""


class ErasureEnd(StrEnum):
    """How an erasure ended."""

    OPEN = ""
    ERASED = "erased"
    CONSENT_GIVEN = "consent_given"
    """Consent was given anew before anything was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure that is asked for.

    Attributes:
        producer_id: Of which producer.
        withdrawn_at: When consent was withdrawn, in UTC.
        due_at: From when on it may be confirmed, in UTC.
        ended_at: When it ended, in UTC; None as long as it is open.
        ended: How.
    """

    producer_id: str
    withdrawn_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    ended: ErasureEnd = ErasureEnd.OPEN
