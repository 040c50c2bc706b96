"""Let a call of Mock V in, or say why not: always with HTTP 200.

In this order: can the body be read at all (400), is there such a call (404), is the
token good (401), is the signature right and in time (403), is there quota left (429),
is the body an object (400; at a sign-in, before its password). None of these refusals
has applied anything. The effect of a call is decided in `routes`.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final, NoReturn

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.voso.mock.refusal import CallRefusedError, local
from adapters.voso.mock.rows import Shop
from adapters.voso.mock.state import Market
from ocop_sync.testing.mocks.app_factory import MAX_BODY
from ocop_sync.testing.mocks.plain import is_plain
from ocop_sync.testing.mocks.quota import LeakyBucket

WINDOW = timedelta(minutes=5)
"""How far a call's time may be from the mock's, either way."""

LOGIN = "login"
"""Name of the operation that needs no token."""

_UNREAD: Final = frozenset({"BODY_COMPRESSED", "BODY_TOO_LONG"})

SHOP = web.RequestKey("shop", Shop)
"""The shop whose call it is."""
BODY = web.RequestKey("body", dict[str, Any])
"""The call's body, decoded."""


@dataclass(frozen=True, slots=True)
class _Token:
    code: str
    ends: datetime


class Gate:
    """Knows who may call.

    Tokens are kept in memory only: a mock that starts again knows none.

    Args:
        market: The shops with their accounts.
        now: The mock's present instant in UTC.
        token_s: Seconds after which a token runs out.
        quota_per_s: Calls a second that each shop has; None for any number.
        burst: Calls of one shop that are taken at once.
    """

    def __init__(
        self,
        market: Market,
        now: Callable[[], datetime],
        *,
        token_s: float,
        quota_per_s: float | None,
        burst: int,
    ) -> None:
        self._market = market
        self._now = now
        self._token_s = token_s
        self._quota_per_s = quota_per_s
        self._burst = burst
        self._tokens: dict[str, _Token] = {}
        self._buckets: dict[str, LeakyBucket] = {}

    def sign_in(self, shop: Shop) -> str:
        """Return a new token for a shop; those it has stay good."""
        token = secrets.token_hex(24)
        ends = self._now() + timedelta(seconds=self._token_s)
        self._tokens[token] = _Token(shop["CODE"], ends)
        return token

    def end_all(self) -> None:
        """Let every token run out at once."""
        self._tokens.clear()

    def middleware(self) -> Middleware:
        """Return the middleware that lets calls in and answers refusals."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                body = await _whole(request)
                request[SHOP] = self._let_in(request, body)
                request[BODY] = _object(body)
                self._market.settle()
                return await handler(request)
            except CallRefusedError as refusal:
                answer = envelope(refusal.status, refusal.message, refusal.data)
                if refusal.data.get("CODE") in _UNREAD:
                    answer.force_close()  # what is left of the body is not read
                return answer

        return gate

    def _let_in(self, request: web.Request, body: bytes) -> Shop:
        operation = request.match_info.route.name
        if operation is None:
            raise CallRefusedError(404, "Không có thao tác này.", CODE="NO_SUCH_CALL")
        if operation == LOGIN:
            shop = self._by_password(_object(body))
        else:
            shop = self._by_token(request.headers.get("Token", ""))
        self._ensure_signed(shop, request, body)
        self._ensure_quota(shop)
        return shop

    def _by_password(self, body: Mapping[str, Any]) -> Shop:
        user = body.get("USERNAME")
        shop = self._market.shop_of_user(user) if isinstance(user, str) else None
        if shop is None or shop["password"] != body.get("PASSWORD"):
            message = "Sai tên đăng nhập hoặc mật khẩu."
            raise CallRefusedError(401, message, CODE="LOGIN_INVALID")
        return shop

    def _by_token(self, token: str) -> Shop:
        known = self._tokens.get(token)
        if known is None or known.ends <= self._now():
            raise CallRefusedError(401, "Token không hợp lệ.", CODE="TOKEN_INVALID")
        return self._market.shops[known.code]

    def _ensure_signed(self, shop: Shop, request: web.Request, body: bytes) -> None:
        stamp = request.headers.get("Timestamp", "")
        message = request.path.encode() + stamp.encode(errors="replace") + body
        key = shop["secret"].encode()
        expected = hmac.new(key, message, hashlib.sha256).hexdigest()
        given = request.headers.get("Signature", "").encode(errors="replace")
        if not hmac.compare_digest(expected.encode(), given):
            raise CallRefusedError(403, "Sai chữ ký.", CODE="SIGNATURE_INVALID")
        if not _is_near(stamp, self._now()):
            raise CallRefusedError(
                403,
                "Thời điểm của lời gọi ngoài khoảng 5 phút.",
                CODE="TIMESTAMP_OUTSIDE_WINDOW",
                NOW=local(self._now()),
            )

    def _ensure_quota(self, shop: Shop) -> None:
        bucket = self._buckets.get(shop["CODE"])
        if bucket is None:
            bucket = LeakyBucket(self._quota_per_s, size=self._burst)
            self._buckets[shop["CODE"]] = bucket
        if wait_s := bucket.take():
            raise over_quota(wait_s)


def over_quota(wait_s: float) -> CallRefusedError:
    """Return the refusal of a call that is too much; whole seconds to wait."""
    message = "Vượt hạn mức gọi, hãy thử lại sau."
    return CallRefusedError(
        429, message, CODE="OVER_QUOTA", RETRY_AFTER=max(1, ceil(wait_s))
    )


def envelope(
    status: int, message: str, data: Mapping[str, object] | None
) -> web.Response:
    """Return an answer: HTTP says 200 for every *status*."""
    body = {
        "status": status,
        "error": status != 200,  # noqa: PLR2004 - the number is the name
        "message": message,
        "data": data,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(body=text.encode(), content_type="application/json")


def _is_near(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 15):  # noqa: PLR2004 - far above any time
        return False
    return abs(now.timestamp() - int(stamp) / 1000) <= WINDOW.total_seconds()


async def _whole(request: web.Request) -> bytes:
    """Return the body; refuse one that is compressed or too long."""
    if not is_plain(request):
        message = "Nội dung không được nén."
        raise CallRefusedError(400, message, CODE="BODY_COMPRESSED")
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        message = f"Nội dung dài quá {MAX_BODY} byte."
        raise CallRefusedError(400, message, CODE="BODY_TOO_LONG") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_constant)
        # A half of a surrogate pair is no text: it could not be kept.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        message = "Nội dung lời gọi phải là một đối tượng JSON."
        raise CallRefusedError(400, message, CODE="BODY_INVALID")
    return value
