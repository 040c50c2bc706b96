"""The faults that speak Mock P's own words."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import web

from adapters.postmart.mock.moderation import STAGES, refusal_about
from adapters.postmart.mock.refusal import Problem, problem, unauthorized
from ocop_sync.testing.mocks.fault_actions import FaultAction
from ocop_sync.testing.mocks.hit_call import HitCall


async def rate_limited(hit: HitCall) -> web.StreamResponse:
    """Not carried out; 429, with a retry-after in any form."""
    return too_many(_retry_after(hit))


async def unauthorized_(_: HitCall) -> web.StreamResponse:
    """Not carried out; 401, however good the token is."""
    return refusal_answer(401, unauthorized().problems)


async def maintenance(hit: HitCall) -> web.StreamResponse:
    """Not carried out; maintenance, 503."""
    page = "<html><body><h1>Sàn đang bảo trì</h1>(mô phỏng)</body></html>"
    response = web.Response(status=503, text=page, content_type="text/html")
    return _with_retry_after(response, _retry_after(hit))


async def refuse(hit: HitCall) -> web.StreamResponse:
    """Not carried out; refused for its picture, name, price, paper or category."""
    return refusal_answer(422, [refusal_about(hit.rule.about)])


async def ignored(hit: HitCall) -> web.StreamResponse:
    """Not carried out on products; answered 200 with the state that they have."""
    product = hit.mock.rows.get(hit.request.match_info.get("id", ""))
    if product is None:
        return await hit.proceed()
    answer = {key: product[key] for key in ("id", "state", "version")}
    if product["state"] == "in_review":
        answer["state"] = STAGES[-1]
    return web.json_response(answer)


FAULT_ACTIONS: Mapping[str, FaultAction] = {
    "rate_limited": rate_limited,
    "unauthorized": unauthorized_,
    "maintenance": maintenance,
    "refuse": refuse,
    "ignored": ignored,
}


def refusal_answer(status: int, problems: Sequence[Problem]) -> web.Response:
    """Return the answer that refuses a call."""
    return web.json_response({"errors": list(problems)}, status=status)


def too_many(retry_after: str | None) -> web.Response:
    """Return the answer to a call over the quota."""
    why = problem("rate_limited", "Vượt hạn mức gọi, hãy thử lại sau.")
    return _with_retry_after(refusal_answer(429, [why]), retry_after)


def _retry_after(hit: HitCall) -> str | None:
    asked = hit.rule.retry_after
    if asked == "date":
        # The Date of the answer is the mock's, too.
        at = hit.mock.clock() + timedelta(seconds=hit.rule.seconds)
        return format_datetime(at, usegmt=True)
    return None if asked is None else str(asked)


def _with_retry_after(response: web.Response, value: str | None) -> web.Response:
    if value is not None:
        response.headers["Retry-After"] = value
    return response
