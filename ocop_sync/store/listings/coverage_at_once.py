"""Count products by all their parts at once, or on several days at once.

The intervals of a marketplace are walked through once or twice for it, by the
conditions of `coverage_days`: so the figures are those that are counted one by one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BindParameter,
    Case,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Row,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.listings.coverage_days import (
    DIMENSIONS,
    FIGURES,
    CellCounts,
    Instant,
    aged,
    conditions,
)
from ocop_sync.store.tables import coverage_interval as interval

_STARS: Final = "stars"
"""The dimension whose parts are numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCounts:
    """The figures of one marketplace at an instant.

    Attributes:
        whole: All of `FIGURES`, of the whole.
        by: Some of them, of each part, by each of `DIMENSIONS`.
    """

    whole: CellCounts
    by: Mapping[str, Sequence[CellCounts]]


@cache
def _parts(names: tuple[str, ...]) -> CompoundSelect[Any]:
    """Return the query for all figures of the whole, and *names* of each part.

    Products are aged once, and looked at once for *names*. For the whole, those that
    are alike are counted together before any condition is asked.
    """
    then = aged()
    found = conditions(then.counted, then.word, interval.c.live)
    product = (
        select(
            *(column.label(f"by_{name}") for name, column in DIMENSIONS.items()),
            sql_cast(interval.c.simulated, Integer).label("simulated"),
            then.counted.label("counted"),
            then.word.label("word"),
            interval.c.live,
            *(case((found[name], 1), else_=0).label(f"is_{name}") for name in names),
        )
        .where(interval.c.marketplace == bindparam("of"), then.lasts)
        .cte("counted_product")
        # SQLite would look at all of them for each part else.
        .prefix_with("MATERIALIZED")
    )
    return union_all(
        _whole(product), *(_apart(product, by, names) for by in DIMENSIONS)
    )


def _whole(product: CTE) -> Select[Any]:
    facts = (product.c.counted, product.c.word, product.c.live)
    alike = (
        select(
            *facts,
            func.max(product.c.simulated).label("simulated"),
            func.count().label("products"),
        )
        .group_by(*facts)
        .subquery("alike_whole")
    )
    found = conditions(alike.c.counted, alike.c.word, alike.c.live)
    columns: list[Any] = [
        literal_column("''").label("dimension"),
        sql_cast(null(), String).label("part"),
        func.max(alike.c.simulated).label("simulated"),
    ]
    for name, each in found.items():
        total = func.sum(case((each, alike.c.products), else_=0))
        columns.append(sql_cast(total, Integer).label(name))
    return select(*columns)


def _apart(product: CTE, by: str, names: tuple[str, ...]) -> Select[Any]:
    part = product.c[f"by_{by}"]
    columns: list[Any] = [
        literal_column(f"'{by}'"),
        sql_cast(part, String),
        func.max(product.c.simulated),
    ]
    for name in FIGURES:
        total = func.sum(product.c[f"is_{name}"]) if name in names else null()
        columns.append(sql_cast(total, Integer))
    return select(*columns).group_by(part)


async def count_parts(
    conn: AsyncConnection, marketplace: str, instant: Instant, names: tuple[str, ...]
) -> PartCounts:
    """Return all figures of the whole, and *names* of each part.

    They are those that `coverage_days.count_cells` returns by one after the other.
    """
    rows = await conn.execute(_parts(names), {"of": marketplace, **instant.values()})
    whole, *others = rows.all()
    by: dict[str, list[CellCounts]] = {name: [] for name in DIMENSIONS}
    for row in others:
        part = int(row.part) if row.dimension == _STARS else row.part
        by[row.dimension].append(_counts(row, part, names))
    for cells in by.values():
        cells.sort(key=_part)
    return PartCounts(whole=_counts(whole, None, FIGURES), by=by)


def _counts(row: Row[Any], part: str | int | None, names: Iterable[str]) -> CellCounts:
    return CellCounts(
        part=part,
        simulated=bool(row.simulated),
        figures={name: getattr(row, name) or 0 for name in names},
    )


def _part(cell: CellCounts) -> Any:
    return cell.part


_AT_FIRST: BindParameter[datetime] = bindparam("at_first")
_LAST: Final = aged("_last")
_STAYS: Final = case(
    (
        and_(
            interval.c.began_at <= _AT_FIRST,
            interval.c.ended_at.is_(None),
            or_(interval.c.until.is_(None), interval.c.until > bindparam("at_last")),
            or_(~interval.c.live, interval.c.read_at >= bindparam("fresh_from_last")),
        ),
        1,
    ),
    else_=0,
)
"""1 of an interval that says the same from the first instant to the last: it lasts, its
verdict does not change, and a read that is fresh at the last is so at each before."""


