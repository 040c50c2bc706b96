"""A file is evaluated while others write, and written in one short transaction."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.sell import record_sales
from catalog.commands.update import set_price
from catalog.db import reader
from catalog.db.history import Author
from catalog.db.imports import list_imports
from catalog.db.writer import save, save_producers
from catalog.eligibility import load_rules
from catalog.errors import MovingCatalogError
from catalog.feed.rows.row import ProblemKind
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluated_file import FileImport, FileToImport
from catalog.imports.import_apart import MOST_TRIES, import_apart
from catalog.imports.import_file import import_file
from catalog.model.sale import Sale
from catalog.undo.undo import undo_import
from catalog.values import replace
from ocop_sync.store.db.database import Database
from tests.catalog_database import NOW, as_csv
from tests.factories import make_producer, person
from tests.world import World

pytestmark = pytest.mark.postgresql

Act = Callable[[AsyncConnection], Awaitable[Any]]
Row = Mapping[str, object]

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001", "pack": "Hộp"}
RICE = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002", "pack": "Túi"}
LATER = NOW + timedelta(hours=1)


class Busy:
    """A database in which others write while a file is evaluated.

    Attributes:
        acts: What they do, one act at each evaluation, before that ends.
        evaluations: How often the catalog was opened to be read.
    """

    def __init__(self, database: Database, *acts: Act) -> None:
        self._database = database
        self.acts = list(acts)
        self.evaluations = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        self.evaluations += 1
        async with self._database.read() as conn:
            yield conn
            if self.acts:  # nobody waits for the reader, whose state is still open
                await self._database.write(self.acts.pop(0))

    async def write(self, work: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
        return await self._database.write(work)

    async def write_prepared(
        self,
        prepare: Callable[[AsyncConnection], Awaitable[Any]],
        work: Callable[[AsyncConnection, Any], Awaitable[Any]],
    ) -> Any:
        return await self._database.write_prepared(prepare, work)


class OnlyRead(Busy):
    """A database that nobody may write to."""

    async def write(self, work: object) -> Any:
        raise AssertionError(work)

    async def write_prepared(self, prepare: object, work: object) -> Any:
        raise AssertionError(prepare, work)


def sheet(*rows: Row, source: str = "so") -> FileToImport:
    return FileToImport(stream=as_csv(*rows), name="so.csv", source=source)


async def take_in(database: Any, *rows: Row, **kinds: Any) -> FileImport:
    return await import_apart(database, sheet(*rows), now=lambda: LATER, **kinds)


async def stored(world: World, *rows: Row) -> None:
    await world.database.write(lambda conn: import_file(conn, sheet(*rows), now=NOW))


async def prices(world: World) -> list[int | None]:
    async with world.database.read() as conn:
        pages = [entry async for page in reader.pages(conn) for entry in page]
    return [pack.price_vnd for item, _ in pages for pack in item.variants]


def priced(sku: str, price_vnd: int) -> Act:
    by = person("Ng. Văn A")
    return lambda conn: set_price(conn, sku, price_vnd, by=by, now=LATER)


async def test_a_price_that_changes_meanwhile_is_evaluated_again_and_not_overwritten(
    world: World,
) -> None:
    await stored(world, {**TEA, "price_vnd": 90_000})
    busy = Busy(world.database, priced("SP-00001-1", 95_000))

    found = await take_in(busy, {**TEA, "price_vnd": 100_000})

    (problem,) = found.report.problems
    assert (problem.kind, problem.known) == (ProblemKind.CONFLICT, "95000")
    assert await prices(world) == [95_000]
    assert busy.evaluations == 2
    assert "evaluated again" in found.notes[-1].en


async def test_a_price_that_goes_there_and_back_meanwhile_is_somebody_elses(
    world: World,
) -> None:
    await stored(world, {**TEA, "price_vnd": 90_000})

    async def there_and_back(conn: AsyncConnection) -> None:
        await priced("SP-00001-1", 95_000)(conn)
        await priced("SP-00001-1", 90_000)(conn)

    found = await take_in(
        Busy(world.database, there_and_back), {**TEA, "price_vnd": 100_000}
    )

    assert [each.kind for each in found.report.problems] == [ProblemKind.CONFLICT]
    assert await prices(world) == [90_000]


async def test_a_second_import_in_between_makes_no_second_product(world: World) -> None:
    def other(conn: AsyncConnection) -> Awaitable[FileImport]:
        return import_file(conn, sheet(TEA), now=LATER)

    found = await take_in(Busy(world.database, other), TEA, RICE)

    assert found.report.created == ["SP-00002"]
    assert len(await prices(world)) == 2


async def test_an_import_that_only_names_products_in_between_counts_as_well(
    world: World,
) -> None:
    await stored(world, TEA, RICE)

    def other(conn: AsyncConnection) -> Awaitable[FileImport]:
        return import_file(conn, sheet(TEA, source="huyện"), now=LATER)

    busy = Busy(world.database, other)
    found = await take_in(busy, RICE, {**RICE, "name": "Gạo tẻ Mẫu"})

    async with world.database.read() as conn:
        tea = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    assert found.report.missing == ["SP-00001"]
    assert tea.not_in_source_since is None
    assert busy.evaluations == 2


async def test_an_undoing_in_between_counts_as_well(world: World) -> None:
    teas = [{**TEA, "name": f"Trà Mẫu {n}", "price_vnd": 90_000} for n in range(5)]
    await stored(world, *teas)
    await stored(world, {**teas[0], "price_vnd": 91_000}, *teas[1:4])

    async def undo(conn: AsyncConnection) -> None:
        seen = await undo_import(conn, 2, now=LATER, rules=load_rules())
        confirmed = Confirmation(token=seen.token, by=person("Ng. Văn A"))
        rules = load_rules()
        await undo_import(conn, 2, now=LATER, rules=rules, confirmed=confirmed)

    found = await take_in(Busy(world.database, undo), *teas[1:4])

    assert found.report.missing == ["SP-00001", "SP-00005"]


async def test_a_producer_without_products_that_is_new_meanwhile_is_found(
    world: World,
) -> None:
    maker = make_producer(id="CS-0009", name="Cơ sở Mẫu 001")

    def other(conn: AsyncConnection) -> Awaitable[object]:
        return save_producers(conn, [maker], by=Author("kiểm thử", LATER))

    await take_in(Busy(world.database, other), TEA)

    async with world.database.read() as conn:
        tea = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    assert tea.producer_id == "CS-0009"


async def test_changes_that_no_row_is_compared_with_cost_no_second_evaluation(
    world: World,
) -> None:
    await stored(world, TEA, {**RICE, "price_vnd": 30_000})
    sale = Sale(order_line="D-1", sku="SP-00001-1", quantity=1, sold_at=LATER)

    async def sale_and_price(conn: AsyncConnection) -> None:
        await record_sales(conn, "memory", [sale], now=LATER)
        await priced("SP-00002-1", 31_000)(conn)

    busy = Busy(world.database, sale_and_price)
    found = await take_in(busy, {**TEA, "price_vnd": 100_000})

    assert busy.evaluations == 1
    assert found.report.changed == ["SP-00001", "SP-00002"]
    assert await prices(world) == [100_000, 31_000]


DECIDED = {
    **TEA,
    "stars": 4,
    "decision": "7/QĐ-UBND",
    "body": "tỉnh",
    "decided_on": "2024-04-03",
}


@pytest.mark.parametrize(
    ("price_vnd", "body", "evaluations"),
    [
        pytest.param(95_000, "tỉnh", 1, id="price"),
        pytest.param(None, "huyện", 2, id="certificate"),
    ],
)
async def test_of_a_product_with_the_same_decision_its_certificates_alone_concern_rows(
    world: World, price_vnd: int | None, body: str, evaluations: int
) -> None:
    await stored(world, DECIDED)
    tea = (await world.database.fetch(reader.get, ["SP-00001"]))["SP-00001"][0]

    async def change_tea(conn: AsyncConnection) -> None:
        (pack,), (held,) = tea.variants, tea.certificates
        changed = replace(
            tea,
            variants=(replace(pack, price_vnd=price_vnd),),
            certificates=(replace(held, body=body),),
        )
        await save(conn, [(changed, None)], by=Author("Ng. Văn A", LATER))

    busy = Busy(world.database, change_tea)
    await take_in(busy, {**DECIDED, "name": "Chè Mẫu khác", "producer_name": "Khác"})

    assert busy.evaluations == evaluations


async def test_the_last_try_keeps_others_out_so_that_it_ends(world: World) -> None:
    await stored(world, {**TEA, "price_vnd": 90_000})
    changes = [priced("SP-00001-1", 90_000 + n) for n in range(1, 9)]
    busy = Busy(world.database, *changes)

    found = await take_in(busy, {**TEA, "description": "Hái lúc sớm"}, tries=2)

    assert busy.evaluations == 2
    assert found.report.changed == ["SP-00001"]
    assert await prices(world) == [90_002]


async def test_a_file_that_takes_long_is_refused_rather_than_keeping_others_out(
    world: World,
) -> None:
    await stored(world, {**TEA, "price_vnd": 90_000})
    changes = [priced("SP-00001-1", 90_000 + n) for n in range(1, 99)]
    busy = Busy(world.database, *changes)
    hours = itertools.count()

    with pytest.raises(MovingCatalogError, match="nothing was imported"):
        await take_in(
            busy,
            {**TEA, "description": "Hái lúc sớm"},
            seconds=lambda: 3600.0 * next(hours),
        )

    assert busy.evaluations == MOST_TRIES
    assert await prices(world) == [90_000 + MOST_TRIES]


async def test_a_file_that_is_only_checked_takes_no_lock(world: World) -> None:
    found = await take_in(OnlyRead(world.database), TEA, check=True)

    assert found.report.created == ["SP-00001"]
    assert not found.report.written


async def test_importing_apart_twice_changes_nothing(world: World) -> None:
    rows = ({**TEA, "price_vnd": 90_000}, {**RICE, "stars": 4, "year": 2025})
    await take_in(world.database, *rows)
    async with world.database.read() as conn:
        before = await reader.current_revision(conn)

    again = await take_in(world.database, *rows)

    async with world.database.read() as conn:
        assert await reader.current_revision(conn) == before
        assert len(await list_imports(conn, limit=9)) == 1
    assert again.report.unchanged == 2
