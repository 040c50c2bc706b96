"""Plan the changes of a sync, without making any of them.

Nothing is written, neither to a marketplace nor to the database, and no marketplace is
called: an account that a sync would read whole first is named, since its listings may
still turn a create into an adoption.

The line of each change lies on disk (`ocop_sync.service.plan.spool`): a plan of a whole
province takes as much memory as one of a village.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.progress import Count, no_progress
from catalog.values import replace
from ocop_sync.engine.approval.budget import HeldCause, needs_approval
from ocop_sync.engine.approval.review import (
    Why,
    cause_of,
    fingerprint_of_change,
    fingerprint_of_seller,
    why_of_change,
    why_of_seller,
)
from ocop_sync.engine.plan.evaluate import evaluate_listing
from ocop_sync.engine.plan.evaluation import Planned, Urgency
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.wanted.origin import Cause
from ocop_sync.engine.wanted.wanted import faulty
from ocop_sync.marketplace.change import Kind, PutSeller, StopSeller
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case, Freshness
from ocop_sync.service.plan.cost import Cost, costs_of
from ocop_sync.service.plan.scope import (
    EVERYTHING,
    PlanScope,
    ensure_there,
    sites_of,
)
from ocop_sync.service.plan.spool import Spool, Spooled
from ocop_sync.service.run.approval_gate import Gate
from ocop_sync.service.run.evaluate_all import evaluate_all
from ocop_sync.service.run.standing_groups import RemovalRequest
from ocop_sync.service.send.listings import NEEDS_SELLER
from ocop_sync.service.send.sellers import due_sellers
from ocop_sync.store.listings import coverage

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One change that a sync would send.

    Attributes:
        marketplace: Name of the marketplace.
        account: Key of the account.
        product_id: The product.
        name: Its name, or "".
        kind: The kind of change.
        urgency: How urgent it is by itself; it goes after all that comes before it
            of the same product.
        removes: It takes something from buyers.
        cause: The rule, import or date that it comes from.
        before: The value that it replaces, or None.
        after: The value that it writes, or None.
        why: Why, as a person reads it.
        fingerprint: The fingerprint of its content for a person; never of stock.
        is_double: It is of a double at another account than the product's: a
            plan shows it, and a reviewed plan leaves it out.
        listing: The marketplace's id of the listing; "" if there is none yet.
        counted_as: How the product is counted.
    """

    marketplace: str
    account: str
    product_id: str
    name: str
    kind: str
    urgency: Urgency
    removes: bool
    cause: Cause
    before: object
    after: object
    why: Why
    fingerprint: str
    is_double: bool = False
    listing: str = ""
    counted_as: str = ""

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "account": self.account,
            "product": self.product_id,
            "name": self.name,
            "listing": self.listing,
            "kind": self.kind,
            "urgency": self.urgency.name.lower(),
            "takes": self.removes,
            "counted_as": self.counted_as,
            "cause": self.cause,
            "why": self.why,
            "print": self.fingerprint,
            "before": self.before,
            "after": self.after,
        }


@dataclass(slots=True, kw_only=True)
class Plan:
    """The changes of a sync at one marketplace.

    Attributes:
        marketplace: Name of the marketplace.
        simulated: It is a mock.
        lines: The changes, in the order in which they would go at each account;
            accounts go side by side. They are read from disk as they are asked for.
        kinds: How many changes of each kind.
        held: Groups that a person would have to approve first.
        holds: How many products are held, by why: also those of which nothing has
            changed. Products that are held with their group are in `held`.
        unread: Accounts that a sync would read whole first. Where people carry the
            marketplace's lists to us, they wait for a newer one: nothing new is planned
            there.
        costs: The cost at each account.
        waits_for_lists: People carry the marketplace's lists to us.
    """

    marketplace: str
    simulated: bool
    lines: Sequence[PlanLine] = ()
    kinds: Counter[Kind] = field(default_factory=Counter)
    held: list[HeldCause] = field(default_factory=list)
    holds: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    waits_for_lists: bool = False

    @property
    def calls(self) -> int:
        """Return how many calls write."""
        return sum(each.calls for each in self.costs)

    @property
    def reads(self) -> int:
        """Return how many calls read, about."""
        return sum(each.reads for each in self.costs)

    @property
    def minutes(self) -> float | None:
        """Return how long it takes, side by side; None where a quota is unknown."""
        called = [each.minutes for each in self.costs if each.calls + each.reads]
        known = [minutes for minutes in called if minutes is not None]
        return max(known, default=None) if len(known) == len(called) else None


