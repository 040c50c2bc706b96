"""Stored values become those of now; fingerprints are compared as they were taken."""

from functools import partial
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import Values, facet_values, fingerprint
from ocop_sync.engine.plan.drift_policy import decision_on, is_edited
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.confirmed import confirmed_by_read, was_applied
from ocop_sync.engine.state.drift import drifts_of
from ocop_sync.engine.state.fingerprints import fingerprint_of_facet, fingerprint_of_new
from ocop_sync.engine.state.state import DriftDecision, DriftHistory
from ocop_sync.engine.state.stored_shape import added, dropped, renamed
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet
from tests.unit.engine.examples import (
    make_listing,
    make_offer,
    make_remote,
    make_state,
    make_wanted,
)

CONTENT, STARS = Facet.CONTENT, Facet.STARS
NOW = facet_values(make_listing())
PACKS = {"SP-00001-1": ["Gói 500 g", "", None]}
AT_FIRST: Values = {
    "content": {
        "title": "Măng khô Mẫu",
        "description": "Măng khô để thử phần mềm.",
        "category": "C-I.3.c",
        "attributes": [["Thành phần", "Măng tươi"], ["Xuất xứ", "Việt Nam"]],
        "pictures": ["https://mau.example/1.jpg"],
        "trace_url": "https://mau.example/truy-xuat/1",
        "variants": PACKS,
    },
    "price": {"SP-00001-1": 45_000},
    "stock": {"SP-00001-1": 10},
    "stars": {"stars": 4, "decision": "001/QĐ-MẪU", "valid_to": "2026-05-10"},
}
"""`NOW` as the first version of the shape had it."""

ADDED = added(STARS, "body")
KNOWS_BODY = {**NOW, "stars": {**NOW["stars"], "body": "tỉnh"}}


