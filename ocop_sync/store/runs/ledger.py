"""The ledger: every change that was sent, and its outcome.

A change is written down before it is sent, in the transaction of its intent,
and answered in the transaction of its outcome. One without an outcome is on its
way, or was sent by a run that died. One whose answer was lost is "unknown", until a
read settles it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from zlib import crc32

from msgspec import Struct
from sqlalchemy import (
    BindParameter,
    bindparam,
    distinct,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from ocop_sync.marketplace.change import Kind
from ocop_sync.store.rows import values_of
from ocop_sync.store.runs import work_counts
from ocop_sync.store.runs.work_counts import Counted
from ocop_sync.store.tables import change, run

DIED: Final = "died"
"""The outcome of a run whose lease another one has taken."""

_COUNTS = 7_021_949
"""PostgreSQL's advisory lock of a count: any number of our own."""


class Answer(StrEnum):
    """The outcome of a sent change."""

    APPLIED = "applied"
    SUBMITTED = "submitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    """Known not to have been applied."""


class OpenedRun(NamedTuple):
    """A run that has begun to do something at an account.

    Attributes:
        holder: Who carries it out.
        started_at: When it began, in UTC.
    """

    id: str
    account: str
    marketplace: str
    holder: str
    started_at: datetime


class ClosedRun(NamedTuple):
    """A run that has ended: "done", "failed", "stopped" or "cancelled"."""

    id: str
    outcome: str
    detail: str = ""


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One change in the ledger.

    Attributes:
        run_id: The run that sent it.
        n: Its number in that run.
        subject: The product, or the producer of a seller.
        kind: The kind of change.
        why: The rule, import or person that it comes from.
        before: The value that it replaces, or None.
        after: The value that it writes, or None.
        removes: It takes something from buyers.
        in_budget: It counts against the budget.
        sent_at: When, in UTC.
    """

    run_id: str
    n: int
    marketplace: str
    account: str
    subject: str
    kind: str
    why: str
    before: object
    after: object
    removes: bool
    in_budget: bool
    sent_at: datetime


_OPEN_RUN, _WRITE_DOWN = insert(run), insert(change)
_CLOSE_RUN = (
    update(run)
    .where(run.c.id == bindparam("this"))
    .values(
        ended_at=bindparam("at"),
        outcome=bindparam("new_outcome"),
        detail=bindparam("new_detail"),
    )
)
_ANSWER = (
    update(change)
    .where(change.c.run_id == bindparam("of_run"), change.c.n == bindparam("of_n"))
    .values(
        outcome=bindparam("new_outcome"),
        detail=bindparam("new_detail"),
        answered_at=bindparam("new_at"),
    )
)
_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)
_DIED = (
    update(run)
    .where(
        run.c.account.in_(_KEYS),
        text("run.outcome = 'running'"),  # as the index has it
    )
    .values(ended_at=bindparam("at"), outcome=DIED)
    .returning(run.c.account, run.c.marketplace)
)
_LEFT_UNKNOWN = (
    update(change)
    .where(
        change.c.account.in_(_KEYS),
        change.c.outcome.is_(None),
        change.c.kind.in_([Kind.PUT_SELLER.value, Kind.STOP_SELLER.value]),
    )
    .values(outcome=Answer.UNKNOWN.value, answered_at=bindparam("at"))
    .returning(change.c.account, change.c.marketplace)
)
_REMOVALS = select(func.count(distinct(change.c.subject))).where(
    change.c.marketplace == bindparam("of"),
    text("removes"),  # as the index has it; for SQLite we would get removes = 1
    change.c.in_budget,
    change.c.sent_at > bindparam("since"),
    change.c.subject.not_in(bindparam("but", expanding=True)),
    or_(
        change.c.outcome.is_(None),
        change.c.outcome.in_([Answer.APPLIED, Answer.SUBMITTED, Answer.UNKNOWN]),
    ),
)


async def open_runs(conn: AsyncConnection, opened: Iterable[OpenedRun]) -> None:
    """Write down that runs have begun to do something, each at its account."""
    open_ = {"ended_at": None, "outcome": "running", "detail": ""}
    rows = ({**each._asdict(), **open_} for each in opened)
    await execute_each(conn, _OPEN_RUN, rows)


async def close_runs(
    conn: AsyncConnection, closed: Iterable[ClosedRun], now: datetime
) -> None:
    """Write down how runs have ended."""
    rows = (
        {
            "this": each.id,
            "at": now,
            "new_outcome": each.outcome,
            "new_detail": each.detail[:500],
        }
        for each in closed
    )
    await execute_each(conn, _CLOSE_RUN, rows)


