"""The history: runs and the ledger, page by page, without a person's name."""

from datetime import timedelta

import pytest

from catalog.model.paper import PaperKind
from ocop_sync.errors import AuthenticationError, ConfigurationError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import approvals
from ocop_sync.service.queries import history
from ocop_sync.service.queries.history import (
    LedgerLine,
    about,
    changes,
    failed_of,
    run_of,
    runs,
)
from ocop_sync.store.runs import ledger
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.ledger import Answer, ClosedRun, LedgerEntry, OpenedRun
from ocop_sync.store.runs.run_history import SentRun, Which
from tests.factories import AT, NOT_SO, make_paper, make_variant, person
from tests.held import list_held
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

ALL = Which()
REFUSAL = Refused((Problem(code="PRICE_RANGE", message="Gọi 0912 345 678"),))


async def told(world: World, which: Which, most: int | None = None) -> list[LedgerLine]:
    return [each async for each in changes(world.deployment, which, most=most)]


async def ids(world: World, which: Which, most: int | None = None) -> list[int]:
    return [each.change.n for each in await told(world, which, most)]


async def all_runs(world: World, which: Which = ALL) -> list[SentRun]:
    return [each async for each in runs(world.deployment, which)]


def sent(n: int, **differences: object) -> LedgerEntry:
    values = {
        "run_id": "t:memory",
        "n": n,
        "marketplace": "memory",
        "account": "memory",
        "subject": f"SP-{n:05}",
        "kind": "set_price",
        "why": "catalog",
        "before": None,
        "after": None,
        "removes": False,
        "in_budget": False,
        "sent_at": AT + timedelta(minutes=n // 3),
    }
    return LedgerEntry(**(values | differences))  # type: ignore[arg-type]


async def write(world: World, *entries: LedgerEntry) -> None:
    await world.database.write(lambda conn: ledger.record_sent(conn, entries))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 4)


@pytest.mark.usefixtures("small_pages")
async def test_the_ledger_is_paged_without_losing_or_repeating_a_row(
    world: World,
) -> None:
    await write(world, *(sent(n) for n in range(1, 12)))

    assert await ids(world, ALL) == list(range(11, 0, -1))
    assert await ids(world, ALL, most=6) == [11, 10, 9, 8, 7, 6]
    assert await ids(world, Which(run="t")) == list(range(1, 12))


@pytest.mark.usefixtures("small_pages")
async def test_what_two_runs_sent_in_one_moment_is_paged_as_well(
    world: World,
) -> None:
    for run_id in ("s:b", "t:a", "u:c"):
        some = [sent(n, run_id=run_id, sent_at=AT) for n in range(1, 4)]
        await write(world, *some)

    assert await ids(world, ALL) == [3, 2, 1] * 3


async def test_where_an_account_begins_to_fail_and_works_again_is_in_the_runs(
    world: World,
) -> None:
    await world.sync()
    for fails in (False, True, True, False, False):
        world.time.pass_(minutes=5)
        if fails:
            world.market.script("events", AuthenticationError("sai"), times=9)
        await world.sync()
        world.market.forget_scripts()

    found = [(each.ending, each.error) for each in await all_runs(world)]

    assert found[:-1] == [(Ending.DONE, ""), (Ending.FAILED, "sai")]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        pytest.param(Which(accounts=["b"]), [2], id="account"),
        pytest.param(Which(subjects=["SP-00003"]), [3], id="product"),
        pytest.param(Which(kinds=["withdraw"]), [4], id="kind"),
        pytest.param(Which(run="u:memory"), [5], id="run"),
        pytest.param(Which(run="u"), [5], id="sync"),
        pytest.param(Which(outcomes=["refused"]), [6], id="outcome"),
        pytest.param(Which(outcomes=[None], kinds=["withdraw"]), [4], id="open"),
        pytest.param(Which(since=AT + timedelta(minutes=2)), [7, 6], id="since"),
        pytest.param(Which(until=AT + timedelta(minutes=1)), [2, 1], id="until"),
    ],
)
async def test_changes_are_chosen_by_what_is_asked(
    world: World, which: Which, expected: list[int]
) -> None:
    others = {
        2: {"account": "b"},
        4: {"kind": "withdraw"},
        5: {"run_id": "u:memory"},
    }
    await write(world, *(sent(n, **others.get(n, {})) for n in range(1, 8)))
    await world.database.write(
        lambda conn: ledger.answer(conn, "t:memory", [(6, Answer.REFUSED, "không")], AT)
    )

    assert await ids(world, which) == expected


