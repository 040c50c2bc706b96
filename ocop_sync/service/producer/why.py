"""Where a product is on sale, and why it is not: for its producer.

Of each marketplace the state, as the last read or sync has left it, and every reason,
as catalog and mapping are now. The reasons are gathered in
`ocop_sync.service.queries.explain`, their words for producers chosen in
`ocop_sync.engine.reasons.for_producer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from catalog.commands.own import own_product
from catalog.db import reader
from catalog.eligibility import Outcome
from catalog.model.product import Entry
from catalog.model.reach import Reach
from ocop_sync.engine.reasons.for_producer import ProducerReason, for_producer
from ocop_sync.engine.reasons.reason import HOLD, WAIT, Wait, of_wait
from ocop_sync.engine.terms import LISTABLE
from ocop_sync.marketplace.listing import Problem
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.shown_packs import ShownPack, shown_packs
from ocop_sync.service.queries.explain import Explained, explain
from ocop_sync.store.listings.coverage import Tally


class SaleState(StrEnum):
    """How a product stands at a marketplace."""

    ON_SALE = "on_sale"
    SOLD_OUT = "sold_out"
    """Shown, with nothing left to order."""
    UNCONFIRMED = "unconfirmed"
    """Sent, or on sale, and not read back for two days."""
    IN_REVIEW = "in_review"
    REFUSED = "refused"
    """The marketplace has refused it: its words are beside."""
    NOT_ELIGIBLE = "not_eligible"
    """A rule forbids it, or a fact that it needs is not known."""
    HELD = "held"
    """Somebody has to do something first."""
    WAITING = "waiting"
    """It comes with the next sync."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateThere:
    """A product at one marketplace.

    Attributes:
        marketplace: Name of the marketplace.
        simulated: It is a mock.
        state: How the product stands there.
        said: The marketplace's own words, where it has refused something.
        reasons: Every reason, the strongest first; a product on sale may have some.
        packs: The packs that buyers see there, by SKU; none unless it is shown.
    """

    marketplace: str
    simulated: bool
    state: SaleState
    said: tuple[Problem, ...]
    reasons: tuple[ProducerReason, ...]
    packs: Mapping[str, ShownPack] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStates:
    """A product at every marketplace.

    Attributes:
        as_of: The instant of all that, in UTC.
        product_id: The product.
        name: Its name.
        revision: Its revision.
        marketplaces: One for each, by name.
    """

    as_of: datetime
    product_id: str
    name: str
    revision: int
    marketplaces: tuple[StateThere, ...]


async def why(deployment: Deployment, code: str, *, reach: Reach) -> ProductStates:
    """Say where a product is on sale, and why it is not.

    *code* is the id of the product, or one of its SKUs.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
        ConfigurationError: A mapping cannot be read.
    """
    async with deployment.database.read() as conn:
        found = await own_product(conn, code, reach)
        entry = (await reader.get(conn, [found.id]))[found.id]
    (states,) = await states_of(deployment, [entry])
    return states


async def states_of(
    deployment: Deployment, entries: Sequence[Entry]
) -> list[ProductStates]:
    """Say of each of *entries* where it is on sale, and why it is not.

    Raises:
        ConfigurationError: A mapping cannot be read.
    """
    there: list[list[StateThere]] = [[] for _ in entries]
    for site in deployment.sites:
        simulated = site.adapter.capabilities.simulated
        explained = await explain(deployment, site.name, entries)
        for states, each in zip(there, explained, strict=True):
            states.append(_there(each, simulated=simulated))
    now = deployment.clock()
    return [
        ProductStates(
            as_of=now,
            product_id=product.id,
            name=product.name,
            revision=product.revision,
            marketplaces=tuple(states),
        )
        for (product, _), states in zip(entries, there, strict=True)
    ]


_FORBIDS: Final = frozenset(
    {
        Outcome.OUT_OF_SCOPE.value,
        Outcome.BLOCK.value,
        Outcome.NO_OCOP_CLAIM.value,
    }
)


def _there(explained: Explained, *, simulated: bool) -> StateThere:
    state = state_of(explained)
    reasons = explained.reasons
    if state is SaleState.WAITING and not any(r.outcome == WAIT for r in reasons):
        # It was not listable at the last sync, and is now.
        reasons = (*reasons, of_wait(Wait.PENDING))
    return StateThere(
        marketplace=explained.marketplace,
        simulated=simulated,
        state=state,
        said=explained.said,
        reasons=tuple(map(for_producer, reasons)),
        packs=shown_packs(explained.record, explained.entry[0])
        if explained.how.live
        else {},
    )


def state_of(explained: Explained) -> SaleState:
    """Return how a product stands there: what is shown goes before what is wanted."""
    how = explained.how
    if shown := state_shown(how):
        return shown
    outcomes = {each.outcome for each in explained.reasons}
    if not outcomes.isdisjoint(_FORBIDS):
        return SaleState.NOT_ELIGIBLE
    if how.bucket == "in_review":
        return SaleState.IN_REVIEW
    if how.bucket == "refused" and how.counted == LISTABLE and HOLD in outcomes:
        return SaleState.REFUSED
    return SaleState.HELD if HOLD in outcomes else SaleState.WAITING


def state_shown(how: Tally) -> SaleState | None:
    """Return the state of what buyers may see, as a product is counted.

    None where nothing is shown: its state follows from the reasons then.
    """
    if how.bucket == "unconfirmed":
        return SaleState.UNCONFIRMED
    if how.live:
        return SaleState.SOLD_OUT if how.empty else SaleState.ON_SALE
    return None
