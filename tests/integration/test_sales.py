"""Sales and the available stock, in any order and told twice."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.sell import record_sales
from catalog.commands.update import set_stock
from catalog.db import reader
from catalog.db.history import Author
from catalog.db.reader import sales_after
from catalog.db.tables import sale
from catalog.db.writer import save
from catalog.errors import CatalogError
from catalog.model.product import Variant
from catalog.model.sale import Sale
from tests.catalog_database import open_catalog
from tests.factories import AT, make_producer, make_product, make_variant, person

pytestmark = pytest.mark.postgresql

SKU = "SP-00001-1"
LATER = AT + timedelta(hours=1)


@pytest.fixture
async def conn(url: str) -> AsyncIterator[AsyncConnection]:
    """A catalog with one product, of which 20 were counted at noon."""
    async with open_catalog(url) as conn:
        await save(conn, [(make_product(), make_producer())], by=Author("thử", AT))
        yield conn


def make_sale(line: str = "DH-1", **differences: Any) -> Sale:
    """Return a sale of 3, a minute after the count."""
    given: dict[str, Any] = {"quantity": 3, "sold_at": AT + timedelta(minutes=1)}
    return Sale(order_line=line, **{"sku": SKU} | given | differences)


async def hear(conn: AsyncConnection, *sales: Sale, channel: str = "a") -> list[str]:
    return list(await record_sales(conn, channel, sales, now=LATER))


async def count(conn: AsyncConnection, on_hand: int, counted_at: datetime) -> None:
    await set_stock(conn, SKU, on_hand, counted_at, by=person("Bà Mẫu"), now=LATER)


async def variant(conn: AsyncConnection) -> Variant:
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0].variants[0]


async def test_a_sale_is_taken_off_once_however_often_it_comes(
    conn: AsyncConnection,
) -> None:
    first = await hear(conn, make_sale(), make_sale())
    again = await hear(conn, make_sale(), make_sale(quantity=9))

    assert (first, again) == (["SP-00001"], [])
    assert (await variant(conn)).available == 17
    assert (await conn.execute(select(func.count()).select_from(sale))).scalar() == 1


async def test_order_lines_of_two_channels_are_two_sales(conn: AsyncConnection) -> None:
    await hear(conn, make_sale())
    await hear(conn, make_sale(), channel="b")

    assert (await variant(conn)).sold == 6


@pytest.mark.parametrize(
    ("sold_at", "available"),
    [
        pytest.param(AT - timedelta(minutes=1), 20, id="before it"),
        pytest.param(AT - timedelta(seconds=1), 20, id="in the second before it"),
        pytest.param(AT, 17, id="in the very instant"),
        pytest.param(AT + timedelta(minutes=1), 17, id="after it"),
    ],
)
async def test_a_count_has_seen_what_was_sold_before_it(
    conn: AsyncConnection, sold_at: datetime, available: int
) -> None:
    await hear(conn, make_sale(sold_at=sold_at))

    assert (await variant(conn)).available == available


@pytest.mark.parametrize(
    ("told_ms", "available"),
    [
        pytest.param(0, 17, id="told to the second: it may be after the count"),
        pytest.param(399, 20, id="before the count"),
        pytest.param(400, 17, id="in the very instant of the count"),
    ],
)
async def test_a_count_within_a_second(
    conn: AsyncConnection, told_ms: int, available: int
) -> None:
    await count(conn, 20, LATER + timedelta(milliseconds=400))

    await hear(conn, make_sale(sold_at=LATER + timedelta(milliseconds=told_ms)))

    assert (await variant(conn)).available == available


async def test_a_number_without_a_count_has_seen_no_sale(conn: AsyncConnection) -> None:
    uncounted = make_product(variants=(make_variant(counted_at=None),))
    await save(conn, [(uncounted, make_producer())], by=Author("thử", AT))

    await hear(conn, make_sale(sold_at=AT - timedelta(days=300)))

    assert (await variant(conn)).available == 17


async def test_more_than_there_was_is_none_and_not_less(conn: AsyncConnection) -> None:
    await hear(conn, make_sale(quantity=25))

    assert (await variant(conn)).available == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_counts_and_sales_may_become_known_in_any_order(
    conn: AsyncConnection, order: Sequence[int]
) -> None:
    minute = timedelta(minutes=1)
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: hear(conn, make_sale("DH-1", quantity=2, sold_at=AT + minute)),
        lambda: count(conn, 18, AT + 2 * minute),
        lambda: hear(conn, make_sale("DH-2", quantity=5, sold_at=AT + 3 * minute)),
        lambda: hear(conn, make_sale("DH-1", quantity=2, sold_at=AT + minute)),
    ]

    for place in order:
        await acts[place]()

    assert (await variant(conn)).available == 13


async def test_reserved_and_buffer_come_off_as_well(conn: AsyncConnection) -> None:
    careful = make_product(variants=(make_variant(reserved=4, buffer=2),))
    await save(conn, [(careful, make_producer())], by=Author("thử", AT))

    await hear(conn, make_sale())

    assert (await variant(conn)).available == 20 - 3 - 4 - 2


async def test_somebody_elses_goods_are_left_out(conn: AsyncConnection) -> None:
    assert await hear(conn, make_sale(sku="LA-1")) == []
    assert await sales_after(conn, ["LA-1"], 0) == []


@pytest.mark.parametrize(
    "differences",
    [{"line": ""}, {"quantity": 0}, {"quantity": -1}, {"quantity": 10**9}],
)
async def test_what_is_no_order_line_is_refused(
    conn: AsyncConnection, differences: dict[str, Any]
) -> None:
    with pytest.raises(CatalogError, match="not an order line"):
        await hear(conn, make_sale(**differences))


async def test_saving_what_was_read_changes_nothing_and_keeps_the_sales(
    conn: AsyncConnection,
) -> None:
    await hear(conn, make_sale())
    entry = (await reader.get(conn, ["SP-00001"]))["SP-00001"]

    changed = await save(conn, [entry], by=Author("thử", LATER))

    assert list(changed) == []
    assert (await variant(conn)).sold == 3


async def test_sales_are_numbered_as_they_become_known(conn: AsyncConnection) -> None:
    await hear(conn, make_sale("DH-2"), make_sale("DH-1"))
    await hear(conn, make_sale("DH-1"), make_sale("DH-3", quantity=1), channel="b")

    first, *rest = await sales_after(conn, [SKU], 0)

    assert [each.n for each in (first, *rest)] == [1, 2, 3, 4]
    assert (await sales_after(conn, [SKU], 2)) == rest[1:]
    assert [(each.channel, each.quantity) for each in rest[1:]] == [("b", 3), ("b", 1)]
