"""A signed-in client of a mock of Postmart, that asks in plain HTTP."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from adapters.postmart.mock.app import CLIENT_ID, CLIENT_SECRET
from adapters.postmart.mock.content import submission_of
from tests.adapters.documents import (
    Row,
    codes_in,
    put,
)
from tests.adapters.postmart.support import Bench

SELLER: Final = {"name": "Cơ sở Mẫu 001", "kind": "", "commune_code": "06886"}
CLAIM: Final = {"stars": 4, "decision": "001/QĐ-MẪU", "valid_to": "2027-05-10"}
SUBMIT: Final = "/v1/product-requests"


@dataclass(kw_only=True)
class Shop:
    """A signed-in client of a mock that ends no review by itself."""

    bench: Bench
    token: str
    numbers: Any = field(default_factory=lambda: count(1))

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Make a call; return status and value of the answer."""
        data: Any = body
        if body is not None:
            is_raw = isinstance(body, bytes)
            data = io.BytesIO(body if is_raw else json.dumps(body).encode())
        own = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        url = self.bench.server.make_url(path)
        async with self.bench.session.request(
            method, url, data=data, headers=own
        ) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    def body(self, **differences: Any) -> dict[str, Any]:
        """Return a submission of all fields, under a reference and a SKU of its own."""
        number = next(self.numbers)
        variant = {
            "sku": f"S-{number}",
            "pack": "Chai",
            "price": 5_000,
            "quantity": 3,
            "gtin": "2000000000015",
            "weight_g": 500,
        }
        own = {
            "client_ref": f"SP-{number}",
            "seller_external_id": "CS-1",
            "name": "Mật ong mẫu",
            "category": "PM-1004",
            "description": "Mật ong.",
            "attributes": [{"name": "Xuất xứ", "value": "Việt Nam"}],
            "images": ["https://anh.example/1.jpg"],
            "trace_url": "",
            "variants": [variant],
            "ocop_claim": {**CLAIM},
        }
        return {**submission_of(own), **differences}

    async def told(self, path: str, value: Any) -> tuple[int, Any]:
        """Submit a product with *value* at *path*."""
        body = self.body()
        put(body, path, value)
        return await self.ask("POST", SUBMIT, body)

    async def submit(self, **differences: Any) -> tuple[str, str]:
        """Submit a product; return its path and its track id."""
        body = self.body(**differences)
        status, answer = await self.ask("POST", SUBMIT, body)
        assert status == 202, answer
        [product] = await self.find(client_refs=body["client_ref"])
        return f"/v1/products/{product['id']}", answer["track_id"]

    async def find(self, **query: str) -> list[dict[str, Any]]:
        """Return the products that a filter finds."""
        [(name, value)] = query.items()
        _, answer = await self.ask("GET", f"/v1/products?per_page=50&{name}={value}")
        found: list[dict[str, Any]] = answer["data"]
        return found

    async def shown(self, path: str) -> dict[str, Any]:
        """Return the product at *path*."""
        [product] = await self.find(ids=path.rpartition("/")[2])
        return product

    async def made(self, state: str) -> tuple[str, str]:
        """Return path and track id of a new product in *state*."""
        path, track = await self.submit()
        ref = path.rpartition("/")[2]
        if state in {"approved", "unpublished", "banned"}:
            await self.bench.control("approve", ref=ref)
        match state:
            case "rejected":
                await self.bench.control("refuse", ref=ref, reason="paper")
            case "unpublished" | "cancelled":
                await self.ask("POST", f"{path}/unpublish", {})
            case "banned":
                await self.bench.control("ban", ref=ref, reason="Bị khiếu nại.")
        return path, track


async def sign_in(bench: Bench) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    url = bench.server.make_url("/oauth2/token")
    async with bench.session.post(url, data=form) as response:
        token: str = (await response.json())["access_token"]
        return token


def codes_of(answer: Any, path: str = "") -> set[str]:
    """Return the codes of an answer's errors, of field *path* if it is named."""
    name = path.replace("[]", "[0]")
    return {
        each["code"] for each in answer.get("errors", ()) if name in {"", each["field"]}
    }


def field_of(row: Row) -> str:
    return codes_in(row["field"])[0]
