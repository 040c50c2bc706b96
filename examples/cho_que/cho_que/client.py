"""Make the calls of ChoQue's API: paced, with the key, and told honestly.

Which call it is, is decided in `adapter`; the form of bodies, in `wire`.
"""

from collections.abc import Mapping
from typing import TypeVar

from cho_que import results
from cho_que.wire import Wire, parse
from ocop_sync.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
)
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.http import HttpClient, repeat_once
from ocop_sync.marketplace.port import Account, Context, Refused
from ocop_sync.marketplace.reply import Reply

_M = TypeVar("_M", bound=Wire)

_OK, _CREATED = 200, 201
_PAUSE_S = 1.0
"""The pause after a 429 that names none."""


class Client:
    """The calls of one account."""

    def __init__(
        self, account: Account, context: Context, capabilities: Capabilities
    ) -> None:
        self._context = context
        self._http = HttpClient.declared(
            context.session, account.base_url, capabilities
        )

    async def read(
        self, path: str, params: Mapping[str, str | int], model: type[_M]
    ) -> _M:
        """Return the answer of a read, asked for once more if it is garbage."""

        async def once() -> _M:
            reply = await self._call("GET", path, write=False, params=params)
            if reply.status != _OK:
                message = f"{reply.call}: {reply.said}"
                raise ProtocolError(message)
            return parse(model, reply)

        return await repeat_once(once)

    async def write(
        self, method: str, path: str, body: object = None
    ) -> Reply | Refused:
        """Make one change, once; return the answer or the refusal."""
        reply = await self._call(method, path, write=True, json=body)
        if reply.status in results.NOT_APPLIED:
            return results.refused(reply)
        if reply.status not in {_OK, _CREATED}:
            message = f"{reply.call}: {reply.said}"
            raise OutcomeUnknownError(message)
        return reply

    async def _call(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> Reply:
        quota = self._context.quota
        await quota.take()
        key = self._context.secrets("api_key")
        try:
            reply = await self._http.send(
                method,
                path,
                write=write,
                params=params,
                json=json,
                headers={"Authorization": f"Bearer {key}"},
            )
        except RateLimitedError as error:
            asked = error.retry_after
            quota.over(_PAUSE_S if asked is None else asked)
            raise
        if reply.status in {401, 403}:
            message = f"{reply.call}: {reply.said}"
            raise AuthenticationError(message)
        return reply
