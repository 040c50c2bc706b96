"""Stock Mock V with the products of people from before any client came.

Everybody and everything here is made up. The trouble is of the kind that real
marketplaces are full of: SKUs of nobody's scheme, no client codes, stars that
are wrong in the text or in their own field, claims that have ended, one product
entered twice, shops of other provinces.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from adapters.voso.mock.content import Content, Ocop, made_by_hand, pack_made_by_hand
from adapters.voso.mock.refusal import problem
from adapters.voso.mock.rows import Product, Shop
from adapters.voso.mock.state import LOCKED, ON_SALE, STOPPED, Market
from ocop_sync.testing.mocks.chance import seeded

SHOPS = 8

_PROVINCES = ("Thái Nguyên", "Thanh Hóa", "Quảng Ninh", "Nghệ An")
_GOODS = (
    ("Trà xanh búp non", 10501, "Gói 200 g"),
    ("Rượu nếp ủ chum", 20101, "Chai 500 ml"),
    ("Ruốc tôm bóc tay", 10304, "Hũ 150 g"),
    ("Bánh gai lá", 10302, "Túi 10 cái"),
    ("Khăn thêu tay", 40200, "1 chiếc"),
)


class _Trouble(NamedTuple):
    """The flaw of a listing."""

    suffix: str = ""
    ocop: Ocop | None = None
    status: int = ON_SALE
    twice: bool = False


_RIGHT = Ocop(STARS=4, DECISION="21/QĐ-MAU", VALID_TO="31/12/2029 23:59:59")
_TROUBLES = (
    _Trouble(),
    _Trouble(suffix=" - OCOP 5 SAO", ocop=_RIGHT),
    _Trouble(twice=True),
    _Trouble(ocop=Ocop(STARS=5, DECISION="", VALID_TO="")),
    _Trouble(ocop=Ocop(STARS=3, DECISION="9/QĐ-MAU", VALID_TO="30/06/2023 23:59:59")),
    _Trouble(suffix=" ★★★★", status=STOPPED),
    _Trouble(suffix=" bốn sao", twice=True),
    _Trouble(status=LOCKED),
)


def stock_by_hand(market: Market, seed: int) -> None:
    """Fill an empty *market* with made-up shops and their products.

    Nobody can sign in to these shops. Equal seeds give equal markets.
    """
    chance = seeded(seed, "voso", "by hand")
    shops = [_open_shop(market, number) for number in range(1, SHOPS + 1)]
    for number, shop in enumerate(shops * 3):
        goods, category, pack = _GOODS[number % len(_GOODS)]
        trouble = _TROUBLES[number % len(_TROUBLES)]
        name = f"{goods} mẫu {number:02d}{trouble.suffix}"
        for _ in range(2 if trouble.twice else 1):
            sku = f"{goods.split()[0].upper()}/{chance.randrange(10_000, 99_999)}"
            product = _enter(market, shop, _content(name, category, sku, pack, chance))
            _afflict(market, product, trouble)


def add_by_hand(
    market: Market, shop: Shop, names: Sequence[str], skus: Sequence[str] = ()
) -> list[Product]:
    """Enter products in a shop as its owner would by hand; return them.

    Args:
        market: Where the shop is.
        shop: The shop.
        names: The names of the products, one product each.
        skus: Their SKUs; the first ones, if there are fewer, and made up for
            the others.
    """
    chance = seeded(len(market.products), shop["CODE"], "by hand")
    products = []
    for number, name in enumerate(names):
        made_up = f"TAY-{chance.randrange(10_000, 99_999)}"
        sku = skus[number] if number < len(skus) else made_up
        content = _content(name, 90000, sku, "1 gói", chance)
        products.append(_enter(market, shop, content))
    return products


def _open_shop(market: Market, number: int) -> Shop:
    shop = market.new_shop(f"TAY-{number:02d}")
    shop["NAME"] = f"Gian hàng Mẫu V-{number:02d}"
    shop["ADDRESS"] = f"Tỉnh {_PROVINCES[number % len(_PROVINCES)]}"
    shop["STATE"] = "OPEN"
    shop["by_hand"] = True
    market.keep_shop(shop)
    return shop


def _enter(market: Market, shop: Shop, content: Content) -> Product:
    product = market.new_product(shop, content)
    product["STATUS"], product["once_approved"] = ON_SALE, True
    product["by_hand"] = True
    market.add(product)
    return product


def _afflict(market: Market, product: Product, trouble: _Trouble) -> None:
    product["OCOP"], product["STATUS"] = trouble.ocop, trouble.status
    if trouble.status == LOCKED:
        product["REASONS"] = [problem("LOCKED", "Vi phạm quy chế của sàn (mô phỏng).")]
    market.keep(product)


def _content(
    name: str, category: int, sku: str, pack: str, chance: random.Random
) -> Content:
    variant = pack_made_by_hand(
        SKU=sku,
        PACK=pack,
        PRICE=chance.randrange(15, 350) * 1_000,
        STOCK=chance.randrange(0, 40),
    )
    return made_by_hand(
        NAME=name,
        CAT_ID=category,
        DESCRIPTION=f"{name}.\r\nHàng nhập tay trên trang của sàn (mô phỏng).",
        VARIANTS=[variant],
    )
