"""The columns that earlier rows of one feed have given, by subject.

Rows that contradict each other are found before any is taken in
(`catalog.feed.compare.disagreements`). This is the net below: a contradiction that
remains, as another row has led to the same product meanwhile, is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from catalog.db.overflow import Overflow
from catalog.feed.headings.column import COLUMNS, Column
from catalog.feed.rows.reading import Given, RowError

_NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class EarlierRows:
    """The columns that earlier rows have given, by the key of their subject.

    Their values need not be kept: the catalog holds them since.
    """

    _said: Overflow[str, int] = field(default_factory=Overflow)
    _numbers: dict[frozenset[str], int] = field(default_factory=lambda: {_NOTHING: 0})
    _sets: list[frozenset[str]] = field(default_factory=lambda: [_NOTHING])

    def check(
        self,
        key: str,
        names: frozenset[str],
        given: Given,
        held: Callable[[Column], object],
    ) -> None:
        """Raise `RowError` if *given* contradicts earlier rows about *key*."""
        for name in sorted(names & self._of(key)):
            if held(COLUMNS[name]) != given[name]:
                raise contradiction(name)

    def has(self, key: str, name: str) -> bool:
        """Say whether a row has spoken of the column *name* of *key*."""
        return name in self._of(key)

    def add(self, key: str, names: frozenset[str]) -> None:
        """Remember that a row has said *names* of *key*."""
        before = self._of(key)
        said = before | names
        if said == before:
            return
        # Most rows fill the same columns: one set serves thousands of keys.
        number = self._numbers.setdefault(said, len(self._sets))
        if number == len(self._sets):
            self._sets.append(said)
        self._said[key] = number

    def _of(self, key: str) -> frozenset[str]:
        number: int = self._said.get(key, 0)
        return self._sets[number]


def contradiction(name: str) -> RowError:
    """Return the error of a row that says otherwise in *name* than an earlier one."""
    return RowError(
        column=name,
        vi="khác với một dòng trước về cùng sản phẩm, cơ sở, quy cách hay giấy chứng"
        " nhận: sửa cho giống nhau",
        en="differs from an earlier row about the same product, producer, pack or"
        " certificate: make them agree",
    )
