"""Worklists as tables: their columns, and how an entry is written in one row.

The last columns are those of every exported sheet: SKUs and the stamp, so that a list
that somebody has written into can be imported.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, Generic, TypeVar

from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.heading import EXPORT_STAMP, heading_of
from catalog.queries.worklists import Ending, Lack
from catalog.spreadsheet.table_files import write_table

Each = TypeVar("Each", bound=Ending | Lack)
"""An entry of a worklist."""

STATES: Final = {
    "missing": "không có / missing",
    "expired": "hết hạn / expired",
    "unknown": "chưa ai xác nhận / unknown",
}
"""How a paper stands that is missing."""
BLOCKED: Final = "không được bán / blocked"
WAITS: Final = "chờ / held"


@dataclass(frozen=True, slots=True)
class WorklistTable(Generic[Each]):
    """How a worklist is written as a table.

    Attributes:
        title: The name of its sheet in a workbook.
        columns: The heading of each, and its width in characters.
        row: Makes a row.
    """

    title: str
    columns: Sequence[tuple[str, int]]
    row: Callable[[Each], Sequence[object]]

    def write(
        self, stream: BinaryIO, kind: str, found: Iterable[Each], now: datetime
    ) -> None:
        """Write *found* as a file of *kind*, stamped with *now*, the present."""
        # A list is a source of its own: it names few, and misses none.
        stamp = Stamp(now, self.title).by_the_clock
        rows = ((*self.row(each), ", ".join(each.skus), stamp) for each in found)
        write_table(stream, kind, self.title, [*self.columns, *_EXPORTED], rows)


def _ending_row(each: Ending) -> Sequence[object]:
    return (
        each.ends_on,
        each.days_left,
        each.notify_by,
        "trễ / late" if each.late else "",
        each.product_id,
        each.product,
        each.producer,
        each.stars,
        each.decision,
    )


def _lack_row(each: Lack) -> Sequence[object]:
    return (
        each.product_id,
        each.product,
        each.producer,
        each.paper.vi,
        STATES[each.state],
        each.since,
        BLOCKED if each.blocks else WAITS,
        str(each.todo),
    )


_EXPORTED: Final = (("SKU", 24), (heading_of(EXPORT_STAMP), 26))
_EXPIRING: Final = (
    ("ngày hết hạn / ends on", 14),
    ("còn (ngày) / days left", 10),
    ("báo cơ sở chậm nhất / tell the maker by", 16),
    ("đã trễ? / late?", 10),
    ("mã / id", 12),
    ("sản phẩm / product", 40),
    ("cơ sở / producer", 40),
    ("sao / stars", 8),
    ("quyết định / decision", 20),
)
_MISSING: Final = (
    ("mã / id", 12),
    ("sản phẩm / product", 40),
    ("cơ sở / producer", 40),
    ("giấy tờ / paper", 40),
    ("tình trạng / state", 16),
    ("từ ngày / since", 14),
    ("hệ quả / so it is", 16),
    ("phải làm / to do", 60),
)

ENDS: Final[WorklistTable[Ending]] = WorklistTable(
    "Sắp hết hạn", _EXPIRING, _ending_row
)
LACKS: Final[WorklistTable[Lack]] = WorklistTable("Thiếu giấy tờ", _MISSING, _lack_row)
