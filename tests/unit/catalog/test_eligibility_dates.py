"""On which instants verdicts change, and that they say so beforehand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from catalog.eligibility import Rules, Standing, Verdict, evaluate, load_rules
from catalog.model.certificate import Certificate
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Product
from catalog.values import replace
from tests.factories import (
    AT,
    SEEN,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
)

TICK = timedelta(microseconds=1)
PAPERS = make_product().papers


@pytest.fixture(name="rules", scope="module")
def _rules() -> Rules:
    return load_rules()


def look(product: Product, at: datetime, rules: Rules) -> Verdict:
    """Evaluate *product* with a producer that consents."""
    return evaluate(product, make_producer(), at, rules)


@pytest.mark.parametrize(
    ("decided_on", "last"),
    [
        pytest.param(date(2021, 8, 31), date(2024, 8, 31), id="31 August"),
        pytest.param(date(2024, 2, 29), date(2027, 2, 28), id="29 February"),
        pytest.param(date(2022, 6, 14), date(2025, 6, 14), id="a Saturday"),
    ],
)
def test_the_claim_goes_at_midnight_in_vietnam_after_the_last_day(
    decided_on: date, last: date, rules: Rules
) -> None:
    product = make_product(certificates=(make_certificate(decided_on=decided_on),))
    midnight = datetime(last.year, last.month, last.day, 17, tzinfo=UTC)

    before = look(product, midnight - TICK, rules)
    after = look(product, midnight, rules)

    assert (before.standing, before.claim_ends_on) == (Standing.LISTED, last)
    assert before.changes_at == midnight
    assert before.changes_at.tzinfo is UTC  # and not the zone of the computer
    assert after.standing is Standing.WITHOUT_CLAIM
    assert (after.certified, after.stars) == (Fact.NO, None)
    assert f"{last:%d/%m/%Y}" in after.reasons[0].seen.vi


def test_a_rest_day_moves_the_end_only_where_it_is_told_to() -> None:
    certificate = make_certificate(decided_on=date(2022, 6, 14))
    product = make_product(certificates=(certificate,))
    sunday = datetime(2025, 6, 15, 12, tzinfo=UTC)

    usual = look(product, sunday, load_rules())
    moved = look(product, sunday, load_rules(extend_rest_days=True))

    assert usual.standing is Standing.WITHOUT_CLAIM
    assert moved.standing is Standing.LISTED
    assert moved.claim_ends_on == date(2025, 6, 16)


def test_the_day_is_that_of_vietnam(rules: Rules) -> None:
    first_day = make_certificate(decided_on=date(2024, 3, 1))
    product = make_product(certificates=(first_day,))

    begun = look(product, datetime(2024, 2, 29, 17, tzinfo=UTC), rules)
    not_begun = look(product, datetime(2024, 2, 29, 16, 59, tzinfo=UTC), rules)

    assert begun.standing is Standing.LISTED
    assert not_begun.standing is Standing.WITHOUT_CLAIM
    assert not_begun.changes_at == datetime(2024, 2, 29, 17, tzinfo=UTC)


def vietnam(year: int, month: int, day: int) -> datetime:
    """Return the instant, in UTC, at which that day begins in Vietnam."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=7)


BY_YEAR = make_certificate(decided_on=None, year=2022)
REVOKED_SOON = make_certificate(revoked_by="9/QĐ", revoked_on=date(2024, 3, 20))
ENDS_SOON = make_paper(PaperKind.QUALITY_SYSTEM, SEEN, date(2024, 3, 9))


@pytest.mark.parametrize(
    ("product", "at", "changes_at"),
    [
        pytest.param(
            make_product(), AT, vietnam(2024, 6, 1), id="E07 comes into force"
        ),
        pytest.param(
            make_product(), vietnam(2024, 6, 1), vietnam(2025, 7, 1), id="E12 does"
        ),
        pytest.param(
            make_product(), vietnam(2025, 7, 1), vietnam(2026, 4, 16), id="E05's table"
        ),
        pytest.param(
            make_product(), vietnam(2026, 4, 16), vietnam(2026, 5, 11), id="its end"
        ),
        pytest.param(
            make_product(), vietnam(2026, 5, 11), vietnam(2026, 7, 1), id="E10 does"
        ),
        pytest.param(make_product(), vietnam(2026, 7, 1), None, id="nothing more"),
        pytest.param(
            make_product(certificates=(REVOKED_SOON,)),
            AT,
            vietnam(2024, 3, 20),
            id="revocation",
        ),
        pytest.param(
            make_product(papers=(*PAPERS, ENDS_SOON)),
            AT,
            vietnam(2024, 3, 10),
            id="end of a paper",
        ),
        pytest.param(
            make_product(papers=(*PAPERS, ENDS_SOON)),
            vietnam(2024, 3, 9),
            vietnam(2024, 3, 10),
            id="the last day of a paper",
        ),
        pytest.param(
            make_product(certificates=(BY_YEAR,)),
            vietnam(2024, 6, 1),
            vietnam(2025, 1, 1),
            id="end of what is sure",
        ),
        pytest.param(
            make_product(certificates=(BY_YEAR,)),
            vietnam(2025, 7, 1),
            vietnam(2026, 1, 1),
            id="end of what may be",
        ),
        pytest.param(
            make_product(certificates=(BY_YEAR,)),
            vietnam(2021, 7, 1),
            vietnam(2022, 1, 1),
            id="start of what may be",
        ),
        pytest.param(
            make_product(certificates=(replace(BY_YEAR, year=2023),)),
            vietnam(2023, 12, 31),
            vietnam(2024, 1, 1),
            id="start of what is sure",
        ),
        pytest.param(
            make_product(papers=(make_paper(PaperKind.AGE_GATE, SEEN, date.max),)),
            vietnam(2026, 7, 1),
            None,
            id="a paper without end, as some write it",
        ),
    ],
)
def test_a_verdict_says_when_it_may_change(
    product: Product, at: datetime, changes_at: datetime | None, rules: Rules
) -> None:
    assert look(product, at, rules).changes_at == changes_at


@pytest.mark.parametrize(
    ("certificate", "ends_on"),
    [
        pytest.param(make_certificate(), date(2026, 5, 10), id="last day"),
        pytest.param(REVOKED_SOON, date(2024, 3, 19), id="day before its revocation"),
        pytest.param(BY_YEAR, None, id="not known"),
    ],
)
def test_a_verdict_says_how_long_the_claim_stands(
    certificate: Certificate, ends_on: date | None, rules: Rules
) -> None:
    product = make_product(certificates=(certificate,))

    assert look(product, AT, rules).claim_ends_on == ends_on
