"""The columns that earlier rows of one feed have given, by subject.

Rows that contradict each other are found before any is taken in
(`catalog.feed.compare.disagreements`). This is the net below: a contradiction that
remains, as another row has led to the same product meanwhile, is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.db.overflow import Overflow
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


def _by_owner() -> Overflow[str, dict[str, int]]:
    return Overflow(kind=dict[str, int])


@dataclass(slots=True)
class EarlierRows:
    """The columns that earlier rows have given, by owner and part.

    Their values need not be kept: the catalog holds them since.
    """

    _said: Overflow[str, dict[str, int]] = field(default_factory=_by_owner)
    _numbers: dict[frozenset[str], int] = field(default_factory=lambda: {_NOTHING: 0})
    _sets: list[frozenset[str]] = field(default_factory=lambda: [_NOTHING])

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
        before: Mapping[str, int] = self._said.get(owner, {})
        said = {**before, **{key: self._with(before, key, parts[key]) for key in parts}}
        if said != before:
            self._said[owner] = said

    def _with(self, before: Mapping[str, int], part: str, names: frozenset[str]) -> int:
        """Return the number of the set of columns that were given of *part*, by now."""
        said = self._sets[before.get(part, 0)] | names
        # Most rows fill the same columns: one set serves thousands of subjects.
        number = self._numbers.setdefault(said, len(self._sets))
        if number == len(self._sets):
            self._sets.append(said)
        return number

    def _of(self, about: Subject) -> frozenset[str]:
        said: Mapping[str, int] = self._said.get(about.owner, {})
        return self._sets[said.get(about.part, 0)]


def contradiction(name: str) -> RowError:
    """Return the error of a row that says otherwise in *name* than an earlier one."""
    return RowError(
        column=name,
        vi="khác với một dòng trước về cùng sản phẩm, cơ sở, quy cách hay giấy chứng"
        " nhận: sửa cho giống nhau",
        en="differs from an earlier row about the same product, producer, pack or"
        " certificate: make them agree",
    )
