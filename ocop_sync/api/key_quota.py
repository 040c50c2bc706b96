"""How many Idempotency-Keys of one caller are kept, and how much of their answers.

The database is counted now and then, and what comes in between is added: each process
counts its own. So the bound is held to within a few keys, and no call waits for it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from catalog.values import replace
from ocop_sync.store.idempotency_keys import KeptOf

MOST_KEYS: Final = 10_000
MOST_TEXT: Final = 16_000_000
"""The most characters of answers: some hundred calls for 500 packs each."""

_COUNTED_FOR: Final = timedelta(minutes=10)
_FULL_FOR: Final = timedelta(seconds=10)
"""For so long a count is believed; one that leaves no room for less long."""
_MOST_SCOPES: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    kept: KeptOf
    at: datetime


class KeyQuota:
    """What is kept of each caller, as far as it is known.

    Args:
        most_keys: The most keys of one caller.
        most_text: The most characters of their answers.
    """

    def __init__(self, most_keys: int = MOST_KEYS, most_text: int = MOST_TEXT) -> None:
        self._most_keys = most_keys
        self._most_text = most_text
        self._counts = OrderedDict[str, _Count]()

    def is_to_be_counted(self, scope: str, now: datetime) -> bool:
        """Say whether the database is to be asked what is kept of a caller."""
        found = self._counts.get(scope)
        if found is None:
            return True
        believed = _FULL_FOR if self.is_full(scope) else _COUNTED_FOR
        return not timedelta(0) <= now - found.at < believed

    def note(self, scope: str, kept: KeptOf, now: datetime) -> None:
        """Take what the database has counted."""
        self._counts[scope] = _Count(kept, now)
        self._counts.move_to_end(scope)
        if len(self._counts) > _MOST_SCOPES:
            self._counts.popitem(last=False)

    def add(self, scope: str, *, keys: int = 0, text: int = 0) -> None:
        """Count what has been added meanwhile."""
        found = self._counts.get(scope)
        if found is None:
            return
        kept = found.kept
        more = replace(kept, keys=kept.keys + keys, text=kept.text + text)
        self._counts[scope] = replace(found, kept=more)

    def is_full(self, scope: str) -> bool:
        """Say whether there is no room for one more key."""
        found = self._counts.get(scope)
        if found is None:
            return False
        kept = found.kept
        return kept.keys >= self._most_keys or kept.text >= self._most_text

    def room_in_s(self, scope: str, now: datetime, kept_for: timedelta) -> int:
        """Return after how many seconds the oldest key is forgotten."""
        found = self._counts.get(scope)
        oldest = None if found is None else found.kept.oldest
        if oldest is None:
            return 1
        return max(1, int((oldest + kept_for - now).total_seconds()) + 1)

    def bounds(self) -> Mapping[str, int]:
        """Return the bounds, for whoever has reached them."""
        return {"most_keys": self._most_keys, "most_characters": self._most_text}
