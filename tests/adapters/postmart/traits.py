"""What the tests of every marketplace must know of Postmart."""

import io
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from adapters.postmart import convert, push, results, too_long, wire
from adapters.postmart.mock.app import CLIENT_SECRET
from ocop_sync.errors import AnswerTooLongError
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import Unreadable
from ocop_sync.marketplace.reply import Reply
from tests.adapters.postmart import support
from tests.adapters.postmart.shop import sign_in
from tests.adapters.postmart.test_mock import ask
from tests.adapters.samples import STORY_BEGINS, Message, Sample
from tests.adapters.traits import Traits

_MODELS: Final[Mapping[str, type[wire.Wire]]] = {
    r"POST /oauth2/token": wire.Token,
    r"(PUT|POST) /v1/sellers/.*": results.SellerChanged,
    r"GET /v1/tracking": results.Tracks,
    r"GET /v1/tracking/.*": results.Track,
    r"GET /v1/products": convert.ProductPage,
    r"GET /v1/events": results.Feed,
    r"\w+ /v1/(products|product-requests)/.*": results.Changed,
}


def _reply(status: int, body: str) -> Reply:
    return Reply(status=status, headers={}, body=body.encode(), call="", write=False)


def read_answer(sample: Sample) -> object:
    """Read an answer as the adapter does."""
    answer = sample.answer
    reply = _reply(answer.status, answer.body)
    if answer.status >= 400:
        return wire.parse(results.Errors, reply)
    if answer.status == 202:
        return wire.parse(results.Accepted, reply)
    model = next(m for call, m in _MODELS.items() if re.fullmatch(call, sample.call))
    found = wire.parse(model, reply)
    if isinstance(found, convert.ProductPage):
        return [convert.from_product(product) for product in found.data]
    return found


def read_long(error: AnswerTooLongError) -> tuple[Unreadable, object]:
    """Read the page of a listing that is too long."""
    page = too_long.page_of_one(error)
    (odd,) = page.data
    assert isinstance(odd, Unreadable)
    return odd, page.paging.last_page


def count_pushed(url: str, message: Message) -> int:
    """Return how many events a push holds, which must be believed."""
    body = message.body.encode()
    push.ensure_signed(CLIENT_SECRET, url, message.headers, body, STORY_BEGINS)
    return len(push.read(body).events)


async def sends(bench: Any) -> Callable[[Sample, bytes], Awaitable[int]]:
    """Return what sends a body to the call of a sample, signed in."""

    async def send(sample: Sample, body: bytes) -> int:
        method, path = sample.call.split()
        status, _, _ = await ask(bench, method, path, data=io.BytesIO(body))
        return status

    return send


async def headers(bench: Any) -> Mapping[str, str]:
    """Return the headers of a call that is signed in."""
    return {"Authorization": f"Bearer {await sign_in(bench)}"}


def read_foreign(ref: str, packs: Any) -> RemoteListing | Unreadable:
    """Return a product that is on sale, as the adapter reads it."""
    product = {"id": 7, "state": "approved", "name": "Măng", "client_ref": ref}
    paging = {"current_page": 1, "last_page": 1, "per_page": 50}
    body = {"data": [{**product, "variants": packs}], "paging": paging}
    return convert.parse_page(_reply(200, json.dumps(body))).data[0]


TRAITS: Final = Traits(
    support=support,
    seller="CS-0002",
    secrets=("client_secret",),
    token_of=lambda adapter: str(adapter._api._access._token),
    ticket="TR1",
    calls="* /v1/*",
    heading="Mock P",
    name_field="name",
    odd_changes=(
        {"name": 5},
        {"description": None},
        {"images": "a"},
        {"attributes": [{"name": "A"}]},
        {"variants": [{"sku": "SP-00001-1", "price": "50000"}]},
        {"variants": [{"sku": "SP-00001-1", "other": 1}]},
        {"ocop_claim": {"stars": 3}},
        {"rating_average": "4,5"},
        {"client_ref": "\ud83c"},
    ),
    fields=(
        *("access_token", "expires_in", "track_id", "state", "id", "version"),
        *("external_id", "data", "paging", "current_page", "last_page", "per_page"),
        *("product_id", "reasons", "events", "ack_id", "type", "at", "errors"),
        *("client_ref", "seller_external_id", "name", "category", "description"),
        *("attributes", "images", "trace_url", "variants", "ocop_claim"),
        *("sku", "pack", "price", "quantity", "gtin", "weight_g", "stars"),
        *("decision", "valid_to", "seller_name", "rating_average", "order_line"),
    ),
    longest_answer="adapters.postmart.adapter._LONGEST_ANSWER",
    long_pages={10: 20_000, 2: 13_000, 1: 9_700},
    own_names=("id", "client_ref"),
    around=(
        '{"data": [',
        '], "paging": {"total": 1, "current_page": 1, "per_page": 1, "last_page": 1}}',
    ),
    other_end=(
        '"paging": {"total": 9, "current_page": 1, "per_page": 1, "last_page": 9}'
    ),
    read_long=read_long,
    error_code=r'(?:problem|complain)\((?:\s*(?:name|"\w+"),)?\s*"([a-z_]+)"',
    read_answer=read_answer,
    count_pushed=count_pushed,
    sends=sends,
    headers=headers,
    read_foreign=read_foreign,
    spell=dict,
)