async def keep_runs(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down runs that have no row yet and are worth one, as they ended."""
    await execute_each(conn, _OPEN_RUN, map(dict, rows))


async def close_dead(
    conn: AsyncConnection, accounts: Sequence[str], now: datetime
) -> None:
    """Write down that runs whose lease another run has taken have died.

    Their changes of listings are settled by reading; those of sellers, whose profiles
    are simply sent again, stay unknown.
    """
    await note_died(conn, accounts, now)
    values = {"keys": list(accounts), "at": now}
    rows = (await conn.execute(_LEFT_UNKNOWN, values)).all()
    left = [(key, name, Answer.UNKNOWN.value) for key, name in rows]
    await work_counts.add(conn, Counted.OUTCOME, left)


async def note_died(
    conn: AsyncConnection, accounts: Sequence[str], now: datetime
) -> None:
    """Write down alone which runs there have died."""
    rows = (await conn.execute(_DIED, {"keys": list(accounts), "at": now})).all()
    await work_counts.add(conn, Counted.RUN, [(key, name, DIED) for key, name in rows])


async def record_sent(conn: AsyncConnection, entries: Sequence[LedgerEntry]) -> None:
    """Write *entries* down before they are sent."""
    open_ = {"outcome": None, "detail": "", "answered_at": None}
    await execute_each(conn, _WRITE_DOWN, (values_of(each) | open_ for each in entries))


async def answer(
    conn: AsyncConnection,
    run_id: str,
    answers: Sequence[tuple[int, Answer, str]],
    now: datetime,
) -> None:
    """Write down the outcomes of changes of a run.

    Each answer is the change's number in the run, its outcome, and the marketplace's
    words.
    """
    rows = (
        {
            "of_run": run_id,
            "of_n": n,
            "new_outcome": outcome.value,
            "new_detail": detail[:500],
            "new_at": now,
        }
        for n, outcome, detail in answers
    )
    await execute_each(conn, _ANSWER, rows)


async def lock_budget(conn: AsyncConnection, marketplace: str) -> None:
    """Let nobody else count removals at *marketplace* until this is committed.

    Two who count at once, each at an account of its own, would find the same
    budget left. SQLite has one writer anyway.
    """
    if conn.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:counts, :of)")
        of = crc32(marketplace.encode()) - 2**31
        await conn.execute(lock, {"counts": _COUNTS, "of": of})


async def removals_since(
    conn: AsyncConnection,
    marketplace: str,
    since: datetime,
    apart_from: Collection[str] = (),
) -> int:
    """Return from how many products something was taken within the budget.

    A change without a known outcome counts: it may have been applied. Products of
    *apart_from* are not counted.
    """
    values = {"of": marketplace, "since": since, "but": list(apart_from)}
    return int(await conn.scalar(_REMOVALS, values) or 0)


async def made_by_us(
    conn: AsyncConnection, marketplace: str, subjects: Sequence[str]
) -> set[str]:
    """Return of which *subjects* this service has made the listing at *marketplace*."""
    rows = await conn.scalars(
        select(change.c.subject)
        .where(
            change.c.subject.in_(list(subjects)),
            change.c.marketplace == marketplace,
            change.c.kind == Kind.CREATE.value,
            change.c.outcome.in_([Answer.APPLIED, Answer.SUBMITTED]),
        )
        .distinct()
    )
    return set(rows)


_LATER = change.alias("later")
_REFUSE_REVIEW = (
    update(change)
    .where(
        change.c.account == bindparam("of_account"),
        change.c.subject == bindparam("of_subject"),
        change.c.outcome == Answer.SUBMITTED,
        change.c.sent_at
        == select(func.max(_LATER.c.sent_at))
        .where(
            _LATER.c.account == bindparam("of_account"),
            _LATER.c.subject == bindparam("of_subject"),
            _LATER.c.outcome == Answer.SUBMITTED,
        )
        .scalar_subquery(),
    )
    .values(detail=bindparam("new_detail"))
)


async def note_refused_reviews(
    conn: AsyncConnection, account: str, refused: Sequence[tuple[str, str]]
) -> None:
    """Write down with the last submission of products that its review refused it.

    It stays "submitted": that tells who has made the listing, and the removals from
    buyers. Each is named with the marketplace's words.
    """
    rows = (
        {
            "of_account": account,
            "of_subject": subject,
            "new_detail": f"sàn từ chối khi duyệt / refused in review: {words}"[:500],
        }
        for subject, words in refused
    )
    await execute_each(conn, _REFUSE_REVIEW, rows)


_SETTLE_LOST = (
    update(change)
    .where(
        change.c.account == bindparam("of_account"),
        change.c.subject == bindparam("of_subject"),
        or_(change.c.outcome.is_(None), change.c.outcome == Answer.UNKNOWN),
    )
    .values(
        outcome=bindparam("new_outcome"),
        detail=bindparam("new_detail"),
        answered_at=bindparam("now"),
    )
)


async def settle_lost(
    conn: AsyncConnection,
    account: str,
    found: Sequence[tuple[str, Answer, str]],
    now: datetime,
) -> None:
    """Write down the outcome that a read showed of unanswered changes.

    Each is found by its subject, and has the finding in words.
    """
    here = {"of_account": account, "now": now}
    rows = (
        here
        | {"of_subject": subject, "new_outcome": outcome.value, "new_detail": detail}
        for subject, outcome, detail in found
    )
    await execute_each(conn, _SETTLE_LOST, rows)
