"""Terms of certificates: first and last days, years, revocation.

Their effect on a product is tested in test_eligibility.py.
"""

from datetime import date

import pytest

from catalog.model.certificate import Certificate, Evidence, Validity, YearMeans
from catalog.model.fact import Fact
from tests.factories import make_certificate

MONTHS_36 = Validity(((date(2019, 8, 21), 36),))


@pytest.mark.parametrize(
    ("decided_on", "last"),
    [
        pytest.param(date(2023, 8, 31), date(2026, 8, 31), id="31 August"),
        pytest.param(date(2024, 2, 29), date(2027, 2, 28), id="29 February"),
        pytest.param(date(2022, 6, 14), date(2025, 6, 14), id="ends on a Saturday"),
        pytest.param(date(2019, 12, 23), date(2022, 12, 23), id="Thanh Hóa's notice"),
    ],
)
def test_the_last_day_is_the_corresponding_day(decided_on: date, last: date) -> None:
    assert MONTHS_36.last_day(decided_on) == last


@pytest.mark.parametrize(
    ("decided_on", "last"),
    [
        pytest.param(date(2022, 6, 14), date(2025, 6, 16), id="Saturday"),
        pytest.param(date(2024, 2, 29), date(2027, 3, 1), id="Sunday"),
        pytest.param(date(2023, 8, 31), date(2026, 8, 31), id="Monday"),
    ],
)
def test_rest_days_move_the_end_if_they_are_told_to(
    decided_on: date, last: date
) -> None:
    extended = Validity(MONTHS_36.steps, extend_rest_days=True)

    assert extended.last_day(decided_on) == last


def test_the_length_is_that_of_the_day_of_the_decision() -> None:
    changed = Validity(((date(2019, 8, 21), 36), (date(2030, 1, 1), 60)))

    assert changed.months(date(2015, 1, 1)) == 36
    assert changed.last_day(date(2029, 12, 31)) == date(2032, 12, 31)
    assert changed.last_day(date(2030, 1, 1)) == date(2035, 1, 1)


def test_a_length_that_is_no_whole_number_of_years_reaches_one_year_further() -> None:
    longer = Validity(((date(2019, 8, 21), 39),))
    term = longer.of(
        make_certificate(decided_on=None, year=2021, year_means=YearMeans.HELD)
    )

    assert term is not None
    assert term.granted_from == date(2017, 1, 1)
    assert term.granted_to == date(2021, 12, 31)


def test_what_is_not_stated_of_a_certificate_is_empty() -> None:
    assert Certificate(stars=4) == Certificate(
        stars=4,
        evidence=Evidence.DECISION,
        decision="",
        body="",
        decided_on=None,
        year=None,
        year_means=YearMeans.GRANTED,
        revoked_by="",
        revoked_on=None,
        revocation_proposed=False,
        potential_5=False,
        source="",
    )


def test_rest_days_count_like_others_unless_it_is_said() -> None:
    assert Validity(MONTHS_36.steps, extend_rest_days=False) == MONTHS_36


def test_catalogs_and_databases_hold_these_words() -> None:
    assert [*Evidence, *YearMeans] == ["decision", "published", "granted", "held"]


@pytest.mark.parametrize("year", [1900, 9899])
def test_the_first_and_the_last_year_that_count(year: int) -> None:
    assert MONTHS_36.of(make_certificate(decided_on=None, year=year)) is not None


@pytest.mark.parametrize("year", [0, 202, 1899, 9900, 9998, 20233])
def test_a_slip_of_the_pen_is_as_good_as_no_year(year: int) -> None:
    by_year = make_certificate(decided_on=None, year=year)

    assert MONTHS_36.of(by_year) is None


@pytest.mark.parametrize("day", [date(202, 3, 1), date(9998, 1, 1), date.max])
def test_a_slip_of_the_pen_is_as_good_as_no_day(day: date) -> None:
    assert MONTHS_36.of(make_certificate(decided_on=day)) is None


