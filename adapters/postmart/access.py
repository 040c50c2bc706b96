"""Call Postmart's API signed in and within the quota.

One token serves all concurrent calls: it is fetched once, renewed shortly before its
end, and once more when a call is told 401, which the API documents as "not applied".
The calls themselves are made in `client`.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

from adapters.postmart.wire import Token, parse
from ocop_sync.errors import AuthenticationError, ProtocolError, RateLimitedError
from ocop_sync.marketplace.http import HttpClient, Params, repeat_once
from ocop_sync.marketplace.port import Context
from ocop_sync.marketplace.reply import Reply

_RENEWED_BEFORE_END: Final = timedelta(seconds=60)
_PAUSE_S: Final = 1.0
"""How long we pause when a refusal for the quota does not say how long."""

_COUNT: Final = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
"""Postmart's own count of our calls: how many of how many."""

_JSON: Final = {"Content-Type": "application/json"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Access:
    """Signed-in calls of one account.

    Args:
        http: Makes the calls.
        context: The account's clock, quota and secrets (`client_id` and
            `client_secret`).
    """

    def __init__(self, http: HttpClient, context: Context) -> None:
        self._http = http
        self._context = context
        self._token = ""
        self._renewed_from: datetime | None = None
        self._signing_in = asyncio.Lock()

    async def call(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        params: Params | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        with_ends: bool = False,
    ) -> Reply:
        """Make one call, signed in; repeat it once after a 401.

        Returns:
            The answer, refusals (4xx) included, but neither 401 nor 403.

        Raises:
            AuthenticationError: The credentials are not accepted.
            MarketplaceError: As the port says for reads and writes.
        """
        send = partial(
            self._send,
            method,
            path,
            write=write,
            params=params,
            body=body,
            with_ends=with_ends,
        )
        named = {**(headers or {}), **({} if body is None else _JSON)}
        token = await self._good_token(refused="")
        reply = await send(headers={**named, "Authorization": f"Bearer {token}"})
        if reply.status == 401:  # noqa: PLR2004 - the number is the name
            token = await self._good_token(refused=token)
            reply = await send(headers={**named, "Authorization": f"Bearer {token}"})
        if reply.status in {401, 403}:
            raise _not_accepted(reply)
        return reply

    async def _send(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        headers: Mapping[str, str],
        params: Params | None = None,
        body: bytes | None = None,
        with_ends: bool = False,
    ) -> Reply:
        quota = self._context.quota
        await quota.take()
        try:
            reply = await self._http.send(
                method,
                path,
                write=write,
                params=params,
                headers=headers,
                body=body,
                with_ends=with_ends,
            )
        except RateLimitedError as error:
            asked = error.retry_after
            quota.over(_PAUSE_S if asked is None else asked)
            raise
        if count := _COUNT.fullmatch(reply.headers.get("X-Postmart-Call-Limit", "")):
            quota.told(*map(int, count.groups()))
        return reply

    async def _good_token(self, *, refused: str) -> str:
        """Return a token that is not *refused*; sign in at most once for all."""
        if self._is_good(refused):
            return self._token
        async with self._signing_in:
            if not self._is_good(refused):
                await self._sign_in()
            return self._token

    def _is_good(self, refused: str) -> bool:
        end = self._renewed_from
        return (
            self._token != refused and end is not None and self._context.clock() < end
        )

    async def _sign_in(self) -> None:
        asked = self._context.clock()
        token = await repeat_once(self._fetch)
        life = timedelta(seconds=token.expires_in)
        self._renewed_from = asked + max(life - _RENEWED_BEFORE_END, life / 2)
        self._token = token.access_token

    async def _fetch(self) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._context.secrets("client_id"),
            "client_secret": self._context.secrets("client_secret"),
        }
        # It changes nothing that has to be read back: a read, to the port.
        reply = await self._send(
            "POST",
            "/oauth2/token",
            write=False,
            headers=_FORM,
            body=urlencode(form).encode(),
        )
        if reply.status in {400, 401, 403}:
            raise _not_accepted(reply)
        if reply.status != 200:  # noqa: PLR2004 - the number is the name
            message = f"{reply.call}: câu trả lời lạ / unexpected answer: {reply.said}"
            raise ProtocolError(message)
        return parse(Token, reply)


def _not_accepted(reply: Reply) -> AuthenticationError:
    return AuthenticationError(
        f"{reply.call}: không chấp nhận tài khoản / credentials not accepted"
        f" ({reply.said})"
    )
