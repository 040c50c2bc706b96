"""The report for superiors as a workbook of two sheets: the whole, and by commune.

Figures are numbers, shares are in percent, and whatever a text begins with, it stays a
text.
"""

from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from catalog.eligibility import Text
from catalog.places.commune import Communes
from catalog.spreadsheet.writing import Writer, write_workbook
from ocop_sync.api.typed.problem import Language
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.notation import Notation
from ocop_sync.pages.report_words import (
    CLAIMS_NAME,
    DEFINED,
    ENDING_NAME,
    SIGNERS,
    SIMULATED,
    SOURCE,
    TITLE,
    by_commune,
)
from ocop_sync.pages.words import words_in
from ocop_sync.service.queries.coverage_figures import Figure
from ocop_sync.service.queries.coverage_report import CoverageReport

_WIDTHS: Final = (44, 18, 14, 14)
_HEADINGS: Final = (
    Text("Sàn", "Marketplace"),
    Text("Được công nhận", "Certified"),
    Text("Đang bán", "On sale"),
    Text("Tỷ lệ (%)", "Share (%)"),
)
_SHEETS: Final = (Text("Báo cáo", "Report"), Text("Theo xã", "By commune"))

Row = tuple[bool, Sequence[object]]
"""Whether it is a heading, and its cells; None is an empty one."""


def write_report(
    stream: BinaryIO,
    found: CoverageReport,
    communes: Communes | None,
    language: Language,
) -> None:
    """Write *found* in *language*."""
    words, notation = words_in(language), Notation(language)
    with write_workbook(stream, wrap=True) as writer:
        whole = _whole(found, words, notation)
        _put(writer, words(_SHEETS[0]), whole, len(_WIDTHS))
        parts = _by_commune(found, communes, words)
        _put(writer, words(_SHEETS[1]), parts, 1 + 3 * len(found.whole.cells))


def _put(writer: Writer, title: str, rows: Sequence[Row], columns: int) -> None:
    sheet = writer.book.add_worksheet(title)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, _WIDTHS[0])
    sheet.set_column(1, max(1, columns - 1), _WIDTHS[1])
    for number, (is_heading, cells) in enumerate(rows):
        for column, value in enumerate(cells):
            if value is None:
                continue
            if is_heading:
                sheet.write_string(number, column, str(value), writer.heading)
            else:
                writer.put(sheet, number, column, value)


def _percent(figure: Figure) -> object:
    return None if figure.share is None else round(figure.share * 100, 2)


def _title(
    found: CoverageReport, words: Callable[[Text], str], notation: Notation
) -> list[Row]:
    at = Text("Số liệu lúc", "As of")
    rows: list[Row] = [(True, [words(TITLE)])]
    if found.simulated:
        rows.append((True, [words(SIMULATED)]))
    return [
        *rows,
        (False, [words(Text("Đơn vị", "Unit")), found.unit]),
        (False, [words(at), notation.moment(found.whole.at)]),
        (False, [words(Text("Nguồn", "Source")), words(SOURCE)]),
        (False, []),
    ]


def _whole(
    found: CoverageReport, words: Callable[[Text], str], notation: Notation
) -> list[Row]:
    rows = _title(found, words, notation)
    rows.append((True, [words(each) for each in _HEADINGS]))
    for each in found.whole.cells:
        certified, listed = each.figures["certified"], each.figures["listed"]
        name = marketplace_name(each.marketplace)
        cells = [name, certified.value, listed.value, _percent(listed)]
        rows.append((False, cells))
    unknown = words(Text("chưa có số liệu", "no figures"))
    rows += [
        (False, [marketplace_name(each), unknown]) for each in found.whole.not_known
    ]
    rows += [
        (False, [marketplace_name(name), words(each.words)])
        for name, each in sorted(found.whole.read_ages.items())
    ]
    rows.append((False, []))
    of_now = words(Text("chỉ hỏi được của hiện tại", "asked of now alone"))
    watched = ((ENDING_NAME, found.ending), (CLAIMS_NAME, found.claims))
    for what, value in watched:
        rows.append((False, [words(what), of_now if value is None else value]))
    if found.faulty:
        told = Text(
            "Sản phẩm chưa xét được, nên chưa đếm", "Not evaluated, not counted"
        )
        rows.append((False, [words(told), ", ".join(found.faulty)]))
    rows += [(False, []), (True, [words(Text("Đếm gì", "What is counted"))])]
    rows += [(False, [words(term), words(what)]) for term, what in DEFINED]
    if found.can_be_signed:
        first, second = map(words, SIGNERS)
        rows += [(False, []), (False, [first, None, second])]
    return rows


def _by_commune(
    found: CoverageReport, communes: Communes | None, words: Callable[[Text], str]
) -> list[Row]:
    rows: list[Row] = []
    if found.simulated:
        rows.append((True, [words(SIMULATED)]))
    headings = [words(Text("Xã, phường, đặc khu", "Commune"))]
    for each in found.whole.cells:
        name = marketplace_name(each.marketplace)
        headings += [f"{name}: {words(heading)}" for heading in _HEADINGS[1:]]
    rows.append((True, headings))
    for row in by_commune(found, communes):
        cells: list[object] = [words(row.name)]
        for pair in row.pairs:
            if pair is None:
                cells += [None, None, None]
            else:
                certified, listed = pair
                cells += [certified.value, listed.value, _percent(listed)]
        rows.append((False, cells))
    return rows
