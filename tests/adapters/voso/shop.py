"""A signed-in client of one shop of Voso's mock, that asks in plain HTTP."""

import hashlib
import hmac
import io
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from adapters.voso.mock.content import content_of
from tests.adapters.documents import (
    Row,
    codes_in,
    put,
)
from tests.adapters.voso.support import NOW, SHOP, Bench

LOGIN: Final = "/v2/user/Login"
SAVE: Final = "/v2/product/save"
MASK: Final = "/v2/product/update-by-field-mask"
STATUS: Final = "/v2/product/status"
LIST: Final = "/v2/product/list"
PROFILE: Final = {"NAME": "Cơ sở Mẫu 001"}
CLAIM: Final = {"STARS": 4, "DECISION": "001", "VALID_TO": "10/05/2027 23:59:59"}
WHO: Final = {"USERNAME": f"username-{SHOP}", "PASSWORD": f"password-{SHOP}"}


@dataclass(kw_only=True)
class Shop:
    """A signed-in client of one shop, whose reviews do not end by themselves."""

    bench: Bench
    secret: str = f"bí mật {SHOP}"
    token: str = ""
    numbers: Any = field(default_factory=lambda: count(1))

    async def ask(
        self, path: str, body: Any, method: str = "POST", **headers: str
    ) -> dict[str, Any]:
        """Make a signed call; return its envelope."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = headers.get("Timestamp", str(int(NOW.timestamp() * 1000)))
        text = path.encode() + stamp.encode() + data
        signature = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        own = {"Token": self.token, "Timestamp": stamp, "Signature": signature}
        async with self.bench.session.request(
            method,
            self.bench.server.make_url(path),
            data=io.BytesIO(data),
            headers={**own, **headers},
        ) as response:
            assert response.status == 200
            envelope: dict[str, Any] = await response.json()
            return envelope

    async def sign_in(self) -> None:
        """Take a new token."""
        self.token = (await self.ask(LOGIN, WHO))["data"]["token"]

    async def item(self, path: str, item: Any) -> dict[str, Any]:
        """Make a call of one item; return its result."""
        answer = await self.ask(path, {"PRODUCTS": [item]})
        [result] = answer["data"]["RESULTS"]
        assert isinstance(result, dict)
        return result

    async def masked(self, ref: int, mask: list[str], **fields: Any) -> dict[str, Any]:
        """Change what *mask* names."""
        return await self.item(MASK, {"ID": ref, "FIELD_MASK": mask, **fields})

    def body(self, **differences: Any) -> dict[str, Any]:
        """Return a product of all fields, under a code and a SKU of its own."""
        number = next(self.numbers)
        variant = {
            "SKU": f"S-{number}",
            "PACK": "Chai",
            "GTIN": "2000000000015",
            "WEIGHT_G": 500,
            "PRICE": 5_000,
            "STOCK": 3,
        }
        own = {
            "CLIENT_CODE": f"SP-{number}",
            "NAME": "Mật ong mẫu",
            "CAT_ID": 10_202,
            "DESCRIPTION": "Mật ong.",
            "ATTRIBUTES": [{"NAME": "Xuất xứ", "VALUE": "Việt Nam"}],
            "IMAGES": ["https://anh.example/1.jpg"],
            "TRACE_URL": "",
            "VARIANTS": [variant],
            "OCOP": {**CLAIM},
        }
        return {"ID": 0, **content_of(own), **differences}

    async def told(self, path: str, value: Any) -> dict[str, Any]:
        """Save a product with *value* at *path*."""
        body = self.body()
        put(body, path, value)
        return await self.item(SAVE, body)

    async def shown(self, ref: int) -> dict[str, Any]:
        """Return a product."""
        answer = await self.ask(LIST, {"IDS": [ref]})
        [product] = answer["data"]["PRODUCTS"]
        assert isinstance(product, dict)
        return product

    async def made(self, status: str) -> int:
        """Return the number of a new product in *status*."""
        ref: int = (await self.item(SAVE, self.body()))["ID"]
        if status in {"2", "4", "7"}:
            await self.bench.control("approve", ref=str(ref))
        match status:
            case "3":
                await self.bench.control("refuse", ref=str(ref), reason="paper")
            case "4":
                await self.item(STATUS, {"ID": ref, "ACTION": "STOP"})
            case "7":
                await self.bench.control("ban", ref=str(ref), reason="Bị khiếu nại.")
        return ref


async def open_shop(opened: Callable[..., Awaitable[Bench]], **settings: Any) -> Shop:
    shop = Shop(bench=await opened(moderation_s=math.inf, **settings))
    await shop.sign_in()
    await shop.ask("/v2/shop/save", PROFILE)
    return shop


def code_of(result: Mapping[str, Any]) -> str:
    """Return the first code of a refused item, "" for one that was carried out."""
    return "" if result["OK"] else str(result["ERRORS"][0]["CODE"])


def field_of(row: Row) -> str:
    return codes_in(row["field"])[0]


async def set_price(shop: Shop, ref: int) -> dict[str, Any]:
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    packs = [{"SKU": sku, "PRICE": 6_000}]
    return await shop.masked(ref, ["VARIANTS.PRICE"], VARIANTS=packs)


async def set_stock(shop: Shop, ref: int) -> dict[str, Any]:
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    packs = [{"SKU": sku, "STOCK": 1}]
    return await shop.masked(ref, ["VARIANTS.STOCK"], VARIANTS=packs)


async def ask_shop(shop: Shop, path: str, body: Any) -> dict[str, Any]:
    answer = await shop.ask(path, body)
    result: dict[str, Any] = answer["data"]["RESULTS"][0]
    return result
