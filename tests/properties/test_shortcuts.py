"""The short cuts of a sync decide the same as evaluating everything from scratch.

A whole sync goes through the whole catalog and works everything out anew. Four
things save work all the same: ranges of settled products are passed over as long as
their data are the same, a settled wanted listing is not evaluated again, the
cases of this run are kept between slices, and between slices only products that have
changed or ended are evaluated. A sync of what has changed evaluates nothing else from
the start. Here each of them is held against the long way, over
edits, clocks that jump, and hands at the marketplace, also between two calls. All of it
on SQLite and, with fewer draws, on PostgreSQL; many there, anew each time:

    make test ARGS='-n 0 tests/properties/test_shortcuts.py' SHORTCUT_EXAMPLES=300
"""

import os
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from catalog.db import reader
from catalog.model.fact import Attested, Fact
from catalog.model.paper import PaperKind
from catalog.values import names_of, replace
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.engine.state.state import NO_PAST
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.listing import Facet, Problem
from ocop_sync.service.deployment import RunLimits, Site
from ocop_sync.service.evaluate.case import Case, Freshness
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run import evaluate_all, evaluate_changed, settled_ranges
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.case_cache import CaseCache
from ocop_sync.service.run.evaluate_all import unsettled_pages
from ocop_sync.service.run.evaluate_changed import Changed
from ocop_sync.service.run.settled_ranges import Ranges
from ocop_sync.service.send import slices as writing
from ocop_sync.service.sync.sync_changed import sync_changed
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts
from ocop_sync.testing.memory_store import Shelf
from tests.factories import NOT_SO, make_certificate, make_paper
from tests.properties.passing import ensure_none_is_missed
from tests.properties.shared import Shared
from tests.world import World, entry, open_world

MANY = int(os.environ.get("SHORTCUT_EXAMPLES", "0"))
"""How many examples a long run tries on each database."""

on_sqlite = settings(max_examples=MANY or 25)
on_postgresql = settings(max_examples=MANY or 3)
"""Besides those that are written here."""

PRODUCTS = 3
"""The last range of them has two: those before it are cut off."""
WRITES = (
    *("create", "update", "set_price", "set_stock", "set_stars"),
    *("withdraw", "republish"),
)
SAFE = (make_paper(PaperKind.FOOD_SAFETY), make_paper(PaperKind.DECLARATION))
UNKNOWN = Attested(value=Fact.UNKNOWN)

CHANGES: dict[str, dict[str, Any]] = {
    "described": {"description": "Bản mới"},
    "described again": {"description": "Măng khô để thử phần mềm."},
    "paused": {"paused": True},
    "resumed": {"paused": False},
    "unsafe": {"papers": (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), SAFE[1])},
    "safe": {"papers": SAFE},
    "papers unknown": {"papers": (make_paper(PaperKind.FOOD_SAFETY, UNKNOWN),)},
    "ended": {"certificates": (make_certificate(decided_on=date(2020, 1, 1)),)},
    "ended later": {"certificates": (make_certificate(decided_on=date(2020, 6, 1)),)},
    "ends soon": {"certificates": (make_certificate(decided_on=date(2021, 3, 2)),)},
    "renewed": {"certificates": (make_certificate(),)},
    "five stars": {"certificates": (make_certificate(stars=5),)},
    "no category": {"set_code": ""},
    "name too long": {"set_code": "I.3.c", "name": "Măng khô Mẫu " * 20},
}
PACKS: dict[str, dict[str, Any]] = {
    "dearer": {"price_vnd": 60_000},
    "cheaper": {"price_vnd": 45_000},
    "sold out": {"on_hand": 0},
    "sold out, uncounted": {"on_hand": 0, "counted_at": None},
    "filled up": {"on_hand": 30},
    "no price": {"price_vnd": None},
}


def _edit(shelf: Shelf, ref: str, **fields: Any) -> None:
    shelf.edit(ref, **fields)


def _edit_packs(shelf: Shelf, ref: str, **fields: Any) -> None:
    variants = shelf.listings[ref].shown.variants
    shelf.edit(ref, variants=tuple(replace(each, **fields) for each in variants))


