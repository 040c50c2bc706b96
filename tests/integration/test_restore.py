"""A backup is put back whole, and nothing that was listed since is listed twice."""

import sqlite3
import stat
from asyncio import to_thread
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import NullPool, create_engine

from catalog.values import replace
from ocop_sync.cli.backups import show_restored
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.errors import ConfigurationError, UnavailableError
from ocop_sync.service.decisions.approvals import approve, refuse
from ocop_sync.service.decisions.restoring import note_restored
from ocop_sync.service.department.all_work import all_work
from ocop_sync.service.queries.held import held_groups as held_groups_of
from ocop_sync.service.queries.requests import request_of
from ocop_sync.service.requests.run_requests import WantedRun, request_run
from ocop_sync.store.db import schema, upgrade
from ocop_sync.store.db.backup import back_up
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.restore import restored
from ocop_sync.store.db.schema import Tables
from ocop_sync.store.identity import keys, links, people, sessions
from ocop_sync.store.identity.keys import KeyRow
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.runs.restored import Restored
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind
from tests.acts import acts_of
from tests.api.test_decisions import hold_a_group
from tests.factories import AT, make_variant, person
from tests.migrated import put_database
from tests.world import World, listed, open_world

BOSS = person("Bà Mẫu")


async def put_back(url: str, backup: Path) -> Path | None:
    async with restored(url, backup, AT) as (database, kept):
        await note_restored(database, by=BOSS, now=AT)
    return kept


