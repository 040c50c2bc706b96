"""The department's list of products: what a search finds, and what narrows it."""

from typing import Any

import pytest

from catalog.model.producer import Address
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from ocop_sync.service.department.product_list import (
    ProductFilter,
    ProductList,
    list_products,
    search_products,
)
from tests.factories import make_certificate
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

MADE: dict[int, dict[str, Any]] = {
    1: {"name": "Măng khô Mẫu"},
    2: {"name": "Nước mắm Đảo Mẫu", "ocop_code": "22-03-A1", "set_code": "I.4.a"},
    3: {"name": "Chè 100% Mẫu", "paused": True},
    4: {"name": "Măng ớt Mẫu", "producer_id": None},
}
"""Products by number; of the last two buyers see nothing, the fourth is nobody's."""


async def saved(world: World) -> None:
    for n, more in MADE.items():
        stars = (make_certificate(stars=3 if n == 2 else 4),)
        product, maker = entry(n, certificates=stars, **more)
        assert maker is not None
        code = "06733" if n == 2 else ""
        there = replace(maker, address=Address(commune_code=code))
        await world.save((product, there if product.producer_id else None))
    await world.sync()


async def ids(world: World, **chosen: Any) -> list[int]:
    found = await list_products(world.deployment, ProductFilter(**chosen), size=50)
    assert found.total == len(found.rows)
    return [int(each.product.id.removeprefix("SP-")) for each in found.rows]


TEXTS = {
    "": [1, 2, 3, 4],
    "mang": [1, 4],
    "MĂNG  khô": [1],
    "kho mang": [1],
    "nuoc mam dao": [2],
    "ắm": [2],
    "co so mau 003": [3],
    "che 003": [3],
    "sp-00002": [2],
    "SP-00003-1": [3],
    "sp-00003-1": [3],
    "22-03-a1": [2],
    "100%": [3],
    "%": [3],
    "_": [],
    "\\": [],
    "khong co": [],
}


async def test_a_word_is_found_in_a_name_a_code_or_the_name_of_the_producer(
    world: World,
) -> None:
    await saved(world)

    assert {text: await ids(world, text=text) for text in TEXTS} == TEXTS


CHOICES: dict[str, tuple[dict[str, Any], list[int]]] = {
    "a producer": ({"producer": "CS-0002"}, [2]),
    "an unknown producer": ({"producer": "CS-0009"}, []),
    "a commune": ({"commune": "06733"}, [2]),
    "no known commune": ({"commune": ""}, [1, 3, 4]),
    "a set": ({"set": "I.4.a"}, [2]),
    "4 stars": ({"stars": 4}, [1, 3, 4]),
    "3 stars": ({"stars": 3}, [2]),
    "5 stars": ({"stars": 5}, []),
    "shown": ({"shown_at": "memory"}, [1, 2]),
    "shown elsewhere": ({"shown_at": "elsewhere"}, []),
    "not shown": ({"not_shown_at": "memory"}, [3, 4]),
    "shown nowhere": ({"not_shown": True}, [3, 4]),
    "all of it": (
        {"text": "mang", "stars": 4, "shown_at": "memory", "commune": ""},
        [1],
    ),
}


async def test_the_list_is_narrowed_by_all_that_is_chosen(world: World) -> None:
    await saved(world)

    found = {name: await ids(world, **chosen) for name, (chosen, _) in CHOICES.items()}

    assert found == {name: expected for name, (_, expected) in CHOICES.items()}


async def test_pages_follow_each_other_and_tell_how_products_stand(
    world: World,
) -> None:
    await saved(world)
    after: str | None = ""
    pages: list[ProductList] = []
    while after is not None:
        page = await list_products(
            world.deployment, ProductFilter(), after=after, size=3
        )
        pages.append(page)
        after = page.last

    assert [[each.product.id for each in page.rows] for page in pages] == [
        ["SP-00001", "SP-00002", "SP-00003"],
        ["SP-00004"],
    ]
    assert {page.total for page in pages} == {4}
    first, last = pages[0].rows[0], pages[1].rows[0]
    assert (first.product.producer, first.stars) == ("Cơ sở Mẫu 001", 4)
    assert first.there["memory"].counted == "listed"
    assert (last.product.producer_id, last.product.producer) == (None, None)


async def test_of_a_product_that_no_sync_has_looked_at_nothing_is_said(
    world: World,
) -> None:
    await world.save(entry(1))

    found = await list_products(world.deployment, ProductFilter(), size=3)

    (row,) = found.rows
    assert (row.stars, row.there) == (None, {})
    assert await ids(world, stars=4) == []
    assert await ids(world, not_shown=True) == [1]


@pytest.mark.parametrize(
    ("reach", "chosen", "expected"),
    [
        (WHOLE_CATALOG, {}, [1, 2, 3, 4]),
        (WHOLE_CATALOG, {"text": "mang"}, [1, 4]),
        (Reach.of(["CS-0001", "CS-0003"]), {}, [1, 3]),
        (Reach.of(["CS-0001", "CS-0003"]), {"text": "mang"}, [1]),
        (Reach.of(["CS-0001"]), {"text": "nuoc mam"}, []),
        (Reach.of(["CS-0002"]), {"stars": 3, "shown_at": "memory"}, [2]),
        (Reach.of([]), {}, []),
    ],
)
async def test_a_search_finds_what_is_within_reach_alone(
    world: World, reach: Reach, chosen: dict[str, Any], expected: list[int]
) -> None:
    await saved(world)
    after: str | None = ""
    found: list[str] = []
    while after is not None:
        page = await search_products(
            world.deployment,
            ProductFilter(**chosen),
            reach=reach,
            after=after,
            limit=1,
        )
        found += [product.id for product, _ in page.entries]
        after = page.last

    assert found == [f"SP-{n:05}" for n in expected]