async def plan(
    deployment: Deployment, scope: PlanScope = EVERYTHING, count: Count = no_progress
) -> list[Plan]:
    """Work out the changes of a sync, as far as they are in *scope*.

    Raises:
        ConfigurationError: A marketplace has no account, there is no such account, or
            a mapping that a person placed cannot be read.
        PlanError: There is no such product, or the scope contradicts itself.
    """
    deployment = await as_decided(deployment)
    sites, now = sites_of(deployment, scope), deployment.clock()
    async with deployment.database.read() as conn:
        await ensure_there(conn, scope)
        by_name = {
            site.name: _Planning(deployment, site, conn, now, scope) for site in sites
        }
        for each in by_name.values():
            await each.begin()

        async def take_in(site: Site, cases: Sequence[Case]) -> None:
            await by_name[site.name].take_in(cases)

        walked = await evaluate_all(
            conn,
            deployment,
            sites,
            take_in,
            now=now,
            only=scope.only(sites),
            count=count,
        )
        return [await each.end(walked.freshness) for each in by_name.values()]


class _Planning:
    """The planning at one marketplace, on one state of the database."""

    def __init__(
        self,
        deployment: Deployment,
        site: Site,
        conn: AsyncConnection,
        now: datetime,
        scope: PlanScope,
    ) -> None:
        self._deployment = deployment
        self._site = site
        self._conn = conn
        self._now = now
        self._scope = scope
        self._gate = Gate(deployment, site)
        self._requests = list[RemovalRequest]()
        self._holds = Counter[str]()
        self._spool = Spool[PlanLine]()

    async def begin(self) -> None:
        await self._gate.prepare(self._conn, self._now)
        self._holds = await self._holds_of(self._scope.products or None)

    async def take_in(self, cases: Sequence[Case]) -> None:
        """Lay down the changes of *cases*; removal requests are kept in memory."""
        ids = [case.product_id for case in cases]
        # Why these were held at last no longer counts: the others stay as they were.
        self._holds -= await self._holds_of(ids)
        if not self._site.adapter.capabilities.has_old_reads:
            cases = [_once_read(case, self._now) for case in cases]
        cases = [case for case in cases if self._scope.has_case(case)]
        for case in cases:
            if case.evaluation.hold is not None:
                self._holds[case.evaluation.hold.value] += 1
        changes = {case.product_id: self._spooled(case) for case in cases}
        asking = [case for case in cases if self._asks(changes[case.product_id])]
        self._requests += await self._gate.weigh(
            self._conn, self._gate.removal_requests(asking, self._now), self._now
        )
        self._spool.add(each for some in changes.values() for each in some)

    async def _holds_of(self, ids: Sequence[str] | None) -> Counter[str]:
        accounts = self._scope.accounts or None
        return await coverage.holds(self._conn, self._site.name, ids, accounts)

    def _spooled(self, case: Case) -> list[Spooled]:
        return [
            each
            for each in _spooled(case)
            if self._scope.has_change(each.account, each.change.kind)
        ]

    def _asks(self, changes: Sequence[Spooled]) -> bool:
        """Say whether a product asks to pass the gate: any does if all is planned."""
        if not self._scope.is_narrow:
            return True
        return any(each.needs_approval for each in changes)

    async def end(self, freshness: Freshness) -> Plan:
        """Set aside the changes that the gate holds, and count calls and minutes."""
        site, spool = self._site, self._spool
        keys = sorted(filter(self._scope.has_account, site.accounts))
        every = self._deployment.limits.read_whole_every
        unread = [key for key in keys if not freshness.recently(key, self._now, every)]
        held = self._gate.choose(self._requests)
        stopped = self._gate.stopped_of(self._requests)
        spool.drop([each.removal.product_id for each in stopped])
        await self._add_sellers()
        counted = unread if site.adapter.capabilities.has_search else keys
        return Plan(
            marketplace=site.name,
            simulated=site.adapter.capabilities.simulated,
            lines=spool.lines,
            kinds=spool.kinds(),
            held=held,
            holds=dict(sorted(self._holds.items())),
            unread=unread,
            waits_for_lists=site.adapter.capabilities.has_old_reads,
            costs=costs_of(
                self._deployment,
                site,
                spool,
                keys=keys,
                whole=unread,
                known=await coverage.known_at(self._conn, counted),
                awaiting=await coverage.awaiting_at(self._conn, keys),
            ),
        )

    async def _add_sellers(self) -> None:
        """Add the changes of sellers that those of listings bring along."""
        for key in sorted(self._site.accounts):
            needed = self._spool.needed(key)
            for due in await due_sellers(self._conn, self._site, key, needed):
                change = due.change
                is_needed = change.client_ref in needed
                if not self._scope.has_seller(key, is_needed=is_needed):
                    continue
                line = _seller_line(self._site.name, key, change, needed)
                self._spool.add_seller(key, line.urgency, change, line)


