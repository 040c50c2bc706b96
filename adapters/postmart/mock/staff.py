"""Play the staff and the buyers of Mock P.

They may do more than the API: end reviews, forbid, edit a listing as on the
marketplace's own pages, sell and delete. How they are asked is decided in
`ocop_sync.testing.mocks.control`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from adapters.postmart.mock.content import Submission, Variant
from adapters.postmart.mock.moderation import refusal_about
from adapters.postmart.mock.refusal import problem
from adapters.postmart.mock.rows import Product
from adapters.postmart.mock.seeds import add_by_hand
from adapters.postmart.mock.state import Shop
from adapters.postmart.mock.tokens import Tokens
from ocop_sync.testing.mocks.kinds import Maybe, ensure_like, example_of
from ocop_sync.testing.mocks.staff import ClaimRow, ListingRow, VariantRow
from ocop_sync.testing.mocks.state_file import Row

_STATES = {
    "approved": "live",
    "rejected": "refused",
    "unpublished": "down",
    "cancelled": "down",
}
_VARIANT = example_of(Variant)
_EDITABLE = {**example_of(Submission), "rating_average": Maybe(0.0)}
del _EDITABLE["variants"], _EDITABLE["seller_external_id"]
"""The fields that people may edit beside variants, with a value of its kind."""


class PostmartStaff:
    """The people of Mock P. A `ref` is an id, a track id or a client reference."""

    def __init__(self, shop: Shop, tokens: Tokens) -> None:
        self._shop = shop
        self._tokens = tokens

    def approve(self, ref: str) -> None:
        """End a review well, against any rule."""
        self._shop.decide(self._in_review(ref), [])

    def refuse(self, ref: str, reason: str) -> None:
        """End a review badly; a topic gets the marketplace's own words."""
        self._shop.decide(self._in_review(ref), [refusal_about(reason)])

    def ban(self, ref: str, reason: str) -> None:
        """Forbid a product; the API cannot undo it."""
        product = self._find(ref)
        product["state"] = "banned"
        product["reasons"] = [problem("banned", reason)]
        self._keep(product, "product.banned")

    def edit(self, ref: str, changes: Mapping[str, object]) -> None:
        """Change fields by their names in the API; variants by their SKU."""
        product = self._find(ref)
        fields = dict(changes)
        packs = cast("list[dict[str, Any]]", fields.pop("variants", []))
        ensure_like(fields, _EDITABLE)
        for pack in packs:
            ensure_like(pack, _VARIANT)
        _edit_variants(product, packs)
        self._shop.forget(product)
        self._shop.add(cast("Product", {**product, **fields}))
        self._shop.event_log.tell("product.edited", product)

    def take_down(self, ref: str) -> None:
        """Take a product from sale, as a person would."""
        product = self._find(ref)
        if product["state"] != "approved":
            message = f"not on sale, but {product['state']}"
            raise ValueError(message)
        product["state"] = "unpublished"
        self._keep(product, "product.unpublished")

    def sell(self, ref: str, sku: str, quantity: int) -> str:
        """Sell to a buyer and return the identifier of the order line."""
        product = self._find(ref)
        variant = next((v for v in product["variants"] if v["sku"] == sku), None)
        if variant is None:
            raise LookupError(sku)
        if product["state"] != "approved" or not 0 < quantity <= variant["quantity"]:
            message = f"cannot sell {quantity} of {sku}"
            raise ValueError(message)
        variant["quantity"] -= quantity
        self._shop.keep(product)
        return self._shop.event_log.tell_sale(product, sku, quantity)

    def reserve(self, ref: str, sku: str, quantity: int) -> None:
        """Refuse: stock of running orders is taken off by `sell` here."""
        message = f"{ref}, {sku}: no {quantity} are reserved here"
        raise ValueError(message)

    def hand_made(
        self, _: str, names: Sequence[str], skus: Sequence[str]
    ) -> Sequence[str]:
        """Enter products by hand, as a seller would; return their ids."""
        return [str(each["id"]) for each in add_by_hand(self._shop, names, skus)]

    def end_tokens(self) -> None:
        """Let every token run out at once."""
        self._tokens.end_all()

    def delete(self, ref: str) -> None:
        """Make a product vanish; reviews that a later one has ended are still known."""
        product = self._find(ref)
        self._shop.forget(product)
        self._shop.event_log.tell("product.deleted", product)

    def listings(self) -> Sequence[ListingRow]:
        """Return every product, those made by hand included."""
        self._shop.settle()
        return [_row(product) for product in self._shop.products.values()]

    def sellers(self) -> Sequence[Row]:
        """Return every seller."""
        return list(self._shop.sellers.values())

    def _keep(self, product: Product, event: str) -> None:
        self._shop.keep(product)
        self._shop.event_log.tell(event, product)

    def _in_review(self, ref: str) -> Product:
        product = self._find(ref)
        if product["state"] != "in_review":
            message = f"not in review, but {product['state']}"
            raise ValueError(message)
        return product

    def _find(self, ref: str) -> Product:
        self._shop.settle()
        if product := self._shop.products.get(ref):
            return product
        if products := self._shop.by_client_ref(ref):
            return products[-1]
        track = self._shop.track(ref)
        if track and (product := self._shop.products.get(str(track["product_id"]))):
            return product
        raise LookupError(ref)


def _edit_variants(product: Product, changes: list[dict[str, Any]]) -> None:
    for change in changes:
        for variant in product["variants"]:
            if variant["sku"] == change.get("sku"):
                variant.update(cast("Any", change))


def _row(product: Product) -> ListingRow:
    claim = product["ocop_claim"]
    return ListingRow(
        ref=str(product["id"]),
        client_ref=product["client_ref"],
        seller_ref=product["seller_external_id"],
        state=_STATES.get(product["state"], product["state"]),
        title=product["name"],
        description=product["description"],
        variants=[
            VariantRow(sku=v["sku"], price_vnd=v["price"], stock=v["quantity"])
            for v in product["variants"]
        ],
        ocop=None if claim is None else ClaimRow(**claim),
        rating_average=product["rating_average"],
        by_hand=product["by_hand"],
        api_writes=product["api_writes"],
        own=product,
    )
