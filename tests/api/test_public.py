"""What everybody may read without a key, once settings say so: and nothing else."""

import json
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from catalog.model.paper import PaperKind
from catalog.model.producer import Address, ProducerKind
from catalog.values import replace
from ocop_sync.api.access.open_routes import PUBLIC
from tests.api.doors import Door, open_door, serve_settings
from tests.factories import NOT_SO, make_certificate, make_paper
from tests.world import World, entry

MAKERS = (
    (ProducerKind.FIRM, "Công ty TNHH Mẫu 001"),
    (ProducerKind.COOPERATIVE, "Hợp tác xã Mẫu 002"),
    (ProducerKind.HOUSEHOLD, "Hộ kinh doanh Người Mẫu Ba"),
    (ProducerKind.GROUP, "Tổ hợp tác Người Mẫu Bốn"),
    (ProducerKind.FIRM, "Hộ Người Mẫu Năm"),
    (ProducerKind.UNKNOWN, "Người Mẫu Sáu"),
)


async def opened(world: World, aiohttp_client: AiohttpClient, **settings: Any) -> Door:
    shown = serve_settings(public_figures=True, **settings)
    return await open_door(world, aiohttp_client, shown)


async def save_six(world: World) -> None:
    """Save a product of each kind of maker; the second one is blocked."""
    for n, (kind, name) in enumerate(MAKERS, 1):
        stars = 3 + n % 2
        product, maker = entry(n, certificates=(make_certificate(stars=stars),))
        assert maker is not None
        there = replace(
            maker, kind=kind, name=name, address=Address(commune_code="06733")
        )
        await world.save((product, there))
    await world.change("SP-00002", papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),))
    await world.sync()


async def told(door: Door, path: str) -> Any:
    """Return what nobody in particular is told."""
    answer = await door.client.get(path)
    assert answer.status == 200, await answer.text()
    return await answer.json()


@pytest.mark.parametrize("path", sorted(PUBLIC))
async def test_switched_off_there_is_no_such_route_and_the_document_names_none(
    world: World, aiohttp_client: AiohttpClient, path: str
) -> None:
    door = await open_door(world, aiohttp_client, serve_settings())

    answer = await door.client.get(path)
    nowhere = await door.client.get("/public/nothing")

    assert (answer.status, nowhere.status) == (404, 404)
    words = [await each.json() for each in (answer, nowhere)]
    assert words[0]["code"] == words[1]["code"]
    assert words[0]["detail"] == words[1]["detail"]
    document = await told(door, "/openapi.json")
    assert path not in document["paths"]
    assert "public" not in {each["name"] for each in document["tags"]}
    assert "/public" not in await (await door.client.get("/docs")).text()


async def test_switched_on_the_document_names_them_without_a_key(door: Door) -> None:
    paths = (await told(door, "/openapi.json"))["paths"]

    for path in PUBLIC:
        assert not paths[path]["get"].get("security")


@pytest.mark.parametrize("by", ["", "?by=commune", "?by=stars", "?by=kind"])
async def test_the_public_figures_are_those_of_viewers_without_their_lists(
    world: World, door: Door, by: str
) -> None:
    await save_six(world)
    key = await door.key()
    within = await (await door.bearer(key, f"/api/v1/coverage{by}")).json()

    found = await told(door, f"/public/coverage{by}")

    for cell in within["cells"]:
        simulated = cell.pop("simulated")
        for figure in cell["figures"]:
            del figure["list"]
            figure["simulated"] = simulated
    assert found["cells"] == within["cells"]
    assert found["simulated"]
    assert "/api/" not in json.dumps(found)


async def test_products_are_named_with_their_makers_unless_those_are_people(
    world: World, door: Door
) -> None:
    await save_six(world)

    found = await told(door, "/public/products")

    shop = [{"marketplace": "memory", "simulated": True}]
    assert found["items"] == [
        {
            "name": f"Măng khô Mẫu {n}",
            "producer": name if n <= 2 else None,
            "commune": "06733",
            "stars": 3 + n % 2,
            "on_sale": [] if n == 2 else shop,
        }
        for n, (_, name) in enumerate(MAKERS, 1)
    ]
    assert (found["next"], found["simulated"]) == (None, True)
    assert "Người Mẫu" not in json.dumps(found, ensure_ascii=False)


async def test_products_come_in_pages_as_many_as_the_figure_counts(
    world: World, door: Door
) -> None:
    await save_six(world)
    await world.change("SP-00003", certificates=())
    await world.sync()
    cells = (await told(door, "/public/coverage"))["cells"]
    (certified,) = (e for e in cells[0]["figures"] if e["name"] == "certified")

    names, cursor = list[str](), ""
    while cursor is not None:
        page = await told(door, f"/public/products?limit=2&cursor={cursor}")
        assert len(page["items"]) <= 2
        names += [each["name"] for each in page["items"]]
        cursor = page["next"]

    assert names == [f"Măng khô Mẫu {n}" for n in (1, 2, 4, 5, 6)]
    assert certified["value"] == len(names)


@pytest.mark.parametrize("path", sorted(PUBLIC))
async def test_answers_may_be_kept_for_a_minute_and_refusals_not_at_all(
    door: Door, path: str
) -> None:
    answer = await door.client.get(path)
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = await door.client.get(path, headers=tag)
    refused = await door.client.get(f"{path}?no_such=1")

    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert (again.status, again.headers["Cache-Control"]) == (
        304,
        "public, max-age=60",
    )
    assert (refused.status, refused.headers["Cache-Control"]) == (422, "no-store")


@pytest.mark.parametrize("path", sorted(PUBLIC))
async def test_calls_are_limited_by_address(
    world: World, aiohttp_client: AiohttpClient, path: str
) -> None:
    door = await opened(world, aiohttp_client, calls_per_minute=12)

    statuses = [(await door.client.get(path)).status for _ in range(3)]

    assert statuses == [200, 200, 429]
