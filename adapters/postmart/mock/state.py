"""Keep the shop of Mock P: sellers, products and their reviews.

Every rule of the API that needs the existing rows is here; calls are read and answered
in `routes`, the acts of staff and buyers are in `staff`. Content is shown as
soon as it is written: the old text does not stay up while the new one is reviewed.
A change with forbidden words is refused at once; a product that is new, or was
rejected, is refused by its review.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from adapters.postmart.mock import moderation
from adapters.postmart.mock.content import Claim, Content, Submission, Variant
from adapters.postmart.mock.event_log import EventLog
from adapters.postmart.mock.index import Index
from adapters.postmart.mock.refusal import (
    Problem,
    RefusalError,
    no_product,
    no_seller,
    problem,
)
from adapters.postmart.mock.rows import Ended, Product, Seller
from ocop_sync.testing.mocks.lag import Lag
from ocop_sync.testing.mocks.reviews import Reviews
from ocop_sync.testing.mocks.state_file import StateFile

_STATE_ONCE_DOWN = {"approved": "unpublished", "in_review": "cancelled"}


class Shop:
    """Everything that Mock P knows.

    Args:
        file: Where it is kept; existing rows are taken up.
        now: The mock's present instant in UTC.
        moderation_s: Seconds that a review takes; infinite if only staff ends
            reviews.
    """

    def __init__(
        self, file: StateFile, now: Callable[[], datetime], moderation_s: float
    ) -> None:
        self.products: dict[str, Product] = file.table("products")
        self.sellers: dict[str, Seller] = file.table("sellers")
        self.lag = Lag(now)
        self.event_log = EventLog(file, now)
        self._ended: dict[str, Ended] = file.table("ended")
        self._file = file
        self._now = now
        self._reviews = Reviews(now, moderation_s)
        self._index = Index()
        for product in self.products.values():
            self._take_up(product)

    def settle(self) -> None:
        """End the reviews whose time has come, the earliest first."""
        for number, due, at in self._reviews.ended():
            product = self.products.get(str(number))
            if product and product["state"] == "in_review" and product["due"] == due:
                self.decide(product, moderation.problems_of(product), at)

    def product(self, number: str) -> Product:
        """Return the product with id *number*."""
        if product := self.products.get(number):
            return product
        raise no_product()

    def by_client_ref(self, client_ref: str) -> list[Product]:
        """Return the products that carry *client_ref*, the oldest first."""
        numbers = self._index.by_client_ref.get(client_ref, ())
        return [self.products[str(number)] for number in numbers]

    def by_sku(self, sku: str) -> list[Product]:
        """Return the products with a variant *sku*, rejected ones included."""
        numbers = self._index.by_sku.get(sku, ())
        return [self.products[str(number)] for number in numbers]

    def track(self, track_id: str) -> Ended | None:
        """Return how a review stands; None if there is no such review."""
        number = self._index.by_track.get(track_id)
        if number is None:
            return self._ended.get(track_id)
        product = self.products[str(number)]
        reasons = product["reasons"] if product["state"] == "rejected" else []
        state = self.review_state(product)
        return Ended(product_id=number, state=state, reasons=reasons)

    def review_state(self, product: Product) -> str:
        """Return the state of a product's latest review, as the API names it."""
        if product["state"] == "in_review":
            due = product["due"]
            span = math.inf if due is None else due - product["submitted"]
            passed = self._now().timestamp() - product["submitted"]
            return moderation.stage(product, passed / span if span else 1.0)
        if product["state"] in {"rejected", "cancelled"}:
            return product["state"]
        return "approved"

    def seller(self, external_id: str) -> Seller:
        """Return the seller *external_id*."""
        if seller := self.sellers.get(external_id):
            return seller
        raise no_seller()

    def put_seller(self, seller: Seller) -> bool:
        """Open or update a seller; return whether it is new."""
        new = seller["external_id"] not in self.sellers
        self.keep_seller(seller["external_id"], seller)
        return new

    def keep_seller(self, key: str, seller: Seller) -> None:
        """Keep *seller* under *key*."""
        self._file.put("sellers", key, seller)

    def stop_seller(self, external_id: str) -> Sequence[Product]:
        """Close a seller; return its products that went down with it."""
        stopped: Seller = {**self.seller(external_id), "state": "stopped"}
        self.keep_seller(external_id, stopped)
        down = [
            product
            for product in self.products.values()
            if product["seller_external_id"] == external_id
            and product["state"] in _STATE_ONCE_DOWN
        ]
        for product in down:
            self.unpublish(product)
        return down

    def submit(
        self, row: Submission, key: str, digest: str, flaws: Sequence[Problem]
    ) -> Product:
        """Take a new product in for review, once for each idempotency *key*."""
        if key and (number := self._index.by_key.get(key)):
            return _same(self.products[str(number)], digest)
        self._ensure_seller(row["seller_external_id"])
        self._ensure_free(row["variants"], owner=None)
        for old in self.by_client_ref(row["client_ref"]):
            if old["state"] == "rejected":  # a new try takes its place
                self._end_track(old)
                self.forget(old)
        product = self.new_product(row)
        product["key"], product["digest"] = key, digest
        product["flaws"] = list(flaws)
        self._review(product)
        self._index.add(product)
        self._written(product)
        return product

    def new_product(self, row: Submission) -> Product:
        """Return *row* as a product that is not yet kept anywhere."""
        seller = self.sellers.get(row["seller_external_id"])
        return Product(
            **row,
            id=40_000 + self._file.next_number("product"),
            track_id="",
            seller_name=seller["name"] if seller else "",
            rating_average=None,
            state="in_review",
            reasons=[],
            flaws=[],
            once_approved=False,
            submitted=0.0,
            due=None,
            version=0,
            by_hand=False,
            api_writes=0,
            key="",
            digest="",
        )

    def set_content(
        self, product: Product, content: Content, flaws: Sequence[Problem]
    ) -> None:
        """Change the fields of *content*; a rejected product is reviewed again."""
        _ensure_not_banned(product)
        changed: Product = {**product, **content}
        if "images" in content:
            changed["flaws"] = list(flaws)
        if "variants" in content:
            changed["variants"] = _merge(product["variants"], content["variants"])
        if product["state"] == "rejected":
            self._ensure_seller(product["seller_external_id"])
        self._ensure_free(changed["variants"], owner=product["id"])
        problems = moderation.problems_of(changed)
        if problems and product["state"] != "rejected":
            raise RefusalError(422, *problems)
        self._index.drop(product)
        product.update(changed)
        if product["state"] == "rejected":
            self._review(product)
        self._index.add(product)
        self._written(product)

    def set_prices(self, product: Product, prices: dict[str, int]) -> None:
        """Set the prices of some variants, all or none."""
        variants = _variants(product, prices)
        low = [sku for sku, price in prices.items() if price < moderation.MIN_PRICE]
        if low:
            raise RefusalError(422, *map(moderation.price_too_low, low))
        for variant in variants:
            variant["price"] = prices[variant["sku"]]
        self._written(product)

    def set_quantities(self, product: Product, quantities: dict[str, int]) -> None:
        """Set the absolute quantities of some variants, all or none."""
        for variant in _variants(product, quantities):
            variant["quantity"] = quantities[variant["sku"]]
        self._written(product)

    def set_claim(self, product: Product, claim: Claim | None) -> None:
        """Set or clear the claim of stars; never the buyers' rating."""
        _ensure_not_banned(product)
        product["ocop_claim"] = claim
        self._written(product)

    def unpublish(self, product: Product) -> None:
        """Take from sale, or end the review; do nothing in any other state."""
        if product["state"] in _STATE_ONCE_DOWN:
            product["state"] = _STATE_ONCE_DOWN[product["state"]]
            self._written(product)

    def publish(self, product: Product) -> None:
        """Put back on sale; a product never approved is reviewed again."""
        _ensure_not_banned(product)
        self._ensure_seller(product["seller_external_id"])
        if product["state"] in _STATE_ONCE_DOWN:
            return
        if product["once_approved"]:
            product["state"] = "approved"
        else:
            self._ensure_free(product["variants"], owner=product["id"])
            self._review(product)
            self._index.by_track[product["track_id"]] = product["id"]
        self._written(product)

    def decide(
        self, product: Product, problems: Sequence[Problem], at: datetime | None = None
    ) -> None:
        """End the review of *product*: well, if there are no *problems*."""
        product["state"] = "rejected" if problems else "approved"
        product["reasons"] = list(problems)
        product["once_approved"] = product["once_approved"] or not problems
        self.keep(product)
        self.event_log.tell(f"product.{product['state']}", product, at=at)

    def keep(self, product: Product) -> None:
        """Keep *product* as its next version."""
        product["version"] += 1
        self._file.put("products", str(product["id"]), product)

    def add(self, product: Product) -> None:
        """Keep a product that a person has made or edited by hand."""
        self._index.add(product)
        self.keep(product)

    def forget(self, product: Product) -> None:
        """Make a product vanish; reviews that are kept as ended stay."""
        self._index.drop(product)
        self._file.remove("products", str(product["id"]))

    def _take_up(self, product: Product) -> None:
        product.setdefault("flaws", [])  # files of earlier versions lack it
        self._index.add(product)
        if product["state"] == "in_review":
            self._reviews.take_up(product["id"], product["due"])

    def _written(self, product: Product) -> None:
        product["api_writes"] += 1
        self.keep(product)

    def _review(self, product: Product) -> None:
        """Start a review of *product*; the caller indexes its new track id."""
        if product["track_id"]:
            self._end_track(product)
        product["state"], product["reasons"] = "in_review", []
        product["track_id"] = f"TR{product['id']:08d}-{product['version']}"
        product["submitted"] = self._now().timestamp()
        product["due"] = self._reviews.begin(product["id"])

    def _end_track(self, product: Product) -> None:
        """Remember how the latest review of *product* ended."""
        ended = self.track(product["track_id"])
        if ended is None:
            ended = Ended(
                product_id=product["id"],
                state=self.review_state(product),
                reasons=product["reasons"],
            )
        self._index.by_track.pop(product["track_id"], None)
        self._file.put("ended", product["track_id"], ended)

    def _ensure_free(self, variants: Iterable[Variant], *, owner: int | None) -> None:
        taken = [
            problem("duplicate_sku", f"Mã SKU {v['sku']} đã có trên sàn.", "sku")
            for v in variants
            if any(
                other["id"] != owner and other["state"] != "rejected"
                for other in self.by_sku(v["sku"])
            )
        ]
        if taken:
            raise RefusalError(409, *taken)

    def _ensure_seller(self, external_id: str) -> None:
        if not external_id:
            return  # made by hand: nobody's that can be stopped
        seller = self.sellers.get(external_id)
        if seller is None:
            code, words = "seller_unknown", f"Chưa có gian hàng {external_id}."
        elif seller["state"] == "stopped":
            code, words = "seller_stopped", f"Gian hàng {external_id} đã ngừng."
        else:
            return
        raise RefusalError(422, problem(code, words, "seller_external_id"))


