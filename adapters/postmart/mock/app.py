"""Put Mock P together: a server in the style of Postmart.

It simulates a marketplace: no public seller API of Postmart was found.
`docs/mocks/postmart.md` describes its answers.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.postmart.mock.fault_actions import FAULT_ACTIONS, refusal_answer, too_many
from adapters.postmart.mock.push import push_body, push_headers
from adapters.postmart.mock.refusal import RefusalError, problem
from adapters.postmart.mock.routes import WRITES, Api
from adapters.postmart.mock.rows import Event
from adapters.postmart.mock.seeds import stock_by_hand
from adapters.postmart.mock.staff import PostmartStaff
from adapters.postmart.mock.state import Shop
from adapters.postmart.mock.tokens import Tokens
from ocop_sync.testing.mocks.app_factory import MAX_BODY, assemble
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.mock import Mock
from ocop_sync.testing.mocks.pictures import Pictures
from ocop_sync.testing.mocks.plain import is_plain
from ocop_sync.testing.mocks.pushes import WAITS_S, Pushes, Signed
from ocop_sync.testing.mocks.quota import LeakyBucket
from ocop_sync.testing.mocks.state_file import Row, StateFile

CLIENT_ID = "mau-client"
CLIENT_SECRET = "mau-secret"  # noqa: S105 - of a mock that holds nothing real
LEAST_PIXELS = 500
"""Of the shorter side of a picture."""
CALL_LIMIT = "X-Postmart-Call-Limit"
_NO_CALL = "Không có thao tác này."
_WORDS = {
    413: f"Nội dung dài quá {MAX_BODY} byte.",
    415: "Nội dung không được nén.",
}


def make_app(
    *,
    data: Path | None = None,
    seed: int | None = 1,
    clock: MockClock | None = None,
    moderation_s: float = 2.0,
    quota_per_s: float | None = None,
    quota_burst: int = 20,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
    push_waits_s: Sequence[float] = WAITS_S,
    check_pictures: bool = False,
) -> web.Application:
    """Return Mock P as an application, as `MakeApp` says.

    It takes *quota_burst* calls at once, of the one client that may sign in. A push is
    tried again after each of *push_waits_s* seconds.
    """
    clock = clock or MockClock()
    file = StateFile(data)
    shop = Shop(file, clock, moderation_s)
    if seed is not None and not shop.products and not shop.sellers:
        stock_by_hand(shop, seed)
    pictures = Pictures(least=LEAST_PIXELS, checks=check_pictures)
    tokens = Tokens(clock, client_id, client_secret)
    bucket = LeakyBucket(quota_per_s, size=quota_burst)

    def sign(_: str, url: str, events: Sequence[Row]) -> Signed:
        body = push_body(cast("Sequence[Event]", events))
        return body, push_headers(client_secret, url, body, clock())

    pushes = Pushes(sign, push_waits_s)
    shop.event_log.listener = lambda event: pushes.tell("", event)
    return assemble(
        routes=Api(shop, tokens, pictures).routes(),
        staff=PostmartStaff(shop, tokens),
        clock=clock,
        file=file,
        writes=WRITES,
        rows=shop.products,
        lag=shop.lag,
        actions=FAULT_ACTIONS,
        pushes=pushes,
        middlewares=[
            _within_quota(bucket, limited=quota_per_s is not None),
            _honest(tokens.ensure_good, shop.settle),
        ],
    )


MOCK = Mock(
    make_app=make_app,
    secrets={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    writes=WRITES,
    creates="submit_product",
    rating="rating_average",
)


def _within_quota(bucket: LeakyBucket, *, limited: bool) -> Middleware:
    @web.middleware
    async def within_quota(
        request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        wait_s = bucket.take()
        response = too_many(f"{wait_s:.2f}") if wait_s else await handler(request)
        if limited:
            response.headers[CALL_LIMIT] = f"{bucket.used}/{bucket.size}"
        return response

    return within_quota


def _honest(
    ensure_good: Callable[[str], None], settle: Callable[[], None]
) -> Middleware:
    """Return the middleware for sign-in, ended reviews and refusals."""

    @web.middleware
    async def honest(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if request.match_info.route.name != "token":
                ensure_good(request.headers.get("Authorization", ""))
            if not is_plain(request):
                raise web.HTTPUnsupportedMediaType
            settle()
            return await handler(request)
        except RefusalError as refusal:
            return refusal_answer(refusal.status, refusal.problems)
        except web.HTTPException as error:
            if error.status < 400:  # noqa: PLR2004 - not an error
                raise
            why = problem(f"http_{error.status}", _WORDS.get(error.status, _NO_CALL))
            answer = refusal_answer(error.status, [why])
            if error.status in _WORDS:
                answer.force_close()  # what is left of the body is not read
            return answer

    return honest