async def test_a_run_tells_its_account_times_and_what_its_changes_came_to(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    world.market.script("create", REFUSAL, client_ref="SP-00001")
    began = world.time()
    report = await world.sync()

    (found,) = await all_runs(world)

    assert found.id == f"{report.run}:memory"
    assert (found.account, found.holder) == ("memory", "kiểm thử")
    assert (found.started_at, found.ending) == (began, Ending.FAILED)
    assert found.outcomes == {"applied": 3, "refused": 1}
    assert "changes failed" in found.error
    assert await run_of(world.deployment, report.run) == [found]
    assert await run_of(world.deployment, found.id) == [found]


async def test_what_failed_in_a_run_is_told_with_name_reason_and_words(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    world.market.script("create", REFUSAL, client_ref="SP-00001")
    report = await world.sync()

    (found,) = await told(world, failed_of(report.run))

    assert (found.change.subject, found.name) == ("SP-00001", "Măng khô Mẫu 1")
    assert (found.change.kind, found.change.outcome) == ("create", "refused")
    assert found.change.holder == "kiểm thử"
    assert found.change.words == "Gọi ***"


async def test_a_run_that_never_ended_has_died_once_its_lease_is_over(
    world: World,
) -> None:
    await world.database.write(
        lambda conn: ledger.open_runs(
            conn, [OpenedRun("t:memory", "memory", "memory", "khác", AT)]
        )
    )

    (found,) = await all_runs(world)

    assert found.ending is Ending.DIED
    assert await all_runs(world, Which(outcomes=["died"])) == [found]
    assert await all_runs(world, Which(outcomes=["running"])) == []


@pytest.mark.usefixtures("small_pages")
async def test_runs_are_paged_and_chosen_as_changes_are(world: World) -> None:
    for n in range(6):
        world.time.pass_(minutes=1)
        pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=40_000 + n)
        await world.save(entry(1, variants=(pack,)))
        await world.sync()

    found = await all_runs(world)

    assert len(found) == 6
    assert found == sorted(found, key=lambda each: each.started_at, reverse=True)
    since = Which(since=found[2].started_at)
    assert await all_runs(world, since) == found[:3]
    assert await all_runs(world, Which(accounts=["khác"])) == []


async def test_no_person_is_named_but_the_group_that_one_has_approved(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 8)))
    await world.sync()
    without = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    for n in range(1, 8):
        await world.change(f"SP-{n:05}", papers=without)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.approve(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="đã gọi (duyệt: miệng)"
    )
    await world.sync()

    found = await told(world, Which(kinds=["withdraw"]))

    assert len(found) == 7
    assert {each.group for each in found} == {group.id}
    assert all(each.change.why.endswith(f"(nhóm {group.id})") for each in found)
    assert "Bà Mẫu" not in str(found)


async def test_who_cancelled_a_run_is_not_told(world: World) -> None:
    await world.database.write(
        lambda conn: ledger.open_runs(
            conn, [OpenedRun("t:memory", "memory", "memory", "khác", AT)]
        )
    )
    words = "hủy bởi Bà Mẫu / cancelled by Bà Mẫu"
    await world.database.write(
        lambda conn: ledger.close_runs(
            conn, [ClosedRun("t:memory", "cancelled", words)], AT
        )
    )

    (found,) = await all_runs(world)

    assert (found.ending, found.error) == (Ending.CANCELLED, "bị hủy / cancelled")


async def test_of_a_seller_neither_name_nor_profile_is_told(world: World) -> None:
    await world.save(entry(1))
    seller = {"kind": "put_seller", "subject": "CS-0001"}
    await write(world, sent(1, before="f1", after="f2", **seller))

    (found,) = await told(world, Which(kinds=["put_seller"]))

    assert (found.change.subject, found.name) == ("CS-0001", "")
    assert (found.change.before, found.change.after) == (None, None)


async def test_personal_data_in_what_was_written_is_hidden(world: World) -> None:
    after = {"content": {"description": "Gọi 0912 345 678", "packs": [{"sku": "A"}]}}
    await write(world, sent(1, after=after))

    (found,) = await told(world, ALL)

    assert found.change.after == {
        "content": {"description": "Gọi ***", "packs": [{"sku": "A"}]}
    }


async def test_a_product_is_found_by_its_sku_and_what_is_unknown_is_said(
    world: World,
) -> None:
    await world.save(entry(1))
    await write(world, sent(7))

    by_sku = await about(world.deployment, ALL, ["SP-00001-1", "CS-0001", "SP-00007"])

    assert by_sku.subjects == ["CS-0001", "SP-00001", "SP-00007"]
    with pytest.raises(ConfigurationError, match="SP-99999"):
        await about(world.deployment, ALL, ["SP-99999"])
    with pytest.raises(ConfigurationError, match="there is no run x"):
        await run_of(world.deployment, "x")
