"""Rows of one file that say different things of one product or producer.

Neither row is believed, whichever comes first: the columns in contradiction are left
out of both, the stored value stays, and a person is asked about both. Rows that
disagree on the name of the product, or on who makes it, may be about two products: they
are left out whole. Columns that belong together are left out together: a paper with its
end, a count with its time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.rows.reading import Given
from catalog.feed.rows.row import FeedRow, Problem, ProblemKind, RowPlace, shorten

WHOLE: Final = frozenset(COLUMNS)
"""All that a row says."""
_SHOWN = 3
"""Rows that are named for one value, and values that are named."""

Settled = tuple[RowPlace, str, object]
"""A row, a column, and the value in it that another row settles."""

NO_MORE: Final[frozenset[str]] = frozenset()
"""Nothing is left out but the column and those that belong with it."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rows that disagree.

    Attributes:
        column: The column on which they disagree.
        left_out: The columns that are left out of each of them.
        rows: The rows, by their value.
        hint: Further advice, in Vietnamese and English.
        ask: The question that replaces the usual one about rows that disagree.
    """

    column: str
    left_out: frozenset[str]
    rows: tuple[tuple[RowPlace, ...], ...]
    hint: tuple[str, str] = ("", "")
    ask: tuple[str, str] | None = None

    @property
    def wheres(self) -> Iterator[RowPlace]:
        """Return all its rows."""
        return chain.from_iterable(self.rows)


@dataclass(slots=True)
class Contradictions:
    """All that rows of one file disagree on.

    Attributes:
        found: The contradictions.
    """

    found: list[Contradiction] = field(default_factory=list)
    _said_for: dict[RowPlace, dict[str, object]] = field(default_factory=dict)
    _left_out: dict[RowPlace, frozenset[str]] = field(default_factory=dict)
    _met: dict[RowPlace, FeedRow] = field(default_factory=dict)

    def add(self, found: Iterable[Contradiction]) -> None:
        """Note contradictions between rows."""
        for each in found:
            self.found.append(each)
            for where in each.wheres:
                before = self._left_out.get(where, frozenset())
                self._left_out[where] = before | each.left_out

    def settle(self, found: Iterable[Settled]) -> None:
        """Note values of a row that other rows settle."""
        for where, column, value in found:
            self._said_for.setdefault(where, {})[column] = value

    def whole(self, where: RowPlace) -> bool:
        """Say whether nothing of a row is taken."""
        return self._left_out.get(where) == WHOLE

    def rest_of(self, row: FeedRow, given: Given) -> Given:
        """Return the values of *row* to import; none if it is left out whole."""
        where = row.where
        if settled := self._said_for.get(where):
            given = {**given, **settled}
        left_out = self._left_out.get(where)
        if left_out is None:
            return given
        self._met[where] = row
        if left_out == WHOLE:
            return {}
        return {name: given[name] for name in given.keys() - left_out}

    def questions(self) -> Iterator[Problem]:
        """Ask about each contradiction, at a row for each value that is said.

        Those for which a row is not taken at all come first.
        """
        for each in sorted(self.found, key=lambda each: each.left_out != WHOLE):
            values = [
                (self._met[rows[0]].cells.get(each.column, ""), rows)
                for rows in each.rows
                if rows[0] in self._met
            ]
            for _, rows in values:
                asked = rows if each.left_out == WHOLE else rows[:1]
                for where in asked:
                    yield _question(self._met[where], each, values)


def _question(
    row: FeedRow, found: Contradiction, values: Sequence[tuple[str, Sequence[RowPlace]]]
) -> Problem:
    some = values[:_SHOWN]
    more = "; …" if len(values) > _SHOWN else ""
    named = [(rows_in_words(rows, among=found.wheres), shorten(t)) for t, rows in some]
    vi = "; ".join(f"dòng {rows}: “{text}”" for rows, text in named)
    en = "; ".join(f'row {rows}: "{text}"' for rows, text in named)
    if found.ask is not None:
        ask_vi, ask_en = found.ask
        kind = ProblemKind.QUESTION
        return row.problem(column=found.column, vi=ask_vi, en=ask_en, kind=kind)
    about = _about(row, found.column)
    if found.left_out == WHOLE:
        end_vi = "chưa nạp dòng nào trong số này; sửa cho đúng rồi nạp lại"
        end_en = "none of these rows is taken; mend them and import again"
    else:
        end_vi = (
            "chưa lấy giá trị nào, giữ như đang lưu; sửa cho giống nhau rồi nạp lại"
        )
        end_en = "none is taken, what is stored stays; make them agree, import again"
    return row.problem(
        column=found.column,
        vi=f"các dòng về {about} ghi khác nhau ({vi}{more}): {end_vi}{found.hint[0]}",
        en=f"rows about {about} differ ({en}{more}): {end_en}{found.hint[1]}",
        kind=ProblemKind.QUESTION,
    )


def rows_in_words(rows: Sequence[RowPlace], *, among: Iterable[RowPlace]) -> str:
    """Name the first few rows, with their sheets if those they stand *among* differ."""
    several = len({sheet for sheet, _ in among}) > 1
    named = [f"{sheet}!{n}" if several else str(n) for sheet, n in rows[:_SHOWN]]
    more = f" … ({len(rows)})" if len(rows) > _SHOWN else ""
    return ", ".join(named) + more


def _about(row: FeedRow, column: str) -> str:
    """Return the name of a row's subject, in its own words."""
    part = COLUMNS[column].part if column in COLUMNS else ColumnPart.PRODUCT
    names: tuple[str, ...] = ("sku", "product_id", "ocop_code", "name")
    if part is ColumnPart.PRODUCER and column not in OF_MAKER:
        names = ("producer_name", "producer_id", *names)
    elif part is not ColumnPart.PRODUCER and column not in CALLED:
        names = ("name", *names)
    found = (row.cells.get(name, "").strip() for name in names)
    return shorten(next(filter(None, found), ""))


CALLED: Final = frozenset({"name", "ocop_code", "product_id", "sku", "pack"})
OF_MAKER: Final = frozenset({"producer_name", "producer_id"})
