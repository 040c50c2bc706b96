"""The pages under `/_mock/` of every mock are those of `docs/mocks/control.md`."""

import io
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import pytest

from tests.adapters.calls import Market, Open
from tests.adapters.documents import codes_in, read_table
from tests.adapters.traits import NAMES, traits_of

PAGES: Final = read_table("control", "page", "")
ERRORS: Final = read_table("control", "status", "when")
OWN: Final = frozenset().union(*(traits_of(name).pages for name in NAMES))
"""Pages that only some mocks have."""
BOTH: Final = pytest.mark.parametrize("name", NAMES)


def documented() -> set[str]:
    """Return method and page of each row."""
    found = set()
    for row in PAGES:
        method = "POST"
        for words in codes_in(row["page"]):
            named = re.match(r"(?:(POST|GET|DELETE) )?([a-z_]+(?:/\{id\})?)", words)
            if named:
                method = named[1] or method
                found.add(f"{method} {named[2]}")
    return found - {"POST advance_s"}


@BOTH
async def test_each_page_of_the_document_is_there_and_no_other(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    app = market.bench.server.app
    there = {
        f"{route.method} {route.resource.canonical.removeprefix('/_mock/')}"
        for route in app.router.routes()
        if route.resource and route.resource.canonical.startswith("/_mock")
    }
    for resource in app.router.resources():
        if resource.canonical == "/_mock":
            there |= {
                f"{route.method} {route.resource.canonical.removeprefix('/_mock/')}"
                for route in resource
                if route.resource
            }

    said = documented() - (OWN - market.traits.pages)
    there = {each.replace("{number}", "{id}") for each in there}
    assert {each for each in there if not each.startswith("HEAD")} == said


@BOTH
async def test_each_operation_that_a_fault_may_name_is_in_the_document(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    heading = market.traits.heading
    there = {
        route.name: f"{route.method} {route.resource.canonical}"
        for route in market.bench.server.app.router.routes()
        if route.name and route.resource
    }

    said = [
        codes_in(f"{row[heading]} {row['']}")
        for row in read_table("control", heading, "")
    ]

    assert {row[0]: row[1] for row in said} == there


async def ask(
    market: Market, page: str, body: bytes = b"{}", method: str = "POST", **headers: str
) -> tuple[int, Any]:
    """Ask for a page; return status and value of the answer."""
    url = market.bench.server.make_url(f"/_mock/{page}")
    async with market.bench.session.request(
        method, url, data=io.BytesIO(body), headers=headers
    ) as response:
        return response.status, await response.json()


Provoke = Callable[[Market], Awaitable[tuple[int, Any]]]


def asking(page: str, body: bytes = b"{}", header: str = "") -> Provoke:
    name, _, value = header.partition(": ")
    headers = {name: value} if name else {}
    return lambda market: ask(market, page, body, **headers)


async def no_address(market: Market) -> tuple[int, Any]:
    body = json.dumps({"code": market.traits.shop, "url": "http://xn--/"}).encode()
    return await ask(market, "pushes", body)


PROVOKED: Final[Mapping[int, tuple[Provoke, ...]]] = {
    403: (asking("approve", header="Origin: http://mau.example"),),
    404: (
        asking("approve", b'{"ref": "404"}'),
        asking("nothing"),
        asking("pushes", b'{"code": "404", "url": "http://127.0.0.1:1/"}'),
    ),
    405: (lambda market: ask(market, "approve", method="GET"),),
    413: (asking("approve", b" " * 4_000_001),),
    415: (asking("approve", header="Content-Encoding: compress"),),
    422: (
        *(asking("approve", body) for body in (b"{", b"[]", b"\xff", b"null")),
        asking("approve", b"[" * 100_000),
        asking("approve"),
        asking("clock", b'{"now": "2026-11-24"}'),
        asking("clock", b'{"now": "9999-12-31T23:59:59+00:00"}'),
        asking("clock", b'{"now": "0001-01-01T00:00:00+07:00"}'),
        asking("clock", b'{"advance_s": 1e308}'),
        no_address,
        asking("clock", b'{"advance_s": NaN}'),
        asking("sell", b'{"ref": "SP-00001", "sku": "A", "quantity": "hai"}'),
    ),
}


@BOTH
async def test_each_error_of_the_table_comes_when_it_says(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    before = (await market.bench.look("clock"))["now"]

    assert sorted(PROVOKED) == [int(row["status"]) for row in ERRORS]
    for status, provokes in PROVOKED.items():
        for number, provoke in enumerate(provokes):
            found, answer = await provoke(market)
            assert found == status, (status, number)
            assert set(answer) == {"error"}
            assert answer["error"]
    assert (await market.bench.look("clock"))["now"] == before


@BOTH
async def test_people_enter_no_value_of_another_kind(opened: Open, name: str) -> None:
    market = await opened(name)
    ref = await market.bench.publish()
    before = await market.bench.look("state")
    for changes in market.traits.odd_changes:
        async with market.bench.session.post(
            market.bench.server.make_url("/_mock/edit"),
            json={"ref": ref, "changes": changes},
        ) as response:
            assert response.status == 422, changes

    assert await market.bench.look("state") == before
