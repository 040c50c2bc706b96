"""The lease of an account, and other rows that two processes may write at once.

Each of the two has a database of its own, with its own connections, as two
processes have. That a sync stops without its lease is in `test_faults.py`, how
commands wait for one in `test_lease_wait.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import REVISION, next_numbers
from ocop_sync.engine.matching.candidates import Likeness
from ocop_sync.errors import SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.decisions.possible_twins import TwinRow
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import HeldLease, Lease
from ocop_sync.store.tables import account
from tests.factories import AT
from tests.world import make_tables

pytestmark = pytest.mark.postgresql

KEYS = ("a-1", "a-2")
ACCOUNTS = [Account(key=k, marketplace="m", base_url="http://localhost") for k in KEYS]
MINUTE = timedelta(minutes=1)

Act = Callable[[AsyncConnection], Awaitable[object]]


@pytest.fixture
async def ours(url: str) -> AsyncIterator[Database]:
    """The database as our process sees it, with two accounts."""
    database = Database(url)
    await make_tables(database)
    await database.write(lambda conn: accounts.know(conn, ACCOUNTS[::-1]))
    yield database
    await database.close()


@pytest.fixture
async def theirs(url: str, ours: Database) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    del ours  # makes the tables first
    database = Database(url)
    yield database
    await database.close()


def lease(name: str) -> Lease:
    return Lease(token=name, holder=f"máy {name}", lasts=MINUTE)


async def take(
    database: Database, who: Lease, now: datetime = AT, *keys: str
) -> list[str]:
    """Take the lease; return the accounts that another run holds."""

    async def work(conn: AsyncConnection) -> list[HeldLease]:
        return await accounts.take(conn, keys or KEYS[:1], who, now)

    return [held.holder for held in await database.write(work)]


async def renew(
    database: Database, who: Lease, now: datetime, key: str = "a-1"
) -> None:
    await database.write(lambda conn: accounts.renew(conn, key, who, now))


async def until_it_waits(database: Database, task: asyncio.Task[object]) -> None:
    """Go on once *task* waits for a lock of the database, or has ended.

    SQLite lets no second writer begin: there is nothing to wait for.
    """
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while database.dialect == "postgresql" and not task.done():
        async with database.read() as conn:
            if await conn.scalar(waiting):
                return


async def act_while(
    ours: Database, begin: Act, theirs: Awaitable[object], go_on: Act | None = None
) -> object:
    """Return what comes of *theirs* if it begins in the middle of a transaction."""

    async def work(conn: AsyncConnection) -> asyncio.Task[object]:
        await begin(conn)
        task = asyncio.ensure_future(theirs)
        await until_it_waits(ours, task)
        if go_on is not None:
            await go_on(conn)
        return task

    return await (await ours.write(work))


async def test_of_many_who_reach_for_a_lease_one_gets_it(
    ours: Database, theirs: Database
) -> None:
    runs = [lease(str(n)) for n in range(10)]

    found = await asyncio.gather(
        *(take((ours, theirs)[n % 2], run) for n, run in enumerate(runs))
    )

    assert [len(held) for held in sorted(found, key=len)] == [0] + [1] * 9


async def test_whoever_makes_an_account_known_late_leaves_its_lease(
    ours: Database, theirs: Database
) -> None:
    new = [Account(key="a-3", marketplace="m", base_url="http://localhost")]

    async def know_and_take(conn: AsyncConnection) -> None:
        await accounts.know(conn, new)
        await accounts.take(conn, ["a-3"], lease("1"), AT)

    late = theirs.write(lambda conn: accounts.know(conn, new))
    await act_while(ours, know_and_take, late)

    assert await take(theirs, lease("2"), AT, "a-3") == ["máy 1"]


async def test_nobody_takes_over_what_is_being_renewed(
    ours: Database, theirs: Database
) -> None:
    mine, other = lease("1"), lease("2")
    await take(ours, mine)

    busy = await act_while(
        ours,
        lambda conn: accounts.renew(conn, "a-1", mine, AT + MINUTE * 0.9),
        take(theirs, other, AT + MINUTE * 1.1),
    )

    assert busy == ["máy 1"]


async def test_a_lease_is_renewed_once_a_second(ours: Database) -> None:
    mine, second = lease("1"), timedelta(seconds=1)
    await take(ours, mine)
    ends = list[datetime]()
    for now in (AT + second, AT + second * 3, AT + second * 2):  # the clock is put back
        await renew(ours, mine, now)
        found = await ours.fetch(accounts.running_leases, now, now + MINUTE * 9)
        ends.append(found["a-1"].until - mine.lasts)

    assert ends == [AT, AT + second * 3, AT + second * 2]


async def test_a_lease_that_is_taken_over_is_not_renewed(
    ours: Database, theirs: Database
) -> None:
    mine, other = lease("1"), lease("2")
    await take(ours, mine)

    late = act_while(
        theirs,
        lambda conn: accounts.take(conn, ["a-1"], other, AT + MINUTE),
        renew(ours, mine, AT + MINUTE * 0.9),
    )

    with pytest.raises(SyncInProgressError, match="máy 2"):
        await late


async def test_a_lease_that_has_ended_is_not_renewed_though_nobody_took_it(
    ours: Database,
) -> None:
    mine = lease("1")
    await take(ours, mine)

    with pytest.raises(SyncInProgressError):
        await renew(ours, mine, AT + MINUTE)


async def test_what_is_written_without_the_lease_is_undone(
    ours: Database, theirs: Database
) -> None:
    await take(ours, lease("1"))
    await take(theirs, lease("2"), AT + MINUTE)

    async def work(conn: AsyncConnection) -> None:
        await accounts.was_read_whole(conn, "a-1", AT)
        await accounts.renew(conn, "a-1", lease("1"), AT + MINUTE)

    with pytest.raises(SyncInProgressError):
        await ours.write(work)
    async with ours.read() as conn:
        assert await accounts.last_looks(conn, ["a-1"]) == [("a-1", None, None)]


async def test_to_work_at_one_account_keeps_the_others_too(ours: Database) -> None:
    mine = lease("1")
    await take(ours, mine, AT, *KEYS)
    await renew(ours, mine, AT + MINUTE / 2)

    busy = await take(ours, lease("2"), AT + MINUTE, *KEYS)

    assert busy == ["máy 1", "máy 1"]
    assert mine.until == AT + MINUTE * 1.5


async def test_no_lease_is_thought_longer_than_it_is(
    ours: Database, theirs: Database
) -> None:
    mine, same = lease("1"), lease("1")
    await take(ours, mine, AT, *KEYS)
    same.until = mine.until

    await act_while(
        theirs,
        lambda conn: accounts.renew(conn, "a-2", same, AT),
        renew(ours, mine, AT + MINUTE / 2),
    )

    async with ours.read() as conn:
        assert mine.until == await conn.scalar(select(func.min(account.c.lease_until)))


async def test_two_who_want_the_same_accounts_never_wait_for_each_other(
    ours: Database, theirs: Database
) -> None:
    mine = lease("1")
    await take(ours, mine, AT, *KEYS)

    busy = await act_while(
        ours,
        lambda conn: accounts.renew(conn, "a-2", mine, AT),
        take(theirs, lease("2"), AT, *KEYS),
        lambda conn: accounts.renew(conn, "a-2", mine, AT + MINUTE / 2),
    )

    assert busy == ["máy 1", "máy 1"]


async def test_those_who_want_several_accounts_want_them_in_one_order(
    ours: Database, theirs: Database
) -> None:
    mine = lease("1")

    busy = await act_while(
        ours,
        lambda conn: accounts.take(conn, ["a-1"], mine, AT),
        take(theirs, lease("2"), AT, *KEYS),
        lambda conn: accounts.take(conn, ["a-2"], mine, AT),
    )

    assert busy == ["máy 1", "máy 1"]


async def test_of_two_who_decide_on_a_twin_the_second_is_told(
    ours: Database, theirs: Database
) -> None:
    alike = Likeness(product_id="SP-00001", ref="R", agrees_on=())
    await ours.write(lambda conn: possible_twins.note(conn, "m", "a-1", [alike]))

    async def decide(conn: AsyncConnection) -> None:
        row = await possible_twins.find(conn, 1)
        assert row is not None
        await possible_twins.decide(conn, row, state="adopted", by="Bà Mẫu", now=AT)

    seen = await act_while(
        ours, decide, theirs.write(lambda conn: possible_twins.find(conn, 1))
    )

    assert isinstance(seen, TwinRow)
    assert seen.state == "adopted"


async def test_a_number_is_given_out_once(ours: Database, theirs: Database) -> None:
    async def work(conn: AsyncConnection) -> list[int]:
        return list(await next_numbers(conn, REVISION, 3))

    found = await asyncio.gather(
        *((ours, theirs)[n % 2].write(work) for n in range(10))
    )

    assert sorted(n for numbers in found for n in numbers) == list(range(1, 31))


async def test_whoever_renews_sees_that_somebody_wants_the_run_to_end(
    ours: Database, theirs: Database
) -> None:
    mine = lease("a")
    await take(ours, mine, AT, *KEYS)
    await theirs.write(lambda conn: accounts.cancel(conn, KEYS, "Bà Mẫu", AT))

    await renew(ours, mine, AT)
    at_once = dict(mine.cancelled_by)
    await renew(ours, mine, AT + MINUTE / 3)

    assert at_once == {"a-1": "Bà Mẫu"}
    assert mine.cancelled_by == {"a-1": "Bà Mẫu", "a-2": "Bà Mẫu"}


async def test_a_wish_to_end_a_run_does_not_outlast_it(ours: Database) -> None:
    dead, next_one, last = lease("a"), lease("b"), lease("c")
    await take(ours, dead)
    await ours.write(lambda conn: accounts.cancel(conn, KEYS, "Bà Mẫu", AT))

    later = AT + 2 * MINUTE
    await take(ours, next_one, later)
    await renew(ours, next_one, later)
    await ours.write(lambda conn: accounts.cancel(conn, KEYS, "Bà Mẫu", later))
    await ours.write(lambda conn: accounts.give_back(conn, next_one))
    await take(ours, last, later)
    await renew(ours, last, later)

    assert (next_one.cancelled_by, last.cancelled_by) == ({}, {})


async def test_only_a_lease_that_has_not_ended_can_be_cancelled(ours: Database) -> None:
    await take(ours, lease("a"))

    late = AT + 2 * MINUTE
    found = await ours.write(lambda conn: accounts.cancel(conn, KEYS, "Bà Mẫu", late))

    assert found == []
