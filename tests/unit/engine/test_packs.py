"""Packs that are on sale and lose their price or their count."""

from typing import Any

import pytest

from catalog.eligibility import evaluate, load_rules
from catalog.model.product import Product
from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.packs import packs_held, with_packs_held
from ocop_sync.engine.plan.transitions import after_intent, after_result
from ocop_sync.engine.state.state import Double, State
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.engine.wanted.draft import Conditions, lacking_of
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import SetPrice, SetStock, Update
from ocop_sync.marketplace.listing import Variant
from ocop_sync.marketplace.result import Applied
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import AT, make_mapping, make_producer, make_product, make_variant
from tests.unit.engine.examples import evaluated, kinds_of, make_state

RULES = load_rules()


def two(one: dict[str, Any], other: dict[str, Any] | None = None) -> Product:
    """Return a product of two packs, A and B, with 20 of each."""
    return make_product(
        variants=(
            make_variant(**{"sku": "A", "gtin": ""} | one),
            make_variant(**{"sku": "B", "gtin": ""} | (other or {})),
        )
    )


def wanted(product: Product, **capabilities: Any) -> Wanted:
    place = Conditions(
        name="memory",
        capabilities=replace(InMemoryMarketplace.capabilities, **capabilities),
        mapping=make_mapping(),
        canonical=InMemoryMarketplace.canonical,
    )
    verdict = evaluate(product, make_producer(), AT, RULES)
    return draft_wanted(product, verdict).at(place, ("memory",))


def on_sale(product: Product | None = None, **differences: Any) -> State:
    """Return the state in which both packs are on sale."""
    listing = wanted(product or two({})).listing
    assert listing is not None
    return make_state(listing, **differences)


def news(one: dict[str, Any], other: dict[str, Any] | None = None) -> Evaluation:
    return evaluated(wanted(two(one, other)), on_sale())


def test_a_pack_that_loses_its_price_stays_and_is_held() -> None:
    evaluation = news({"price_vnd": None})

    assert (evaluation.decision, evaluation.changes) == (Decision.IN_SYNC, ())
    assert evaluation.hold is Hold.NO_PRICE


@pytest.mark.parametrize(("count", "sent"), [(4, 4), (0, 0), (33, None)])
def test_its_stock_is_lowered_and_never_raised(count: int, sent: int | None) -> None:
    evaluation = news({"price_vnd": None, "on_hand": count})

    changes = [each.change for each in evaluation.changes]
    stocks = [each.stocks for each in changes if isinstance(each, SetStock)]
    assert stocks == ([] if sent is None else [{"A": sent}])
    assert len(changes) == len(stocks)


def test_the_other_packs_are_kept_right() -> None:
    other = {"price_vnd": 50_000, "on_hand": 33, "pack": "Gói 1 kg"}

    evaluation = news({"price_vnd": None, "on_hand": 33}, other)

    stock, price, update = (each.change for each in evaluation.changes[:3])
    by_kind = {type(each): each for each in (stock, price, update)}
    set_stock, set_price = by_kind[SetStock], by_kind[SetPrice]
    assert isinstance(set_stock, SetStock)
    assert isinstance(set_price, SetPrice)
    assert (set_stock.stocks, set_price.prices) == ({"B": 33}, {"B": 50_000})
    assert evaluation.hold is Hold.NO_PRICE


def test_it_is_sent_along_as_it_shows_with_a_change_of_packs() -> None:
    evaluation = news({"price_vnd": None, "on_hand": 4}, {"pack": "Gói 1 kg"})

    (update,) = [p.change for p in evaluation.changes if isinstance(p.change, Update)]
    assert update.fields == {"variants"}
    assert {v.sku: v for v in update.listing.variants}["A"] == Variant(
        sku="A", pack="Gói 500 g", price_vnd=45_000, stock=4, weight_g=520
    )


def test_what_is_sent_with_it_is_remembered_with_its_price() -> None:
    evaluation = news({"price_vnd": None}, {"pack": "Gói 1 kg"})

    (update,) = evaluation.changes
    assert update.values["price"] == {"A": 45_000, "B": 45_000}
    assert update.values["stock"] == {"A": 20, "B": 20}


def test_a_pack_that_loses_its_count_stays_as_it_shows() -> None:
    evaluation = news({"on_hand": None, "price_vnd": 1}, {"on_hand": 33})

    assert [each.change for each in evaluation.changes] == [
        SetStock(client_ref="SP-00001", ref="M000001", stocks={"B": 33}, version="1")
    ]
    assert evaluation.hold is Hold.NO_STOCK_COUNT


def test_a_pack_that_the_catalog_no_longer_has_goes_as_before() -> None:
    only_b = make_product(variants=(make_variant(sku="B", gtin=""),))

    evaluation = evaluated(wanted(only_b), on_sale())

    assert (kinds_of(evaluation), evaluation.hold) == (["update"], None)


