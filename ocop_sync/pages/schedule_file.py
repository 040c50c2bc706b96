"""The schedules as a file."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.forms.schedules import schedule_form
from ocop_sync.pages.schedule_rows import ScheduleRow, office_of, row_of
from ocop_sync.pages.written_list import Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.schedules.show import list_schedules


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Lịch", "Schedule"), 24),
        (Text("Việc", "Work"), 40),
        (Text("Chạy khi nào (giờ Việt Nam)", "When (Vietnam's time)"), 40),
        (Text("Lần tới", "Next run"), 18),
        (Text("Tình trạng", "State"), 24),
        (Text("Lần cuối", "Last run"), 24),
        (Text("Xong lúc", "Ended at"), 18),
        (Text("Vì sao", "Why"), 60),
    )


async def _rows(deployment: Deployment, _: object) -> AsyncIterator[Sequence[ListRow]]:
    found = await list_schedules(office_of(deployment))
    yield [_row(row_of(schedule_form(each))) for each in found.schedules]


def _row(row: ScheduleRow) -> ListRow:
    of = row.schedule
    cells = (
        of.name,
        row.work,
        row.times,
        of.next[0] if of.next else None,
        row.state[0],
        row.ended[0] if row.ended else None,
        of.last.ended_at if of.last else None,
        row.reason,
    )
    return ListRow(cells)


SCHEDULES_FILE: Final = ListFile(
    name="lich",
    title=Text("Lịch", "Schedules"),
    columns=_columns,
    rows=_rows,
    of_marketplaces=False,
)
"""All schedules; nothing is chosen."""
