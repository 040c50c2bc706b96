"""Which drift a state shows, and by whom it was put right."""

from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.state.drift import (
    Drift,
    DriftKind,
    drifts_of,
    field_of,
    is_ours,
    may_be_sold,
    part_of,
)
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet, Listing, Problem, StarClaim
from tests.unit.engine.examples import (
    CLAIM,
    edited_there,
    make_listing,
    make_offer,
    make_state,
    never_sent,
    packs,
)

TITLE = Drift(
    kind=DriftKind.EDITED, field="content.title", expected="Măng khô Mẫu", found="Sửa"
)


def offers(**numbers: Any) -> Listing:
    return make_listing(variants=(make_offer(**numbers),))


@pytest.mark.parametrize(
    ("edit", "drift"),
    [
        (make_listing(title="Sửa"), TITLE),
        (
            offers(price_vnd=1),
            Drift(
                kind=DriftKind.EDITED,
                field="price",
                expected={"SP-00001-1": 45_000},
                found={"SP-00001-1": 1},
            ),
        ),
        (
            offers(stock=99),
            Drift(
                kind=DriftKind.EDITED,
                field="stock",
                expected={"SP-00001-1": 10},
                found={"SP-00001-1": 99},
            ),
        ),
        (
            make_listing(stars=None),
            Drift(
                kind=DriftKind.EDITED,
                field="stars",
                expected=facet_values(make_listing())["stars"],
                found={},
            ),
        ),
    ],
    ids=["title", "price", "stock", "stars"],
)
def test_an_edit_is_named_by_its_field(edit: Listing, drift: Drift) -> None:
    assert drifts_of(edited_there(edit)) == (drift,)


def test_each_field_of_a_content_is_named_and_of_counts_only_what_differs() -> None:
    packs = (make_offer(sku="A"), make_offer(sku="B"))
    state = make_state(
        make_listing(variants=packs),
        edited=facet_values(
            make_listing(
                title="Sửa",
                description="Sửa",
                variants=(packs[0], replace(packs[1], price_vnd=1)),
            )
        ),
    )

    found = {each.field: each.found for each in drifts_of(state)}

    assert found == {
        "content.title": "Sửa",
        "content.description": "Sửa",
        "price": {"B": 1},
    }


@pytest.mark.parametrize(
    "edit",
    [offers(stock=3), offers(stock=0)],
    ids=["lower", "none left"],
)
def test_stock_that_is_lower_may_have_been_sold(edit: Listing) -> None:
    assert drifts_of(edited_there(edit)) == ()


def test_of_two_packs_one_that_is_as_left_raises_nothing() -> None:
    state = replace(
        edited_there(packs(A=3, B=9)), confirmed=facet_values(packs(A=10, B=9))
    )

    assert drifts_of(state) == ()


def test_a_field_of_the_ledger_finds_what_it_was_named_after() -> None:
    values: dict[str, dict[str, Any]] = {
        "content": {"title": "Măng", "a.b": "c"},
        "price": {"A": 1},
    }

    named = [
        field_of(Facet.PRICE),
        *(field_of(Facet.CONTENT, n) for n in ("title", "a.b")),
    ]

    assert named == ["price", "content.title", "content.a.b"]
    assert [part_of(values, field) for field in named] == [{"A": 1}, "Măng", "c"]
    assert (part_of(values, "content.x"), part_of(None, "content.x")) == (None, None)
    assert part_of({}, "stock") == {}


@pytest.mark.parametrize(
    ("differences", "kind", "found"),
    [
        ({"found": Found.DOWN_BY_PERSON}, "taken_down", None),
        ({"found": Found.ABSENT, "absent_reads": 2}, "vanished", None),
        ({"doubled_ref": "M2"}, "doubled", "M2"),
        (
            {"found": Found.BANNED, "problems": (Problem(code="x", message=""),)},
            "banned",
            ["x"],
        ),
    ],
)
def test_what_became_of_a_listing_is_drift(
    differences: dict[str, Any], kind: str, found: object
) -> None:
    (drift,) = drifts_of(make_state(**differences))

    assert (drift.kind, drift.field, drift.expected) == (kind, "", "M000001")
    assert drift.found == found


