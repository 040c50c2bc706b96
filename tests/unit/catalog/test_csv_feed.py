"""CSV files: separators, encodings, formulas, and the faults that make one unusable."""

import io
import itertools
from collections.abc import Iterator

import pytest

from catalog.errors import FeedError
from catalog.feed.rows import open_feed as opening
from catalog.feed.rows import row
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.row import FeedRow
from catalog.feed.write.csv_feed import write_csv
from catalog.model.product import Entry
from tests.factories import make_certificate, make_producer, make_product, make_variant


def read(text: str | bytes) -> list[FeedRow]:
    """Read *text* as a file."""
    content = text if isinstance(text, bytes) else text.encode()
    return list(open_feed(io.BytesIO(content)).rows)


def cells(text: str | bytes) -> list[dict[str, str]]:
    """Return what *text* holds by column."""
    return [dict(each.cells) for each in read(text)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("name,source\nChè,a\n", id="comma"),
        pytest.param("name;source\nChè;a\n", id="semicolon"),
        pytest.param("name\tsource\r\nChè\ta\r\n", id="tab"),
        pytest.param("\ufeffname,source\nChè,a", id="byte-order mark"),
        pytest.param(" Name , SOURCE\nChè,a\n", id="spaces and case"),
        pytest.param("name,source,stars\nChè,a,\n", id="an empty cell"),
        pytest.param("name,source,stars\nChè,a\n", id="a short row"),
        pytest.param("name,source,\nChè,a,\n", id="a column without a name"),
        pytest.param("name;source\nChè;a\n".encode("cp1258"), id="Windows-1258"),
        pytest.param("name\tsource\nChè\ta\n".encode("utf-16"), id="UTF-16"),
        pytest.param("Tên sản phẩm;Nguồn\nChè;a\n", id="Vietnamese"),
        pytest.param("TEN SAN PHAM;nguon\nChè;a\n", id="without accents"),
        pytest.param(
            "Te\u0302n sa\u0309n ph\u0061\u0302\u0309m;Nguồn\nChè;a\n", id="NFD"
        ),
        pytest.param("Tên\u00a0sản\u200b phẩm ;Nguồn\nChè;a\n", id="odd spaces"),
        pytest.param("Product name,Source\nChè,a\n", id="English"),
        pytest.param("source;name\na;Chè\n", id="any order"),
        pytest.param("SỞ MẪU,\nDANH SÁCH,\n,\nname,source\nChè,a\n", id="titles"),
    ],
)
def test_what_spreadsheets_write_is_read(text: str | bytes) -> None:
    assert cells(text) == [{"name": "Chè", "source": "a"}]


def test_rows_are_numbered_as_in_a_spreadsheet() -> None:
    found = read('name\n"Chè\nhoa"\n\nGạo\n')

    assert [each.number for each in found] == [2, 4]
    assert found[0].cells == {"name": "Chè\nhoa"}


def test_cells_beyond_the_last_column_are_kept_apart() -> None:
    assert read("name\nChè,x\n")[0].surplus == ("x",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n\n", "is empty", id="blank"),
        pytest.param(b"stars,price_vnd\n4,1\n", "no header", id="nameless"),
        pytest.param(b"name,stars,name\n", "each once", id="a column twice"),
        pytest.param(
            "name;Tên sản phẩm\n".encode(), 'A "name" and B "Tên', id="named twice"
        ),
        pytest.param("name\nGạo".encode("utf-16")[:-1], "no text", id="half utf-16"),
        pytest.param("name\nGạo".encode("utf-16-le"), "no text", id="no mark"),
        pytest.param(b"\xef\xbb\xbfname\n\xff\n", "no text", id="false mark"),
        pytest.param(b"name\nGao \x9d\n", "no text", id="no encoding"),
        pytest.param(
            b"name,source\nT\xaan s\xb6n ph\xc8m,Ch\xcc hoa v\xb5ng\n"
            b"G\xb9o n\xd5p c\xb8i,R\xb8u tr\xb8ng\n",
            "TCVN3",
            id="an old font",
        ),
        pytest.param(b'name\n"Gao\n', "quotes", id="cut off"),
        pytest.param(b'name\n"Gao"x\n', "quotes", id="quotes inside"),
        pytest.param(b"name\n" + b"x" * 200_000, "too long", id="a giant cell"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words):
        read(content)


def test_a_file_is_read_no_further_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "MAX_BYTES", 10)  # of what is not read row by row
    monkeypatch.setattr(opening, "MAX_CSV_BYTES", 20)

    with pytest.raises(FeedError, match=r"256 MB.*--source"):
        read(b"name\n" + b"Gao\n" * 5)
    assert len(read(b"name\n" + b"Gao\n" * 3)) == 3


