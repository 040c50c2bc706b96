"""A plan that a person has reviewed: it is done as it was, or said why not."""

import gc
import io
import itertools
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.state.state import State
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    StalePlanError,
    UnsafePlanError,
)
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.service.decisions import approvals
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.json import writer
from ocop_sync.service.plan import plan_file
from ocop_sync.service.plan.plan import PlanLine, plan
from ocop_sync.service.plan.plan_file import ChangeIn, PlanFile, read_plan, write_plan
from ocop_sync.service.plan.scope import PlanScope
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.apply_plan import sync_reviewed
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from tests.factories import NOT_SO, make_certificate, make_paper, person
from tests.unit.engine.examples import make_listing, make_offer
from tests.world import World, entry

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def made(world: World, folder: Path, *names: str) -> Path:
    """Make a plan as things are now, and write it to a file."""
    plans = await plan(world.deployment, PlanScope(marketplaces=names))
    path = folder / "ke-hoach.json"
    with path.open("wb") as stream:
        write_plan(plans, world.time(), stream)
    return path


async def reviewed(world: World, path: Path, *names: str) -> Report:
    """Carry out the plan in a file."""
    for market in world.markets.values():
        market.log.clear()
    return await sync_reviewed(
        world.deployment, read_plan(path), names, follow_for=timedelta(seconds=10)
    )


def skipped(report: Report) -> list[tuple[str, str, str]]:
    return [(each.subject, each.kind, each.why) for each in report.skipped]


async def put_on_sale(world: World, count: int) -> None:
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()


async def priced(world: World, product_id: str, price: int) -> None:
    (pack,) = entry(int(product_id[3:]))[0].variants
    await world.change(product_id, variants=(replace(pack, price_vnd=price),))


async def described(world: World, *numbers: int, text: str = "Bản mới.") -> None:
    for n in numbers:
        await world.change(f"SP-{n:05}", description=text)


# It does what was reviewed


async def test_a_plan_is_carried_out(world: World, tmp_path: Path) -> None:
    await world.save(entry(1), entry(2))
    path = await made(world, tmp_path)

    report = await reviewed(world, path)

    assert world.written() == ["put_seller", "put_seller", "create", "create"]
    assert skipped(report) == []
    assert report.counts["memory"].listed == 2


