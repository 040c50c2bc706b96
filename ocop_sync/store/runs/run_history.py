"""The sent changes, when and why: runs and the ledger, read page by page.

A page is found by the key of the last row before it, under an index, so that the last
page of a million rows costs no more than the first. The ledger is written in
`ocop_sync.store.runs.ledger`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.ledger import Answer, LedgerEntry
from ocop_sync.store.tables import account, change, run

FAILED = (Answer.REFUSED, Answer.UNKNOWN, Answer.NOT_SENT)
"""Outcomes of changes that failed, or may have failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The changes, or runs, to return; None or an empty value leaves all.

    Attributes:
        accounts: Keys of accounts.
        subjects: Products, or producers of sellers.
        since: The first moment, in UTC.
        until: The moment before which, in UTC.
        kinds: Kinds of change.
        outcomes: Their outcomes; None among them: nothing is known yet.
        run: A run, or the sync that it belongs to, by the beginning of its id.
    """

    accounts: Sequence[str] = ()
    subjects: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    kinds: Sequence[str] = ()
    outcomes: Sequence[str | None] = ()
    run: str = ""


class ChangePlace(NamedTuple):
    """The place of a change in the ledger: after it a page begins."""

    sent_at: datetime
    run_id: str
    n: int


class RunPlace(NamedTuple):
    """The place of a run in the list of them."""

    started_at: datetime
    id: str


class SentChange(LedgerEntry, frozen=True, kw_only=True):
    """One change in the ledger, as it stands there.

    Attributes:
        answered_at: When its outcome was written down; None if there is none.
        outcome: Its outcome; None if nobody knows yet.
        words: The marketplace's words, or the finding of a read.
        holder: The process that sent it.
    """

    answered_at: datetime | None
    outcome: str | None
    words: str
    holder: str

    @property
    def place(self) -> ChangePlace:
        """Return its place in the ledger."""
        return ChangePlace(self.sent_at, self.run_id, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRun:
    """One run in the ledger: it may have read listings and sent nothing.

    Attributes:
        id: Names it; the part before ":" is the same for a whole sync.
        holder: The process that ran it.
        started_at: When it began to read or to send, in UTC.
        ended_at: When it ended; None while it runs, and if it died.
        ending: How it has ended.
        error: The error, in words.
        kinds: By kind of change, how many had each outcome, or "open".
    """

    id: str
    account: str
    marketplace: str
    holder: str
    started_at: datetime
    ended_at: datetime | None
    ending: Ending
    error: str
    kinds: dict[str, dict[str, int]]

    @property
    def outcomes(self) -> dict[str, int]:
        """Return how many changes had each outcome, or "open"."""
        found = Counter[str]()
        for each in self.kinds.values():
            found.update(each)
        return dict(found)

    @property
    def place(self) -> RunPlace:
        """Return its place in the list of runs."""
        return RunPlace(self.started_at, self.id)


_CHANGES = select(
    *(each for each in change.c if each.name != "detail"),
    change.c.detail.label("words"),
    func.coalesce(run.c.holder, "").label("holder"),
).select_from(change.outerjoin(run, run.c.id == change.c.run_id))
_RUNS = select(run, account.c.token, account.c.lease_until).select_from(
    run.outerjoin(account, account.c.key == run.c.account)
)


async def changes_page(
    conn: AsyncConnection, which: Which, after: ChangePlace | None, size: int
) -> list[SentChange]:
    """Return the next changes, the latest first; those of a run by its numbers.

    At most *size* come, behind *after*, the last one of the page before.
    """
    statement = _CHANGES.where(*_of_changes(which)).limit(size)
    if which.run:
        statement = _by_number(statement, after)
    else:
        statement = _latest_first(statement, after)
    return [SentChange(**row) for row in (await conn.execute(statement)).mappings()]


def _of_changes(which: Which) -> list[ColumnElement[bool]]:
    found = _of_both(which, change.c.account, change.c.sent_at)
    if which.subjects:
        found.append(change.c.subject.in_(list(which.subjects)))
    if which.kinds:
        found.append(change.c.kind.in_(list(which.kinds)))
    if which.outcomes:
        found.append(_in_or_none(change.c.outcome, which.outcomes))
    if which.run:
        found.append(_of_run(change.c.run_id, which.run))
    return found


def _of_both(
    which: Which, key: ColumnElement[str], at: ColumnElement[datetime]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if which.accounts:
        found.append(key.in_(list(which.accounts)))
    if which.since is not None:
        found.append(at >= which.since)
    if which.until is not None:
        found.append(at < which.until)
    return found


def _of_run(column: ColumnElement[str], id_: str) -> ColumnElement[bool]:
    """Return the condition for a run, or a sync's runs; ";" comes right after ":"."""
    if ":" in id_:
        return column == id_
    return and_(column >= f"{id_}:", column < f"{id_};")


def _in_or_none(
    column: ColumnElement[Any], values: Sequence[str | None]
) -> ColumnElement[bool]:
    some = [value for value in values if value is not None]
    chosen = column.in_(some)
    return or_(chosen, column.is_(None)) if None in values else chosen


def _by_number(statement: Select[Any], after: ChangePlace | None) -> Select[Any]:
    if after is not None:
        at = (change.c.run_id, change.c.n)
        statement = statement.where(
            at[0] >= after.run_id,
            or_(at[0] > after.run_id, at[1] > after.n),
        )
    return statement.order_by(change.c.run_id, change.c.n)


