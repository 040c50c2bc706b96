"""Look for listings at a marketplace that may be a product to create."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.matching.candidates import Likeness, NewProduct
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Decision, Twin
from ocop_sync.marketplace.listing import Listing
from ocop_sync.service.evaluate.case import Case
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.listings import foreign_listings

_MAKES = frozenset({Decision.CREATE, Decision.CREATE_ANEW})
"""Decisions that make a listing, unless a twin is there."""

_LEAVES = frozenset({Decision.NOTHING, Hold.UNKNOWN_FACT})
"""Decisions that make nothing, but ask about a listing that carries our reference."""


async def twins_of(
    conn: AsyncConnection, cases: Sequence[Case]
) -> dict[str, list[Likeness]]:
    """Return listings that may be the product of a case, by product."""
    new: dict[str, dict[str, NewProduct]] = {}
    for case in cases:
        state = case.state
        if (new_product := _new_product(case)) is not None:
            new.setdefault(state.account, {})[state.product_id] = new_product
    found: dict[str, list[Likeness]] = {}
    for account in await foreign_listings.with_strangers(conn, new):
        for likeness in await possible_twins.alike(conn, account, new[account]):
            found.setdefault(likeness.product_id, []).append(likeness)
    return found


def with_twin(state: State, found: Sequence[Likeness]) -> State:
    """Return *state* with the listing of *found* that may be the same product."""
    adopted = [each for each in found if each.adopted]
    sure = adopted or [each for each in found if each.is_sure]
    unlike = [each for each in found if each.is_unlike]
    if len(adopted) == 1 or len(found) == len(sure) == 1:
        twin, ref = Twin.SURE, sure[0].ref
    elif unlike:
        twin, ref = Twin.UNLIKE, unlike[0].ref
    else:
        twin, ref = Twin.POSSIBLE, found[0].ref
    return replace(state, twin=twin, twin_ref=ref)


def _new_product(case: Case) -> NewProduct | None:
    """Return the search for listings that may be the product's, if it needs one.

    For a product that is not made, it finds those that carry its reference: nothing is
    known of those.
    """
    decision, listing = case.evaluation.decision, case.evaluation.wanted.listing
    product, producer = case.entry or (None, None)
    maker = producer.name if producer else ""
    if decision in _MAKES and listing:
        return NewProduct(listing=listing, maker=maker)
    is_new = case.state.base is Base.NEVER_SENT
    if product is None or not is_new or decision not in _LEAVES | _MAKES:
        return None
    bare = Listing(
        client_ref=product.id,
        seller_ref=product.producer_id or "",
        title=product.name,
        description="",
        category="",
        variants=(),
    )
    return NewProduct(listing=bare, maker=maker, is_made=False)
