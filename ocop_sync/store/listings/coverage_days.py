"""Count products as they were counted at the end of a day, and list those of a figure.

Each figure is a condition upon an interval (`FIGURES`), and the list that it counts has
the very same condition: so the number and the length of the list cannot differ. An
interval is aged to the instant that is asked: a read wears off after two days, and a
verdict that changes by itself is the later one from its moment on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.tables import product
from ocop_sync.engine.terms import LISTABLE, NOT_CERTIFIED, VALIDITY_UNKNOWN, CountedAs
from ocop_sync.store.listings.coverage import BUCKETS, FRESH
from ocop_sync.store.listings.name_words import pattern_of, words_of
from ocop_sync.store.tables import coverage_interval as interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """What an interval says of its product at an instant.

    Attributes:
        lasts: It lasts then.
        counted: How the product is counted, as of `CountedAs`.
        rule: Code of the rule that decides, or "".
        stars: The stars that are proven.
        word: Where a listable product stands: "listed", "held" and so on.
    """

    lasts: ColumnElement[Any]
    counted: ColumnElement[Any]
    rule: ColumnElement[Any]
    stars: ColumnElement[Any]
    word: ColumnElement[Any]


def aged(number: str = "") -> Aged:
    """Return what intervals say at the instant that binds "at" with *number* behind."""
    at: BindParameter[datetime] = bindparam(f"at{number}")
    has_aged = interval.c.until <= at

    def either(before: str, later: str) -> ColumnElement[Any]:
        return case((has_aged, interval.c[later]), else_=interval.c[before])

    # Of a past day the last read may be a later one: until then there was one every
    # two days. One ahead of now proves nothing: the clock was wrong then, or is now.
    is_fresh = and_(
        interval.c.read_at >= bindparam(f"fresh_from{number}"),
        interval.c.read_at <= bindparam("now"),
    )
    return Aged(
        lasts=and_(
            interval.c.began_at <= at,
            or_(interval.c.ended_at.is_(None), interval.c.ended_at > at),
        ),
        counted=either("counted", "later_counted"),
        rule=either("rule", "later_rule"),
        stars=either("stars", "later_stars"),
        word=case((and_(interval.c.live, is_fresh), "listed"), else_=interval.c.word),
    )


def conditions(
    counted: ColumnElement[Any], word: ColumnElement[Any], live: ColumnElement[Any]
) -> dict[str, ColumnElement[Any]]:
    """Return each figure by its name, as the condition upon what it counts."""
    is_listable = counted == LISTABLE
    is_blocked = counted.like("blocked:%")
    return {
        "certified": or_(is_listable, is_blocked),
        "listable": is_listable,
        **{
            name: and_(is_listable, word.is_not_distinct_from(name)) for name in BUCKETS
        },
        "blocked": is_blocked,
        "validity_unknown": counted == VALIDITY_UNKNOWN,
        "not_certified": counted == NOT_CERTIFIED,
        "live_not_listable": and_(live, ~is_listable),
    }


_THEN = aged()
_REASON = case(
    (_THEN.counted.like("blocked:%"), _THEN.rule),
    (interval.c.hold != "", interval.c.hold),
    else_=_THEN.rule,
)

FIGURES: Final[Mapping[str, ColumnElement[Any]]] = conditions(
    _THEN.counted, _THEN.word, interval.c.live
)
"""The figures by name, each as the condition upon the products that it counts."""

DIMENSIONS: Final[Mapping[str, ColumnElement[Any]]] = {
    "commune": interval.c.commune,
    "stars": _THEN.stars,
    "set": interval.c.product_set,
    "kind": interval.c.producer_kind,
}
"""By what products are told apart, besides the marketplace."""

_BEGAN = select(func.min(interval.c.began_at)).where(
    interval.c.marketplace == bindparam("of")
)
_NEXT_MARKETPLACE = (
    select(interval.c.marketplace)
    .where(interval.c.marketplace > bindparam("after"))
    .order_by(interval.c.marketplace)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """When products are counted.

    Attributes:
        at: The instant, in UTC: the last one of a day, or now.
        now: The present instant, in UTC.
    """

    at: datetime
    now: datetime

    def values(self) -> dict[str, datetime]:
        """Return the values that the statements bind."""
        return {"at": self.at, "fresh_from": self.at - FRESH, "now": self.now}


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """The figures of the products of one part at one marketplace.

    Attributes:
        part: The value of the dimension that was asked for; None of the whole.
        simulated: The marketplace was a mock.
        figures: How many products each of `FIGURES` counts.
    """

    part: str | int | None
    simulated: bool
    figures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedProduct:
    """One product as it was counted.

    Attributes:
        product_id: The product.
        counted: "listed", "held" and so on of a listable product; else as of
            `CountedAs`.
        live: It was on sale as far as was known.
        reason: Code of the strongest reason, or "".
        began_at: Since when it was counted by these facts, in UTC.
        ended_at: Until when, in UTC; None if that still lasts.
        simulated: The marketplace was a mock.
    """

    product_id: str
    counted: str
    live: bool
    reason: str
    commune: str
    stars: int
    product_set: str
    producer_kind: str
    began_at: datetime
    ended_at: datetime | None
    simulated: bool


@cache
def _cells(by: str | None) -> Select[Any]:
    """Return the query for the figures of each part by *by*."""
    part = DIMENSIONS[by] if by else literal_column("0")
    asked = select(
        part.label("part"),
        func.max(sql_cast(interval.c.simulated, Integer)).label("simulated"),
        *(func.sum(case((each, 1), else_=0)).label(n) for n, each in FIGURES.items()),
    ).where(interval.c.marketplace == bindparam("of"), _THEN.lasts)
    return asked.group_by(part).order_by(part) if by else asked


_PRODUCT = select(
    interval.c.product_id,
    _THEN.counted.label("counted"),
    _THEN.word.label("word"),
    interval.c.live,
    _REASON.label("reason"),
    interval.c.commune,
    _THEN.stars.label("stars"),
    interval.c.product_set,
    interval.c.producer_kind,
    interval.c.began_at,
    interval.c.ended_at,
    interval.c.simulated,
)
_AMONG = _PRODUCT.add_columns(interval.c.marketplace).where(
    interval.c.marketplace.in_(bindparam("names", expanding=True)),
    interval.c.product_id.in_(IDS),
    interval.c.ended_at.is_(None),
)


def _of_figure(
    figure: str, names: tuple[str, ...], words: int
) -> list[ColumnElement[bool]]:
    """Return what makes a product one of a figure, of one part by *names*."""
    found: list[ColumnElement[bool]] = [_THEN.lasts, FIGURES[figure]]
    found += [DIMENSIONS[name] == bindparam(f"of_{name}") for name in names]
    if words:
        has_each = [
            product.c.name_folded.like(bindparam(f"word_{n}"), escape="\\")
            for n in range(words)
        ]
        called = select(product.c.id).where(
            product.c.id > bindparam("after"), *has_each
        )
        found.append(interval.c.product_id.in_(called))
    return found


def _values_of_figure(
    instant: Instant, parts: Mapping[str, str | int], words: Sequence[str]
) -> dict[str, Any]:
    return {
        **instant.values(),
        **{f"of_{name}": value for name, value in parts.items()},
        **{f"word_{n}": pattern_of(word) for n, word in enumerate(words)},
    }


@cache
def _listed(figure: str, names: tuple[str, ...], words: int) -> Select[Any]:
    return (
        _PRODUCT.where(
            interval.c.marketplace == bindparam("of"),
            interval.c.product_id > bindparam("after"),
            *_of_figure(figure, names, words),
        )
        .order_by(interval.c.product_id)
        .limit(bindparam("size"))
    )


@cache
def _how_many(figure: str, names: tuple[str, ...], words: int) -> Select[Any]:
    return select(func.count(interval.c.product_id.distinct())).where(
        interval.c.marketplace.in_(bindparam("names", expanding=True)),
        *_of_figure(figure, names, words),
    )


async def history_began(conn: AsyncConnection) -> dict[str, datetime]:
    """Return when the first interval began at each marketplace, by its name.

    All intervals are looked through for it, as they are for the figures of a day: an
    index for this alone would be as large as the key.
    """
    found: dict[str, datetime] = {}
    name = ""
    while name := await conn.scalar(_NEXT_MARKETPLACE, {"after": name}) or "":
        found[name] = await conn.scalar(_BEGAN, {"of": name})
    return found


async def count_cells(
    conn: AsyncConnection,
    marketplace: str,
    instant: Instant,
    by: str | None = None,
) -> list[CellCounts]:
    """Return the figures of each part by *by*, one of `DIMENSIONS`; None is the whole.

    Parts of which nothing was counted are left out.
    """
    asked = _cells(by)
    rows = await conn.execute(asked, {"of": marketplace, **instant.values()})
    return [
        CellCounts(
            part=row.part if by else None,
            simulated=bool(row.simulated),
            figures={name: int(getattr(row, name) or 0) for name in FIGURES},
        )
        for row in rows.all()
    ]


async def counted_products(
    conn: AsyncConnection,
    marketplace: str,
    instant: Instant,
    *,
    figure: str,
    parts: Mapping[str, str | int],
    text: str = "",
    after: str,
    size: int,
) -> Sequence[CountedProduct]:
    """Return at most *size* products behind *after* that *figure* counts, by id.

    *parts* names the value of each of `DIMENSIONS` that matters. Each word of *text*
    stands in the name of the product, whatever its accents and case.
    """
    words = words_of(text)
    asked = _listed(figure, tuple(sorted(parts)), len(words))
    values = _values_of_figure(instant, parts, words)
    values |= {"of": marketplace, "after": after, "size": size}
    rows = await conn.execute(asked, values)
    return [_product(row) for row in rows.all()]


async def count_products(
    conn: AsyncConnection,
    marketplaces: Sequence[str],
    instant: Instant,
    *,
    figure: str,
    parts: Mapping[str, str | int],
    text: str = "",
) -> int:
    """Return how many products *figure* counts at one of *marketplaces* or more.

    They are those of `counted_products`, each once.
    """
    words = words_of(text)
    asked = _how_many(figure, tuple(sorted(parts)), len(words))
    values = _values_of_figure(instant, parts, words)
    values |= {"names": list(marketplaces), "after": ""}
    return int(await conn.scalar(asked, values) or 0)


async def counted_among(
    conn: AsyncConnection,
    marketplaces: Sequence[str],
    product_ids: Sequence[str],
    now: datetime,
) -> dict[tuple[str, str], CountedProduct]:
    """Return how products are counted now, by marketplace and id.

    One that no sync has looked at is left out.
    """
    values = {"names": list(marketplaces), **Instant(at=now, now=now).values()}
    rows = await rows_of(conn, _AMONG, product_ids, values)
    return {(row.marketplace, row.product_id): _product(row) for row in rows}


def _product(row: Any) -> CountedProduct:
    counted = CountedAs(row.counted)
    return CountedProduct(
        product_id=row.product_id,
        counted=row.word if counted == LISTABLE else counted,
        live=row.live,
        reason=row.reason,
        commune=row.commune,
        stars=row.stars,
        product_set=row.product_set,
        producer_kind=row.producer_kind,
        began_at=row.began_at,
        ended_at=row.ended_at,
        simulated=row.simulated,
    )


_LIVE = select(interval.c.product_id).where(
    interval.c.marketplace == bindparam("of"),
    interval.c.ended_at.is_(None),
    interval.c.live,
)
_LIVE_AMONG = _LIVE.where(interval.c.product_id.in_(IDS))
_LIVE_AND_COUNTED = (
    _LIVE.where(
        interval.c.product_id > bindparam("after"),
        bindparam("counted") == _THEN.counted,
    )
    .order_by(interval.c.product_id)
    .limit(bindparam("size"))
)


async def live_among(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> set[str]:
    """Return those of *product_ids* that are on sale now as far as is known."""
    rows = await rows_of(conn, _LIVE_AMONG, product_ids, {"of": marketplace})
    return {row.product_id for row in rows}


async def live_and_counted(
    conn: AsyncConnection,
    marketplace: str,
    instant: Instant,
    *,
    counted: CountedAs,
    after: str,
    size: int,
) -> list[str]:
    """Return at most *size* products behind *after* on sale now that count so, by id.

    Verdicts are those of *instant*.
    """
    values = {"of": marketplace, "at": instant.at, "after": after, "size": size}
    return list(await conn.scalars(_LIVE_AND_COUNTED, {**values, "counted": counted}))
