"""Find products by words of their names, and by where they are made and shown.

Names are stored folded (`catalog.text.fold`), so that a search knows neither accents
nor case. A word may stand anywhere in a name, so no index leads to it: of products and
producers narrow indexes are read instead of the rows, from the place of the page on.
Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.db.tables import producer, product, variant
from ocop_sync.store.listings.coverage import IS_LIVE
from ocop_sync.store.listings.coverage_days import DIMENSIONS
from ocop_sync.store.listings.name_words import pattern_of, words_of
from ocop_sync.store.tables import coverage_interval as interval
from ocop_sync.store.tables import listing

_SHOWN_AT: Final[Any] = bindparam("shown_at", expanding=True)
_WITHIN: Final[Any] = bindparam("within", expanding=True)
_IN_ORDER: Final = producer.c.id > ""
"""All producers, by the index that holds what is searched of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where buyers see a product, or do not.

    Attributes:
        marketplaces: The marketplaces that are meant.
        is_shown: Whether it is shown at one of them, or at none.
    """

    marketplaces: tuple[str, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSearch:
    """Which products are looked for; what is None narrows nothing.

    Attributes:
        text: Words, each of which stands in the name, in a code, or in the name of the
            producer; or the SKU of a pack.
        producer: Of this producer.
        commune: Of producers in this commune, by its code; "" is of none that is known.
        product_set: Of this product set.
        stars: With so many stars, as the last sync at `counted_at` has counted them.
        counted_at: The marketplaces whose counts tell the stars.
        shown: Where they are shown.
        within: Of these producers alone; None for all.
    """

    text: str = ""
    producer: str | None = None
    commune: str | None = None
    product_set: str | None = None
    stars: int | None = None
    counted_at: tuple[str, ...] = ()
    shown: Shown | None = None
    within: tuple[str, ...] | None = None

    @property
    def words(self) -> list[str]:
        """Return the words that are looked for, as they were typed."""
        return words_of(self.text)


class FoundProduct(NamedTuple):
    """A product that was found.

    Attributes:
        id: Its id.
        name: Its name.
        product_set: The code of its product set, or "".
        producer_id: Its producer; None if that is not known.
        producer: The producer's name; None as well then.
        commune: The code of the producer's commune, or ""; None as well then.
    """

    id: str
    name: str
    product_set: str
    producer_id: str | None
    producer: str | None
    commune: str | None


class _Shape(NamedTuple):
    """What a statement depends on; all else are its values."""

    words: int
    by_producer: bool
    commune: Literal["", "none", "one"]
    by_set: bool
    by_stars: bool
    shown: bool | None
    is_within: bool


_FOUND: Final = (
    select(
        *product.c["id", "name", "set_code", "producer_id"],
        producer.c.name,
        producer.c.commune_code,
    )
    .outerjoin(producer, producer.c.id == product.c.producer_id)
    .where(product.c.id.in_(IDS))
)


async def product_ids(
    conn: AsyncConnection,
    search: ProductSearch,
    now: datetime,
    *,
    after: str,
    size: int,
) -> list[str]:
    """Return at most *size* ids of products behind the id *after* that are meant."""
    values = {**_values(search, now), "after": after, "size": size}
    return list(await conn.scalars(_page(_shape_of(search)), values))


async def count_products(
    conn: AsyncConnection, search: ProductSearch, now: datetime
) -> int:
    """Return how many products are meant."""
    values = {**_values(search, now), "after": ""}
    return int(await conn.scalar(_count(_shape_of(search)), values) or 0)


async def found_products(
    conn: AsyncConnection, ids: Sequence[str]
) -> list[FoundProduct]:
    """Return the products *ids* with their producers, by id."""
    return sorted(FoundProduct(*row) for row in await rows_of(conn, _FOUND, ids))


def _shape_of(search: ProductSearch) -> _Shape:
    commune: Literal["", "none", "one"] = "one" if search.commune else "none"
    return _Shape(
        words=len(search.words),
        by_producer=search.producer is not None,
        commune="" if search.commune is None else commune,
        by_set=search.product_set is not None,
        by_stars=search.stars is not None,
        shown=None if search.shown is None else search.shown.is_shown,
        is_within=search.within is not None,
    )


def _values(search: ProductSearch, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "producer": search.producer,
        "commune": search.commune,
        "set_code": search.product_set,
        "stars": search.stars,
        "counted_at": list(search.counted_at),
        "shown_at": list(search.shown.marketplaces) if search.shown else [],
        "at": now,
        "within": list(search.within or ()),
    }
    for n, word in enumerate(search.words):
        values[f"word_{n}"] = pattern_of(word)
        values[f"sku_{n}"] = [word, word.upper()]
    return values


@cache
def _page(shape: _Shape) -> Select[Any]:
    asked = select(product.c.id).where(*_conditions(shape))
    return asked.order_by(product.c.id).limit(bindparam("size"))


@cache
def _count(shape: _Shape) -> Select[Any]:
    return select(func.count(product.c.id)).where(*_conditions(shape))


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    found = [product.c.id > bindparam("after")]
    found += [_has_word(n) for n in range(shape.words)]
    if shape.by_producer:
        found.append(product.c.producer_id == bindparam("producer"))
    if shape.commune:
        there = select(producer.c.id).where(
            _IN_ORDER, producer.c.commune_code == bindparam("commune")
        )
        is_there = product.c.producer_id.in_(there)
        is_nowhere = or_(product.c.producer_id.is_(None), is_there)
        found.append(is_there if shape.commune == "one" else is_nowhere)
    if shape.by_set:
        found.append(product.c.set_code == bindparam("set_code"))
    if shape.by_stars:
        found.append(_HAS_STARS)
    if shape.is_within:
        found.append(product.c.producer_id.in_(_WITHIN))
    if shape.shown is not None:
        found.append(_IS_SHOWN if shape.shown else ~_IS_SHOWN)
    return found


def _has_word(n: int) -> ColumnElement[bool]:
    def like(column: ColumnElement[str]) -> ColumnElement[bool]:
        return column.like(bindparam(f"word_{n}"), escape="\\")

    skus: Any = bindparam(f"sku_{n}", expanding=True)
    return or_(
        like(product.c.name_folded),
        like(func.lower(product.c.id)),
        like(func.lower(product.c.ocop_code)),
        product.c.producer_id.in_(
            select(producer.c.id).where(_IN_ORDER, like(producer.c.name_folded))
        ),
        product.c.id.in_(select(variant.c.product_id).where(variant.c.sku.in_(skus))),
    )


_HAS_STARS: Final = exists(
    select(1).where(
        interval.c.marketplace.in_(bindparam("counted_at", expanding=True)),
        interval.c.product_id == product.c.id,
        interval.c.ended_at.is_(None),
        DIMENSIONS["stars"] == bindparam("stars"),
    )
)
_IS_SHOWN: Final = exists(
    select(1).where(
        listing.c.marketplace.in_(_SHOWN_AT),
        listing.c.product_id == product.c.id,
        IS_LIVE,
    )
)
