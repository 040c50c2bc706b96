"""A marketplace's words when it refuses or fails, as people get to read them."""

import asyncio

import aiohttp
import pytest

from ocop_sync.errors import (
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.error_text import error_text_of
from ocop_sync.marketplace.reply import Reply
from tests.adapters.test_http import (
    Peer,
    answer,
    client,
    listening,
    read_request,
    session,
)

__all__ = ["session"]  # the fixture

TOKEN = "tk-7f3a99b1c2"  # noqa: S105 - nobody's: it must not turn up again

BODIES = {
    "JSON": (
        b'{"errors": [{"field": "name", "message": "T\\u00ean qu\\u00e1 d\\u00e0i"}]}',
        "field: name; message: Tên quá dài",
    ),
    "a list": (b'["a", {"b": 1}]', "a; b: 1"),
    "a secret by its name": (
        b'{"api_key": "abc", "ok": false}',
        "api_key: ***; ok: False",
    ),
    "a sentence about one": (b'{"token": "has run out"}', "token: has run out"),
    "a page of a proxy": (
        b"<title>502 Bad Gateway</title><h1>B&aacute;o l&#7895;i</h1><style>a</style>",
        "502 Bad Gateway Báo lỗi",
    ),
    "plain text": ("Bảo trì\n đến 5 giờ".encode(), "Bảo trì đến 5 giờ"),
    "broken JSON": (b'{"error": "x', '{"error": "x'),
    "nothing": (b"", ""),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", ""),
    "a bomb": (b"[" * 16_384, "[" * 299 + "…"),
}


class HaltingPeer(Peer):
    """Sends the head of an answer, and no body as long as somebody waits for it."""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_request(reader)
        writer.write(self.sent or b"")
        await reader.read()
        writer.close()


@pytest.mark.parametrize("what", BODIES)
def test_a_body_is_read_for_its_words(what: str) -> None:
    body, expected = BODIES[what]

    assert error_text_of(body) == expected


def test_a_cut_within_a_letter_takes_no_words_away() -> None:
    assert error_text_of("ă".encode() * 10_000).startswith("ăăă")


FAILURES = {
    (429, False): RateLimitedError,
    (503, False): UnavailableError,
    (503, True): OutcomeUnknownError,
    (413, True): CallRefusedError,
    (302, False): ProtocolError,
}


@pytest.mark.parametrize(("status", "write"), FAILURES)
async def test_the_words_of_a_failure_are_in_its_error(
    session: aiohttp.ClientSession, status: int, write: bool
) -> None:
    body = f'{{"message": "B\\u1ea3o tr\\u00ec; {TOKEN}, g\\u1ecdi 0912345678"}}'
    async with listening(Peer(answer(status, body.encode()))) as peer:
        with pytest.raises(MarketplaceError) as caught:
            await client(session, peer.url).send(
                "POST",
                "/v1/x",
                write=write,
                headers={"Authorization": f"Bearer {TOKEN}"},
            )

    assert caught.type is FAILURES[status, write]
    assert f"HTTP {status}: «message: Bảo trì; ***, gọi ***»" in str(caught.value)


async def test_words_that_do_not_come_are_not_waited_for_long(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.marketplace.failures._WORDS_WITHIN_S", 0.0)
    head = b"HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\n"
    async with listening(HaltingPeer(head)) as peer:
        with pytest.raises(UnavailableError, match=r"\(HTTP 503\)"):
            await client(session, peer.url).send("GET", "/v1/x", write=False)


async def test_an_address_that_answers_something_else_is_quoted(
    session: aiohttp.ClientSession,
) -> None:
    page = b"<html><title>Welcome to nginx!</title></html>"
    async with listening(Peer(answer(200, page))) as peer:
        reply = await client(session, peer.url).send("GET", "/v1/x", write=False)
        with pytest.raises(ProtocolError, match="«Welcome to nginx!»"):
            reply.json()


async def test_nothing_is_quoted_of_data_that_cannot_be_read(
    session: aiohttp.ClientSession,
) -> None:
    async with listening(Peer(answer(200, b'{"name": "Ng. V'))) as peer:
        reply = await client(session, peer.url).send("GET", "/v1/x", write=False)
        with pytest.raises(ProtocolError, match=r"\(HTTP 200\)"):
            reply.json()


async def test_a_refusal_has_its_words_without_what_was_sent(
    session: aiohttp.ClientSession,
) -> None:
    body = f'{{"message": "no shop for {TOKEN}", "type": "application/json"}}'.encode()
    async with listening(Peer(answer(403, body))) as peer:
        reply: Reply = await client(session, peer.url).send(
            "GET",
            "/v1/x",
            write=False,
            headers={"Token": TOKEN, "Content-Type": "application/json"},
        )

    assert reply.said == "HTTP 403: «message: no shop for ***; type: application/json»"
    assert TOKEN not in repr(reply).replace(body.decode(), "")
