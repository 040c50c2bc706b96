"""Give a sheet back with its faults written beside its cells.

A workbook is given back as it is: its formats, widths, lists to choose from, frozen
panes and other sheets stay. The parts that cannot be kept are named. One that is too
large for that, or that is no workbook, is given back as values. Rows keep their numbers
and columns their letters, so that a message about one is true of the other; and the
copy names its source under any file name.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import zip_longest
from typing import BinaryIO, Final

from catalog.counted import counted
from catalog.db.overflow import Growing, Overflow
from catalog.errors import FeedError
from catalog.feed.cells.cell import CellError
from catalog.feed.cells.stamp import Stamp, read_stamp
from catalog.feed.headings.heading import EXPORT_STAMP
from catalog.feed.rows.open_feed import Feed, open_feed
from catalog.feed.rows.problem_list import problem_list
from catalog.feed.rows.row import Problem
from catalog.feed.rows.row_kind import Role
from catalog.feed.rows.table import Note, Table
from catalog.feed.write.value_copy import write_values
from catalog.spreadsheet.annotations import (
    AddedColumn,
    Annotations,
    Remark,
    SheetAnnotations,
    safe,
)
from catalog.spreadsheet.confined import ConfinedError, annotate_confined
from catalog.spreadsheet.line import Line, column_of
from catalog.spreadsheet.unkept import MOST_KEPT, Unkept, is_small, unkept
from catalog.values import replace

HEADING: Final = "Lỗi cần sửa"
"""Heading of the column of faults; a reader passes over it."""
_STAMP: Final = "Thời điểm xuất"
_TITLE: Final = f"{HEADING} (ocop-sync):"
_WIDTH: Final = 60
_STAMP_WIDTH: Final = 18
_ZIP: Final = b"PK\x03\x04"

WriteAnnotated = Callable[[BinaryIO, BinaryIO, Annotations], int]
"""Writes a workbook again with annotations; `ConfinedError` if it cannot."""


def annotate(
    feed: Feed,
    problems: Sequence[Problem],
    out: BinaryIO,
    *,
    original: BinaryIO,
    sheets: Sequence[str] = (),
    source: str = "",
    write: WriteAnnotated = annotate_confined,
) -> list[Note]:
    """Write the file that was read, with *problems* beside its cells.

    Args:
        feed: As `open_feed` returned it.
        problems: All that was found.
        out: Where the workbook is written.
        original: The file, still open.
        sheets: The sheets that `open_feed` was told to read.
        source: The source that the copy names; "" leaves its own.
        write: Writes a workbook again.

    Returns:
        The parts of the file that the copy lacks.
    """
    stamp = Stamp(feed.stamp, source or feed.source)
    annotations = _annotations(feed, problems, stamp)
    original.seek(0)
    if original.read(len(_ZIP)) != _ZIP:
        why = _NO_WORKBOOK
    elif not is_small(original):
        why = _TOO_LARGE
    else:
        kept = BytesIO()
        try:
            lost = unkept(original)
            replaced = write(original, kept, _held(annotations))
        except (ConfinedError, FeedError) as error:
            why = _failed(error)
        else:
            if _reads_alike(feed, stamp, kept, sheets):
                out.write(kept.getvalue())
                return _changed(lost, replaced)
            why = _OTHERWISE
    write_values(feed.tables, annotations, out)
    return [why]


def _annotations(feed: Feed, problems: Sequence[Problem], stamp: Stamp) -> Annotations:
    """Return the annotations of a file: as many as there are problems, most on disk."""
    return Annotations(
        title=_TITLE,
        sheets=[
            _sheet_annotations(table, problems, feed, stamp) for table in feed.tables
        ],
        listing=problem_list(problems),
    )


def _held(annotations: Annotations) -> Annotations:
    """Return *annotations* in memory, to be handed on: of a small workbook."""
    sheets = [
        replace(
            each,
            added=[replace(column, texts=dict(column.texts)) for column in each.added],
            remarks=list(each.remarks),
        )
        for each in annotations.sheets
    ]
    listing = replace(annotations.listing, rows=list(annotations.listing.rows))
    return replace(annotations, sheets=sheets, listing=listing)


def _sheet_annotations(
    table: Table, problems: Iterable[Problem], feed: Feed, stamp: Stamp
) -> SheetAnnotations:
    header = table.header
    free = 1 + max((n for line in table.sheet.lines() for n in line.cells), default=0)
    texts: Overflow[int, str] = Overflow()
    remarks: Growing[Remark] = Growing()
    for each in problems:
        if each.sheet != table.sheet.name:
            continue
        said = safe(_said(each))
        if each.row:
            texts[each.row] = safe("\n".join(filter(None, (texts.get(each.row), said))))
        if each.place.letter:
            # A problem of a column stands at its heading.
            row, column = each.row or header.last, column_of(each.place.letter)
            remarks.append(Remark(row=row, column=column, text=said))
    earlier = _column(table, HEADING)
    errors = AddedColumn(
        column=free if earlier is None else earlier,
        fresh=earlier is None,
        heading=HEADING,
        width=_WIDTH,
        texts=texts,
        wrong=True,
    )
    stamps = _stamps(table, feed, stamp, free + errors.fresh)
    return SheetAnnotations(
        name=table.sheet.name,
        heading_row=header.last,
        added=[errors] if stamps is None else [errors, stamps],
        remarks=remarks,
    )


def _said(problem: Problem) -> str:
    """Return the fault, with the sheet's name of the column."""
    heading = problem.heading
    letter = f" ({problem.place.letter})" if problem.place.letter else ""
    where = f"“{heading}”{letter}: " if heading else f"{letter.strip()} ".lstrip()
    return f"{where}{problem.vi} / {problem.en}"


