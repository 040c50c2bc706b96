"""The outcome of a call to a marketplace that misbehaves.

Each fault is a server of its own on the loopback, down to the bytes. Covered:
which error each fault becomes for a read and for a write, that nothing is sent
twice or elsewhere, limits of time and size, Retry-After, and that no secret
gets into an error. The adapters' own protocols are tested beside them.
"""

import asyncio
import gzip
import json
import socket
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from ocop_sync.errors import (
    AnswerTooLongError,
    CallRefusedError,
    ConfigurationError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.http import HttpClient, is_loopback, repeat_once
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.testing.memory import InMemoryMarketplace

SECRET = "bi-mat-4711"  # noqa: S105 - nobody's: it must not turn up again
SHORT_S = 0.2
"""Time limit of a call to a server that stays silent."""

GZIP_BOMB = gzip.compress(b" " * 30_000_000)
HUGE = json.dumps("a" * 1_999_999).encode()
DATE = "Date: Tue, 24 Nov 2026 08:00:00 GMT"


def answer(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Peer:
    """A server that reads a request, sends *sent*, and closes.

    Attributes:
        sent: The bytes of its answer; None to stay silent until the other side
            gives up.
        reads: False to close before anything is read.
        requests: The requests that it read.
        asked: Set once it has read one.
    """

    sent: bytes | None
    reads: bool = True
    requests: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.reads:
            self.requests.append(await read_request(reader))
            self.asked.set()
            writer.write(self.sent or b"")
        if self.reads and self.sent is None:
            await reader.read()
        writer.close()


class EndlessPeer(Peer):
    """Sends a body that never ends."""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(await read_request(reader))
        writer.write(b"HTTP/1.1 200 X\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b" " * 100_000)
                await writer.drain()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return head + await reader.readexactly(int(length or 0))


@asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[Peer]:
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield peer


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session


def client(
    session: aiohttp.ClientSession, url: str, *, timeout_s: float = 10
) -> HttpClient:
    return HttpClient(session, url, timeout_s=timeout_s, loopback_only=True)


async def ask(
    session: aiohttp.ClientSession,
    peer: Peer,
    method: str,
    path: str,
    *,
    write: bool,
    **sent: Any,  # whatever `HttpClient.send` takes
) -> object:
    """Let *peer* listen, make one call, and return its JSON value."""
    timeout_s = SHORT_S if peer.sent is None else 10
    async with listening(peer):
        http = client(session, peer.url, timeout_s=timeout_s)
        return (await http.send(method, path, write=write, **sent)).json()


@pytest.fixture
def closed_url() -> Iterator[str]:
    """Return the address of a port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


UNAVAILABLE = (UnavailableError, OutcomeUnknownError)
UNREADABLE = (ProtocolError, OutcomeUnknownError)
TOO_LONG = (AnswerTooLongError, OutcomeUnknownError)

FAULTS = {
    "closes before reading": (Peer(b"", reads=False), UNAVAILABLE),
    "closes after reading": (Peer(b""), UNAVAILABLE),
    "closes within the headers": (Peer(b"HTTP/1.1 201 Cre"), UNAVAILABLE),
    "truncated body": (Peer(answer(201, b"{}").replace(b": 2", b": 99")), UNAVAILABLE),
    "truncated chunks": (
        Peer(b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}"),
        UNAVAILABLE,
    ),
    "broken chunks": (
        Peer(b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        UNREADABLE,
    ),
    "not HTTP": (Peer(b"SSH-2.0-x\r\n\r\n"), UNREADABLE),
    "endless header": (Peer(b"HTTP/1.1 200 X\r\nA: " + b"a" * 20_000), UNREADABLE),
    "silent": (Peer(None), UNAVAILABLE),
    "compressed": (
        Peer(answer(200, gzip.compress(b"{}"), "Content-Encoding: gzip")),
        UNREADABLE,
    ),
    "gzip bomb": (Peer(answer(200, GZIP_BOMB, "Content-Encoding: gzip")), UNREADABLE),
    "huge body": (Peer(answer(200, HUGE)), TOO_LONG),
    "huge body without a length": (
        Peer(b"HTTP/1.1 200 X\r\n\r\n" + HUGE),
        TOO_LONG,
    ),
    "endless body": (EndlessPeer(b""), TOO_LONG),
    "page of a proxy": (Peer(answer(200, b"<html>Xin loi</html>")), UNREADABLE),
    "broken JSON": (Peer(answer(201, b'{"id": 7')), UNREADABLE),
    "empty body": (Peer(answer(201, b"")), UNREADABLE),
    "invalid UTF-8": (Peer(answer(201, b'{"name": "\xff"}')), UNREADABLE),
    "not a number": (Peer(answer(201, b'{"price": NaN}')), UNREADABLE),
    "very deep JSON": (Peer(answer(201, b"[" * 100_000)), UNREADABLE),
    "redirect 302": (Peer(answer(302, b"", "Location: /b")), UNREADABLE),
    "redirect 307": (Peer(answer(307, b"", "Location: /b")), UNREADABLE),
    "not modified 304": (Peer(answer(304, b"")), UNREADABLE),
    "failure 500": (Peer(answer(500, b"{}")), UNAVAILABLE),
    "maintenance 503": (Peer(answer(503, b"{}")), UNAVAILABLE),
    "over the quota 429": (
        Peer(answer(429, b"{}")),
        (RateLimitedError, RateLimitedError),
    ),
}


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize(("peer", "expected"), FAULTS.values(), ids=FAULTS)
async def test_each_fault_becomes_the_error_that_says_what_to_do(
    session: aiohttp.ClientSession,
    peer: Peer,
    expected: tuple[type[Exception], type[Exception]],
    write: bool,
) -> None:
    method = "POST" if write else "GET"
    with pytest.raises(MarketplaceError) as caught:
        await ask(session, peer, method, "/v1/x", write=write, json={"a": 1})

    assert caught.type is expected[write]


@pytest.mark.parametrize("status", [413, 414, 431])
async def test_a_write_that_is_too_large_is_known_not_applied(
    session: aiohttp.ClientSession, status: int
) -> None:
    peer = Peer(answer(status, b"<html>Too large</html>"))
    with pytest.raises(CallRefusedError) as caught:
        await ask(session, peer, "POST", "/v1/x", write=True, json={"a": 1})

    assert caught.value.code == f"http_{status}"


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
async def test_not_connected_is_known_not_applied(
    session: aiohttp.ClientSession, closed_url: str, write: bool
) -> None:
    with pytest.raises(UnavailableError):
        await client(session, closed_url).send("PUT", "/v1/x", write=write, json={})


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
async def test_waiting_in_vain_for_a_connection_is_known_not_applied(
    write: bool,
) -> None:
    connector = aiohttp.TCPConnector(limit=1)
    async with (
        aiohttp.ClientSession(connector=connector) as narrow,
        listening(Peer(None)) as silent,
    ):
        http = client(narrow, silent.url)
        first = asyncio.create_task(http.send("GET", "/first", write=False))
        await silent.asked.wait()
        with pytest.raises(UnavailableError):
            await http.send("POST", "/second", write=write, timeout_s=SHORT_S)
        first.cancel()

    assert len(silent.requests) == 1


async def test_a_redirected_write_reaches_nobody_else(
    session: aiohttp.ClientSession,
) -> None:
    async with listening(Peer(answer(200, b"{}"))) as other:
        moved = Peer(answer(307, b"", f"Location: {other.url}/v1/x"))
        async with listening(moved):
            with pytest.raises(OutcomeUnknownError):
                await client(session, moved.url).send(
                    "POST", "/v1/x", write=True, json={"a": 1}
                )

    assert (len(moved.requests), other.requests) == (1, [])


class TalkativePeer(Peer):
    """Answers every call with its number; the first one twice, when it is told."""

    told: asyncio.Event
    said: asyncio.Event

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self.requests.append(await read_request(reader))
                number = len(self.requests)
                writer.write(answer(200, b"%d" % number))
                if number == 1:
                    await self.told.wait()
                    writer.write(answer(200, b"99"))
                    await writer.drain()
                    self.said.set()
        writer.close()


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
async def test_an_answer_that_nobody_asked_for_answers_no_call(
    session: aiohttp.ClientSession, write: bool
) -> None:
    peer = TalkativePeer(None)
    peer.told, peer.said = asyncio.Event(), asyncio.Event()
    async with listening(peer), listening(Peer(answer(200, b"{}"))) as other:
        http = client(session, peer.url)
        first = await http.send("POST", "/v1/x", write=write, json={"a": 1})
        peer.told.set()
        await peer.said.wait()
        # Another conversation, so that what was said has surely come in.
        await client(session, other.url).send("GET", "/v1/y", write=False)

        second = await http.send("POST", "/v1/x", write=write, json={"a": 2})

    assert (first.json(), second.json()) == (1, 2)
    assert len(peer.requests) == 2, "each call was sent once"


class ClosingPeer(Peer):
    """Answers once, then breaks the kept connection and stops listening."""

    server: asyncio.Server

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(await read_request(reader))
        writer.write(answer(200, b"{}"))
        self.requests.append(await read_request(reader))
        self.server.close()
        writer.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH"])
async def test_a_write_on_a_broken_connection_is_not_repeated_behind_our_back(
    session: aiohttp.ClientSession, method: str
) -> None:
    peer = ClosingPeer(b"")
    peer.server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{peer.server.sockets[0].getsockname()[1]}"
    http = client(session, url)
    await http.send(method, "/v1/x", write=True, json={})

    with pytest.raises(OutcomeUnknownError):
        await http.send(method, "/v1/x", write=True, json={})

    assert len(peer.requests) == 2


async def test_a_cancelled_call_stays_cancelled(
    session: aiohttp.ClientSession,
) -> None:
    async with listening(Peer(None)) as silent:
        call = asyncio.create_task(
            client(session, silent.url).send("POST", "/v1/x", write=True)
        )
        await silent.asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    assert call.cancelled()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        (["Retry-After: 7"], 7.0),
        (["Retry-After: 0"], 0.0),
        (["Retry-After: 1.5"], 1.5),
        (["Retry-After: 86400"], 3600.0),
        (["Retry-After: Tue, 24 Nov 2026 08:02:00 GMT", DATE], 120.0),
        (["Retry-After: Tuesday, 24-Nov-26 08:02:00 GMT", DATE], 120.0),
        (["Retry-After: Tue Nov 24 08:02:00 2026", DATE], 120.0),
        (["Retry-After: Tue, 24 Nov 2026 07:00:00 GMT", DATE], 0.0),
        (["Retry-After: Wed, 24 Nov 2027 08:00:00 GMT", DATE], 3600.0),
        (["Retry-After: Tue, 24 Nov 2026 08:02:00 GMT"], None),
        (["Retry-After: Tue, 24 Nov 2026 08:02:00 GMT", "Date: hôm nay"], None),
        (["Retry-After:"], None),
        (["Retry-After: -5"], None),
        (["Retry-After: nan"], None),
        (["Retry-After: 1_000"], None),
        (["Retry-After: " + "9" * 400], None),
        (["Retry-After: lát nữa", DATE], None),
    ],
)
async def test_retry_after_is_read_in_every_form_and_never_trusted(
    session: aiohttp.ClientSession, headers: list[str], seconds: float | None
) -> None:
    async with listening(Peer(answer(429, b"", *headers))) as peer:
        with pytest.raises(RateLimitedError) as caught:
            await client(session, peer.url).send("POST", "/v1/x", write=True)

    assert caught.value.retry_after == seconds


async def test_a_marketplace_under_maintenance_may_say_for_how_long(
    session: aiohttp.ClientSession,
) -> None:
    async with listening(Peer(answer(503, b"", "Retry-After: 90"))) as peer:
        with pytest.raises(UnavailableError) as caught:
            await client(session, peer.url).send("GET", "/v1/x", write=False)

    assert caught.value.retry_after == 90


LEAKY = {
    name: FAULTS[name][0]
    for name in ("closes after reading", "not HTTP", "silent", "broken JSON")
} | {
    "echo": Peer(answer(200, f'{{"token": "{SECRET}"'.encode())),
    "echo in a header": Peer(f"HTTP/1.1 200 {SECRET}\r\n{SECRET}\r\n\r\n".encode()),
    "redirect": Peer(answer(307, b"", f"Location: /?token={SECRET}")),
    "never connected": Peer(b"", reads=False),
}


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize("peer", LEAKY.values(), ids=LEAKY)
async def test_no_secret_gets_into_an_error_or_its_causes(
    session: aiohttp.ClientSession, peer: Peer, write: bool
) -> None:
    with pytest.raises(MarketplaceError) as caught:
        await ask(
            session,
            peer,
            "POST",
            f"/v1/x?sign={SECRET}",
            write=write,
            params={"sign": SECRET},
            headers={"Authorization": SECRET},
            json={"secret": SECRET},
        )

    cause = caught.value.__cause__
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in f"{cause!r} {vars(cause) if cause else ''}"
    assert cause is not None or "redirected" in str(caught.value)


async def test_the_error_of_a_full_pool_holds_no_query() -> None:
    connector = aiohttp.TCPConnector(limit=1)
    async with (
        aiohttp.ClientSession(connector=connector) as narrow,
        listening(Peer(None)) as silent,
    ):
        http = client(narrow, silent.url)
        first = asyncio.create_task(http.send("GET", "/first", write=False))
        await silent.asked.wait()
        with pytest.raises(UnavailableError) as caught:
            await http.send("GET", f"/x?sign={SECRET}", write=False, timeout_s=SHORT_S)
        first.cancel()

    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("status", [200, 201, 202, 400, 401, 403, 404, 409, 422])
async def test_an_answer_is_returned_whole_refusals_included(
    session: aiohttp.ClientSession, status: int
) -> None:
    sent = answer(status, '{"tên": "Chè"}'.encode(), "X-Ref: 7")
    async with listening(Peer(sent)) as peer:
        reply = await client(session, peer.url).send("POST", "/v1/x", write=True)

    assert (reply.status, reply.headers["x-ref"]) == (status, "7")
    assert reply.json() == {"tên": "Chè"}


async def test_a_body_of_just_the_longest_size_in_many_pieces_is_read(
    session: aiohttp.ClientSession,
) -> None:
    body = json.dumps("a" * 1_999_998).encode()
    async with listening(Peer(answer(200, body))) as peer:
        reply = await client(session, peer.url).send("GET", "/v1/x", write=False)

    assert reply.body == body


async def test_half_an_emoji_does_not_spoil_an_answer(
    session: aiohttp.ClientSession,
) -> None:
    sent = answer(200, rb'["Ch\u00e8 \ud83c", "\ud83c\udf75"]')
    async with listening(Peer(sent)) as peer:
        reply = await client(session, peer.url).send("GET", "/v1/x", write=False)

    assert reply.json() == ["Chè ?", "🍵"]


async def test_what_is_sent_is_what_was_given(session: aiohttp.ClientSession) -> None:
    async with listening(Peer(answer(200, b"{}"))) as peer:
        await client(session, f"{peer.url}/api/").send(
            "POST",
            "/v1/x",
            write=True,
            params={"page": 2},
            headers={"Accept-Encoding": "gzip", "Token": "t"},
            json={"tên": "Chè"},
        )
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")

    assert head.startswith(b"POST /api/v1/x?page=2 HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity\r\n" in head
    assert b"gzip" not in head
    assert b"Content-Type: application/json" in head
    assert body == '{"tên":"Chè"}'.encode()


@pytest.mark.parametrize("size", [3, 2**20 + 1])
async def test_a_given_body_is_sent_byte_for_byte(
    session: aiohttp.ClientSession, size: int
) -> None:
    async with listening(Peer(answer(200, b"{}"))) as peer:
        await client(session, peer.url).send(
            "POST", "/v1/x", write=True, body=b"\x00" * size
        )

    assert peer.requests[0].partition(b"\r\n\r\n")[2] == b"\x00" * size


async def test_the_session_keeps_no_cookies(session: aiohttp.ClientSession) -> None:
    async with listening(Peer(answer(200, b"{}", "Set-Cookie: a=b"))) as peer:
        # From an IP address even an ordinary cookie jar takes nothing.
        http = client(session, peer.url.replace("127.0.0.1", "localhost"))
        await http.send("GET", "/v1/x", write=False)
        await http.send("GET", "/v1/x", write=False)

    assert b"cookie" not in peer.requests[1].lower()


async def test_a_read_is_repeated_once_if_its_answer_was_garbage() -> None:
    answers: Iterator[str | ProtocolError] = iter([ProtocolError("a"), "đọc được"])

    async def read() -> str:
        if isinstance(found := next(answers), ProtocolError):
            raise found
        return found

    assert await repeat_once(read) == "đọc được"


async def test_garbage_that_comes_twice_is_an_error() -> None:
    seen = []

    async def read() -> None:
        seen.append(1)
        message = "garbage"
        raise ProtocolError(message)

    with pytest.raises(ProtocolError):
        await repeat_once(read)

    assert len(seen) == 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:9101", True),
        ("http://127.8.9.1/api", True),
        ("http://[::1]:9101", True),
        ("http://LOCALHOST:9101", True),
        ("http://127.0.0.1@ngoai.example:80", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost.example", False),
        ("http://0.0.0.0:9101", False),
        ("http://10.0.0.1", False),
        ("https://postmart.example", False),
        ("", False),
    ],
)
async def test_only_this_computer_is_loopback(
    session: aiohttp.ClientSession, url: str, expected: bool
) -> None:
    assert is_loopback(url) is expected
    if not expected:
        with pytest.raises(ConfigurationError):
            client(session, url)


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{SECRET}@127.0.0.1",
        f"http://127.0.0.1/?token={SECRET}",
        f"ftp://127.0.0.1/{SECRET}",
        f"127.0.0.1/{SECRET}",
        f"http://127.0.0.1:{SECRET}",
    ],
)
async def test_a_base_url_that_is_none_is_refused_without_being_shown(
    session: aiohttp.ClientSession, url: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client(session, url)

    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_client_keeps_to_what_its_adapter_has_declared() -> None:
    mock = InMemoryMarketplace.capabilities
    async with open_session() as session:
        with pytest.raises(ConfigurationError):
            HttpClient.declared(session, "https://mau.example", mock)
        real = replace(mock, simulated=False, call_timeout_s=7.0)
        client = HttpClient.declared(session, "https://mau.example", real)

    assert client._timeout.total == 7.0


async def test_an_answer_that_is_too_long_is_not_asked_for_a_second_time() -> None:
    asked = list[int]()

    async def read() -> None:
        asked.append(len(asked))
        message = "quá dài"
        raise AnswerTooLongError(message)

    with pytest.raises(AnswerTooLongError):
        await repeat_once(read)

    assert asked == [0]
