"""Three processes run schedules on one PostgreSQL: one is killed, another suspended.

`benchmarks/schedules.py` does the same with thousands of runs.
"""

import random
from datetime import timedelta

import pytest

from benchmarks.schedules import AFTER_ANOTHER, TABLES, Trial, rows, write
from ocop_sync.store.db.database import Database
from tests.postgres import Server


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("begun", "late"),
    [
        pytest.param("ab", 1, id="another one had begun it"),
        pytest.param("aba", 0, id="and it had taken it back since"),
        pytest.param("ba", 0, id="it had taken it over itself"),
    ],
)
async def test_what_is_written_late_is_told_from_what_was_taken_back(
    postgres: Server, begun: str, late: int
) -> None:
    with postgres.database() as url:
        database = Database(url)
        for each in TABLES:
            await write(database, each)
        for table, holder in [
            *(("work_begun", each) for each in begun),
            ("work_done", "a"),
        ]:
            statement = f"INSERT INTO {table} VALUES ('s', '2026-01-01', :holder)"  # noqa: S608  (no outside text)
            await write(database, statement, holder=holder)

        found = await rows(database, AFTER_ANOTHER)
        for each in TABLES:
            await write(database, f"DROP TABLE {each.split()[2]}")
        await database.close()

    assert len(found) == late
