"""Whole syncs with both mock marketplaces while everything goes wrong.

A province is synced, changed and synced again, with faults of one family hitting every
third call or so. Once they are over, each marketplace must show exactly the same as
after the same days without any fault: nothing doubled, nothing lost, nothing touched
that is not ours. One call under one fault is tested in
`tests/adapters/test_nastiness.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from catalog.model.product import Entry
from catalog.values import replace
from ocop_sync.service.decisions.double_decisions import keep
from ocop_sync.service.sync.sync import sync
from tests.adapters.recording import RecordingQuota
from tests.e2e.fair import Fair, make_catalog, open_fair
from tests.e2e.served import NAMES
from tests.factories import person

pytestmark = pytest.mark.slow

COUNT: Final = 24
DAYS: Final = 200
LONGEST_PAUSE_S: Final = 1_000
NEVER_AT_VOSO: Final = "POST /v2/product/[us][pt]*"
"""What may come twice there: `save` has no idempotency, and doubles."""

Rule = Mapping[str, Any]


def every_third(*rules: Rule) -> Sequence[Rule]:
    """Let each rule hit so that all together hit about every third call."""
    share = 1 / 3 / len(rules)
    return [{"count": None, "probability": share, **rule} for rule in rules]


FAMILIES: Final[Mapping[str, Sequence[Rule]]] = {
    "lost": every_third(
        {"fault": "drop"},
        {"fault": "lose_answer"},
        {"fault": "error_after", "status": 502},
        {"fault": "error", "status": 504},
        {"fault": "cut_body"},
        # Not longer than a call and the declared lag may take together.
        {"fault": "late", "seconds": 8},
        {"fault": "stale+lose_answer", "seconds": 2},
    ),
    "spoilt": every_third(
        {"fault": "garbage"},
        {"fault": "empty"},
        {"fault": "html"},
        {"fault": "not_utf8"},
        {"fault": "other_json"},
        {"fault": "deep_json"},
        {"fault": "gzip_bomb"},
        {"fault": "not_http"},
        {"fault": "unknown_field"},
        {"fault": "answer_twice"},
    ),
    "busy": every_third(
        {"fault": "rate_limited", "retry_after": 0},
        {"fault": "rate_limited", "retry_after": None},
        {"fault": "maintenance", "retry_after": 2},
        {"fault": "act_before", "act": {"act": "end_tokens"}},
        {"fault": "skew", "seconds": 200},
        {"fault": "small_pages", "operation": "list_products", "size": 3},
        {"fault": "stale", "seconds": 2},
        {"fault": "redirect"},
    ),
    "lying": every_third(
        {"fault": "wrong_values"},
        {"fault": "missing_field", "field": "state"},
        {"fault": "missing_field", "field": "STATUS"},
        {"fault": "missing_field", "field": "variants"},
        {"fault": "missing_field", "field": "VARIANTS"},
        {"fault": "missing_field", "field": "data"},
    ),
}
TWICE: Final = {
    "postmart": ({"fault": "twice", "count": None, "probability": 0.2},),
    "voso": (
        {
            "fault": "twice",
            "count": None,
            "probability": 0.2,
            "operation": NEVER_AT_VOSO,
        },
        {"fault": "missing_results", "count": None, "probability": 0.1},
        {"fault": "shuffled_results", "count": None, "probability": 0.1},
        {"fault": "doubled_results", "count": None, "probability": 0.1},
        {"fault": "token_ends_inside", "count": None, "probability": 0.1, "size": 2},
    ),
}


@dataclass(frozen=True)
class Ending:
    """What one marketplace shows in the end.

    Attributes:
        ours: The listings of ours as buyers see them, by our reference.
        by_hand: Those that others made, as they are kept.
        before: The same before the first sync.
        counts: The marketplace's own count.
        hits: How many calls were hit by a fault.
    """

    ours: Mapping[str, Any]
    by_hand: Sequence[str]
    before: Sequence[str]
    counts: Mapping[str, Any]
    hits: int


@asynccontextmanager
async def a_fair(folder: Path) -> AsyncIterator[Fair]:
    """Open both marketplaces, with a day between two syncs."""
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(
            "ocop_sync.bootstrap.accounts.Quota", lambda **_: RecordingQuota()
        )
        fair = await stack.enter_async_context(open_fair(folder, make_catalog(COUNT)))
        wait_in_fake_time(fair)
        yield fair


async def live_through(
    folder: Path, rules: Mapping[str, Sequence[Rule]], seed: int
) -> dict[str, Ending]:
    """Tell the story of a province; *rules* hit until its last days."""
    async with a_fair(folder) as fair:
        before = {name: (await fair.see(name)).by_hand for name in NAMES}
        for name in NAMES:
            for rule in rules.get(name, ()):
                await fair.stands[name].post("faults", seed=seed, **rule)
        await sync_some_times(fair, 3)
        await fair.save(*map(dearer, fair.catalog.values()))
        await sync_some_times(fair, 3)
        fair.time.pass_(days=DAYS)
        await sync_some_times(fair, 3)
        for name in NAMES:
            url = f"{fair.stands[name].url}/_mock/faults"
            async with fair.stands[name].session.delete(url):
                pass
        await sync_some_times(fair, 4)
        return {name: await ending(fair, name, before[name]) for name in NAMES}


def wait_in_fake_time(fair: Fair) -> None:
    """Let pauses of every length pass at once, those of a breaker as well."""

    async def sleep(seconds: float) -> None:
        if seconds > LONGEST_PAUSE_S:  # a heartbeat's
            await asyncio.get_running_loop().create_future()
        fair.time.pass_(seconds=seconds)
        await asyncio.sleep(0)

    fair.deployment = replace(fair.deployment, sleep=sleep, time=fair.time.seconds)


async def sync_some_times(fair: Fair, times: int) -> None:
    """Sync, and let a day pass: the next one reads everything again."""
    for _ in range(times):
        await sync(fair.deployment, follow_for=timedelta(seconds=10))
        fair.time.pass_(hours=25)


async def ending(fair: Fair, name: str, before: Sequence[str]) -> Ending:
    seen = await fair.see(name)
    calls = (await fair.stands[name].look("log?limit=20000"))["calls"]
    return Ending(
        ours={
            ref: [shown(row) for row in rows if row["state"] != "refused"]
            for ref, rows in seen.ours.items()
        },
        by_hand=seen.by_hand,
        before=before,
        counts=seen.counts,
        hits=sum(bool(call["fault"]) for call in calls),
    )


def shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what buyers see of a listing."""
    names = ("state", "title", "description", "variants", "ocop", "seller_ref")
    return {name: row[name] for name in names}


