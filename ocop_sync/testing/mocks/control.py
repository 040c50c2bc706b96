"""Let a test or a demonstration play the marketplace's staff and buyers.

The pages under `/_mock/` answer to peers on loopback only and need no token.
All bodies are JSON objects; errors are `{"error": "..."}` with 403, 404 (no
such listing) or 422.

    POST approve {ref} | refuse {ref, reason} | ban {ref, reason}
    POST edit {ref, changes}      changes in the marketplace's own names
    POST take_down {ref} | delete {ref}
    POST sell {ref, sku, quantity}           -> {"order_line"}
    POST clock {now} or {advance_s}; GET clock   -> {"now"}
    POST faults {operation, fault, count, seconds}; DELETE faults
    GET  state                    -> {"now", "listings", "sellers"}
    GET  counts                   totals, by state, doubled, touched, calls
    GET  log?after=N&limit=M      -> {"calls", "writes"}

`ref` is whatever the mock knows a listing by: its own id, a ticket or our
client reference. What each act means is decided by the mock's `Staff`.
"""

import ipaddress
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypedDict

from aiohttp import web
from aiohttp.typedefs import Handler

from ocop_sync.testing.mocks.calllog import CallLog
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.faults import ANY, Fault, Faults
from ocop_sync.testing.mocks.statefile import Row

PREFIX = "/_mock"

Body = dict[str, Any]
"""A JSON object that was sent."""


class VariantRow(TypedDict):
    """A variant, as `/_mock/state` shows it for every mock."""

    sku: str
    price_vnd: int
    stock: int


class ClaimRow(TypedDict):
    """The claim of OCOP stars, as `/_mock/state` shows it for every mock."""

    stars: int
    decision: str
    valid_to: str | None


class ListingRow(TypedDict):
    """A listing, as `/_mock/state` shows it for every mock.

    Attributes:
        ref: The marketplace's identifier, or the ticket while it has none.
        client_ref: Our reference, or "".
        seller_ref: Our reference of the seller, or "".
        state: in_review, refused, live, down or banned.
        title: As shown to buyers.
        description: As shown to buyers.
        variants: Prices and stocks.
        ocop: The claim in its own field, or None.
        rating_average: What buyers gave; never the stars.
        by_hand: True if the mock's seed made it, not a client.
        api_writes: How many calls of clients have changed it.
        own: The listing in the marketplace's own names.
    """

    ref: str
    client_ref: str
    seller_ref: str
    state: str
    title: str
    description: str
    variants: list[VariantRow]
    ocop: ClaimRow | None
    rating_average: float | None
    by_hand: bool
    api_writes: int
    own: Row


class Staff(Protocol):
    """What a mock can be made to do from inside.

    Every method raises `LookupError` for an unknown listing and `ValueError`
    for what makes no sense in its state.
    """

    def approve(self, ref: str) -> None:
        """End a review well."""

    def refuse(self, ref: str, reason: str) -> None:
        """End a review badly."""

    def ban(self, ref: str, reason: str) -> None:
        """Forbid a listing."""

    def edit(self, ref: str, changes: Mapping[str, object]) -> None:
        """Change fields as a person on the marketplace's own pages would."""

    def take_down(self, ref: str) -> None:
        """Take a listing from sale as a person would."""

    def sell(self, ref: str, sku: str, quantity: int) -> str:
        """Sell to a buyer and return the identifier of the order line."""

    def delete(self, ref: str) -> None:
        """Make a listing vanish."""

    def listings(self) -> Sequence[ListingRow]:
        """Return every listing, those made by hand included."""

    def sellers(self) -> Sequence[Row]:
        """Return every seller in the marketplace's own names."""


def control_pages(
    staff: Staff, clock: MockClock, log: CallLog, faults: Faults
) -> web.Application:
    """Return the sub-application to be mounted at `PREFIX`."""
    app = web.Application(middlewares=[_only_loopback, _say_what_is_wrong])
    for act in _acts(staff):
        app.router.add_post(f"/{act.__name__}", _page(act))
    app.router.add_post("/clock", _page(_set_clock(clock)))
    app.router.add_post("/faults", _page(_add_fault(faults)))
    app.router.add_delete("/faults", _view(lambda _: _clear(faults)))
    app.router.add_get("/clock", _view(lambda _: {"now": clock().isoformat()}))
    app.router.add_get("/state", _view(lambda _: _state(staff, clock)))
    app.router.add_get("/counts", _view(lambda _: count(staff, log)))
    app.router.add_get("/log", _view(lambda request: _log(request, log)))
    return app


