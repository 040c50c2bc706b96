"""The catalog in a database: saved values come back, and changes are known.

Covered here: reading, saving, revisions, the history, and that no query scans a
table. Files are imported in test_import.py; single acts are in
test_catalog_update.py.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.counters import PRODUCT, next_numbers, raise_to
from catalog.db.history import PLACE, VALUES, Author, change_of
from catalog.db.stored_answers import known_bodies
from catalog.db.tables import field_change, product, variant
from catalog.db.writer import in_order, save, save_producers
from catalog.errors import CatalogError
from catalog.model.fact import Attested, Fact
from catalog.model.paper import PaperKind
from catalog.model.producer import Address, Producer
from catalog.model.product import Entry, Picture, Product, StockPolicy
from catalog.values import replace
from tests.catalog_database import NOW, open_catalog
from tests.factories import (
    NOT_SO,
    SEEN,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
    make_variant,
)

pytestmark = pytest.mark.postgresql


def make_entry(number: int, **differences: Any) -> tuple[Product, Producer]:
    """Return a product and its producer; two products share a producer."""
    id_ = f"SP-{number:05d}"
    maker = make_producer(id=f"CS-{number // 2:04d}", name=f"Cơ sở Mẫu {number // 2}")
    item = make_product(
        id=id_, producer_id=maker.id, variants=(make_variant(sku=f"{id_}-1"),)
    )
    return replace(item, **differences), maker


async def keep(conn: AsyncConnection, *entries: Entry) -> Sequence[str]:
    """Save *entries*."""
    return await save(conn, entries, by=Author("thử", NOW))


async def read_all(conn: AsyncConnection, size: int = 1000) -> list[Entry]:
    """Return the whole catalog."""
    return [e async for page in reader.pages(conn, size=size) for e in page]


def without_revision(entry: Entry) -> Entry:
    """Return *entry* as it is stored, with revision 0."""
    return in_order(replace(entry[0], revision=0)), entry[1]


@contextmanager
def counted(conn: AsyncConnection) -> Iterator[list[str]]:
    """Collect the statements that are executed meanwhile."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(conn.sync_connection, "before_cursor_execute", note)
    yield seen
    event.remove(conn.sync_connection, "before_cursor_execute", note)


async def test_everything_that_is_saved_comes_back(conn: AsyncConnection) -> None:
    entry = make_entry(
        1,
        ocop_code="QN-1",
        alcohol_percent=29.5,
        certificates=(
            make_certificate(decision="", decided_on=None, year=2021, stars=None),
            make_certificate(
                revoked_by="9/QĐ-MẪU",
                revoked_on=date(2025, 1, 2),
                revocation_proposed=True,
                potential_5=True,
            ),
        ),
        papers=(make_paper(PaperKind.AGE_GATE, NOT_SO, date(2027, 1, 1)),),
        pictures=(
            Picture(url="https://mau.example/1.jpg", shows_ocop_mark=Fact.YES),
            Picture(url="https://mau.example/2.jpg"),
        ),
        stock_policy=StockPolicy.MIRROR,
        paused=True,
        not_in_source_since=date(2026, 5, 1),
    )
    await keep(conn, entry)

    assert await read_all(conn) == [(replace(entry[0], revision=1), entry[1])]


async def test_a_product_may_have_no_producer_and_nothing_else(
    conn: AsyncConnection,
) -> None:
    bare = make_product(
        producer_id=None, certificates=(), papers=(), pictures=(), variants=()
    )
    await keep(conn, (bare, None))

    assert await read_all(conn) == [(bare, None)]


async def test_an_instant_comes_back_in_utc(conn: AsyncConnection) -> None:
    hanoi = timezone(timedelta(hours=7))
    counted_at = datetime(2026, 11, 24, 9, 0, 0, 1, tzinfo=hanoi)
    await keep(conn, make_entry(1, variants=(make_variant(counted_at=counted_at),)))

    found = (await read_all(conn))[0][0].variants[0].counted_at
    assert found == counted_at
    assert found is not None
    assert found.tzinfo is UTC


async def test_a_naive_instant_is_refused(conn: AsyncConnection) -> None:
    naive = make_variant(counted_at=datetime(2026, 1, 1))  # noqa: DTZ001 (that is the case)

    with pytest.raises(Exception, match="naive"):
        await keep(conn, make_entry(1, variants=(naive,)))


