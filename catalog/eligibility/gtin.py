"""GS1 numbers: whether one is well formed.

Whether it belongs to the producer is not looked up.
"""

from typing import Final

_LENGTHS: Final = frozenset({8, 12, 13, 14})


def is_gtin(text: str) -> bool:
    """Say whether *text* is a GTIN-8, -12, -13 or -14 with a right check digit.

    From the right, the digits weigh 1, 3, 1, 3, ...; their sum ends in 0.
    """
    if len(text) not in _LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    ones = sum(map(int, text[-1::-2]))
    threes = sum(map(int, text[-2::-2]))
    return (ones + 3 * threes) % 10 == 0
