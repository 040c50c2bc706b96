"""Keep the shops of Mock V, their products, reviews and events.

Every rule that needs the existing rows is here; the form of a call is checked in
`checks`, its answer is written in `gate` and `routes`, the acts of staff and buyers are
in `staff`. Content is shown as soon as it is written.

There is no idempotency and no unique SKU: a product that is saved twice exists twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from adapters.voso.mock import moderation
from adapters.voso.mock.checks import Profile
from adapters.voso.mock.content import Content, Variant
from adapters.voso.mock.event_log import EventLog
from adapters.voso.mock.index import Index
from adapters.voso.mock.refusal import ItemRefusedError, Problem, local, problem
from adapters.voso.mock.rows import Product, Shop
from ocop_sync.testing.mocks.lag import Lag
from ocop_sync.testing.mocks.reviews import Reviews
from ocop_sync.testing.mocks.state_file import StateFile

DRAFT, IN_REVIEW, ON_SALE, REFUSED, STOPPED, DELETED, LOCKED = 0, 1, 2, 3, 4, 6, 7
"""The statuses of a product. There is no 5."""

FIRST_ID = 700_001

_REVIEWED = frozenset(Content.__annotations__) - {"OCOP", "CLIENT_CODE"}


class Market:
    """Everything that Mock V knows.

    Args:
        file: Where it is kept; existing rows are taken up.
        now: The mock's present instant in UTC.
        moderation_s: Seconds that a review takes; infinite if only staff ends
            reviews.
    """

    def __init__(
        self, file: StateFile, now: Callable[[], datetime], moderation_s: float
    ) -> None:
        self.shops: dict[str, Shop] = file.table("shops")
        self.products: dict[str, Product] = file.table("products")
        self.lag = Lag(now)
        self.event_log = EventLog(file, now)
        self._file = file
        self._now = now
        self._reviews = Reviews(now, moderation_s)
        self._index = Index()
        for product in self.products.values():
            self._take_up(product)

    def settle(self) -> None:
        """End the reviews whose time has come, the earliest first."""
        for number, due, at in self._reviews.ended():
            product = self.products[str(number)]
            if product["STATUS"] == IN_REVIEW and product["due"] == due:
                self.decide(product, moderation.problems_of(product), at)

    def product(self, shop: Shop, number: int) -> Product:
        """Return the product *number* of a shop, unless it is deleted."""
        product = self.products.get(str(number))
        owned = product and product["SHOP_CODE"] == shop["CODE"]
        if product and owned and product["STATUS"] != DELETED:
            return product
        message = f"Gian hàng không có sản phẩm {number}."
        raise ItemRefusedError(problem("PRODUCT_NOT_FOUND", message, "ID"))

    def numbers(self, shop: Shop, *, ids: Iterable[int] = ()) -> list[int]:
        """Return the growing numbers of a shop's products, or of *ids* among them.

        Those that are deleted are only there for whoever names them.
        """
        code = shop["CODE"]
        if not (wanted := set(ids)):
            return self._index.of_shop(code)
        owned = (self.products.get(str(number)) for number in wanted)
        return sorted(p["ID"] for p in owned if p and p["SHOP_CODE"] == code)

    def numbers_with(self, shop: Shop, name: str, values: Iterable[str]) -> list[int]:
        """Return the numbers of a shop's products whose *name* is in *values*."""
        return self._index.matching(shop["CODE"], name, values)

    def open_account(
        self, code: str, *, username: str, password: str, secret: str
    ) -> bool:
        """Give a shop its account, making the shop if need be; say if it is new.

        Raises:
            ValueError: Another shop has that user name.
        """
        holder = self.shop_of_user(username)
        if holder and holder["CODE"] != code:
            message = f"{username} is the user of {holder['CODE']}"
            raise ValueError(message)
        new = code not in self.shops
        shop = self.new_shop(code) if new else self.shops[code]
        shop["username"], shop["password"] = username, password
        shop["secret"] = secret
        self.keep_shop(shop)
        return new

    def new_shop(self, code: str) -> Shop:
        """Return a shop without profile or account, not yet kept."""
        return Shop(
            SHOP_ID=self._file.next_number("shop"),
            CODE=code,
            CLIENT_CODE="",
            NAME="",
            KIND="",
            ADDRESS="",
            OLD_DISTRICT_CODE="",
            OLD_WARD_CODE="",
            STATE="NEW",
            by_hand=False,
            username="",
            password="",
            secret="",
        )

    def keep_shop(self, shop: Shop) -> None:
        """Keep *shop*."""
        self._file.put("shops", shop["CODE"], shop)

    def shop_of_user(self, username: str) -> Shop | None:
        """Return the shop whose account *username* signs in to."""
        if not username:
            return None
        shops = self.shops.values()
        return next((s for s in shops if s["username"] == username), None)

    def put_profile(self, shop: Shop, profile: Profile) -> None:
        """Set a shop's profile and open it; its stopped products stay stopped."""
        shop.update(cast("Shop", profile))
        shop["STATE"] = "OPEN"
        self.keep_shop(shop)

    def stop_shop(self, shop: Shop, reason: str) -> Sequence[Product]:
        """Close a shop; return the products that went down with it."""
        shop["STATE"] = "STOPPED"
        self.keep_shop(shop)
        products = [self.products[str(number)] for number in self.numbers(shop)]
        down = [p for p in products if p["STATUS"] in {IN_REVIEW, ON_SALE}]
        for product in down:
            self.stop(product, reason)
        return down

    def create(
        self, shop: Shop, content: Content, flaws: Sequence[Problem] = ()
    ) -> Product:
        """Take a new product in for review, beside any existing one."""
        _ensure_open(shop)
        product = self.new_product(shop, content)
        product["flaws"] = list(flaws)
        self._review(product)
        self._written(product, new=True)
        return product

    def new_product(self, shop: Shop, content: Content) -> Product:
        """Return a product that is not yet kept."""
        now = local(self._now())
        return Product(
            ID=FIRST_ID - 1 + self._file.next_number("product"),
            SHOP_CODE=shop["CODE"],
            **content,
            RATING_AVERAGE=None,
            STATUS=DRAFT,
            REASONS=[],
            REASON="",
            REVISION=0,
            CREATED_AT=now,
            UPDATED_AT=now,
            once_approved=False,
            flaws=[],
            reserved={},
            due=None,
            by_hand=False,
            api_writes=0,
        )

    def replace(
        self,
        shop: Shop,
        product: Product,
        content: Content,
        flaws: Sequence[Problem] = (),
    ) -> None:
        """Replace all fields of a product, its prices and stocks included."""
        _ensure_open(shop)
        self._change(product, content, flaws)

    def change(
        self,
        product: Product,
        content: Content,
        prices: Mapping[str, int] | None,
        stocks: Mapping[str, int] | None,
        flaws: Sequence[Problem] = (),
    ) -> None:
        """Change the fields of a field mask: all of them or none.

        Variants keep their prices and stocks; those that are new bring theirs.
        """
        _ensure_unlocked(product)
        old = {each["SKU"]: each for each in product["VARIANTS"]}
        variants = [
            _with_numbers_of(each, old.get(each["SKU"]))
            for each in content.get("VARIANTS", product["VARIANTS"])
        ]
        _set_numbers(variants, "PRICE", prices or {})
        _set_numbers(variants, "STOCK", stocks or {})
        _ensure_not_reserved(product, stocks or {})
        changed = Content(**content)
        if prices is not None or stocks is not None or "VARIANTS" in content:
            changed["VARIANTS"] = variants
        reviewed = bool(_REVIEWED & content.keys())
        self._change(product, changed, flaws, reviewed=reviewed)

    def stop(self, product: Product, reason: str) -> None:
        """Take from sale, or end the review; do nothing in any other state."""
        if product["STATUS"] in {IN_REVIEW, ON_SALE}:
            product["STATUS"], product["REASON"] = STOPPED, reason
            self._written(product)

    def sell(self, shop: Shop, product: Product) -> None:
        """Put on sale; a product never approved is reviewed first."""
        _ensure_open(shop)
        _ensure_unlocked(product)
        if product["STATUS"] == REFUSED:
            message = "Sản phẩm bị từ chối: hãy sửa nội dung."
            raise ItemRefusedError(problem("PRODUCT_REFUSED", message), *_why(product))
        if product["STATUS"] in {DRAFT, STOPPED}:
            product["REASON"] = ""
            if product["once_approved"]:
                product["STATUS"] = ON_SALE
            else:
                self._review(product)
            self._written(product)

    def decide(
        self, product: Product, problems: Sequence[Problem], at: datetime | None = None
    ) -> None:
        """End the review of *product*: well, if there are no *problems*."""
        product["STATUS"] = REFUSED if problems else ON_SALE
        product["REASONS"] = list(problems)
        product["once_approved"] = product["once_approved"] or not problems
        self.keep(product)
        self.event_log.tell("REFUSED" if problems else "APPROVED", product, at=at)

    def keep(self, product: Product) -> None:
        """Keep *product* as its next revision; the index has its present values."""
        product["REVISION"] += 1
        product["UPDATED_AT"] = local(self._now())
        self._file.put("products", str(product["ID"]), product)

    def add(self, product: Product) -> None:
        """Keep a product that was not kept yet."""
        self._index.add(product)
        self.keep(product)

    def edit(self, product: Product, content: Content) -> None:
        """Set fields without any check, as staff may."""
        self._index.change(product, content)
        self.keep(product)

    def remove(self, product: Product) -> None:
        """Delete a product: it still answers to its number, to nothing else."""
        self._index.drop(product)
        product["STATUS"] = DELETED
        self.keep(product)

    def _change(
        self,
        product: Product,
        content: Content,
        flaws: Sequence[Problem],
        *,
        reviewed: bool = True,
    ) -> None:
        _ensure_unlocked(product)
        of_pictures = list(flaws) if "IMAGES" in content else product["flaws"]
        after = {**product, **content, "flaws": of_pictures}
        if reviewed and product["STATUS"] == REFUSED:
            _ensure_open(self.shops[product["SHOP_CODE"]])
            self._review(product)
        elif reviewed and (problems := moderation.problems_of(after)):
            raise ItemRefusedError(*problems)
        product["flaws"] = of_pictures
        self._index.change(product, content)
        self._written(product)

    def _written(self, product: Product, *, new: bool = False) -> None:
        product["api_writes"] += 1
        if new:
            self.add(product)
        else:
            self.keep(product)

    def _review(self, product: Product) -> None:
        product["STATUS"], product["REASONS"] = IN_REVIEW, []
        product["due"] = self._reviews.begin(product["ID"])

    def _take_up(self, product: Product) -> None:
        product.setdefault("reserved", {})  # files of earlier versions lack these
        product.setdefault("flaws", [])
        if product["STATUS"] != DELETED:
            self._index.add(product)
        if product["STATUS"] == IN_REVIEW:
            self._reviews.take_up(product["ID"], product["due"])


