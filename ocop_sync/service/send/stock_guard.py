"""Raise stock only as far as the catalog allows at the time of the call.

Before more is offered anywhere, sales are read at every account at which the product is
on sale; stock that has to go down at other accounts goes down first; a listing that has
changed there since it was read is read first; and when the intent is stored, the
product must still be as it was evaluated. Stock that may have been sold before a write
or after it counts as sold where more would be offered, and as on offer at the others.
Whether a change offers too much is decided in `ocop_sync.engine.state.stock`, when it
is sent, in `ocop_sync.service.send.slices`.
"""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product, StockPolicy
from ocop_sync.engine.plan.doubles import is_of_double
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import (
    CLOCKS_DIFFER,
    offered_at_most,
    oversells,
    raised,
    shows_as_left,
)
from ocop_sync.marketplace.change import SetStock
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.event_feed import with_doubts, with_read_sales
from ocop_sync.service.observe.read_trust import is_believable
from ocop_sync.service.observe.single_reads import look_again
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.listings import records
from ocop_sync.store.listings.other_account_doubles import with_other_account_doubles

DuePlanned = tuple["Due", Planned]
"""A product at which something is due, with the change that goes next."""


class Due(Struct, frozen=True):
    """A product at which something is due.

    Attributes:
        at_others: The most that other marketplaces may offer of it, by SKU.
        accounts: The accounts at which it is, or may be, on sale.
        as_left: Those of them at which it shows as it was left, for certain.
    """

    case: Case
    at_others: Mapping[str, int]
    accounts: Collection[str]
    as_left: Collection[str]

    @property
    def id(self) -> str:
        """Return the product's id."""
        return self.case.product_id

    @property
    def product(self) -> Product | None:
        """Return the product, if the catalog has it."""
        return self.case.entry[0] if self.case.entry else None

    @property
    def producer(self) -> Producer | None:
        """Return its producer, if known."""
        return self.case.entry[1] if self.case.entry else None


async def offered(
    conn: AsyncConnection, run: AccountRun, cases: Sequence[Case]
) -> list[Due]:
    """Return *cases* with the possible offer of their products at others."""
    ids = [case.product_id for case in cases]
    at_others: dict[str, dict[str, int]] = {id_: {} for id_ in ids}
    at: dict[str, list[str]] = {id_: [] for id_ in ids}
    as_left: dict[str, list[str]] = {id_: [] for id_ in ids}
    lost = {each.marketplace for each in run.deployment.unusable.values()}
    for name in sorted(lost.union(site.name for site in run.deployment.sites)):
        found = await records.on_sale(conn, name, ids)
        known = {record.state.product_id: record for record in found}
        known = await with_doubts(
            conn, await with_other_account_doubles(conn, name, known)
        )
        for id_, record in (await with_read_sales(conn, known, CLOCKS_DIFFER)).items():
            at[id_].append(record.state.account)
            if shows_as_left(record.state):
                as_left[id_].append(record.state.account)
            at[id_] += [double.account for double in record.state.other_account_doubles]
            if name != run.site.name:
                _add(at_others[id_], offered_at_most(record.state))
    return [
        Due(case, at_others[id_], at[id_], as_left[id_])
        for id_, case in zip(ids, cases, strict=True)
    ]


def _add(sums: dict[str, int], stocks: Mapping[str, int]) -> None:
    for sku, n in stocks.items():
        sums[sku] = sums.get(sku, 0) + n


def raises(case: Case, planned: Planned) -> Mapping[str, int]:
    """Return of which packs a change offers more than now, and how many."""
    state = case.state
    if is_of_double(state, planned.change):
        return {}  # a double is offered nothing more, ever
    return raised(state, planned.change.kind, planned.values)


