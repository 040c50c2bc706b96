"""The imports as a file: every attempt, with what came of it."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from catalog.eligibility import Text
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.pages.import_words import OUTCOMES
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.uploads import reports_page


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Số báo cáo", "Report no."), 10),
        (Text("Lúc (giờ Việt Nam)", "At (Vietnam's time)"), 18),
        (Text("Bảng", "Sheet"), 40),
        (Text("Nguồn", "Source"), 24),
        (Text("Người gửi", "Sent by"), 24),
        (Text("Kết quả", "Outcome"), 24),
        (Text("Chỗ phải xem", "Problems"), 12),
        (Text("Nội dung xóa lúc", "Content erased at"), 18),
    )


async def _rows(deployment: Deployment, _: object) -> AsyncIterator[Sequence[ListRow]]:
    before: int | None = None
    while True:
        found = await reports_page(
            deployment, before=before, size=CHUNK, reach=WHOLE_CATALOG
        )
        rows = []
        for each in found.reports:
            told = each.told or {}
            cells = (
                each.id,
                each.made_at,
                each.file,
                each.source or None,
                told.get("by") or None,
                OUTCOMES[each.outcome][0],
                told.get("problems"),
                each.erased_at,
            )
            rows.append(ListRow(cells))
        yield rows
        before = found.last
        if before is None:
            return


IMPORTS_FILE: Final = ListFile(
    name="lan-nap",
    title=Text("Lần nạp", "Imports"),
    columns=_columns,
    rows=_rows,
    of_marketplaces=False,
)
"""Every attempt to import a sheet; nothing is chosen."""