def _same(product: Product, digest: str) -> Product:
    if product["digest"] != digest:
        message = "Idempotency-Key đã dùng cho một nội dung khác."
        raise RefusalError(422, problem("idempotency_mismatch", message))
    return product


def _ensure_not_banned(product: Product) -> None:
    if product["state"] == "banned":
        why = problem("banned", "Sản phẩm đã bị sàn cấm bán.")
        raise RefusalError(409, why, *product["reasons"])


def _variants(product: Product, wanted: Iterable[str]) -> list[Variant]:
    _ensure_not_banned(product)
    found = {variant["sku"]: variant for variant in product["variants"]}
    missing = [sku for sku in wanted if sku not in found]
    if missing:
        message = f"Sản phẩm không có mã SKU {', '.join(missing)}."
        raise RefusalError(422, problem("sku_unknown", message, "sku"))
    return [found[sku] for sku in wanted]


def _merge(old: Sequence[Variant], new: Sequence[Variant]) -> list[Variant]:
    """Return *new* with the prices and quantities of *old* where there are any."""
    kept = {variant["sku"]: variant for variant in old}
    merged = [variant.copy() for variant in new]
    for variant in merged:
        if before := kept.get(variant["sku"]):
            variant["price"] = before["price"]
            variant["quantity"] = before["quantity"]
    return merged
