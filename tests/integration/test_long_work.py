"""What computes for long is carried out in a process beside the API."""

import asyncio
import os
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from catalog.errors import FeedError, HeldPriceError
from catalog.model.reach import WHOLE_CATALOG
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.cli.beside_api import long_work
from ocop_sync.cli.beside_api.frames import Raised
from ocop_sync.cli.beside_api.long_work import LongWorkProcess
from ocop_sync.clock import system_clock
from ocop_sync.errors import (
    LongWorkDiedError,
    QuestionError,
    SyncInProgressError,
    TooMuchLongWorkError,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.uploads import Sheet, import_sheet
from ocop_sync.service.queries.coverage_outlook import outlook
from ocop_sync.settings import DatabaseSettings, Settings
from ocop_sync.store.db.schema import upgrade
from tests.factories import person

SHEET = "name,producer_name,pack,price_vnd\nMẫu,Cơ sở Mẫu 001,Gói,50000\n"


class Deadly:
    """A value that ends the process in which it arrives."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.abort, ()


async def test_long_work_is_done_elsewhere_and_its_errors_are_raised_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/ocop.db"
    await upgrade(url)
    file = tmp_path / "sheet.csv"
    file.write_text(SHEET, "utf-8")
    sheet = Sheet(path=file, name="sheet.csv")
    doing = Doing(by=person("Lê B"), reach=WHOLE_CATALOG)
    today = day_in_vietnam(system_clock())

    async with aclosing(
        LongWorkProcess(Settings(database=DatabaseSettings(url=url)))
    ) as work:
        report = await work.do(import_sheet, sheet, doing)
        ahead = await work.do(outlook, today + timedelta(days=30))
        with pytest.raises(QuestionError, match="is over"):
            await work.do(outlook, today - timedelta(days=1))
        file.write_bytes(b"")
        with pytest.raises(FeedError) as refused:
            await work.do(import_sheet, sheet, doing)
        pausing = asyncio.ensure_future(work.do(Deployment.pause, 600))
        monkeypatch.setattr(long_work, "AT_ONCE", 1)
        await asyncio.sleep(0)
        with pytest.raises(TooMuchLongWorkError):
            await work.do(outlook, today)
        monkeypatch.undo()
        with pytest.raises(LongWorkDiedError):
            await work.do(Deployment.pause, cast("float", Deadly()))
        with pytest.raises(LongWorkDiedError):
            await pausing

    assert report.told is not None
    assert report.told["totals"]["created"] == 1
    assert sum(ahead.now.values()) == 1
    assert refused.value.problems


@pytest.mark.parametrize(
    "error",
    [
        FeedError(["dòng 2"]),
        HeldPriceError("X", before=1, after=9, token="", why=("vi", "en")),
        SyncInProgressError("postmart", "máy, pid 1"),
        ExceptionGroup("two", [ValueError("a"), KeyError("b")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_at_the_other_end(error: Exception) -> None:
    found = Raised(error).error()

    assert (type(found), str(found)) == (type(error), str(error))
    assert found.__dict__ == error.__dict__