def count(staff: Staff, log: CallLog) -> Row:
    """Return the mock's own count: of listings, of trouble and of calls.

    `doubled` names client references and SKUs carried by two or more listings
    that clients made and that are not refused; `touched` names listings made
    by hand that a client has written to.
    """
    rows = staff.listings()
    return {
        "listings": len(rows),
        "by_state": Counter(row["state"] for row in rows),
        "ours_by_state": Counter(r["state"] for r in rows if not r["by_hand"]),
        "by_hand": sum(row["by_hand"] for row in rows),
        "touched": [r["ref"] for r in rows if r["by_hand"] and r["api_writes"]],
        "doubled": _doubled(rows),
        "live_with_stars": _live_with_stars(rows),
        "sellers": len(staff.sellers()),
        "calls": dict(log.counts),
        "writes": log.writes,
    }


def _live_with_stars(rows: Sequence[ListingRow]) -> dict[str, int]:
    return Counter(
        str(row["ocop"]["stars"])
        for row in rows
        if row["state"] == "live" and row["ocop"] and not row["by_hand"]
    )


def _doubled(rows: Sequence[ListingRow]) -> list[str]:
    seen: Counter[str] = Counter()
    for row in rows:
        if not row["by_hand"] and row["state"] != "refused":
            seen.update({row["client_ref"]} - {""})
            seen.update({variant["sku"] for variant in row["variants"]})
    return sorted(name for name, times in seen.items() if times > 1)


def _acts(staff: Staff) -> Sequence[Callable[[Body], Row]]:
    def approve(body: Body) -> Row:
        staff.approve(_text(body, "ref"))
        return {}

    def refuse(body: Body) -> Row:
        staff.refuse(_text(body, "ref"), _text(body, "reason"))
        return {}

    def ban(body: Body) -> Row:
        staff.ban(_text(body, "ref"), _text(body, "reason"))
        return {}

    def edit(body: Body) -> Row:
        changes = body.get("changes")
        if not isinstance(changes, dict):
            message = "changes must be an object"
            raise ValueError(message)  # noqa: TRY004 - answered with 422
        staff.edit(_text(body, "ref"), changes)
        return {}

    def take_down(body: Body) -> Row:
        staff.take_down(_text(body, "ref"))
        return {}

    def sell(body: Body) -> Row:
        quantity = int(body.get("quantity", 1))
        line = staff.sell(_text(body, "ref"), _text(body, "sku"), quantity)
        return {"order_line": line}

    def delete(body: Body) -> Row:
        staff.delete(_text(body, "ref"))
        return {}

    return approve, refuse, ban, edit, take_down, sell, delete


def _set_clock(clock: MockClock) -> Callable[[Body], Row]:
    def set_clock(body: Body) -> Row:
        if "now" in body:
            clock.set(datetime.fromisoformat(_text(body, "now")))
        clock.advance(float(body.get("advance_s", 0)))
        return {"now": clock().isoformat()}

    return set_clock


def _add_fault(faults: Faults) -> Callable[[Body], Row]:
    def add_fault(body: Body) -> Row:
        operation = str(body.get("operation", ANY))
        count = int(body.get("count", 1))
        seconds = float(body.get("seconds", 1))
        faults.add(Fault(operation, _text(body, "fault"), count, seconds))
        return {}

    return add_fault


def _clear(faults: Faults) -> Row:
    faults.clear()
    return {}


def _state(staff: Staff, clock: MockClock) -> Row:
    return {
        "now": clock().isoformat(),
        "listings": staff.listings(),
        "sellers": staff.sellers(),
    }


def _log(request: web.Request, log: CallLog) -> Row:
    after = int(request.query.get("after", "0"))
    limit = int(request.query.get("limit", "1000"))
    return {"calls": log.after(after, limit), "writes": log.writes}


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        message = f"{name} must be a text"
        raise ValueError(message)
    return value


def _page(act: Callable[[Body], Row]) -> Handler:
    async def page(request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        if not isinstance(body, dict):
            message = "the body must be an object"
            raise ValueError(message)  # noqa: TRY004 - answered with 422
        return web.json_response({"ok": True, **act(body)})

    return page


def _view(read: Callable[[web.Request], Row]) -> Handler:
    async def view(request: web.Request) -> web.Response:
        return web.json_response(read(request))

    return view


@web.middleware
async def _only_loopback(request: web.Request, handler: Handler) -> web.StreamResponse:
    # A page in a browser on this machine is a loopback peer too; it is told
    # apart by the header that browsers add.
    if "Origin" in request.headers or not is_loopback(request.remote):
        return web.json_response({"error": "loopback only"}, status=403)
    return await handler(request)


@web.middleware
async def _say_what_is_wrong(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    try:
        return await handler(request)
    except LookupError as error:
        return web.json_response({"error": f"unknown: {error}"}, status=404)
    except (ValueError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=422)


def is_loopback(address: str | None) -> bool:
    """Tell whether *address*, a peer's IP address, is this machine itself."""
    try:
        peer = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return (mapped or peer).is_loopback