async def test_what_is_looked_up_again_and_what_is_there_twice_is_said(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    world.market.shelf.add(shown)
    world.time.pass_(hours=25)
    await world.save(entry(2))
    path = await made(world, tmp_path)

    report = await reviewed(world, path)

    assert [*report.look_ups] == ["memory"]
    assert report.doubled == {"memory": ["SP-00001"]}


async def test_every_kind_of_change_is_carried_out(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 8)
    await world.change("SP-00006", paused=True)
    await world.sync()
    await described(world, 1)
    await priced(world, "SP-00002", 70_000)
    (pack,) = entry(3)[0].variants
    await world.change("SP-00003", variants=(replace(pack, on_hand=3),))
    await world.change("SP-00004", certificates=(make_certificate(stars=3),))
    await world.change("SP-00005", paused=True)
    await world.change("SP-00006", paused=False, description="Bản mới.")
    product, producer = entry(7)
    assert producer is not None
    await world.save((product, replace(producer, consent=NOT_SO)))
    await world.save(entry(9))
    path = await made(world, tmp_path)
    planned = [each.kind for each in read_plan(path).marketplaces["memory"].changes]

    report = await reviewed(world, path)

    assert sorted(world.written()) == sorted(planned)
    assert set(planned) == {
        *("create", "update", "set_price", "set_stock", "set_stars", "withdraw"),
        *("republish", "put_seller", "stop_seller"),
    }
    assert skipped(report) == []
    assert (await world.sync()).writes == 0


async def test_a_profile_that_has_changed_is_sent_as_reviewed(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 1)
    product, producer = entry(1)
    assert producer is not None
    await world.save((product, replace(producer, name="Cơ sở Mẫu đổi tên")))
    path = await made(world, tmp_path)

    report = await reviewed(world, path)

    assert (world.written(), skipped(report)) == (["put_seller"], [])


async def test_a_seller_is_stopped_right_after_its_listings(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 2)
    product, producer = entry(1)
    assert producer is not None
    await world.save((product, replace(producer, consent=NOT_SO)))
    await described(world, 2)
    path = await made(world, tmp_path)
    limits = replace(world.deployment.limits, slice_changes=1)
    world.deployment = replace(world.deployment, limits=limits)

    await reviewed(world, path)

    assert world.written() == ["withdraw", "stop_seller", "update"]


async def test_nothing_else_is_sent(world: World, tmp_path: Path) -> None:
    await put_on_sale(world, 3)
    await described(world, 1)
    path = await made(world, tmp_path)
    await described(world, 2)
    await world.change("SP-00003", paused=True)
    await priced(world, "SP-00001", 70_000)
    await world.save(entry(4))

    report = await reviewed(world, path)

    assert world.written() == ["update"]
    assert skipped(report) == []
    await world.sync()
    assert sorted(world.written()) == [
        *("create", "put_seller", "set_price", "update", "withdraw")
    ]


async def test_what_else_is_due_stays_due(world: World, tmp_path: Path) -> None:
    await put_on_sale(world, 2)
    await described(world, 1, 2)
    path = await made(world, tmp_path)
    await world.save(entry(3))
    due = Record(
        state=State(product_id="SP-00003", marketplace="memory", account="memory"),
        urgency=7,
        waiting_since=world.time(),
    )
    await world.database.write(lambda conn: records.save(conn, [due]))

    await reviewed(world, path)

    assert world.written() == ["update"] * 2
    assert await world.record("SP-00003") == due


async def test_a_plan_of_nothing_does_nothing(world: World, tmp_path: Path) -> None:
    await put_on_sale(world, 1)
    path = await made(world, tmp_path)
    await described(world, 1)

    report = await reviewed(world, path)

    assert (world.written(), report.skipped) == ([], [])


async def test_a_plan_of_one_marketplace_leaves_the_other_alone(
    two: World, tmp_path: Path
) -> None:
    await two.save(entry(1))
    path = await made(two, tmp_path, "other")

    await reviewed(two, path)

    assert two.markets["memory"].written() == []
    assert len(two.markets["other"].written()) == 2


async def test_stock_is_read_when_it_is_sent(world: World, tmp_path: Path) -> None:
    await put_on_sale(world, 1)
    (pack,) = entry(1)[0].variants
    await world.change(variants=(replace(pack, on_hand=9),))
    await world.save(entry(2))
    path = await made(world, tmp_path)
    await world.change(variants=(replace(pack, on_hand=4),))
    (pack,) = entry(2)[0].variants
    await world.change("SP-00002", variants=(replace(pack, on_hand=5),))

    report = await reviewed(world, path)

    shown = [world.market.shelf.of(f"SP-{n:05}")[0].shown for n in (1, 2)]
    assert [each.variants[0].stock for each in shown] == [4, 5]
    assert skipped(report) == []


async def test_an_account_is_read_whole_before_its_plan_is_carried_out(
    world: World, tmp_path: Path
) -> None:
    await world.save(entry(1), entry(2))
    path = await made(world, tmp_path)
    pack = make_offer(sku="TAY-1")
    twin = make_listing(client_ref="", title="Măng khô Mẫu 1", variants=(pack,))
    world.market.shelf.add(twin, seller_name="Gian hàng tay")

    report = await reviewed(world, path)

    assert world.written() == ["put_seller", "create"]
    assert ("SP-00001", "create", "held") in skipped(report)


async def test_what_is_put_back_on_sale_is_up_to_date_or_stays_down(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 1)
    await world.change(paused=True)
    await world.sync()
    await world.change(paused=False)
    path = await made(world, tmp_path)
    (pack,) = entry(1)[0].variants
    await world.change(variants=(replace(pack, on_hand=0),))

    report = await reviewed(world, path)

    assert world.written() == []
    assert skipped(report) == [("SP-00001", "republish", "not_sent")]


# What no longer fits


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"description": "Khác nữa."}, id="text"),
        pytest.param({"paused": True}, id="it goes"),
        pytest.param({"description": entry(2)[0].description}, id="undone"),
    ],
)
async def test_what_no_longer_fits_is_skipped_and_said(
    world: World, tmp_path: Path, change: dict[str, Any]
) -> None:
    await put_on_sale(world, 3)
    await described(world, 1, 2, 3)
    path = await made(world, tmp_path)
    await world.change("SP-00002", **change)

    report = await reviewed(world, path)

    assert world.written() == ["update"] * 2
    assert skipped(report) == [("SP-00002", "update", "changed")]


