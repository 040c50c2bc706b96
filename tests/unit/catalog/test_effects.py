"""The effects of a change of a product on buyers, fact by fact."""

from datetime import date
from typing import Any

import pytest

from catalog.eligibility import Rules, load_rules
from catalog.eligibility.effects import Comparison, compare
from catalog.model.certificate import Certificate, Evidence
from catalog.model.effect import Effect, EffectKind
from catalog.model.fact import UNATTESTED, Attested
from catalog.model.paper import Paper, PaperKind
from catalog.values import replace
from tests.factories import (
    NOT_SO,
    SEEN,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
    make_variant,
)

TODAY = date(2024, 3, 1)
SKU = "SP-00001-1"
NOBODY = Attested(value=UNATTESTED.value)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def compared(rules: Rules, before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    known, maker = make_product(**before), make_producer()
    return compare((known, maker), (replace(known, **after), maker), TODAY, rules)


def facts(found: Comparison) -> list[tuple[str, str, bool]]:
    return [(each.kind.value, each.key, each.asks) for each in found.entered]


def certified(*certificates: Certificate) -> dict[str, Any]:
    return {"certificates": certificates}


def papers(*held: Paper) -> dict[str, Any]:
    declared = make_paper(PaperKind.DECLARATION)
    return {"papers": (declared, *held)}


def food(held: Attested = SEEN, expires_on: date | None = None) -> Paper:
    return make_paper(PaperKind.FOOD_SAFETY, held, expires_on)


def stock(**differences: Any) -> dict[str, Any]:
    return {"variants": (make_variant(**differences),)}


UNDATED = make_certificate(decided_on=None)
PUBLISHED = make_certificate(
    decided_on=None, decision="", year=2022, evidence=Evidence.PUBLISHED
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {"paused": True}, ("stopped", "", True), id="stopped"),
        pytest.param(
            {},
            certified(make_certificate(revoked_on=TODAY)),
            ("revoked", "0", True),
            id="revoked today",
        ),
        pytest.param(
            {},
            certified(make_certificate(revoked_on=date(2024, 9, 1))),
            ("revoked", "0", True),
            id="revoked later",
        ),
        pytest.param(
            certified(make_certificate(revoked_on=date(2024, 9, 1))),
            certified(make_certificate(revoked_on=date(2024, 4, 1))),
            ("revoked", "0", True),
            id="revoked earlier than was known",
        ),
        pytest.param(
            {},
            certified(make_certificate(), make_certificate(revoked_on=TODAY)),
            ("revoked", "1", True),
            id="with a certificate that comes revoked",
        ),
        pytest.param(
            {},
            certified(make_certificate(decided_on=date(2021, 1, 5))),
            ("ended", "", True),
            id="over now",
        ),
        pytest.param(
            {},
            certified(make_certificate(decided_on=date(2022, 5, 10))),
            ("ended", "", True),
            id="ends earlier",
        ),
        pytest.param(
            {},
            certified(make_certificate(decided_on=date(2025, 5, 10))),
            ("ended", "", True),
            id="not begun",
        ),
        pytest.param(
            {},
            certified(make_certificate(voided_by="Bà Mẫu", voided_on=TODAY)),
            ("ended", "", True),
            id="voided",
        ),
        pytest.param(
            certified(UNDATED),
            certified(make_certificate(decided_on=date(2021, 1, 5))),
            ("ended", "", True),
            id="a first day, and over",
        ),
        pytest.param(
            certified(UNDATED),
            certified(make_certificate()),
            ("ended", "", False),
            id="a first day, and in force",
        ),
        pytest.param(
            {},
            papers(food(NOT_SO)),
            ("paper", "food_safety", True),
            id="a paper that is not held",
        ),
        pytest.param(
            papers(),
            papers(food(NOT_SO)),
            ("paper", "food_safety", True),
            id="a paper of which nothing was known",
        ),
        pytest.param(
            {},
            papers(food(expires_on=date(2024, 2, 1))),
            ("paper", "food_safety", True),
            id="a paper that is over",
        ),
        pytest.param(
            papers(food(expires_on=date(2025, 2, 1))),
            papers(food(expires_on=date(2024, 5, 1))),
            ("paper", "food_safety", True),
            id="a paper that ends earlier",
        ),
        pytest.param(stock(), stock(on_hand=0), ("emptied", SKU, True), id="none left"),
        pytest.param(
            stock(), stock(on_hand=None), ("emptied", SKU, True), id="count cleared"
        ),
        pytest.param(
            stock(), stock(reserved=20), ("emptied", SKU, True), id="all reserved"
        ),
        pytest.param(
            stock(), stock(buffer=99), ("emptied", SKU, True), id="all kept back"
        ),
        pytest.param(
            {},
            certified(make_certificate(stars=5)),
            ("stars", "", True),
            id="other stars",
        ),
        pytest.param(
            {},
            certified(
                make_certificate(),
                make_certificate(decided_on=date(2024, 2, 1), decision="2", stars=5),
            ),
            ("stars", "", True),
            id="other stars by another decision",
        ),
    ],
)
def test_a_fact_that_takes_earlier_is_an_effect(
    rules: Rules,
    before: dict[str, Any],
    after: dict[str, Any],
    expected: tuple[str, str, bool],
) -> None:
    assert facts(compared(rules, before, after)) == [expected]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"paused": True}, {"paused": True}, id="as it was"),
        pytest.param({}, {"description": "Khác"}, id="a text"),
        pytest.param(
            {}, certified(make_certificate(revoked_by="9")), id="revoked on no day"
        ),
        pytest.param(
            certified(make_certificate(revoked_on=date(2024, 2, 1))),
            certified(make_certificate(revoked_on=date(2024, 1, 1))),
            id="revoked long ago, on an earlier day",
        ),
        pytest.param(
            {}, certified(make_certificate(decided_on=date(2023, 6, 1))), id="longer"
        ),
        pytest.param(
            certified(make_certificate(decided_on=date(2021, 2, 1))),
            certified(make_certificate(decided_on=date(2021, 1, 1))),
            id="over, and was",
        ),
        pytest.param(
            {},
            certified(
                make_certificate(), make_certificate(decided_on=date(2024, 2, 1))
            ),
            id="the same stars anew",
        ),
        pytest.param(
            {"certificates": ()}, certified(UNDATED), id="stars for the first time"
        ),
        pytest.param(
            {},
            papers(food(), make_paper(PaperKind.ALCOHOL_LICENCE, NOT_SO)),
            id="a paper that nobody needs",
        ),
        pytest.param(
            {},
            papers(food(NOT_SO), make_paper(PaperKind.QUALITY_SYSTEM)),
            id="a paper for which another stands in",
        ),
        pytest.param(
            papers(),
            papers(food(expires_on=date(2025, 1, 1))),
            id="a paper that ends one day",
        ),
        pytest.param({}, papers(), id="a paper that becomes unknown"),
        pytest.param(stock(), stock(on_hand=1), id="one is left"),
        pytest.param(stock(on_hand=None), stock(on_hand=0), id="nothing was offered"),
        pytest.param(
            {},
            {"variants": (make_variant(), make_variant(sku="SP-00001-2", on_hand=0))},
            id="a new pack without stock",
        ),
    ],
)
def test_other_changes_take_nothing(
    rules: Rules, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert facts(compared(rules, before, after)) == []


def test_only_a_year_that_becomes_a_day_may_end_something(rules: Rules) -> None:
    in_time = certified(replace(PUBLISHED, decided_on=date(2022, 5, 1), decision="1"))

    assert facts(compared(rules, certified(PUBLISHED), in_time)) == [
        ("ended", "", True)
    ]


@pytest.mark.parametrize(
    ("moved", "refuses_now", "key"),
    [(False, True, "CS-0001"), (True, True, ""), (True, False, None)],
)
def test_consent_is_that_of_the_producer_that_a_product_has(
    rules: Rules, moved: bool, refuses_now: bool, key: str | None
) -> None:
    before = make_product(), make_producer()
    now = make_producer(
        id="CS-0002" if moved else "CS-0001", consent=NOT_SO if refuses_now else SEEN
    )
    after = make_product(producer_id=now.id), now

    found = [(each.kind, each.key) for each in compare(before, after, TODAY, rules)[0]]
    assert found == ([] if key is None else [(EffectKind.CONSENT, key)])


@pytest.mark.parametrize(
    ("fact", "before", "after"),
    [
        (("stopped", ""), {"paused": True}, {"paused": False}),
        (
            ("revoked", "0"),
            certified(make_certificate(revoked_on=TODAY)),
            certified(make_certificate()),
        ),
        (("ended", ""), {}, certified(UNDATED)),
        (("paper", "food_safety"), papers(food(NOT_SO)), papers(food())),
        (("emptied", SKU), stock(on_hand=0), stock(on_hand=3)),
    ],
)
def test_what_no_longer_takes_is_lifted(
    rules: Rules, fact: tuple[str, str], before: dict[str, Any], after: dict[str, Any]
) -> None:
    found = compared(rules, before, after)

    assert (found.entered, found.lifted) == ([], [fact])


@pytest.mark.parametrize(("confirmed", "expected"), [(False, 1), (True, 0)])
def test_a_day_that_a_sheet_moved_back_stays_a_sheets_word(
    rules: Rules, confirmed: bool, expected: int
) -> None:
    effect = Effect(EffectKind.ENDED, "", 1, confirmed)
    before = {"effects": (effect,), **certified(make_certificate())}
    later = certified(make_certificate(decided_on=date(2023, 6, 1)))

    found = compared(rules, before, later)

    assert [each.asks for each in found.entered] == [False] * expected


def test_a_decision_is_named(rules: Rules) -> None:
    revoked = make_certificate(revoked_by="9/QĐ", revoked_on=TODAY)
    ended = make_certificate(decided_on=date(2021, 1, 5))

    for after, number in ((revoked, "9/QĐ"), (ended, "001/QĐ-MẪU")):
        (found,) = compared(rules, {}, certified(after)).entered
        assert found.decision == number


def test_the_decision_behind_an_end_is_the_one_that_changed(rules: Rules) -> None:
    newer = make_certificate(decided_on=date(2023, 5, 1), decision="2/QĐ-UBND")
    older = make_certificate(decided_on=date(2020, 5, 1), decision="1/QĐ-UBND", stars=3)
    corrected = replace(newer, decided_on=date(2022, 5, 1))

    found = compared(rules, certified(newer, older), certified(corrected, older))

    assert [(each.kind, each.decision) for each in found.entered] == [
        (EffectKind.ENDED, "2/QĐ-UBND")
    ]
