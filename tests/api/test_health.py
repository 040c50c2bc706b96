"""Whether the service lives, and whether it takes calls."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from ocop_sync.service.run.heartbeat import Pulse
from tests.api.served import Served


async def test_a_process_that_is_up_says_so_to_everybody(served: Served) -> None:
    assert await served.get("/health/live") == {"status": "ok"}


async def test_a_service_whose_database_answers_is_ready(served: Served) -> None:
    without = await served.get("/health/ready")
    pulse = Pulse(served.world.deployment, "một", timedelta(minutes=1))
    await pulse.beat()
    alive = await served.get("/health/ready")
    served.world.time.pass_(minutes=6)
    silent = await served.get("/health/ready")

    assert without == {"status": "ok", "worker": "never"}
    assert alive == {"status": "ok", "worker": "ok"}
    assert silent == {"status": "ok", "worker": "silent"}


async def test_the_log_of_a_day_is_not_full_of_questions_after_health(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await served.get("/health/live")
        await served.get("/api/v1/marketplaces", "viewer")

    told = [each.levelno for each in caplog.records if each.message == "answered"]
    assert told == [logging.DEBUG, logging.INFO]


async def test_a_service_that_was_told_to_stop_is_not_ready(served: Served) -> None:
    served.world.deployment.stop.ask("SIGTERM")

    answer = await served.call("GET", "/health/ready")
    assert (answer.status, (await answer.json())["code"]) == (503, "unavailable")
    assert await served.get("/health/live") == {"status": "ok"}


async def test_a_service_whose_database_is_gone_is_not_ready(
    served: Served, tmp_path: Path
) -> None:
    await served.get("/health/ready")
    file = served.world.database._file
    assert file is not None
    file.rename(tmp_path / "moved")
    try:
        answer = await served.call("GET", "/health/ready")
    finally:
        (tmp_path / "moved").rename(file)

    assert answer.status == 503
