"""Stock Mock P with the listings of people from before any client came.

Everybody and everything here is made up. The trouble is of the kind that real
marketplaces are full of: SKUs of nobody's scheme, no references, stars that are
wrong in the text or in their own field, claims that have ended, one product
entered twice, sellers of other provinces.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from adapters.postmart.mock.content import (
    Claim,
    Variant,
    made_by_hand,
    pack_made_by_hand,
)
from adapters.postmart.mock.rows import Product, Seller
from adapters.postmart.mock.state import Shop
from ocop_sync.testing.mocks.chance import seeded

LISTINGS = 40

_GOODS = (
    ("Mật ong hoa rừng", "PM-1004", "Chai 500 ml"),
    ("Miến dong sợi nhỏ", "PM-1006", "Gói 500 g"),
    ("Chả mực hấp", "PM-1008", "Hộp 500 g"),
    ("Trà hoa sấy khô", "PM-1012", "Hộp 100 g"),
    ("Nước mắm cốt", "PM-1009", "Chai 750 ml"),
    ("Khoai lang sấy", "PM-1007", "Túi 250 g"),
    ("Tinh dầu sả", "PM-1020", "Lọ 30 ml"),
    ("Gạo nếp nương", "PM-1003", "Túi 2 kg"),
)
_PROVINCES = ("Thái Nguyên", "Thanh Hóa", "Nghệ An", "Quảng Ninh", "")


class _Trouble(NamedTuple):
    """The flaw of a listing."""

    suffix: str = ""
    claim: Claim | None = None
    state: str = "approved"
    twice: bool = False


_RIGHT = Claim(stars=3, decision="15/QĐ-MAU", valid_to="2029-06-30")
_TROUBLES = (
    _Trouble(),
    _Trouble(suffix=" OCOP 5 sao", claim=_RIGHT),
    _Trouble(claim=Claim(stars=5, decision="", valid_to=None)),
    _Trouble(claim=Claim(stars=4, decision="7/QĐ-MAU", valid_to="2023-12-31")),
    _Trouble(twice=True),
    _Trouble(suffix=" ★★★★★"),
    _Trouble(claim=_RIGHT, state="unpublished"),
    _Trouble(suffix=" chuẩn 4 sao", claim=_RIGHT, twice=True),
    _Trouble(state="banned"),
)


def stock_by_hand(shop: Shop, seed: int) -> None:
    """Fill *shop* with made-up sellers and `LISTINGS` products.

    Equal seeds give equal shops. Called once, for a shop that is empty.
    """
    chance = seeded(seed, "postmart", "by hand")
    sellers = [_open_seller(shop, number) for number in range(1, 13)]
    made = number = 0
    while made < LISTINGS:
        trouble = _TROUBLES[number % len(_TROUBLES)]
        enter = _writer(shop, chance, number, trouble)
        times = min(2 if trouble.twice else 1, LISTINGS - made)
        for _ in range(times):
            enter(chance.choice(sellers))
        made, number = made + times, number + 1


def add_by_hand(shop: Shop, names: Sequence[str], skus: Sequence[str]) -> list[Product]:
    """Enter products with these names; SKUs are made up where there is none."""
    chance = seeded(len(shop.products), "postmart", "by hand")
    products = []
    for number, name in enumerate(names):
        made_up = f"TAY-{chance.randrange(10_000, 99_999)}"
        variant = pack_made_by_hand(
            sku=skus[number] if number < len(skus) else made_up,
            pack="1 gói",
            price=chance.randrange(20, 400) * 1_000,
            quantity=chance.randrange(0, 50),
        )
        product = _product(shop, name, "PM-1099", variant, _Trouble())
        shop.add(product)
        products.append(product)
    return products


def _open_seller(shop: Shop, number: int) -> Seller:
    province = _PROVINCES[number % len(_PROVINCES)]
    seller = Seller(
        external_id="",
        name=f"Gian hàng Mẫu P-{number:02d}",
        kind="",
        address=f"Tỉnh {province}" if province else "",
        commune_code="",
        state="active",
        by_hand=True,
    )
    # No client can ask for this key: a reference holds no slash.
    shop.keep_seller(f"hand/{number}", seller)
    return seller


def _writer(
    shop: Shop, chance: random.Random, number: int, trouble: _Trouble
) -> Callable[[Seller], None]:
    """Return a function that enters one product, each time under a new SKU."""
    goods, category, pack = _GOODS[number % len(_GOODS)]
    name = f"{goods} mẫu {number:02d}{trouble.suffix}"
    price = chance.randrange(20, 400) * 1_000

    def enter(seller: Seller) -> None:
        sku = f"{goods[0]}{chance.randrange(10_000, 99_999)}-{number:02d}"
        variant = pack_made_by_hand(
            sku=sku,
            pack=pack,
            price=price,
            quantity=chance.randrange(0, 50),
        )
        product = _product(shop, name, category, variant, trouble)
        product["seller_name"] = seller["name"]
        product["rating_average"] = chance.choice((None, 3.5, 4.8, 5.0))
        shop.add(product)

    return enter


def _product(
    shop: Shop, name: str, category: str, variant: Variant, trouble: _Trouble
) -> Product:
    row = made_by_hand(
        name=name,
        category=category,
        description=f"{name}. Hàng nhập tay trên trang của sàn (mô phỏng).",
        variants=[variant],
        ocop_claim=trouble.claim,
    )
    product = shop.new_product(row)
    product["by_hand"] = True
    product["state"] = trouble.state
    product["once_approved"] = True
    return product
