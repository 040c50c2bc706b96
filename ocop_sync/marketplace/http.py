"""Make one HTTP call to a marketplace, and report its outcome honestly.

aiohttp raises the same exception whether a write was applied or not, follows a
redirected POST to another host, and unpacks any compressed body. Here each call has a
time limit, a size limit, a clean connection, no redirect and no compression, and
everything that goes wrong becomes one of the errors that the port names.

The meaning of an answer is decided in each adapter; whether to call again, in
`ocop_sync.calls`; how fast, by the account's `Quota`. Nothing is logged here, and no
message or cause holds a header or a query.
"""

import io
import json as jsonlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Self, TypeVar

import aiohttp
from yarl import URL

from ocop_sync.errors import (
    AnswerTooLongError,
    ConfigurationError,
    Ends,
    ProtocolError,
    UnavailableError,
)
from ocop_sync.marketplace import failures
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.nesting import EndsReader
from ocop_sync.marketplace.reply import Reply
from ocop_sync.marketplace.stray_answers import StrayAnswerError

T = TypeVar("T")
Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]

_CONNECTIONS_TRIED = 5
_END = 4_000
"""Bytes of each end of an answer that is too long to be read whole."""
_SKIPPED = 8
"""So many times its bound an answer may be long, for its end to be looked for."""
_LARGE_BODY = 2**20  # from here on aiohttp wants a stream
_IDENTITY = {"Accept-Encoding": "identity"}
_HARMLESS = frozenset({"accept", "content-type", "idempotency-key", "timestamp"})
"""Headers of a call that may be quoted; any other may carry a secret."""


def is_loopback(base_url: str) -> bool:
    """Say whether *base_url* leads to this very computer.

    True for 127.0.0.0/8, ::1 and "localhost". It is false for every other name, even
    one that resolves to them.
    """
    try:
        host = URL(base_url).host or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def repeat_once(read: Callable[[], Awaitable[T]]) -> T:
    """Await *read*, and once more if its answer could not be read.

    For reads only: garbage that comes twice is a `ProtocolError`. *read* makes
    the whole call, asks the quota, and interprets the answer. An answer that is too
    long would be so again.
    """
    try:
        return await read()
    except AnswerTooLongError:
        raise
    except ProtocolError:
        return await read()


