"""Play the staff and the buyers of Mock V.

They may do more than the API: end reviews, lock, edit a product as on the marketplace's
own pages, sell and delete. How they are asked is decided in
`ocop_sync.testing.mocks.control`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from adapters.voso.mock.content import Content, Ocop, Variant
from adapters.voso.mock.gate import Gate
from adapters.voso.mock.moderation import refusal_about
from adapters.voso.mock.refusal import problem
from adapters.voso.mock.rows import Product
from adapters.voso.mock.seeds import add_by_hand
from adapters.voso.mock.state import (
    DELETED,
    DRAFT,
    IN_REVIEW,
    LOCKED,
    ON_SALE,
    REFUSED,
    STOPPED,
    Market,
)
from ocop_sync.testing.mocks.kinds import Maybe, ensure_like, example_of
from ocop_sync.testing.mocks.staff import ClaimRow, ListingRow, VariantRow
from ocop_sync.testing.mocks.state_file import Row

_STATES = {
    DRAFT: "down",
    IN_REVIEW: "in_review",
    ON_SALE: "live",
    REFUSED: "refused",
    STOPPED: "down",
    LOCKED: "banned",
}
_VARIANT = example_of(Variant)
_EDITABLE = {**example_of(Content), "RATING_AVERAGE": Maybe(0.0)}
del _EDITABLE["VARIANTS"]
"""The fields that people may edit beside variants, with a value of its kind."""
_HIDDEN = frozenset({"username", "password", "secret"})


class VosoStaff:
    """The people of Mock V. A `ref` is a product's number or client code."""

    def __init__(self, market: Market, gate: Gate) -> None:
        self._market = market
        self._gate = gate

    def approve(self, ref: str) -> None:
        """End a review well, against any rule."""
        self._market.decide(self._in_review(ref), [])

    def refuse(self, ref: str, reason: str) -> None:
        """End a review badly; a topic gets the marketplace's own words."""
        self._market.decide(self._in_review(ref), [refusal_about(reason)])

    def ban(self, ref: str, reason: str) -> None:
        """Lock a product; the API cannot undo it."""
        product = self._find(ref)
        product["STATUS"] = LOCKED
        product["REASONS"] = [problem("LOCKED", reason)]
        self._market.keep(product)
        self._market.event_log.tell("LOCKED", product)

    def edit(self, ref: str, changes: Mapping[str, object]) -> None:
        """Change fields by their names in the API; variants by their SKU."""
        product = self._find(ref)
        fields = dict(changes)
        packs = cast("list[dict[str, Any]]", fields.pop("VARIANTS", []))
        ensure_like(fields, _EDITABLE)
        for pack in packs:
            ensure_like(pack, _VARIANT)
        if packs:
            fields["VARIANTS"] = _edited_variants(product, packs)
        self._market.edit(product, cast("Content", fields))
        self._market.event_log.tell("EDITED", product)

    def take_down(self, ref: str) -> None:
        """Stop the sale of a product, as a person would."""
        product = self._find(ref)
        if product["STATUS"] != ON_SALE:
            message = f"not on sale, but {product['STATUS']}"
            raise ValueError(message)
        product["STATUS"], product["REASON"] = STOPPED, "Người bán tự ngừng."
        self._market.keep(product)
        self._market.event_log.tell("STOPPED", product)

    def sell(self, ref: str, sku: str, quantity: int) -> str:
        """Sell to a buyer and return the identifier of the order line."""
        product = self._find(ref)
        variant = _variant_of(product, sku)
        if product["STATUS"] != ON_SALE or not 0 < quantity <= variant["STOCK"]:
            message = f"cannot sell {quantity} of {sku}"
            raise ValueError(message)
        variant["STOCK"] -= quantity
        self._market.keep(product)
        event = self._market.event_log.tell("SOLD", product, sku=sku, quantity=quantity)
        return event["ORDER_LINE"]

    def reserve(self, ref: str, sku: str, quantity: int) -> None:
        """Let running orders keep *quantity* of a variant; 0 ends them."""
        product = self._find(ref)
        variant = _variant_of(product, sku)
        if not 0 <= quantity <= variant["STOCK"]:
            message = f"cannot reserve {quantity} of {sku}"
            raise ValueError(message)
        product["reserved"] = {**product["reserved"], sku: quantity}
        self._market.keep(product)

    def hand_made(
        self, code: str, names: Sequence[str], skus: Sequence[str]
    ) -> Sequence[str]:
        """Enter products in shop *code* by hand; return their numbers."""
        shop = self._market.shops.get(code)
        if shop is None:
            raise LookupError(code)
        return [str(p["ID"]) for p in add_by_hand(self._market, shop, names, skus)]

    def end_tokens(self) -> None:
        """Let every token run out at once."""
        self._gate.end_all()

    def delete(self, ref: str) -> None:
        """Make a product vanish."""
        product = self._find(ref)
        self._market.remove(product)
        self._market.event_log.tell("DELETED", product)

    def listings(self) -> Sequence[ListingRow]:
        """Return every product that is not deleted, those made by hand included."""
        self._market.settle()
        products = self._market.products.values()
        return [self._row(each) for each in products if each["STATUS"] != DELETED]

    def sellers(self) -> Sequence[Row]:
        """Return every shop, without its owner's secrets."""
        return [
            {name: value for name, value in shop.items() if name not in _HIDDEN}
            for shop in self._market.shops.values()
        ]

    def _in_review(self, ref: str) -> Product:
        product = self._find(ref)
        if product["STATUS"] != IN_REVIEW:
            message = f"not in review, but {product['STATUS']}"
            raise ValueError(message)
        return product

    def _find(self, ref: str) -> Product:
        """Return the product; of several with one client code, the newest."""
        self._market.settle()
        products = self._market.products
        if (product := products.get(ref)) and product["STATUS"] != DELETED:
            return product
        for product in reversed(products.values()):
            if product["CLIENT_CODE"] == ref and product["STATUS"] != DELETED:
                return product
        raise LookupError(ref)

    def _row(self, product: Product) -> ListingRow:
        return ListingRow(
            ref=str(product["ID"]),
            client_ref=product["CLIENT_CODE"],
            seller_ref=self._market.shops[product["SHOP_CODE"]]["CLIENT_CODE"],
            state=_STATES[product["STATUS"]],
            title=product["NAME"],
            description=product["DESCRIPTION"],
            variants=[
                VariantRow(sku=v["SKU"], price_vnd=v["PRICE"], stock=v["STOCK"])
                for v in product["VARIANTS"]
            ],
            ocop=_claim(product["OCOP"]),
            rating_average=product["RATING_AVERAGE"],
            by_hand=product["by_hand"],
            api_writes=product["api_writes"],
            own=cast("Row", product),
        )


def _variant_of(product: Product, sku: str) -> Variant:
    variant = next((v for v in product["VARIANTS"] if v["SKU"] == sku), None)
    if variant is None:
        raise LookupError(sku)
    return variant


def _edited_variants(
    product: Product, changes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    by_sku = {change.get("SKU"): change for change in changes}
    return [{**each, **by_sku.get(each["SKU"], {})} for each in product["VARIANTS"]]


def _claim(ocop: Ocop | None) -> ClaimRow | None:
    if ocop is None:
        return None
    ends = ocop["VALID_TO"]
    day, month, year = ends[:10].split("/") if ends else ("", "", "")
    return ClaimRow(
        stars=ocop["STARS"],
        decision=ocop["DECISION"],
        valid_to=f"{year}-{month}-{day}" if ends else None,
    )