async def changed_meanwhile(run: AccountRun, going: Sequence[DuePlanned]) -> list[str]:
    """Read the sales of products whose stock is about to be raised, right before.

    Where none has to be read, that no product has changed is asked where its intent is
    stored (`no_longer_so`).

    Returns:
        Products of which something was sold, or that have changed otherwise,
        since they were evaluated.
    """
    raising = [
        (each, stocks)
        for each, planned in going
        if (stocks := raises(each.case, planned))
    ]
    accounts = {key for each, _ in raising for key in each.accounts}
    if not accounts:
        return []  # on sale nowhere: nothing can have been sold
    unheard = {key for each in raising for key in _to_hear(run, *each)}
    if not unheard:
        return []
    async with run.slot.released():
        await run.sales.read(unheard)
    evaluated = {each.id: each.case.entry for each, _ in raising}
    return _differing(
        evaluated,
        await run.fetch(reader.revisions, list(evaluated)),
    )


def _to_hear(run: AccountRun, due: Due, stocks: Mapping[str, int]) -> Collection[str]:
    """Return the accounts at which an unknown sale could make *stocks* too many.

    Not those of shared stock where each sale since the last hearing has left less on
    offer by as much as there is less: what one marketplace has sold of its own share
    leaves the others theirs.
    """
    product = due.product
    if (
        product is None
        or product.stock_policy is StockPolicy.MIRROR
        or oversells(product, stocks, due.at_others)
    ):
        return due.accounts
    return [
        key
        for key in due.accounts
        if key == run.key or key not in due.as_left or not run.sales.is_left_alone(key)
    ]


async def read_first(run: AccountRun, setting: Sequence[Due]) -> list[str]:
    """Read listings before their stock is set, where a sale would be written over.

    Where nobody tells of sales and nobody compares versions, sales since the last read
    would never be known.

    Returns:
        Products of which there is news.
    """
    if not _writes_over(run):
        return []
    return await look_again(run, [each.case.record for each in setting])


def _writes_over(run: AccountRun) -> bool:
    """Say whether setting a stock hides earlier sales for ever."""
    can = run.site.adapter.capabilities
    return not (can.tells_sales or can.compare_and_set)


async def no_longer_so(
    conn: AsyncConnection,
    evaluated: Mapping[str, Entry | None],
    raising: Collection[str],
) -> list[str]:
    """Return the products that have changed since they were *evaluated*.

    Those of *raising* stay as they are until the transaction ends: whoever counts or
    sells of them afterwards finds the sent change.
    """
    held = await reader.hold(conn, list(raising))
    others = [id_ for id_ in evaluated if id_ not in held]
    return _differing(evaluated, held | await reader.revisions(conn, others))


def _differing(
    evaluated: Mapping[str, Entry | None], revisions: Mapping[str, int]
) -> list[str]:
    return [
        id_
        for id_, entry in evaluated.items()
        if (entry[0].revision if entry else None) != revisions.get(id_)
    ]


def must_wait(run: AccountRun, due: Due, planned: Planned) -> bool:
    """Say whether stock may not be written now; note it if it waits.

    Nothing is raised before it is down at other accounts, nor while sales are not
    known. A listing that has changed there since it was read is read first.
    """
    stocks, state = raises(due.case, planned), due.case.state
    if is_of_double(state, planned.change):
        return False
    is_refused = bool(stocks) or run.site.adapter.capabilities.compare_and_set
    sets_stock = isinstance(planned.change, SetStock)
    is_hidden = _writes_over(run) and not is_believable(run, state)
    if sets_stock and (is_hidden or (is_refused and must_be_read(run, state))):
        run.later.reread_first([due.id])
        return True
    if not stocks or due.product is None:
        return False
    if not run.sales.unread.keys().isdisjoint(due.accounts):
        return True
    if oversells(due.product, stocks, due.at_others):
        others = [key for key in due.accounts if key != run.key]
        run.later.postpone(due.id, others)
        return True
    return False


def must_be_read(run: AccountRun, state: State) -> bool:
    """Say whether a listing has to be read before its stock is written."""
    compares = run.site.adapter.capabilities.compare_and_set
    return state.must_reread or (compares and not state.version)