@pytest.mark.parametrize(
    "state",
    [
        make_state(),
        never_sent(),
        make_state(found=Found.ABSENT, absent_reads=1),
        make_state(found=Found.DOWN_BY_US),
        make_state(found=Found.IN_REVIEW, edited=facet_values(make_listing(title="A"))),
        make_state(found=Found.REFUSED, edited=facet_values(make_listing(title="A"))),
        make_state(confirmed=None, edited=facet_values(make_listing(title="Sửa"))),
    ],
    ids=[
        "as left",
        "never sent",
        "not found once",
        "down by us",
        "in review",
        "refused",
        "never on sale",
    ],
)
def test_all_else_is_none(state: Any) -> None:
    assert drifts_of(state) == ()


EDITED = edited_there(make_listing(title="Sửa", stars=StarClaim(stars=5)))
WISH = facet_values(make_listing())


def test_what_we_sent_and_what_shows_now_was_put_right_by_us() -> None:
    before = replace(EDITED, awaiting=Kind.UPDATE, sent=WISH)

    assert is_ours(before, make_state(), TITLE)


def test_what_was_put_right_while_nothing_of_ours_was_open_was_so_there() -> None:
    assert not is_ours(EDITED, make_state(), TITLE)


def test_what_is_right_and_was_not_in_what_we_sent_was_put_right_there() -> None:
    sent = facet_values(make_listing(title="Sửa", stars=CLAIM))
    before = replace(EDITED, awaiting=Kind.SET_STARS, sent=sent)

    assert not is_ours(before, make_state(), TITLE)


def test_what_shows_neither_as_sent_nor_as_edited_was_not_put_right_by_us() -> None:
    before = replace(EDITED, awaiting=Kind.UPDATE, sent=WISH)

    assert not is_ours(before, make_state(make_listing(title="Khác")), TITLE)


def test_what_we_sent_as_it_had_been_edited_was_not_put_right_by_us() -> None:
    sent = facet_values(make_listing(title="Sửa"))
    before = replace(EDITED, awaiting=Kind.SET_STARS, sent=sent)

    assert not is_ours(before, make_state(make_listing(title="Sửa")), TITLE)


@pytest.mark.parametrize(
    ("kind", "after", "ours"),
    [
        (DriftKind.VANISHED, Found.LIVE, True),
        (DriftKind.VANISHED, Found.IN_REVIEW, True),
        (DriftKind.TAKEN_DOWN, Found.LIVE, True),
        (DriftKind.TAKEN_DOWN, Found.BANNED, False),
        (DriftKind.BANNED, Found.LIVE, False),
        (DriftKind.DOUBLED, Found.LIVE, False),
    ],
)
def test_only_what_we_make_or_put_up_is_back_because_of_us(
    kind: DriftKind, after: Found, ours: bool
) -> None:
    before = make_state(found=Found.DOWN_BY_PERSON, awaiting=Kind.REPUBLISH)

    assert is_ours(before, make_state(found=after), Drift(kind=kind)) is ours


MISSING = edited_there(offers(stock=3))


def test_stock_that_is_lower_is_drift_once_all_sales_are_known() -> None:
    (drift,) = drifts_of(MISSING, sales_known=True)

    assert (drift.kind, drift.field) == (DriftKind.EDITED, "stock")
    assert (drift.expected, drift.found) == ({"SP-00001-1": 10}, {"SP-00001-1": 3})


@pytest.mark.parametrize(
    ("state", "may_be"),
    [
        (MISSING, True),
        (make_state(), False),
        (edited_there(offers(stock=99)), False),
        (edited_there(make_listing(title="Sửa")), False),
        (replace(MISSING, found=Found.IN_REVIEW), False),
    ],
    ids=["lower", "as left", "higher", "another field", "in review"],
)
def test_only_stock_that_is_lower_may_have_been_sold(
    state: State, *, may_be: bool
) -> None:
    assert may_be_sold(state) is may_be
