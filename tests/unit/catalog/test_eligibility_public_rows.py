"""Fifty products as public reports describe them, on two days.

Only decisive fields are repeated here: stars, year, the meaning of the year, the
product set, and whether the producer is known. The figures were worked out by hand from
the reports.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import pytest

from catalog.eligibility import Rules, Standing, Verdict, evaluate, load_rules
from catalog.model.certificate import Certificate, Evidence, YearMeans
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Product
from tests.factories import make_paper, make_producer, make_product

MARCH_2024 = datetime(2024, 3, 1, tzinfo=UTC)
NOVEMBER_2026 = datetime(2026, 11, 24, tzinfo=UTC)
EVERY_PAPER = tuple(make_paper(kind) for kind in PaperKind)
DECIDED: Final = Certificate(
    stars=5,
    decision="377/QĐ-BNN-VPĐP",
    body="trung ương",
    decided_on=date(2025, 1, 17),
)


@dataclass(frozen=True)
class Row:
    """What a report says of one product."""

    set_code: str = ""
    stars: int | None = None
    year: int | None = None
    means: YearMeans = YearMeans.GRANTED
    producer: bool = True
    proposed: bool = False


HELD = YearMeans.HELD
WITHDRAWN = Row("", 4, 2021, HELD, proposed=True)
UNSTATED = Row("I.3.d")
ROWS: Final = [
    *[Row("I.1.b", 4, 2023)] * 2,
    *[Row("II.1.b", 4, 2023)] * 3,
    *[Row("II.2.a", 4, 2023)] * 4,
    Row("II.1.b", 4, 2023),
    Row("I.1.b", 4, 2023),
    Row("II.1.b", 4, 2023),
    *[Row("I.1.a", 4, 2023)] * 2,
    Row("I.3.d", 4, 2023, producer=False),
    Row("III.1", 4, 2023, producer=False),
    Row("I.5.b", 4, 2023),
    *[Row("IV.1", 5, 2021)] * 3,
    Row("I.5.b", 5, 2022),
    *[WITHDRAWN] * 8,
    *[UNSTATED] * 16,
    Row("I.1.b", 4, 2022, HELD, producer=False),
    UNSTATED,
    *[Row("VI")] * 2,
    Row("I.2.b"),
]
"""Rows 1 to 50, in order."""


@pytest.fixture(name="rules", scope="module")
def _rules() -> Rules:
    return load_rules(accept_published=True)


def product_of(number: int, row: Row) -> Product:
    """Return the product of a row, with every paper attested."""
    report = Certificate(
        stars=row.stars,
        evidence=Evidence.PUBLISHED,
        year=row.year,
        year_means=row.means,
        revocation_proposed=row.proposed,
    )
    known = (report,) if row.year else ()
    return make_product(
        id=f"Hàng {number}",
        set_code=row.set_code,
        certificates=(*known, DECIDED) if number == 17 else known,
        papers=EVERY_PAPER,
    )


def verdicts(at: datetime, rules: Rules) -> dict[int, Verdict]:
    """Return the verdict of each row, with consent attested."""
    return {
        number: evaluate(
            product_of(number, row),
            make_producer() if row.producer else None,
            at,
            rules,
        )
        for number, row in enumerate(ROWS, start=1)
    }


def counted(found: dict[int, Verdict]) -> Counter[str]:
    """Count as the reports do."""
    return Counter(
        "validity unknown"
        if verdict.validity_unknown
        else {Fact.YES: "certified", Fact.NO: "ended"}.get(
            verdict.certified, "stars unstated"
        )
        for verdict in found.values()
    )


def test_there_are_fifty_rows() -> None:
    assert len(ROWS) == 50


def test_on_1_march_2024_eighteen_are_certified(rules: Rules) -> None:
    found = verdicts(MARCH_2024, rules)

    assert counted(found) == {
        "certified": 18,
        "validity unknown": 12,
        "stars unstated": 20,
    }
    certified = [n for n, each in found.items() if each.certified is Fact.YES]
    assert certified == [*range(1, 18), 21]


def test_on_24_november_2026_one_is_certified(rules: Rules) -> None:
    found = verdicts(NOVEMBER_2026, rules)

    assert counted(found) == {
        "certified": 1,
        "validity unknown": 16,
        "ended": 13,
        "stars unstated": 20,
    }
    assert found[17].stars == 5
    assert found[17].claim_ends_on == date(2028, 1, 17)


def test_with_papers_and_consent_eleven_can_be_listed_in_march_2024(
    rules: Rules,
) -> None:
    found = verdicts(MARCH_2024, rules)

    listed = [n for n, each in found.items() if each.standing is Standing.LISTED]
    assert listed == [1, 2, 6, 7, 8, 9, 11, 13, 14, 17, 21]
    assert {found[n].decisive.code for n in (15, 16)} == {"E11"}  # type: ignore[union-attr]  # held
    strength = {found[n].decisive.key for n in (3, 4, 5, 10, 12)}  # type: ignore[union-attr]  # held
    assert strength == {"no_strength"}


def test_a_proposed_withdrawal_blocks_none(rules: Rules) -> None:
    found = verdicts(MARCH_2024, rules)

    assert not [n for n, each in found.items() if each.standing is Standing.NOT_LISTED]
    warned = [n for n, v in found.items() if "proposed" in {r.key for r in v.reasons}]
    assert warned == list(range(22, 30))


def test_where_reports_are_not_enough_only_the_decision_certifies() -> None:
    strict = load_rules()

    assert counted(verdicts(MARCH_2024, strict))["certified"] == 0
    later = verdicts(NOVEMBER_2026, strict)
    assert [n for n, each in later.items() if each.certified is Fact.YES] == [17]
    assert not [
        n for n, each in later.items() if each.standing is Standing.WITHOUT_CLAIM
    ]
