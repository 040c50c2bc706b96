"""Say what a sync would do, without doing any of it.

Nothing is written, neither to a marketplace nor to the database, and no
marketplace is called: an account that was not read within the last day is
named, since what is there may still turn a create into an adoption.
"""

import heapq
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.decide import Decision
from ocop_sync.engine.diff import judge
from ocop_sync.engine.judgement import Planned, Urgency
from ocop_sync.engine.review import (
    Why,
    cause_of,
    print_of_change,
    print_of_seller,
    why_of_change,
    why_of_seller,
)
from ocop_sync.engine.safety import HeldCause
from ocop_sync.engine.wanted import faulty
from ocop_sync.marketplace.change import Change, PutSeller, StopSeller
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.effort import Effort, effort_of
from ocop_sync.service.gate import Asking, Gate
from ocop_sync.service.judging import Case, Judge, Looked, unsettled_pages
from ocop_sync.service.mapping import with_mappings
from ocop_sync.service.sellers import due_sellers
from ocop_sync.service.writing import NEEDS_SELLER
from ocop_sync.store import accounts, counts

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change that a sync would send.

    Attributes:
        marketplace: Name of the marketplace.
        account: Key of the account.
        product_id: The product.
        name: Its name, or "".
        kind: The kind of change.
        urgency: How urgent it is by itself; it goes after all that comes before it
            of the same product.
        takes: It takes something from buyers.
        cause: The rule, import or date that it comes from.
        before: What it replaces, or None.
        after: What it writes, or None.
        why: Why, as a person reads it.
        print: Stands for what a person is shown of it; never for stock.
        is_second: It is of a second listing at another account than the product's:
            a plan shows it, and what is reviewed does not hold it.
    """

    marketplace: str
    account: str
    product_id: str
    name: str
    kind: str
    urgency: Urgency
    takes: bool
    cause: str
    before: object
    after: object
    why: Why
    print: str
    is_second: bool = False


@dataclass(slots=True, kw_only=True)
class Plan:
    """What a sync would do at one marketplace.

    Attributes:
        marketplace: Name of the marketplace.
        simulated: It is a mock.
        lines: The changes, in the order in which they would go at each account;
            accounts go side by side.
        held: Groups that a person would have to approve first.
        holds: How many products are held, by why: also those of which nothing has
            changed. What is held with its group is in `held`.
        unread: Accounts that a sync would read whole first.
        efforts: What it costs at each account.
    """

    marketplace: str
    simulated: bool
    lines: list[Line] = field(default_factory=list)
    held: list[HeldCause] = field(default_factory=list)
    holds: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    efforts: list[Effort] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """Return how many calls write."""
        return sum(each.calls for each in self.efforts)

    @property
    def reads(self) -> int:
        """Return how many calls read, about."""
        return sum(each.reads for each in self.efforts)

    @property
    def minutes(self) -> float | None:
        """Return how long it takes, side by side; None where there is no quota."""
        known = [each.minutes for each in self.efforts if each.minutes is not None]
        return max(known, default=None)


async def plan(deployment: Deployment, names: Sequence[str] = ()) -> list[Plan]:
    """Work out what a sync of *names*, or of all marketplaces, would do.

    Raises:
        ConfigurationError: A marketplace has no account, or a mapping that a
            person placed cannot be read.
    """
    deployment = await with_mappings(deployment)
    sites = deployment.chosen(names)
    async with deployment.database.read() as conn:
        return await _Planning(deployment, sites, conn).run()


class _Planning:
    """One planning, on one state of the database."""

    def __init__(
        self, deployment: Deployment, sites: Sequence[Site], conn: AsyncConnection
    ) -> None:
        self._deployment = deployment
        self._conn = conn
        self._now = deployment.clock()
        self._sites = {site.name: site for site in sites}
        self._plans = {
            site.name: Plan(
                marketplace=site.name,
                simulated=site.adapter.capabilities.simulated,
            )
            for site in sites
        }
        self._gates = {site.name: Gate(deployment, site) for site in sites}
        self._asking: dict[str, list[Asking]] = {name: [] for name in self._plans}
        self._holds: dict[str, Counter[str]] = {}
        self._lines: dict[str, list[tuple[Case, Planned]]] = {
            name: [] for name in self._plans
        }

    async def run(self) -> list[Plan]:
        looked = await self._look()
        judge_ = Judge(self._deployment, looked, self._now)
        pages = unsettled_pages(self._conn, self._deployment, judge_)
        async for site, cases in pages:
            if site.name in self._plans:
                await self._judge_holds_anew(site.name, cases)
                for case in cases:
                    self._take_in(site.name, case)
        for name in self._plans:
            await self._close(name)
        return list(self._plans.values())

    async def _look(self) -> Looked:
        """Prepare the gates, and say which accounts were read when."""
        for name, gate in self._gates.items():
            await gate.prepare(self._conn, self._now)
            self._holds[name] = await counts.holds(self._conn, name)
        keys = [key for site in self._sites.values() for key in site.accounts]
        looked = Looked(
            at=await accounts.read_whole_at(self._conn, keys),
            heard=await accounts.heard_at(self._conn, keys),
        )
        every = self._deployment.options.read_whole_every
        for name, site in self._sites.items():
            self._plans[name].unread = [
                key
                for key in sorted(site.accounts)
                if not looked.recently(key, self._now, every)
            ]
        return looked

    async def _judge_holds_anew(self, name: str, cases: Sequence[Case]) -> None:
        """Leave out why *cases* were held at last: the others stay as they were."""
        ids = [case.record.state.product_id for case in cases]
        self._holds[name] -= await counts.holds(self._conn, name, ids)

    def _take_in(self, name: str, case: Case) -> None:
        if case.judgement.decision is Decision.READ_WHOLE:
            case = _as_if_absent(case, self._now)
        judgement = case.judgement
        if judgement.hold is not None:
            self._holds[name][judgement.hold.value] += 1
        self._asking[name] += self._gates[name].all_asking([case], self._now)
        for planned in judgement.everywhere:
            self._lines[name].append((case, planned))

    async def _close(self, name: str) -> None:
        """Set aside what the gate would hold, and count calls and minutes."""
        plan_, site, gate = self._plans[name], self._sites[name], self._gates[name]
        plan_.holds = dict(sorted(self._holds[name].items()))
        plan_.held = await gate.let_pass(self._conn, self._asking[name], self._now)
        kept = [each for each in self._lines[name] if gate.allows(each[0], each[1])]
        sellers, seller_changes = await self._sellers(site, kept)
        plan_.lines = _in_order(kept, sellers)
        changes: dict[str, list[Change]] = dict(seller_changes)
        for case, planned in kept:
            changes.setdefault(_account_of(case, planned), []).append(planned.change)
        plan_.efforts = effort_of(
            self._deployment,
            site,
            changes,
            whole=plan_.unread,
            known=await counts.known_at(self._conn, plan_.unread),
            awaiting=await counts.awaiting_at(self._conn, list(site.accounts)),
        )

    async def _sellers(
        self, site: Site, kept: Sequence[tuple[Case, Planned]]
    ) -> tuple[list[Line], dict[str, list[Change]]]:
        """Return the changes of sellers that those of listings bring along."""
        lines: list[Line] = []
        changes: dict[str, list[Change]] = {}
        for key in sorted(site.accounts):
            needed = {
                case.judgement.wanted.seller_ref
                for case, planned in kept
                if _account_of(case, planned) == key
                and isinstance(planned.change, NEEDS_SELLER)
            }
            for change in await due_sellers(self._conn, site.name, key, needed):
                changes.setdefault(key, []).append(change)
                lines.append(_seller_line(site.name, key, change, needed))
        return lines, changes


def _account_of(case: Case, planned: Planned) -> str:
    return planned.account or case.record.state.account


def _as_if_absent(case: Case, now: datetime) -> Case:
    """Judge as if the account had been read and the product not found."""
    judge_ = partial(
        judge, state=case.record.state, read_whole=True, lag_over=True, now=now
    )
    try:
        judgement = judge_(case.judgement.wanted)
    except Exception:  # noqa: BLE001  (a fault in one product)
        id_ = case.record.state.product_id
        _log.exception("a product could not be judged", extra={"product": id_})
        judgement = judge_(faulty(id_))
    return replace(case, judgement=judgement)


def _in_order(
    kept: Sequence[tuple[Case, Planned]], sellers: Sequence[Line]
) -> list[Line]:
    """Return all changes in the order in which a sync sends them.

    Sellers are stopped once all is withdrawn, opened before the first listing that
    needs one of them, and else brought up to date at the end.
    """
    left = {(each.account, each.product_id): each for each in sellers}
    lines: list[Line] = []

    def take(account: str, urgency: Urgency) -> None:
        found = [key for key, each in left.items() if each.urgency is urgency]
        lines.extend(left.pop(key) for key in found if key[0] == account)

    for case, planned in _most_urgent_first(kept):
        account, seller = _account_of(case, planned), case.judgement.wanted.seller_ref
        if planned.urgency is not Urgency.WITHDRAW:
            take(account, Urgency.WITHDRAW)
        if isinstance(planned.change, NEEDS_SELLER) and (account, seller) in left:
            take(account, Urgency.SELLER_FOR_CREATE)
        lines.append(_line(case, planned))
    return [*lines, *sorted(left.values(), key=lambda each: each.urgency)]


def _most_urgent_first(
    kept: Sequence[tuple[Case, Planned]],
) -> Iterator[tuple[Case, Planned]]:
    """Yield changes of listings: the most urgent first, then what waits longest.

    Of one product, each goes after the one before it, and waits anew.
    """
    of: dict[str, list[tuple[Case, Planned]]] = {}
    for each in kept:
        of.setdefault(each[0].record.state.product_id, []).append(each)
    heap: list[tuple[int, int, float, str]] = []
    for id_, changes in of.items():
        since = changes[0][0].record.waiting_since
        at = since.timestamp() if since else 0.0
        heapq.heappush(heap, (changes[0][1].urgency, 0, at, id_))
        changes.reverse()
    sent = 0
    while heap:
        *_, id_ = heapq.heappop(heap)
        sent += 1
        yield of[id_].pop()
        if of[id_]:
            heapq.heappush(heap, (of[id_][-1][1].urgency, sent, 0.0, id_))


def _line(case: Case, planned: Planned) -> Line:
    wanted = case.judgement.wanted
    return Line(
        marketplace=case.record.state.marketplace,
        account=_account_of(case, planned),
        product_id=case.record.state.product_id,
        name=case.entry[0].name if case.entry else "",
        kind=planned.change.kind.value,
        urgency=planned.urgency,
        takes=planned.takes,
        cause=cause_of(case.judgement, [planned]) if planned.takes else wanted.cause,
        before=planned.before,
        after=planned.after,
        why=why_of_change(case.judgement, planned),
        print=print_of_change(case.judgement, planned),
        is_second=bool(planned.account),
    )


def _seller_line(
    marketplace: str, account: str, change: PutSeller | StopSeller, needed: set[str]
) -> Line:
    waited_for = change.client_ref in needed
    urgency = Urgency.SELLER_FOR_CREATE if waited_for else Urgency.SELLER
    stops = isinstance(change, StopSeller)
    return Line(
        marketplace=marketplace,
        account=account,
        product_id=change.client_ref,
        name="" if isinstance(change, StopSeller) else change.seller.name,
        kind=change.kind.value,
        urgency=Urgency.WITHDRAW if stops else urgency,
        takes=stops,
        cause="E11" if stops else "catalog",
        before=None,
        after=None,
        why=why_of_seller(change),
        print=print_of_seller(change),
    )
