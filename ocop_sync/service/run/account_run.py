"""The state that all work of a run at one account shares."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.calls.call import READ, call_account
from ocop_sync.calls.places import Places
from ocop_sync.calls.send import TakenBackError
from ocop_sync.engine.approval.review import Reviewed
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.state.quarantine import is_of_the_account
from ocop_sync.errors import (
    ProtocolError,
    StoppedError,
    SyncInProgressError,
    TransientError,
)
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Change
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.case import Case, Freshness
from ocop_sync.service.run.account_shown import AccountShown
from ocop_sync.service.run.approval_gate import Gate
from ocop_sync.service.run.case_cache import CaseCache
from ocop_sync.service.run.evaluate_all import Walked
from ocop_sync.service.run.evaluation_progress import EvaluationProgress
from ocop_sync.service.run.left_to_later import LeftToLater
from ocop_sync.service.run.one_sync import OneSync
from ocop_sync.service.run.run_ending import RunEnding
from ocop_sync.service.run.run_events import Words
from ocop_sync.service.run.run_progress import RunProgress
from ocop_sync.service.run.seller_work import SellerWork
from ocop_sync.service.run.sent_tally import SentTally
from ocop_sync.service.run.slots import Slot
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.runs.last_runs import Ended
from ocop_sync.store.runs.ledger import ClosedRun, OpenedRun
from ocop_sync.store.runs.run_events import EventKind

P = ParamSpec("P")
T = TypeVar("T")

_TAKEN_BACK = "đã đổi trong lúc chờ lượt / it has changed while it waited for its turn"

AT_MOST = 20
"""Changes of one product in one run; more mean that a loop goes round."""


class AccountRun:
    """The work of one run at one account.

    Attributes:
        gate: The approval gate of this marketplace.
        case_cache: The cases that were evaluated there already.
        reviewed: The reviewed changes, if nothing else may be sent.
        slot: When it is worked on, among the others.
        has_sent: Set once all that was due at first has been sent.
        evaluation: How far the evaluation of all products is.
        remembering: Held by whoever stores what was read: all renew one lease, and in
            the database each would wait for those before it, and not for long.
        id: Names the run in the ledger.
        later: The work that it leaves to later, and until when.
        sellers: The sellers there, and the work on them.
        sent: Its sent changes, and their outcomes.
        shown: The result of reading the account.
        ending: The obstacles, and how the run ends.
        freshness: When the accounts of this run were last read whole.
        revision: The catalog's revision up to which it has been looked at.
    """

    def __init__(
        self,
        sync: OneSync,
        site: Site,
        account: Account,
        *,
        gate: Gate,
        case_cache: CaseCache,
        slot: Slot,
    ) -> None:
        self.deployment = sync.deployment
        self.lease = sync.lease
        self.sales = sync.sales
        self.progress = sync.progress
        self.site = site
        self.account = account
        self.gate = gate
        self.case_cache = case_cache
        self.reviewed: Reviewed | None = None
        self.slot = slot
        self.has_sent = asyncio.Event()
        self.evaluation = EvaluationProgress()
        self.remembering = asyncio.Lock()
        self.id = run_id_of(sync.lease, account)
        self.later = LeftToLater()
        self.sellers = SellerWork()
        self.sent = SentTally(account)
        self.shown = AccountShown(account.key)
        self.ending = RunEnding(sync, account, self.sent)
        self.freshness = Freshness(read_at={})
        self.revision = 0
        self._number = 0
        self._opened: Marketplace | None = None
        self._clock_check = sync.clock_check
        self._has_row = False
        self._beginning = asyncio.Lock()  # of some that work side by side
        self._events = sync.events
        self._progress = RunProgress(self.sent, self._retries)
        self._breaker = self.deployment.breaker(account.key)

    @property
    def key(self) -> str:
        """Return the account's key."""
        return self.account.key

    @property
    def marketplace(self) -> Marketplace:
        """Return the opened account; it is opened when first needed."""
        if self._opened is None:
            self._opened = self.deployment.open(self.account)
        return self._opened

    @property
    def is_down(self) -> bool:
        """Say whether the account was of no use, for any change."""
        is_useless = self.is_resting or self.ending.is_useless
        return is_useless or is_of_the_account(self.sent.accepted, self.sent.lost)

    @property
    def is_resting(self) -> bool:
        """Say whether the account rests, as its calls fail."""
        return self._breaker.is_open

    @property
    def is_paused(self) -> bool:
        """Say whether nothing is written here for now: reads go on."""
        return self.key in self.lease.paused

    @property
    def slice_changes(self) -> int:
        """Return how many changes are sent between two looks at the due work.

        Fewer where the quota would make a slice last too long.
        """
        limits, declared = self.deployment.limits, self.site.adapter.capabilities
        paces = (declared.calls_per_s, self.marketplace.context.quota.calls_per_s)
        known = [pace for pace in paces if pace is not None]
        if not known:
            return limits.slice_changes
        calls = min(known) * limits.slice_time.total_seconds()
        return max(1, min(limits.slice_changes, int(calls)))

    @property
    def stopped(self) -> str:
        """Say why nothing more is begun here in this run, or ""."""
        return self.ending.stopped

    def send_only(self, reviewed: Reviewed) -> None:
        """Send nothing but reviewed changes."""
        self.reviewed = reviewed

    def note_walk(self, walked: Walked) -> None:
        """Remember up to when catalog and accounts are known."""
        self.revision, self.freshness = walked.revision, walked.freshness

    def note_changes(self, revision: int) -> None:
        """Remember that the catalog's changes up to *revision* are known."""
        self.revision = revision

    def note_sales_known(self, at: Mapping[str, datetime | None]) -> None:
        """Remember when all sales of accounts were last known, by key."""
        known = {**self.freshness.sales_known_at, **at}
        self.freshness = replace(self.freshness, sales_known_at=known)

    def may_send(self, case: Case, planned: Planned) -> bool:
        """Say whether one change may be sent now."""
        if self.is_paused:
            return False
        is_in = self.reviewed is None or self.reviewed.has(case.evaluation, planned)
        if self._clock_check.holds(planned.change.kind):
            return False
        return is_in and self.gate.allows(case, planned)

    def next_of(self, case: Case) -> Planned | None:
        """Return the first change of a case that may be sent now."""
        if self.sent.sent_of(case.product_id) >= AT_MOST:
            return None
        changes = case.evaluation.changes
        return next((each for each in changes if self.may_send(case, each)), None)

    def note_begun(self, changes: Iterable[Change]) -> None:
        """Remember that *changes* are sent: each reviewed one goes once."""
        if self.reviewed is not None:
            for change in changes:
                self.reviewed.sent(change)

    def number(self) -> int:
        """Return the number of the next entry in the ledger."""
        self._number += 1
        return self._number

    @property
    def places(self) -> Places:
        """Return the places for calls to the account."""
        return self.deployment.places(self.marketplace)

    async def call(
        self,
        make: Callable[[], Awaitable[T]],
        *,
        apart: bool = False,
        urgency: int = READ,
        may_go: Callable[[], bool] = lambda: True,
    ) -> T:
        """Make a call, and make it again as long as that is safe and worth it.

        *apart*: its change has often failed, and tells nothing of others. Of all that
        wait, the call of the lowest *urgency* is next. Then it is asked whether it
        still *may_go*.

        Raises:
            StoppedError: The run was told to stop: the call was not made, or is
                known not to have been applied.
            TakenBackError: It may not go any more; the same.
        """

        def ensure() -> None:
            self._ensure_may_call()
            if not may_go():
                raise TakenBackError(_TAKEN_BACK)

        async with self.slot.released():
            return await call_account(
                self.deployment,
                self.marketplace,
                make,
                breaker=self._breaker,
                ensure=ensure,
                apart=apart,
                urgency=urgency,
            )

    async def fetch(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return the result of one query."""
        return await self.deployment.database.fetch(query, *args, **named)

    async def write(
        self,
        work: Callable[[AsyncConnection, datetime], Awaitable[T]],
        *,
        lasts: bool = False,
    ) -> T:
        """Carry *work* out in one transaction, under the lease, which it renews.

        It is told the present instant, in UTC; *lasts* is as of `Database.write`.

        Raises:
            SyncInProgressError: The lease has ended.
        """

        async def renewed(conn: AsyncConnection) -> T:
            now = self.deployment.clock()
            await accounts.renew(conn, self.key, self.lease, now)
            return await work(conn, now)

        return await self.deployment.database.write(renewed, lasts=lasts)

    @contextmanager
    def reading(self, log: logging.Logger, failure: str) -> Iterator[None]:
        """Read inside; go on where the account does not answer as it should.

        *failure* is the sentence on it for *log*.
        """
        try:
            yield
        except (TransientError, ProtocolError) as error:
            self.ending.note_unread(error)
            reason = {"account": self.account.key, "reason": str(error)}
            log.warning(failure, extra=reason)

    async def pause(self, seconds: float) -> None:
        """Wait, and let others work meanwhile.

        Raises:
            StoppedError: The run was told to stop.
        """
        async with self.slot.released():
            await self.deployment.pause(seconds)

    async def pause_until(self, at: datetime) -> None:
        """Wait until *at*, as of `pause`."""
        wait = at - self.deployment.clock()
        await self.pause(max(0.0, wait.total_seconds()))

    def _ensure_may_call(self) -> None:
        """Make no call once told to end, nor one that could outlast the lease.

        Another run may begin as soon as the lease has ended.

        Raises:
            StoppedError: The run was told to end.
            SyncInProgressError: The lease has ended, or is about to.
        """
        if self.ending.told:
            raise StoppedError(self.ending.told)
        longest = timedelta(seconds=self.site.adapter.capabilities.method_timeout_s)
        until = self.lease.until
        if until is not None and self.deployment.clock() + longest >= until:
            ended = "thời hạn giữ tài khoản đã hết / the lease has run out"
            raise SyncInProgressError(self.account.key, ended)

    def counted_as(self, outcome: str = "") -> tuple[str, str, str]:
        """Return as what a run or change of this account counts, for monitoring."""
        return self.account.key, self.site.name, outcome

    async def begin(self) -> None:
        """Write the run down in the ledger, once, before it reads listings or sends."""
        async with self._beginning:
            await self._begin()

    async def _begin(self) -> None:
        if self._has_row:
            return
        self._has_row = True
        await self._events.begin(self._opened_at(self.deployment.clock()))
        self._progress.begin(self.marketplace)

    async def tell_progress(self, left: int) -> None:
        """Tell whoever follows this run how far it is; *left* changes are due."""
        data = {"progress": self._progress.told(self.marketplace, self._retries, left)}
        await self._events.tell(EventKind.PROGRESS, self.key, data)

    def told_at_end(self) -> Words:
        """Return what whoever follows this run is told last."""
        progress = self._progress.told(self.marketplace, self._retries, None)
        data = {"outcome": self.ended().ending.value, "progress": progress}
        return EventKind.ENDED, self.key, data

    @property
    def _retries(self) -> int:
        return self.deployment.retries[self.key]

    @property
    def has_row(self) -> bool:
        """Say whether the run stands in the ledger: it has begun to read or to send."""
        return self._has_row

    def row(self, began_at: datetime) -> Mapping[str, object]:
        """Return the run's row in the ledger if it has not begun."""
        ended = self.ended()
        return {
            **self._opened_at(began_at)._asdict(),
            "ended_at": self.deployment.clock(),
            "outcome": ended.ending.value,
            "detail": ended.error,
        }

    def _opened_at(self, started_at: datetime) -> OpenedRun:
        return OpenedRun(
            id=self.id,
            account=self.account.key,
            marketplace=self.site.name,
            holder=self.lease.holder,
            started_at=started_at,
        )

    def closed(self) -> ClosedRun:
        """Return how the run ended, for its row in the ledger."""
        ended = self.ended()
        return ClosedRun(self.id, ended.ending.value, ended.error)

    def ended(self) -> Ended:
        """Return how the run has ended, also if it has sent nothing."""
        return self.ending.ended(self.id)


def run_id_of(lease: Lease, account: Account) -> str:
    """Return the id in the ledger of the run at *account* under *lease*."""
    return f"{lease.token}:{account.key}"
