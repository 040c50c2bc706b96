"""The sent changes as whoever asks for them is answered: runs, one run, the ledger.

Each answer is gone through once, while it is read. The rows themselves, and which of
them are shown how, are of `ocop_sync.service.queries.history`.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from catalog.db.kept_changes import Touching
from ocop_sync.errors import NoSuchAccountError, NoSuchRunError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries import history
from ocop_sync.service.queries.history import LedgerLine
from ocop_sync.service.queries.requests import SeenRequest, open_requests, request_of
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.inferred_sales import InferredSale
from ocop_sync.store.runs.ledger import Answer
from ocop_sync.store.runs.run_history import (
    FAILED,
    ChangePlace,
    RunPlace,
    SentRun,
    Which,
)

Row = TypeVar("Row")
Place = TypeVar("Place")

_NAMED = 20
"""Accounts that are named where one is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRuns:
    """The runs that stand in the ledger, the latest first.

    `requests` are the runs that were asked for and have not ended.
    """

    simulated: bool
    requests: Sequence[SeenRequest]
    runs: AsyncIterator[SentRun]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWithFailures:
    """A run, or all runs of a sync, and the failed changes by number.

    `request` is None if nobody has asked for it.
    """

    simulated: bool
    request: SeenRequest | None
    runs: Sequence[SentRun]
    failed: AsyncIterator[LedgerLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart:
    """Some of the ledger.

    Attributes:
        simulated: Some marketplace is a mock.
        which: Which changes, with the products that codes name.
        of_products: Products were named, so that the next two are shown.
        counted_as_sold: Inferred sales of the products.
        imports: The imports that have changed them.
        changes: The changes, the latest first; those of a run by number.
    """

    simulated: bool
    which: Which
    of_products: bool
    counted_as_sold: Sequence[InferredSale]
    imports: Sequence[Touching]
    changes: AsyncIterator[LedgerLine]


class ChangeOutcome(StrEnum):
    """The outcome of a sent change, as whoever asks for some names it."""

    APPLIED = Answer.APPLIED.value
    SUBMITTED = Answer.SUBMITTED.value
    REFUSED = Answer.REFUSED.value
    UNKNOWN = Answer.UNKNOWN.value
    NOT_SENT = Answer.NOT_SENT.value
    OPEN = "open"
    """Nobody knows yet."""
    FAILED = "failed"
    """Any by which it came to nothing, or may have."""


def outcomes_of(said: Iterable[str]) -> list[str | None]:
    """Return the stored outcomes that *said* names; None where nothing is known yet."""
    found: list[str | None] = []
    for each in said:
        if each == ChangeOutcome.FAILED:
            found += [answer.value for answer in FAILED]
        else:
            found.append(None if each == ChangeOutcome.OPEN else str(each))
    return found


@dataclass(frozen=True, slots=True)
class SentPage(Generic[Row, Place]):
    """Some rows, and the place of the last one; None if no more follow."""

    simulated: bool
    rows: Sequence[Row]
    last: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRun:
    """A run, or all runs of a sync, and some of the changes that failed.

    `request` is None if nobody has asked for it.
    """

    request: SeenRequest | None
    runs: Sequence[SentRun]
    failed: SentPage[LedgerLine, ChangePlace]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLedger:
    """Some of the ledger: what is told of the whole of it, and some changes."""

    part: LedgerPart
    changes: SentPage[LedgerLine, ChangePlace]


async def runs_page(
    deployment: Deployment, which: Which, *, after: RunPlace | None, size: int
) -> SentPage[SentRun, RunPlace]:
    """Return the *size* runs after a place.

    Raises:
        NoSuchAccountError: Nobody knows one of the accounts.
    """
    await _ensure_known(deployment, which.accounts)
    runs = history.runs(deployment, which, most=size + 1, behind=after)
    rows = [each async for each in runs]
    last = rows[size - 1].place if len(rows) > size else None
    return SentPage(deployment.simulated, rows[:size], last)


async def run_page(
    deployment: Deployment, id_: str, *, after: ChangePlace | None, size: int
) -> FoundRun:
    """Return the run or sync *id_*, and *size* of its failed changes after a place.

    Raises:
        NoSuchRunError: There is none.
    """
    request, runs = await _run_of(deployment, id_)
    failed = await _changes(deployment, history.failed_of(id_), after, size)
    return FoundRun(request=request, runs=runs, failed=failed)


async def _run_of(
    deployment: Deployment, id_: str
) -> tuple[SeenRequest | None, Sequence[SentRun]]:
    """Return what was asked for under an id, and the runs that are called so.

    Raises:
        NoSuchRunError: There is neither.
    """
    request = await request_of(deployment, id_)
    try:
        return request, await history.run_of(deployment, id_)
    except NoSuchRunError:
        # One that waits, or that finds nothing to do, is not in the ledger.
        if request is None or request.request.id != id_:
            raise
        return request, ()


async def ledger_page(
    deployment: Deployment,
    which: Which,
    codes: Sequence[str] = (),
    *,
    after: ChangePlace | None,
    size: int,
) -> FoundLedger:
    """Return *size* changes of the ledger after a place; else as of `ledger_part`."""
    part = await ledger_part(deployment, which, codes, most=0)
    changes = await _changes(deployment, part.which, after, size)
    return FoundLedger(part=part, changes=changes)


async def _changes(
    deployment: Deployment, which: Which, after: ChangePlace | None, size: int
) -> SentPage[LedgerLine, ChangePlace]:
    found = history.changes(deployment, which, most=size + 1, behind=after)
    rows = [each async for each in found]
    last = rows[size - 1].change.place if len(rows) > size else None
    return SentPage(deployment.simulated, rows[:size], last)


async def sent_runs(
    deployment: Deployment, which: Which, *, most: int | None = None
) -> SentRuns:
    """Return the runs that stand in the ledger, at most *most* of them.

    Raises:
        NoSuchAccountError: Nobody knows one of the accounts.
    """
    await _ensure_known(deployment, which.accounts)
    return SentRuns(
        simulated=deployment.simulated,
        requests=await open_requests(deployment),
        runs=history.runs(deployment, which, most=most),
    )


async def run_with_failures(
    deployment: Deployment, id_: str, *, most: int | None = None
) -> RunWithFailures:
    """Return the run or sync *id_*, with at most *most* of the changes that failed.

    Raises:
        NoSuchRunError: There is none.
    """
    request, runs = await _run_of(deployment, id_)
    return RunWithFailures(
        simulated=deployment.simulated,
        request=request,
        runs=runs,
        failed=history.changes(deployment, history.failed_of(id_), most=most),
    )


async def ledger_part(
    deployment: Deployment,
    which: Which,
    codes: Sequence[str] = (),
    *,
    most: int | None = None,
) -> LedgerPart:
    """Return changes of the ledger, at most *most* of them.

    Args:
        deployment: The deployment.
        which: Which changes.
        codes: Of which products or producers; all if empty.
        most: How many at most; None for all.

    Raises:
        NoSuchAccountError: Nobody knows one of the accounts.
        NoSuchRunError: Nobody knows the run, or one of the codes.
    """
    await _ensure_known(deployment, which.accounts)
    if which.run:
        await history.run_of(deployment, which.run)
    which = await history.about(deployment, which, codes)
    return LedgerPart(
        simulated=deployment.simulated,
        which=which,
        of_products=bool(codes),
        counted_as_sold=await history.inferred_sales(deployment, which),
        imports=await history.imports(deployment, which),
        changes=history.changes(deployment, which, most=most),
    )


async def _ensure_known(deployment: Deployment, keys: Sequence[str]) -> None:
    """Refuse accounts that are neither set up nor remembered from before."""
    here = {key for site in deployment.sites for key in site.accounts}
    here |= deployment.unusable.keys()
    async with deployment.database.read() as conn:
        remembered = await accounts.known(conn, keys)
    if unknown := [key for key in keys if key not in here | remembered]:
        names, known = ", ".join(unknown), ", ".join(sorted(here)[:_NAMED]) or "-"
        more = f" … +{len(here) - _NAMED}" if len(here) > _NAMED else ""
        message = (
            f"không có tài khoản {names}; đang có: {known}{more}"
            f" / no account {names}; there are: {known}{more}"
        )
        raise NoSuchAccountError(message)
