"""Send one slice: intents stored before the calls, outcomes after them.

Listings, doubles at other accounts and sellers go through the same steps. The
stored state of each, and its entry in the ledger, are its own (`Sending`). Both steps
may be taken one after the other, or the next slice's first step while the calls of this
one are in flight (`ocop_sync.service.send.in_flight`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.calls.send import Attempt, NotSent, Outcome, send_changes
from ocop_sync.engine.state.problem_words import as_stored
from ocop_sync.marketplace.change import Change
from ocop_sync.marketplace.result import Applied, Refused, Result, Unknown
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.failed_changes import Failed
from ocop_sync.service.run.sent_tally import has_failed
from ocop_sync.store.runs import ledger, work_counts
from ocop_sync.store.runs.ledger import Answer, LedgerEntry
from ocop_sync.store.runs.work_counts import Counted


class Item(Struct, frozen=True, kw_only=True):
    """One change of a slice.

    Attributes:
        number: Its number in the ledger.
        urgency: Of all that wait for their call, the lowest is next.
        again: It has failed so often that it says nothing of the account.
        alone: It goes in a call of its own.
    """

    change: Change
    number: int
    urgency: int
    again: bool = False
    alone: bool = False


ItemT = TypeVar("ItemT", bound=Item)
Outcomes = Sequence[tuple[ItemT, Outcome]]
"""The sent changes of a slice, each with its outcome."""


class Sending(Protocol[ItemT]):
    """The stored state of one kind of subject around its calls."""

    async def store_intents(
        self, conn: AsyncConnection, items: Sequence[ItemT], now: datetime
    ) -> Sequence[ItemT]:
        """Store the intents; return the changes that may go."""

    def entry(self, item: ItemT, now: datetime) -> LedgerEntry:
        """Return the ledger's entry of a change before its call."""

    async def begun(self, going: Sequence[ItemT]) -> None:
        """Go on from stored intents; the calls come next."""

    def believed(self, item: ItemT, result: Result) -> Result:
        """Return the believed part of an answer."""

    async def store_outcomes(
        self, conn: AsyncConnection, pairs: Outcomes[ItemT], now: datetime
    ) -> None:
        """Store the outcome of each change."""


async def send_slice(
    run: AccountRun, items: Sequence[ItemT], sending: Sending[ItemT]
) -> Outcomes[ItemT]:
    """Send *items*, as far as they may go; return those that were sent."""
    going = await write_down(run, items, sending)
    return await send_written(run, going, sending)


async def write_down(
    run: AccountRun, items: Sequence[ItemT], sending: Sending[ItemT]
) -> Sequence[ItemT]:
    """Store the intents of *items*, as far as they may go; return those that may."""
    if run.is_paused:
        return []
    await run.begin()
    going = await _store_intents(run, items, sending)
    await sending.begun(going)
    return going


async def send_written(
    run: AccountRun,
    going: Sequence[ItemT],
    sending: Sending[ItemT],
    *,
    may_go: Callable[[ItemT], bool] = lambda _: True,
) -> Outcomes[ItemT]:
    """Send changes whose intents are stored, and store their outcomes.

    When the turn of a call has come, it is asked for each of its changes whether that
    *may_go*; if not, the call is taken back.
    """
    if not going:
        return []

    def attempt_of(batch: Sequence[int]) -> Attempt:
        items = [going[n] for n in batch]
        return partial(
            run.call,
            apart=items[0].again,
            urgency=min(item.urgency for item in items),
            may_go=lambda: all(may_go(item) for item in items),
        )

    outcomes = await send_changes(
        [item.change for item in going],
        run.marketplace,
        attempt_of,
        alone=[n for n, item in enumerate(going) if item.alone],
    )
    pairs = [
        (item, _believed(sending, item, outcome))
        for item, outcome in zip(going, outcomes, strict=True)
    ]
    for item, outcome in pairs:
        _note_outcome(run, item, outcome)
    await _store_outcomes(run, pairs, sending)
    return pairs


def _believed(sending: Sending[ItemT], item: ItemT, outcome: Outcome) -> Outcome:
    if isinstance(outcome, NotSent):
        return outcome
    return sending.believed(item, outcome)


async def _store_intents(
    run: AccountRun, items: Sequence[ItemT], sending: Sending[ItemT]
) -> Sequence[ItemT]:
    """Write down the intents of changes, before they are sent."""
    run.sales.note_writes(run.key, (item.change.kind for item in items))

    async def store(conn: AsyncConnection, now: datetime) -> Sequence[ItemT]:
        # Danger: a pause may have been entered since the items were chosen. It is read
        # in this very transaction, so that no call follows it.
        if run.is_paused:
            return []
        going = await sending.store_intents(conn, items, now)
        await ledger.record_sent(conn, [sending.entry(item, now) for item in going])
        await work_counts.add(conn, Counted.SENT, [run.counted_as()] * len(going))
        return going

    return await run.write(store, lasts=True)


async def _store_outcomes(
    run: AccountRun, pairs: Outcomes[ItemT], sending: Sending[ItemT]
) -> None:
    """Write down the outcomes of sent changes."""
    answers = [(item.number, *answer_of(outcome)) for item, outcome in pairs]

    async def store(conn: AsyncConnection, now: datetime) -> None:
        await sending.store_outcomes(conn, pairs, now)
        await ledger.answer(conn, run.id, answers, now)
        came_of = [run.counted_as(outcome) for _, outcome, _ in answers]
        await work_counts.add(conn, Counted.OUTCOME, came_of)

    await run.write(store)


def answer_of(outcome: Outcome) -> tuple[Answer, str]:
    """Return the ledger's outcome for *outcome*."""
    if isinstance(outcome, NotSent) and not outcome.problems:
        return Answer.NOT_SENT, outcome.detail
    if isinstance(outcome, Unknown):
        return Answer.UNKNOWN, outcome.detail
    if isinstance(outcome, Refused | NotSent):
        return Answer.REFUSED, as_stored(outcome.problems)
    done = isinstance(outcome, Applied)
    return (Answer.APPLIED, "") if done else (Answer.SUBMITTED, "")


def _note_outcome(run: AccountRun, item: Item, outcome: Outcome) -> None:
    """Count a sent change, and stop the run at an account that is of no use."""
    if isinstance(outcome, NotSent) and outcome.handed_back:
        return
    run.sent.count(outcome, speaks_of_account=not item.again)
    answer, words = answer_of(outcome)
    run.sent.note_outcome(item.change.kind, answer.value)
    if has_failed(outcome):
        problems = outcome.problems if isinstance(outcome, Refused | NotSent) else ()
        change = item.change
        run.sent.note_failed(
            change.client_ref, change.kind, Failed(answer.value), words, problems
        )
    if isinstance(outcome, NotSent) and outcome.error is not None:
        run.ending.leave(outcome.error)