@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (date(2023, 5, 9), Fact.NO),
        (date(2023, 5, 10), Fact.YES),
        (date(2026, 5, 10), Fact.YES),
        (date(2026, 5, 11), Fact.NO),
    ],
)
def test_a_decision_counts_from_its_day_through_its_last(
    day: date, valid: Fact
) -> None:
    term = MONTHS_36.of(make_certificate(decided_on=date(2023, 5, 10)))

    assert term is not None
    assert term.known
    assert term.valid_on(day) is valid


@pytest.mark.parametrize(
    ("means", "day", "valid"),
    [
        (YearMeans.GRANTED, date(2020, 12, 31), Fact.NO),
        (YearMeans.GRANTED, date(2021, 1, 1), Fact.UNKNOWN),
        (YearMeans.GRANTED, date(2021, 12, 31), Fact.UNKNOWN),
        (YearMeans.GRANTED, date(2022, 1, 1), Fact.YES),
        (YearMeans.GRANTED, date(2023, 12, 31), Fact.YES),
        (YearMeans.GRANTED, date(2024, 1, 1), Fact.UNKNOWN),
        (YearMeans.GRANTED, date(2024, 12, 31), Fact.UNKNOWN),
        (YearMeans.GRANTED, date(2025, 1, 1), Fact.NO),
        (YearMeans.HELD, date(2017, 12, 31), Fact.NO),
        (YearMeans.HELD, date(2018, 1, 1), Fact.UNKNOWN),
        (YearMeans.HELD, date(2021, 6, 1), Fact.UNKNOWN),
        (YearMeans.HELD, date(2024, 12, 31), Fact.UNKNOWN),
        (YearMeans.HELD, date(2025, 1, 1), Fact.NO),
    ],
)
def test_a_year_alone_leaves_days_unknown(
    means: YearMeans, day: date, valid: Fact
) -> None:
    dated = make_certificate(decided_on=None, year=2021, year_means=means)
    term = MONTHS_36.of(dated)

    assert term is not None
    assert not term.known
    assert term.valid_on(day) is valid


def test_without_day_and_year_there_is_no_term() -> None:
    assert MONTHS_36.of(make_certificate(decided_on=None)) is None


def test_a_day_is_worth_more_than_a_year() -> None:
    both = make_certificate(decided_on=date(2023, 5, 10), year=2020)

    assert MONTHS_36.of(both) == MONTHS_36.of(make_certificate())


@pytest.mark.parametrize(
    ("stars", "starred"),
    [
        (None, Fact.UNKNOWN),
        (0, Fact.NO),
        (2, Fact.NO),
        (3, Fact.YES),
        (5, Fact.YES),
        (6, Fact.NO),
    ],
)
def test_only_3_to_5_stars_make_a_certificate(stars: int | None, starred: Fact) -> None:
    assert make_certificate(stars=stars).starred is starred


@pytest.mark.parametrize(
    ("number", "on", "revoked"),
    [
        pytest.param("", None, Fact.NO, id="not revoked"),
        pytest.param("9/QĐ", None, Fact.UNKNOWN, id="day not known"),
        pytest.param("9/QĐ", date(2024, 3, 2), Fact.NO, id="from tomorrow"),
        pytest.param("9/QĐ", date(2024, 3, 1), Fact.YES, id="from today"),
    ],
)
def test_a_revocation_counts_from_its_day(
    number: str, on: date | None, revoked: Fact
) -> None:
    certificate = make_certificate(revoked_by=number, revoked_on=on)

    assert certificate.revoked_by_day(date(2024, 3, 1)) is revoked


@pytest.mark.parametrize(
    ("year", "later"),
    [(2022, Fact.NO), (2023, Fact.UNKNOWN), (2024, Fact.YES)],
)
def test_which_of_two_is_later_may_not_be_known(year: int, later: Fact) -> None:
    by_day = MONTHS_36.of(make_certificate(decided_on=date(2023, 5, 10)))
    by_year = MONTHS_36.of(make_certificate(decided_on=None, year=year))

    assert by_day is not None
    assert by_year is not None
    assert by_year.granted_after(by_day) is later
