"""The worklist as a file: the same things in the same sentences, in the same order."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from catalog.model.reach import Reach
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.pages.counted_rows import NOT_EVALUATED
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.worklist_rows import WorkRow, rows_of
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.department.all_work import AllWork, all_work
from ocop_sync.service.department.work_filter import WorkFilter, narrowed
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import is_simulated


@dataclass(frozen=True, slots=True)
class ChosenWork:
    """Which of all that waits, of what somebody may see."""

    filter: WorkFilter
    reach: Reach


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Loại việc", "Kind"), 20),
        (Text("Việc", "Matter"), 50),
        (Text("Vì sao", "Why"), 50),
        (Text("Sàn trả lời", "The marketplace says"), 40),
        (Text("Hệ quả", "What follows"), 50),
        (Text("Phải làm", "To do"), 50),
        (Text("Hạn", "Due"), 14),
        (Text("Chờ từ ngày", "Waits since"), 14),
        (Text("Sàn", "Marketplace"), 14),
        (Text("Mã", "Code"), 14),
        (Text("Mã cơ sở", "Producer's code"), 14),
        (Text("Cơ sở", "Producer"), 40),
    )


async def _rows(
    deployment: Deployment, chosen: ChosenWork
) -> AsyncIterator[Sequence[ListRow]]:
    found = narrowed(await all_work(deployment, chosen.reach), chosen.filter)
    items = found.items
    for start in range(0, len(items), CHUNK):
        shown = await rows_of(deployment, items[start : start + CHUNK])
        yield [_row(deployment, found, each) for each in shown]
    nothing = (None,) * 7
    yield [
        ListRow((NOT_EVALUATED, None, *nothing, code, None, None), deployment.simulated)
        for code in found.faulty
    ]


def _row(deployment: Deployment, found: AllWork, row: WorkRow) -> ListRow:
    item = row.item
    cells = (
        row.tag,
        row.title,
        row.why,
        "; ".join(row.said) or None,
        row.follows,
        row.todo,
        row.due,
        day_in_vietnam(item.since) if item.since else None,
        marketplace_name(item.marketplace) or None,
        row.code or None,
        item.producer or None,
        found.producers.get(item.producer),
    )
    at_mock = is_simulated(deployment, item.marketplace, ())
    return ListRow(cells, at_mock or (not item.marketplace and deployment.simulated))


WORK_FILE: Final = ListFile(
    name="viec-can-lam",
    title=Text("Việc cần làm", "Worklist"),
    columns=_columns,
    rows=_rows,
)
"""All that waits for a person; chosen by a `ChosenWork`."""