def plain_copy(file: Path, copy: Path) -> Path:
    """Copy a database by a program that knows nothing of ours."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])
    return copy


def run_on(file: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


async def test_what_was_listed_after_the_backup_is_adopted_and_not_doubled(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/ocop.db"
    await to_thread(put_database, tmp_path / "ocop.db")
    async with open_world(url) as world:
        await listed(world, 2)
        copy = plain_copy(tmp_path / "ocop.db", tmp_path / "copy.db")
        await listed(world, 4)
        await world.database.close()

        await put_back(url, copy)

        again = Database(url)
        world.database = again
        world.deployment = replace(world.deployment, database=again)
        await listed(world, 4)
        await again.close()
    ours = sorted(e.shown.client_ref for e in world.market.shelf.listings.values())
    assert ours == ["SP-00001", "SP-00002", "SP-00003", "SP-00004"]
    assert world.written() == []


@pytest.mark.postgresql
async def test_nothing_is_written_before_an_account_is_read_whole_again(
    world: World,
) -> None:
    await listed(world, 1)
    await note_restored(world.database, by=BOSS, now=world.time())
    dearer = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000)
    await world.change(variants=(dearer,))

    world.market.script("page", UnavailableError("bảo trì"), times=9)
    await world.sync()
    kept_back = world.written()
    world.market.forget_scripts()
    world.time.pass_(hours=1)
    await world.sync()

    assert kept_back == []
    assert world.written() == ["set_price"]


@pytest.mark.postgresql
async def test_a_run_of_the_time_of_the_backup_holds_no_account(world: World) -> None:
    await listed(world, 1)
    minutes = timedelta(minutes=5)
    lease = Lease(token="t", holder="máy cũ", lasts=minutes)  # noqa: S106  (a name)

    async def take(conn: Any) -> None:
        assert await accounts.take(conn, ["memory"], lease, world.time()) == []

    await world.database.write(take)

    await note_restored(world.database, by=BOSS, now=world.time())

    assert (await world.sync()).busy == []


@pytest.mark.postgresql
async def test_a_run_that_was_asked_for_before_the_backup_is_begun_by_nobody(
    world: World,
) -> None:
    # It may have been carried out since, or cancelled: the backup does not know.
    wanted = WantedRun(kind=RunKind.SYNC)
    asked = await request_run(world.deployment, wanted, by=BOSS)

    await note_restored(world.database, by=BOSS, now=world.time())

    found = await request_of(world.deployment, asked.id)
    assert found is not None
    assert found.request.outcome is RequestOutcome.CANCELLED
    assert "restored from a backup" in found.request.reason
    assert (await request_run(world.deployment, wanted, by=BOSS)).id != asked.id


@pytest.mark.postgresql
async def test_a_group_that_was_approved_before_a_restore_needs_approval_anew(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await hold_a_group(world)
    why: Any = {"by": BOSS, "reason": "Đúng là phải gỡ"}
    await approve(world.deployment, 1, **why)
    world.market.log.clear()

    done = await note_restored(world.database, by=BOSS, now=world.time())
    show_restored(done)
    waits = [
        each.number
        for each in (await all_work(world.deployment)).items
        if each.kind is WorkKind.GROUP_HELD
    ]
    await world.sync()

    assert (done.groups, waits) == ((1,), [1])
    assert "held groups 1 need approval anew" in capsys.readouterr().out
    assert world.written() == []
    (group,) = await held_groups_of(world.deployment)
    assert group.group.stands(world.time()) == "open"

    await approve(world.deployment, 1, **why)
    await world.sync()
    assert world.written().count("withdraw") == 8


async def test_a_group_that_was_refused_before_a_restore_stays_so(world: World) -> None:
    await hold_a_group(world)
    await refuse(world.deployment, 1, by=BOSS, reason="Còn giấy mới")

    done = await note_restored(world.database, by=BOSS, now=world.time())

    (group,) = await held_groups_of(world.deployment)
    assert (done.groups, group.group.state) == ((), "refused")


async def test_sessions_and_links_end_and_keys_are_named(world: World) -> None:
    key = KeyRow(
        id="ocop_1", name="Bảng", role="viewer", producers=(), made_at=AT, ends_at=None
    )

    async def sign_in(conn: Any) -> None:
        who = await people.add(
            conn,
            name="Bà Mẫu",
            sign_in_name="ba",
            role="admin",
            producers=(),
            password_hash="x",  # noqa: S106  (a digest, of nothing)
            now=AT,
        )
        await sessions.add(conn, person_id=who, digest="s", device="", now=AT)
        link = {"person_id": who, "producer_id": "CS-0001", "digest": "l"}
        await links.add(conn, **link, now=AT, ends_at=AT)
        for id_ in ("ocop_1", "ocop_2"):
            await keys.add(conn, replace(key, id=id_), "k")
        await keys.change(conn, "ocop_2", revoked_at=AT)

    await world.database.write(sign_in)

    first = await note_restored(world.database, by=BOSS, now=AT)
    second = await note_restored(world.database, by=BOSS, now=AT)

    assert first == Restored(0, 1, 1, ("ocop_1",), 0)
    assert (second.sessions, second.links) == (0, 0)
    assert [kind for kind, _, _ in await acts_of(world.database)] == [
        "restore_database",
        "restore_database",
    ]


@pytest.fixture
async def address(tmp_path: Path) -> str:
    """Address of a present database and, beside it, a backup of another one."""
    url = f"sqlite:///{tmp_path}/ocop.db"
    await to_thread(put_database, tmp_path / "ocop.db")
    back_up(url, tmp_path / "copy.db")
    run_on(tmp_path / "copy.db", "CREATE TABLE mark (content)")
    run_on(tmp_path / "ocop.db", "CREATE TABLE former (n)")
    run_on(tmp_path / "ocop.db", "INSERT INTO former VALUES (1)")
    return url


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def is_of_the_backup(file: Path) -> bool:
    names = "SELECT name FROM sqlite_master WHERE name IN ('mark', 'former')"
    return run_on(file, names) == [("mark",)]


async def test_the_former_database_is_kept_beside_the_restored_one(
    tmp_path: Path, address: str
) -> None:
    before = (tmp_path / "copy.db").read_bytes()

    kept = await put_back(address, tmp_path / "copy.db")

    assert kept is not None
    assert is_of_the_backup(tmp_path / "ocop.db")
    assert run_on(kept, "SELECT n FROM former") == [(1,)]
    assert stat.S_IMODE((tmp_path / "ocop.db").stat().st_mode) == 0o600
    assert (tmp_path / "copy.db").read_bytes() == before
    names = {"ocop.db", "copy.db", kept.name}
    assert names_in(tmp_path) == names


async def test_a_damaged_database_makes_way_with_its_log(
    tmp_path: Path, address: str
) -> None:
    (tmp_path / "ocop.db").write_bytes(b"no database" * 1000)
    (tmp_path / "ocop.db-wal").write_bytes(b"an old log")

    kept = await put_back(address, tmp_path / "copy.db")

    assert kept is not None
    assert is_of_the_backup(tmp_path / "ocop.db")
    assert kept.read_bytes().startswith(b"no database")
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"an old log"
    assert not (tmp_path / "ocop.db-wal").exists()


async def test_a_lost_database_comes_back(tmp_path: Path, address: str) -> None:
    (tmp_path / "ocop.db").unlink()

    kept = await put_back(address, tmp_path / "copy.db")

    assert kept is None
    assert is_of_the_backup(tmp_path / "ocop.db")


async def test_a_backup_of_an_earlier_version_is_upgraded(
    tmp_path: Path, address: str
) -> None:
    put_under(tmp_path / "copy.db", "0045")

    await put_back(address, tmp_path / "copy.db")

    assert (await schema.current(address)).tables is Tables.CURRENT
    assert is_of_the_backup(tmp_path / "ocop.db")


def put_under(copy: Path, version: str) -> None:
    """Give a database the tables of an earlier version."""
    config = upgrade.configuration()
    engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, version)


def damage(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[8192:16384] = b"\xff" * 8192
    copy.write_bytes(content)


def spoil_an_index(copy: Path) -> None:
    """Leave a fault that only a look at all of the content finds."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("CREATE TABLE two (a, b)")
        connection.execute("CREATE INDEX i ON two (a)")
        connection.execute("INSERT INTO two VALUES (1, 2)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = 'CREATE INDEX i ON two (b)' WHERE name='i'"
        )