def _with_numbers_of(variant: Variant, old: Variant | None) -> Variant:
    if old is None:
        return variant
    return Variant(**{**variant, "PRICE": old["PRICE"], "STOCK": old["STOCK"]})


def _set_numbers(
    variants: Iterable[Variant], name: str, numbers: Mapping[str, int]
) -> None:
    by_sku = {each["SKU"]: each for each in variants}
    if unknown := sorted(numbers.keys() - by_sku.keys()):
        message = f"Sản phẩm không có SKU {unknown[0]}."
        raise ItemRefusedError(problem("SKU_NOT_FOUND", message, "VARIANTS"))
    for sku, number in numbers.items():
        if name == "PRICE":
            by_sku[sku]["PRICE"] = number
        else:
            by_sku[sku]["STOCK"] = number


def _ensure_not_reserved(product: Product, stocks: Mapping[str, int]) -> None:
    """Refuse to leave fewer than running orders keep."""
    for sku, stock in stocks.items():
        reserved = product["reserved"].get(sku, 0)
        if stock < reserved:
            message = f"Đơn hàng đang giữ {reserved} của {sku}."
            raise ItemRefusedError(problem("STOCK_RESERVED", message, "VARIANTS"))


def ensure_same(product: Product, revision: int) -> None:
    """Refuse to change a product that has changed since *revision*; 0 is any."""
    if revision not in {0, product["REVISION"]}:
        message = f"Sản phẩm đã thay đổi: REVISION hiện là {product['REVISION']}."
        raise ItemRefusedError(problem("REVISION_CHANGED", message, "REVISION"))


def _ensure_open(shop: Shop) -> None:
    if shop["STATE"] == "NEW":
        message = "Gian hàng chưa có hồ sơ: hãy gọi shop/save trước."
        raise ItemRefusedError(problem("SHOP_PROFILE_MISSING", message))
    if shop["STATE"] == "STOPPED":
        raise ItemRefusedError(problem("SHOP_STOPPED", "Gian hàng đã ngừng bán."))


def _ensure_unlocked(product: Product) -> None:
    if product["STATUS"] == LOCKED:
        message = "Sản phẩm bị sàn khóa."
        raise ItemRefusedError(problem("PRODUCT_LOCKED", message), *_why(product))


def _why(product: Product) -> Sequence[Problem]:
    return product["REASONS"]
