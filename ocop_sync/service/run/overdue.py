"""Listings wrongly on sale, and stock that could not be lowered, at any account.

It is taken from the results of the last sync, and names all of it, under any hold: also
at marketplaces and accounts that are set up no longer.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.reason import (
    Reason,
    Wait,
    at_place,
    held_of,
    of_obstacle,
    of_wait,
    with_hand_work,
)
from ocop_sync.engine.state.state import Double, State
from ocop_sync.engine.terms import ON_SALE
from ocop_sync.engine.wanted.wanted import Obstacle
from ocop_sync.marketplace.by_hand import ByHand
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.account_trouble import (
    AccountTrouble,
    account_troubles,
    with_ending,
)
from ocop_sync.store.listings import records, work_queue
from ocop_sync.store.listings.other_account_doubles import with_other_account_doubles
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs.last_runs import Ended

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A listing that is still on sale as it should not be.

    Attributes:
        title: Its title there, as far as it is known.
        reason: Why it still is so, and the advice.
        group: Number of the held group that it waits with, if it does.
    """

    marketplace: str
    product_id: str
    title: str
    reason: Reason
    group: int | None = None

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "marketplace": self.marketplace,
            "product": self.product_id,
            "title": self.title,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOverdue:
    """All listings that are on sale as they should not be.

    Attributes:
        not_withdrawn: Those that may not be on sale at all, by marketplace and
            product.
        not_lowered: Those of others that show more stock, or a higher claim, than
            they should, as no change of it was taken.
    """

    not_withdrawn: Sequence[Overdue] = field(default_factory=list)
    not_lowered: Sequence[Overdue] = field(default_factory=list)

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values, the same wherever it is told."""
        return {"not_withdrawn": self.not_withdrawn, "not_lowered": self.not_lowered}


class _Accounts(NamedTuple):
    """The state of accounts.

    Attributes:
        are_set: Keys of those that are set.
        failing: Those that fail, by key.
        by_hand: Keys of those that people work.
    """

    are_set: Collection[str]
    failing: Mapping[str, AccountTrouble]
    by_hand: Collection[str]


async def overdue(deployment: Deployment) -> AllOverdue:
    """Return all that is on sale as it should not be, as the last sync left it."""
    async with deployment.database.read() as conn:
        return await overdue_at(conn, deployment)


async def overdue_at(
    conn: AsyncConnection, deployment: Deployment, ending: Iterable[Ended] = ()
) -> AllOverdue:
    """Return the same over a connection that is open.

    How the runs that are *ending* end is not stored yet.
    """
    accounts = _WhenNeeded(conn, deployment, ending)
    return AllOverdue(
        not_withdrawn=[
            _overdue(record, await accounts.states())
            async for record in _pages(conn, work_queue.not_withdrawn)
        ]
        + await _doubles_alone(conn, deployment, accounts),
        not_lowered=[
            _overdue(record, await accounts.states())
            async for record in _pages(conn, work_queue.tried_again)
            if not record.blocked
        ],
    )


class _WhenNeeded:
    """The state of accounts, read once something is overdue: mostly nothing is."""

    def __init__(
        self, conn: AsyncConnection, deployment: Deployment, ending: Iterable[Ended]
    ) -> None:
        self._conn = conn
        self._deployment = deployment
        self._ending = ending
        self._found: _Accounts | None = None

    async def states(self) -> _Accounts:
        """Return them."""
        if self._found is None:
            deployment = self._deployment
            are_set = {
                *(key for site in deployment.sites for key in site.accounts),
                *deployment.unusable,
            }
            known = await account_troubles(self._conn, deployment)
            by_hand = {
                key
                for site in deployment.sites
                if issubclass(site.adapter, ByHand)
                for key in site.accounts
            }
            failing = with_ending(known, self._ending)
            self._found = _Accounts(are_set, failing, by_hand)
        return self._found


async def _doubles_alone(
    conn: AsyncConnection, deployment: Deployment, accounts: _WhenNeeded
) -> list[Overdue]:
    """Return products that may not be on sale, and are by a double alone."""
    found = []
    for site in deployment.sites:
        ids = await records.with_doubles(conn, site.name)
        known = await records.load(conn, site.name, ids)
        known = await with_other_account_doubles(conn, site.name, known)
        for record in known.values():
            state = record.state
            doubles = [*state.doubles, *state.other_account_doubles]
            if record.blocked and doubles and state.found not in ON_SALE:
                first = replace(record, state=_as_first(state, doubles[0]))
                found.append(_overdue(first, await accounts.states()))
    return found


def _as_first(state: State, double: Double) -> State:
    """Return the state of a double, as if it were the only one."""
    return replace(
        state,
        account=double.account or state.account,
        ref=double.ref,
        awaiting=Kind.WITHDRAW if double.pending else None,
        sent=double.values,
        confirmed=None,
        edited=None,
    )


async def _pages(conn: AsyncConnection, find: work_queue.Find) -> AsyncIterator[Record]:
    """Yield the records of *find*, some at a time."""
    after = ("", "")
    while found := await find(conn, after, _AT_ONCE):
        for record in found:
            yield record
        last = found[-1].state
        after = (last.marketplace, last.product_id)


def _overdue(record: Record, accounts: _Accounts) -> Overdue:
    state = record.state
    content = state.shown.get(Facet.CONTENT, {})
    return Overdue(
        marketplace=state.marketplace,
        product_id=state.product_id,
        title=str(content.get("title", "")),
        reason=_reason(record, accounts),
        group=record.held_group,
    )


def _reason(record: Record, accounts: _Accounts) -> Reason:
    """Return why it still is on sale so: its hold, or its wait."""
    state, key = record.state, record.state.account
    if key not in accounts.are_set:
        return of_obstacle(Obstacle(Hold.NO_ACCOUNT, key))
    if record.hold is not None:
        group = record.held_group
        held = of_obstacle(held_of(record.hold, state, group=group, seller=()))
        return at_place(held, state.marketplace, state.product_id)
    is_lost = state.awaiting is not None
    waits = of_wait(Wait.UNCONFIRMED if is_lost else Wait.PENDING)
    if is_lost and key in accounts.by_hand:
        waits = with_hand_work(waits)
    failing = accounts.failing.get(key)
    if failing is None:
        return waits
    return failing.told_with(waits)
