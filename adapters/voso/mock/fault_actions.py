"""The faults that speak Mock V's own words."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from adapters.voso.mock.gate import envelope
from adapters.voso.mock.moderation import refusal_about
from adapters.voso.mock.refusal import local
from adapters.voso.mock.routes import TOKEN_LASTS
from ocop_sync.testing.mocks.call_log import UNANSWERED
from ocop_sync.testing.mocks.fault_actions import FaultAction
from ocop_sync.testing.mocks.hit_call import HitCall


async def rate_limited(hit: HitCall) -> web.StreamResponse:
    """Not carried out; 429, with a retry-after in any form."""
    return envelope(
        429,
        "Vượt hạn mức gọi, hãy thử lại sau.",
        {"CODE": "OVER_QUOTA", **_retry_after(hit)},
    )


async def unauthorized(_: HitCall) -> web.StreamResponse:
    """Not carried out; 401, however good the token is."""
    return envelope(401, "Token không hợp lệ.", {"CODE": "TOKEN_INVALID"})


async def maintenance(hit: HitCall) -> web.StreamResponse:
    """Not carried out; maintenance, 503."""
    data = {"CODE": "MAINTENANCE", **_retry_after(hit)}
    return envelope(503, "Sàn đang bảo trì.", data)


async def refuse(hit: HitCall) -> web.StreamResponse:
    """Not carried out; refused for its picture, name, price, paper or category."""
    body = json.loads(await hit.request.read())
    count = len(body.get("PRODUCTS", [None]))
    why = refusal_about(hit.rule.about)
    results = [{"INDEX": i, "OK": False, "ERRORS": [why]} for i in range(count)]
    return envelope(200, f"0/{count} thành công", {"RESULTS": results})


async def ignored(hit: HitCall) -> web.StreamResponse:
    """Not carried out on products; answered 200 with the state that they have."""
    items = json.loads(await hit.request.read()).get("PRODUCTS", [])
    rows = [hit.mock.rows.get(str(item.get("ID"))) for item in items]
    if not items or None in rows:
        return await hit.proceed()
    shown = ("ID", "CLIENT_CODE", "STATUS", "REVISION")
    results = [
        {"INDEX": i, "OK": True, **{name: row[name] for name in shown}}
        for i, row in enumerate(rows)
        if row is not None
    ]
    return envelope(200, "OK", {"RESULTS": results})


async def refuse_call(hit: HitCall) -> web.StreamResponse:
    """Not carried out if the body holds `text`; refused as a whole, 400."""
    if hit.rule.text.encode() not in await hit.request.read():
        return await hit.proceed()
    message = "Nội dung lời gọi không hợp lệ."
    return envelope(400, message, {"CODE": "BODY_INVALID"})


async def token_ends_inside(hit: HitCall) -> web.StreamResponse:
    """Carried out up to item `size`: there the token runs out."""
    hit.request[TOKEN_LASTS] = hit.rule.size
    response = await hit.proceed()
    hit.mock.acts["end_tokens"]({})
    return response


async def missing_results(hit: HitCall) -> web.StreamResponse:
    """Carried out; half of the results are left out."""
    return await _with_results(hit, lambda results: results[::2])


async def shuffled_results(hit: HitCall) -> web.StreamResponse:
    """Carried out; the results come in another order."""
    return await _with_results(hit, lambda results: results[::-1])


async def doubled_results(hit: HitCall) -> web.StreamResponse:
    """Carried out; every result is given twice."""
    return await _with_results(hit, lambda results: results * 2)


FAULT_ACTIONS: Mapping[str, FaultAction] = {
    play.__name__: play
    for play in (
        *(rate_limited, unauthorized, maintenance, refuse, refuse_call, ignored),
        token_ends_inside,
        *(missing_results, shuffled_results, doubled_results),
    )
}


async def _with_results(
    hit: HitCall, change: Callable[[list[Any]], list[Any]]
) -> web.StreamResponse:
    response = await hit.proceed()
    assert isinstance(response, web.Response)  # noqa: S101 - what the mock answers
    assert isinstance(response.body, bytes)  # noqa: S101 - not a stream
    answer = json.loads(response.body)
    results = (answer["data"] or {}).get("RESULTS")
    if isinstance(results, list):
        answer["data"]["RESULTS"] = change(results)
        hit.request[UNANSWERED] = True
    return envelope(answer["status"], answer["message"], answer["data"])


def _retry_after(hit: HitCall) -> Mapping[str, object]:
    asked: object = hit.rule.retry_after
    if asked == "date":
        asked = local(hit.mock.clock() + timedelta(seconds=hit.rule.seconds))
    return {} if asked is None else {"RETRY_AFTER": asked}