def make_newer(copy: Path) -> None:
    run_on(copy, "UPDATE alembic_version SET version_num = '9999'")


def make_foreign(copy: Path) -> None:
    copy.unlink()
    run_on(copy, "CREATE TABLE t (n)")


def lose(copy: Path) -> None:
    copy.unlink()


def make_it_the_same(copy: Path) -> None:
    copy.unlink()
    copy.symlink_to("ocop.db")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (damage, "cannot be used, take another copy"),
        (spoil_an_index, "nothing was changed: row 1 missing from index i"),
        (make_newer, "a newer version"),
        (make_foreign, "not of ocop-sync"),
        (lose, "unable to open database file"),
        (make_it_the_same, "is the database itself"),
    ],
)
async def test_a_backup_that_cannot_be_used_changes_nothing(
    tmp_path: Path, address: str, spoil: Any, why: str
) -> None:
    spoil(tmp_path / "copy.db")
    before = names_in(tmp_path)

    with pytest.raises(ConfigurationError, match=why):
        await put_back(address, tmp_path / "copy.db")

    assert not is_of_the_backup(tmp_path / "ocop.db")
    assert names_in(tmp_path) == before


async def test_a_database_that_a_command_has_open_is_not_replaced(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.store.db.restore._BUSY_S", 0)
    with closing(sqlite3.connect(tmp_path / "ocop.db")) as command:
        command.execute("PRAGMA journal_mode=WAL")
        command.execute("SELECT * FROM former").fetchall()  # and now it is idle

        with pytest.raises(ConfigurationError, match="in use: stop the service"):
            await put_back(address, tmp_path / "copy.db")

    assert not is_of_the_backup(tmp_path / "ocop.db")


async def test_postgresql_is_left_to_its_own_program(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="pg_restore, and then `ocop-sync db"):
        await put_back("postgresql+asyncpg://u:bi-mat@h/d", tmp_path / "copy.db")