def _copy(shelf: Shelf, ref: str, **fields: Any) -> None:
    shelf.add(replace(shelf.listings[ref].shown, **fields))


HANDS: dict[str, Callable[[Shelf, str], object]] = {
    "renamed": lambda shelf, ref: _edit(shelf, ref, title="Tên khác"),
    "without stars": lambda shelf, ref: _edit(shelf, ref, stars=None),
    "another price": lambda shelf, ref: _edit_packs(shelf, ref, price_vnd=1_000),
    "another stock": lambda shelf, ref: _edit_packs(shelf, ref, stock=3),
    "taken down": lambda shelf, ref: shelf.take_down(ref),
    "banned": lambda shelf, ref: shelf.ban(ref, Problem(code="x", message="Cấm")),
    "gone": lambda shelf, ref: shelf.delete(ref),
    "twice": _copy,
    "alike": lambda shelf, ref: _copy(shelf, ref, client_ref="", seller_ref=""),
}
"""What people do at the marketplace to a listing."""

POLICIES = {
    "as shipped": DEFAULT_POLICY,
    "all repaired": dict.fromkeys(Facet, Policy.REPAIR),
    "all accepted": dict.fromkeys(Facet, Policy.ACCEPT),
}
"""What becomes of edits, as an office may set it."""

numbers = st.integers(1, PRODUCTS)
edits = st.one_of(
    st.tuples(st.just("change"), numbers, st.sampled_from(sorted(CHANGES))),
    st.tuples(st.just("pack"), numbers, st.sampled_from(sorted(PACKS))),
    st.tuples(st.just("hand"), numbers, st.sampled_from(sorted(HANDS))),
    st.tuples(st.just("policy"), st.just(0), st.sampled_from(sorted(POLICIES))),
    st.tuples(
        st.just("pass"), st.sampled_from([1, 13, 25, 24 * 8, 24 * 900]), st.just("")
    ),
)
catalog_edits = st.one_of(
    st.tuples(st.just("change"), numbers, st.sampled_from(sorted(CHANGES))),
    st.tuples(st.just("pack"), numbers, st.sampled_from(sorted(PACKS))),
)
Act = tuple[str, int, str]


async def do(world: World, act: Act) -> None:
    """Carry out one act; what is not there yet is left alone."""
    kind, number, name = act
    product_id = f"SP-{number:05}"
    if kind == "change":
        await world.change(product_id, **CHANGES[name])
    elif kind == "pack":
        product, _ = entry(number)
        variants = tuple(replace(v, **PACKS[name]) for v in product.variants)
        await world.change(product_id, variants=variants)
    elif kind == "policy":
        (old,) = world.deployment.sites
        site = Site(
            old.name, old.adapter, [*old.accounts.values()], policy=POLICIES[name]
        )
        world.deployment = replace(world.deployment, sites=(site,))
    elif kind == "pass":
        world.time.pass_(hours=number)
    elif found := world.market.shelf.of(product_id):
        HANDS[name](world.market.shelf, found[0].ref)


@contextmanager
def everything_evaluated() -> Iterator[None]:
    """Leave the first short cut: evaluate what is settled, too."""

    async def all_of(
        evaluator: Evaluator, site: Site, drafts: Sequence[Draft], _settled: object
    ) -> list[Wanted]:
        return [evaluator.placed(site, draft) for draft in drafts]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate_all, "_unsettled", all_of)
        yield


@contextmanager
def no_short_cut() -> Iterator[None]:
    """Leave all of them: evaluate everything, also between two slices."""

    async def all_again(run: AccountRun, _found: Changed) -> bool:
        while not run.evaluation.is_over:  # it would write over what is evaluated here
            async with run.slot.released():
                await run.evaluation.some_more()
        ids = [f"SP-{n:05}" for n in range(1, PRODUCTS + 1)]
        await evaluate_changed.evaluate_again(run, ids)
        return True

    def forget(_self: CaseCache, _case: Case, **_: object) -> None:
        """Keep nothing."""

    with everything_evaluated(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ranges, "_is_same", lambda *_: False)
        patch.setattr(writing, "evaluate_changed", all_again)
        patch.setattr(CaseCache, "keep", forget)
        yield