async def test_pages_give_each_product_once_in_the_order_of_ids(
    conn: AsyncConnection,
) -> None:
    entries = [make_entry(number) for number in (7, 3, 1, 5, 2)]
    await keep(conn, *entries)

    sizes = [len(page) async for page in reader.pages(conn, size=2)]
    found = await read_all(conn, size=2)
    assert sizes == [2, 2, 1]
    assert [e[0].id[-1] for e in found] == ["1", "2", "3", "5", "7"]
    assert [without_revision(e) for e in found] == [
        without_revision(e) for e in sorted(entries, key=lambda entry: entry[0].id)
    ]


@pytest.mark.parametrize("products", [3, 40])
async def test_queries_do_not_grow_with_the_number_of_products(
    conn: AsyncConnection, products: int
) -> None:
    await keep(conn, *[make_entry(number) for number in range(products)])

    with counted(conn) as of_pages:
        await read_all(conn)
    with counted(conn) as of_get:
        await reader.get(conn, [f"SP-{n:05d}" for n in range(products)])
    assert len(of_pages) == 7  # the last one finds no further page
    assert len(of_get) == 6


async def test_get_returns_what_is_known_and_nothing_for_what_is_not(
    conn: AsyncConnection,
) -> None:
    await keep(conn, *[make_entry(number) for number in range(3)])

    found = await reader.get(conn, ["SP-00002", "SP-99999"])
    assert {id_: without_revision(e) for id_, e in found.items()} == {
        "SP-00002": without_revision(make_entry(2))
    }


async def test_products_are_found_by_sku_and_by_producer(conn: AsyncConnection) -> None:
    await keep(conn, *[make_entry(number) for number in range(4)])

    by_sku = await reader.products_by_sku(conn, ["SP-00003-1", "SP-00003-9"])
    by_maker = await reader.products_by_producer(conn, ["CS-0001"])
    assert by_sku == {"SP-00003-1": "SP-00003"}
    assert by_maker == ["SP-00002", "SP-00003"]


