"""Make signed calls to Voso and report the outcome of each honestly.

It signs in, signs, paces and reads the envelope: HTTP 200 says nothing here. The
content of a call and the meaning of its data are decided in `adapters.voso.adapter`;
whether to call again, by the caller. Two things are repeated here, once each: a call
whose token has run out, which Voso documents as "not applied", and a sign-in whose
answer cannot be read.
"""

import asyncio
import json
from functools import partial
from typing import Final, NoReturn

from pydantic_core import to_json

from adapters.voso.results import (
    NOT_APPLIED,
    CallStatus,
    Envelope,
    read_envelope,
    read_token,
)
from adapters.voso.signature import sign_call
from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    RefusedClockError,
    UnavailableError,
)
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.http import HttpClient, repeat_once
from ocop_sync.marketplace.port import Account, Context

SIGN_IN: Final = "/v2/user/Login"

_LONGEST_ANSWER: Final = 8_000_000
"""Bytes: a page of 50 descriptions of 20,000 letters, each written as \\uXXXX."""
_HTTP_OK: Final = 200
_HTTP_UNAUTHORIZED: Final = 401
_SERVER_FAILED: Final = 500
_OUTSIDE_WINDOW: Final = "TIMESTAMP_OUTSIDE_WINDOW"
_WORDS_KEPT: Final = 200


class Connection:
    """The signed calls of one account.

    Args:
        account: Whose calls they are.
        context: Clock, quota, session and the secrets "username", "password"
            and "secret".
        capabilities: The capabilities that the adapter has declared.
    """

    def __init__(
        self,
        account: Account,
        context: Context,
        capabilities: Capabilities,
    ) -> None:
        self._context = context
        self._http = HttpClient.declared(
            context.session,
            account.base_url,
            capabilities,
            max_bytes=_LONGEST_ANSWER,
        )
        self._token = ""
        self._sign_ins_ended = 0
        self._refusal: AuthenticationError | None = None
        self._one_at_a_time = asyncio.Lock()

    async def call(
        self, path: str, payload: object, *, write: bool, with_ends: bool = False
    ) -> object:
        """Make one call and return the data of its answer.

        *with_ends*, an answer that is too long is read on to its end, as by
        `HttpClient.send`.

        Raises:
            MarketplaceError: As the port's error contract says.
        """
        body = _encode(payload)
        token = self._token or await self._sign_in(stale="")
        send = partial(self._send, path, body, write=write, with_ends=with_ends)
        envelope = await send(token)
        if envelope.status == CallStatus.NOT_SIGNED_IN:
            token = await self._sign_in(stale=token)
            envelope = await send(token)
        if not envelope.is_ok:
            self._fail(path, envelope, write=write)
        return envelope.data

    async def _sign_in(self, *, stale: str) -> str:
        """Return a token other than *stale*; however many ask, one signs in."""
        ended_before = self._sign_ins_ended
        async with self._one_at_a_time:
            if self._token != stale:
                return self._token
            if self._refusal and self._sign_ins_ended != ended_before:
                # Refused while we waited: asking again could lock the account.
                raise type(self._refusal)(str(self._refusal))
            try:
                self._token = await repeat_once(self._new_token)
                self._refusal = None
            except AuthenticationError as error:
                self._refusal = error
                raise
            finally:
                self._sign_ins_ended += 1
            return self._token

    async def _new_token(self) -> str:
        secrets = self._context.secrets
        who = {"USERNAME": secrets("username"), "PASSWORD": secrets("password")}
        envelope = await self._send(SIGN_IN, to_json(who), "", write=False)
        if not envelope.is_ok:
            self._fail(SIGN_IN, envelope, write=False)
        return read_token(envelope.data)

    async def _send(
        self,
        path: str,
        body: bytes,
        token: str,
        *,
        write: bool,
        with_ends: bool = False,
    ) -> Envelope:
        await self._context.quota.take()
        now_ms = int(self._context.clock().timestamp() * 1000)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Timestamp": str(now_ms),
            "Signature": sign_call(self._context.secrets("secret"), path, now_ms, body),
        }
        if token:
            headers["Token"] = token
        try:
            reply = await self._http.send(
                "POST",
                path,
                write=write,
                headers=headers,
                body=body,
                with_ends=with_ends,
            )
        except RateLimitedError as error:
            self._context.quota.over(error.retry_after or 1.0)
            raise
        if reply.status == _HTTP_UNAUTHORIZED:
            # Not Voso's own form, so of a gateway before it: nothing was passed on.
            hint = "không được vào / not let in"
            message = f"{hint}: {reply.call}: {reply.said}"
            raise AuthenticationError(message)
        if reply.status != _HTTP_OK:
            raise _lost(path, reply.said, write=write)
        value = reply.json()
        try:
            return read_envelope(value)
        except ProtocolError as error:
            raise _lost(path, str(error), write=write) from None

    def _fail(self, path: str, envelope: Envelope, *, write: bool) -> NoReturn:
        words = (envelope.message or "")[:_WORDS_KEPT]
        what = f"{path}: {envelope.status % 10**6} {envelope.code} {words}".rstrip()
        match envelope.status:
            case CallStatus.OVER_QUOTA:
                self._context.quota.over(envelope.retry_after or 1.0)
                raise RateLimitedError(what, retry_after=envelope.retry_after)
            case CallStatus.DOWN:
                raise UnavailableError(what, retry_after=envelope.retry_after)
            case CallStatus.NOT_SIGNED_IN | CallStatus.NOT_ACCEPTED:
                raise _not_accepted(envelope, what)
        if envelope.status == CallStatus.MALFORMED and write:
            code = envelope.code or "status_400"
            raise CallRefusedError(what, code=code)
        if envelope.status in NOT_APPLIED:
            raise ProtocolError(what)
        if envelope.status >= _SERVER_FAILED and not write:
            raise UnavailableError(what)
        raise _lost(path, what, write=write)


def _encode(payload: object) -> bytes:
    try:
        return to_json(payload)
    except ValueError:
        # Half of a surrogate pair in one text must not keep back the others.
        return json.dumps(payload, ensure_ascii=False).encode(errors="replace")


def _not_accepted(envelope: Envelope, what: str) -> AuthenticationError:
    if envelope.code == _OUTSIDE_WINDOW:
        hint = (
            "đồng hồ của máy này lệch với giờ của sàn, hãy kiểm tra đồng hồ"
            " / check the clock: it differs from the marketplace's; "
        )
        return RefusedClockError(hint + what)
    hint = "sàn không chấp nhận tài khoản / the account is not accepted; "
    return AuthenticationError(hint + what)


def _lost(path: str, why: str, *, write: bool) -> MarketplaceError:
    if write:
        return OutcomeUnknownError(
            f"{path}: đã gửi, không rõ kết quả / sent, outcome unknown ({why})"
        )
    return ProtocolError(f"{path}: {why}")
