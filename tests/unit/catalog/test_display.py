"""Values as people see them: Vietnamese words, Vietnam's time, and the way back."""

import io
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest

from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.column import COLUMNS, DecisionIs
from catalog.feed.headings.display import (
    author_in_words,
    in_message,
    in_words,
    stored_in_words,
)
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.write.csv_feed import write_csv
from catalog.feed.write.xlsx_feed import XlsxFeed
from catalog.model.certificate import Evidence, YearMeans
from catalog.model.fact import Attested, Fact
from catalog.model.producer import ProducerKind
from catalog.model.product import Picture, StockPolicy
from catalog.spreadsheet.writing import write_workbook
from tests.factories import make_certificate, make_producer, make_product, make_variant

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
CHOICES: list[tuple[str, StrEnum]] = [
    *(("evidence", each) for each in Evidence),
    *(("year_means", each) for each in YearMeans),
    *(("stock_policy", each) for each in StockPolicy),
    *(("decision_is", each) for each in DecisionIs),
    *(("producer_kind", each) for each in ProducerKind if each),
    *(("consent", each) for each in Fact),
]
MACHINE = {each.value for _, each in CHOICES} - {"DN", "HTX", "THT", "HO"} | {"HO"}
"""What no person is to read."""


@pytest.mark.parametrize(("column", "value"), CHOICES)
def test_a_choice_is_shown_in_words_and_read_back(column: str, value: StrEnum) -> None:
    word = in_words(column, value)

    assert word not in MACHINE
    assert COLUMNS[column].read(word) is value
    assert COLUMNS[column].read(value.value) is value
    assert stored_in_words(column, value.value) == word


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("counted_at", AT, "24/11/2026 09:30"),
        ("counted_at", AT + timedelta(seconds=5), "24/11/2026 09:30:05"),
        (
            "counted_at",
            AT + timedelta(microseconds=7),
            "2026-11-24T09:30:00.000007+07:00",
        ),
        ("decided_on", date(2021, 4, 6), "06/04/2021"),
        ("set_code", "I.1.a", "I.1.a Rau, củ, quả, hạt tươi"),
        ("pictures_show_mark", (Fact.YES, Fact.UNKNOWN, Fact.NO), "có chưa-rõ không"),
        ("paused", True, "có"),
        ("price_vnd", 45_000, "45000"),
    ],
)
def test_what_is_shown_is_read_as_the_same_value(
    column: str, value: object, word: str
) -> None:
    assert in_words(column, value) == word
    assert COLUMNS[column].read(word) == value


def test_a_message_tells_that_nothing_is_known() -> None:
    assert [in_message("paused", False), in_message("price_vnd", None)] == [
        "không",
        "(trống)",
    ]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("Bà Mẫu", "Bà Mẫu"),
        ("import danh mục.xlsx", "lần nạp “danh mục.xlsx”"),
        (
            "import a.csv 2026-11-24T02:30:00+00:00",
            "lần nạp “a.csv”, xuất 24/11/2026 09:30",
        ),
        ("Bà Mẫu (import a (1).csv)", "Bà Mẫu (lần nạp “a (1).csv”)"),
    ],
)
def test_an_import_that_changed_something_is_called_in_words(
    who: str, words: str
) -> None:
    assert author_in_words(who) == words


def exported(form: str) -> list[dict[str, str]]:
    """Return the cells of an export of a product with something of every choice."""
    fact = Attested(value=Fact.NO, by="Cán bộ Mẫu", on=date(2026, 11, 1))
    maker = make_producer(kind=ProducerKind.HOUSEHOLD, consent=fact)
    certificates = (
        make_certificate(evidence=Evidence.PUBLISHED),
        make_certificate(
            decision="", decided_on=None, year=2022, year_means=YearMeans.HELD
        ),
    )
    product = make_product(
        certificates=certificates,
        variants=(make_variant(counted_at=AT),),
        stock_policy=StockPolicy.MIRROR,
        paused=True,
        pictures=(Picture(url="https://mau.example/1.jpg", shows_ocop_mark=Fact.NO),),
    )
    out = io.BytesIO()
    if form == "csv":
        write_csv([(product, maker)], out, stamp=Stamp(AT))
    else:
        with write_workbook(out) as writer:
            XlsxFeed(writer, stamp=Stamp(AT)).write([(product, maker)])
    return [dict(row.cells) for row in open_feed(out).rows]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_for_people_has_no_word_of_the_machine(form: str) -> None:
    rows = exported(form)

    said = {text for row in rows for text in row.values()}
    assert said.isdisjoint(MACHINE)
    assert {"tin công bố", "năm đang giữ", "giống nhau", "không", "có"} <= said
    counted = {"csv": "2026-11-24T09:30:00+07:00", "xlsx": "24/11/2026 09:30"}
    assert {"Hộ kinh doanh", counted[form]} <= said
