"""Who stands for a removal by a verdict: a person, a sheet, or a rule."""

from datetime import date
from typing import Any

import pytest

from catalog.eligibility import evaluate, load_rules
from catalog.model.effect import Effect, EffectKind
from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.engine.wanted.origin import (
    Cause,
    Origin,
    emptied_by,
    origin_of,
)
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
)

RULES = load_rules()

REVOKED = make_certificate(revoked_by="9/QĐ-MẪU", revoked_on=date(2024, 2, 1))
ENDED = make_certificate(decided_on=date(2021, 2, 1))
NOT_YET = make_certificate(decided_on=date(2025, 2, 1))
VOIDED = make_certificate(voided_by="Bà Mẫu", voided_on=date(2024, 2, 1))
NO_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)

KINDS: dict[str, tuple[dict[str, Any], EffectKind, str, bool, str]] = {
    "revoked": ({"certificates": (REVOKED,)}, EffectKind.REVOKED, "0", True, "E03"),
    "revoked without a number": (
        {"certificates": (replace(REVOKED, revoked_by=""),)},
        EffectKind.REVOKED,
        "0",
        False,
        "E03",
    ),
    "stopped": ({"paused": True}, EffectKind.STOPPED, "", True, "E15"),
    "consent": ({"refuses": True}, EffectKind.CONSENT, "CS-0001", True, "E11"),
    "ended": (
        {"certificates": (ENDED,)},
        EffectKind.ENDED,
        "",
        False,
        "E02@2024-02-01",
    ),
    "not yet": ({"certificates": (NOT_YET,)}, EffectKind.ENDED, "", False, "E02@"),
    "voided": (
        {"certificates": (VOIDED,)},
        EffectKind.ENDED,
        "",
        True,
        "E02@",
    ),
    "paper": ({"papers": NO_PAPER}, EffectKind.PAPER, "food_safety", False, "E04"),
}
"""A product, the effect behind its verdict, and what counts without one: whether a
person stands for it, and the cause."""


def origin(*effects: Effect, refuses: bool = False, **differences: Any) -> Origin:
    product = make_product(**differences, effects=effects)
    maker = make_producer(consent=NOT_SO) if refuses else make_producer()
    verdict = evaluate(product, maker, AT, RULES)
    details = dict(verdict.decisive.details) if verdict.decisive else {}
    ended = verdict.decisive is not None and verdict.decisive.key == "ended"
    is_end = ended and verdict.decisive is not None and verdict.decisive.code == "E02"
    return origin_of(product, verdict, str(details["day"]) if is_end else "")


@pytest.mark.parametrize(
    ("product", "kind", "key", "by_person", "cause"), KINDS.values(), ids=KINDS
)
def test_without_an_import_a_rule_or_a_person_stands_for_it(
    product: dict[str, Any], kind: EffectKind, key: str, by_person: bool, cause: str
) -> None:
    other = Effect(EffectKind.EMPTIED, f"{key}{kind}", 7, confirmed=False)

    for effects in ((), (other,)):
        assert origin(*effects, **product) == Origin(by_person, False, Cause(cause))


@pytest.mark.parametrize(
    ("product", "kind", "key"), [each[:3] for each in KINDS.values()], ids=KINDS
)
@pytest.mark.parametrize("confirmed", [False, True], ids=["nobody", "a person"])
def test_a_sheet_stands_for_it_only_once_a_person_has_confirmed_the_import(
    product: dict[str, Any], kind: EffectKind, key: str, confirmed: bool
) -> None:
    found = origin(Effect(kind, key, 7, confirmed), **product)

    assert (found.by_person or found.end_confirmed) is confirmed
    assert (found.cause.import_id == 7) is not confirmed


def test_one_confirmed_fact_does_not_cover_another() -> None:
    found = origin(
        Effect(EffectKind.REVOKED, "0", 6, confirmed=True),
        Effect(EffectKind.REVOKED, "1", 7, confirmed=False),
        certificates=(REVOKED, REVOKED),
    )

    assert found == Origin(False, False, Cause("import:7"))


def test_a_person_who_stopped_the_product_stands_for_it_beside_a_sheet() -> None:
    sheet = Effect(EffectKind.REVOKED, "0", 7, confirmed=False)

    found = origin(sheet, certificates=(REVOKED,), paused=True)

    assert found.by_person


def test_stock_that_a_person_has_confirmed_is_nobodys_slip() -> None:
    effects = (
        Effect(EffectKind.EMPTIED, "A", 3, confirmed=False),
        Effect(EffectKind.EMPTIED, "B", 4, confirmed=True),
        Effect(EffectKind.STOPPED, "", 5, confirmed=False),
    )

    assert emptied_by(make_product(effects=effects)) == {"A": 3}


@pytest.mark.parametrize(
    ("cause", "number"),
    [
        (Cause.of_import(12), 12),
        ("import:", None),
        ("import:x", None),
        ("E02@2024-03-01", None),
        ("catalog", None),
    ],
)
def test_a_cause_names_an_import_or_none(cause: str, number: int | None) -> None:
    assert Cause(cause).import_id == number


def test_a_cause_is_its_stored_text() -> None:
    causes = [Cause.of_end("E02", "2024-03-01"), Cause.of_import(7), Cause("E04")]

    assert list(map(str, causes)) == ["E02@2024-03-01", "import:7", "E04"]
    assert [Cause(str(each)) for each in causes] == causes
