"""Let the process die at one chosen step of a run, as a power cut does.

Or let something else come between two steps, and the run go on. A world can be
brought back as it was, so that it may die in many ways.
"""

import copy
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, Self

from sqlalchemy import Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import METADATA
from ocop_sync.store.db.sent_beside import SENT
from tests.world import World

Act = Callable[..., Awaitable[Any]]
Args = tuple[Any, ...]


class Step(Protocol):
    """What is done before and after each step."""

    async def __call__(
        self, owner: Any, name: str, args: Args, /, *, is_before: bool
    ) -> None:
        """Do it."""


READS = ("page", "read", "find", "follow")
WRITES = (
    "create",
    "update",
    "set_price",
    "set_stock",
    "set_stars",
    "withdraw",
    "republish",
    "put_sellers",
    "stop_sellers",
)

_TABLES = [table for metadata in METADATA for table in metadata.sorted_tables]
_DELETES = [f'DELETE FROM "{each.name}";' for each in reversed(_TABLES)]  # noqa: S608
_DELETE_ALL = f"DO $$ BEGIN {' '.join(_DELETES)} END $$"
"""PostgreSQL's: one way there and back instead of one for each table."""

FILE = "ocop.db"
"""Name of the database of a world that can be brought back."""


class PowerCutError(BaseException):
    """The process is gone; nothing after it runs."""


class Interruption:
    """Comes once, between two steps of a run, which goes on.

    Args:
        at: The step, from 1.
        act: What is done then.

    Attributes:
        came: Whether the run came that far.
    """

    def __init__(self, at: int, act: Callable[[], Awaitable[None]]) -> None:
        self.came = False
        self._left = at
        self._act = act

    @contextmanager
    def before_transactions(self, world: World) -> Iterator[None]:
        """Come before a transaction of *world* that writes, within the block."""
        with _between(world, (), self._before):
            yield

    @contextmanager
    def after_writes(self, world: World) -> Iterator[None]:
        """Come when changes have been sent, within the block."""
        with _between(world, WRITES, self._after_call):
            yield

    async def _before(
        self, owner: Any, name: str, args: Args, *, is_before: bool
    ) -> None:
        del owner, name, args
        if is_before:
            await self._step()

    async def _after_call(
        self, owner: Any, name: str, args: Args, *, is_before: bool
    ) -> None:
        del owner, args
        if not is_before and name in WRITES:
            await self._step()

    async def _step(self) -> None:
        self._left -= 1
        if not self._left and not self.came:
            self.came = True
            await self._act()


class Death:
    """Strikes before or after a transaction or a call, and then for good.

    Args:
        at: The step, from 1: each transaction that writes and each call to a
            marketplace is two, one before it and one after.

    Attributes:
        struck: Whether the run came that far.
    """

    def __init__(self, at: int) -> None:
        self.struck = False
        self._left = at

    @contextmanager
    def watching(self, world: World) -> Iterator[None]:
        """Count the steps of *world* until the block ends."""
        with _between(world, (*READS, *WRITES), self._step):
            yield

    async def _step(
        self, owner: Any, name: str, args: Args, *, is_before: bool
    ) -> None:
        del owner, name, args, is_before
        self._left -= 1
        if self._left > 0:
            return
        self.struck = True
        raise PowerCutError


@contextmanager
def _between(world: World, calls: Sequence[str], step: Step) -> Iterator[None]:
    """Take *step* before and after each transaction and each of *calls*."""
    acts: list[tuple[Any, str]] = [(world.database, "write")]
    acts += [(market, name) for market in world.markets.values() for name in calls]
    for owner, name in acts:
        setattr(owner, name, _stepping(owner, name, step))
    try:
        yield
    finally:
        for owner, name in acts:
            delattr(owner, name)


def _stepping(owner: Any, name: str, step: Step) -> Act:
    act: Act = getattr(owner, name)

    async def watched(*args: Any, **kwargs: Any) -> Any:
        await step(owner, name, args, is_before=True)
        result = await act(*args, **kwargs)
        await step(owner, name, args, is_before=False)
        return result

    return watched


async def moments_of(
    world: World, folder: Path, late_s: float | None = None
) -> "list[Moment]":
    """Sync, and return what there was at each step; the last one is behind the run.

    A power cut leaves what is stored and what the marketplace has, and takes all
    else: steps with the same of both are one moment, that of the first of them.

    Args:
        world: The world to sync; an SQLite database is alone in *folder*.
        folder: Where that is.
        late_s: A write arrives that many seconds after its step all the same: for
            the first time, or, after it, once more. None: never.
    """
    kept, found, n = keeper_of(world, folder), list[Moment](), 0
    last: Scene | None = None

    async def note(owner: Any, name: str, args: Args, *, is_before: bool) -> None:
        nonlocal n, last
        del is_before
        n += 1
        scene = await scene_of(world, kept)
        if late_s is not None and name in WRITES:
            late = owner.context.clock() + timedelta(seconds=late_s)
            found.append(Moment(n, scene, tuple(args[0]), late))
        elif last is None or not scene.is_as(last):
            found.append(Moment(n, scene))
        last = scene

    with _between(world, (*READS, *WRITES), note):
        await world.sync(follow_s=0)
    return [*found, Moment(n + 1, await scene_of(world, kept))]


