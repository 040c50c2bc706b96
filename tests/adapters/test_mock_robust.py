"""No body, header or path makes a mock fail by itself: 5xx is for faults alone."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from yarl import URL

from tests.adapters.calls import Open
from tests.adapters.samples import Sample, read_samples
from tests.adapters.traits import NAMES

BODIES: Final = (
    b"",
    b"null",
    b"[]",
    b"\xff",
    b"{",
    b'{"name": NaN}',
    "{}".encode("utf-16"),
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"x": ' + b"9" * 5_000 + b"}",
)
ODD: Final[Sequence[Any]] = (
    None,
    "",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    [None],
    [{}],
    10**30,
    "\x00",
    "٣",
)
PATHS: Final = ("", "/", "//", "/%00", "/%ff", "/..%2f", "/a/b", "?a=%ff&a=%00&=&&")


def calls_of(name: str) -> list[Sample]:
    """Return the fullest sample of each call of the API that has a body of fields."""
    found: dict[str, Sample] = {}
    for sample in read_samples(name):
        if "/_mock/" not in sample.call and isinstance(sample.request.json, dict):
            known = found.setdefault(sample.call, sample)
            found[sample.call] = max(known, sample, key=_length)
    return list(found.values())


def _length(sample: Sample) -> int:
    return len(sample.request.body)


@pytest.mark.parametrize("name", NAMES)
async def test_no_body_makes_a_call_fail(opened: Open, name: str) -> None:
    market = await opened(name)
    await market.bench.publish()
    send = await market.traits.sends(market.bench)
    samples = calls_of(name)
    assert len(samples) >= 7
    for sample in samples:
        whole = sample.request.json
        bodies = [*BODIES]
        for field in whole:
            bodies += [json.dumps({**whole, field: odd}).encode() for odd in ODD]
            inner = whole[field]
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                bodies += [
                    json.dumps({**whole, field: [{**inner[0], key: odd}]}).encode()
                    for key in inner[0]
                    for odd in ODD
                ]
        for body in bodies:
            status = await send(sample, body)
            assert status < 500, (sample.call, body[:200])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE"])
async def test_no_path_makes_a_mock_fail(opened: Open, name: str, method: str) -> None:
    market = await opened(name)
    headers = await market.traits.headers(market.bench)
    roots = ["/", "/v1/products", "/v1/tracking", "/v2/product/list", "/_mock", "/x"]
    for path in [f"{root}{tail}" for root in roots for tail in PATHS]:
        url = URL(
            str(market.bench.server.make_url("")).rstrip("/") + path, encoded=True
        )
        async with market.bench.session.request(
            method, url, headers=headers
        ) as response:
            assert response.status < 500, path
