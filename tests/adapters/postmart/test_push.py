"""Which pushes are believed: those that Postmart signed, for us, lately."""

import pytest

from adapters.postmart.mock.app import CLIENT_SECRET
from adapters.postmart.mock.push import SIGNATURE, TIMESTAMP, push_body, push_headers
from adapters.postmart.mock.rows import Event as PostmartEvent
from ocop_sync.errors import AuthenticationError, ProtocolError
from ocop_sync.marketplace.port import EventKind
from tests.adapters.postmart.support import NOW, Bench

URL = "https://dong-bo.example/push/postmart"
SOLD = PostmartEvent(
    id=1,
    type="order.created",
    product_id=40_001,
    at=NOW.isoformat(),
    sku="SP-00001-1",
    quantity=2,
    order_line="DH-00000001",
)
BODY = push_body([SOLD])
SIGNED = push_headers(CLIENT_SECRET, URL, BODY, NOW)


def test_a_signed_push_tells_its_events(bench: Bench) -> None:
    lower = {name.lower(): value for name, value in SIGNED.items()}

    [event] = bench.postmart.verify_push(URL, lower, BODY)

    assert event.kind is EventKind.SOLD
    assert (event.ref, event.quantity, event.at) == ("40001", 2, NOW)


@pytest.mark.parametrize(
    ("url", "headers", "body"),
    [
        pytest.param(URL, {}, BODY, id="no signature"),
        pytest.param(URL, SIGNED, BODY + b" ", id="another body"),
        pytest.param(URL + "2", SIGNED, BODY, id="another address"),
        pytest.param(URL, {**SIGNED, TIMESTAMP: "1"}, BODY, id="another time"),
        pytest.param(URL, {**SIGNED, TIMESTAMP: "\udcff"}, BODY, id="no text as time"),
        pytest.param(URL, {**SIGNED, SIGNATURE: "é" * 64}, BODY, id="not hexadecimal"),
        pytest.param(URL, push_headers("khac", URL, BODY, NOW), BODY, id="not theirs"),
    ],
)
def test_a_push_that_is_not_signed_right_is_not_believed(
    bench: Bench, url: str, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(AuthenticationError):
        bench.postmart.verify_push(url, headers, body)


@pytest.mark.parametrize("seconds", [301, -301])
def test_an_old_push_is_not_believed_again(bench: Bench, seconds: int) -> None:
    bench.ours.advance(seconds)

    with pytest.raises(AuthenticationError):
        bench.postmart.verify_push(URL, SIGNED, BODY)


def test_a_signed_push_of_junk_is_an_error_of_the_port(bench: Bench) -> None:
    headers = push_headers(CLIENT_SECRET, URL, b"{}", NOW)

    with pytest.raises(ProtocolError):
        bench.postmart.verify_push(URL, headers, b"{}")
