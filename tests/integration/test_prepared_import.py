"""An import is made into rows before it takes the lock, and comes in as a whole."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.update import set_price
from catalog.db import prepared, reader
from catalog.db.imports import list_imports
from catalog.db.kept_changes import all_changes
from catalog.imports.evaluated_file import FileImport, FileToImport
from catalog.imports.import_apart import import_apart
from catalog.model.fact import Fact
from ocop_sync.store.db.database import Database
from tests.catalog_database import NOW, as_csv
from tests.factories import person
from tests.world import World

pytestmark = pytest.mark.postgresql

Work = Callable[[AsyncConnection], Awaitable[Any]]

LATER = NOW + timedelta(hours=1)


def teas(count: int, price_vnd: int = 90_000, **cells: object) -> FileToImport:
    rows = (
        {
            "name": f"Trà Mẫu {n:03}",
            "producer_name": f"Cơ sở Mẫu {n % 3:03}",
            "pack": "Hộp",
            "price_vnd": price_vnd,
            "stars": 4,
            "year": 2025,
            "food_safety": "yes",
            **cells,
        }
        for n in range(1, count + 1)
    )
    return FileToImport(stream=as_csv(*rows), name="so.csv", source="so")


class Watched:
    """A database in which something happens between preparing and writing.

    Attributes:
        statements: How many statements were sent while the lock was held.
        meanwhile: What others do once an import is prepared, the first time.
        explains: Whether the plans of the statements upon prepared rows are noted.
        plans: The steps of those plans.
    """

    def __init__(self, database: Database, meanwhile: Work | None = None) -> None:
        self.read = database.read
        self.write = database.write
        self.statements = 0
        self.meanwhile = meanwhile
        self.explains = False
        self.plans: list[str] = []
        self._database = database

    async def write_prepared(
        self,
        prepare: Callable[[AsyncConnection], Awaitable[Any]],
        work: Callable[[AsyncConnection, Any], Awaitable[Any]],
    ) -> Any:
        async def prepared(conn: AsyncConnection) -> Any:
            ready = await prepare(conn)
            if act := self.meanwhile:
                self.meanwhile = None
                await self._database.write(act)
            return ready

        async def counted(conn: AsyncConnection, ready: Any) -> Any:
            def count(_: Any, cursor: Any, statement: str, *given: Any) -> None:
                self.statements += 1
                if (
                    self.explains
                    and "prepared_" in statement
                    and "CREATE" not in statement
                ):
                    rows = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given[0])
                    self.plans += [row[3] for row in rows.fetchall()]

            event.listen(conn.sync_connection, "before_cursor_execute", count)
            try:
                return await work(conn, ready)
            finally:
                event.remove(conn.sync_connection, "before_cursor_execute", count)

        return await self._database.write_prepared(prepared, counted)


async def take_in(database: Any, file: FileToImport) -> FileImport:
    return await import_apart(database, file, now=lambda: LATER)


async def prices(world: World) -> set[int | None]:
    async with world.database.read() as conn:
        pages = [entry async for page in reader.pages(conn) for entry in page]
    return {pack.price_vnd for item, _ in pages for pack in item.variants}


async def test_the_lock_is_held_for_as_many_statements_however_much_comes_in(
    world: World,
) -> None:
    counts = []
    for size in (3, 150):
        watched = Watched(world.database)
        await take_in(watched, teas(size))
        again = Watched(world.database)
        await take_in(again, teas(size, 95_000 + size, food_safety="no"))
        counts.append((watched.statements, again.statements))

    few, many = counts
    assert many[0] <= few[0] + 4  # products that were there already: other parts
    assert many[1] <= few[1]


async def test_under_the_lock_no_table_of_the_catalog_is_read_whole(
    world: World,
) -> None:
    await take_in(world.database, teas(3))
    watched = Watched(world.database)
    watched.explains = world.database.dialect == "sqlite"

    await take_in(watched, teas(3, 95_000, food_safety="no", description="Hái sớm"))

    read_whole = {each for each in watched.plans if "SCAN" in each}
    assert {each.split()[1].partition("_")[0] for each in read_whole} <= {"prepared"}
    assert bool(watched.plans) == watched.explains


async def test_what_others_write_while_an_import_is_made_into_rows_is_not_lost(
    world: World,
) -> None:
    await take_in(world.database, teas(2))

    async def other_price(conn: AsyncConnection) -> None:
        await set_price(conn, "SP-00001-1", 99_000, by=person("Ng. Văn A"), now=LATER)

    watched = Watched(world.database, other_price)
    found = await take_in(watched, teas(2, 95_000))

    assert watched.meanwhile is None  # nobody waited for the import
    assert "evaluated again" in found.notes[-1].en
    assert await prices(world) == {99_000, 95_000}


async def test_an_import_that_breaks_off_once_it_is_prepared_leaves_nothing(
    world: World,
) -> None:
    class TornError(Exception):
        pass

    class Torn(Watched):
        async def write_prepared(self, prepare: Any, work: Any) -> Any:
            async def torn(conn: AsyncConnection, ready: Any) -> None:
                await work(conn, ready)
                raise TornError

            return await self._database.write_prepared(prepare, torn)

    with pytest.raises(TornError):
        await take_in(Torn(world.database), teas(3))

    assert await prices(world) == set()
    async with world.database.read() as conn:
        assert await list_imports(conn, limit=9) == []
        with pytest.raises(Exception, match="prepared_product"):
            await conn.execute(text("SELECT 1 FROM prepared_product"))
    found = await take_in(world.database, teas(3))
    assert len(found.report.created) == 3


async def test_each_change_of_an_import_has_its_products_revision_and_the_one_before(
    world: World,
) -> None:
    await take_in(world.database, teas(2))
    await take_in(world.database, teas(2, 95_000, description="Hái lúc sớm"))

    async with world.database.read() as conn:
        first, second = await all_changes(conn, 1), await all_changes(conn, 2)
        rows = await conn.execute(
            text(
                "SELECT c.revision, p.revision, c.stands FROM field_change c"
                " JOIN product p ON p.id = c.subject WHERE c.import_id = 2"
            )
        )
        assert {(row[0] == row[1], bool(row[2])) for row in rows} == {(True, True)}
    assert {each.where.field for each in second} == {"price_vnd", "description"}
    assert all(each.supersedes is None for each in first)
    touches = {each.touch.by for each in second if each.touch is not None}
    assert touches <= {"import so"}


async def test_rows_that_come_in_some_after_the_others_are_all_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "_BROUGHT", 2)
    await take_in(world.database, teas(5))
    await take_in(world.database, teas(5, 95_000, food_safety="no"))

    async with world.database.read() as conn:
        items = [item async for page in reader.pages(conn) for item, _ in page]
        noted = await all_changes(conn, 2)
    assert len({each.revision for each in items}) == len(items) == 5
    for item in items:
        assert [each.price_vnd for each in item.variants] == [95_000]
        assert [each.held.value for each in item.papers] == [Fact.NO]
        assert len(item.certificates) == 1
    changed = [(each.where.subject, each.where.entity) for each in noted]
    assert len(changed) == len(set(changed)) == 10