async def test_another_price_is_not_what_was_reviewed(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 2)
    await priced(world, "SP-00001", 70_000)
    await priced(world, "SP-00002", 70_000)
    path = await made(world, tmp_path)
    await priced(world, "SP-00002", 71_000)

    report = await reviewed(world, path)

    assert world.written() == ["set_price"]
    assert skipped(report) == [("SP-00002", "set_price", "changed")]


async def test_what_a_person_has_taken_down_meanwhile_is_skipped(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 2)
    await described(world, 1, 2)
    path = await made(world, tmp_path)
    world.market.shelf.take_down(world.market.shelf.of("SP-00002")[0].ref)
    world.time.pass_(hours=25)

    report = await reviewed(world, path)

    assert world.written() == ["update"]
    assert skipped(report) == [("SP-00002", "update", "held")]


async def test_another_seller_than_was_reviewed_is_not_sent(
    world: World, tmp_path: Path
) -> None:
    await world.save(entry(1), entry(2))
    path = await made(world, tmp_path)
    product, producer = entry(2)
    assert producer is not None
    await world.save((product, replace(producer, name="Cơ sở Mẫu đổi tên")))

    report = await reviewed(world, path)

    assert world.written() == ["put_seller", "create"]
    assert ("CS-0002", "put_seller", "changed") in skipped(report)
    assert ("SP-00002", "create") in [each[:2] for each in skipped(report)]


async def test_what_changes_in_the_midst_of_it_is_skipped(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 3)
    await described(world, 1, 2, 3)
    path = await made(world, tmp_path)
    limits = replace(world.deployment.limits, slice_changes=1)
    world.deployment = replace(world.deployment, limits=limits)
    real, done = world.market.update, list[Any]()

    async def update(changes: Sequence[Any]) -> Any:
        if not done:
            done.append(changes)
            await described(world, 3, text="Khác nữa.")
        return await real(changes)

    world.market.update = update  # type: ignore[method-assign]  # people act
    report = await reviewed(world, path)

    assert world.written() == ["update"] * 2
    assert skipped(report) == [("SP-00003", "update", "not_sent")]


async def test_an_account_that_is_of_no_use_leaves_its_plan(
    world: World, tmp_path: Path
) -> None:
    await world.save(entry(1))
    path = await made(world, tmp_path)
    world.market.script("page", AuthenticationError("sai"), times=9)

    report = await reviewed(world, path)

    assert list(report.stopped) == ["memory"]
    assert {each.why for each in report.skipped} == {"not_sent"}


async def test_refused_credentials_are_tried_once_and_leave_the_plan(
    world: World, tmp_path: Path
) -> None:
    await world.save(entry(1))
    path = await made(world, tmp_path)
    world.market.script("check", AuthenticationError("sai"), times=9)

    report = await reviewed(world, path)

    assert (world.market.checks, world.market.log) == (1, [])
    assert {each.why for each in report.skipped} == {"not_sent"}


