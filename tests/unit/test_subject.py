"""The subject of what goes on reaches each line that is logged meanwhile."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ocop_sync.log import configure_log
from ocop_sync.subject import about, subject

_log = logging.getLogger("ocop_sync.thử")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_log(as_json=True, stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def fields(log: io.StringIO) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    known = ("time", "level", "logger", "message")
    return [{k: v for k, v in line.items() if k not in known} for line in found]


def test_a_line_has_the_subject_around_it_and_none_afterwards(log: io.StringIO) -> None:
    with about(run="r1", account="a-1"):
        with about(product="SP-00001"):
            _log.info("trong")
        _log.info("ngoài", extra={"account": "a-2"})
    _log.info("sau")

    assert fields(log) == [
        {"run": "r1", "account": "a-1", "product": "SP-00001"},
        {"account": "a-2", "run": "r1"},
        {},
    ]


async def test_tasks_side_by_side_have_a_subject_each(log: io.StringIO) -> None:
    async def work(account: str) -> None:
        with about(account=account):
            await asyncio.sleep(0)
            _log.info("đang làm")

    with about(run="r1"):
        await asyncio.gather(work("a-1"), work("a-2"))

    assert fields(log) == [
        {"run": "r1", "account": "a-1"},
        {"run": "r1", "account": "a-2"},
    ]


def test_it_ends_with_an_error_as_well() -> None:
    with pytest.raises(ValueError, match="x"), about(run="r1"):
        raise ValueError("x")  # noqa: EM101

    assert dict(subject()) == {}
