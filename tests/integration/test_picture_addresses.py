"""Pictures come in with public addresses; stored ones stay, and are named.

Which addresses are public is tested in tests/unit/catalog/test_picture_address.py.
"""

import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.tables import product as product_table
from catalog.eligibility import Standing, evaluate, load_rules
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from catalog.model.product import Picture, Product
from ocop_sync.marketplace.mapping import PictureRules
from ocop_sync.service.decisions.mappings import replace_mapping
from ocop_sync.service.queries.explain import explain
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.catalog_database import NOW, as_csv, import_rows
from tests.factories import AT, make_mapping, make_producer, make_product, person
from tests.world import World, entry, open_world

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
RICE = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002"}
PUBLIC, HERE = "https://mau.example/a.jpg", "http://127.0.0.1:8000/a.jpg"
INSIDE = "https://192.168.1.5/a.jpg"
REAL = InMemoryMarketplace.having(simulated=False)


def as_json(*rows: Mapping[str, object]) -> io.BytesIO:
    return io.BytesIO(json.dumps({"rows": rows}).encode())


def as_xlsx(*rows: Mapping[str, object]) -> io.BytesIO:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"strings_to_urls": False})
    sheet = book.add_worksheet()
    names = list(dict.fromkeys(name for row in rows for name in row))
    sheet.write_row(0, 0, names)
    for n, row in enumerate(rows, 1):
        sheet.write_row(n, 0, [row.get(name, "") for name in names])
    book.close()
    data.seek(0)
    return data


async def product_of(conn: AsyncConnection, id_: str = "SP-00001") -> Product:
    return (await reader.get(conn, [id_]))[id_][0]


async def taken(conn: AsyncConnection, data: io.BytesIO) -> ImportReport:
    feed = open_feed(data)
    report = await import_feed(conn, feed.rows, now=NOW, source="bảng mẫu")
    return replace(report, problems=[*feed.problems, *report.problems])


@pytest.mark.parametrize("file", [as_csv, as_json, as_xlsx])
@pytest.mark.parametrize(
    ("address", "says"),
    [
        pytest.param(INSIDE, "IP", id="a private address"),
        pytest.param("https://nas.local/a.jpg", "mạng nội bộ", id="a local name"),
        pytest.param("https://2130706433/a.jpg", "IP", id="figures"),
        pytest.param("http://mau.example/a.jpg", "https://", id="no https"),
    ],
)
async def test_what_nobody_else_can_open_is_a_problem_of_its_row(
    conn: AsyncConnection, file: Any, address: str, says: str
) -> None:
    report = await taken(conn, file({**TEA, "pictures": f"{PUBLIC} {address}"}, RICE))

    [problem] = report.problems
    assert (problem.column, report.created) == ("pictures", ["SP-00001"])
    assert says in problem.vi
    assert "https://" in problem.en


async def test_the_one_of_several_addresses_that_is_wrong_is_named(
    conn: AsyncConnection,
) -> None:
    wrong = "http://mau.example/2.jpg"

    report = await import_rows(conn, {**TEA, "pictures": f"{PUBLIC} {wrong} {PUBLIC}"})

    [problem] = report.problems
    assert problem.vi.startswith(f"{wrong}: phải là địa chỉ https://")
    assert problem.en.startswith(f"{wrong}: an address https://")


async def test_a_password_is_refused_and_not_repeated(conn: AsyncConnection) -> None:
    address = "https://u:bi-mat@mau.example/a.jpg"

    report = await import_rows(conn, {**TEA, "pictures": address})

    [problem] = report.problems
    assert report.created == []
    assert "bi-mat" not in str(problem)
    assert problem.value == "https://…@mau.example/a.jpg"
    assert "tên đăng nhập hoặc mật khẩu" in problem.vi
    assert "a user or a password" in problem.en


@pytest.mark.parametrize("file", [as_csv, as_json, as_xlsx])
async def test_a_picture_on_this_computer_is_taken_for_trials(
    conn: AsyncConnection, file: Any
) -> None:
    report = await taken(conn, file({**TEA, "pictures": f"{HERE} {PUBLIC}"}))

    assert report.problems == []
    assert [p.url for p in (await product_of(conn)).pictures] == [HERE, PUBLIC]


@pytest.mark.postgresql
async def test_what_is_stored_already_stays_and_keeps_nothing_back(
    conn: AsyncConnection,
) -> None:
    before = "https://cu.example/a.jpg"
    await import_rows(conn, {**TEA, "pictures": before})
    as_earlier = func.replace(product_table.c.pictures, before, INSIDE)
    await conn.execute(update(product_table).values(pictures=as_earlier))

    report = await import_rows(
        conn, {**TEA, "pictures": f"{INSIDE} {PUBLIC}", "ingredients": "Trà hoa vàng"}
    )

    assert report.problems == []
    assert [p.url for p in (await product_of(conn)).pictures] == [INSIDE, PUBLIC]


@pytest.mark.parametrize(
    ("url", "key"), [(INSIDE, "not_public"), (HERE, "here"), (PUBLIC, None)]
)
def test_the_catalog_warns_of_it(url: str, key: str | None) -> None:
    product = make_product(pictures=(Picture(url=PUBLIC), Picture(url=url)))

    verdict = evaluate(product, make_producer(), AT, load_rules())

    found = [each for each in verdict.reasons if each.code == "E16"]
    assert [each.key for each in found] == ([key] if key else [])
    assert verdict.standing is Standing.LISTED
    assert all(url in each.seen.vi for each in found)


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """A simulated marketplace, and one that is said to be real."""
    names = ("memory", "real")
    async with open_world(url, names, others={"real": REAL}) as world:
        yield world


def shown(world: World) -> dict[str, list[str]]:
    return {
        name: [*found.shown.pictures]
        for name, market in world.markets.items()
        for found in market.shelf.of("SP-00001")
    }


async def test_only_simulated_marketplaces_are_sent_what_is_here(world: World) -> None:
    pictures = (Picture(url=HERE), Picture(url=PUBLIC), Picture(url=INSIDE))
    await world.save(entry(1, pictures=pictures))

    await world.sync()

    assert shown(world) == {
        "memory": [HERE, PUBLIC, INSIDE],
        "real": [PUBLIC, INSIDE],
    }


async def test_without_another_picture_it_is_as_if_there_was_none(
    world: World,
) -> None:
    rules = PictureRules(required=True, max_count=9, min_width_px=1, min_height_px=1)
    for name in ("memory", "real"):
        mapping = make_mapping(marketplace=name, pictures=rules)
        await replace_mapping(
            world.database,
            name,
            mapping,
            by=person("Lan"),
            clock=world.time,
            adapter=InMemoryMarketplace,
        )
    only = entry(1, pictures=(Picture(url=HERE),))
    await world.save(only)

    await world.sync()

    assert shown(world) == {"memory": [HERE]}
    [found] = await explain(world.deployment, "real", [only])
    assert [each.code for each in found.reasons] == ["M04", "E16"]
    assert HERE in found.reasons[0].seen.vi
