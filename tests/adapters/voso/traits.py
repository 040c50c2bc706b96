"""What the tests of every marketplace must know of Voso."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from adapters.voso import convert, results, too_long
from adapters.voso.signature import is_push_signed
from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import Unreadable
from tests.adapters.samples import SECRET, Message, Sample
from tests.adapters.traits import Traits
from tests.adapters.voso import support
from tests.adapters.voso.test_mock import call, sign_in


def read_answer(sample: Sample) -> object:
    """Read an answer as the adapter does."""
    envelope = results.read_envelope(json.loads(sample.answer.body))
    if not envelope.is_ok:
        return envelope.status in results.NOT_APPLIED and envelope.code
    data: Any = envelope.data
    readers: Mapping[str, Callable[[], object]] = {
        "POST /v2/user/Login": lambda: results.read_token(data),
        "POST /v2/product/list": lambda: convert.from_wire(data, seller_ref=""),
        "POST /v2/event/list": lambda: results.read_events(data, None),
    }
    if sample.call in readers:
        return readers[sample.call]()
    read = results.read_results(data, len(data["RESULTS"]))
    assert None not in read
    return [
        results.to_result(each, ref=None, reviewed=False, client_ref=code)
        for each in read
        if each is not None
        for code in [each.CLIENT_CODE or ""]
    ]


def read_long(error: AnswerTooLongError) -> tuple[Unreadable, object]:
    """Read the page of a listing that is too long."""
    page = too_long.page_of_one(error)
    (odd,) = page.unreadable
    return odd, page.next


def count_pushed(url: str, message: Message) -> int:
    """Return how many events a push holds, which must be believed."""
    body = message.body.encode()
    assert is_push_signed(SECRET, url, body, message.headers["Signature"])
    return len(results.read_events(message.json, None).items)


async def sends(bench: Any) -> Callable[[Sample, bytes], Awaitable[int]]:
    """Return what sends a body to the call of a sample, signed in."""
    token = await sign_in(bench)

    async def send(sample: Sample, body: bytes) -> int:
        _, path = sample.call.split()
        envelope = await call(bench, path, body, token=token)
        assert envelope["status"] in {200, 400, 401, 404}
        return 200

    return send


async def headers(bench: Any) -> Mapping[str, str]:
    """Return no headers: each call is signed by itself."""
    del bench
    return {}


def read_foreign(ref: str, packs: Any) -> RemoteListing | Unreadable:
    """Return a product that is on sale, as the adapter reads it."""
    product = {"ID": 7, "STATUS": 2, "CLIENT_CODE": ref, "VARIANTS": packs}
    page = convert.from_wire({"PRODUCTS": [product]}, seller_ref="CS-0001")
    found: Sequence[RemoteListing | Unreadable] = (*page.items, *page.unreadable)
    return found[0]


def spell(pack: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pack as Voso spells it."""
    words = {"quantity": "STOCK"}
    return {words.get(key, key.upper()): value for key, value in pack.items()}


TRAITS: Final = Traits(
    support=support,
    seller="CS-0001",  # an account has one
    shop="CS-0001",
    secrets=("password", "secret"),
    token_of=lambda adapter: str(adapter._connection._token),
    calls="* /v2/[!u]*",
    heading="Mock V",
    pages=frozenset({"POST shops"}),
    faults=frozenset(
        {
            *("refuse_call", "token_ends_inside", "missing_results"),
            *("shuffled_results", "doubled_results"),
        }
    ),
    name_field="NAME",
    odd_changes=(
        {"NAME": 5},
        {"DESCRIPTION": None},
        {"IMAGES": "a"},
        {"ATTRIBUTES": [{"NAME": "A"}]},
        {"VARIANTS": [{"SKU": "SP-00001-1", "PRICE": "50000"}]},
        {"VARIANTS": [{"SKU": "SP-00001-1", "OTHER": 1}]},
        {"OCOP": {"STARS": 3}},
        {"RATING_AVERAGE": "4,5"},
        {"CLIENT_CODE": "\ud83c"},
    ),
    fields=(
        *("status", "error", "message", "data", "token", "RESULTS", "INDEX", "OK"),
        *("ID", "CLIENT_CODE", "STATUS", "REVISION", "ERRORS", "CODE", "MESSAGE"),
        *("PRODUCTS", "NEXT_TOKEN", "TOTAL", "EVENTS", "TYPE", "PRODUCT_ID", "AT"),
        *("NAME", "CAT_ID", "DESCRIPTION", "ATTRIBUTES", "IMAGES", "TRACE_URL"),
        *("VARIANTS", "SKU", "PACK", "GTIN", "WEIGHT_G", "PRICE", "STOCK", "OCOP"),
        *("STARS", "DECISION", "VALID_TO", "REASONS", "SHOP_NAME", "QUANTITY"),
        *("ORDER_LINE", "RATING_AVERAGE", "SHOP_CODE", "VALUE"),
    ),
    longest_answer="adapters.voso.client._LONGEST_ANSWER",
    long_pages={10: 18_000, 2: 11_000, 1: 7_700},
    own_names=("ID", "CLIENT_CODE"),
    around=(
        '{"status": 200, "error": false, "message": "OK", "data": {"PRODUCTS": [',
        '], "NEXT_TOKEN": "", "TOTAL": 1}}',
    ),
    other_end='"NEXT_TOKEN": "c2F1OjcwMDAwMQ=="',
    read_long=read_long,
    error_code=r'(?:CODE=|problem\(\s*|\brefuse\(\s*)"([A-Z_]+)"',
    read_answer=read_answer,
    count_pushed=count_pushed,
    sends=sends,
    headers=headers,
    read_foreign=read_foreign,
    spell=spell,
)
