"""An import of which most rows are wrong: all is told, and little of it is held."""

import gc
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.overflow import Growing
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.row import Problem
from catalog.feed.write import value_copy
from catalog.feed.write.annotated import annotate
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport, in_order
from catalog.spreadsheet.annotations import Remark
from catalog.spreadsheet.workbook import open_workbook
from tests.catalog_database import NOW, as_csv
from tests.factories import person

HELD = 5
"""Problems that memory may hold here, of each list."""


@pytest.fixture
def few_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Growing.__init__, "__defaults__", ((), HELD))


def wrong(count: int) -> Iterable[dict[str, str]]:
    """Yield rows of which each has a price that is none, and every other no stars."""
    for n in range(count):
        stars = "4" if n % 2 else "chín"
        yield {"name": f"Chè Mẫu {n}", "price_vnd": f"giá {n}", "stars": stars}


async def imported(
    conn: AsyncConnection,
    *rows: Mapping[str, object],
    confirmed: Confirmation | None = None,
    told: Callable[[int], object] = bool,
) -> ImportReport:
    """Import *rows* as one file."""
    feed = open_feed(as_csv(*rows))
    return await import_feed(
        conn,
        feed.rows,
        now=NOW,
        source="bảng mẫu",
        confirmed=confirmed,
        progress=told,
    )


@pytest.fixture
def new_objects_alone() -> Iterator[None]:
    """Have the garbage collector go through nothing but what a test makes."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()  # as in `tests/conftest.py`


def problems_in_memory() -> set[int]:
    gc.collect()
    kinds = {Problem, Remark}
    return {id(each) for each in gc.get_objects() if type(each) in kinds}


@pytest.mark.usefixtures("few_in_memory", "new_objects_alone")
@pytest.mark.parametrize("count", [20, 80])
async def test_memory_does_not_grow_with_the_problems(
    conn: AsyncConnection, count: int
) -> None:
    held = list[int]()

    def note(rows: int) -> None:
        del rows
        held.append(len(problems_in_memory()))

    report = await imported(conn, *wrong(count), told=note)

    assert len(report.problems) == count + count // 2
    assert max(held) <= HELD
    assert len(problems_in_memory()) <= 2 * HELD


async def told(conn: AsyncConnection) -> tuple[ImportReport, list[Problem]]:
    report = await imported(conn, *wrong(30))
    return report, list(report.problems)


async def test_a_report_tells_the_same_wherever_its_problems_lie(
    conn: AsyncConnection, request: pytest.FixtureRequest
) -> None:
    held, as_held = await told(conn)
    request.getfixturevalue("few_in_memory")
    kept, as_kept = await told(conn)

    assert as_kept == as_held
    assert (kept.counted, kept.waits, kept.has_bad_rows) == (
        held.counted,
        held.waits,
        held.has_bad_rows,
    )
    assert [each.row for each in as_kept] == sorted(each.row for each in as_kept)


@pytest.mark.usefixtures("few_in_memory")
async def test_what_a_person_confirms_is_no_problem_any_more_wherever_it_lies(
    conn: AsyncConnection,
) -> None:
    names = [f"Chè Mẫu {n}" for n in range(10)]
    await imported(conn, *({"name": each, "price_vnd": "50000"} for each in names))
    dearer = [{"name": each, "price_vnd": "5000000"} for each in names]
    dearer.append({"name": "Trà Mẫu", "price_vnd": "giá nào"})

    asked = await imported(conn, *dearer)
    confirmed = Confirmation(token=asked.token, by=person("Bà Mẫu"))
    report = await imported(conn, *dearer, confirmed=confirmed)

    assert len(asked.problems) == len(names) + 1
    assert [(each.row, each.column) for each in report.problems] == [(12, "price_vnd")]


@pytest.mark.usefixtures("few_in_memory")
def test_problems_come_sheet_by_sheet_and_by_row_wherever_they_lie() -> None:
    said = [("B", 9), ("B", 0), ("A", 2), ("B", 4), ("A", 0), ("B", 9), ("A", 1)]
    problems = [
        Problem(sheet=sheet, row=row, vi=f"lỗi {n}", en=f"problem {n}")
        for n, (sheet, row) in enumerate(said)
    ]

    told = [each.vi.removeprefix("lỗi ") for each in in_order(iter(problems))]

    assert told == ["1", "3", "0", "5", "4", "6", "2"]


class _Watched(io.BytesIO):
    """A file that counts the problems and remarks in memory while it is written."""

    def __init__(self, before: set[int]) -> None:
        super().__init__()
        self._before = before
        self.held = 0

    def write(self, data: Any) -> int:
        self.held = max(self.held, len(problems_in_memory() - self._before))
        return super().write(data)


@pytest.mark.usefixtures("few_in_memory", "new_objects_alone")
@pytest.mark.parametrize("count", [20, 80])
async def test_an_annotated_copy_holds_few_of_the_problems(
    conn: AsyncConnection, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(value_copy, "MOST_REMARKS", HELD)
    rows = list(wrong(count))
    report = await imported(conn, *rows)
    file = as_csv(*rows)
    feed, out = open_feed(file), _Watched(problems_in_memory())

    annotate(feed, report.problems, out, original=file)

    assert out.held <= 4 * HELD
    table, listing = open_workbook(io.BytesIO(out.getvalue())).sheets
    assert len(list(table.lines())) == count + 1
    assert len(list(listing.lines())) == len(report.problems) + 1
