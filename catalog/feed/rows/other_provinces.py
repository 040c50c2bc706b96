"""Rows of other provinces: left out of an import, and said once for the whole file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from catalog.counted import counted
from catalog.feed.rows.row import FeedRow
from catalog.feed.rows.table import Note

_SHOWN: Final = 40
"""Rows, or runs of rows, that are named; the count tells the rest."""


_OR: Final = " / "
_MAY_BE: Final = 3
"""Provinces of which a row is one, and that are named."""


@dataclass(slots=True)
class OtherProvinces:
    """The rows of other provinces, as they are met."""

    _rows: dict[str, list[int]] = field(default_factory=dict)
    _provinces: Counter[str] = field(default_factory=Counter)

    def add(self, row: FeedRow) -> None:
        """Count a row."""
        self._provinces[row.other_province] += 1
        self._rows.setdefault(row.sheet, []).append(row.number)

    def notes(self) -> Iterator[Note]:
        """Say it once: how many, which rows, of which provinces."""
        count = self._provinces.total()
        if not count:
            return
        provinces = ", ".join(
            f"{_short(name)} {rows}" for name, rows in self._provinces.most_common()
        )
        yield Note(
            vi=f"{count} dòng thuộc tỉnh khác, không nạp, không tính là lỗi:"
            f" {self._where('trang')} ({provinces})",
            en=f"{counted(count, 'row')} of other provinces, left out and counted as no"
            f" problem: {self._where('sheet')} ({provinces})",
        )

    def _where(self, word: str) -> str:
        return "; ".join(
            (f'{word} "{sheet}": ' if sheet and len(self._rows) > 1 else "")
            + runs(numbers)
            for sheet, numbers in self._rows.items()
        )


def _short(name: str) -> str:
    """Return *name*; of many provinces that it may be, the first few."""
    may_be = name.split(_OR)
    more = len(may_be) - _MAY_BE
    return name if more <= 0 else f"{_OR.join(may_be[:_MAY_BE])} / … (+{more})"


def runs(numbers: Iterable[int]) -> str:
    """Return numbers in a row as one: "5, 9-12"."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    named = [
        str(first) if first == last else f"{first}-{last}"
        for first, last in found[:_SHOWN]
    ]
    return ", ".join(named) + (" …" if len(found) > _SHOWN else "")