async def evaluated_now(world: World) -> dict[str, Case]:
    """Return what a sync would evaluate now, by product id."""
    found: dict[str, Case] = {}
    async with world.database.read() as conn:
        keys = [key for site in world.deployment.sites for key in site.accounts]
        looks = await accounts.last_looks(conn, keys)
        looked = Freshness(read_at={each.key: each.read_whole_at for each in looks})
        evaluator = Evaluator(world.deployment, looked, world.time())
        async for _, cases in unsettled_pages(conn, world.deployment, evaluator):
            found |= {case.record.state.product_id: case for case in cases}
    return found


@contextmanager
def small_ranges() -> Iterator[None]:
    """Have each product stand in a range of its own, the last of which has no end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settled_ranges, "SIZE", 1)
        yield


@asynccontextmanager
async def open_small_world(shared: Shared) -> AsyncIterator[World]:
    """Open a world of a few products; each slice is one change, in a fixed order."""
    with shared.database() as url, small_ranges():
        async with open_world(url) as world:
            limits = RunLimits(slice_changes=1, concurrency=1)
            world.deployment = replace(world.deployment, limits=limits)
            await world.save(*[entry(n) for n in range(1, PRODUCTS + 1)])
            yield world


SYNC = ("sync", 0, "")


WEEK, DAY = ("pass", 24 * 8, ""), (("pass", 25, ""), SYNC)
HALF_A_DAY: list[Act] = [("pass", 13, ""), SYNC]
"""Less than what has everything evaluated, whatever has changed."""
FIGHT = [("hand", 1, "without stars"), ("pass", 25, ""), SYNC, SYNC]
"""Somebody takes the stars away, and they are put back."""


def changes(*names: str) -> list[Act]:
    """Return changes of one product, with a sync after each but the last."""
    acts = [("pack" if n in PACKS else "change", 1, n) for n in names]
    return [each for act in acts for each in (act, SYNC)][:-1]


def settled(test: Callable[..., None]) -> Any:
    """Draw acts, over which what is settled stays passed over."""
    for acts in (
        [*FIGHT, *FIGHT, *FIGHT, *FIGHT, WEEK],
        [("hand", 1, "another price"), *DAY, ("policy", 0, "all repaired")],
        changes("paused", "unsafe"),  # counted otherwise, and nothing else
        changes("no category", "name too long"),  # held for another reason
        changes("ended", "ended later"),  # the claim ended on another day
        [("change", 1, "ends soon"), SYNC, SYNC, *HALF_A_DAY * 3],  # ended by itself
    ):
        test = example(acts)(test)
    drawn = st.lists(st.one_of(st.just(SYNC), edits), min_size=1, max_size=12)
    return given(drawn)(test)


@pytest.mark.slow
@settled
@on_sqlite
def test_what_is_settled_would_be_evaluated_just_so(
    shared: Shared, acts: list[Act]
) -> None:
    shared.run(_evaluate_both_ways(shared, [SYNC, *acts]))


@pytest.mark.slow
@settled
@on_postgresql
def test_what_is_settled_would_be_evaluated_just_so_on_postgresql(
    shared_on_postgresql: Shared, acts: list[Act]
) -> None:
    shared = shared_on_postgresql
    shared.run(_evaluate_both_ways(shared, [SYNC, *acts]))


async def _evaluate_both_ways(shared: Shared, acts: Sequence[Act]) -> None:
    async with open_small_world(shared) as world:
        for act in acts:
            await (world.sync() if act == SYNC else do(world, act))
            await _compare(world)


async def _compare(world: World) -> None:
    """See that what is passed over, as settled, would be evaluated as it is stored."""
    short = await evaluated_now(world)
    await ensure_none_is_missed(world.deployment)
    with everything_evaluated():
        full = await evaluated_now(world)
    async with world.database.read() as conn:
        stored = await records.load(conn, "memory", list(full))

    assert short.keys() <= full.keys()
    for id_, case in full.items():
        if id_ in short:
            assert short[id_] == case
        else:
            assert case.evaluation.changes == ()
            assert _made_of(case.record) == _made_of(stored[id_])


def _made_of(record: Record) -> dict[str, object]:
    """Return what an evaluating makes of a record, but not since when."""
    names = ("decision", "hold", "counted", "urgency", "until", "ends_on", "state")
    state = replace(record.state, past=NO_PAST)  # is read for evaluating, never stored
    record = replace(record, state=state)
    return {name: getattr(record, name) for name in names}


SOLD_OUT: Act = ("pack", 2, "sold out")
SET: Act = ("hand", 2, "another stock")


def disturbed(test: Callable[..., None]) -> Any:
    """Draw acts before, during and after a sync."""
    for between, after in (
        (
            ("change", 1, "described again"),
            [("pass", 21_600, ""), ("pack", 1, "sold out")],
        ),
        (("hand", 1, "another price"), [SOLD_OUT, SET]),
        (("hand", 1, "another stock"), [SOLD_OUT, SET]),
    ):
        test = example([], [(0, between)], after)(test)
    return given(
        st.lists(edits, max_size=4),
        st.lists(st.tuples(st.integers(0, 3), edits), min_size=1, max_size=5),
        st.lists(edits, max_size=3),
    )(test)


@pytest.mark.slow
@disturbed
@on_sqlite
def test_a_run_that_is_disturbed_ends_as_one_without_short_cuts(
    shared: Shared,
    before: list[Act],
    between: list[tuple[int, Act]],
    after: list[Act],
) -> None:
    _ensure_both_end_alike(shared, before, between, after)


@pytest.mark.slow
@disturbed
@on_postgresql
def test_a_run_that_is_disturbed_ends_as_one_without_short_cuts_on_postgresql(
    shared_on_postgresql: Shared,
    before: list[Act],
    between: list[tuple[int, Act]],
    after: list[Act],
) -> None:
    _ensure_both_end_alike(shared_on_postgresql, before, between, after)


def _ensure_both_end_alike(
    shared: Shared,
    before: list[Act],
    between: list[tuple[int, Act]],
    after: list[Act],
) -> None:
    assume(not _is_doubled_and_short([*before, *(act for _, act in between), *after]))
    short = shared.run(_run_through(shared, before, between, after))
    with no_short_cut():
        full = shared.run(_run_through(shared, before, between, after))

    assert short == full


def _is_doubled_and_short(acts: Sequence[Act]) -> bool:
    """Say whether a product is copied by hand, and its stock lowered by hand as well.

    Known difference: the run that sets the copy to 0 raises the stock of the other one
    only in the next sync, where the long way does so at once.
    """
    hands = {(number, name) for kind, number, name in acts if kind == "hand"}
    return any(
        {(n, "twice"), (n, "another stock")} <= hands for n in range(1, PRODUCTS + 1)
    )


async def _run_through(
    shared: Shared,
    before: Sequence[Act],
    between: Sequence[tuple[int, Act]],
    after: Sequence[Act],
) -> dict[str, object]:
    """Sync, change things, sync while more is changed, and sync twice more.

    Args:
        shared: Where a database is lent.
        before: What is changed before the disturbed sync.
        between: What is changed during it, each with how many calls for that product
            have to be made before; what is about all is changed before the first one.
        after: What is changed before the last two.

    Returns:
        What was sent for each product, in order, and what the marketplace shows in the
        end. Products that wait at the same urgency have no order: since when each one
        waits is not the same without a short cut.
    """
    async with open_small_world(shared) as world:
        sent = [await _sync(world)]
        for act in before:
            await do(world, act)
        _disturb(world, between)
        sent.append(await _sync(world))
        for act in after:
            await do(world, act)
        sent += [await _sync(world), await _sync(world)]
        return {"sent": sent, **await _seen(world)}


async def _seen(world: World) -> dict[str, object]:
    """Return what the marketplace shows, and what is stored."""
    listings = world.market.shelf.listings
    async with world.database.read() as conn:
        ids = [f"SP-{n:05}" for n in range(1, PRODUCTS + 1)]
        stored = await records.load(conn, "memory", ids)
    return {
        "shown": {ref: (each.state, each.shown) for ref, each in listings.items()},
        "stored": {id_: _undated(record) for id_, record in stored.items()},
    }


def _undated(record: Record) -> dict[str, object]:
    """Return what is made of a record, without the moments of its reads and calls.

    How long a run waits between two looks is not the same without a short cut.
    """
    state = record.state
    found = {
        name: _without_moments(getattr(state, name)) for name in names_of(type(state))
    }
    return _made_of(record) | {"state": found}


def _without_moments(value: object) -> object:
    """Return a value of a state in which every moment is the same."""
    if isinstance(value, Mapping):
        return {key: _without_moments(each) for key, each in value.items()}
    return "a moment" if isinstance(value, datetime) else value


def changed_since(test: Callable[..., None]) -> Any:
    """Draw acts, and changes of the catalog after them."""
    paused: Act = ("change", 2, "paused")
    test = example([], [("pack", 1, "sold out"), paused])(test)
    unsafe: list[Act] = [("change", 1, "unsafe"), SYNC]
    test = example(unsafe, [("change", 1, "safe")])(test)
    return given(
        st.lists(st.one_of(st.just(SYNC), edits), max_size=6),
        st.lists(catalog_edits, min_size=1, max_size=4),
    )(test)


@pytest.mark.slow
@changed_since
@on_sqlite
def test_a_sync_of_what_has_changed_ends_as_a_whole_one(
    shared: Shared, before: list[Act], changed: list[Act]
) -> None:
    _ensure_a_whole_one_ends_alike(shared, before, changed)


@pytest.mark.slow
@changed_since
@on_postgresql
def test_a_sync_of_what_has_changed_ends_as_a_whole_one_on_postgresql(
    shared_on_postgresql: Shared, before: list[Act], changed: list[Act]
) -> None:
    _ensure_a_whole_one_ends_alike(shared_on_postgresql, before, changed)


def _ensure_a_whole_one_ends_alike(
    shared: Shared, before: list[Act], changed: list[Act]
) -> None:
    short = shared.run(_sync_changes(shared, before, changed, whole=False))
    full = shared.run(_sync_changes(shared, before, changed, whole=True))

    assert short == full


async def _sync_changes(
    shared: Shared, before: Sequence[Act], changed: Sequence[Act], *, whole: bool
) -> dict[str, object]:
    """Sync, change the catalog, and sync that alone or everything.

    Returns:
        What was sent then and by a whole sync afterwards, and what is shown and stored
        in the end.
    """
    async with open_small_world(shared) as world:
        for act in [SYNC, *before, SYNC, SYNC]:
            await (world.sync() if act == SYNC else do(world, act))
        since = await world.database.fetch(reader.current_revision)
        for act in changed:
            await do(world, act)
        if whole:
            sent = [await _sync(world)]
        else:
            world.market.log.clear()
            patience = timedelta(seconds=10)
            await sync_changed(world.deployment, since, follow_for=patience)
            sent = [_sent(world)]
        sent.append(await _sync(world))
        return {"sent": sent, **await _seen(world)}


async def _sync(world: World) -> list[tuple[str, str]]:
    await world.sync()
    return _sent(world)


def _sent(world: World) -> list[tuple[str, str]]:
    sent = [(change.kind.value, change.client_ref) for change in world.market.written()]
    return sorted(sent, key=itemgetter(1))


def _disturb(world: World, between: Sequence[tuple[int, Act]]) -> None:
    """Carry *between* out while changes are on their way.

    Each comes right behind a call for its own product, or before the first call: those
    for other products that are as urgent go in any order.
    """
    waiting, market = sorted(between), world.market
    made = Counter[str]()

    async def act() -> None:
        for each in list(waiting):
            calls, (_, number, _) = each
            if not number or calls <= made[f"SP-{number:05}"]:
                waiting.remove(each)
                await do(world, each[1])

    def disturbed(send: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def call(items: Sequence[Any]) -> Any:
            await act()
            answer = await send(items)
            made.update(item.client_ref for item in items)
            await act()
            return answer

        return call

    for name in WRITES:
        setattr(market, name, disturbed(getattr(market, name)))