def _column(table: Table, heading: str) -> int | None:
    """Return the column that an earlier annotation has added."""
    return next((n for n, text in table.header.texts.items() if text == heading), None)


def _stamps(table: Table, feed: Feed, stamp: Stamp, free: int) -> AddedColumn | None:
    """Return the column that says of which source the sheet is; None if it does."""
    found = Stamp(feed.stamp, feed.source)
    known = table.header.known
    column = next((n for n, each in known.items() if each.column == EXPORT_STAMP), None)
    if not str(stamp) or (column is not None and found == stamp):
        return None
    texts: dict[int, str] = {}
    for line, role in table.lines():
        before = "" if column is None else line.cells.get(column, "")
        if role is Role.ROW and (column is None or before):
            texts[line.number] = _restamped(before, found, stamp)
    return AddedColumn(
        column=free if column is None else column,
        fresh=column is None,
        heading=_STAMP,
        width=_STAMP_WIDTH,
        texts=texts,
    )


def _restamped(before: str, found: Stamp, stamp: Stamp) -> str:
    """Return the stamp of a row; that of another export stays as it is."""
    try:
        other = before != "" and read_stamp(before) != found
    except CellError:
        other = True
    return safe(before if other else stamp.by_the_clock)


def _reads_alike(
    feed: Feed, stamp: Stamp, copy: BinaryIO, sheets: Sequence[str]
) -> bool:
    """Say whether *copy* imports to the same result as the file."""
    try:
        again = open_feed(copy, sheets=sheets, told=feed.told)
        if (again.stamp, again.source) != (stamp.at, stamp.source):
            return False
        pairs = zip_longest(feed.tables, again.tables)
        return all(one and two and _alike(one, two) for one, two in pairs)
    except FeedError:
        return False


def _alike(one: Table, two: Table) -> bool:
    return one.sheet.name == two.sheet.name and all(
        a == b for a, b in zip_longest(_rows(one), _rows(two))
    )


def _rows(table: Table) -> Iterator[tuple[object, ...]]:
    """Return the values that an import reads from each row."""
    columns = {
        n: each.column
        for n, each in table.header.known.items()
        if each.column != EXPORT_STAMP and table.header.texts[n] != HEADING
    }
    for line, role in table.lines():
        if role is Role.ROW:
            yield line.number, line.hidden, _cells(line, columns)


def _cells(line: Line, columns: dict[int, str]) -> list[tuple[object, ...]]:
    return [(n, line.cells[n], line.kinds.get(n)) for n in columns if n in line.cells]


def _changed(lost: Sequence[Unkept], replaced: int) -> list[Note]:
    """Name the parts of a workbook that the copy lacks."""
    notes = []
    if replaced:
        notes.append(
            Note(
                vi=f"bản sao: {replaced} công thức ở trang được đọc thành giá trị đã"
                " tính; trang khác giữ công thức",
                en=f"the copy: {counted(replaced, 'formula')} on the sheets that were"
                " read became values as last computed; other sheets keep theirs",
            )
        )
    if lost:
        notes.append(
            Note(
                vi=f"bản sao không giữ được: {'; '.join(each.vi for each in lost)}",
                en=f"the copy does not keep: {'; '.join(each.en for each in lost)}",
            )
        )
    return notes


def _failed(error: Exception) -> Note:
    why = " ".join(str(error).split())[:200]
    return Note(
        vi="không ghi lại nguyên bảng được, bản sao chỉ có giá trị, không có định dạng"
        f" và trang khác ({why})",
        en="the workbook cannot be written again as it is, the copy holds values only,"
        f" without formats and other sheets ({why})",
    )


_VALUES: Final = (
    "bản sao chỉ có giá trị, không có định dạng",
    "the copy holds values only, without formats",
)
_NO_WORKBOOK: Final = Note(
    vi=f"tệp không phải Excel: {_VALUES[0]}", en=f"no workbook: {_VALUES[1]}"
)
_TOO_LARGE: Final = Note(
    vi=f"tệp lớn (giải nén ra hơn {MOST_KEPT // 1_000_000} MB): {_VALUES[0]} và các"
    " trang khác",
    en=f"a large file (more than {MOST_KEPT // 1_000_000} MB unpacked): {_VALUES[1]}"
    " and other sheets",
)
_OTHERWISE: Final = Note(
    vi=f"ghi lại nguyên bảng thì đọc ra khác: {_VALUES[0]} và các trang khác",
    en=f"written again as it is it would read otherwise: {_VALUES[1]} and other sheets",
)
