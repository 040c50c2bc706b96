"""Let a test or a demonstration play the marketplace's staff and buyers.

The pages under `/_mock/` answer to peers on loopback only and need no token.
All bodies are JSON objects; errors are `{"error": "..."}` with 403, 404 (no
such listing or page), 405, 413, 415 or 422.

    POST approve {ref} | refuse {ref, reason} | ban {ref, reason}
    POST edit {ref, changes}      changes in the marketplace's own names
    POST take_down {ref} | delete {ref}
    POST sell {ref, sku, quantity}           -> {"order_line"}
    POST reserve {ref, sku, quantity}
    POST hand_made {code, names, skus}       -> {"refs"}
    POST end_tokens
    POST clock {now} or {advance_s}; GET clock   -> {"now"}
    POST faults, see `faults.Rule`           -> {"id"}
    GET  faults                   -> {"waiting", "faults"}; DELETE faults[/id]
    POST pushes {url, code}; GET pushes          -> {"pushes"}
    POST ...                      what only one mock has, such as its accounts
    GET  state                    -> {"now", "listings", "sellers"}
    GET  counts                   totals, by state, doubled, touched, calls
    GET  log?after=N&limit=M      -> {"calls", "writes"}

`ref` is any name by which the mock knows a listing: its own id, a ticket or our client
reference. The effect of each act is decided by the mock's `Staff`.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from ocop_sync.testing.mocks.call_log import CallLog
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.fault_rule import Rule
from ocop_sync.testing.mocks.faults import Faults
from ocop_sync.testing.mocks.hit_call import MockParts
from ocop_sync.testing.mocks.loopback import is_loopback
from ocop_sync.testing.mocks.plain import is_plain
from ocop_sync.testing.mocks.pushes import Pushes
from ocop_sync.testing.mocks.staff import ListingRow, Staff
from ocop_sync.testing.mocks.staff_actions import Act, Body, text
from ocop_sync.testing.mocks.state_file import Row

PREFIX = "/_mock"
_UNREAD = frozenset({413, 415})


def control_pages(
    staff: Staff,
    mock: MockParts,
    log: CallLog,
    faults: Faults,
    pushes: Pushes,
    *,
    own: Mapping[str, Act],
) -> web.Application:
    """Return the sub-application for `PREFIX`, with acts of this mock's *own*."""
    clock = mock.clock

    @web.middleware
    async def settled(request: web.Request, handler: Handler) -> web.StreamResponse:
        await mock.later.settle()
        return await handler(request)

    app = web.Application(middlewares=[_only_loopback, _say_what_is_wrong, settled])
    for name, act in {**mock.acts, **own}.items():
        app.router.add_post(f"/{name}", _page(act))
    app.router.add_post("/clock", _page(_set_clock(clock)))
    app.router.add_post("/faults", _page(_add_fault(faults)))
    app.router.add_get("/faults", _view(lambda _: _show(faults)))
    app.router.add_delete("/faults", _view(lambda _: _clear(faults)))
    app.router.add_delete("/faults/{number:[0-9]+}", _view(_remover(faults)))
    app.router.add_post("/pushes", _page(_register(pushes)))
    app.router.add_get("/pushes", _view(lambda _: {"pushes": pushes.addresses}))
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


def _set_clock(clock: MockClock) -> Callable[[Body], Row]:
    def set_clock(body: Body) -> Row:
        if "now" in body:
            clock.set(datetime.fromisoformat(text(body, "now")))
        clock.advance(float(body.get("advance_s", 0)))
        return {"now": clock().isoformat()}

    return set_clock


def _add_fault(faults: Faults) -> Callable[[Body], Row]:
    def add_fault(body: Body) -> Row:
        try:
            rule = Rule.model_validate(body)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise ValueError(message) from None
        return {"id": faults.add(rule)}

    return add_fault


def _register(pushes: Pushes) -> Callable[[Body], Row]:
    def register(body: Body) -> Row:
        pushes.register(str(body.get("code", "")), text(body, "url"))
        return {}

    return register


def _show(faults: Faults) -> Row:
    return {"waiting": faults.waiting, "faults": faults.about}


def _remover(faults: Faults) -> Callable[[web.Request], Row]:
    def remove(request: web.Request) -> Row:
        faults.remove(int(request.match_info["number"]))
        return {}

    return remove


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


def _page(act: Callable[[Body], Row]) -> Handler:
    async def page(request: web.Request) -> web.Response:
        if not is_plain(request):
            raise web.HTTPUnsupportedMediaType
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
    except (ValueError, TypeError, OverflowError) as error:
        return web.json_response({"error": str(error)}, status=422)
    except RecursionError:
        return web.json_response({"error": "nested too deep"}, status=422)
    except web.HTTPException as error:
        answer = web.json_response({"error": error.reason}, status=error.status)
        if error.status in _UNREAD:
            answer.force_close()  # what is left of the body is not read
        return answer