async def _hold(world: World, conn: AsyncConnection) -> None:
    """Have another run hold the second marketplace."""
    another = Lease(token="khác", holder="máy khác", lasts=timedelta(minutes=1))  # noqa: S106 (a lease)
    await accounts.know(conn, list(world.deployment.site("other").accounts.values()))
    await accounts.take(conn, ["other"], another, world.time())


async def test_what_another_run_holds_makes_no_plan_stale(
    two: World, tmp_path: Path
) -> None:
    await two.save(*(entry(n) for n in range(1, 4)))
    await two.sync("memory")
    await described(two, 1)
    path = await made(two, tmp_path)
    await two.database.write(partial(_hold, two))

    report = await reviewed(two, path)

    assert two.written() == ["update"]
    assert [held.key for held in report.busy] == ["other"]
    assert {each[2] for each in skipped(report)} == {"not_sent"}
    assert len(report.skipped) == 6


# Too much of it


async def test_a_plan_of_which_half_fits_is_carried_out(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 4)
    await described(world, 1, 2, 3, 4)
    path = await made(world, tmp_path)
    await described(world, 1, 2, text="Khác nữa.")

    await reviewed(world, path)

    assert world.written() == ["update"] * 2


async def test_a_plan_of_which_less_than_half_fits_is_stale(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 5)
    await described(world, 1, 2, 3, 4, 5)
    path = await made(world, tmp_path)
    await described(world, 1, 2, 3, text="Khác nữa.")

    with pytest.raises(StalePlanError, match=r"3 trên 5 .* / 3 of 5 "):
        await reviewed(world, path)

    assert world.written() == []
    assert (await world.sync()).writes == 5


async def test_a_plan_is_not_carried_out_twice(world: World, tmp_path: Path) -> None:
    await put_on_sale(world, 1)
    await described(world, 1)
    path = await made(world, tmp_path)
    await reviewed(world, path)

    with pytest.raises(StalePlanError):
        await reviewed(world, path)

    assert world.written() == []


# What is taken from buyers


async def block(world: World, *numbers: int) -> None:
    for n in numbers:
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)


async def test_what_is_held_is_shown_as_held_and_not_part_of_the_plan(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 8)
    await block(world, *range(1, 7))
    await described(world, 8)
    path = await made(world, tmp_path)

    await reviewed(world, path)

    made_ = read_plan(path).marketplaces["memory"]
    assert world.written() == ["update"]
    assert [(each.kind, each.name) for each in made_.changes] == [
        ("update", "Măng khô Mẫu 8")
    ]
    (held,) = made_.held
    assert (held.cause, held.why.code, len(held.products)) == ("E04", "E04", 6)


async def test_a_plan_that_takes_more_than_the_budget_is_unsafe(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 12)
    await block(world, 1, 2, 3, 4, 5)
    path = await made(world, tmp_path)
    await world.change("SP-00012", certificates=())
    budget = Budget(min_changes=4)
    world.deployment = replace(world.deployment, budget=budget)

    with pytest.raises(UnsafePlanError, match=r"memory: 5 .* more than the budget"):
        await reviewed(world, path)

    assert world.written() == []


async def test_the_budget_that_others_have_spent_is_not_there_any_more(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 12)
    await block(world, 1, 2, 3)
    path = await made(world, tmp_path)
    for n in (1, 2, 3):
        await world.change(f"SP-{n:05}", papers=entry(n)[0].papers)
    await block(world, 4, 5, 6)
    await world.sync()
    for n in (4, 5, 6):
        await world.change(f"SP-{n:05}", papers=entry(n)[0].papers)
    await block(world, 1, 2, 3)

    with pytest.raises(UnsafePlanError):
        await reviewed(world, path)

    assert world.written() == []


