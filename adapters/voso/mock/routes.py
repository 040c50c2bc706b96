"""The calls of Mock V, as docs/mocks/voso.md describes them.

Each takes one object and answers one; items of a call are carried out one by one, and
each has its own result. The rules are decided in `state`; who may call at all, in
`gate`.
"""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, cast

from aiohttp import web

from adapters.voso.mock import checks
from adapters.voso.mock.content import (
    MAX_IMAGES,
    Content,
    content_of,
    masked_content_of,
    numbers_of,
)
from adapters.voso.mock.gate import BODY, LOGIN, SHOP, Gate, envelope
from adapters.voso.mock.moderation import picture_flaw
from adapters.voso.mock.refusal import (
    CallRefusedError,
    ItemRefusedError,
    Problem,
    problem,
)
from adapters.voso.mock.rows import Product, Shop
from adapters.voso.mock.state import Market, ensure_same
from ocop_sync.testing.mocks.call_log import note_applied
from ocop_sync.testing.mocks.fault_actions import PAGE_SIZE
from ocop_sync.testing.mocks.pictures import Pictures

MAX_ITEMS = 50
"""Items of one call, and products or events of one page."""

TOKEN_LASTS = web.RequestKey("token_lasts", int)
"""How many items of a call are carried out before its token runs out."""

WRITES = (
    "save_products",
    "update_products",
    "set_status",
    "save_shop",
    "stop_shop",
)
"""Names of the operations that write."""

_Object = Mapping[str, Any]


class Api:
    """The calls."""

    def __init__(self, market: Market, gate: Gate, pictures: Pictures) -> None:
        self._market = market
        self._gate = gate
        self._pictures = pictures

    def routes(self) -> list[web.RouteDef]:
        """Return every route; its name is the name of its operation."""
        update = "/v2/product/update-by-field-mask"
        return [
            web.post("/v2/user/Login", self.login, name=LOGIN),
            web.post("/v2/product/save", self.save, name="save_products"),
            web.post(update, self.update, name="update_products"),
            web.post("/v2/product/status", self.set_status, name="set_status"),
            web.post("/v2/product/list", self.list_products, name="list_products"),
            web.post("/v2/shop/save", self.save_shop, name="save_shop"),
            web.post("/v2/shop/stop", self.stop_shop, name="stop_shop"),
            web.post("/v2/event/list", self.list_events, name="list_events"),
            web.route("*", "/v2/{other:.*}", _no_such_call),
        ]

    async def login(self, request: web.Request) -> web.Response:
        """Sign a shop in. Its token runs out without notice."""
        return _ok({"token": self._gate.sign_in(request[SHOP])})

    async def save(self, request: web.Request) -> web.Response:
        """Create (ID 0) or replace up to 50 products."""
        shop, body = request[SHOP], request[BODY]
        flaws = await self._flaws(body)

        def save(item: _Object) -> Product:
            number = checks.id_of(item)
            if not number:
                shown = content_of(item)
                return self._market.create(shop, shown, flaws(shown))
            product = self._market.product(shop, number)
            shown = content_of(item)
            self._market.replace(shop, product, shown, flaws(shown))
            return product

        return _each(request, save)

    async def update(self, request: web.Request) -> web.Response:
        """Change the fields that each item's mask names."""
        shop, body = request[SHOP], request[BODY]
        flaws = await self._flaws(body)

        def update(item: _Object) -> Product:
            product = self._market.product(shop, checks.id_of(item))
            ensure_same(product, checks.revision_of(item))
            shown = masked_content_of(item)
            self._market.change(
                product,
                shown,
                numbers_of(item, "PRICE"),
                numbers_of(item, "STOCK"),
                flaws(shown),
            )
            return product

        return _each(request, update)

    async def set_status(self, request: web.Request) -> web.Response:
        """Stop selling, or sell again."""
        shop = request[SHOP]

        def set_status(item: _Object) -> Product:
            product = self._market.product(shop, checks.id_of(item))
            action, reason = checks.action_of(item)
            if action == "STOP":
                self._market.stop(product, reason)
            else:
                self._market.sell(shop, product)
            return product

        return _each(request, set_status)

    async def list_products(self, request: web.Request) -> web.Response:
        """Return one page of the shop's products, by growing number."""
        shop, body = request[SHOP], request[BODY]
        numbers = self._chosen(shop, body)
        size = min(_page_size(body), request.get(PAGE_SIZE, MAX_ITEMS))
        start = bisect_right(numbers, _position(body))
        page = numbers[start : start + size]
        more = start + size < len(numbers)
        products = self._seen(page)
        return _ok(
            {
                "PRODUCTS": [_shown(each, shop) for each in products],
                "NEXT_TOKEN": _token(page[-1]) if more else "",
                "TOTAL": len(numbers),
            }
        )

    async def save_shop(self, request: web.Request) -> web.Response:
        """Set the profile of the shop and open it."""
        shop = request[SHOP]

        def save(body: _Object) -> Shop:
            self._market.put_profile(shop, checks.profile_of(body))
            return shop

        return _whole(request, save)

    async def stop_shop(self, request: web.Request) -> web.Response:
        """Close the shop: nothing of it stays on sale."""
        shop = request[SHOP]

        def stop(body: _Object) -> Shop:
            down = self._market.stop_shop(shop, checks.reason_of(body))
            note_applied(request, *(str(each["ID"]) for each in down))
            return shop

        return _whole(request, stop)

    async def list_events(self, request: web.Request) -> web.Response:
        """Return the shop's events after a token, oldest first."""
        body = request[BODY]
        after = _position(body)
        events = self._market.event_log.read(
            request[SHOP]["CODE"], after, _page_size(body)
        )
        last = events[-1]["ID"] if events else after
        return _ok({"EVENTS": events, "NEXT_TOKEN": _token(last) if last else ""})

    async def _flaws(self, body: _Object) -> Callable[[Content], list[Problem]]:
        """Look at all pictures of a call; return a function for those of one item."""
        items = _values(body, "PRODUCTS", dict)
        urls = list(dict.fromkeys(url for each in items for url in _urls(each)))
        least = self._pictures.least
        found = {
            urls[place]: picture_flaw(flaw, least)
            for place, flaw in await self._pictures.flaws(urls)
        }

        def flaws(content: Content) -> list[Problem]:
            return [found[u] for u in content.get("IMAGES", []) if u in found]

        return flaws

    def _seen(self, numbers: Iterable[int]) -> list[Product]:
        """Return the products *numbers* as readers are shown them at present."""
        keys = [str(number) for number in numbers]
        lag, products = self._market.lag, self._market.products
        seen = (lag.seen(key, products[key]) for key in keys)
        return [each for each in seen if each]

    def _chosen(self, shop: Shop, body: _Object) -> list[int]:
        """Return the numbers asked for; a condition without values is none."""
        ids, skus = _values(body, "IDS", int), _values(body, "SKUS", str)
        codes = _values(body, "CLIENT_CODES", str)
        if sum(map(bool, (ids, skus, codes))) > 1:
            _reject("Chỉ lọc theo một điều kiện mỗi lần.")
        if skus:
            return self._market.numbers_with(shop, "SKU", skus)
        if codes:
            return self._market.numbers_with(shop, "CLIENT_CODE", codes)
        return self._market.numbers(shop, ids=ids)