async def scene_of(world: World, kept: "Keeper") -> "Scene":
    """Return what there is at one instant.

    Danger: what is in flight goes on while rows are read. A listing would be there
    without the intent that was stored before it, as no death leaves it.
    """
    scene = Scene(world, await kept.keep())
    while not scene.is_as(again := Scene(world, await kept.keep())):
        scene = again
    return scene


@dataclass(frozen=True)
class Moment:
    """What there was at a step, from 1, and what was on its way."""

    step: int
    scene: "Scene"
    changes: tuple[Any, ...] = ()
    late: datetime | None = None

    async def bring_back(self, world: World) -> None:
        """Make it what there is, and nobody to run."""
        await self.scene.bring_back()
        if self.late is not None:
            world.market.deliver_late(self.changes, self.late)


class Kept(Protocol):
    """What a database held."""

    async def bring_back(self) -> None:
        """Let it hold that again, and nothing else."""


class Keeper(Protocol):
    """Keeps what a database holds, as often as it is asked."""

    async def keep(self) -> Kept:
        """Return the same as before, if nothing has been written since."""


def keeper_of(world: World, folder: Path) -> Keeper:
    """Return what keeps the database of *world*; SQLite's is alone in *folder*."""
    if (folder / FILE).exists():
        return _FileKeeper(folder / FILE)
    return _RowKeeper(world.database)


class KeptFile:
    """What an SQLite database held, and what is noted beside it, in memory."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._beside = file.with_name(f"{file.name}{SENT}")
        self._noted = self._beside.read_bytes() if self._beside.exists() else None
        self._kept = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(file)) as there:
            there.backup(self._kept)

    async def bring_back(self) -> None:
        """Copy it back."""
        with closing(sqlite3.connect(self._file)) as there:
            self._kept.backup(there)
        if self._noted is None:
            self._beside.unlink(missing_ok=True)
        else:
            self._beside.write_bytes(self._noted)

    def __del__(self) -> None:
        self._kept.close()


class _FileKeeper:
    """Keeps an SQLite database."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._looks = sqlite3.connect(file)
        self._version: object = None
        self._kept: KeptFile | None = None

    async def keep(self) -> Kept:
        """Ask SQLite whether anybody else has written."""
        version = self._looks.execute("PRAGMA data_version").fetchall()
        if self._kept is None or version != self._version:
            self._kept, self._version = KeptFile(self._file), version
        return self._kept

    def __del__(self) -> None:
        self._looks.close()


class _RowKeeper:
    """Keeps a PostgreSQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: KeptRows | None = None

    async def keep(self) -> Kept:
        """Ask PostgreSQL whether any transaction has written, or is about to."""
        async with self._database.read() as conn:
            seen = (await conn.execute(_SEEN)).scalar_one()
        if self._kept is None or self._kept.seen != seen:
            self._kept = await KeptRows(self._database).keep()
        return self._kept


_SEEN = text("SELECT pg_current_snapshot()::text")
"""Which transactions are to be seen: those that have begun to write, too."""


class KeptRows:
    """What a PostgreSQL database holds now; few rows, as they are held in memory.

    A copy that PostgreSQL makes of a database needs all its sessions to end.

    Attributes:
        seen: Which transactions are in it.
    """

    def __init__(self, database: Database) -> None:
        self.seen = ""
        self._database = database
        self._rows: dict[Table, list[dict[str, Any]]] = {}
        self._sequences: dict[str, int | None] = {}

    async def keep(self) -> Self:
        """Read all rows, and how far numbers were given out."""
        async with self._database.read() as conn:
            self.seen = (await conn.execute(_SEEN)).scalar_one()
            for table in _TABLES:
                found = await conn.execute(select(table))
                self._rows[table] = [dict(row) for row in found.mappings()]
            last = text("SELECT sequencename, last_value FROM pg_sequences")
            self._sequences = {
                row.sequencename: row.last_value for row in await conn.execute(last)
            }
        return self

    async def bring_back(self) -> None:
        """Write all rows anew."""
        await self._database.write(self._write)

    async def _write(self, conn: AsyncConnection) -> None:
        await conn.exec_driver_sql(_DELETE_ALL)
        for table in _TABLES:
            if self._rows[table]:
                await conn.execute(insert(table), self._rows[table])
        restarts = [
            f"setval('{name}', {n or 1}, {n is not None})"
            for name, n in self._sequences.items()
        ]
        await conn.exec_driver_sql(f"SELECT {', '.join(restarts)}")


class Scene:
    """A world with one marketplace as it is now, to be brought back.

    Args:
        world: The world.
        kept: What its database holds.
    """

    def __init__(self, world: World, kept: Kept) -> None:
        self._world = world
        self._kept = kept
        self._now = world.time.now
        self._written = world.market.written()
        self._shelf = _copies(vars(world.market.shelf))
        self._market = _copies(vars(world.market))

    def is_as(self, other: "Scene") -> bool:
        """Tell whether nothing has become of it since *other*; to read is no act."""
        return (
            self._kept is other._kept
            and self._now == other._now
            and self._written == other._written
            and self._shelf == other._shelf
            and _but_reads(self._market) == _but_reads(other._market)
        )

    async def bring_back(self) -> None:
        """Undo whatever has become of the world since."""
        await self._kept.bring_back()
        self._world.time.now = self._now
        vars(self._world.market.shelf).update(_copies(self._shelf))
        vars(self._world.market).update(_copies(self._market))


def _copies(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: copy.copy(value)
        for name, value in attributes.items()
        if isinstance(value, dict | list | set | int)
    }


def _but_reads(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name != "log"}
