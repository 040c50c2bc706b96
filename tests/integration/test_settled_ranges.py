"""Ranges of settled products are passed over as long as nothing of theirs changes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Float,
    Integer,
    Table,
    event,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime
from catalog.commands import sell
from catalog.db import digests, reader
from catalog.db import tables as catalog_tables
from catalog.model.sale import Sale
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.marketplace.listing import Facet, Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions.mappings import replace_mapping
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.case import freshness_of
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run import settled_ranges
from ocop_sync.service.run.settled_ranges import Ranges
from ocop_sync.service.sync.store_and_gate import StoreAndGate
from ocop_sync.service.sync.sync import sync
from ocop_sync.store import tables
from ocop_sync.store.listings import records
from ocop_sync.store.listings import settled_ranges as kept
from tests.factories import make_certificate, make_mapping, person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

ALL_TABLES = {
    **catalog_tables.metadata.tables,
    **tables.metadata.tables,
}
OTHERS = {Integer: 3, BigInteger: 99, Boolean: True, Float: 0.1, Date: date(2001, 1, 1)}
"""A value that no row of the world has, by the type of a column."""


async def settle(world: World, count: int = 3) -> None:
    """Put products on sale, and sync until everything is passed over."""
    await listed(world, count)
    await come_to_rest(world)


async def come_to_rest(world: World) -> None:
    for _ in range(5):
        world.time.pass_(minutes=20)
        if (await world.sync()).passed_over:
            return
    raise AssertionError


async def passed(world: World) -> dict[str, int]:
    return (await world.sync()).passed_over


async def write(world: World, *statements: Any) -> None:
    async def carry_out(conn: AsyncConnection) -> None:
        for each in statements:
            await conn.execute(each)

    await world.database.write(carry_out)


async def ranges(world: World) -> list[kept.SettledRange]:
    return await world.database.fetch(kept.stored, ["memory"])


async def test_what_has_not_changed_is_passed_over(world: World) -> None:
    await settle(world)

    report = await world.sync()

    assert report.passed_over == {"memory": 3}
    assert report.long_way == ""


async def test_what_a_first_sync_has_put_on_sale_is_passed_over_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settled_ranges, "SIZE", 2)
    await listed(world, 5)
    drafted = _drafted(monkeypatch)

    assert await passed(world) == {"memory": 5}
    assert drafted == []


async def test_what_waits_beside_all_that_has_been_settled_is_evaluated_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Refused((Problem(code="reserved", message="Đang giữ"),), for_now=True)
    world.market.script("create", later, client_ref="SP-00002", times=100)
    await listed(world)
    drafted = _drafted(monkeypatch)

    assert await passed(world) == {"memory": 3}
    assert set(drafted) == {"SP-00002"}


async def _a_change(world: World) -> None:
    await world.change("SP-00002", description="Bản mới")


async def _another_print(world: World) -> None:
    await write(
        world,
        update(tables.listing)
        .where(tables.listing.c.product_id == "SP-00002")
        .values(settled_fingerprint="another"),
    )


async def _a_lost_row(world: World) -> None:
    is_it = tables.listing.c.product_id == "SP-00002"
    await write(world, tables.listing.delete().where(is_it))


async def _a_row_too_many(world: World) -> None:
    await _a_lost_row(world)
    one = {c.name: c for c in tables.listing.c} | {"product_id": literal("SP-0X")}
    copied = select(*one.values()).where(tables.listing.c.product_id == "SP-00001")
    await write(
        world,
        tables.listing.insert().from_select([*one], copied),
        update(tables.listing)
        .where(tables.listing.c.product_id == "SP-0X")
        .values(settled_fingerprint=""),
    )


@pytest.mark.parametrize(
    "act", [_a_change, _another_print, _a_lost_row, _a_row_too_many]
)
async def test_what_is_no_longer_as_it_was_evaluated_is_not_passed_over(
    world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[World], Any]
) -> None:
    keep = StoreAndGate.keep_settled

    async def acted(self: StoreAndGate) -> None:
        monkeypatch.undo()
        await act(world)
        await keep(self)

    monkeypatch.setattr(StoreAndGate, "keep_settled", acted)
    await listed(world)

    assert await passed(world) == {}


async def test_the_first_sync_after_a_change_evaluates_its_range(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settled_ranges, "SIZE", 1)
    await settle(world, 6)
    drafted = _drafted(monkeypatch)
    await world.change("SP-00003", description="Bản mới")

    assert await passed(world) == {"memory": 5}
    assert set(drafted) == {"SP-00003"}
    world.time.pass_(minutes=20)
    await world.sync()
    assert await passed(world) == {"memory": 6}


def _drafted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the products that will be worked out, one after the other."""
    drafted, draft = list[str](), Evaluator.draft

    def noted(self: Evaluator, entry: Any) -> Any:
        drafted.append(entry[0].id)
        return draft(self, entry)

    monkeypatch.setattr(Evaluator, "draft", noted)
    return drafted