def _sums(
    lasts: ColumnElement[Any],
    found: Mapping[str, ColumnElement[Any]],
    of: FromClause,
    number: str,
    names: tuple[str, ...],
) -> list[Any]:
    """Return the columns of the figures *names* at an instant.

    Args:
        lasts: Whether what a row tells of lasts then.
        found: The figures by name, as conditions upon a row then.
        of: The rows; each is about so many "products".
        number: What stands behind the names of the columns.
        names: The figures that are told.
    """
    is_mock = and_(lasts, of.c.simulated)
    products = of.c.get("products", literal_column("1", Integer))
    return [
        func.max(case((is_mock, 1), else_=0)).label(f"simulated{number}"),
        *(
            func.sum(case((and_(lasts, found[name]), products), else_=0)).label(
                f"{name}{number}"
            )
            for name in names
        ),
    ]


def _number(n: int) -> ColumnElement[int]:
    return literal_column(str(n), Integer)


def _alike(length: int) -> Subquery:
    """Return the intervals that do not stay, counted together where they are alike.

    Of so many instants in their order it matters at which an interval lasts first, from
    which on it is over, has turned and is stale: what it says at each is worked out for
    the few rows that are left.
    """

    def first(holds: Callable[[str], ColumnElement[bool]]) -> Case[int]:
        """Return the number of the first instant at which something holds."""
        whens = [(holds(f"_{n}"), _number(n)) for n in range(length)]
        return case(*whens, else_=_number(length))

    has_read = and_(interval.c.live, interval.c.read_at <= bindparam("now"))
    stale = first(lambda n: interval.c.read_at < bindparam(f"fresh_from{n}"))
    facts = (
        select(
            first(lambda n: interval.c.began_at <= bindparam(f"at{n}")).label("from_"),
            first(lambda n: interval.c.ended_at <= bindparam(f"at{n}")).label("over"),
            first(lambda n: interval.c.until <= bindparam(f"at{n}")).label("turned"),
            case((has_read, stale), else_=_number(0)).label("stale"),
            *interval.c["counted", "later_counted", "word", "live", "simulated"],
        )
        .where(interval.c.marketplace == bindparam("of"), _STAYS == 0)
        .subquery("counted_interval")
    )
    grouped = select(*facts.c, func.count().label("products")).group_by(*facts.c)
    return grouped.subquery("alike_interval")


@cache
def _days(length: int, names: tuple[str, ...]) -> tuple[Select[Any], Select[Any]]:
    """Return the queries for figures of so many instants: what stays, and the rest."""
    of = interval.c.marketplace == bindparam("of")
    alike = _alike(length)

    def at(n: ColumnElement[int], number: str) -> list[Any]:
        counted = case(
            (alike.c.turned <= n, alike.c.later_counted), else_=alike.c.counted
        )
        word = case((alike.c.stale > n, "listed"), else_=alike.c.word)
        lasts = and_(alike.c.from_ <= n, alike.c.over > n)
        found = conditions(counted, word, alike.c.live)
        return _sums(lasts, found, alike, number, names)

    each = [column for n in range(length) for column in at(_number(n), f"_{n}")]
    stay = conditions(_LAST.counted, _LAST.word, interval.c.live)
    return (
        select(*_sums(_LAST.lasts, stay, interval, "", names)).where(of, _STAYS == 1),
        select(*each),
    )


async def count_days(
    conn: AsyncConnection,
    marketplace: str,
    instants: Sequence[Instant],
    names: tuple[str, ...],
) -> list[CellCounts]:
    """Return the figures *names* of the whole at each of *instants*, the first first.

    They are those of `coverage_days.count_cells`. All instants are asked of the same
    present one. What stays as it is from the first to the last is counted once.
    """
    if not instants:
        return []
    first, last = instants[0].values(), instants[-1].values()
    values: dict[str, Any] = {"of": marketplace, "now": last["now"]}
    values |= {"at_first": first["at"]}
    numbered = [*enumerate(instants), ("last", instants[-1])]
    for number, instant in numbered:
        bound = instant.values()
        values |= {f"{n}_{number}": bound[n] for n in ("at", "fresh_from")}
    stays, others = _days(len(instants), names)
    always = (await conn.execute(stays, values)).one()
    row = (await conn.execute(others, values)).one()
    return [_day(always, row, f"_{n}", names) for n in range(len(instants))]


def _day(
    always: Row[Any], row: Row[Any], number: str, names: Iterable[str]
) -> CellCounts:
    def both(name: str) -> int:
        return (getattr(always, name) or 0) + (getattr(row, f"{name}{number}") or 0)

    return CellCounts(
        part=None,
        simulated=both("simulated") > 0,
        figures={name: int(both(name)) for name in names},
    )
