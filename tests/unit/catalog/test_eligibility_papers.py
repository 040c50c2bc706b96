"""Rules E04, E05, E08 and E12 to E14: papers, by product set and day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from catalog.eligibility import Rules, Standing, evaluate, load_rules
from catalog.model.fact import UNATTESTED, Attested
from catalog.model.paper import Paper, PaperKind
from catalog.model.product import Product
from catalog.values import replace
from tests.factories import (
    AT,
    NOT_SO,
    SEEN,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
)
from tests.unit.catalog.reading import deciding, remarks

LATE = datetime(2026, 7, 2, 5, tzinfo=UTC)
"""Every rule is in force by then."""

NEW = make_certificate(decided_on=date(2025, 8, 1))
YESTERDAY = date(2024, 2, 29)


@pytest.fixture(name="rules", scope="module")
def _rules() -> Rules:
    return load_rules()


def with_papers(product: Product, **held: Attested) -> Product:
    """Return *product* with the named papers replaced."""
    kinds = {PaperKind(kind): value for kind, value in held.items()}
    kept = (paper for paper in product.papers if paper.kind not in kinds)
    named = (make_paper(kind, value) for kind, value in kinds.items())
    return replace(product, papers=(*kept, *named))


@dataclass(frozen=True, kw_only=True)
class Needs:
    """A product that lacks nothing, and a paper that it needs."""

    code: str
    kind: PaperKind
    product: Product
    at: datetime = AT


SPIRITS = with_papers(
    make_product(set_code="II.1.a", alcohol_percent=29.5),
    alcohol_licence=SEEN,
    age_gate=SEEN,
)
MEDICINE = with_papers(
    make_product(set_code="III.1", certificates=(NEW,)), pharmacy_licence=SEEN
)
NEEDS = [
    *(
        pytest.param(
            Needs(code=code, kind=kind, product=make_product(set_code=product_set)),
            id=f"{code} {product_set}",
        )
        for code, kind in (
            ("E04", PaperKind.FOOD_SAFETY),
            ("E05", PaperKind.DECLARATION),
        )
        for product_set in ("I.1.a", "I.6", "II.2.b", "III.3")
    ),
    pytest.param(
        Needs(code="E08", kind=PaperKind.ALCOHOL_LICENCE, product=SPIRITS),
        id="E08 licence",
    ),
    pytest.param(
        Needs(code="E08", kind=PaperKind.AGE_GATE, product=SPIRITS), id="E08 age gate"
    ),
    pytest.param(
        Needs(code="E12", kind=PaperKind.PHARMACY_LICENCE, product=MEDICINE, at=LATE),
        id="E12",
    ),
]


def replaced(needs: Needs, *papers: Paper) -> Product:
    """Return the product with *papers* for the one that it needs."""
    others = (paper for paper in needs.product.papers if paper.kind is not needs.kind)
    return replace(needs.product, papers=(*others, *papers))


@pytest.mark.parametrize("needs", NEEDS)
def test_with_its_papers_it_is_listed(needs: Needs, rules: Rules) -> None:
    last_day = make_paper(needs.kind, SEEN, expires_on=needs.at.date())
    ended = make_paper(needs.kind, SEEN, expires_on=YESTERDAY)

    verdict = evaluate(
        replaced(needs, ended, last_day), make_producer(), needs.at, rules
    )

    assert verdict.reasons == ()
    assert verdict.standing is Standing.LISTED


@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize(
    ("key", "held", "expires_on"),
    [("none", NOT_SO, None), ("ended", SEEN, YESTERDAY)],
)
def test_a_paper_that_is_known_to_lack_blocks(
    needs: Needs, key: str, held: Attested, expires_on: date | None, rules: Rules
) -> None:
    product = replaced(needs, make_paper(needs.kind, held, expires_on))

    verdict = evaluate(product, make_producer(), needs.at, rules)

    assert deciding(verdict) == [(needs.code, key, True)]
    assert rules.tables.papers[needs.kind].vi in verdict.reasons[0].seen.vi
    assert verdict.standing is Standing.NOT_LISTED


@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize("expires_on", [None, YESTERDAY])
def test_a_paper_that_nobody_has_attested_withdraws_nothing(
    needs: Needs, expires_on: date | None, rules: Rules
) -> None:
    unseen = make_paper(needs.kind, UNATTESTED, expires_on)

    for product in (replaced(needs), replaced(needs, unseen)):
        verdict = evaluate(product, make_producer(), needs.at, rules)

        assert deciding(verdict) == [(needs.code, "not_attested", False)]
        assert rules.tables.papers[needs.kind].vi in verdict.reasons[0].seen.vi
        assert verdict.standing is Standing.UNKNOWN


@pytest.mark.parametrize("papers", [(NOT_SO, UNATTESTED), (UNATTESTED, NOT_SO)])
def test_of_two_papers_of_a_kind_the_better_counts(
    papers: tuple[Attested, Attested], rules: Rules
) -> None:
    both = tuple(make_paper(PaperKind.FOOD_SAFETY, held) for held in papers)
    declared = make_paper(PaperKind.DECLARATION)

    product = make_product(papers=(*both, declared))
    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.standing is Standing.UNKNOWN


@pytest.mark.parametrize("stand_in", ["food_safety_exemption", "quality_system"])
@pytest.mark.parametrize("food_safety", [NOT_SO, UNATTESTED])
def test_an_exemption_or_a_quality_system_stands_in_for_food_safety(
    stand_in: str, food_safety: Attested, rules: Rules
) -> None:
    product = with_papers(make_product(), food_safety=food_safety, **{stand_in: SEEN})

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.standing is Standing.LISTED


def test_a_stand_in_that_ended_is_named(rules: Rules) -> None:
    ended = make_paper(PaperKind.QUALITY_SYSTEM, SEEN, expires_on=YESTERDAY)
    product = with_papers(make_product(), food_safety=NOT_SO)

    verdict = evaluate(
        replace(product, papers=(*product.papers, ended)), make_producer(), AT, rules
    )

    assert deciding(verdict) == [("E04", "ended", True)]
    assert "HACCP" in verdict.reasons[0].seen.vi
    assert "29/02/2024" in verdict.reasons[0].seen.vi


def test_only_the_end_of_a_paper_that_was_held_is_told(rules: Rules) -> None:
    never_held = make_paper(PaperKind.FOOD_SAFETY, NOT_SO, expires_on=YESTERDAY)
    ended = make_paper(PaperKind.DECLARATION, SEEN, expires_on=YESTERDAY)

    product = make_product(papers=(never_held, ended))
    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [("E04", "none", True), ("E05", "ended", True)]


@pytest.mark.parametrize(
    ("product_set", "kind"),
    [
        ("I.1.a", "food_safety_exemption"),
        ("III.1", "supplement_registration"),
        ("III.2", "cosmetic_notification"),
    ],
)
def test_some_sets_are_declared_in_another_way(
    product_set: str, kind: str, rules: Rules
) -> None:
    product = with_papers(
        make_product(set_code=product_set), declaration=NOT_SO, **{kind: SEEN}
    )
    other_set = replace(product, set_code="I.6")

    assert deciding(evaluate(product, make_producer(), AT, rules)) == []
    verdict = evaluate(other_set, make_producer(), AT, rules)
    assert deciding(verdict) == [("E05", "none", True)]


@pytest.mark.parametrize("product_set", ["IV.1", "IV.2"])
def test_crafts_need_no_paper(product_set: str, rules: Rules) -> None:
    product = make_product(set_code=product_set, papers=())

    verdict = evaluate(product, make_producer(), AT, rules)

    assert verdict.reasons == ()


def test_of_an_unknown_set_it_is_not_known_what_it_needs(rules: Rules) -> None:
    product = with_papers(make_product(set_code=""), food_safety=NOT_SO)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [
        ("E00", "no_set", False),
        ("E04", "not_attested", False),
    ]
    assert verdict.standing is Standing.UNKNOWN
    paper = rules.tables.papers[PaperKind.FOOD_SAFETY]
    assert paper.vi in verdict.reasons[1].seen.vi
    assert paper.en in verdict.reasons[1].seen.en


def test_an_unknown_strength_holds(rules: Rules) -> None:
    product = replace(SPIRITS, alcohol_percent=None)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [("E08", "no_strength", False)]
    assert verdict.standing is Standing.UNKNOWN


def test_every_lack_of_a_spirit_is_told(rules: Rules) -> None:
    product = make_product(set_code="II.1.b")

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [
        ("E08", "not_attested", False),
        ("E08", "not_attested", False),
        ("E08", "no_strength", False),
    ]


def test_what_a_spirit_is_known_to_lack_comes_first(rules: Rules) -> None:
    product = with_papers(SPIRITS, alcohol_licence=UNATTESTED, age_gate=NOT_SO)

    verdict = evaluate(product, make_producer(), AT, rules)

    assert deciding(verdict) == [("E08", "none", True), ("E08", "not_attested", False)]


def test_what_is_registered_as_a_supplement_is_no_medicine(rules: Rules) -> None:
    supplement = with_papers(
        MEDICINE,
        pharmacy_licence=NOT_SO,
        supplement_registration=SEEN,
        advertising_approval=SEEN,
    )

    verdict = evaluate(supplement, make_producer(), LATE, rules)

    assert verdict.reasons == ()


def test_medicines_are_asked_for_a_licence_since_july_2025(rules: Rules) -> None:
    product = with_papers(
        make_product(set_code="III.1", certificates=(NEW,)), pharmacy_licence=NOT_SO
    )
    before = replace(product, certificates=(make_certificate(),))

    last = evaluate(
        before, make_producer(), datetime(2025, 6, 30, 16, 59, tzinfo=UTC), rules
    )
    first = evaluate(
        before, make_producer(), datetime(2025, 6, 30, 17, tzinfo=UTC), rules
    )

    assert last.standing is Standing.LISTED
    assert deciding(first) == [("E12", "none", True)]


COSMETIC = with_papers(make_product(set_code="III.2"), cosmetic_notification=SEEN)
SUPPLEMENT = with_papers(
    make_product(set_code="III.1"),
    supplement_registration=SEEN,
    advertising_approval=SEEN,
)
WANTS = [
    pytest.param("E13", "cosmetic_notification", COSMETIC, id="cosmetic"),
    pytest.param("E14", "supplement_registration", SUPPLEMENT, id="registration"),
    pytest.param("E14", "advertising_approval", SUPPLEMENT, id="advertising"),
]


@pytest.mark.parametrize(("code", "kind", "product"), WANTS)
@pytest.mark.parametrize(
    ("key", "held"), [("none", NOT_SO), ("not_attested", UNATTESTED)]
)
def test_cosmetics_and_supplements_without_papers_are_warned_of(
    code: str, kind: str, product: Product, key: str, held: Attested
) -> None:
    lacking = with_papers(product, **{kind: held})

    verdict = evaluate(lacking, make_producer(), AT, load_rules())

    assert remarks(verdict) == [(code, key, held is NOT_SO)]
    assert verdict.standing is Standing.LISTED


@pytest.mark.parametrize("product", [COSMETIC, SUPPLEMENT])
def test_cosmetics_and_supplements_with_their_papers_pass(
    product: Product, rules: Rules
) -> None:
    assert evaluate(product, make_producer(), AT, rules).reasons == ()
