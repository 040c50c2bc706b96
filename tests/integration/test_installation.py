"""A database that was put back or moved writes nothing before a person speaks."""

import threading
from asyncio import to_thread
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import text

from catalog.values import replace
from ocop_sync.errors import MovedDatabaseError
from ocop_sync.files import write_text
from ocop_sync.service.decisions.restoring import (
    ensure_in_place,
    note_moved,
    note_restored,
)
from ocop_sync.service.queries.monitor import watch
from ocop_sync.store.db import sent_beside
from ocop_sync.store.db.backup import back_up
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.restore import restored
from tests.acts import acts_of
from tests.factories import AT, make_variant, person
from tests.migrated import put_database
from tests.world import World, listed, open_world

BOSS = person("Bà Mẫu")
DEARER = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000)

PUT_BACK = """
ALTER TABLE installation RENAME TO former;
CREATE TABLE installation (LIKE former INCLUDING ALL);
INSERT INTO installation SELECT * FROM former;
DROP TABLE former
"""
"""A restored dump makes the table anew, as it was."""


async def put_back(world: World) -> None:
    """Let the database look as one that was put back by other means."""

    async def tables(conn: Any) -> None:
        for each in PUT_BACK.split(";"):
            await conn.execute(text(each))

    async def copy(conn: Any) -> None:
        statement = text("UPDATE installation SET place = :to")
        await conn.execute(statement, {"to": "copy"})

    is_sqlite = world.database.dialect == "sqlite"
    await world.database.write(copy if is_sqlite else tables)


@pytest.mark.postgresql
async def test_nothing_is_written_after_a_restore_that_nobody_has_told_of(
    world: World,
) -> None:
    await listed(world, 1)
    await world.change(variants=(DEARER,))
    await put_back(world)

    with pytest.raises(MovedDatabaseError, match="db restored --by"):
        await world.sync()
    with pytest.raises(MovedDatabaseError):
        await ensure_in_place(world.deployment)
    alarms = (await watch(world.deployment)).alarms
    before = world.written()
    await note_restored(world.database, by=BOSS, now=world.time())
    await world.sync()

    assert (alarms[0].code, before) == ("moved", [])
    assert world.written() == ["set_price"]
    await ensure_in_place(world.deployment)


@pytest.mark.postgresql
async def test_a_moved_database_goes_on_by_one_command(
    world: World,
) -> None:
    await listed(world, 1)
    await world.change(variants=(DEARER,))
    await put_back(world)

    await note_moved(world.database, by=BOSS, now=world.time())
    await world.sync()

    assert world.written() == ["set_price"]
    assert [act[0] for act in await acts_of(world.database)] == ["move_database"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_another_server_or_database_is_another_place(world: World) -> None:
    await listed(world, 1)

    async def place(conn: Any) -> str:
        return str(await conn.scalar(text("SELECT place FROM installation")))

    own = (await world.database.fetch(place)).split(":")
    for n in range(1, len(own)):
        other = [*own[:n], "7", *own[n + 1 :]]

        async def move(conn: Any, to: str = ":".join(other)) -> None:
            await conn.execute(text("UPDATE installation SET place = :to"), {"to": to})

        await world.database.write(move)
        with pytest.raises(MovedDatabaseError):
            await world.sync()

    assert [own[0], len(own)] == ["postgresql", 5]


def put_over(file: Path, copy: Path) -> None:
    for each in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(f"{file.name}{each}").unlink()
    copyfile(copy, file)


async def moved_by_hand(world: World, url: str, copy: Path) -> None:
    """Put *copy* in the place of the database by hand, and open it again."""
    await world.database.close()
    put_over(Path(url.removeprefix("sqlite:///")), copy)
    world.database = Database(url)
    world.deployment = replace(world.deployment, database=world.database)


async def test_a_copy_of_backup_that_is_put_in_place_by_hand_is_noticed(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/ocop.db"
    await to_thread(put_database, tmp_path / "ocop.db")
    async with open_world(url) as world:
        await listed(world, 1)
        back_up(url, tmp_path / "copy.db")
        (tmp_path / "ocop.db.sent").unlink()

        await moved_by_hand(world, url, tmp_path / "copy.db")

        with pytest.raises(MovedDatabaseError):
            await world.sync()
        await note_restored(world.database, by=BOSS, now=AT)
        await world.sync()
        await world.database.close()


async def test_a_copy_made_otherwise_is_noticed_if_anything_was_sent_since(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/ocop.db"
    await to_thread(put_database, tmp_path / "ocop.db")
    async with open_world(url) as world:
        await listed(world, 1)
        await world.database.close()
        copyfile(tmp_path / "ocop.db", tmp_path / "copy.db")
        await moved_by_hand(world, url, tmp_path / "copy.db")
        await world.sync()  # nothing was sent since the copy: nothing is lacking
        world.time.pass_(hours=1)
        await listed(world, 2)

        await moved_by_hand(world, url, tmp_path / "copy.db")

        with pytest.raises(MovedDatabaseError):
            await world.sync()
        await note_restored(world.database, by=BOSS, now=world.time())
        await listed(world, 2)
        await world.database.close()
    ours = sorted(e.shown.client_ref for e in world.market.shelf.listings.values())
    assert ours == ["SP-00001", "SP-00002"]


async def test_the_note_of_what_was_sent_keeps_no_loop_and_never_an_earlier_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = list[bool]()

    def write(file: Path, content: str) -> None:
        at.append(threading.current_thread() is threading.main_thread())
        write_text(file, content)

    monkeypatch.setattr(sent_beside, "write_text", write)
    url, file = f"sqlite:///{tmp_path}/ocop.db", tmp_path / "ocop.db"
    await to_thread(put_database, tmp_path / "ocop.db")
    async with open_world(url) as world:
        await listed(world, 1)
        noted = datetime.fromisoformat((tmp_path / "ocop.db.sent").read_text().strip())
        later = noted + timedelta(hours=1)
        write_text(tmp_path / "ocop.db.sent", f"{later.isoformat()}\n")

        await world.database.fetch(sent_beside.note, file)
        await world.database.close()

    assert at == [False]
    kept = datetime.fromisoformat((tmp_path / "ocop.db.sent").read_text().strip())
    assert kept == later


async def test_a_restored_database_that_a_link_leads_to_goes_on_by_that_one_command(
    tmp_path: Path,
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "ocop.db").symlink_to(tmp_path / "disk" / "ocop.db")
    url = f"sqlite:///{tmp_path}/ocop.db"
    await to_thread(put_database, tmp_path / "ocop.db")
    async with open_world(url) as world:
        await listed(world, 1)
        back_up(url, tmp_path / "copy.db")
        world.time.pass_(hours=1)
        await listed(world, 2)
        await world.database.close()

        async with restored(url, tmp_path / "copy.db", world.time()) as (fresh, _):
            await note_restored(fresh, by=BOSS, now=world.time())
        world.database = Database(url)
        world.deployment = replace(world.deployment, database=world.database)

        await ensure_in_place(world.deployment)
        await world.database.close()