def dearer(entry: Entry) -> Entry:
    product, producer = entry
    variants = [
        replace(pack, price_vnd=pack.price_vnd and pack.price_vnd + 1_000)
        for pack in product.variants
    ]
    return replace(product, variants=tuple(variants)), producer


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ending]:
    """How it ends without any fault."""
    return asyncio.run(live_through(tmp_path_factory.mktemp("fair"), {}, seed=0))


def ensure_right(ends: Mapping[str, Ending], right: Mapping[str, Ending]) -> None:
    for name in NAMES:
        end = ends[name]
        assert end.hits > 5, "the faults have hit"
        assert end.counts["doubled"] == []
        assert end.counts["touched"] == []
        assert end.by_hand == end.before
        # If every try was hit until the certificate ended, it is not listed any more.
        late = right[name].ours.keys() - end.ours.keys()
        assert {ref for ref in late if is_certified(right[name].ours[ref])} == set()
        assert end.ours == {k: v for k, v in right[name].ours.items() if k not in late}


def is_certified(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether any of these listings of a product claims stars."""
    return any(row["ocop"] for row in rows)


@pytest.mark.parametrize("family", FAMILIES)
async def test_after_the_faults_everything_is_as_if_there_had_been_none(
    tmp_path: Path, undisturbed: dict[str, Ending], family: str
) -> None:
    rules = dict.fromkeys(NAMES, FAMILIES[family])

    ends = await live_through(tmp_path, rules, seed=1)

    ensure_right(ends, undisturbed)


async def test_what_is_delivered_twice_or_answered_in_part_leaves_no_trace(
    tmp_path: Path, undisturbed: dict[str, Ending]
) -> None:
    rules = {name: TWICE.get(name, TWICE["postmart"]) for name in NAMES}

    ends = await live_through(tmp_path, rules, seed=3)

    ensure_right(ends, undisturbed)


async def test_people_who_act_at_any_moment_are_not_fought_and_double_nothing(
    tmp_path: Path,
) -> None:
    acts: Sequence[Mapping[str, Any]] = (
        {"act": "ban", "reason": "Vi phạm quy chế"},
        {"act": "take_down"},
        {"act": "delete"},
        {"act": "edit", "changes": {"name": "Sửa tay"}},
        {"act": "edit", "changes": {"NAME": "Sửa tay"}},
        {"act": "refuse", "reason": "paper"},
    )
    rules = every_third(
        *({"fault": "act_after", "act": {**act, "ref": "$applied"}} for act in acts)
    )

    ends = await live_through(tmp_path, dict.fromkeys(NAMES, rules), seed=3)

    # Which call is hit depends on the order in which accounts come.
    states = [row["state"] for e in ends.values() for r in e.ours.values() for row in r]
    assert "banned" in states
    for name in NAMES:
        end = ends[name]
        assert end.hits > 5, "the faults have hit"
        assert (end.counts["doubled"], end.counts["touched"]) == ([], [])
        assert end.by_hand == end.before
        assert not any(
            row["state"] == "live" and other["state"] == "banned"
            for rows in end.ours.values()
            for row in rows
            for other in rows
        )


async def test_a_province_without_faults_is_sold(
    undisturbed: dict[str, Ending],
) -> None:
    for name in NAMES:
        states = [row["state"] for [row] in undisturbed[name].ours.values()]
        assert states.count("live") > COUNT / 4
        assert undisturbed[name].counts["doubled"] == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"fault": "twice"}, id="twice"),
        pytest.param({"fault": "late", "seconds": 30}, id="half a minute late"),
    ],
)
async def test_creates_that_were_carried_out_twice_sell_once_within_minutes(
    tmp_path: Path, fault: Rule
) -> None:
    """The answer was a normal one, or none came and they were made anew."""
    async with a_fair(tmp_path) as fair:
        create = {"operation": "save_products", "count": None, **fault}
        if fault["fault"] == "late":
            create["count"] = 4
        await fair.stands["voso"].post("faults", **create)
        for minutes in (1, 7, 7, 7):
            report = await sync(fair.deployment, follow_for=timedelta(seconds=10))
            fair.time.pass_(minutes=minutes)

        seen = await fair.see("voso")
        live = {
            ref: [row for row in rows if row["state"] == "live"]
            for ref, rows in seen.ours.items()
        }
        doubled = sorted(ref for ref, rows in live.items() if len(rows) > 1)
        # Which of them are made anew hangs on the order of calls: one at least is.
        assert doubled
        assert report.doubled["voso"] == doubled
        for ref in doubled:
            selling = [row for row in live[ref] if sells(row)]
            assert len(selling) <= 1, f"{ref} sells twice"
        [product] = doubled[:1]
        stays = live[product][1]["ref"]
        await keep(fair.deployment, product, stays, by=person("Cán bộ Mẫu"))
        await sync_some_times(fair, 2)
        rows = (await fair.see("voso")).ours[product]
        assert [r["ref"] for r in rows if r["state"] == "live"] == [stays]


def sells(row: Mapping[str, Any]) -> bool:
    return any(pack["stock"] for pack in row["variants"])


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            {"fault": "refuse_call", "operation": "save_products"}, id="one bad item"
        ),
        pytest.param(
            {"fault": "too_long", "operation": "save_products", "size": 2_500},
            id="a proxy that takes short calls only",
        ),
    ],
)
async def test_of_a_call_that_is_refused_as_a_whole_all_but_the_culprit_is_sold(
    tmp_path: Path, undisturbed: dict[str, Ending], rule: Rule
) -> None:
    async with a_fair(tmp_path) as fair:
        culprit = next(
            ref for ref, rows in undisturbed["voso"].ours.items() if len(rows) == 1
        )
        text = {"text": f'"{culprit}"'} if rule["fault"] == "refuse_call" else {}
        await fair.stands["voso"].post("faults", count=None, **rule, **text)
        await sync_some_times(fair, 1)

        seen = await fair.see("voso")
        calls = (await fair.stands["voso"].look("log?limit=20000"))["calls"]

    refused = [each for each in calls if each["fault"] and not each["applied"]]
    assert refused, "the faults have hit"
    assert seen.counts["doubled"] == []
    kept_back = {culprit} if text else set()
    assert seen.ours.keys() == undisturbed["voso"].ours.keys() - kept_back


async def test_a_marketplace_that_is_down_slows_no_other_and_is_caught_up_with(
    tmp_path: Path, undisturbed: dict[str, Ending]
) -> None:
    async with a_fair(tmp_path) as fair:
        before = {name: (await fair.see(name)).by_hand for name in NAMES}
        down = {"fault": "maintenance", "count": None, "retry_after": None}
        await fair.stands["postmart"].post("faults", **down)
        report = await sync(fair.deployment, follow_for=timedelta(seconds=10))
        calls = (await fair.stands["postmart"].look("log?limit=20000"))["calls"]
        meanwhile = {name: await ending(fair, name, before[name]) for name in NAMES}
        async with fair.stands["postmart"].session.delete(
            f"{fair.stands['postmart'].url}/_mock/faults"
        ):
            pass
        await sync_some_times(fair, 2)
        after = {name: await ending(fair, name, before[name]) for name in NAMES}

    assert list(report.stopped) == ["postmart"]
    # Five failures, a rest, and one probe.
    assert len(calls) == 6
    assert meanwhile["postmart"].ours == {}
    assert meanwhile["voso"].ours.keys() == undisturbed["voso"].ours.keys()
    assert after["postmart"].ours.keys() == undisturbed["postmart"].ours.keys()


async def test_stock_is_lowered_once_the_orders_that_kept_it_are_over(
    tmp_path: Path,
) -> None:
    async with a_fair(tmp_path) as fair:
        await sync_some_times(fair, 2)
        live = (await fair.see("voso")).live
        code, row = next(
            (ref, row) for ref, row in live.items() if row["variants"][0]["stock"] > 20
        )
        kept = {"ref": row["ref"], "sku": row["variants"][0]["sku"]}
        await fair.stands["voso"].post("reserve", quantity=15, **kept)
        product, maker = fair.catalog[code]
        packs = [
            replace(pack, on_hand=6, reserved=0, buffer=0, counted_at=fair.time())
            for pack in product.variants
        ]
        await fair.save((replace(product, variants=tuple(packs)), maker))
        await sync_some_times(fair, 1)
        await fair.stands["voso"].post("reserve", quantity=0, **kept)

        await sync_some_times(fair, 2)

        after = (await fair.see("voso")).live[code]
        assert after["variants"][0]["stock"] <= 6
