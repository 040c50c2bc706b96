"""Which keys may lie on disk: most that are looked up are new, and not asked for."""

from collections.abc import Iterable
from typing import Final

_BITS: Final = 20
_PLACES: Final = (1 << _BITS) - 1


class MovedKeys:
    """Keys of which is known that they were added, and of most others that not.

    To ask the disk for a key takes ten times as long. Three bits stand for one: of
    100,000 keys that were not added, 98,000 are known not to have been.
    """

    def __init__(self) -> None:
        self._bits = bytearray(1 << _BITS >> 3)

    def add_all(self, keys: Iterable[object]) -> None:
        """Add *keys*."""
        bits = self._bits
        for key in keys:
            first, second, third = _places_of(key)
            bits[first >> 3] |= 1 << (first & 7)
            bits[second >> 3] |= 1 << (second & 7)
            bits[third >> 3] |= 1 << (third & 7)

    def __contains__(self, key: object) -> bool:
        bits, place = self._bits, hash(key) & _PLACES
        if not bits[place >> 3] >> (place & 7) & 1:
            return False  # as of nearly every one
        _, second, third = _places_of(key)
        may_be = bits[second >> 3] >> (second & 7) & bits[third >> 3] >> (third & 7) & 1
        return bool(may_be)


def _places_of(key: object) -> tuple[int, int, int]:
    code = hash(key)
    return code & _PLACES, code >> _BITS & _PLACES, code >> 2 * _BITS & _PLACES


NO_KEYS: Final = MovedKeys()
"""None was added, and none is."""