async def test_whatever_a_walk_reads_of_settled_products_is_held_against(
    world: World,
) -> None:
    """No column can be forgotten: those that are read are taken from the statements."""
    await settle(world)
    await write(world, *_more_rows(world.time()))
    await come_to_rest(world)
    read = await _read_of(world)
    before = await _digests(world)

    assert {"product", "producer", "variant", "certificate", "paper"} <= read.keys()
    assert {"sale", "adjustment", "import_effect", "confirmed_end"} <= read.keys()
    for name, columns in read.items():
        for column in columns:
            changed = await _changed(world, ALL_TABLES[name], column)
            assert changed != before, f"{name}.{column}"


def _more_rows(now: datetime) -> list[Any]:
    """Return rows of tables that a small world has none in."""
    t = catalog_tables
    made = {"source": "x", "file": "x", "imported_at": now, "confirmed_by": ""}
    effect = {"kind": "consent", "key": "", "import_id": 1, "stands": True}
    moved = {"reason": "other", "happened_at": now, "entered_at": now}
    return [
        t.catalog_import.insert().values(id=1, **made),
        t.import_effect.insert().values(product_id="SP-00001", asks=False, **effect),
        t.confirmed_end.insert().values(product_id="SP-00001", ends_on="2020-01-01"),
        t.adjustment.insert().values(n=1, sku="SP-00001-1", delta=1, **moved),
        t.sale.insert().values(
            channel="x",
            order_line="x",
            n=1,
            sku="SP-00001-1",
            quantity=1,
            sold_at=now,
            heard_at=now,
        ),
    ]


async def _read_of(world: World) -> dict[str, set[str]]:
    """Return the columns that the long way reads, by table."""
    statements: list[Any] = []

    def note(_conn: Any, element: Any, *_: Any) -> None:
        statements.append(element)

    engine = world.database._reader.sync_engine
    event.listen(engine, "before_execute", note)
    try:
        async with world.database.read() as conn:
            at = await freshness_of(conn, ["memory"])
            evaluator = Evaluator(world.deployment, at, world.time())
            async for page in reader.pages(conn):
                list(map(evaluator.draft, page))
            await records.settled(conn, "memory", "", "SP-99999")
    finally:
        event.remove(engine, "before_execute", note)
    text = "\n".join(str(each) for each in statements[1:])
    return {
        name: {c.name for c in table.c if f"{name}.{c.name}" in text}
        for name, table in ALL_TABLES.items()
        if name != "account" and f"{name}." in text
    }


async def _changed(world: World, table: Table, column: str) -> list[bytes]:
    """Return the digests with another value in that column; it is put back then."""
    kind = table.c[column].type
    value: Any = "x9"
    for each, other in OTHERS.items():
        if isinstance(kind, each):
            value = other
    if isinstance(kind, UtcDateTime):
        value = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    if isinstance(kind, Boolean):
        value = ~table.c[column]
    row = select(*table.primary_key).limit(1)
    first = (await world.database.fetch(_first, row))._mapping
    chosen = [c == first[c.name] for c in table.primary_key]
    found: list[bytes] = []

    async def look(conn: AsyncConnection) -> None:
        if conn.dialect.name == "sqlite":
            await conn.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            await conn.exec_driver_sql("SET LOCAL session_replication_role='replica'")
        await conn.execute(update(table).where(*chosen).values({column: value}))
        found.extend(await _digests_in(conn))
        raise _PutBackError

    with pytest.raises(_PutBackError):
        await world.database.write(look)
    return found


class _PutBackError(Exception):
    """Undoes a transaction."""


async def _first(conn: AsyncConnection, row: Any) -> Any:
    return (await conn.execute(row)).one()


async def _digests(world: World) -> list[bytes]:
    return await world.database.fetch(_digests_in)


async def _digests_in(conn: AsyncConnection) -> list[bytes]:
    content = await digests.content_of(conn, "", None)
    found = await kept.settled_in(conn, "memory", "", None)
    return [content.digest, found.digest]


async def test_of_what_decides_a_wanted_listing_only_known_terms_are_asked(
    world: World,
) -> None:
    """Whoever has it depend on more must put that into the terms' version as well."""
    asked = set[str]()

    class Noting:
        def __init__(self, of: Any, name: str) -> None:
            self._of, self._name = of, name

        def __getattr__(self, name: str) -> Any:
            asked.add(f"{self._name}.{name}")
            return getattr(self._of, name)

    at = await world.database.fetch(freshness_of, ["memory"])
    (site,) = world.deployment.sites
    evaluator: Any = Evaluator(
        Noting(world.deployment, "deployment"),  # type: ignore[arg-type]
        Noting(at, "freshness"),  # type: ignore[arg-type]
        world.time(),
    )

    evaluator.placed(Noting(site, "site"), evaluator.draft(entry()))

    assert asked == {
        *("deployment.rules", "deployment.marketplaces_of"),
        *("site.name", "site.conditions"),
    }


async def _another_mapping(world: World) -> None:
    await replace_mapping(
        world.database,
        "memory",
        make_mapping(mapping_version=9),
        by=person("Sở Mẫu"),
        clock=world.time,
        adapter=world.deployment.sites[0].adapter,
    )


