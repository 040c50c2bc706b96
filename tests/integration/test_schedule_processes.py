"""Three processes run schedules on one PostgreSQL: one is killed, another suspended.

`benchmarks/schedules.py` does the same with thousands of runs.
"""

import random
from datetime import timedelta

import pytest

from benchmarks.schedules import Trial
from tests.postgres import Server

pytestmark = pytest.mark.slow


async def test_each_due_time_is_dealt_with_once_whoever_dies_or_sleeps(
    postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres.database() as url:
        trial = Trial(
            url,
            count=12,
            firings=100,
            drawn=random.Random(1),  # noqa: S311  (no secret)
            lease=timedelta(seconds=1),
        )
        code = await trial.run()

    assert code == 0, capsys.readouterr().out
    assert trial.kills > 0
    assert trial.suspensions > 0
