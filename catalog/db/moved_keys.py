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
            code = hash(key)
            for n in (code, code >> _BITS, code >> 2 * _BITS):
                bits[(n & _PLACES) >> 3] |= 1 << (n & 7)

    def __contains__(self, key: object) -> bool:
        bits, code = self._bits, hash(key)
        if not bits[(code & _PLACES) >> 3] >> (code & 7) & 1:
            return False  # as of nearly every one
        return all(
            bits[(n & _PLACES) >> 3] >> (n & 7) & 1
            for n in (code >> _BITS, code >> 2 * _BITS)
        )


NO_KEYS: Final = MovedKeys()
"""None was added, and none is."""
