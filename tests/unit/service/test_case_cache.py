"""A run's case is used again only as long as it holds."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.eligibility import evaluate, load_rules
from catalog.values import replace
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.wanted.draft import Conditions
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.run import case_cache as module
from ocop_sync.service.run.case_cache import CaseCache
from ocop_sync.store.listings.records import Record
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import make_producer, make_product

NOW = datetime(2026, 1, 15, tzinfo=UTC)
PLACE = Conditions(
    name="memory",
    capabilities=InMemoryMarketplace.capabilities,
    mapping=InMemoryMarketplace.mapping,
    canonical=InMemoryMarketplace.canonical,
)
RULES = load_rules(accept_published=True)


def case_of(id_: str = "SP-00001", revision: int = 7) -> Case:
    product = replace(make_product(id=id_), revision=revision)
    producer = make_producer()
    verdict = evaluate(product, producer, NOW, RULES)
    wanted = draft_wanted(product, verdict).at(PLACE, ["memory"])
    state = State(product_id=id_, marketplace="memory")
    evaluation = Evaluation(
        wanted=wanted, state=state, decision=Decision.CREATE, sales_known=False
    )
    return Case(evaluation, Record(state=state), (product, producer))


@pytest.fixture
def evaluated() -> CaseCache:
    kept = CaseCache()
    kept.keep(case_of(), stored=True)
    return kept


def test_a_wanted_listing_holds_as_long_as_its_product_is_the_same(
    evaluated: CaseCache,
) -> None:
    assert set(evaluated.wanted({"SP-00001": 7}, NOW)) == {"SP-00001"}
    assert evaluated.wanted({"SP-00001": 8}, NOW) == {}
    assert evaluated.wanted({"SP-00002": 7}, NOW) == {}


def test_a_wanted_listing_holds_until_its_verdict_may_change_by_itself(
    evaluated: CaseCache,
) -> None:
    until = case_of().evaluation.wanted.until
    assert until is not None

    just_before = until - timedelta(microseconds=1)
    assert evaluated.wanted({"SP-00001": 7}, just_before) != {}
    assert evaluated.wanted({"SP-00001": 7}, until) == {}


def test_a_case_is_taken_but_once(evaluated: CaseCache) -> None:
    assert set(evaluated.take(["SP-00001", "SP-00002"])) == {"SP-00001"}
    assert evaluated.take(["SP-00001"]) == {}


def test_a_case_of_which_something_was_stored_is_not_taken(
    evaluated: CaseCache,
) -> None:
    evaluated.keep(case_of("SP-00002"), stored=True)
    evaluated.touched(["SP-00001"])

    assert set(evaluated.take(["SP-00001", "SP-00002"])) == {"SP-00002"}
    assert evaluated.wanted({"SP-00001": 7}, NOW) != {}


def test_what_any_case_may_depend_on_touches_all(evaluated: CaseCache) -> None:
    evaluated.all_touched()

    assert evaluated.take(["SP-00001"]) == {}


def test_a_case_evaluated_anew_is_not_as_it_is_stored(evaluated: CaseCache) -> None:
    evaluated.keep(case_of(revision=8))

    assert evaluated.take(["SP-00001"]) == {}
    assert set(evaluated.wanted({"SP-00001": 8}, NOW)) == {"SP-00001"}


def test_of_too_many_that_wait_to_be_sent_the_first_stay(
    evaluated: CaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    evaluated.keep(case_of("SP-00002"), stored=True)
    evaluated.keep(case_of("SP-00003"), stored=True)
    evaluated.keep(case_of("SP-00004"))

    ids = [f"SP-{n:05}" for n in range(1, 5)]
    assert set(evaluated.wanted(dict.fromkeys(ids, 7), NOW)) == set(ids[:2])
    assert set(evaluated.take(ids)) == set(ids[:2])


def test_of_too_many_that_were_sent_the_first_go(
    evaluated: CaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    evaluated.keep(case_of("SP-00002"), stored=True)
    ids = [f"SP-{n:05}" for n in range(1, 5)]
    evaluated.take(ids)
    evaluated.keep(case_of("SP-00003"))
    evaluated.keep(case_of("SP-00004"), stored=True)

    assert set(evaluated.wanted(dict.fromkeys(ids, 7), NOW)) == set(ids[2:])
    assert set(evaluated.take(ids)) == {"SP-00004"}


def test_what_the_catalog_does_not_have_is_not_kept() -> None:
    evaluated = CaseCache()
    evaluated.keep(replace(case_of(), entry=None), stored=True)

    assert evaluated.take(["SP-00001"]) == {}


def test_what_is_settled_is_not_kept(evaluated: CaseCache) -> None:
    case = case_of()
    record = replace(case.record, settled_fingerprint="as wanted")
    evaluated.keep(replace(case, record=record))

    assert evaluated.wanted({"SP-00001": 7}, NOW) == {}
