"""Open a feed, and choose the sheets that hold the catalog.

Nothing of a file is run, followed or evaluated; a file that cannot be read within
bounds is refused.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import BinaryIO, Final

from catalog.errors import FeedError, refusal
from catalog.feed.cells.cell import CellError
from catalog.feed.cells.stamp import Stamp, read_stamp
from catalog.feed.headings.header import find_header
from catalog.feed.headings.heading import COMMUNE_CODE, EXPORT_STAMP
from catalog.feed.headings.heading_answers import NO_HEADING_ANSWERS, HeadingAnswers
from catalog.feed.places.communes import (
    NO_ANSWERS,
    Answers,
    Localities,
    localities_of,
    shipped_localities,
)
from catalog.feed.rows.commune_answers import CommuneAnswers
from catalog.feed.rows.ditto import Dittos
from catalog.feed.rows.file_format import (
    ZIP,
    is_json,
    refuse_others,
    size_and_start,
)
from catalog.feed.rows.problem_list import is_problem_list
from catalog.feed.rows.producer_place import are_old_codes
from catalog.feed.rows.row import (
    MAX_BYTES,
    MAX_CSV_BYTES,
    FeedRow,
    Problem,
    ProblemKind,
    csv_too_large,
    shorten,
    too_large,
)
from catalog.feed.rows.split_cells import spread
from catalog.feed.rows.table import Note, Table
from catalog.feed.rows.unplaced import Unplaced
from catalog.places.commune import Communes
from catalog.spreadsheet.delimited import open_delimited
from catalog.spreadsheet.line import Sheet
from catalog.spreadsheet.records import Records, open_records
from catalog.spreadsheet.workbook import open_workbook
from catalog.text import fold_words
from catalog.values import replace

_PEEKED: Final = 1_000
"""Rows among which the stamp is looked for."""
_SOME: Final = 3
"""Known columns that make a sheet look like a catalog."""


@dataclass(slots=True, kw_only=True)
class Feed:
    """A feed that is open.

    Attributes:
        rows: Its rows, to be read once, while the file is open.
        stamp: When it was exported from this catalog; None if it was not.
        source: Of which source it says it is; "" if it does not say.
        tables: The sheets that are read, as they stand in the file.
        problems: The faults that hold no row back; complete once the rows were read.
        notes: The notes for a reader; likewise.
        waits: Whether nothing of it can be read before a question is answered: its
            rows are left out.
        told: The meanings that a person has given to its headings.
    """

    rows: Iterator[FeedRow] = field(default_factory=lambda: iter(()))
    stamp: datetime | None = None
    source: str = ""
    tables: Sequence[Table] = ()
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    waits: bool = False
    told: HeadingAnswers = field(default_factory=lambda: NO_HEADING_ANSWERS)

    @property
    def passed_over(self) -> int:
        """Return how many rows are none of a product; complete once all were read."""
        return sum(table.passed_over for table in self.tables)


def open_feed(
    stream: BinaryIO,
    *,
    sheets: Sequence[str] = (),
    answers: Answers = NO_ANSWERS,
    told: HeadingAnswers = NO_HEADING_ANSWERS,
    communes: Communes | None = None,
) -> Feed:
    """Open a feed: XLSX, CSV or JSON.

    Args:
        stream: The file, which can be searched; it stays open.
        sheets: Names of the sheets to read; () reads the one whose header names
            most columns, and all that tie with it.
        answers: To which new commune makers' addresses are known to belong.
        told: The meanings that a person has given to headings.
        communes: The communes of the province; those that ship if None.

    Raises:
        FeedError: It cannot be read, or no sheet has a usable header. While reading: it
            is damaged further on; the rows before that are not to be kept.
    """
    places = shipped_localities() if communes is None else localities_of(communes)
    size, start = size_and_start(stream)
    is_whole = is_json(start) or start.startswith(ZIP)
    if is_whole and size > MAX_BYTES:
        raise too_large()
    if is_json(start):
        return _json_feed(open_records(stream), answers, told, places)
    if start.startswith(ZIP):
        feed = Feed()
        workbook = open_workbook(stream)
        if workbook.macros:
            feed.notes.append(_MACROS)
        if workbook.links:
            feed.notes.append(_LINKS)
        tables = _tables(workbook.sheets, sheets, told, feed, places)
        return _feed(tables, answers, places)
    refuse_others(stream, start)
    if size > MAX_CSV_BYTES:
        raise csv_too_large()
    tables = _tables([open_delimited(stream)], (), told, Feed(), places)
    return _feed(tables, answers, places)


def _json_feed(
    records: Records, answers: Answers, told: HeadingAnswers, places: Localities
) -> Feed:
    """Return the feed of a JSON file; one without a single field has no rows."""
    feed = Feed()
    if records.aside:
        names = ", ".join(f"“{shorten(key)}”" for key in records.aside[:20])
        feed.notes.append(
            Note(
                vi=f"ngoài danh sách bản ghi có {names}: không đọc",
                en=f"beside the list of records there is {names}: not read",
            )
        )
    lines = records.sheet.lines()
    if next(iter(lines)).cells or any(line.faults for line in lines):
        tables = _tables([records.sheet], (), told, feed, places)
        return _feed(tables, answers, places, records.stamp)
    return feed


def _tables(
    sheets: Sequence[Sheet],
    wanted: Sequence[str],
    told: HeadingAnswers,
    feed: Feed,
    places: Localities,
) -> Feed:
    """Choose the sheets that are read, and say which are not."""
    feed.told = told
    others = [sheet for sheet in sheets if not is_problem_list(sheet)]
    chosen = _named(sheets, wanted) if wanted else others
    unseen = [sheet for sheet in chosen if sheet.very_hidden]
    chosen = [sheet for sheet in chosen if not sheet.very_hidden]
    if unseen and wanted:
        raise FeedError([str(_very_hidden(sheet)) for sheet in unseen])
    feed.notes += map(_very_hidden, unseen)
    headers = [(sheet, find_header(sheet, told)) for sheet in chosen]
    usable = [(sheet, header) for sheet, header in headers if header is not None]
    if wanted and len(usable) < len(headers):
        raise _no_header([sheet for sheet, header in headers if header is None])
    if not usable:
        said = [str(_very_hidden(sheet)) for sheet in unseen]
        raise FeedError([*_no_header(chosen).problems, *said])
    most = max(len(header.names) for _, header in usable)
    feed.tables = [
        Table(sheet, header, places.districts, places.whereabouts)
        for sheet, header in usable
        if wanted or len(header.names) == most
    ]
    if wanted:
        return feed
    read = {id(table.sheet) for table in feed.tables}
    for sheet, header in headers:
        if id(sheet) in read:
            continue
        if header is not None and len(header.names) >= _SOME:
            feed.problems.append(_like_a_catalog(sheet))
        else:
            feed.notes.append(
                Note(
                    sheet=sheet.name,
                    vi="không có tiêu đề của danh mục, không đọc",
                    en="it has no headings of a catalog and was not read",
                )
            )
    if len(feed.tables) > 1:
        feed.notes += [_tied(table) for table in feed.tables]
    feed.notes += [_hidden(table) for table in feed.tables if table.sheet.hidden]
    return feed


def _named(sheets: Sequence[Sheet], wanted: Sequence[str]) -> Sequence[Sheet]:
    by_name = {fold_words(sheet.name): sheet for sheet in sheets}
    missing = [name for name in wanted if fold_words(name) not in by_name]
    if missing:
        there = ", ".join(f'"{sheet.name}"' for sheet in sheets[:20])
        raise refusal(
            vi=f'không có trang "{missing[0]}"; có: {there}',
            en=f'there is no sheet "{missing[0]}" but: {there}',
        )
    return [by_name[fold_words(name)] for name in dict.fromkeys(wanted)]


def _feed(feed: Feed, answers: Answers, places: Localities, said: str = "") -> Feed:
    """Make *feed* ready to be read; its stamp is that of the first row with one."""
    for table in feed.tables:
        asked, waits = table.questions()
        feed.problems += asked
        feed.waits |= waits
    questions = list(feed.problems)
    rows = _all_rows(feed, answers, places)
    stamp = _stamp(said) if said else Stamp()
    first: list[FeedRow] = []
    # Without such a column nobody has to wait until the first rows are read.
    may_say = any(EXPORT_STAMP in table.places for table in feed.tables)
    for row in islice(rows, _PEEKED if may_say and not said else 0):
        first.append(row)
        if EXPORT_STAMP in row.cells:
            stamp = _stamp(row.cells[EXPORT_STAMP])
            break
    feed.stamp, feed.source = stamp.at, stamp.source
    if feed.waits:
        feed.problems = questions  # none of what was looked at counts
    else:
        feed.rows = (_unstamped(row, stamp) for row in chain(first, rows))
    return feed


def _all_rows(feed: Feed, answers: Answers, places: Localities) -> Iterator[FeedRow]:
    """Return the rows of all tables; their open questions come last."""
    answered = CommuneAnswers(answers)
    for table in feed.tables:
        yield from _rows(table, feed, answered, places)
    feed.problems += answered.questions()


def _rows(
    table: Table, feed: Feed, answered: CommuneAnswers, places: Localities
) -> Iterator[FeedRow]:
    dittos, unplaced = Dittos(), Unplaced()
    old_codes = are_old_codes(table.said_in(COMMUNE_CODE), places.communes)
    for row in table.rows():
        asked: list[Problem] = []
        found = spread(row, answered.answers, asked, places, old_codes=old_codes)
        answered.note(found, asked)
        unplaced.add(found)
        yield dittos.resolve(found)
    feed.problems += table.problems
    name = table.sheet.name
    feed.notes += [*table.notes, *dittos.notes(name), *unplaced.notes(name)]


def _stamp(said: str) -> Stamp:
    try:
        return read_stamp(said)
    except CellError as error:
        raise refusal(vi=f"{EXPORT_STAMP}: {error.vi}", en=error.en) from error


def _unstamped(row: FeedRow, stamp: Stamp) -> FeedRow:
    """Take the stamp off a row; one of another export is left out."""
    if EXPORT_STAMP not in row.cells:
        return row
    cells = {name: text for name, text in row.cells.items() if name != EXPORT_STAMP}
    with suppress(CellError):
        if read_stamp(row.cells[EXPORT_STAMP]) == stamp:
            return replace(row, cells=cells)
    other = row.problem(
        column=EXPORT_STAMP,
        vi="dòng này từ một lần xuất khác: nạp riêng từng tệp đã xuất",
        en="this row is from another export: import each exported file by itself",
    )
    return replace(row, cells=cells, problems=(*row.problems, other))


def _no_header(sheets: Sequence[Sheet]) -> FeedError:
    if sheets and not sheets[0].lettered:
        return _no_field(sheets[0])
    names = ", ".join(f'"{sheet.name}"' for sheet in sheets[:20] if sheet.name)
    vi, en = (f" (trang {names})", f" (sheets {names})") if names else ("", "")
    return refusal(
        vi=f"không tìm thấy dòng tiêu đề{vi}: cần ít nhất cột Tên sản phẩm, Mã hàng"
        " hoặc Mã OCOP; xem ocop-sync template",
        en=f"no header was found{en}: at least a product's name, SKU or OCOP code is"
        " needed; see ocop-sync template",
    )


def _no_field(records: Sheet) -> FeedError:
    """Return the error for a JSON file no record of which names its product."""
    faults = [fault for line in records.lines() for fault in line.faults[:1]]
    first = "".join(f"; {each.vi} / {each.en}" for each in faults[:1])
    return refusal(
        vi="không bản ghi nào có trường name (Tên sản phẩm), sku (Mã hàng) hoặc"
        " ocop_code (Mã OCOP)",
        en=f"no record has a field name, sku or ocop_code{first}",
    )


def _like_a_catalog(sheet: Sheet) -> Problem:
    return Problem(
        sheet=sheet.name,
        row=0,
        vi="trang này cũng có tiêu đề của danh mục nhưng KHÔNG được đọc, vì trang khác"
        f' có nhiều cột hơn; muốn đọc: --sheet "{sheet.name}"',
        en="this sheet has headings of a catalog, too, but was NOT read, as another"
        f' one has more; to read it: --sheet "{sheet.name}"',
        kind=ProblemKind.QUESTION,
    )


def _tied(table: Table) -> Note:
    return Note(
        sheet=table.sheet.name,
        vi="được đọc; nhiều trang có cùng số cột, chọn bằng --sheet",
        en="was read; several sheets have as many columns, choose by --sheet",
    )


def _hidden(table: Table) -> Note:
    return Note(
        sheet=table.sheet.name,
        vi="trang đang ẩn, vẫn được đọc",
        en="the sheet is hidden and was read all the same",
    )


def _very_hidden(sheet: Sheet) -> Note:
    return Note(
        sheet=sheet.name,
        vi="trang bị ẩn hẳn (very hidden), không đọc; muốn đọc thì cho hiện lại bằng"
        " trình soạn macro của Excel (Visible)",
        en="the sheet is very hidden and was not read; to have it read, make it visible"
        " in Excel's macro editor (Visible)",
    )


_MACROS: Final = Note(
    vi="tệp có macro: không chạy, không đọc",
    en="the file has macros: they are neither run nor read",
)
_LINKS: Final = Note(
    vi="tệp liên kết tới tệp khác: không mở, chỉ dùng giá trị đã lưu",
    en="the file links to others: they are not opened, saved values are used",
)
