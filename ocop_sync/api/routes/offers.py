"""Stock and prices of many packs in one call, each with a result of its own."""

from typing import Annotated, Final

from pydantic import Field

from catalog.commands.offers import (
    MOST,
    OfferEntry,
    OfferOutcome,
    OfferResult,
)
from catalog.commands.price import PriceEntry
from catalog.commands.stock import AdjustmentEntry, CountEntry
from catalog.errors import HeldPriceError
from ocop_sync.api.access.reach import doing_of
from ocop_sync.api.access.roles import STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.products import Sku
from ocop_sync.api.problems import problem_of
from ocop_sync.api.routes.products import TAG, AdjustmentForm, CountForm, PriceForm
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Model
from ocop_sync.service.producer.changes import change_offers


class OfferForm(Model):
    """What is entered for one pack: a price, a count or an adjustment.

    A price may come with either of the others.
    """

    sku: Sku
    """The code of the pack."""
    price: PriceForm | None = None
    """Its price."""
    stock: CountForm | None = None
    """A count of it."""
    adjustment: AdjustmentForm | None = None
    """An adjustment of its stock."""


class OffersForm(Model):
    """What is entered for many packs."""

    items: Annotated[tuple[OfferForm, ...], Field(max_length=MOST)]
    """One for each pack."""


class OfferRefusalForm(Model):
    """Why an item was not taken."""

    code: str
    """The kind of problem, as a call of this item alone would have it."""
    detail_vi: str
    """What is the matter, in Vietnamese."""
    detail_en: str
    """The same in English."""
    before: int | None
    """Of a held price: the price that stays."""
    token: str
    """Of a held price: confirms it; empty for all else."""


class OfferResultForm(Model):
    """What became of one item."""

    sku: str
    """The code of the pack."""
    outcome: OfferOutcome
    """What became of it."""
    problem: OfferRefusalForm | None
    """Why it was not taken; null if it was."""


class OfferResultsForm(Model):
    """What became of each item."""

    items: tuple[OfferResultForm, ...]
    """In the order of the items that were sent."""


@operation(
    "POST",
    "/api/v1/bulk/stock-and-price",
    summary="Set stock and price of many packs at once",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    takes_key=True,
)
async def set_stock_and_price(call: Call, body: OffersForm) -> OfferResultsForm:
    """Take up to 500 packs in; a wrong one stops no other one.

    An item that is sent twice is refused twice. Read the result of each.
    """
    entries = [_entry(each) for each in body.items]
    doing = doing_of(asker_of(call))
    results = await change_offers(deployment_of(call), entries, doing)
    return OfferResultsForm(items=tuple(map(_result, results)))


OPERATIONS: Final = (set_stock_and_price,)


def _entry(item: OfferForm) -> OfferEntry:
    price = counted = adjusted = None
    if item.price is not None:
        said = item.price
        price = PriceEntry(sku=item.sku, price_vnd=said.price_vnd, token=said.token)
    if item.stock is not None:
        at = item.stock.counted_at
        counted = CountEntry(sku=item.sku, on_hand=item.stock.on_hand, counted_at=at)
    if item.adjustment is not None:
        reason, quantity = item.adjustment.reason, item.adjustment.quantity
        adjusted = AdjustmentEntry(sku=item.sku, quantity=quantity, reason=reason)
    return OfferEntry(sku=item.sku, price=price, count=counted, adjustment=adjusted)


def _result(result: OfferResult) -> OfferResultForm:
    return OfferResultForm(
        sku=result.sku, outcome=result.outcome, problem=_refusal(result)
    )


def _refusal(result: OfferResult) -> OfferRefusalForm | None:
    if result.error is None:
        return None
    problem = problem_of(result.error)
    assert problem is not None  # noqa: S101  (every error of the catalog has one)
    error = result.error
    # Danger: values that are not taken are told field by field, and not by the kind.
    vi = "; ".join(each.vi for each in problem.errors) or problem.vi
    en = "; ".join(each.en for each in problem.errors) or problem.en
    return OfferRefusalForm(
        code=problem.kind.code,
        detail_vi=vi,
        detail_en=en,
        before=error.before if isinstance(error, HeldPriceError) else None,
        token=error.token if isinstance(error, HeldPriceError) else "",
    )