async def test_what_was_approved_goes_with_the_plan(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 20)
    await block(world, *range(1, 7))
    await world.sync()
    await approvals.approve(
        world.deployment, 1, by=person("Bà Mẫu"), reason="đã kiểm tra"
    )
    path = await made(world, tmp_path)
    (first, *_) = read_plan(path).marketplaces["memory"].changes

    report = await reviewed(world, path)

    assert (first.kind, first.name) == ("withdraw", "Măng khô Mẫu 1")
    down = [
        each
        for each in world.market.shelf.listings.values()
        if each.state is RemoteState.DOWN
    ]
    assert (world.written(), len(down)) == (["withdraw"] * 6, 6)
    assert skipped(report) == []


async def test_a_claim_that_comes_off_in_two_calls_is_one_part_of_a_plan(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 1)
    ended = make_certificate(decided_on=date(2021, 2, 1))
    text = "Măng khô OCOP 4 sao."
    await world.change(description=text)
    await world.sync()
    await world.change(certificates=(ended,))
    path = await made(world, tmp_path)

    report = await reviewed(world, path)

    assert sorted(world.written()) == ["set_stars", "update"]
    assert skipped(report) == []


# The file


async def test_a_plan_is_readable_and_says_that_it_is_simulated(
    world: World, tmp_path: Path
) -> None:
    await put_on_sale(world, 1)
    await priced(world, "SP-00001", 70_000)
    path = await made(world, tmp_path)

    said = json.loads(path.read_text("utf-8"))

    (change,) = said["marketplaces"]["memory"]["changes"]
    assert (said["format"], said["version"]) == ("ocop-sync plan", 1)
    assert said["made_at"] == f"{world.time():%Y-%m-%dT%H:%M:%SZ}"
    assert (said["simulated"], said["notice"]) == (True, plan_file.SIMULATED)
    assert {name: change[name] for name in ("subject", "kind", "before", "after")} == {
        "subject": "SP-00001",
        "kind": "set_price",
        "before": {"SP-00001-1": 45_000},
        "after": {"SP-00001-1": 70_000},
    }
    assert change["why"]["seen"] == {"vi": "Theo danh mục", "en": "As the catalog says"}


async def test_a_file_is_written_change_by_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_AT_ONCE", 2000)  # a whole plan is smaller
    await world.save(*(entry(n) for n in range(1, 60)))
    (made_,) = await plan(world.deployment)
    stream = io.BytesIO()
    sizes: list[int] = []

    write_plan([made_], world.time(), stream, lambda _: sizes.append(stream.tell()))

    written = stream.getvalue()
    steps = [later - before for before, later in itertools.pairwise(sizes)]
    assert len(sizes) == len(made_.lines) == 2 * 59
    assert max(steps) < len(written) // 10
    said = json.loads(written)
    checksum = said.pop("checksum")
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    assert checksum == blake2b(canonical.encode(), digest_size=16).hexdigest()


def kept_in_memory() -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, HELD)]


async def test_nothing_of_a_plan_is_held_but_what_is_read_of_it(
    world: World, tmp_path: Path
) -> None:
    of_others = kept_in_memory()  # by tests before this one, and now by us
    await world.save(*(entry(n) for n in range(1, 60)))
    plans = await plan(world.deployment)
    path = await made(world, tmp_path)
    read = read_plan(path)

    ids = {id(each) for each in of_others}
    held = [each for each in kept_in_memory() if id(each) not in ids]

    assert len(plans[0].lines) == len(read.marketplaces["memory"].changes) == 2 * 59
    assert held == []


HELD = (PlanLine, Planned, Case, ChangeIn)
"""What there would be one of for each change."""

Edit = Callable[[dict[str, Any]], object]


