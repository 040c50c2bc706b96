"""The figures of any day since history began, each with the list that it counts."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest

from catalog.model.paper import PaperKind
from catalog.model.producer import Address, ProducerKind
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.figure_words import DEFINITIONS, published_figures
from ocop_sync.errors import QuestionError
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    DayCoverage,
    Dimension,
    Figure,
    counted_list,
    coverage_history,
    coverage_of,
    end_of,
)
from ocop_sync.service.queries.coverage_outlook import (
    claims_ended,
    ends_coming,
    outlook,
)
from ocop_sync.service.queries.coverage_overview import coverage_overview
from ocop_sync.service.run.coverage import figures_of
from ocop_sync.store.listings.coverage import BUCKETS
from ocop_sync.store.listings.coverage_days import (
    FIGURES,
    Instant,
    counted_products,
)
from tests.factories import NOT_SO, make_certificate, make_paper
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

ALL = [None, *Dimension]
Told = dict[tuple[str, str | int | None, str], int]
Kept = dict[Dimension | None, Told]
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def save_four(world: World) -> None:
    """Save two products of a commune, one elsewhere, and a blocked one there."""
    for n, commune, kind, stars in (
        (1, "06733", ProducerKind.HOUSEHOLD, 4),
        (2, "06733", ProducerKind.HOUSEHOLD, 4),
        (3, "06760", ProducerKind.UNKNOWN, 3),
        (4, "06760", ProducerKind.UNKNOWN, 3),
    ):
        product, maker = entry(n, certificates=(make_certificate(stars=stars),))
        assert maker is not None
        there = replace(maker, kind=kind, address=Address(commune_code=commune))
        await world.save((replace(product, paused=n == 4), there))


async def list_of(world: World, chosen: CountedFilter, size: int = 2) -> list[str]:
    """Return the products that a figure counts, walked page by page."""
    ids, after = list[str](), ""
    while page := await counted_list(world.deployment, chosen, after=after, size=size):
        ids += [each.counted.product_id for each in page]
        after = ids[-1]
    assert all(one < other for one, other in pairwise(ids))
    return ids


def told(found: DayCoverage) -> Told:
    return {
        (cell.marketplace, cell.part, name): figure.value
        for cell in found.cells
        for name, figure in cell.figures.items()
    }


def figures(found: DayCoverage) -> list[Figure]:
    return [each for cell in found.cells for each in cell.figures.values()]


def ensure_adds_up(values: Mapping[str, Figure]) -> None:
    """See that the sums of a cell are those of its figures."""
    n = {name: figure.value for name, figure in values.items()}
    assert n["certified"] == n["listable"] + n["blocked"]
    assert n["listable"] == sum(n[name] for name in BUCKETS)


async def ensure_right(world: World, day: date | None) -> None:
    """See that all figures of a day add up, and equal the lengths of their lists."""
    whole = await coverage_of(world.deployment, day=day)
    for by in ALL:
        found = await coverage_of(world.deployment, day=day, by=by)
        for cell in found.cells:
            ensure_adds_up(cell.figures)
        for figure in figures(found):
            assert len(await list_of(world, figure.list)) == figure.value, figure
        for cell in whole.cells:
            parts = [e for e in found.cells if e.marketplace == cell.marketplace]
            for name, figure in cell.figures.items():
                assert figure.value == sum(e.figures[name].value for e in parts)


async def ensure_lists_fit(world: World, kept: Mapping[date, Kept]) -> None:
    """See that each figure of many days is as long as its list.

    The lists are read as they are stored, as those of the service name each product:
    `ensure_right` walks some of these.
    """
    async with world.database.read() as conn:
        for day, figures_then in kept.items():
            instant = Instant(at=end_of(day), now=world.time())
            for by, values in figures_then.items():
                for (marketplace, part, figure), value in values.items():
                    rows = await counted_products(
                        conn,
                        marketplace,
                        instant,
                        figure=figure,
                        parts={by.value: part} if by and part is not None else {},
                        after="",
                        size=100,
                    )
                    assert len(rows) == value, (day, by, part, figure)


async def test_each_part_is_counted_with_its_denominator_and_its_list(
    world: World,
) -> None:
    await save_four(world)
    await world.sync()

    found = await coverage_of(world.deployment, by=Dimension.COMMUNE)

    (one, other) = found.cells
    assert (one.marketplace, one.part, other.part) == ("memory", "06733", "06760")
    assert one.simulated
    listed_there = other.figures["listed"]
    assert (listed_there.value, listed_there.of, listed_there.share) == (1, 2, 0.5)
    assert listed_there.list == CountedFilter(
        marketplace="memory", figure="listed", commune="06760"
    )
    assert other.figures["blocked"].value == 1
    assert await list_of(world, other.figures["blocked"].list) == ["SP-00004"]


@pytest.fixture
def alone(world: World) -> World:
    """A world of which no marketplace is set."""
    return replace(world, deployment=replace(world.deployment, sites=()))


@pytest.mark.postgresql
async def test_without_a_marketplace_it_is_known_who_is_certified_and_who_is_listable(
    alone: World,
) -> None:
    await save_four(alone)

    found = await coverage_of(alone.deployment, by=Dimension.COMMUNE)
    (whole,) = (await coverage_of(alone.deployment)).cells

    values = {name: each.value for name, each in whole.figures.items() if each.value}
    assert (whole.marketplace, whole.simulated) == ("-", False)
    assert values == {"certified": 4, "listable": 3, "pending": 3, "blocked": 1}
    assert [(each.part, each.figures["certified"].value) for each in found.cells] == [
        *(("06733", 2), ("06760", 2)),
    ]
    await ensure_right(alone, None)
    (blocked,) = await counted_list(alone.deployment, whole.figures["blocked"].list)
    assert (blocked.counted.product_id, blocked.counted.reason) == ("SP-00004", "E15")


async def test_nothing_is_evaluated_where_a_marketplace_is_set_or_was(
    world: World, alone: World
) -> None:
    await save_four(world)
    never = await coverage_of(world.deployment)
    await world.sync()
    was_set = await coverage_of(alone.deployment)
    yesterday = day_in_vietnam(alone.time()) - timedelta(days=1)
    nowhere = CountedFilter(marketplace="-", figure="certified")

    assert (list(never.cells), never.not_known) == ([], ["memory"])
    assert [each.marketplace for each in was_set.cells] == ["memory"]
    assert await counted_list(alone.deployment, nowhere) == []
    assert list((await coverage_of(alone.deployment, day=yesterday)).cells) == []


async def test_without_a_marketplace_some_questions_are_not_worth_a_walk(
    alone: World,
) -> None:
    await save_four(alone)
    yesterday = day_in_vietnam(alone.time()) - timedelta(days=1)

    found = [
        await coverage_of(alone.deployment, **asked)
        for asked in (
            {"day": yesterday},
            {"names": ["postmart"]},
            {"evaluates": False},  # for everybody
        )
    ]

    assert [list(each.cells) for each in found] == [[], [], []]


async def test_figures_of_now_are_those_of_the_status(two: World) -> None:
    await save_four(two)
    await two.sync()

    found = told(await coverage_of(two.deployment))

    for site in two.deployment.sites:
        whole = await figures_of(two.deployment, site)
        for name in ("certified", "listable", "live_not_listable", *BUCKETS):
            assert found[site.name, None, name] == getattr(whole, name), name


async def test_late_revocations_rewrite_none_of_thirty_past_days(
    world: World,
) -> None:
    await save_four(world)
    first = day_in_vietnam(world.time())
    kept = dict[date, Kept]()
    for n in range(30):
        today = day_in_vietnam(world.time())
        if n in (4, 8):
            await world.change(f"SP-{n // 4:05}", papers=WITHOUT_PAPER)
        if n == 15:
            await world.change("SP-00002", papers=())
        # Nobody runs from the 10th day on, nor from the 16th on: reads wear off.
        if n < 10 or n == 15 or n > 25:
            await world.sync()
        world.time.pass_(days=1)
        kept[today] = {
            by: told(await coverage_of(world.deployment, day=today, by=by))
            for by in ALL
        }

    ended = make_certificate(decided_on=date(2019, 1, 1), stars=4)
    revoked = replace(make_certificate(stars=4), revoked_on=first)
    await world.change("SP-00001", certificates=(ended,))
    await world.change("SP-00003", certificates=(revoked,))
    await world.sync()

    assert len(kept) == 30
    for day, figures_then in kept.items():
        for by, before in figures_then.items():
            after = told(await coverage_of(world.deployment, day=day, by=by))
            assert after == before, (day, by)
    values = {tuple(each[None].items()) for each in kept.values()}
    assert len(values) > 4  # they do not say the same all the time
    await ensure_lists_fit(world, kept)
    for day in (*kept,)[9::12]:
        await ensure_right(world, day)


async def test_each_figure_of_now_is_as_long_as_its_list(two: World) -> None:
    await save_four(two)
    await two.sync()

    await ensure_right(two, None)


async def test_a_day_before_history_is_not_known_and_not_0(world: World) -> None:
    await listed(world)
    yesterday = day_in_vietnam(world.time()) - timedelta(days=1)

    found = await coverage_of(world.deployment, day=yesterday)

    assert list(found.cells) == []
    assert found.not_known == ["memory"]
    assert found.history_began["memory"] > found.at


async def test_a_marketplace_that_was_never_counted_is_not_known(world: World) -> None:
    found = await coverage_of(world.deployment)

    assert (list(found.cells), found.not_known) == ([], ["memory"])
    assert found.history_began == {}


async def test_a_day_to_come_has_no_figures(world: World) -> None:
    tomorrow = day_in_vietnam(world.time()) + timedelta(days=1)

    with pytest.raises(QuestionError, match="chưa tới"):
        await coverage_of(world.deployment, day=tomorrow)


async def test_a_day_ends_at_midnight_in_vietnam(world: World) -> None:
    await listed(world, 1)
    day = day_in_vietnam(world.time())
    world.time.now = world.time().replace(hour=16, minute=59, second=59)
    await world.change(papers=WITHOUT_PAPER)
    await world.sync()
    world.time.now = world.time().replace(hour=17, minute=0, second=0)
    await world.change(papers=())
    await world.sync()
    world.time.pass_(days=1)

    first = told(await coverage_of(world.deployment, day=day))
    second = told(await coverage_of(world.deployment, day=day + timedelta(days=1)))

    assert first["memory", None, "blocked"] == 1
    assert second["memory", None, "blocked"] == 0


async def test_history_is_each_day_by_itself(world: World) -> None:
    await listed(world, 2)
    first = day_in_vietnam(world.time())
    world.time.pass_(days=4)

    found = await coverage_history(
        world.deployment, first=first - timedelta(days=1), last=first + timedelta(4)
    )

    words = [
        "not known" if each.not_known else each.cells[0].figures["listed"].value
        for each in found
    ]
    assert words == ["not known", 2, 2, 0, 0, 0]


async def test_the_overview_tells_at_once_what_is_told_apart(world: World) -> None:
    await save_four(world)
    await world.sync()
    first = day_in_vietnam(world.time())
    world.time.pass_(days=2)
    await world.sync()

    for day, length in ((None, 3), (first, 1), (first - timedelta(days=1), 0)):
        found = await coverage_overview(world.deployment, day)
        assert told(found.whole) == told(await coverage_of(world.deployment, day=day))
        for by in Dimension:
            apart = await coverage_of(world.deployment, day=day, by=by)
            parts, of_parts = told(found.by[by]), told(apart)
            shown = {key for key in of_parts if key[-1] in {"certified", "listed"}}
            assert parts == {key: of_parts[key] for key in shown}
        days = [first + timedelta(days=n) for n in range(length)]
        assert [each.day for each in found.past] == days
        await ensure_as_of_each_day(world, found.past)


async def ensure_as_of_each_day(world: World, past: Sequence[DayCoverage]) -> None:
    for each in past:
        alone = await coverage_of(world.deployment, day=each.day)
        values, of_alone = told(each), told(alone)
        assert values.keys() <= of_alone.keys()
        assert values == {which: of_alone[which] for which in values}
        assert each.simulated == alone.simulated


async def test_days_at_once_are_those_of_each_by_itself(world: World) -> None:
    """Products that stay, go stale, end, begin late and are counted otherwise."""
    first = day_in_vietnam(world.time())
    ends_soon = make_certificate(decided_on=first.replace(year=first.year - 3))
    await world.save(entry(1), entry(2, certificates=(ends_soon,)))
    await world.sync()
    world.time.pass_(days=4)
    await world.save(entry(3))
    await world.sync()
    world.time.pass_(days=1)
    await world.save(entry(1, certificates=()))
    await world.sync()
    world.time.pass_(days=1)

    past = (await coverage_overview(world.deployment, None)).past

    assert len(past) == 7
    assert {tuple(told(each).values()) for each in past} == {(1, 0), (1, 1), (2, 2)}
    await ensure_as_of_each_day(world, past)


def test_every_figure_has_its_definition() -> None:
    assert DEFINITIONS.keys() == FIGURES.keys()


def test_published_figures_stand_apart() -> None:
    first, *others = published_figures()

    assert (first.when, first.listed, first.of) == ("2022-06", 177, 267)
    assert (160, 334) in [(each.listed, each.of) for each in others]


async def test_the_outlook_tells_who_drops_out_by_then(world: World) -> None:
    ends_soon = make_certificate(decided_on=date(2021, 4, 1))
    await world.save(entry(1), entry(2, certificates=(ends_soon,)))
    await world.sync()

    on_its_last_day = await outlook(world.deployment, date(2024, 4, 1))
    after = await outlook(world.deployment, date(2024, 4, 2))

    assert list(on_its_last_day.drops_out) == []
    (gone,) = after.drops_out
    assert (gone.product_id, gone.later) == ("SP-00002", "not_certified")
    assert gone.on_sale_at == ("memory",)
    assert (after.now, after.then) == (
        {"listable": 2},
        {"listable": 1, "not_certified": 1},
    )


async def test_ends_are_counted_within_30_60_and_90_days(world: World) -> None:
    for n, day in (
        (1, date(2021, 3, 20)),
        (2, date(2021, 4, 20)),
        (3, date(2020, 1, 1)),
    ):
        await world.save(entry(n, certificates=(make_certificate(decided_on=day),)))

    found = await ends_coming(world.deployment)

    assert found.within == {30: 1, 60: 2, 90: 2}
    assert [each.product_id for each in found.rows] == ["SP-00001", "SP-00002"]


async def test_a_claim_that_has_ended_and_is_still_shown_is_named(world: World) -> None:
    ends_soon = make_certificate(decided_on=date(2021, 4, 1))
    await world.save(entry(1), entry(2, certificates=(ends_soon,)))
    await world.sync()
    assert list((await claims_ended(world.deployment)).listings) == []

    world.time.pass_(days=40)  # and no run

    (found,) = (await claims_ended(world.deployment)).listings
    assert (found.marketplace, found.product_id) == ("memory", "SP-00002")
    assert found.stars == 4
    await world.sync()
    assert list((await claims_ended(world.deployment)).listings) == []