def _urls(item: _Object) -> list[str]:
    images = item.get("IMAGES")
    if not isinstance(images, list) or len(images) > MAX_IMAGES:
        return []  # refused later
    return [url for each in images if (url := checks.stored(str(each)))]


async def _no_such_call(_: web.Request) -> web.Response:
    raise CallRefusedError(404, "Không có thao tác này.", CODE="NO_SUCH_CALL")


def _each(request: web.Request, act: Callable[[_Object], Product]) -> web.Response:
    body = request[BODY]
    items = _values(body, "PRODUCTS", dict)
    if not items:
        _reject("Thiếu PRODUCTS.")
    in_time = request.get(TOKEN_LASTS, len(items))
    results = [_result(i, item, act) for i, item in enumerate(items[:in_time])]
    results += [_too_late(i) for i in range(in_time, len(items))]
    note_applied(request, *(str(each["ID"]) for each in results if each["OK"]))
    good = sum(bool(each["OK"]) for each in results)
    message = "OK" if good == len(results) else f"{good}/{len(results)} thành công"
    return _ok({"RESULTS": results}, message)


def _result(
    index: int, item: dict[str, Any], act: Callable[[_Object], Product]
) -> dict[str, object]:
    try:
        product = act(item)
    except ItemRefusedError as refusal:
        return {"INDEX": index, "OK": False, "ERRORS": refusal.problems}
    shown = ("ID", "CLIENT_CODE", "STATUS", "REVISION")
    row = cast("dict[str, object]", product)
    return {"INDEX": index, "OK": True, **{name: row[name] for name in shown}}


def _too_late(index: int) -> dict[str, object]:
    why = problem("TOKEN_INVALID", "Token hết hạn giữa lời gọi.")
    return {"INDEX": index, "OK": False, "ERRORS": [why]}


def _whole(request: web.Request, act: Callable[[_Object], Shop]) -> web.Response:
    result: dict[str, object]
    body = request[BODY]
    try:
        shop = act(body)
        note_applied(request, shop["CODE"])
        result = {"INDEX": 0, "OK": True, "ID": shop["SHOP_ID"], "CODE": shop["CODE"]}
    except ItemRefusedError as refusal:
        result = {"INDEX": 0, "OK": False, "ERRORS": refusal.problems}
    return _ok({"RESULTS": [result]})


def _shown(product: Product, shop: Shop) -> dict[str, object]:
    row = {name: value for name, value in product.items() if name.isupper()}
    return {**row, "SHOP_NAME": shop["NAME"] or shop["CODE"]}


def _ok(data: Mapping[str, object], message: str = "OK") -> web.Response:
    return envelope(200, message, data)


def _values(body: _Object, name: str, kind: type) -> list[Any]:
    values = [] if body.get(name) is None else body[name]
    if not isinstance(values, list) or not all(type(v) is kind for v in values):
        _reject(f"{name} không đúng kiểu.")
    if len(values) > MAX_ITEMS:
        _reject(f"{name} có tối đa {MAX_ITEMS} mục.")
    return values


def _page_size(body: _Object) -> int:
    size = body.get("PAGE_SIZE", MAX_ITEMS)
    if type(size) is not int or size < 1:
        _reject("PAGE_SIZE phải là số dương.")
    return min(size, MAX_ITEMS)


def _token(number: int) -> str:
    return base64.urlsafe_b64encode(b"sau:%d" % number).decode()


def _position(body: _Object) -> int:
    """Return the number that NEXT_TOKEN stands for, 0 for the beginning."""
    token = body.get("NEXT_TOKEN")
    if token is None or token == "":
        return 0
    try:
        number = int(base64.urlsafe_b64decode(token).decode().removeprefix("sau:"))
    except (TypeError, ValueError, binascii.Error):
        number = 0
    if number < 1 or token != _token(number):  # in this very form, and no other
        _reject("NEXT_TOKEN không hợp lệ.")
    return number


def _reject(message: str) -> NoReturn:
    raise CallRefusedError(400, message, CODE="REQUEST_INVALID")
