"""Files that mean harm, or are broken: a clear error, or a bounded, right import."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from catalog.errors import FeedError
from catalog.spreadsheet import archive, strings
from catalog.spreadsheet.line import letter
from tests.workbooks import (
    GOOD_ROW,
    HEADER,
    MAIN,
    cells_in,
    make_workbook,
    opened,
    raw_workbook,
    zipped,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5_000
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
ENTITY_ROW = '<row r="2"><c r="A2" t="inlineStr"><is><t>&a;</t></is></c></row>'
GOOD = raw_workbook()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(OLE, "old workbook", id="xls"),
        pytest.param(
            OLE + "EncryptedPackage".encode("utf-16-le"), "password", id="password"
        ),
        pytest.param(b"%PDF-1.7", "PDF", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "PNG", id="png"),
        pytest.param(b"<html><table>", "HTML", id="html called xls"),
        pytest.param(b"\x1f\x8b\x08", "gzip", id="gzip"),
        pytest.param(GOOD[:-30], "damaged or cut off", id="cut off"),
        pytest.param(GOOD[:40], "damaged or cut off", id="cut short"),
        pytest.param(zipped({"word/document.xml": "x"}), "save it as", id="docx"),
        pytest.param(zipped({"a.csv": "name\nGao\n"}), "save it as", id="zip"),
        pytest.param(
            raw_workbook(HEADER + ENTITY_ROW, prolog=ENTITIES), "DOCTYPE", id="entities"
        ),
        pytest.param(
            raw_workbook(HEADER + ENTITY_ROW, prolog=OUTSIDE),
            "DOCTYPE",
            id="file entity",
        ),
        pytest.param(
            raw_workbook(sharedStrings__xml=f"{ENTITIES}<sst xmlns='{MAIN}'/>"),
            None,
            id="entities in a part that is not needed",
        ),
        pytest.param(raw_workbook(HEADER + "<row>"), "damaged", id="unclosed"),
        pytest.param(raw_workbook(HEADER + "<c/>" * 2 + "\1"), "damaged", id="no XML"),
        pytest.param(
            raw_workbook(HEADER + '<row r="1"/>'), "not in order", id="rows go back"
        ),
        pytest.param(
            raw_workbook('<row r="99999999999"/>'), "not in order", id="row too far"
        ),
        pytest.param(
            raw_workbook('<row r="1"><c r="XFE1"><v>1</v></c></row>'),
            "too many columns",
            id="column too far",
        ),
        pytest.param(
            raw_workbook('<row r="1"><c r="??"><v>1</v></c></row>'),
            "reference is wrong",
            id="no reference",
        ),
        pytest.param(
            raw_workbook('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
            "text that is missing",
            id="no such text",
        ),
        pytest.param(raw_workbook("<a>" * 200), "nested too deep", id="deep"),
        pytest.param(
            raw_workbook("".join(f"<a{n}/>" for n in range(3_000))),
            "too many kinds",
            id="names",
        ),
        pytest.param(
            raw_workbook("".join(f'<a b{n}="1"/>' for n in range(3_000))),
            "too many XML attributes",
            id="attributes",
        ),
        pytest.param(
            raw_workbook(f'<row a="{"x" * 5_000_000}"/>'), "too long", id="a long tag"
        ),
        pytest.param(
            zipped({f"{n}.xml": "" for n in range(5_000)}), "4000 parts", id="parts"
        ),
        pytest.param(raw_workbook(""), "no header", id="an empty sheet"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    content: bytes, words: str | None
) -> None:
    if words is None:
        assert cells_in(content) == [{"name": "Chè mẫu"}]
        return
    with pytest.raises(FeedError, match=words):
        cells_in(content)


@pytest.mark.parametrize("reach", ["A2:XFD2", "A2:A1048576", "A2:XFD1048576"])
def test_a_merged_block_without_end_fills_what_is_there(reach: str) -> None:
    block = f'<mergeCells><mergeCell ref="{reach}"/></mergeCells>'
    third = GOOD_ROW.replace('r="2"', 'r="3"').replace("A2", "B3")

    rows = cells_in(raw_workbook(HEADER + GOOD_ROW + third, after=block))

    assert rows[0] == {"name": "Chè mẫu"}


def test_blocks_beyond_any_use_are_refused() -> None:
    columns = [letter(n) for n in range(3_000)]
    blocks = "".join(f'<mergeCell ref="{each}2:{each}9"/>' for each in columns)
    cells = "".join(f'<c r="{each}2"><v>1</v></c>' for each in columns)

    with pytest.raises(FeedError, match="too many merged cells"):
        cells_in(raw_workbook(f'{HEADER}<row r="2">{cells}</row>', after=blocks))


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"xl/workbook.xml": "x", "bomb": b"\0" * 1_000_000})
    # The size that the directory declares, four times over.
    sizes = bomb.replace((1_000_000).to_bytes(4, "little"), b"\xff\xff\xff\x7f")

    with pytest.raises(FeedError, match="unpacks to more than 800 MB"):
        opened(sizes)


def test_an_entry_is_never_longer_than_it_declares() -> None:
    content = zipped({"xl/workbook.xml": b"<a>" + b" " * 100_000 + b"</a>"})
    lying = content.replace((100_007).to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(FeedError):
        b"".join(archive.Archive(io.BytesIO(lying)).chunks("xl/workbook.xml"))


def test_shared_texts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "MAX_BYTES", 1_000)
    texts = "".join(f"<si><t>Chè {n}</t></si>" for n in range(20_000))
    row = '<row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    content = raw_workbook(
        HEADER + row, sharedStrings__xml=f'<sst xmlns="{MAIN}">{texts}</sst>'
    )

    with pytest.raises(FeedError, match="too much text"):
        cells_in(content)


@pytest.mark.slow
def test_sixteen_thousand_columns_are_read() -> None:
    heads = ["Tên sản phẩm", *(f"Cột {n}" for n in range(16_383))]
    content = make_workbook({"Bảng": [heads, ["Chè mẫu", *range(16_383)]]})

    feed = opened(content)
    assert [dict(row.cells) for row in feed.rows] == [{"name": "Chè mẫu"}]
    assert "and 16333 more" in feed.notes[-1].en


def test_a_cell_as_long_as_a_spreadsheet_allows_is_a_problem_of_its_row() -> None:
    content = make_workbook({"Bảng": [["Tên sản phẩm"], ["x" * 32_767], ["Gạo mẫu"]]})

    rows = cells_in(content)
    assert [len(row["name"]) for row in rows] == [32_767, 7]


def test_text_beyond_what_a_cell_may_hold_is_cut() -> None:
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * 99_999}</t></is></c></row>'

    assert [len(row["name"]) for row in cells_in(raw_workbook(HEADER + row))] == [
        40_000
    ]


def _many_rows(count: int) -> Iterator[str]:
    for number in range(2, count + 2):
        yield GOOD_ROW.replace('r="2"', f'r="{number}"').replace("A2", f"A{number}")


@pytest.mark.slow
def test_rows_are_streamed_and_none_is_kept() -> None:
    content = raw_workbook(HEADER + "".join(_many_rows(8_000)))
    feed = opened(content)
    next(feed.rows)

    tracemalloc.start()
    count = sum(1 for _ in feed.rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 7_999
    assert peak < 2_000_000
