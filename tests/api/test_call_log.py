"""The lines that a call leaves in the log: one for itself, and all with its subject."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ocop_sync.log import configure_log
from ocop_sync.service.identity import links
from ocop_sync.service.queries import explain
from tests.api.doors import NAME, Door
from tests.api.served import Served
from tests.identity import BOSS, PASSWORD
from tests.world import World, entry


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, as JSON; but for aiohttp's own lines of the tests' server.

    `serve` has none of these: `tests/e2e/test_serve.py` looks at all that it writes.
    """
    monkeypatch.setattr(logging.getLogger("aiohttp.access"), "disabled", True)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_log(level="DEBUG", as_json=True, stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def lines(log: io.StringIO, message: str = "answered") -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in found if line["message"] == message]


@pytest.mark.parametrize(
    "given", ["yeu-cau-0001", "4bf92f3577b34da6a3ce929d0e0e4736", "a" * 64]
)
async def test_an_identifier_that_a_caller_gives_is_given_back_and_logged(
    served: Served, log: io.StringIO, given: str
) -> None:
    answer = await served.call("GET", "/health/live", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] == given
    (line,) = lines(log)
    assert line["request_id"] == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ngan",
        "a" * 65,
        "x y z 1 2 3",
        "<script>alert</script>",
        "../../etc",
        "số-1234567",
    ],
)
async def test_any_other_identifier_is_replaced(
    served: Served, log: io.StringIO, given: str
) -> None:
    headers = {"X-Request-Id": given.encode().decode("latin-1")}
    answer = await served.call("GET", "/health/live", headers=headers)

    ours = answer.headers["X-Request-Id"]
    assert len(ours) == 32
    assert [line["request_id"] for line in lines(log)] == [ours]
    assert not given or given not in log.getvalue()


async def test_what_a_use_case_logs_has_the_call_and_its_product(
    world: World,
    served: Served,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(*_: object) -> None:
        raise ValueError

    await world.save(entry(1))
    await served.call("GET", "/api/v1/products/SP-00001", "admin")
    monkeypatch.setattr(explain, "evaluate", wrong)
    answer = await served.call("GET", "/api/v1/products/SP-00001/why", "admin")

    (within,) = lines(log, "a product could not be evaluated")
    assert within["request_id"] == answer.headers["X-Request-Id"]
    assert within["product"] == "SP-00001"
    assert [(e["route"], e["product"]) for e in lines(log)] == [
        ("/api/v1/products/{code}", "SP-00001"),
        ("/api/v1/products/{code}/why", "SP-00001"),
    ]


async def test_what_looks_like_no_identifier_is_not_logged_as_one(
    served: Served, log: io.StringIO
) -> None:
    await served.call("GET", "/api/v1/products/Bà Mẫu 0912", "admin")

    (line,) = lines(log)
    assert "product" not in line
    assert "0912" not in log.getvalue()


async def test_nothing_by_which_somebody_signs_in_is_logged(
    door: Door, log: io.StringIO
) -> None:
    await door.office.add(NAME)
    key = await door.key()
    made = await links.make_link(door.office.identity, "CS-0001", by=BOSS)
    browser = door.browser()
    await browser.get(f"/link/{made.token}?token={made.token}")
    assert await browser.sign_in() == 303
    await door.bearer(key, f"/api/v1/me?key={key}")
    await door.client.get(f"/khong-co/{key}")

    text = log.getvalue()
    assert len(lines(log)) == 5
    for secret in (key, made.token, PASSWORD, *browser.cookies.values()):
        assert secret not in text