def _spooled(case: Case) -> Iterator[Spooled]:
    since = case.record.waiting_since
    for n, planned in enumerate(case.evaluation.everywhere):
        needs = isinstance(planned.change, NEEDS_SELLER)
        yield Spooled(
            product_id=case.product_id,
            n=n,
            urgency=planned.urgency,
            since=since.timestamp() if since else 0.0,
            account=_account_of(case, planned),
            seller=case.evaluation.wanted.seller_ref if needs else None,
            needs_approval=needs_approval(case.evaluation, planned),
            change=planned.change,
            line=_line(case, planned),
        )


def _account_of(case: Case, planned: Planned) -> str:
    return planned.account or case.record.state.account


def _once_read(case: Case, now: datetime) -> Case:
    """Return *case* as if its account had been read, and the product not found."""
    if case.evaluation.decision is not Decision.READ_WHOLE:
        return case
    evaluator_ = partial(
        evaluate_listing,
        state=case.record.state,
        read_whole=True,
        lag_over=True,
        now=now,
    )
    try:
        evaluation = evaluator_(case.evaluation.wanted)
    except Exception:  # noqa: BLE001  (a fault in one product)
        id_ = case.product_id
        _log.exception("a product could not be evaluated", extra={"product": id_})
        evaluation = evaluator_(faulty(id_))
    return replace(case, evaluation=evaluation)


def _line(case: Case, planned: Planned) -> PlanLine:
    wanted = case.evaluation.wanted
    return PlanLine(
        marketplace=case.record.state.marketplace,
        account=_account_of(case, planned),
        product_id=case.product_id,
        name=case.entry[0].name if case.entry else "",
        kind=planned.change.kind.value,
        urgency=planned.urgency,
        removes=planned.removes,
        cause=cause_of(case.evaluation, [planned]) if planned.removes else wanted.cause,
        before=planned.before,
        after=planned.after,
        why=why_of_change(case.evaluation, planned),
        fingerprint=fingerprint_of_change(case.evaluation, planned),
        is_double=bool(planned.account),
        listing=getattr(planned.change, "ref", case.record.state.ref),
        counted_as=wanted.counted,
    )


def _seller_line(
    marketplace: str,
    account: str,
    change: PutSeller | StopSeller,
    needed: Collection[str],
) -> PlanLine:
    waited_for = change.client_ref in needed
    urgency = Urgency.SELLER_FOR_CREATE if waited_for else Urgency.SELLER
    stops, why = isinstance(change, StopSeller), why_of_seller(change)
    return PlanLine(
        marketplace=marketplace,
        account=account,
        product_id=change.client_ref,
        name="" if isinstance(change, StopSeller) else change.seller.name,
        kind=change.kind.value,
        urgency=Urgency.WITHDRAW if stops else urgency,
        removes=stops,
        cause=Cause(why.code),
        before=None,
        after=None,
        why=why,
        fingerprint=fingerprint_of_seller(change),
    )