class HttpClient:
    """Makes HTTP calls to one marketplace.

    Args:
        session: The shared session, see `open_session` of `connection`.
        base_url: Where the marketplace's API is; its path is kept in front.
        timeout_s: Seconds that a whole call may take, its body included. Half
            of them may go into getting a connection.
        loopback_only: True for a simulated marketplace.
        max_bytes: Longest body that is read.

    Raises:
        ConfigurationError: *base_url* is no address of an API, or leads away
            from this computer though *loopback_only* is set.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        timeout_s: float,
        loopback_only: bool,
        max_bytes: int = 2_000_000,
    ) -> None:
        _ensure_usable(base_url, loopback_only=loopback_only)
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._timeout = _timeout(timeout_s)
        self._max_bytes = max_bytes

    @classmethod
    def declared(
        cls,
        session: aiohttp.ClientSession,
        base_url: str,
        capabilities: Capabilities,
        *,
        max_bytes: int = 2_000_000,
    ) -> Self:
        """Return a client that keeps to the declared capabilities of an adapter.

        Its calls take at most `call_timeout_s`; it leaves this computer unless the
        marketplace is `simulated`.

        Raises:
            ConfigurationError: As of the class.
        """
        return cls(
            session,
            base_url,
            timeout_s=capabilities.call_timeout_s,
            loopback_only=capabilities.simulated,
            max_bytes=max_bytes,
        )

    async def send(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
        timeout_s: float | None = None,
        with_ends: bool = False,
    ) -> Reply:
        """Make one call, once.

        Args:
            method: HTTP method.
            path: Begins with "/"; percent-encoded as far as needed.
            write: True if the call may change something at the marketplace, by any
                method: it decides which error a failure becomes.
            params: Query.
            headers: Further headers.
            json: Sent as JSON, unless None.
            body: Sent as it is; name its content type in *headers*.
            timeout_s: Instead of the client's own.
            with_ends: True to read on in an answer that is too long, for
                `AnswerTooLongError.ends`: they serve where it holds one listing only.

        Returns:
            The answer, refusals (4xx) included.

        Raises:
            RateLimitedError: 429.
            UnreachableError: Not connected.
            UnavailableError: For a read a network failure, a time-out or 5xx. For any
                call: connections kept holding answers that nobody had asked for, and
                nothing was sent.
            ProtocolError: A read was redirected, or its answer is no HTTP or
                compressed; `AnswerTooLongError` if it is too long.
            CallRefusedError: A write is larger than is taken there.
            OutcomeUnknownError: A write was sent, and then a network failure, a
                time-out, 5xx or an answer as of `ProtocolError` came.
        """
        call = f"{method} {path.partition('?')[0]}"
        for _ in range(_CONNECTIONS_TRIED):
            data, extra = _payload(json, body)
            hidden = _confidential(headers or {})
            try:
                async with self._session.request(
                    method,
                    self._base_url + path,
                    params=params,
                    data=data,
                    headers={**extra, **(headers or {}), **_IDENTITY},
                    timeout=self._timeout if timeout_s is None else _timeout(timeout_s),
                    allow_redirects=False,
                    raise_for_status=False,
                    auto_decompress=False,
                    middlewares=(_send_once,) if write else None,
                ) as response:
                    return await self._reply(
                        response, call, hidden, write=write, with_ends=with_ends
                    )
            except StrayAnswerError:
                continue  # nothing was sent, and that connection is closed
            except (aiohttp.ClientError, OSError) as error:
                raise failures.failure(
                    call, error, write=write
                ) from failures.without_secrets(error)
        why = "trả lời khi chưa hỏi / answers that nobody asked for"
        message = f"{call}: {why}"
        raise UnavailableError(message)

    async def _reply(
        self,
        response: aiohttp.ClientResponse,
        call: str,
        hidden: Sequence[str],
        *,
        write: bool,
        with_ends: bool,
    ) -> Reply:
        if failures.is_failure(response, write=write):
            words = await failures.words_of_failure(response, hidden)
            raise failures.failure_told(response, call, words, write=write)
        return Reply(
            status=response.status,
            headers=response.headers,
            body=await self._read(response, call, write=write, with_ends=with_ends),
            call=call,
            write=write,
            hidden=hidden,
        )

    async def _read(
        self,
        response: aiohttp.ClientResponse,
        call: str,
        *,
        write: bool,
        with_ends: bool,
    ) -> bytes:
        chunks, size = list[bytes](), 0
        while size <= self._max_bytes and not response.content.at_eof():
            chunks.append(await response.content.readany())
            size += len(chunks[-1])
        if size > self._max_bytes:
            why = f"câu trả lời quá {self._max_bytes} byte / answer too long"
            if write:
                raise failures.lost(call, why)
            ends = await self._ends(response, chunks) if with_ends else None
            message = f"{call}: {why}"
            raise AnswerTooLongError(message, ends)
        return b"".join(chunks)

    async def _ends(
        self, response: aiohttp.ClientResponse, chunks: list[bytes]
    ) -> Ends | None:
        """Return the ends of a long answer, the bytes between them let go.

        None if it is far too long, or breaks off. *chunks* were read, and are taken.
        """
        reader, size = EndsReader(_END), 0
        with suppress(aiohttp.ClientError, OSError):  # a time-out is an `OSError`, too
            while size <= _SKIPPED * self._max_bytes:
                if not chunks and response.content.at_eof():
                    return reader.ends
                piece = chunks.pop(0) if chunks else await response.content.readany()
                reader.read(piece)
                size += len(piece)
        return None


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a PUT or DELETE again on a new connection.

    It does so by itself when a kept connection breaks. The first one may have
    been applied, and "cannot connect" for the second would hide that.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from error


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    # A time-out while connecting is known not to have sent anything, and told
    # apart only if it strikes first.
    return aiohttp.ClientTimeout(total=seconds, connect=seconds / 2)


def _ensure_usable(base_url: str, *, loopback_only: bool) -> None:
    try:
        url = URL(base_url)
        good = url.scheme in {"http", "https"} and bool(url.host)
        good = good and not (url.user or url.password or url.query_string)
    except ValueError:
        good = False
    if not good:
        # It is not shown: it may hold a password.
        message = (
            "base_url phải có dạng http(s)://máy[:cổng][/đường-dẫn]"
            " / base_url must look like http(s)://host[:port][/path]"
        )
        raise ConfigurationError(message)
    if loopback_only and not is_loopback(base_url):
        message = (
            f"sàn mô phỏng chỉ được gọi trên máy này, không phải {url.host}"
            " / a simulated marketplace is called on this computer only"
        )
        raise ConfigurationError(message)


def _payload(
    json: object, body: bytes | None
) -> tuple[bytes | io.BytesIO | None, Mapping[str, str]]:
    extra: Mapping[str, str] = {}
    if json is not None:
        text = jsonlib.dumps(
            json, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
        body, extra = text.encode(), {"Content-Type": "application/json"}
    if body is not None and len(body) > _LARGE_BODY:
        return io.BytesIO(body), extra
    return body, extra


def _confidential(headers: Mapping[str, str]) -> Sequence[str]:
    """Return the values of *headers* that no text shows, and the words in them."""
    values = [each for name, each in headers.items() if name.lower() not in _HARMLESS]
    return [piece for value in values for piece in (value, *value.split()[1:])]
