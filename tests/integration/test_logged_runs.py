"""What a run logs says in which run, at which account and of which product."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ocop_sync.errors import UnavailableError
from ocop_sync.log import configure_log
from ocop_sync.service.run.run_log import log_synced
from tests.world import World, entry


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_log(as_json=True, stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def first(log: io.StringIO, message: str) -> dict[str, Any]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return next(line for line in found if line["message"] == message)


async def test_a_mistake_of_an_adapter_names_the_product_that_it_was_sent(
    world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mistaken(_: object) -> None:
        raise ValueError

    monkeypatch.setattr(world.market, "create", mistaken)
    await world.save(entry(2))

    report = await world.sync()
    log_synced(report)

    wrong = first(log, "an adapter failed in a way that the port does not know")
    assert wrong["run"] == f"{report.run}:memory"
    assert (wrong["account"], wrong["product"]) == ("memory", "SP-00002")
    assert first(log, "synced with failures")["run"] == report.run


async def test_what_is_logged_while_sales_are_read_names_run_and_account(
    world: World, log: io.StringIO
) -> None:
    world.market.script("events", UnavailableError("x"), times=3)

    report = await world.sync()

    line = first(log, "sales not known")
    assert (line["run"], line["account"]) == (f"{report.run}:memory", "memory")
