"""A marketplace to test against, until there is a sandbox: as simple as they come.

    GET   /listings?limit=50&after=7    {"listings": [...], "next": 57 or null}
    GET   /listings?ids=7,9             also client_refs=... and skus=...
    POST  /listings {...}               201 {"id", "state": "draft"}
    PATCH /listings/7 {some fields}     packs that stay keep price and stock
    PUT   /listings/7/prices, stocks    {"SKU": number}
    PUT   /listings/7/ocop              {"stars", "decision", "valid_to"} or null
    POST  /listings/7/publish, hide

Every call carries `Authorization: Bearer KEY`. A refusal is 404 or 422 with
{"errors": [{"code", "message", "field"}]}.
"""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

KEY = "khoa-thu-nghiem"
Row = dict[str, Any]


class Marketplace:
    """The listings of one shop, by number."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._made = 0

    def app(self) -> web.Application:
        """Return it as a server."""
        app = web.Application(middlewares=[_with_key])
        app.add_routes(
            [
                web.get("/listings", self._list),
                web.post("/listings", self._create),
                web.patch("/listings/{id}", self._patch),
                web.put("/listings/{id}/{what:prices|stocks}", self._numbers),
                web.put("/listings/{id}/ocop", self._ocop),
                web.post("/listings/{id}/{what:publish|hide}", self._show),
            ]
        )
        return app

    def add(self, state: str, **fields: Any) -> Row:
        """Add a listing."""
        self._made += 1
        row = {"id": self._made, "state": state, "packs": [], "ocop": None, **fields}
        self.rows[self._made] = row
        return row

    async def _list(self, request: web.Request) -> web.Response:
        asked = request.query
        found = [row for row in self.rows.values() if _fits(row, asked)]
        if "limit" not in asked:
            return web.json_response({"listings": found, "next": None})
        size = int(asked["limit"])
        rest = [row for row in found if row["id"] > int(asked["after"])]
        last = rest[size - 1]["id"] if len(rest) > size else None
        return web.json_response({"listings": rest[:size], "next": last})

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not body["packs"] or not all(map(_is_right, body["packs"])):
            return _refusal(422, "packs", "Giá, số lượng không hợp lệ", "packs")
        row = self.add("draft", **body)
        return web.json_response({"id": row["id"], "state": "draft"}, status=201)

    async def _patch(self, request: web.Request) -> web.Response:
        def change(row: Row, body: Any) -> None:
            there = {each["sku"]: each for each in row["packs"]}
            for pack in body.get("packs", []):
                if old := there.get(pack["sku"]):
                    pack.update(price=old["price"], stock=old["stock"])
            row.update(body)

        return await self._change(request, change)

    async def _numbers(self, request: web.Request) -> web.Response:
        field = request.match_info["what"].removesuffix("s")

        def change(row: Row, body: Any) -> str | None:
            packs = {each["sku"]: each for each in row["packs"]}
            if set(body) - set(packs):
                return "Không có SKU này"
            for sku, number in body.items():
                packs[sku][field] = number
            return None

        return await self._change(request, change)

    async def _ocop(self, request: web.Request) -> web.Response:
        return await self._change(request, lambda row, body: row.update(ocop=body))

    async def _show(self, request: web.Request) -> web.Response:
        state = "live" if request.match_info["what"] == "publish" else "hidden"
        return await self._change(request, lambda row, _: row.update(state=state))

    async def _change(
        self, request: web.Request, change: Callable[[Row, Any], str | None]
    ) -> web.Response:
        row = self.rows.get(int(request.match_info["id"]))
        if row is None:
            return _refusal(404, "not_found", "Không có tin này")
        if why := change(row, json.loads(await request.read() or b"null")):
            return _refusal(422, "wrong", why)
        return web.json_response({"id": row["id"], "state": row["state"]})


def _fits(row: Row, asked: Any) -> bool:
    if "ids" in asked:
        return str(row["id"]) in asked["ids"].split(",")
    if "client_refs" in asked:
        return row.get("client_ref") in asked["client_refs"].split(",")
    if "skus" in asked:
        skus = asked["skus"].split(",")
        return any(each["sku"] in skus for each in row["packs"])
    return True


def _is_right(pack: Row) -> bool:
    return bool(pack["price"] >= 0 and pack["stock"] >= 0)


def _refusal(status: int, code: str, message: str, field: str = "") -> web.Response:
    error = {"code": code, "message": message, "field": field}
    return web.json_response({"errors": [error]}, status=status)


@web.middleware
async def _with_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        return _refusal(401, "key", "Sai khóa")
    return await handler(request)