async def _another_rule(world: World) -> None:
    rules = replace(world.deployment.rules, version="another")
    world.deployment = replace(world.deployment, rules=rules)


async def _another_policy(world: World) -> None:
    (old,) = world.deployment.sites
    policy = dict.fromkeys(Facet, Policy.ACCEPT)
    site = Site(old.name, old.adapter, [*old.accounts.values()], policy=policy)
    world.deployment = replace(world.deployment, sites=(site,))


async def _another_capability(world: World) -> None:
    (old,) = world.deployment.sites
    can = replace(
        old.adapter.capabilities, has_gtin=not old.adapter.capabilities.has_gtin
    )
    kind = type("Other", (old.adapter,), {"capabilities": can})
    site = Site(old.name, kind, [*old.accounts.values()])
    world.deployment = replace(world.deployment, sites=(site,))


async def _a_sale(world: World) -> None:
    sale = Sale(
        order_line="1",
        sku="SP-00001-1",
        quantity=1,
        sold_at=world.time(),
        is_exact=True,
    )
    await world.database.write(
        lambda conn: sell.record_sales(conn, "memory", [sale], now=world.time())
    )


async def _an_end(world: World) -> None:
    world.time.now = datetime.fromisoformat("2026-05-11T00:00:00+07:00")


async def _clock_put_back(world: World) -> None:
    world.time.pass_(hours=-1)


async def _a_new_product(world: World) -> None:
    await world.save(entry(4))


@pytest.mark.parametrize(
    "act",
    [
        *(_another_mapping, _another_rule, _another_policy, _another_capability),
        *(_a_sale, _an_end, _clock_put_back, _a_new_product),
    ],
)
async def test_whatever_may_decide_otherwise_has_everything_evaluated(
    world: World, act: Callable[[World], Any]
) -> None:
    await settle(world)
    await act(world)

    assert await passed(world) == {}


async def test_other_code_has_everything_evaluated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settle(world)
    name = "ocop_sync.service.evaluate.terms_version._code_of"
    monkeypatch.setattr(name, lambda package: package.encode())

    assert await passed(world) == {}


async def test_what_is_not_settled_is_evaluated_in_a_range_that_is_passed_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settle(world)
    ref = world.market.shelf.of("SP-00002")[0].ref
    world.market.shelf.edit(ref, title="Tên khác")
    world.time.pass_(hours=25)
    await world.sync()
    await world.sync()
    assert (await world.record("SP-00002")).state.edited is not None
    drafted = _drafted(monkeypatch)

    assert await passed(world) == {"memory": 3}
    assert set(drafted) == {"SP-00002"}


async def test_everything_is_evaluated_when_it_is_asked_for_and_once_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settle(world)
    drafted = _drafted(monkeypatch)

    asked = await sync(world.deployment, full=True)
    assert (asked.long_way, asked.passed_over) == ("asked", {})
    assert len(drafted) == 3
    world.time.pass_(hours=23)
    assert (await world.sync()).long_way == ""
    world.time.pass_(hours=1)
    assert (await world.sync()).long_way == "daily"
    assert (await world.sync()).long_way == ""


async def test_a_range_is_evaluated_once_a_verdict_of_it_has_changed_by_itself(
    world: World,
) -> None:
    await settle(world)
    ends_today = make_certificate(decided_on=date(2021, 3, 1))
    await world.change(certificates=(ends_today,))
    await come_to_rest(world)
    world.time.pass_(minutes=20)
    assert await passed(world) == {"memory": 3}

    world.time.pass_(hours=13)

    assert await passed(world) == {}
    assert world.written() == ["set_stars"]


async def test_a_range_that_has_grown_is_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settled_ranges, "SIZE", 2)
    await settle(world, 4)
    assert [each.end_id for each in await ranges(world)] == [None]
    await world.save(*(entry(n) for n in range(5, 10)))
    for _ in range(3):
        await world.sync()
        world.time.pass_(minutes=20)

    ends = [each.end_id for each in await ranges(world)]

    assert ends == ["SP-00002", "SP-00004", "SP-00006", None]
    assert await passed(world) == {"memory": 9}


async def test_a_listing_whose_product_is_lost_is_found_in_any_range(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settled_ranges, "SIZE", 1)
    await settle(world, 4)
    await write(
        world,
        *(
            table.delete().where(column == "SP-00004")
            for table in reversed(catalog_tables.metadata.sorted_tables)
            for column in [table.c.get("product_id")]
            if column is not None
        ),
        catalog_tables.product.delete().where(
            catalog_tables.product.c.id == "SP-00004"
        ),
    )

    before = await world.record("SP-00004")

    await world.sync()

    assert (await world.record("SP-00004")).decision is not before.decision


async def test_a_range_that_was_thought_to_be_settled_and_is_not_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await settle(world)
    await write(world, update(tables.listing).values(settled_fingerprint="wrong"))
    monkeypatch.setattr(Ranges, "_is_same", lambda *_: True)

    with caplog.at_level(logging.ERROR):
        await sync(world.deployment, full=True)

    assert "a range that would have been passed over is not settled" in caplog.text
