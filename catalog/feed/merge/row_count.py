"""The fate of the rows of a feed: each is counted once, and all add up.

A row is taken, repeats an earlier one, is left out as something of it is wrong,
waits for an answer, is of another province, or is no row of a product at all
(sections, totals, signatures). One of which only a part waits is taken.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.counted import counted
from catalog.db.overflow import Marked
from catalog.feed.identify.code_spelling import fold_code, fold_pack
from catalog.feed.identify.identity import fold_maker
from catalog.feed.rows.other_provinces import runs
from catalog.feed.rows.reading import Given, fold
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind
from catalog.feed.rows.table import Note
from catalog.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCount:
    """The number of rows that were read, by their fate.

    Attributes:
        new: Rows of products that are new.
        changed: Rows of known products that changed.
        unchanged: Rows of known products that stay as they were.
        repeated: Rows that give the same values as an earlier one, in any spelling.
        wrong: Rows that were left out, as something of them is wrong.
        waiting: Rows that are left out until a person answers.
        elsewhere: Rows of another province.
        passed_over: Rows that are none of a product: sections, totals, blank ones.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    wrong: int = 0
    waiting: int = 0
    elsewhere: int = 0
    passed_over: int = 0

    @property
    def taken(self) -> int:
        """Return how many rows went in."""
        return self.new + self.changed + self.unchanged

    @property
    def read(self) -> int:
        """Return how many rows were read."""
        left = self.repeated + self.wrong + self.waiting
        return self.taken + left + self.elsewhere + self.passed_over

    def passing_over(self, more: int) -> "RowCount":
        """Return it with *more* rows that are none of a product."""
        return replace(self, passed_over=self.passed_over + more)

    def __str__(self) -> str:
        """Return the sum in one sentence, Vietnamese first."""
        vi = f"nhận {self.taken}{self._of_taken('mới', 'đổi', 'không đổi')}"
        en = f"{self.taken} taken{self._of_taken('new', 'changed', 'unchanged')}"
        left = [(getattr(self, name), said) for name, said in _LEFT.items()]
        for count, (word_vi, word_en) in left:
            if count:
                vi += f" + {word_vi} {count}"
                en += f" + {count} {word_en}"
        return f"Đọc {self.read} dòng = {vi} / {counted(self.read, 'row')} read = {en}"

    def _of_taken(self, *words: str) -> str:
        counts = (self.new, self.changed, self.unchanged)
        some = [f"{word} {n}" for word, n in zip(words, counts, strict=True) if n]
        return f" ({', '.join(some)})" if some else ""


_LEFT = {
    "repeated": ("lặp lại dòng trước", "repeated"),
    "wrong": ("bỏ lại vì lỗi", "left out as wrong"),
    "waiting": ("chờ trả lời", "waiting for an answer"),
    "elsewhere": ("của tỉnh khác", "of another province"),
    "passed_over": ("không phải dòng sản phẩm", "passed over"),
}


_FOLDED: Final = {
    "name": fold,
    "producer_name": fold_maker,
    "ocop_code": fold_code,
    "pack": fold_pack,
}
"""Names that find rows are compared in this form: "LẠC" and "Lạc" are one."""


def _compared(given: Given) -> Mapping[str, object]:
    said = _FOLDED.items()
    names = {name: fold_it(str(given[name])) for name, fold_it in said if name in given}
    return {**given, **names}


@dataclass(slots=True)
class RowCounter:
    """The rows of one feed, counted as they are taken in.

    Attributes:
        other_province: Rows of another province.
    """

    other_province: int = 0
    _by_product: Counter[str] = field(default_factory=Counter)
    _repeated: int = 0
    _wrong: int = 0
    _waiting: int = 0
    _said: Marked[int] = field(default_factory=Marked)
    _blank: dict[tuple[str, bool], list[int]] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        """Return how many rows did not go in: something is wrong, or to be answered."""
        return self._wrong + self._waiting

    def pass_over(self, row: FeedRow) -> None:
        """Count a row that says nothing."""
        self._blank.setdefault((row.sheet, bool(row.at)), []).append(row.number)

    def notes(self) -> Iterator[Note]:
        """Say which rows say nothing."""
        for (sheet, is_record), numbers in self._blank.items():
            vi, en = ("bản ghi", "records") if is_record else ("dòng", "rows")
            yield Note(
                sheet=sheet,
                vi=f"{vi} {runs(numbers)}: không nói gì về sản phẩm, bỏ qua",
                en=f"{en} {runs(numbers)}: nothing about a product, passed over",
            )

    def take(self, product_id: str, given: Given) -> None:
        """Count a row that went in: once more the same says nothing new."""
        said = hash((product_id, frozenset(_compared(given).items())))
        if said in self._said:
            self._repeated += 1
        else:
            self._said.add(said)
            self._by_product[product_id] += 1

    def leave_out(self, problems: Iterable[Problem]) -> None:
        """Count a row that did not go in, by its *problems*."""
        if any(each.kind is ProblemKind.WRONG for each in problems):
            self._wrong += 1
        else:
            self._waiting += 1

    def count(self, created: Collection[str], changed: Collection[str]) -> RowCount:
        """Return the fate of all rows."""
        rows = self._by_product
        new = sum(rows[id_] for id_ in set(created))
        other = sum(rows[id_] for id_ in set(changed).difference(created))
        return RowCount(
            new=new,
            changed=other,
            unchanged=rows.total() - new - other,
            repeated=self._repeated,
            wrong=self._wrong,
            waiting=self._waiting,
            elsewhere=self.other_province,
            passed_over=sum(map(len, self._blank.values())),
        )
