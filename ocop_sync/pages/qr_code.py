"""An address as a QR code, drawn by templates: black on white, with its quiet zone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno
from segno.encoder import DataOverflowError

_QUIET: Final = 4
"""White modules on each side, as ISO/IEC 18004 asks for."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code.

    Attributes:
        size: Modules of a side, the quiet zone among them.
        path: The black modules, as the path of an SVG in these units.
    """

    size: int
    path: str


def qr_of(address: str) -> QrCode | None:
    """Return *address* as a QR code that bears 15 % of damage.

    None if it is too long for one: over 2,331 bytes in UTF-8.
    """
    try:
        code = segno.make_qr(address, error="m", encoding="utf-8")
    except DataOverflowError:
        return None
    rows = [bytes(row) for row in code.matrix_iter(border=_QUIET)]
    return QrCode(size=len(rows), path="".join(_drawn(rows)))


def _drawn(rows: Sequence[bytes]) -> Iterator[str]:
    """Yield each run of black modules as a box."""
    for y, row in enumerate(rows):
        x = 0
        for is_black, run in groupby(row):
            length = len(list(run))
            if is_black:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
