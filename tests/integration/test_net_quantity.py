"""How much is in a pack is the pack's: imported, exported, and upgraded."""

import io
from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import get
from catalog.feed.cells.stamp import Stamp
from catalog.feed.rows.open_feed import open_feed
from catalog.model.product import Product
from catalog.queries.export import export_as
from ocop_sync.store.db import schema, upgrade
from tests.catalog_database import NOW, import_rows, open_catalog
from tests.stored import inside, load

TEA = {"name": "Chè mẫu", "producer_name": "Cơ sở Mẫu 001"}
SMALL, LARGE = {**TEA, "pack": "Gói nhỏ"}, {**TEA, "pack": "Gói to"}


@pytest.fixture
async def conn() -> AsyncIterator[AsyncConnection]:
    async with open_catalog() as connection:
        yield connection


async def tea(conn: AsyncConnection) -> Product:
    return (await get(conn, ["SP-00001"]))["SP-00001"][0]


def told(product: Product) -> list[str]:
    return [each.net_quantity for each in product.variants]


async def test_each_pack_of_a_product_has_a_net_quantity_of_its_own(
    conn: AsyncConnection,
) -> None:
    rows = {**SMALL, "net_quantity": "250 g"}, {**LARGE, "net_quantity": "500 g"}

    report = await import_rows(conn, *rows)
    again = await import_rows(conn, *rows)

    assert (report.problems, again.changed) == ([], [])
    assert told(await tea(conn)) == ["250 g", "500 g"]


async def test_a_row_without_a_pack_is_about_the_only_one(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, SMALL)

    await import_rows(conn, {**TEA, "net_quantity": "250 g"})

    assert told(await tea(conn)) == ["250 g"]


@pytest.mark.parametrize("packs", [[], [SMALL, LARGE]])
async def test_what_is_of_no_known_pack_stays_with_the_product(
    conn: AsyncConnection, packs: list[dict[str, str]]
) -> None:
    if packs:
        await import_rows(conn, *packs)

    report = await import_rows(conn, {**TEA, "net_quantity": "250 g"})
    product = await tea(conn)
    out = io.BytesIO()
    await export_as(conn, ".csv", out, Stamp(NOW))

    assert report.problems == []
    assert told(product) == [""] * len(packs)
    assert product.label.net_quantity == "250 g"
    row, *_ = open_feed(out).rows
    assert (row.cells["label_net_quantity"], row.cells.get("net_quantity", "")) == (
        "250 g",
        "",
    )


@pytest.mark.postgresql
async def test_an_upgrade_gives_a_net_quantity_to_the_only_pack(url: str) -> None:
    await load(url)
    for id_ in (ONE_PACK, TWO_PACKS):
        await inside(url, lambda conn, id_=id_: conn.execute(_SAY, {"id": id_}))
        await inside(url, lambda conn, id_=id_: conn.execute(_BY, {"id": id_}))

    await schema.upgrade(url)

    found = [
        [
            tuple(row)
            for row in await inside(url, lambda conn, q=q: conn.execute(q).all())
        ]
        for q in (_PACKS, _PRODUCTS, _PROVENANCE)
    ]
    assert found == [
        [("SP-00011-1", ""), ("SP-00011-2", ""), ("SP-00012-1", "250 g")],
        [(TWO_PACKS, "250 g"), (ONE_PACK, "")],
        [("", "label_net_quantity"), ("SP-00012-1", "net_quantity")],
    ]


@pytest.mark.postgresql
async def test_an_upgrade_keeps_what_an_import_changed_of_it(url: str) -> None:
    await load(url)
    await inside(url, upgrade_to_the_last_version_before)
    for statement in _AN_IMPORT:
        await inside(url, lambda conn, each=statement: conn.execute(each))

    await schema.upgrade(url)

    rows = await inside(url, lambda conn: conn.execute(_CHANGES).all())
    assert [tuple(row) for row in rows] == [
        ("product", TWO_PACKS, "", "label_net_quantity"),
        ("variant", ONE_PACK, "SP-00012-1", "net_quantity"),
    ]


def upgrade_to_the_last_version_before(connection: Connection) -> None:
    config = upgrade.configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "0015")


ONE_PACK, TWO_PACKS = "SP-00012", "SP-00011"
_SAY = text("UPDATE product SET label_net_quantity = '250 g' WHERE id = :id")
_BY = text(
    "INSERT INTO provenance (product_id, sku, field, changed_at, changed_by)"
    " VALUES (:id, '', 'label.net_quantity', '2024-01-01 00:00:00.000000', 'x')"
)
_PACKS = text(
    "SELECT sku, net_quantity FROM variant"
    " WHERE product_id IN ('SP-00011', 'SP-00012') ORDER BY sku"
)
_PRODUCTS = text(
    "SELECT id, label_net_quantity FROM product"
    " WHERE id IN ('SP-00011', 'SP-00012') ORDER BY id"
)
_PROVENANCE = text(
    "SELECT key, field FROM field_change WHERE field LIKE '%net_quantity' AND stands"
    " ORDER BY subject"
)
_AN_IMPORT = (
    text(
        "INSERT INTO catalog_import (id, source, file, imported_at, confirmed_by)"
        " VALUES (700, 'x', 'x', '2024-01-01 00:00:00.000000', '')"
    ),
    text(
        "INSERT INTO import_change (import_id, entity, subject, key, field)"
        " VALUES (700, 'product', 'SP-00011', '', 'label_net_quantity'),"
        " (700, 'product', 'SP-00012', '', 'label_net_quantity')"
    ),
)
_CHANGES = text(
    "SELECT entity, subject, key, field FROM field_change WHERE import_id = 700"
    " ORDER BY subject"
)
