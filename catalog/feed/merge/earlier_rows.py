"""The columns that earlier rows of one feed have given, by subject.

Rows that contradict each other are found before any is taken in
(`catalog.feed.compare.disagreements`). This is the net below: a contradiction that
remains, as another row has led to the same product meanwhile, is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.feed.headings.column import COLUMNS, Column
from catalog.feed.rows.reading import Given, RowError

_NOTHING: frozenset[str] = frozenset()


class Subject(NamedTuple):
    """What a row speaks of.

    Attributes:
        owner: Id of the product, or of the producer.
        part: A pack of the product by its SKU, or a certificate by "#" and its place;
            "" for the product itself, and for a producer.
    """

    owner: str
    part: str = ""


def certificate_at(place: int) -> str:
    """Return which part of its product the certificate at *place* is."""
    return f"#{place}"


_Said = Mapping[str, frozenset[str]]
"""The columns that rows have given of a subject's parts."""


@dataclass(slots=True)
class EarlierRows:
    """The columns that earlier rows have given, by owner and part.

    Their values need not be kept: the catalog holds them since. Most rows fill the same
    columns of the same parts: of each owner only the number of what was said is kept.
    """

    _numbers: dict[str, int] = field(default_factory=dict)
    _said: list[_Said] = field(default_factory=lambda: [{}])
    _number_of: dict[frozenset[tuple[str, frozenset[str]]], int] = field(
        default_factory=lambda: {frozenset(): 0}
    )

    def check(
        self,
        about: Subject,
        names: frozenset[str],
        given: Given,
        held: Callable[[Column], object],
    ) -> None:
        """Raise `RowError` if *given* contradicts earlier rows about a subject."""
        for name in sorted(names & self._of(about)):
            if held(COLUMNS[name]) != given[name]:
                raise contradiction(name)

    def has(self, about: Subject, name: str) -> bool:
        """Say whether a row has spoken of the column *name* of a subject."""
        return name in self._of(about)

    def add(self, owner: str, parts: Mapping[str, frozenset[str]]) -> None:
        """Remember the columns that a row has given, by the part of *owner*."""
        said = dict(self._said[self._numbers.get(owner, 0)])
        for part, names in parts.items():
            key = _within(owner, part)
            said[key] = said.get(key, _NOTHING) | names
        new = len(self._said)
        self._numbers[owner] = n = self._number_of.setdefault(
            frozenset(said.items()), new
        )
        if n == new:
            self._said.append(said)

    def _of(self, about: Subject) -> frozenset[str]:
        said = self._said[self._numbers.get(about.owner, 0)]
        return said.get(_within(*about), _NOTHING)


def _within(owner: str, part: str) -> str:
    """Return *part* without its owner's id, with which a SKU begins."""
    return part.removeprefix(owner)


def contradiction(name: str) -> RowError:
    """Return the error of a row that says otherwise in *name* than an earlier one."""
    return RowError(
        column=name,
        vi="khác với một dòng trước về cùng sản phẩm, cơ sở, quy cách hay giấy chứng"
        " nhận: sửa cho giống nhau",
        en="differs from an earlier row about the same product, producer, pack or"
        " certificate: make them agree",
    )
