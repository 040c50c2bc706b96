"""Worklists: certificates that end, papers that lack, and how they are written."""

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest

from catalog.db.field_changes import Touch
from catalog.db.provenance import NOTHING_KNOWN, Provenance
from catalog.eligibility import evaluate, load_rules
from catalog.model.certificate import Evidence
from catalog.model.paper import PaperKind
from catalog.model.product import Entry
from catalog.queries.worklists import Ending, Lack, ending, in_order, lacks
from catalog.spreadsheet.writing import write_sheet
from catalog.vietnam_time import start_of
from tests.factories import (
    AT,
    NOT_SO,
    SEEN,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
)

RULES = load_rules(accept_published=False)
LAST = date(2026, 5, 10)
"""Last day of the certificate of `make_product`."""
DECLARED = make_paper(PaperKind.DECLARATION)
TWO_STARS = (make_certificate(stars=2),)
SAFE = (DECLARED, make_paper(PaperKind.FOOD_SAFETY))


def ending_on(today: date, days: int = 90, **differences: object) -> Ending | None:
    """Return what ends of a product, seen on *today*."""
    entry = make_product(**differences), make_producer()
    return ending(entry, evaluate(*entry, start_of(today), RULES), today, days)


def lacking(
    *papers: object, provenance: Provenance = NOTHING_KNOWN, **differences: object
) -> list[Lack]:
    """Return what lacks of a product that has *papers*, on the day of `AT`."""
    entry: Entry = make_product(papers=papers, **differences), make_producer()
    verdict = evaluate(*entry, AT, RULES)
    return list(lacks(entry, verdict, provenance, RULES.tables.papers))


@pytest.mark.parametrize(
    ("left", "listed", "late"),
    [
        pytest.param(-1, False, False, id="ended yesterday"),
        pytest.param(0, True, True, id="its last day"),
        pytest.param(29, True, True, id="too late to tell"),
        pytest.param(30, True, False, id="just in time"),
        pytest.param(90, True, False, id="90 days"),
        pytest.param(91, False, False, id="91 days"),
    ],
)
def test_what_ends_is_listed_with_the_day_of_notice(
    left: int, listed: bool, late: bool
) -> None:
    found = ending_on(LAST - timedelta(days=left))

    assert (found is not None) is listed
    if found is not None:
        assert (found.ends_on, found.days_left, found.late) == (LAST, left, late)
        assert found.notify_by == date(2026, 4, 10)
        assert (found.producer, found.stars) == ("Cơ sở Mẫu 001", 4)


def test_what_was_granted_anew_does_not_end() -> None:
    again = make_certificate(decided_on=date(2026, 3, 1), decision="002/QĐ-MẪU")

    assert ending_on(LAST, certificates=(make_certificate(), again)) is None


def test_what_ends_on_a_day_that_is_not_known_is_not_listed() -> None:
    year = make_certificate(decided_on=None, year=2023)

    assert ending_on(date(2024, 6, 1), certificates=(year,)) is None


def test_what_ends_first_comes_first() -> None:
    one, other = ending_on(LAST), ending_on(LAST - timedelta(days=5), id="SP-00009")
    assert one is not None
    assert other is not None

    assert in_order([other, one]) == [one, other]


@pytest.mark.parametrize(
    ("paper", "state", "blocks", "since"),
    [
        pytest.param(
            make_paper(PaperKind.FOOD_SAFETY, NOT_SO),
            "missing",
            True,
            NOT_SO.on,
            id="known not to be there",
        ),
        pytest.param(
            make_paper(PaperKind.FOOD_SAFETY, SEEN, date(2024, 2, 9)),
            "expired",
            True,
            date(2024, 2, 10),
            id="expired",
        ),
    ],
)
def test_what_blocks_is_listed_since_its_day(
    paper: object, state: str, blocks: bool, since: date
) -> None:
    (found,) = lacking(DECLARED, paper)

    assert (found.state, found.blocks, found.since) == (state, blocks, since)
    assert found.paper == RULES.tables.papers[PaperKind.FOOD_SAFETY]
    assert found.todo.vi


def test_what_nobody_has_seen_is_listed_since_the_product_is_known() -> None:
    known = Provenance({("SP-00001", "", ""): Touch(AT - timedelta(days=2), "thử")})

    (found,) = lacking(DECLARED, provenance=known)

    assert (found.state, found.blocks, found.since) == (
        "unknown",
        False,
        date(2024, 2, 28),
    )
    assert [each.since for each in lacking(DECLARED)] == [None]


@pytest.mark.parametrize(
    ("differences", "paper"),
    [
        pytest.param({"body": ""}, "(001/QĐ-MẪU): lacks authority", id="authority"),
        pytest.param(
            {"decision": "", "decided_on": None, "year": 2023},
            "(of 2023): lacks number, day",
            id="number and day",
        ),
        pytest.param(
            {"decision": "", "body": "", "decided_on": None, "year": 2023},
            "(of 2023)",
            id="only a report",
        ),
        pytest.param(
            {"evidence": Evidence.PUBLISHED}, "(001/QĐ-MẪU)", id="published only"
        ),
    ],
)
def test_a_decision_that_is_not_wholly_known_is_listed_with_what_it_lacks(
    differences: dict[str, Any], paper: str
) -> None:
    half = (make_certificate(**differences),)

    (found,) = lacking(*SAFE, certificates=half)

    assert found.paper.en == f"recognising decision {paper}"
    assert (found.rule, found.state, found.blocks) == ("E02", "unknown", False)
    assert "{" not in str(found.paper)


@pytest.mark.parametrize(
    ("papers", "differences"),
    [
        pytest.param(SAFE, {}, id="it has all"),
        pytest.param((), {"certificates": TWO_STARS}, id="never certified"),
        pytest.param(SAFE, {"set_code": "III.2"}, id="what would only warn"),
    ],
)
def test_what_is_not_held_for_a_paper_is_not_listed(
    papers: tuple[object, ...], differences: dict[str, Any]
) -> None:
    assert lacking(*papers, **differences) == []


def test_nothing_in_a_workbook_is_live() -> None:
    stream = io.BytesIO()
    texts = ["=1+1", "+84", "-1", "@SUM(A1)", "https://mau.example/", "05"]

    write_sheet(
        stream, "Bảng", [("Cột", 9)] * 8, [[*texts, 7, date(2026, 5, 10)], [None]]
    )

    with zipfile.ZipFile(stream) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        parts = book.namelist()
    assert "<f>" not in sheet
    assert not any("externalLink" in each or "_rels/sheet" in each for each in parts)
    for text in texts:
        assert f">{text}</t>" in sheet
    assert "<v>7</v>" in sheet
    assert "<v>46152</v>" in sheet
