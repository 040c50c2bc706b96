"""Prices and stock of many packs as a sheet: XLSX or CSV, a pack on each line.

Headings are those of the catalog's sheets, in either language (`sku`, `price_vnd`,
`on_hand`, `counted_at`), and `seen_price_vnd`, `quantity`, `reason` and `token` of the
API. Every cell that cannot be read is named; then nothing is entered.
"""

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Final

from catalog.commands.offers import OfferEntry
from catalog.commands.price import PriceEntry
from catalog.commands.stock import AdjustmentEntry, CountEntry
from catalog.commands.update import MAX_COUNT, MAX_PRICE_VND
from catalog.errors import FieldProblem, FieldsError, refusal
from catalog.feed.cells.cell import CellError, choice, instant, integer, text
from catalog.feed.headings.heading import find_heading
from catalog.feed.rows.file_format import ZIP, refuse_others, size_and_start
from catalog.model.adjustment import AdjustmentReason
from catalog.spreadsheet.delimited import open_delimited
from catalog.spreadsheet.line import Line, Sheet
from catalog.spreadsheet.workbook import open_workbook

MOST_ROWS: Final = 20_000
"""Lines of one sheet: more are a catalog, which is imported."""

_READERS: Final[Mapping[str, Any]] = {
    "sku": text(48),
    "price_vnd": integer(1, MAX_PRICE_VND),
    "seen_price_vnd": integer(0, MAX_PRICE_VND),
    "on_hand": integer(0, MAX_COUNT),
    "counted_at": instant,
    "quantity": integer(1, MAX_COUNT),
    "reason": choice(AdjustmentReason, "mới làm", "bán nơi khác", "hỏng"),
    "token": text(64),
}
_OWN: Final = frozenset({"seen_price_vnd", "quantity", "reason", "token"})


def read_offers(stream: BinaryIO) -> list[OfferEntry]:
    """Return what a sheet enters, a pack on each line; the stream can be searched.

    Raises:
        FeedError: It is no sheet, or names no SKU.
        FieldsError: Cells cannot be read, or a pack is named twice; all are named.
    """
    lines = iter(_sheet(stream).lines())
    columns = _columns(lines)
    found: dict[str, OfferEntry] = {}
    problems: list[FieldProblem] = []
    for line in lines:
        values = _values(line, columns, problems)
        if not values:
            continue
        sku = values.get("sku", "")
        if not sku or sku in found:
            problems.append(FieldProblem(f"{line.number}.sku", *_NO_SKU))
            continue
        found[sku] = _entry(sku, values)
        if len(found) > MOST_ROWS:
            raise refusal(
                vi=f"nhiều hơn {MOST_ROWS} dòng: hãy nạp như danh mục",
                en=f"more than {MOST_ROWS} lines: import it as a catalog",
            )
    if problems:
        raise FieldsError(problems)
    return list(found.values())


_NO_SKU: Final = (
    "mỗi dòng cần một mã hàng, và mỗi mã chỉ một dòng",
    "each line needs an SKU, and each SKU one line",
)


def _sheet(stream: BinaryIO) -> Sheet:
    _, start = size_and_start(stream)
    stream.seek(0)
    if start.startswith(ZIP):
        return next(iter(open_workbook(stream).sheets))
    refuse_others(stream, start)
    stream.seek(0)
    return open_delimited(stream)


def _columns(lines: Iterable[Line]) -> dict[int, str]:
    """Return the known columns of the first line that has any text."""
    for line in lines:
        if line.cells:
            named = {n: _column(cell) for n, cell in line.cells.items()}
            found = {n: name for n, name in named.items() if name in _READERS}
            if "sku" not in found.values():
                break
            return found
    raise refusal(
        vi="dòng đầu phải có cột mã hàng (sku), rồi price_vnd, on_hand...",
        en="the first line has to name the column sku, then price_vnd, on_hand...",
    )


def _column(cell: str) -> str:
    said = cell.strip().lower()
    if said in _OWN:
        return said
    heading = find_heading(cell)
    return heading.column if heading else ""


def _values(
    line: Line, columns: Mapping[int, str], problems: list[FieldProblem]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for n, name in columns.items():
        cell = line.cells.get(n, "").strip()
        if not cell:
            continue
        try:
            values[name] = _READERS[name](cell)
        except CellError as error:
            where = f"{line.number}.{name}"
            problems.append(FieldProblem(where, error.vi, error.en))
    return values


def _entry(sku: str, values: Mapping[str, Any]) -> OfferEntry:
    price = values.get("price_vnd")
    counted = values.get("on_hand")
    quantity, at = values.get("quantity"), values.get("counted_at")
    return OfferEntry(
        sku=sku,
        price=None
        if price is None
        else PriceEntry(sku=sku, price_vnd=price, token=values.get("token", "")),
        seen_price_vnd=values.get("seen_price_vnd"),
        count=None
        if counted is None
        else CountEntry(sku=sku, on_hand=counted, counted_at=at),
        adjustment=None
        if quantity is None
        else AdjustmentEntry(
            sku=sku,
            quantity=quantity,
            reason=values.get("reason", AdjustmentReason.MADE),
        ),
    )
