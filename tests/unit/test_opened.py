"""A use case that writes is of the instant at which its transaction has begun."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import click

from ocop_sync.cli.app.opened import write_catalog
from ocop_sync.clock import Time
from ocop_sync.settings import DatabaseSettings, Settings

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


async def no_sleep(seconds: float) -> None:
    del seconds


async def test_the_clock_is_asked_when_nobody_else_can_write_any_more(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ocop.db"
    others: list[str] = []

    def clock() -> datetime:
        with sqlite3.connect(file, timeout=0, isolation_level=None) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                others.append(str(error))
        other.close()
        return AT

    async def work(conn: object, *, now: datetime) -> datetime:
        del conn
        return now

    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{file}"))
    time = Time(clock=clock, seconds=lambda: 0.0, sleep=no_sleep)
    with click.Context(click.Command("thử"), obj=time):
        assert await write_catalog(settings, work) == AT

    assert others == ["database is locked"]
