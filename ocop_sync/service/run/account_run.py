"""One run: what is shared by all that is done at accounts until it ends."""

import asyncio
import logging
from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from catalog.eligibility import Text
from catalog.producer import Producer
from ocop_sync.calls.call import call_account
from ocop_sync.engine.approval.review import Reviewed
from ocop_sync.engine.plan.clock_doubt import TODO as CLOCK_TODO
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.reasons.account_problem import (
    LONGEST,
    Cause,
    cause_of,
    is_of_settings,
    todo_of,
    why_of,
)
from ocop_sync.engine.state.quarantine import is_of_the_account
from ocop_sync.errors import PlanError, StoppedError, SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem, Unreadable
from ocop_sync.marketplace.page_search import PageSearch
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.evaluator import Case, Freshness
from ocop_sync.service.evaluate.sales import Selling
from ocop_sync.service.run.approval_gate import Gate
from ocop_sync.service.run.case_cache import CaseCache
from ocop_sync.service.run.clock_check import ClockCheck
from ocop_sync.service.run.failed_changes import (
    LONGEST_WORDS,
    Failed,
    FailedChange,
    groups_of,
)
from ocop_sync.service.run.slots import Slot
from ocop_sync.store.runs import ledger
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.runs.last_runs import Ended, Ending

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Told of an account, how many changes it has had, and how many are left."""


def say_nothing(account: str, done: int, left: int) -> None:
    """Report no progress."""
    del account, done, left


_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ReadTally:
    """What reading an account whole has shown.

    Attributes:
        read: Listings that were shown, ours and others.
        equal: Those of ours that stand as we left them.
        whole: It was read to the end.
    """

    read: int = 0
    equal: int = 0
    whole: bool = False


class AccountRun:
    """The work of one run at one account.

    Attributes:
        deployment: What it works with.
        site: The marketplace.
        account: The account.
        lease: The right to work on it.
        gate: What may be taken from buyers at this marketplace.
        case_cache: What was evaluated there already.
        reviewed: What a person has reviewed, if nothing else may be sent.
        selling: What is heard of sales, at all accounts.
        clock_check: Holds what hangs on the day while the clock is doubted.
        turn: When it is worked on, among the others.
        has_sent: Set once all that was due at first has been sent.
        marketplace: The opened account.
        id: Names the run in the ledger.
        given_up: Products that this run leaves to the next one.
        postponed: Those of them that wait for stock to be lowered elsewhere, each
            with the accounts at which it is.
        stale: Those of them that are read again before their stock is written.
        has_raised: Stock was raised here.
        missing: Those whose stock is lower than it was left, perhaps sold.
        looked: When the accounts of this run were last read whole.
        revision: The catalog's revision up to which it has been looked at.
        sellers: Producers whose seller is known to be ready, as they were.
        must_stop: A seller may have to be stopped.
        refused_sellers: Producers whose profile the marketplace refused.
        sent: How many changes of each product were sent.
        writes: How many changes were sent.
        failed: How many of them were refused, lost or not taken.
        tally: What reading the account whole has shown.
        unread: Why it could not be read whole, or single listings not looked up;
            "" if nothing was in the way.
        unmarked: What its listings of ours carry that do not carry our reference, by
            product.
        not_met: Why it did not answer when it was signed in to, if that stops nothing.
        todo: What a person does about it, or about why nothing more is begun.
        cause: Of what kind that is.
        is_wrong: It cannot be used as it is set up.
        accepted: How many of them the marketplace has taken.
        lost: How many of them came to nothing, by no word on what they were.
        pages: What all pages have shown, where the marketplace cannot search.
        failures: The changes that came to nothing, also in a review.
    """

    def __init__(
        self,
        deployment: Deployment,
        site: Site,
        account: Account,
        lease: Lease,
        *,
        gate: Gate,
        case_cache: CaseCache,
        turn: Slot,
        selling: Selling,
        clock_check: ClockCheck,
    ) -> None:
        self.deployment = deployment
        self.site = site
        self.account = account
        self.lease = lease
        self.gate = gate
        self.case_cache = case_cache
        self.reviewed: Reviewed | None = None
        self.turn = turn
        self.has_sent = asyncio.Event()
        self.selling = selling
        self.clock_check = clock_check
        self.id = run_id_of(lease, account)
        self.given_up: set[str] = set()
        self.postponed: dict[str, set[str]] = {}
        self.stale: set[str] = set()
        self.has_raised = False
        self.missing: set[str] = set()
        self.looked = Freshness(at={})
        self.revision = 0
        self.sellers: dict[str, Producer] = {}
        self.must_stop = False
        self.refused_sellers: set[str] = set()
        self.sent: Counter[str] = Counter()
        self.writes = 0
        self.failed = 0
        self.tally = ReadTally()
        self.unread = ""
        self.unreadable: dict[str, str] = {}
        self.unmarked: dict[str, str] = {}
        self.todo: Text | None = None
        self.cause = Cause.NONE
        self.not_met: Exception | None = None
        self._useless = ""
        self.is_wrong = False
        self._cut_short = ""
        self.accepted = 0
        self.lost = 0
        self.pages: PageSearch | None = None
        self.failures: list[FailedChange] = []
        self._unanswered: dict[tuple[str, Kind], FailedChange] = {}
        self._said: dict[Hashable, Any] = {}
        self._number = 0
        self._opened: Marketplace | None = None
        self._begun = False
        self._has_row = False
        self._breaker = deployment.breaker(account.key)

    @property
    def marketplace(self) -> Marketplace:
        """Return the opened account; it is opened when first needed."""
        if self._opened is None:
            self._opened = self.deployment.open(self.account)
        return self._opened

    @property
    def is_down(self) -> bool:
        """Say whether the account was of no use, whatever it was sent."""
        is_useless = self.is_resting or bool(self._useless)
        return is_useless or is_of_the_account(self.accepted, self.lost)

    @property
    def is_resting(self) -> bool:
        """Say whether the account is left alone for a while, as its calls fail."""
        return self._breaker.is_open

    @property
    def slice_size(self) -> int:
        """Return how many changes are sent between two looks at what is due.

        Fewer where the quota would make a slice last too long.
        """
        options, declared = self.deployment.options, self.site.adapter.capabilities
        paces = (declared.calls_per_s, self.marketplace.context.quota.calls_per_s)
        known = [pace for pace in paces if pace is not None]
        if not known:
            return options.slice_size
        calls = min(known) * options.slice_time.total_seconds()
        return max(1, min(options.slice_size, int(calls)))

    @property
    def told(self) -> str:
        """Say who or what has told this run to end, or ""."""
        by = self.lease.cancelled_by.get(self.account.key)
        words = f"hủy bởi {by} / cancelled by {by}" if by else ""
        return words or self.deployment.stop.reason or self._cut_short

    @property
    def stopped(self) -> str:
        """Say why nothing more is begun here in this run, or ""."""
        return self.told or self._useless

    def leave(self, error: Exception) -> None:
        """Make no further call to this account in this run, because of *error*."""
        self._useless, self.todo = why_of(error), self._todo_of(error)
        self.cause = cause_of(error)
        self.is_wrong = is_of_settings(error)

    def note_unread(self, error: Exception) -> None:
        """Remember that something here could not be read, because of *error*."""
        if not self.unread:
            self.unread, self.todo = why_of(error), self._todo_of(error)
            self.cause = cause_of(error)

    def _todo_of(self, error: Exception) -> Text:
        key = self.account.key
        return todo_of(error, key, self.deployment.secrets_at.get(key, ""))

    def note_unreadable(self, odd: Iterable[Unreadable]) -> None:
        """Remember which listings here could not be read."""
        for each in odd:
            ref = each.ref or each.client_ref or "?"
            if ref not in self.unreadable:
                _log.warning(
                    "a listing cannot be read",
                    extra={"account": self.account.key, "ref": ref}
                    | {"reason": each.reason},
                )
            self.unreadable[ref] = each.reason

    def note_failed(
        self,
        subject: str,
        kind: Kind,
        failed: Failed,
        words: str,
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """Remember that a change came to nothing; equal words are kept once."""
        each = FailedChange(
            marketplace=self.site.name,
            account=self.account.key,
            subject=subject,
            kind=kind.value,
            failed=failed,
            words=self._said.setdefault(words, words[:LONGEST_WORDS]),
            problems=self._said.setdefault(problems, problems),
        )
        self.failures.append(each)
        if failed is Failed.UNKNOWN:
            self._unanswered[subject, kind] = each

    def note_applied(self, subject: str, kind: Kind) -> None:
        """Remember that a change without an answer was applied: it has not failed."""
        each = self._unanswered.pop((subject, kind), None)
        if each is not None:
            self.failures.remove(each)
            self.failed -= 1

    def may_send(self, case: Case, planned: Planned) -> bool:
        """Say whether one change may be sent now."""
        is_in = self.reviewed is None or self.reviewed.has(case.evaluation, planned)
        if self.clock_check.holds(planned.change.kind):
            return False
        return is_in and self.gate.allows(case, planned)

    def number(self) -> int:
        """Return the number of the next entry in the ledger."""
        self._number += 1
        return self._number

    async def call(self, make: Callable[[], Awaitable[T]]) -> T:
        """Make a call, and make it again as long as that is safe and worth it.

        Raises:
            StoppedError: The run was told to stop: the call was not made, or is
                known not to have been applied.
        """
        return await self._call(make, apart=False)

    async def call_apart(self, make: Callable[[], Awaitable[T]]) -> T:
        """Make a call of what has failed by itself: it speaks for no other.

        Raises:
            StoppedError: As of `call`.
        """
        return await self._call(make, apart=True)

    async def _call(self, make: Callable[[], Awaitable[T]], *, apart: bool) -> T:
        async with self.turn.given_up():
            return await call_account(
                self.deployment,
                self.marketplace,
                make,
                breaker=self._breaker,
                ensure=self._ensure_may_call,
                apart=apart,
            )

    def _ensure_may_call(self) -> None:
        self._ensure_going()
        self._ensure_leased()

    def _ensure_going(self) -> None:
        """Make no call once the run was told to end.

        Raises:
            StoppedError: It was.
        """
        if self.told:
            raise StoppedError(self.told)

    async def pause(self, seconds: float) -> None:
        """Wait, and let others work meanwhile.

        Raises:
            StoppedError: The run was told to stop.
        """
        async with self.turn.given_up():
            await self.deployment.pause(seconds)

    def _ensure_leased(self) -> None:
        """Make no call that could outlast the lease: another run may begin.

        Raises:
            SyncInProgressError: The lease has ended, or is about to.
        """
        longest = timedelta(seconds=self.site.adapter.capabilities.method_timeout_s)
        until = self.lease.until
        if until is not None and self.deployment.clock() + longest >= until:
            ended = "thời hạn giữ tài khoản đã hết / the lease has run out"
            raise SyncInProgressError(self.account.key, ended)

    async def begin(self) -> None:
        """Write the run down, once, before it does anything."""
        if self._begun:
            return
        self._begun = self._has_row = True
        now = self.deployment.clock()
        await self.deployment.database.write(
            lambda conn: ledger.open_run(
                conn,
                run_id=self.id,
                account=self.account.key,
                marketplace=self.site.name,
                holder=self.lease.holder,
                now=now,
            )
        )

    @property
    def has_row(self) -> bool:
        """Say whether the run stands in the ledger: it has sent something."""
        return self._has_row

    def row(self, began_at: datetime) -> Mapping[str, object]:
        """Return what the ledger says of the run if it has sent nothing."""
        ended = self.ended()
        return {
            "id": self.id,
            "account": self.account.key,
            "marketplace": self.site.name,
            "holder": self.lease.holder,
            "started_at": began_at,
            "ended_at": self.deployment.clock(),
            "outcome": ended.ending.value,
            "detail": ended.error,
        }

    async def end(self) -> None:
        """Write down how the run ended, once."""
        if not self._begun:
            return
        self._begun = False
        ended = self.ended()
        await self.deployment.database.write(
            lambda conn: ledger.close_run(
                conn,
                self.id,
                outcome=ended.ending.value,
                detail=ended.error,
                now=self.deployment.clock(),
            )
        )

    def ended(self) -> Ended:
        """Return how the run has ended, also if it has sent nothing."""
        unheard = self.selling.unread_sales.get(self.account.key, "")
        error, todo, cause = self._what_was_wrong(unheard)
        ending = Ending.FAILED if error else Ending.DONE
        if self.told:
            is_cancelled = self.account.key in self.lease.cancelled_by
            ending = Ending.CANCELLED if is_cancelled else Ending.STOPPED
        return Ended(
            account=self.account.key,
            run_id=self.id,
            ending=ending,
            error=error,
            todo=todo,
            cause=cause.value,
            worked=not (
                self.stopped
                or self.unread
                or unheard
                or self.clock_check.doubted() is not None  # its moment is no moment
            ),
            writes=self.writes,
            failed=self.failed,
            unread=self.unread,
            unheard=unheard,
        )

    def _what_was_wrong(self, unheard: str) -> tuple[str, Text | None, Cause]:
        """Return the worst of it, what a person does about it, and its kind."""
        key = self.account.key
        if self.told:
            return self.told, None, Cause.NONE
        if self.stopped or self.unread:
            return self.stopped or self.unread, self.todo, self.cause
        if (doubt := self.clock_check.doubted()) is not None:
            return str(doubt), CLOCK_TODO, Cause.CLOCK
        if unheard:
            selling = self.selling
            return unheard, selling.todo.get(key), selling.causes.get(key, Cause.OTHER)
        return self._what_failed()

    def _what_failed(self) -> tuple[str, Text | None, Cause]:
        """Return the same of single changes."""
        if not self.failed:
            return "", None, Cause.NONE
        most = next(iter(groups_of(self.failures)), None)
        said = f"{self.failed} thay đổi không thành / changes failed"
        if most is None:
            return said, None, Cause.OTHER
        return f"{said}: {most.words}"[:LONGEST], most.todo, Cause.OTHER

    def break_off(self, error: BaseException) -> None:
        """End here because of an error that is nobody's but the whole sync's.

        What a person decides about, a plan, says nothing of the account.
        """
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if self.stopped:
            return
        if isinstance(error, Exception) and not isinstance(error, PlanError):
            self.leave(error)
        else:
            self._cut_short = str(error) or "bị ngắt / interrupted"


def run_id_of(lease: Lease, account: Account) -> str:
    """Return what the ledger calls the run at *account* under *lease*."""
    return f"{lease.token}:{account.key}"


def batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut *items* into pieces of at most *size*."""
    return [items[start : start + size] for start in range(0, len(items), size)]
