"""Put doubles right that stand at another account than their product.

Their changes are planned with the product (`Evaluation.other_account_changes`) and
ask, once for the product, at the gate of the marketplace; each account's run sends the
changes at that account, under its own lease, quota and breaker, and reads back the
unanswered ones. Which listing stays is decided from the stored states of both: so it
needs no account to answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.values import replace
from ocop_sync.calls.send import NotSent, Outcome
from ocop_sync.engine.plan.doubles import (
    after_answer,
    gone_on_at_other_account,
    kept_ref,
    left_behind,
    successor,
)
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.state.answer import believed
from ocop_sync.engine.state.look_up import to_look_up
from ocop_sync.engine.state.quarantine import next_try
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.result import Refused, Result, Submitted, Unknown
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.coverage_facts import note_counted
from ocop_sync.service.observe.other_account_doubles import (
    end_other_account_doubles,
    read_other_account_doubles,
    shows,
)
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import evaluated
from ocop_sync.service.send.pipeline import Outcomes, send_slice
from ocop_sync.service.send.planned import (
    PlannedItem,
    entry_of,
    failure_now,
    is_refused_for_now,
    item_of,
    stopped_by_gate,
)
from ocop_sync.store.decisions import drift_decided
from ocop_sync.store.decisions.drift import US
from ocop_sync.store.listings import other_account_doubles, records
from ocop_sync.store.listings.other_account_doubles import (
    OtherAccountDouble,
    with_other_account_doubles,
)
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.ledger import LedgerEntry

_Item = PlannedItem[OtherAccountDouble]
"""A change with its listing before it."""

_AT_MOST = 4
"""Rounds, one after another: a listing gets one change in each (stock, stars, text)."""


async def mend_other_account_doubles(run: AccountRun) -> None:
    """Read the due doubles at an account, and send their due changes."""
    now = run.deployment.clock()
    found = await run.fetch(other_account_doubles.at, run.key)
    due = [
        each
        for each in found
        if (each.read_at is None or each.double.pending or _look_up_is_due(each, now))
        and shows(run, each)
    ]
    if due:
        await read_other_account_doubles(run, due)
    if run.reviewed is not None:
        return  # a plan that is reviewed holds no changes of these doubles
    tried = set[str]()
    for _ in range(_AT_MOST):
        items = [i for i in await _due(run) if i.known.double.ref not in tried]
        if not items:
            return
        for some in chunks(items, run.slice_changes):
            tried |= await _send(run, some)


def _look_up_is_due(each: OtherAccountDouble, now: datetime) -> bool:
    return each.look_at is not None and each.look_at <= now


async def read_back_other_account_doubles(run: AccountRun) -> None:
    """Wait until unanswered changes must show, read them, and send what is due then."""
    found = await run.fetch(other_account_doubles.at, run.key)
    sent = [each.sent_at for each in found if each.double.pending and each.sent_at]
    if not sent:
        return
    now = run.deployment.clock()
    await run.pause_until(run.site.lag_ends(min(now, max(sent))))
    await mend_other_account_doubles(run)


async def _due(run: AccountRun) -> list[_Item]:
    """Return the next change of each listing that may go now, most urgent first."""
    key = run.key
    async with run.deployment.database.read() as conn:
        found = await other_account_doubles.at(conn, key)
        ids = sorted({each.product_id for each in found})
        cases = await evaluated(conn, run, ids) if ids else []
    by_id = {case.product_id: case for case in cases}
    items = [
        item_of(
            run,
            by_id[each.product_id],
            planned,
            each,
            each.double.failures.get(planned.change.kind),
        )
        for each in found
        if (planned := _next(run, by_id[each.product_id], each)) is not None
    ]
    return sorted(items, key=lambda item: item.planned.urgency)


def _next(run: AccountRun, case: Case, each: OtherAccountDouble) -> Planned | None:
    for planned in case.evaluation.other_account_changes:
        ref = getattr(planned.change, "ref", "")
        is_its = (planned.account, ref) == (run.key, each.double.ref)
        if is_its and run.gate.allows(case, planned):
            return planned
    return None


async def _send(run: AccountRun, items: Sequence[_Item]) -> set[str]:
    """Send one change of each; return the refs of those that came to nothing."""
    return {
        item.known.double.ref
        for item, outcome in await send_slice(run, items, _Doubles(run))
        if isinstance(outcome, NotSent | Unknown | Refused)
    }


class _Doubles:
    """The stored state of doubles around the calls of one slice."""

    def __init__(self, run: AccountRun) -> None:
        self._run = run

    async def store_intents(
        self,
        conn: AsyncConnection,
        items: Sequence[_Item],
        now: datetime,
    ) -> Sequence[_Item]:
        """Store the intents that the gate lets pass."""
        stopped = await stopped_by_gate(self._run, conn, items, now)
        going = [item for item in items if item.product_id not in stopped]
        ends = self._run.site.lag_ends(now)
        await other_account_doubles.save(
            conn,
            [
                replace(
                    item.known,
                    double=replace(item.known.double, pending=True),
                    sent_at=now,
                    look_at=ends,
                )
                for item in going
            ],
        )
        return going

    def entry(self, item: _Item, now: datetime) -> LedgerEntry:
        return entry_of(self._run, item, now)

    async def begun(self, going: Sequence[_Item]) -> None:
        """Note nothing: a plan that is reviewed holds no doubles."""

    def believed(self, item: _Item, result: Result) -> Result:
        """Return *result*, as unknown if it contradicts itself or is not final."""
        if item.change.kind is Kind.WITHDRAW and isinstance(result, Submitted):
            return Unknown("chờ duyệt / in review")
        each = item.known
        before = State(
            product_id=each.product_id,
            marketplace=each.marketplace,
            found=each.double.found,
        )
        return believed(before, item.change, result)

    async def store_outcomes(
        self, conn: AsyncConnection, pairs: Outcomes[_Item], now: datetime
    ) -> None:
        """Store the outcome of each; forget doubles that are down."""
        run = self._run
        after = [(item, _after(run, item, outcome, now)) for item, outcome in pairs]
        await other_account_doubles.save(
            conn, [each for _, each in after if each is not None]
        )
        if gone := [item.known for item, each in after if each is None]:
            await end_other_account_doubles(conn, run, gone, by=US)


def _after(
    run: AccountRun, item: _Item, outcome: Outcome, now: datetime
) -> OtherAccountDouble | None:
    """Return the listing after an answer; None if it is down."""
    known, planned = item.known, item.planned
    kind, double = planned.change.kind, known.double
    if not isinstance(outcome, NotSent) and not is_refused_for_now(outcome):
        pending = replace(double, pending=True)
        answered = after_answer(pending, planned.change, outcome, planned.values)
        if answered is None:
            return None
        double = answered
    failure = failure_now(run, item, outcome, double.failures.get(kind))
    if failure is None:
        look_at = run.site.lag_ends(now) if double.pending else None
        return replace(known, double=double, sent_at=now, look_at=look_at)
    double = replace(double, failures={**double.failures, kind: failure})
    again = next_try(failure) or now
    look_at = max(again, run.site.lag_ends(now)) if double.pending else again
    return replace(known, double=double, sent_at=now, look_at=look_at)


async def go_on_at_other_account(runs: Mapping[str, AccountRun]) -> None:
    """Go on with listings at other accounts, where that is due.

    A person has chosen one, or the one before does not sell any more. The product is
    listed through that account from then on, and its listings at the one before are
    doubles. So it needs the leases of both, and is done before anything is evaluated.
    """
    for site in {run.site.name: run.site for run in runs.values()}.values():
        run = next(each for each in runs.values() if each.site is site)
        database = run.deployment.database
        is_due = await database.fetch(_successions, site.name, runs)
        if is_due:
            await database.write(partial(_go_on, name=site.name, runs=runs))


async def _successions(
    conn: AsyncConnection, name: str, runs: Mapping[str, AccountRun]
) -> list[tuple[Record, OtherAccountDouble]]:
    """Return the products whose listing at another account stays, with that one."""
    ids = await other_account_doubles.products(conn, name)
    if not ids:
        return []
    found = await other_account_doubles.of_products(conn, name, ids)
    known = await records.load(conn, name, ids)
    now = next(iter(runs.values())).deployment.clock()
    past = await drift_decided.past_of(conn, name, ids, now)
    known = {
        id_: replace(r, state=replace(r.state, past=past[id_])) if id_ in past else r
        for id_, r in known.items()
    }
    due = []
    for id_, record in (await with_other_account_doubles(conn, name, known)).items():
        double = successor(record.state)
        if double is None or not {record.state.account, double.account} <= runs.keys():
            continue
        if record.blocked and not kept_ref(record.state):
            continue  # none of them is to sell: it is withdrawn where it stands
        due += [(record, each) for each in found[id_] if each.double == double]
    return due


async def _go_on(
    conn: AsyncConnection, *, name: str, runs: Mapping[str, AccountRun]
) -> None:
    for record, chosen in await _successions(conn, name, runs):
        before, key = record.state, chosen.double.account
        run = runs[key]
        now = run.deployment.clock()
        for each in (before.account, key):
            await accounts.renew(conn, each, run.lease, now)
        state = gone_on_at_other_account(
            before,
            chosen.double,
            seller_ref=run.account.seller_ref or before.seller_ref,
            known_at=chosen.known_at,
        )
        state = to_look_up(state, now)  # all that there is of it there
        behind = [
            OtherAccountDouble(
                marketplace=name,
                product_id=before.product_id,
                double=double,
                read_at=before.read_at,
                sent_at=before.sent_at,
                look_at=now if double.pending else None,
            )
            for double in left_behind(before)
        ]
        mine = [each.ref for each in state.doubles]
        await other_account_doubles.remove(conn, key, [chosen.double.ref, *mine])
        await other_account_doubles.save(conn, behind)
        first = state.doubles[0].ref if state.doubles else ""
        state = replace(state, doubled_ref=first)
        unheld = _unheld(record, state)
        await records.save(conn, [unheld])
        await note_counted(conn, name, {}, [unheld], now)
        await other_account_doubles.point(conn, name, [before.product_id])


def _unheld(record: Record, state: State) -> Record:
    return replace(
        record.unsettled(state),
        hold=None,
        held_group=None,
        urgency=None,
        next_try_at=None,
    )