def test_a_pack_without_a_price_that_never_was_there_holds_nothing() -> None:
    only_b = make_product(variants=(make_variant(sku="B", gtin=""),))

    evaluation = evaluated(wanted(two({"price_vnd": None})), on_sale(only_b))

    assert (evaluation.changes, evaluation.hold) == ((), None)


def test_what_is_down_goes_up_again_without_it() -> None:
    evaluation = evaluated(
        wanted(two({"price_vnd": None})), on_sale(found=Found.DOWN_BY_US)
    )

    assert kinds_of(evaluation) == ["update", "republish"]
    update = evaluation.changes[0].change
    assert isinstance(update, Update)
    assert [v.sku for v in update.listing.variants] == ["B"]


def test_nothing_is_written_of_packs_whose_price_does_not_show() -> None:
    product = two({"price_vnd": None}, {"pack": "Gói 1 kg"})
    state = on_sale()
    shown = {name: v for name, v in state.shown.items() if name != "price"}

    evaluation = evaluated(wanted(product), replace(state, confirmed=shown, sent=shown))

    assert "update" not in kinds_of(evaluation)


def test_a_wish_is_worked_out_anew_for_another_state() -> None:
    wish, there = wanted(two({"price_vnd": None})), on_sale()
    with_it = with_packs_held(wish, there)

    assert with_packs_held(with_it, there) == with_it
    gone = with_packs_held(with_it, replace(there, found=Found.DOWN_BY_US))
    assert (gone.values, gone.listing) == (wish.values, wish.listing)


def test_packs_are_held_only_where_they_are_on_sale() -> None:
    lacking = lacking_of(two({"price_vnd": None}))

    assert packs_held(lacking, on_sale()) == {"A": Hold.NO_PRICE}
    assert packs_held(lacking, on_sale(found=Found.DOWN_BY_US)) == {}
    assert packs_held(lacking_of(two({})), on_sale()) == {}


# What an `Update` does to packs (`ocop_sync.marketplace.change.Update`)


def update_of(evaluation: Evaluation) -> tuple[Planned, dict[str, Variant]]:
    """Return the change of packs, and the packs that it sends, by SKU."""
    (planned,) = [p for p in evaluation.changes if isinstance(p.change, Update)]
    assert isinstance(planned.change, Update)
    return planned, {v.sku: v for v in planned.change.listing.variants}


def test_a_replaced_sku_is_one_gone_and_one_added_with_its_own_numbers() -> None:
    other = {"sku": "C", "price_vnd": 50_000, "on_hand": 7}

    planned, sent = update_of(evaluated(wanted(two({}, other)), on_sale()))

    assert (sent["C"].price_vnd, sent["C"].stock) == (50_000, 7)
    assert planned.values["price"] == {"A": 45_000, "C": 50_000}
    assert planned.values["stock"] == {"A": 20, "C": 7}


def test_what_is_sent_of_added_packs_counts_as_written_and_is_not_sent_again() -> None:
    wish = wanted(two({}, {"sku": "C", "on_hand": 7}))
    planned, _ = update_of(evaluated(wish, on_sale()))
    state = after_intent(on_sale(), planned.change, planned.values, "memory", AT)

    state = after_result(state, planned.change, Applied("M000001"))

    assert state.confirmed == planned.values
    assert evaluated(wish, state).changes == ()


def test_a_pack_that_stays_is_sent_with_what_shows_and_never_with_more() -> None:
    one = {"price_vnd": 50_000, "on_hand": 3, "pack": "Gói 1 kg"}
    other = {"price_vnd": 60_000, "on_hand": 33}

    planned, sent = update_of(evaluated(wanted(two(one, other)), on_sale()))

    assert [(v.price_vnd, v.stock) for v in sent.values()] == [
        (45_000, 3),
        (45_000, 20),
    ]
    assert planned.values["price"] == {"A": 45_000, "B": 45_000}
    assert planned.values["stock"] == {"A": 20, "B": 20}


def test_a_pack_that_is_added_while_a_second_listing_sells_comes_with_none() -> None:
    both = on_sale()
    second = Double(ref="M000002", found=Found.LIVE, values=both.shown)
    state = on_sale(doubled_ref=second.ref, doubles=(second,))

    planned, sent = update_of(evaluated(wanted(two({}, {"sku": "C"})), state))

    assert (sent["C"].price_vnd, sent["C"].stock) == (45_000, 0)
    assert planned.values["stock"] == {"A": 20, "C": 0}


def test_an_answer_without_prices_known_leaves_them_to_be_written() -> None:
    shown = {n: v for n, v in on_sale().shown.items() if n != "price"}
    state = on_sale(sent=shown, confirmed=shown)

    planned, sent = update_of(evaluated(wanted(two({}, {"sku": "C"})), state))

    assert sent["C"].price_vnd == 45_000
    assert "price" not in planned.values
