"""Which certificate a row is about, and the question where it could be two."""

from datetime import date

import pytest

from catalog.feed.headings.column import DecisionIs
from catalog.feed.identify.recognition import (
    ANSWER,
    Doubt,
    Near,
    position_of,
    recognise,
)
from catalog.feed.rows.reading import RowError
from catalog.feed.rows.row import ProblemKind
from tests.factories import make_certificate

SPRING, SUMMER, NEXT_YEAR = date(2023, 5, 10), date(2023, 8, 1), date(2024, 5, 10)
KNOWN = make_certificate(decision="7/QĐ-MẪU", body="tỉnh", decided_on=SPRING)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"decided_on": SUMMER}, id="another day of the year"),
        pytest.param({"decided_on": SUMMER, "body": "tỉnh"}, id="the same authority"),
        pytest.param({"decided_on": SPRING, "body": "huyện"}, id="authority corrected"),
        pytest.param({"year": 2023}, id="its year"),
        pytest.param({}, id="its number alone"),
        pytest.param({"decision": "7/qđ-mẫu"}, id="another case"),
        pytest.param({"decision": "07 / QD - MAU"}, id="another spelling"),
        pytest.param({"decision": "", "decided_on": SPRING}, id="its day alone"),
    ],
)
def test_number_authority_and_year_make_a_decision(said: dict[str, object]) -> None:
    assert recognise([KNOWN], {"decision": "7/QĐ-MẪU", **said}) == 0


@pytest.mark.parametrize(
    ("said", "near"),
    [
        pytest.param({"decided_on": NEXT_YEAR}, Near.YEAR, id="another year"),
        pytest.param({"year": 2024}, Near.YEAR, id="only another year"),
        pytest.param(
            {"decided_on": SUMMER, "body": "huyện"}, Near.BODY, id="another authority"
        ),
        pytest.param(
            {"decision": "71/QĐ-MẪU", "decided_on": SPRING}, Near.NUMBER, id="number"
        ),
        pytest.param(
            {"decision": "", "decided_on": SUMMER}, Near.DAY, id="a day, no number"
        ),
    ],
)
def test_what_may_correct_a_decision_or_be_another_one_is_asked(
    said: dict[str, object], near: Near
) -> None:
    given = {"decision": "7/QĐ-MẪU", **said}

    assert recognise([KNOWN], given) == Doubt(near, (0,))
    assert recognise([KNOWN], {**given, ANSWER: DecisionIs.NEW}) is None
    assert recognise([KNOWN], {**given, ANSWER: DecisionIs.CORRECTION}) == 0


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"decision": "8/QĐ-MẪU"}, id="another number"),
        pytest.param(
            {"decision": "8/QĐ-MẪU", "decided_on": NEXT_YEAR}, id="and another day"
        ),
        pytest.param({"decided_on": NEXT_YEAR}, id="a day three years later"),
        pytest.param(
            {"decision": "7/QĐ-MẪU", "decided_on": NEXT_YEAR, "body": "huyện"},
            id="another authority in another year",
        ),
        pytest.param(
            {"decision": "8/QĐ-MẪU", "decided_on": SPRING, "body": "huyện"},
            id="another authority on the same day",
        ),
    ],
)
def test_another_decision_is_no_question(said: dict[str, object]) -> None:
    assert recognise([KNOWN], said) is None


def test_two_days_of_one_decision_that_are_both_known_are_told_apart() -> None:
    both = [KNOWN, make_certificate(decision="7/QĐ-MẪU", decided_on=SUMMER)]

    assert recognise(both, {"decision": "7/QĐ-MẪU", "decided_on": SPRING}) == 0
    assert recognise(both, {"decision": "7/QĐ-MẪU", "decided_on": SUMMER}) == 1
    with pytest.raises(RowError):
        recognise(both, {"decision": "7/QĐ-MẪU", "decided_on": date(2023, 9, 1)})


def test_a_correction_of_one_of_several_is_not_guessed() -> None:
    old = [KNOWN, make_certificate(decision="7/QĐ-MẪU", decided_on=NEXT_YEAR)]
    given = {"decision": "7/QĐ-MẪU", "decided_on": date(2025, 5, 10)}

    assert recognise(old, given) == Doubt(Near.YEAR, (0, 1))
    with pytest.raises(RowError):
        recognise(old, {**given, ANSWER: DecisionIs.CORRECTION})


def test_a_doubt_that_nobody_has_answered_takes_no_row_in() -> None:
    with pytest.raises(RowError) as caught:
        position_of([KNOWN], {"decision": "7/QĐ-MẪU", "decided_on": NEXT_YEAR})

    assert (caught.value.kind, caught.value.column) == (
        ProblemKind.QUESTION,
        "decided_on",
    )
    assert "7/QĐ-MẪU, tỉnh, 10/05/2023" in caught.value.vi


VOID = {"voided_by": "Bà Mẫu", "voided_on": date(2024, 1, 2), "void_reason": "nhầm"}
VOIDED = make_certificate(decision="7/QĐ-MẪU", body="tỉnh", decided_on=SPRING, **VOID)


@pytest.mark.parametrize("day", [SPRING, SUMMER])
def test_a_voided_decision_that_is_named_again_is_asked_about(day: date) -> None:
    given = {"decision": "7/QĐ-MẪU", "decided_on": day}

    for answer in ({}, {ANSWER: DecisionIs.NEW}, {ANSWER: DecisionIs.CORRECTION}):
        assert recognise([VOIDED], {**given, **answer}) == Doubt(Near.VOIDED, (0,))


@pytest.mark.parametrize("by", ["Bà Mẫu", ""], ids=["voided", "cleared"])
def test_a_row_that_speaks_of_the_void_is_about_the_voided_one(by: str) -> None:
    given = {"decision": "7/QĐ-MẪU", "decided_on": SPRING, "voided_by": by}

    assert recognise([VOIDED], given) == 0


def test_a_voided_decision_is_not_corrected_by_what_is_nearly_it() -> None:
    assert recognise([VOIDED], {"decision": "7/QĐ-MẪU", "year": 2024}) is None
    assert recognise([VOIDED, KNOWN], {"decision": "7/QĐ-MẪU"}) == 1
