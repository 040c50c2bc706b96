"""Find the rows of one file that disagree, column by column.

Rows about one certificate are compared in `catalog.feed.compare.certificates`. The
questions about all of them are written in `catalog.feed.compare.contradictions`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from catalog.feed.compare.contradictions import (
    CALLED,
    NO_MORE,
    OF_MAKER,
    WHOLE,
    Contradiction,
    Settled,
    rows_in_words,
)
from catalog.feed.compare.survey import RowStatement, Survey
from catalog.feed.headings.column import COLUMNS, COUNT_COLUMNS, ColumnPart
from catalog.feed.identify.code_spelling import fold_code, fold_pack
from catalog.feed.identify.identity import fold_maker, names_producer, own_id
from catalog.feed.rows.reading import fold, names_of
from catalog.feed.rows.row import RowPlace
from catalog.names.name_tokens import accented_ways

Value = Callable[[RowStatement], object]
"""Returns the value of a row for a comparison; None if it has none."""
NOTHING: Final = object()
"""The value of a row that says nothing."""

_CODES: Final = frozenset({"sku", "product_id", "ocop_code"})
WHO: Final = (*sorted(_CODES), "name", "producer_id", "producer_name")
"""The columns that `who_disagree` looks at."""
_FIRST: Final = (
    (
        "; nếu là nhiều sản phẩm, nạp trước một mình dòng của sản phẩm đang lưu, kèm mã"
        " ở [[product_id]]"
    ),
    (
        "; if they are several products, import the row of the one that is stored by"
        " itself first, with its id in [[product_id]]"
    ),
)


def disagree(
    rows: Iterable[RowStatement],
    column: str,
    *,
    left_out: frozenset[str] = NO_MORE,
    value: Value | None = None,
    hint: tuple[str, str] = ("", ""),
) -> Iterator[Contradiction]:
    """Yield the contradiction of *rows* about *column*, if there is one."""
    said: defaultdict[object, list[RowPlace]] = defaultdict(list)
    for row in rows:
        told = value(row) if value else row.given.get(column, NOTHING)
        if told is not NOTHING:
            said[told].append(row.where)
    if len(said) > 1:
        values = tuple(tuple(sorted(each)) for each in said.values())
        yield Contradiction(
            column, left_out or group_of(column), tuple(sorted(values)), hint
        )


def who_disagree(
    rows: Sequence[RowStatement],
    maker_of: Callable[[RowStatement], str],
    *,
    known: bool,
) -> Iterator[Contradiction]:
    """Yield contradictions between rows about one product that may be two."""

    def spelled(row: RowStatement) -> object:
        # Whoever gives an id renames: then the very letters count.
        given = row.given
        by_id = "name" in given and own_id(given) is not None
        return given["name"] if by_id else NOTHING

    def maker(row: RowStatement) -> object:
        return maker_of(row) if names_producer(row.given) else NOTHING

    def code(row: RowStatement) -> object:
        return fold_code(str(row.given.get("ocop_code", ""))) or NOTHING

    apart = _told_apart(rows)
    name, hint = partial(_called, apart=apart), _FIRST if apart else ("", "")
    found = list(disagree(rows, "name", left_out=WHOLE, value=name, hint=hint))
    if not found and known:
        found = list(disagree(rows, "name", value=spelled))
    yield from found
    by_name = any("producer_name" in row.names for row in rows)
    column = "producer_name" if by_name else "producer_id"
    yield from disagree(rows, column, left_out=WHOLE, value=maker)
    yield from disagree(rows, "ocop_code", left_out=WHOLE, value=code)


def _told_apart(rows: Sequence[RowStatement]) -> frozenset[str]:
    """Return the folded names whose accents tell rows about one product apart.

    They do where a row says nothing but its name, and others have others: the rows may
    be about two products, even if the stored name has no accents.
    """
    ways: defaultdict[str, set[str]] = defaultdict(set)
    alone: set[str] = set()
    for row in rows:
        if "name" in row.names:
            text = str(row.given["name"])
            ways[fold(text)].add(text)
            if _CODES.isdisjoint(row.names):
                alone.add(fold(text))
    return frozenset(each for each in alone if len(accented_ways(ways[each])) > 1)


def _called(row: RowStatement, apart: frozenset[str]) -> object:
    """Return the name of a row as it is compared; accents count for those *apart*."""
    if "name" not in row.names:
        return NOTHING
    text = str(row.given["name"])
    if fold(text) not in apart:
        return fold(text)
    return next(iter(accented_ways([text])), NOTHING)


def code_disagree(rows: Sequence[RowStatement]) -> Iterator[Contradiction]:
    """Yield contradictions between rows that give one code to several products."""
    return disagree(rows, "ocop_code", left_out=WHOLE, value=lambda row: row.product)


def names_disagree(seen: Survey) -> Iterator[Contradiction]:
    """Yield rows that say a name alone, which rows with several codes have."""
    for rows, others in seen.names_of_several():
        wheres = sorted(row.where for row in others)
        some = rows_in_words(wheres, among=wheres)
        yield _which(
            rows,
            vi=f"các dòng {some} cùng tên này nhưng là nhiều sản phẩm: chưa nạp"
            " dòng này; ghi mã vào [[ocop_code]] hoặc [[product_id]]",
            en=f"rows {some} have this name and are several products: the row is"
            " not taken; write its code in [[ocop_code]] or [[product_id]]",
        )
    for rows, others in seen.accents_of_several():
        wheres = sorted(row.where for row in others)
        some = rows_in_words(wheres, among=wheres)
        yield _which(
            rows,
            vi=f"tên không dấu có thể là nhiều tên có dấu (các dòng {some}): chưa nạp"
            " dòng này; ghi [[name]] có dấu",
            en=f"without accents it may be several names (rows {some}): the row is"
            " not taken; write [[name]] with its accents",
        )


def _which(rows: Sequence[RowStatement], *, vi: str, en: str) -> Contradiction:
    where = tuple(sorted(row.where for row in rows))
    return Contradiction("name", WHOLE, (where,), ask=(vi, en))


def spelled_alike(
    rows: Iterable[RowStatement], column: str, same: Callable[[str], str]
) -> Iterator[Settled]:
    """Yield how rows that spell one new thing in several ways are to spell it.

    The longest way stands: it abbreviates least.
    """
    found: defaultdict[str, list[tuple[str, RowPlace]]] = defaultdict(list)
    for row in rows:
        if column in row.names:
            text = str(row.given[column])
            found[same(text)].append((text, row.where))
    for ways in found.values():
        best = max((text for text, _ in ways), key=lambda text: (len(text), text))
        yield from ((where, column, best) for text, where in ways if text != best)


def product_disagree(rows: Sequence[RowStatement]) -> Iterator[Contradiction]:
    """Yield contradictions between rows about one product in its own columns."""
    parts = (
        ColumnPart.PRODUCT,
        ColumnPart.PICTURES,
        ColumnPart.PAPER,
        ColumnPart.ABSENCE,
    )
    yield from _columns(rows, _said(rows, *parts) - CALLED)


def maker_disagree(
    rows: Sequence[RowStatement], *, known: bool
) -> Iterator[Contradiction]:
    """Yield contradictions between rows about one producer.

    Args:
        rows: The rows.
        known: Whether the catalog holds it: a new one cannot be without a name.
    """
    renaming = [
        row
        for row in rows
        if "producer_id" in row.names and "producer_name" in row.names
    ]

    def name(row: RowStatement) -> object:
        return fold_maker(str(row.given["producer_name"]))

    left_out = frozenset({"producer_name"}) if known else WHOLE
    found = list(disagree(renaming, "producer_name", left_out=left_out, value=name))
    if not found and known:
        found = list(disagree(renaming, "producer_name"))
    yield from found
    yield from _columns(rows, _said(rows, ColumnPart.PRODUCER) - OF_MAKER)


def pack_disagree(rows: Sequence[RowStatement]) -> Iterator[Contradiction]:
    """Yield contradictions between rows about one pack."""
    named = [row for row in rows if "pack" in row.names and "sku" in row.names]

    def pack(row: RowStatement) -> object:
        return fold_pack(str(row.given["pack"]))

    yield from disagree(named, "pack", left_out=WHOLE, value=pack)
    yield from _columns(
        rows, _said(rows, ColumnPart.VARIANT) - {"sku", "pack"} - COUNT_COLUMNS
    )
    yield from count_disagree(rows)


def count_disagree(rows: Sequence[RowStatement]) -> Iterator[Contradiction]:
    """Yield counts of one pack of which nobody knows which is the later one."""
    counts = [row for row in rows if "on_hand" in row.names]
    timed = disagree(counts, "counted_at", value=lambda row: "counted_at" in row.names)
    if found := list(timed):
        yield from found
        return
    by_time: defaultdict[object, list[RowStatement]] = defaultdict(list)
    for row in rows:
        by_time[row.given.get("counted_at")].append(row)
    for same in by_time.values():
        for column in ("on_hand", "reserved"):
            yield from disagree(same, column)


def _said(rows: Iterable[RowStatement], *parts: ColumnPart) -> frozenset[str]:
    return frozenset().union(*(names_of(row.given, *parts) for row in rows))


def _columns(
    rows: Sequence[RowStatement], columns: Iterable[str]
) -> Iterator[Contradiction]:
    """Yield contradictions between *rows*, once for each group of columns."""
    asked: set[frozenset[str]] = set()
    for column in sorted(columns, key=_ORDER.__getitem__):
        if (group := group_of(column)) not in asked:
            for each in disagree(rows, column):
                asked.add(group)
                yield each


def group_of(column: str) -> frozenset[str]:
    """Return *column* with those that mean nothing without it."""
    return _GROUPS.get(column, frozenset({column}))


def _groups() -> Iterator[frozenset[str]]:
    yield frozenset(
        n for n, each in COLUMNS.items() if each.part is ColumnPart.PICTURES
    )
    yield COUNT_COLUMNS
    yield from _by(ColumnPart.PAPER, lambda column: str(COLUMNS[column].paper))
    yield from _by(
        ColumnPart.PRODUCER, lambda column: COLUMNS[column].path.partition(".")[0]
    )
    yield frozenset({"revoked_by", "revoked_on"})
    yield frozenset({"voided_by", "voided_on", "void_reason"})


def _by(part: ColumnPart, key: Callable[[str], str]) -> Iterator[frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, column in COLUMNS.items():
        if column.part is part:
            found[key(name)].add(name)
    yield from map(frozenset, found.values())


_GROUPS: Final[Mapping[str, frozenset[str]]] = {
    name: group for group in _groups() for name in group
}
_ORDER: Final = {name: n for n, name in enumerate(COLUMNS)}