@pytest.fixture
def step(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> stored_shape.Step:
    """A step that is taken after all others."""
    one: stored_shape.Step = request.param
    monkeypatch.setattr(stored_shape, "STEPS", (*stored_shape.STEPS, one))
    return one


def test_the_first_version_told_packs_by_position() -> None:
    assert stored_shape.upgraded(AT_FIRST, 1) == NOW
    assert stored_shape.as_of(NOW, 1) == AT_FIRST


def test_a_print_is_that_which_the_first_version_took() -> None:
    """Its fields stand in the same order: a fingerprint depends on it."""
    assert fingerprint_of_facet(CONTENT, NOW, 1) == fingerprint(AT_FIRST["content"])


@pytest.mark.parametrize("version", range(1, stored_shape.present() + 1))
def test_what_is_stored_now_was_stored_by_every_version(version: int) -> None:
    values = facet_values(
        make_listing(variants=(make_offer(), make_offer(sku="B", weight_g=1)))
    )

    before = stored_shape.as_of(values, version)
    after = stored_shape.upgraded(before, version)

    assert after.keys() == values.keys()
    assert stored_shape.as_of(after, version) == before
    assert stored_shape.upgraded(values, stored_shape.present()) is values


STEPS = [*stored_shape.STEPS, ADDED, dropped(CONTENT, "x"), renamed(CONTENT, "x", "y")]


@pytest.mark.parametrize("each", STEPS, ids=lambda each: each.says)
@pytest.mark.parametrize(
    "values", [{}, {"price": {"A": 1}}, {"content": {}}, {"content": None}]
)
def test_a_step_takes_values_of_which_much_is_missing(
    each: stored_shape.Step, values: Values
) -> None:
    assert each.up(values) == each.down(values) == values


@pytest.mark.parametrize(
    ("fingerprint_", "version"),
    [("0" * 24, 1), ("0" * 22 + ".2", 2), ("0" * 21 + ".12", 12)],
)
def test_a_print_says_of_which_version_it_is_in_as_many_characters(
    fingerprint_: str, version: int
) -> None:
    assert stored_shape.marked("0" * 24, version) == fingerprint_
    assert stored_shape.version_of(fingerprint_) == version


def test_a_print_stands_for_nothing_but_what_it_was_taken_of() -> None:
    fingerprints = partial(fingerprint_of_new, NOW)
    other = facet_values(make_listing(title="Khác"))

    assert stored_shape.fits(fingerprint_of_new(NOW, 1), fingerprints)
    assert stored_shape.fits(fingerprint_of_new(NOW), fingerprints)
    assert not stored_shape.fits(fingerprint_of_new(other, 1), fingerprints)
    assert not stored_shape.fits("", fingerprints)


@pytest.mark.parametrize("step", [ADDED], indirect=True, ids=["added"])
def test_a_claim_with_a_field_that_was_not_known_is_no_edit(
    step: stored_shape.Step,
) -> None:
    state = make_state(confirmed=NOW, edited=KNOWS_BODY)

    assert not is_edited(state, STARS)
    assert drifts_of(state) == ()
    assert confirmed_by_read(make_state(), make_remote(), KNOWS_BODY) == KNOWS_BODY
    assert fingerprint_of_new(
        KNOWS_BODY, stored_shape.present() - 1
    ) == fingerprint_of_new(step.down(KNOWS_BODY), stored_shape.present() - 1)


def test_a_claim_is_applied_though_a_field_was_not_known_when_it_was_sent() -> None:
    sent = {**NOW, "stars": {**NOW["stars"], "stars": 5}}
    shown = {**KNOWS_BODY, "stars": {**KNOWS_BODY["stars"], "stars": 5}}
    before = make_state(sent=sent, awaiting=Kind.SET_STARS)

    assert was_applied(before, STARS, shown)
    assert confirmed_by_read(before, make_remote(), shown) == shown


RENAMED = renamed(CONTENT, "trace_page", "trace_url")


@pytest.mark.parametrize("step", [RENAMED], indirect=True, ids=["renamed"])
def test_a_word_about_a_field_holds_when_the_field_is_called_otherwise(
    step: stored_shape.Step,
) -> None:
    field, before = "content.trace_url", stored_shape.present() - 1
    edited = facet_values(make_listing(trace_url="https://la.example"))
    state, wish = make_state(edited=edited), make_wanted()
    bound_to = [NOW["content"]["trace_url"], "https://la.example"]
    fingerprint_ = stored_shape.marked(fingerprint(bound_to), before)
    word = DriftDecision(ours=False, fingerprint=fingerprint_)

    known = replace(state, past=DriftHistory(decisions={field: word}))

    was = {"content": {"trace_page": NOW["content"]["trace_url"]}}
    assert stored_shape.name_as_of(field, before) == "content.trace_page"
    assert step.down(NOW)["content"]["trace_page"] == was["content"]["trace_page"]
    assert decision_on(wish, known, field) == word


@pytest.mark.parametrize(
    ("name", "value", "after"),
    [
        pytest.param(
            "content.trace_page", "x", ("content.trace_url", "x"), id="called"
        ),
        pytest.param("content.title", "x", ("content.title", "x"), id="another field"),
        pytest.param("content.title", None, ("content.title", None), id="nothing"),
        pytest.param("price", {"A": 1}, ("price", {"A": 1}), id="numbers"),
        pytest.param("stars", None, ("stars", None), id="no facet"),
        pytest.param(
            "content.variants",
            PACKS,
            ("content.variants", NOW["content"]["variants"]),
            id="packs",
        ),
    ],
)
@pytest.mark.parametrize("step", [RENAMED], indirect=True, ids=["renamed"])
def test_a_field_of_the_ledger_of_drift_is_upgraded(
    step: stored_shape.Step, name: str, value: Any, after: tuple[str, Any]
) -> None:
    assert step in stored_shape.STEPS
    assert stored_shape.upgraded_part(name, value, 1) == after