def _latest_first(statement: Select[Any], after: ChangePlace | None) -> Select[Any]:
    at, id_, n = change.c.sent_at, change.c.run_id, change.c.n
    if after is not None:
        is_behind = or_(
            at < after.sent_at,
            id_ < after.run_id,
            and_(id_ == after.run_id, n < after.n),
        )
        # The index is searched by the first part.
        statement = statement.where(at <= after.sent_at, is_behind)
    return statement.order_by(at.desc(), id_.desc(), n.desc())


async def runs_page(
    conn: AsyncConnection,
    which: Which,
    after: RunPlace | None,
    size: int,
    now: datetime,
) -> list[SentRun]:
    """Return the next runs, the latest first, with the outcomes of their changes.

    Of *which*, outcomes are ways to end, subjects and kinds do not count. At most
    *size* come, behind *after*, the last one of the page before. A run that goes on and
    whose lease has ended at *now* is dead.
    """
    rows = await conn.execute(runs_statement(which, after, size, now))
    found = [_to_run(row, now) for row in rows.all()]
    kinds = await _kinds_of(conn, [each.id for each in found])
    return [replace(each, kinds=kinds.get(each.id, {})) for each in found]


def runs_statement(
    which: Which, after: RunPlace | None, size: int, now: datetime
) -> Select[Any]:
    """Return the statement that finds a page of runs; see `runs_page`."""
    chosen = _of_both(which, run.c.account, run.c.started_at)
    if which.outcomes:
        chosen.append(_ends_in(which.outcomes, now))
    if which.run:
        chosen.append(_of_run(run.c.id, which.run))
    if after is not None:
        is_behind = or_(run.c.started_at < after.started_at, run.c.id < after.id)
        chosen += [run.c.started_at <= after.started_at, is_behind]
    latest = run.c.started_at.desc(), run.c.id.desc()
    return _RUNS.where(*chosen).order_by(*latest).limit(size)


async def endings(
    conn: AsyncConnection, run_id: str, now: datetime
) -> frozenset[Ending] | None:
    """Return how the runs of a sync have ended, or one run; None if any goes on.

    However many accounts they are at, a few rows are read.
    """
    of_it = _of_run(run.c.id, run_id)
    going = await conn.execute(going_statement(run_id, now))
    if going.first() is not None:
        return None
    found = await conn.scalars(select(run.c.outcome).where(of_it).distinct())
    # One that is open here is without its lease: it has died.
    return frozenset(
        Ending.DIED if each == Ending.RUNNING.value else Ending(each) for each in found
    )


def going_statement(run_id: str, now: datetime) -> Select[Any]:
    """Return the statement that finds a run of a sync that goes on."""
    going = (_of_run(run.c.id, run_id), _ends_in([Ending.RUNNING.value], now))
    return _RUNS.with_only_columns(run.c.id).where(*going).limit(1)


_HAS_LEASE = run.c.id == account.c.token + ":" + run.c.account


def _ends_in(endings: Sequence[str | None], now: datetime) -> ColumnElement[bool]:
    """Return the condition for runs that ended so; one without its lease has died."""
    is_open = run.c.outcome == Ending.RUNNING.value
    lives = and_(_HAS_LEASE, account.c.lease_until > now)
    ways: list[ColumnElement[bool]] = [
        run.c.outcome.in_([e for e in endings if e != Ending.RUNNING.value])
    ]
    if Ending.RUNNING.value in endings:
        ways.append(and_(is_open, lives))
    if Ending.DIED.value in endings:
        ways.append(and_(is_open, func.coalesce(lives, False).is_(False)))
    return or_(*ways)


def _to_run(row: Row[Any], now: datetime) -> SentRun:
    ending = Ending(row.outcome)
    has_lease = row.lease_until is not None and row.lease_until > now
    if ending is Ending.RUNNING and not (
        has_lease and row.id == f"{row.token}:{row.account}"
    ):
        ending = Ending.DIED
    return SentRun(
        id=row.id,
        account=row.account,
        marketplace=row.marketplace,
        holder=row.holder,
        started_at=row.started_at,
        ended_at=row.ended_at,
        ending=ending,
        error=row.detail,
        kinds={},
    )


async def _kinds_of(
    conn: AsyncConnection, ids: Sequence[str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Return the number of changes of each run, by kind and outcome."""
    if not ids:
        return {}
    rows = await conn.execute(
        select(
            change.c.run_id,
            change.c.kind,
            change.c.outcome,
            func.count().label("n"),
        )
        .where(change.c.run_id.in_(list(ids)))
        .group_by(change.c.run_id, change.c.kind, change.c.outcome)
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows.all():
        kinds = found.setdefault(row.run_id, {})
        kinds.setdefault(row.kind, {})[row.outcome or "open"] = row.n
    return found


async def counts_by_kind(
    conn: AsyncConnection, run_id: str
) -> dict[str, dict[str, int]]:
    """Return how many changes of a run, or a sync, of each kind had which outcome."""
    rows = await conn.execute(
        select(change.c.kind, change.c.outcome, func.count().label("n"))
        .where(_of_run(change.c.run_id, run_id))
        .group_by(change.c.kind, change.c.outcome)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows.all():
        found.setdefault(row.kind, {})[row.outcome or "open"] = row.n
    return found


async def sent_of(conn: AsyncConnection, subjects: Sequence[str]) -> set[str]:
    """Return those of *subjects* of which anything was ever sent."""
    chosen = change.c.subject.in_(list(subjects))
    return set(await conn.scalars(select(change.c.subject).where(chosen).distinct()))
