"""Stock and prices of many packs in one call, each with a result of its own."""

from typing import Annotated, Final

from pydantic import Field

from catalog.commands import update
from catalog.commands.offers import (
    MOST,
    OfferEntry,
)
from catalog.commands.price import PriceEntry
from catalog.commands.stock import AdjustmentEntry, CountEntry
from ocop_sync.api.access.reach import doing_of
from ocop_sync.api.access.roles import STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.offers import OfferResultsForm, offer_result_form
from ocop_sync.api.forms.products import Sku
from ocop_sync.api.routes.packs import AdjustmentForm, CountForm, PriceForm
from ocop_sync.api.routes.products import TAG
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.service.producer.changes import change_offers


class OfferForm(Model):
    """What is entered for one pack: a price, a count or an adjustment.

    A price may come with either of the others.
    """

    sku: Sku
    """The code of the pack."""
    price: PriceForm | None = None
    """Its price."""
    seen_price_vnd: (
        Annotated[int, Field(ge=0, le=update.MAX_PRICE_VND), WHOLE] | None
    ) = None
    """The price that was read before, 0 for none: if another one stands by now, the
    item is not taken (`changed_meanwhile`). Null overwrites whatever stands."""
    stock: CountForm | None = None
    """A count of it."""
    adjustment: AdjustmentForm | None = None
    """An adjustment of its stock."""


class OffersForm(Model):
    """What is entered for many packs."""

    items: Annotated[tuple[OfferForm, ...], Field(max_length=MOST)]
    """One for each pack."""


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

    An item that is sent twice is refused twice. Read the result of each. Instead of
    `If-Match`, which would be of all, an item names the price that was seen.
    """
    entries = [_entry(each) for each in body.items]
    doing = doing_of(asker_of(call))
    results = await change_offers(deployment_of(call), entries, doing)
    return OfferResultsForm(items=tuple(map(offer_result_form, results)))


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
    return OfferEntry(
        sku=item.sku,
        price=price,
        seen_price_vnd=item.seen_price_vnd,
        count=counted,
        adjustment=adjusted,
    )