def _changes(said: dict[str, Any]) -> Any:
    return said["marketplaces"]["memory"]["changes"]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        pytest.param(lambda s: _changes(s)[0].update(after={}), "checksum", id="after"),
        pytest.param(lambda s: _changes(s).clear(), "checksum", id="one less"),
        pytest.param(lambda s: s.update(simulated=False), "checksum", id="simulated"),
        pytest.param(lambda s: s.update(checksum="0" * 32), "checksum", id="the sum"),
        pytest.param(lambda s: s.update(version=2), r"\(version\)", id="version"),
        pytest.param(lambda s: s.update(format="khác"), r"\(format\)", id="format"),
        pytest.param(lambda s: s.update(more=1), r"\(more\)", id="more"),
        pytest.param(lambda s: s.pop("made_at"), r"\(made_at\)", id="less"),
        pytest.param(
            lambda s: _changes(s)[0].update(kind="delete"), "kind", id="unknown kind"
        ),
        pytest.param(
            lambda s: _changes(s)[0].update(print="x"), "print", id="no print"
        ),
    ],
)
async def test_a_file_that_was_changed_is_refused(
    world: World, tmp_path: Path, edit: Edit, words: str
) -> None:
    await world.save(entry(1))
    path = await made(world, tmp_path)
    said = json.loads(path.read_text("utf-8"))
    edit(said)
    path.write_text(json.dumps(said), "utf-8")

    with pytest.raises(ConfigurationError, match=words):
        read_plan(path)


async def test_how_a_file_is_laid_out_does_not_matter(
    world: World, tmp_path: Path
) -> None:
    await world.save(entry(1))
    path = await made(world, tmp_path)
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(said, sort_keys=True), "utf-8")

    assert isinstance(read_plan(path), PlanFile)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": "\\ud800"}', b"null"],
    ids=["empty", "no keys", "a list", "no text", "deep", "half a letter", "nothing"],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "khac.json"
    path.write_bytes(data)

    with pytest.raises(ConfigurationError, match="not a plan file"):
        read_plan(path)


def test_a_file_that_does_not_end_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan_file, "MOST_BYTES", 1000)

    with pytest.raises(ConfigurationError, match="too large"):
        read_plan(Path("/dev/zero"))


async def test_a_plan_that_could_not_be_read_again_is_not_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(entry(1))
    plans = await plan(world.deployment)
    monkeypatch.setattr(plan_file, "MOST_BYTES", 1000)

    with pytest.raises(ConfigurationError, match="one for each marketplace"):
        write_plan(plans, world.time(), io.BytesIO())


# Whose plan it is


async def test_a_plan_of_another_marketplace_is_refused(
    two: World, tmp_path: Path
) -> None:
    await two.save(entry(1))
    path = await made(two, tmp_path, "memory")

    with pytest.raises(ConfigurationError, match="one of memory, not of other"):
        await reviewed(two, path, "other")

    assert two.written() == []


async def test_a_plan_of_a_marketplace_that_is_not_set_is_refused(
    two: World, tmp_path: Path
) -> None:
    await two.save(entry(1))
    path = await made(two, tmp_path)
    sites = tuple(site for site in two.deployment.sites if site.name == "memory")
    two.deployment = replace(two.deployment, sites=sites)

    with pytest.raises(ConfigurationError, match="no account at other"):
        await reviewed(two, path)

    assert two.written() == []


async def test_a_plan_of_an_account_that_is_not_set_is_refused(
    world: World, tmp_path: Path
) -> None:
    await world.save(entry(1))
    path = await made(world, tmp_path)
    (site,) = world.deployment.sites
    (account,) = site.accounts.values()
    other = Site(site.name, site.adapter, [replace(account, key="khác")])
    world.deployment = replace(world.deployment, sites=(other,))

    with pytest.raises(ConfigurationError, match="accounts that are not set: memory"):
        await reviewed(world, path)


async def test_a_plan_of_a_mock_is_none_of_the_real_marketplace(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(entry(1))
    path = await made(world, tmp_path)
    adapter = world.deployment.sites[0].adapter
    real = replace(adapter.capabilities, simulated=False)
    monkeypatch.setattr(adapter, "capabilities", real)

    with pytest.raises(ConfigurationError, match="was simulated"):
        await reviewed(world, path)
