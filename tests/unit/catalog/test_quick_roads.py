"""The quick roads by which cells are read agree with the long ones."""

import csv
import io
import re

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.feed.cells import addresses
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.cell_commands import NEW_PRODUCT, says_new
from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.error_values import fault_of, suspects
from catalog.feed.rows import reading
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import FeedRow
from catalog.spreadsheet.delimited import open_delimited
from catalog.spreadsheet.line import Line
from catalog.text import fold

SCHEMES = ("http", "https")
BEGINS = st.sampled_from(["https://", "https://a", "http://", "HTTPS://", "ftp://", ""])
RESTS = st.text(alphabet="aB1-.:@/?#[]\\%_~ \t\u00a0\u200bạ。", max_size=4)


def _is_read(cell: str) -> bool:
    try:
        return addresses.url(*SCHEMES)(cell) == cell
    except CellError:
        return False


@example("https://a.b/c?d#e")
@example("https://" + "a" * 1_992)
@example("https://" + "a" * 1_993)
@example("https://a:x")
@example("https://a:b@c")
@given(st.tuples(BEGINS, RESTS).map("".join))
def test_an_address_is_one_by_the_quick_road_as_by_taking_it_apart(cell: str) -> None:
    assert _is_read(cell) == addresses._is_address(cell, SCHEMES)


@given(st.text(alphabet="mMnN-0123456789 oơớiíewĐ٣", max_size=6))
def test_what_ends_with_a_digit_never_says_new(said: str) -> None:
    asks = fold(said) in {"moi", "new"}

    assert says_new("sku", said) == (NEW_PRODUCT if asks else None)


CELLS = ("", " ", "có", " có", "6/4/2021", "XÓA", "'XÓA", "MỚI", "HTX (đúng)", "\u200b")
WORDS = st.one_of(st.sampled_from([*CELLS, "x", "x đúng", "a" * 90]), st.text())


@given(st.lists(st.tuples(st.sampled_from(sorted(COLUMNS)), WORDS), max_size=6))
def test_a_remembered_cell_is_read_as_for_the_first_time(
    cells: list[tuple[str, str]],
) -> None:
    row = FeedRow(number=1, cells=dict(cells))
    for column in reading._CELLS.values():
        column.clear()
    first = read_values(row)

    assert read_values(row) == first


def test_so_many_cells_are_remembered_and_no_long_ones() -> None:
    column = reading._CELLS["name"]
    column.clear()
    names = [f"Trà {n}" for n in range(reading._MOST + 1)]
    long = "Trà " * 20
    for name in (*names, long):
        read_values(FeedRow(number=1, cells={"name": name}))

    assert [*column] == names[-1:]


@example("a\nb\ud800")
@given(st.text(alphabet="#nN/Aa!?Ê0. \n\ud800\ufffe", max_size=5))
def test_every_cell_that_nobody_wrote_is_looked_at(text: str) -> None:
    found = suspects(Line(1, {0: text}), places=())

    assert found or fault_of("name", text, None) is None


ODD = st.text(alphabet="a'=+-@ \t\n\r\u00a0\u3000\x1c", max_size=3)


@example(["", "\t\r\t"])
@given(st.lists(ODD, min_size=2, max_size=5))
def test_cells_of_a_csv_are_blank_or_shielded_as_each_is_by_itself(
    cells: list[str],
) -> None:
    written = io.StringIO(newline="")
    rest = ["x"] * 20  # so that the separator is a comma
    csv.writer(written).writerow([*cells, *rest])
    shown = [re.sub(r"^'(?='*[=+\-@\t\r\n])", "", cell) for cell in cells]
    expected = {n: shown[n] for n, cell in enumerate(cells) if cell.strip()}
    expected |= dict(enumerate(rest, start=len(cells)))

    lines = [*open_delimited(io.BytesIO(written.getvalue().encode())).lines()]

    assert [line.cells for line in lines] == [expected]
