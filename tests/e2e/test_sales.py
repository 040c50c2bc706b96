"""Buyers buy at both mock marketplaces, over HTTP, and no one is sold too much.

The decisions on sales in single cases are tested in tests/integration/test_stock.py.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.db import reader
from catalog.model.product import Entry
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from tests.catalog_database import NOW
from tests.e2e.fair import Fair, open_fair
from tests.factories import make_certificate
from tests.world import entry

CODE, SKU = "SP-00001", "SP-00001-1"
DECIDED = day_in_vietnam(NOW) - timedelta(days=100)


def honey(on_hand: int, counted_at: Any = NOW) -> Entry:
    product, producer = entry(1, certificates=(make_certificate(decided_on=DECIDED),))
    (pack,) = product.variants
    counted = replace(pack, on_hand=on_hand, counted_at=counted_at)
    return replace(product, variants=(counted,)), producer


@pytest.fixture
async def fair(tmp_path: Path) -> AsyncIterator[Fair]:
    """One product, of which 20 were counted, on sale at both."""
    async with open_fair(tmp_path, [honey(20)], ("postmart", "voso")) as fair:
        for _ in range(3):
            await fair.sync()
            fair.time.pass_(minutes=5)
        assert await shows(fair) == {"postmart": 10, "voso": 10}
        yield fair


async def shows(fair: Fair) -> dict[str, int]:
    """Return what each marketplace itself says that it offers."""
    return {
        name: (await fair.see(name)).live[CODE]["variants"][0]["stock"]
        for name in fair.stands
    }


async def sell(fair: Fair, name: str, quantity: int) -> None:
    await fair.stands[name].post("sell", ref=CODE, sku=SKU, quantity=quantity)


async def count(fair: Fair, on_hand: int) -> None:
    fair.time.pass_(minutes=1)
    await fair.save(honey(on_hand, fair.time()))
    fair.time.pass_(minutes=1)


async def available(fair: Fair) -> int:
    async with fair.deployment.database.read() as conn:
        product, _ = (await reader.get(conn, [CODE]))[CODE]
    return product.variants[0].available


async def test_what_is_sold_at_one_is_no_longer_offered_at_the_other(
    fair: Fair,
) -> None:
    await sell(fair, "postmart", 4)
    await sell(fair, "voso", 1)
    await sell(fair, "voso", 2)

    await fair.sync()

    assert await available(fair) == 13
    assert await shows(fair) == {"postmart": 7, "voso": 6}


async def test_what_was_counted_after_the_sales_is_evened_out(fair: Fair) -> None:
    await sell(fair, "postmart", 9)
    await count(fair, 31)

    await fair.sync()

    assert await shows(fair) == {"postmart": 16, "voso": 15}


async def test_the_last_one_is_sold_once(fair: Fair) -> None:
    await count(fair, 1)
    await fair.sync()
    assert await shows(fair) == {"postmart": 1, "voso": 0}
    await sell(fair, "postmart", 1)

    await fair.sync()

    assert (await available(fair), await shows(fair)) == (0, {"postmart": 0, "voso": 0})


@pytest.mark.parametrize("name", ["postmart", "voso"])
@pytest.mark.parametrize("fault", ["lose_answer", "drop", "act_after+lose_answer"])
async def test_a_lost_answer_and_a_sale_sell_nothing_twice(
    fair: Fair, name: str, fault: str
) -> None:
    operation = {"postmart": "set_inventory", "voso": "update_products"}[name]
    act = {"act": "sell", "ref": CODE, "sku": SKU, "quantity": 3}
    await count(fair, 30)
    await fair.stands[name].post("faults", operation=operation, fault=fault, act=act)

    for _ in range(3):
        await fair.sync()
        assert sum((await shows(fair)).values()) <= await available(fair)
        fair.time.pass_(minutes=5)

    sold = 3 if "act" in fault else 0
    assert await available(fair) == 30 - sold
    assert sum((await shows(fair)).values()) == 30 - sold


async def test_voso_writes_over_no_sale_that_happens_during_the_call(
    fair: Fair,
) -> None:
    act = {"act": "sell", "ref": CODE, "sku": SKU, "quantity": 3}
    await count(fair, 30)
    await fair.stands["voso"].post(
        "faults", operation="update_products", fault="act_before", act=act
    )

    await fair.sync()

    assert sum((await shows(fair)).values()) <= await available(fair) == 27
    fair.time.pass_(minutes=5)
    await fair.sync()
    assert await shows(fair) == {"postmart": 14, "voso": 13}


async def test_postmart_writes_over_such_a_sale_only_until_it_is_heard_of(
    fair: Fair,
) -> None:
    act = {"act": "sell", "ref": CODE, "sku": SKU, "quantity": 3}
    await count(fair, 30)
    await fair.stands["postmart"].post(
        "faults", operation="set_inventory", fault="act_before", act=act
    )

    await fair.sync()

    assert await available(fair) == 27
    assert await shows(fair) == {"postmart": 14, "voso": 13}
