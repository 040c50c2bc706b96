"""A full disk, a lost server, a database file that is gone: one sentence, nothing lost.

A file that may not grow stands for a full disk: SQLite says the same of both.
"""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from ocop_sync.cli.worker import sync_regularly
from ocop_sync.errors import DatabaseGoneError, StorageError
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.db import database
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.outage import outage_of
from ocop_sync.worker import LOOK_S
from tests.factories import make_variant
from tests.world import World, entry, open_world

pytestmark = pytest.mark.postgresql

LONG_LEASE = timedelta(minutes=5)
"""Its heartbeat pauses longer than a worker between two looks at the clock."""


def with_sleep(world: World, sleep: Any) -> Deployment:
    limits = replace(world.deployment.limits, lease_lasts=LONG_LEASE)
    world.deployment = replace(world.deployment, limits=limits, sleep=sleep)
    return world.deployment


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose database is a file of SQLite."""
    async with open_world(f"sqlite:///{tmp_path}/ocop.db") as world:
        yield world


async def limit(world: World, pages: int) -> None:
    """Let the database's file have *pages* more pages than now, and no more."""

    async def set_(conn: Any) -> None:
        now = (await conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await conn.exec_driver_sql(f"PRAGMA max_page_count={now + pages}")

    await world.database.write(set_)


async def why_not(world: World) -> str:
    """Return why a sync was of no use: it may end, or leave its account alone."""
    try:
        return " ".join((await world.sync()).stopped.values())
    except StorageError as error:
        return str(error)


async def fill(world: World) -> None:
    for n in range(10, 400):
        await world.save(entry(n))


async def test_a_full_disk_is_told_in_one_sentence_and_nothing_is_lost(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    await limit(world, 0)
    with pytest.raises(StorageError, match=r"ổ đĩa đầy.*the disk is full"):
        await fill(world)

    assert "the disk is full" in await why_not(world)
    sent_meanwhile = len(world.market.shelf.listings)
    await limit(world, 100_000)
    world.time.pass_(minutes=2)
    await world.sync()
    await world.sync()

    assert sent_meanwhile == 0
    shown = [each.shown.client_ref for each in world.market.shelf.listings.values()]
    assert {"SP-00001", "SP-00002"} <= set(shown)
    assert len(shown) == len(set(shown))
    assert world.written() == []


async def test_a_worker_puts_off_what_does_not_fit_and_goes_on_with_space(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await world.save(entry(1))
    await limit(world, 0)
    with pytest.raises(StorageError):
        await fill(world)
    has_room = False

    async def sleep(seconds: float) -> None:
        nonlocal has_room
        if seconds > 60:  # a heartbeat's pause
            await asyncio.get_running_loop().create_future()
        world.time.pass_(seconds=seconds)
        if seconds == LOOK_S and not has_room:
            has_room = True
            await limit(world, 100_000)
            world.time.now -= timedelta(seconds=70)  # it syncs at once, then
        elif seconds == LOOK_S:
            world.deployment.stop.ask("xong")

    deployment = with_sleep(world, sleep)
    async with asyncio.timeout(30):
        await sync_regularly(
            deployment, every=timedelta(days=1), follow_for=timedelta(0)
        )

    assert "ổ đĩa đầy" in str([each.__dict__ for each in caplog.records])
    assert all(each.exc_info is None for each in caplog.records)
    found = world.market.shelf.listings.values()
    assert "SP-00001" in [each.shown.client_ref for each in found]


@pytest.mark.parametrize("replaced", [False, True], ids=["deleted", "replaced"])
async def test_nothing_is_sent_once_the_database_file_is_gone(
    world: World, tmp_path: Path, replaced: bool
) -> None:
    await world.save(entry(1))
    await world.sync()
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000)
    await world.change(variants=(pack,))
    file = tmp_path / "ocop.db"
    if replaced:
        shutil.copy(file, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(file)
    else:
        file.unlink()

    with pytest.raises(DatabaseGoneError, match=r"ocop\.db.*was deleted or replaced"):
        await world.sync()

    assert world.written() == []


async def test_a_worker_whose_database_file_is_gone_stops_and_says_so(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await world.save(entry(1))

    async def sleep(seconds: float) -> None:
        if seconds > 60:  # a heartbeat's pause
            await asyncio.get_running_loop().create_future()
        world.time.pass_(seconds=seconds)
        if seconds == LOOK_S:  # between two syncs
            (tmp_path / "ocop.db").unlink(missing_ok=True)

    deployment = with_sleep(world, sleep)
    with pytest.raises(DatabaseGoneError):
        async with asyncio.timeout(30):
            await sync_regularly(
                deployment, every=timedelta(days=1), follow_for=timedelta(0)
            )

    assert deployment.stop.reason.startswith("tệp cơ sở dữ liệu")
    said = caplog.text
    assert said.rindex("synced") < said.index("stopped: the database file is gone")


class _RefusedError(Exception):
    """What PostgreSQL's driver raises."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "words"),
    [
        ("53100", "the disk of the database server is full"),
        ("57P01", "database server cannot be reached"),
        ("08006", "database server cannot be reached"),
        ("53300", "database server cannot be reached"),
        ("55P03", "kept by another writer"),
        ("23505", None),
    ],
)
def test_what_a_server_says_is_told_in_one_sentence(
    sqlstate: str, words: str | None
) -> None:
    error = DBAPIError("INSERT", {}, _RefusedError(sqlstate))

    found = outage_of(error)

    assert (found is None) if words is None else (words in str(found))


async def test_a_writer_that_waits_too_long_is_told_so_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.01)
    url = f"sqlite:///{tmp_path}/ocop.db"
    theirs, ours = Database(url), Database(url)

    async def write(conn: Any) -> None:
        await conn.exec_driver_sql("CREATE TABLE drop_me (n INTEGER)")

    async def both(conn: Any) -> None:
        del conn
        with pytest.raises(StorageError, match="kept by another writer"):
            await ours.write(write)

    await theirs.write(both)
    await ours.write(write)
    await theirs.close()
    await ours.close()


def test_a_server_that_does_not_listen_is_no_mistake_of_the_program() -> None:
    assert "cannot be reached" in str(outage_of(ConnectionRefusedError(111, "no")))