CHANGES = [
    pytest.param({"description": "khác"}, id="product"),
    pytest.param({"variants": (make_variant(price_vnd=1),)}, id="variant"),
    pytest.param({"certificates": (make_certificate(stars=3),)}, id="certificate"),
    pytest.param({"papers": ()}, id="papers"),
    pytest.param({"pictures": ()}, id="pictures"),
    pytest.param({"paused": True}, id="paused"),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_moves_the_revision_of_its_product_only(
    conn: AsyncConnection, change: dict[str, Any]
) -> None:
    first = make_entry(2, variants=(make_variant(),))
    await keep(conn, first, make_entry(4))
    before = await reader.current_revision(conn)

    changed = await keep(conn, (replace(first[0], **change), first[1]))

    assert changed == ["SP-00002"]
    found = await reader.changed_since(conn, before, limit=9)
    assert found == [("SP-00002", before + 1)]
    assert (await reader.get(conn, changed))["SP-00002"][0].revision == before + 1


async def test_a_changed_producer_moves_all_its_products(conn: AsyncConnection) -> None:
    await keep(conn, *[make_entry(number) for number in range(4)])
    before = await reader.current_revision(conn)
    item, maker = make_entry(2)
    moved = replace(maker, address=Address(text="Thôn khác"))

    changed = await keep(conn, (item, moved))

    found = await reader.changed_since(conn, before, limit=9)
    assert changed == ["SP-00002", "SP-00003"]
    assert sorted(id_ for id_, _ in found) == changed
    assert (await reader.get(conn, ["SP-00003"]))["SP-00003"][1] == moved


async def test_saving_the_same_again_changes_nothing(conn: AsyncConnection) -> None:
    entry = make_entry(
        1,
        papers=(make_paper(PaperKind.FOOD_SAFETY), make_paper(PaperKind.AGE_GATE)),
        variants=(make_variant(sku="SP-00001-2"), make_variant()),
    )
    await keep(conn, entry)
    before = await reader.current_revision(conn)

    with counted(conn) as statements:
        changed = await keep(conn, entry)

    assert changed == []
    assert await reader.current_revision(conn) == before
    assert not [s for s in statements if s.startswith(("UPDATE", "DELETE"))]


async def test_no_two_products_share_a_revision(conn: AsyncConnection) -> None:
    await keep(conn, *[make_entry(number) for number in range(5)])

    first = await reader.changed_since(conn, 0, limit=3)
    rest = await reader.changed_since(conn, first[-1][1], limit=3)
    numbers = [number for _, number in (*first, *rest)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5
    assert await reader.revisions(conn, ["SP-00000", "?"]) == dict(first[:1])


async def test_a_variant_cannot_be_lost(conn: AsyncConnection) -> None:
    entry = make_entry(1)
    await keep(conn, entry)

    with pytest.raises(CatalogError, match="SP-00001-1"):
        await keep(conn, (replace(entry[0], variants=()), entry[1]))


async def test_what_changes_in_papers_and_consent_is_in_the_history(
    conn: AsyncConnection,
) -> None:
    item, maker = make_entry(1)
    await keep(conn, (item, maker))
    later = Attested(value=Fact.YES, by="Phòng Khác", on=date(2026, 11, 1))
    papers = (make_paper(PaperKind.FOOD_SAFETY, later), item.papers[1])
    refused = replace(maker, consent=NOT_SO)

    await keep(conn, (replace(item, papers=papers), refused))

    rows = (
        await conn.execute(
            select(
                *PLACE, *VALUES, *field_change.c["changed_by", "changed_at"]
            ).order_by(field_change.c.n)
        )
    ).all()
    found = [change_of(row[: len(PLACE) + len(VALUES)]) for row in rows[-2:]]
    said = {"consent": "yes", "consent_by": SEEN.by, "consent_on": "2024-01-15"}
    seen = {
        "held": "yes",
        "held_by": SEEN.by,
        "held_on": "2024-01-15",
        "expires_on": None,
        "number": "",
        "issued_on": None,
    }
    assert [(each.where.subject, each.before, each.after) for each in found] == [
        ("CS-0000", said, {**said, "consent": "no"}),
        (
            "SP-00001",
            seen,
            {**seen, "held_by": "Phòng Khác", "held_on": "2026-11-01"},
        ),
    ]
    assert {(row.changed_by, row.changed_at) for row in rows} == {("thử", NOW)}


async def test_a_producer_without_a_product_can_be_saved(conn: AsyncConnection) -> None:
    maker = make_producer()
    changed = await save_producers(conn, [maker], by=Author("thử", NOW))

    assert changed == []
    assert await reader.get_producers(conn, [maker.id, "?"]) == {maker.id: maker}


async def test_names_sort_as_in_a_vietnamese_dictionary(conn: AsyncConnection) -> None:
    names = ["Ổi", "Đường", "Dừa", "Ấm", "Ăn", "An"]
    await keep(conn, *[make_entry(n, name=name) for n, name in enumerate(names)])

    found = await conn.execute(select(product.c.name).order_by(product.c.sort_key))
    assert list(found.scalars()) == ["An", "Ăn", "Ấm", "Dừa", "Đường", "Ổi"]


async def test_numbers_are_given_out_once(conn: AsyncConnection) -> None:
    first = await next_numbers(conn, PRODUCT, 3)
    await raise_to(conn, PRODUCT, 10)
    await raise_to(conn, PRODUCT, 7)
    second = await next_numbers(conn, PRODUCT, 1)

    assert (list(first), list(second)) == ([1, 2, 3], [11])


async def test_the_database_refuses_a_negative_stock(conn: AsyncConnection) -> None:
    await keep(conn, make_entry(1))
    texts = dict.fromkeys(("pack", "gtin", "net_quantity"), "")
    values = {"product_id": "SP-00001", "sku": "x", **texts}
    counts = {"on_hand": -1, "reserved": 0, "buffer": 0}

    with pytest.raises(Exception, match="counts_not_negative"):
        await conn.execute(insert(variant).values(**values, **counts))


QUERIES = [
    pytest.param(read_all, id="pages"),
    pytest.param(lambda c: reader.get(c, ["SP-00001", "SP-00002"]), id="get"),
    pytest.param(lambda c: reader.changed_since(c, 1, limit=5), id="changed_since"),
    pytest.param(lambda c: reader.revisions(c, ["SP-00001"]), id="revisions"),
    pytest.param(lambda c: reader.products_by_sku(c, ["a"]), id="sku"),
    pytest.param(lambda c: reader.products_by_producer(c, ["a"]), id="producer"),
    pytest.param(lambda c: reader.products_by_source(c, "a"), id="source"),
    pytest.param(lambda c: known_bodies(c, [date(2024, 4, 3)]), id="authority"),
]


@pytest.mark.parametrize("query", QUERIES)
async def test_no_query_scans_a_table(query: Any) -> None:
    async with open_catalog() as conn:
        await keep(conn, *[make_entry(number) for number in range(3)])
        with counted(conn) as statements:
            await query(conn)
        assert statements
        for statement in statements:
            plan = await explain(conn, statement)
            assert not [step for step in plan if step.startswith("SCAN")], plan
            assert not [step for step in plan if "TEMP B-TREE" in step], plan


async def explain(conn: AsyncConnection, statement: str) -> list[str]:
    """Return the steps in which SQLite carries *statement* out."""
    bound = statement.replace("?", "'1'")
    rows = await conn.execute(text(f"EXPLAIN QUERY PLAN {bound}"))
    return [row.detail for row in rows]
