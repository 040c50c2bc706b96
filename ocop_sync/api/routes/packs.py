"""Packs of products: their prices and counts, entered by producers and by staff.

A producer reaches the packs of its own products; staff reach all, or those of the
producer for whom they act. What is out of reach is not found.
"""

from functools import partial
from typing import Annotated, Final

from pydantic import Field

from catalog.commands import update
from catalog.commands.price import PriceEntry, enter_price
from catalog.commands.stock import (
    AdjustmentEntry,
    CountEntry,
    enter_adjustment,
    enter_count,
)
from catalog.model.adjustment import AdjustmentReason
from ocop_sync.api.access.reach import as_department, doing_of
from ocop_sync.api.access.roles import STAFF, STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.products import (
    PackForm,
    PackTexts,
    Sku,
    pack_form,
)
from ocop_sync.api.problems import (
    NOT_TAKEN,
    OLDER_COUNT,
    PRICE_HELD,
    STOCK_TOO_LOW,
)
from ocop_sync.api.routes.products import TAG, ProductPath, Token, given
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import PRECONDITION_FAILED
from ocop_sync.api.typed.values import WHOLE, Instant, Model
from ocop_sync.service.department import products as department
from ocop_sync.service.producer import changes


class PackPath(ProductPath):
    """Which pack of a product."""

    sku: Sku
    """The code of the pack."""


class NewPackForm(Model):
    """A pack to add."""

    texts: PackTexts  # type: ignore[valid-type]
    """Its texts and weights."""


class PriceForm(Model):
    """A price."""

    price_vnd: Annotated[int, Field(ge=1, le=update.MAX_PRICE_VND), WHOLE]
    """In whole đồng, VAT included."""
    token: Token = ""
    """Confirms a price that was held: the token that came with the refusal."""


class CountForm(Model):
    """A count."""

    on_hand: Annotated[int, Field(ge=0, le=update.MAX_COUNT), WHOLE]
    """How many there are."""
    counted_at: Instant | None = None
    """When they were counted; now if left out. The newest count counts."""


class AdjustmentForm(Model):
    """Goods that came in, or left otherwise than by an online sale."""

    quantity: Annotated[int, Field(ge=1, le=update.MAX_COUNT), WHOLE]
    """How many."""
    reason: AdjustmentReason
    """Why; "made" adds, the others take away."""


@operation(
    "POST",
    "/api/v1/products/{code}/packs",
    summary="Add a pack to a product",
    allowed=STAFF,
    tag=TAG,
    status=201,
    takes_key=True,
    problems=(NOT_TAKEN,),
)
async def add_pack(
    call: Call, path: ProductPath, body: NewPackForm
) -> Answer[PackForm]:
    """Add a pack; it is offered once it has a price and a count."""
    texts, by = given(body.texts), as_department(asker_of(call))
    found = await department.add_pack(deployment_of(call), path.code, texts, by)
    form = pack_form(found.variant, found.revision)
    return Answer(value=form, version=found.revision)


@operation(
    "PUT",
    "/api/v1/products/{code}/packs/{sku}/price",
    summary="Set the price of a pack",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    needs_if_match=True,
    problems=(PRICE_HELD, PRECONDITION_FAILED),
)
async def put_price(call: Call, path: PackPath, body: PriceForm) -> Answer[PackForm]:
    """Set a price. One that looks like a slip is held (409) until it is confirmed.

    The refusal holds the old value and a token; the same call with that token sets the
    price, as long as neither has changed.
    """
    entry = PriceEntry(sku=path.sku, price_vnd=body.price_vnd, token=body.token)
    seen = call.seen_revision()
    return await _on_pack(call, path, partial(enter_price, entry=entry, seen=seen))


@operation(
    "PUT",
    "/api/v1/products/{code}/packs/{sku}/stock",
    summary="Enter a count of a pack",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    problems=(NOT_TAKEN, OLDER_COUNT),
)
async def put_stock(call: Call, path: PackPath, body: CountForm) -> Answer[PackForm]:
    """Enter how many were counted. One older than the known count is told (409)."""
    entry = CountEntry(sku=path.sku, on_hand=body.on_hand, counted_at=body.counted_at)
    return await _on_pack(call, path, partial(enter_count, entry=entry))


@operation(
    "POST",
    "/api/v1/products/{code}/packs/{sku}/stock/adjustments",
    summary="Adjust the stock of a pack, for a reason",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    takes_key=True,
    problems=(STOCK_TOO_LOW,),
)
async def adjust_stock(
    call: Call, path: PackPath, body: AdjustmentForm
) -> Answer[PackForm]:
    """Enter goods that came in or left: neither a sale nor another entry is lost."""
    entry = AdjustmentEntry(sku=path.sku, quantity=body.quantity, reason=body.reason)
    return await _on_pack(call, path, partial(enter_adjustment, entry=entry))


OPERATIONS: Final = (add_pack, put_price, put_stock, adjust_stock)


async def _on_pack(
    call: Call, path: PackPath, use_case: changes.UseCase
) -> Answer[PackForm]:
    """Carry a use case out on a pack of the product in the address; return it then."""
    doing = doing_of(asker_of(call))
    pack = await changes.change_pack(
        deployment_of(call), path.code, path.sku, use_case, doing
    )
    form = pack_form(pack.variant, pack.revision)
    return Answer(value=form, version=pack.revision)