def test_rows_are_read_one_by_one() -> None:
    stream = io.BytesIO(b"name\n" + b"Gao\n" * 2_000 + b'"Gao')
    rows: Iterator[FeedRow] = open_feed(stream).rows

    assert next(rows).cells == {"name": "Gao"}
    with pytest.raises(FeedError, match="line 2002"):
        list(rows)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+84", "'+84"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("'=1", "''=1"),
        ("'Chè'", "'Chè'"),
        ("Chè", "Chè"),
        ("1-2", "1-2"),
    ],
)
def test_formulas_are_shielded_and_read_back_unchanged(name: str, written: str) -> None:
    stream = io.BytesIO()
    write_csv([(make_product(name=name, variants=()), None)], stream)

    second = stream.getvalue().decode().split("\r\n")[1]
    assert second.split(",")[3] == written
    assert cells(stream.getvalue())[0]["name"] == name


def test_a_formula_typed_by_hand_stays_text() -> None:
    assert cells("name\n=SUM(A1:A9)\n") == [{"name": "=SUM(A1:A9)"}]


def test_a_row_for_each_variant_and_each_certificate() -> None:
    product = make_product(
        variants=(make_variant(), make_variant(sku="SP-00001-2", pack="1 kg")),
        certificates=tuple(
            make_certificate(decision=f"{n}/QĐ", stars=n) for n in (3, 4, 5)
        ),
    )
    stream = io.BytesIO()
    count = write_csv([(product, make_producer())], stream)

    found = cells(stream.getvalue())
    assert count == 3
    assert [each.get("sku") for each in found] == ["SP-00001-1", "SP-00001-2", None]
    assert [each["stars"] for each in found] == ["3", "4", "5"]
    assert {each["name"] for each in found} == {product.name}
    assert {each["producer_name"] for each in found} == {make_producer().name}


def test_a_file_begins_with_the_mark_that_spreadsheets_need() -> None:
    stream = io.BytesIO()
    write_csv((), stream)
    write_csv([(make_product(), None)], stream, header=False)

    assert stream.getvalue().startswith("\ufeffproduct_id,sku,".encode())
    assert len(read(stream.getvalue())) == 1


def test_the_limits_are_64_megabytes_and_for_what_is_read_row_by_row_256() -> None:
    assert (row.MAX_BYTES, row.MAX_CSV_BYTES) == (64_000_000, 256_000_000)


class Written(io.BytesIO):
    """A file that knows how much was in it when its rows were asked for."""

    def entries(self, count: int, sizes: list[int]) -> Iterator[Entry]:
        """Yield entries, and note the size before each."""
        for _ in range(count):
            sizes.append(self.tell())
            yield make_product(), None


def test_rows_are_written_as_they_come() -> None:
    stream, sizes = Written(), list[int]()

    write_csv(stream.entries(400, sizes), stream)

    held = max(later - before for before, later in itertools.pairwise(sizes))
    assert sizes[-1] > len(stream.getvalue()) // 2
    assert held < len(stream.getvalue()) // 4
