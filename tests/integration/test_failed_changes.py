"""A sync names its failures: product, kind, reason, the marketplace's words."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from catalog.eligibility import Text
from ocop_sync.cli.views.failures import show_failures
from ocop_sync.errors import AuthenticationError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.queries.history import changes
from ocop_sync.service.run.failed_changes import Failed, FailedChange, groups_of
from ocop_sync.service.run.overdue import AllOverdue
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_log import level_of, log_synced
from ocop_sync.store.runs.run_history import Which
from ocop_sync.testing.memory import LostAnswer
from tests.world import World, entry

SAID = "Giá ngoài khung"
PRICE = Problem(code="PRICE_RANGE", message=SAID, field="price_vnd")
WORDS = f"price_vnd: {SAID}"
BLURRED = Problem(code="image", message="Ảnh mờ", field="pictures")
REVIEWED = "sàn từ chối khi duyệt / refused in review"


async def four(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 5)))


def named(report: Report) -> list[tuple[Any, ...]]:
    return [
        (each.subject, each.kind, each.failed.value, each.words)
        for each in sorted(report.failures, key=lambda each: each.subject)
    ]


async def test_each_refused_change_is_named_in_the_marketplaces_words(
    world: World,
) -> None:
    await four(world)
    for n in (1, 3):
        ref = f"SP-{n:05}"
        world.market.script("create", Refused((PRICE,)), client_ref=ref)

    report = await world.sync()

    assert report.failed == 2
    assert named(report) == [
        ("SP-00001", "create", "refused", WORDS),
        ("SP-00003", "create", "refused", WORDS),
    ]
    first = min(report.failures, key=lambda each: each.subject)
    assert (first.name, first.skus) == ("Măng khô Mẫu 1", ("SP-00001-1",))
    assert first.problems == (PRICE,)
    assert (first.marketplace, first.account) == ("memory", "memory")


async def test_a_change_without_an_answer_is_named(world: World) -> None:
    await four(world)
    lost = LostAnswer(applied=False, whole_call=False)
    world.market.script("create", lost, client_ref="SP-00002")

    report = await world.sync()

    assert named(report) == [("SP-00002", "create", "unknown", "lost, not applied")]


async def test_what_is_read_back_as_applied_has_not_failed(world: World) -> None:
    await four(world)
    world.market.script("create", LostAnswer(whole_call=False), client_ref="SP-00002")
    world.market.script("create", Refused((PRICE,)), client_ref="SP-00003")

    report = await world.sync()

    assert named(report) == [("SP-00003", "create", "refused", WORDS)]
    assert report.failed == 1


async def test_a_refusal_in_a_review_is_named_once(moderated: World) -> None:
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    shelf = moderated.market.shelf
    (found,) = shelf.of("SP-00001")
    shelf.refuse(found.ref, PRICE)

    report = await moderated.sync()
    later = await moderated.sync()

    assert named(report) == [("SP-00001", "create", "refused_in_review", WORDS)]
    assert (report.failed, later.failures) == (0, [])


async def test_a_refusal_in_a_review_is_named_that_only_a_whole_read_shows(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    shelf = moderated.market.shelf
    (found,) = shelf.of("SP-00001")
    shelf.refuse(found.ref, PRICE)
    shelf.events.clear()
    moderated.time.pass_(hours=25)

    report = await moderated.sync(follow_s=0)
    later = await moderated.sync(follow_s=0)

    assert named(report) == [("SP-00001", "create", "refused_in_review", WORDS)]
    assert later.failures == []
    told = [each.change async for each in changes(moderated.deployment, Which())]
    submitted = [each.words for each in told if each.outcome == "submitted"]
    assert submitted == [f"{REVIEWED}: {WORDS}"]


async def test_a_refusal_is_named_of_a_create_whose_answer_was_lost(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    moderated.market.script("create", LostAnswer(whole_call=False))
    real = moderated.market.create

    async def create(changes: Sequence[Any]) -> Any:
        answers = await real(changes)
        moderated.market.shelf.refuse("M000001", PRICE)
        return answers

    moderated.market.create = create  # type: ignore[method-assign]  # staff at work

    report = await moderated.sync()
    later = await moderated.sync()

    assert named(report) == [("SP-00001", "create", "refused_in_review", WORDS)]
    assert later.failures == []


@pytest.mark.postgresql
async def test_a_refusal_in_a_review_stands_with_what_was_submitted(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    shelf = moderated.market.shelf
    (found,) = shelf.of("SP-00001")
    shelf.refuse(found.ref, BLURRED)
    await moderated.sync(follow_s=0)
    moderated.time.pass_(minutes=5)
    await moderated.change(description="Măng khô khác.")
    await moderated.sync(follow_s=0)
    shelf.refuse(found.ref, PRICE)
    report = await moderated.sync()  # an event tells it first

    told = [each.change async for each in changes(moderated.deployment, Which())]

    submitted = [(e.kind, e.words) for e in told if e.outcome == "submitted"]
    assert named(report) == [("SP-00001", "create", "refused_in_review", WORDS)]
    assert submitted == [
        ("update", f"{REVIEWED}: {WORDS}"),
        ("create", f"{REVIEWED}: pictures: Ảnh mờ"),
    ]


async def test_what_is_handed_back_or_done_is_no_failure(world: World) -> None:
    await four(world)

    report = await world.sync()

    assert (report.failures, report.run != "") == ([], True)


def failed(n: int, words: str, code: str = "") -> FailedChange:
    return FailedChange(
        marketplace="memory",
        account="memory",
        subject=f"SP-{n:05}",
        kind="create",
        failed=Failed.REFUSED,
        words=words,
        problems=(Problem(code=code, message=words),) if code else (),
    )


def test_equal_reasons_make_one_group_and_the_largest_comes_first() -> None:
    found = groups_of(
        [
            failed(1, "Khác"),
            failed(2, "Giá 1000", "PRICE_RANGE"),
            failed(3, "Giá 2000", "PRICE_RANGE"),
        ]
    )

    assert [(group.words, len(group.changes)) for group in found] == [
        ("Giá 1000", 2),
        ("Khác", 1),
    ]
    assert "giá" in str(found[0].todo)


def test_the_command_that_is_advised_names_marketplace_and_products() -> None:
    (found,) = groups_of([failed(n, "Sai", "OCOP_INVALID") for n in range(1, 9)])

    assert found.todo is not None
    assert "`ocop-sync held retry memory SP-00001 SP-00002 " in found.todo.en
    assert "SP-00005 --by" in found.todo.en


def test_people_see_the_first_of_many_and_how_many_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = [failed(n, "Giá sai", "PRICE_RANGE") for n in range(1, 173)]
    others = [failed(n, f"Lý do {n}") for n in range(1, 14)]

    show_failures([*many, *others], "lệnh xem hết")

    said = capsys.readouterr().out
    assert "sàn từ chối / refused: «Giá sai» (172)" in said
    assert "SP-00005; … và 167 nữa / and 167 more" in said
    assert "… và 4 lý do nữa / and 4 more reasons" in said
    assert "lệnh xem hết" in said
    assert len(said.splitlines()) < 40


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="ocop_sync.service.run.run_log")
    return caplog


async def test_a_run_with_failures_warns_with_reason_and_first_names(
    world: World, logged: pytest.LogCaptureFixture
) -> None:
    await four(world)
    for n in range(1, 5):
        ref = f"SP-{n:05}"
        world.market.script("create", Refused((PRICE,)), client_ref=ref)

    log_synced(await world.sync())

    of_run, of_sync = logged.records
    assert (of_run.message, of_run.levelname) == ("changes failed", "WARNING")
    assert (of_sync.message, of_sync.levelname) == ("synced with failures", "WARNING")
    for line in (of_run, of_sync):
        assert vars(line)["failed"] == 4
        assert vars(line)["reasons"] == [
            "memory create refused (4: SP-00001, SP-00002, SP-00003, +1): " + WORDS
        ]


async def test_an_account_of_no_use_is_an_error_in_the_log(
    world: World, logged: pytest.LogCaptureFixture
) -> None:
    await four(world)
    world.market.script("page", AuthenticationError("sai mật khẩu"), times=9)

    log_synced(await world.sync())

    line = logged.records[-1]
    assert (line.message, line.levelname) == ("synced with failures", "ERROR")
    assert vars(line)["why"] == ["memory: sai mật khẩu"]


async def test_a_sync_without_failures_is_no_warning(
    world: World, logged: pytest.LogCaptureFixture
) -> None:
    await four(world)

    log_synced(await world.sync())

    (line,) = logged.records
    assert (line.message, line.levelname) == ("synced", "INFO")


def test_levels_follow_the_worst_of_a_sync() -> None:
    late = AllOverdue(not_withdrawn=[object()])  # type: ignore[list-item]
    told = Report(stopped={"memory": "SIGTERM"})
    unread = Report(unread={"memory": "bảo trì"})

    assert level_of(Report()) == level_of(told) == logging.INFO
    assert level_of(unread) == level_of(Report(failed=1)) == logging.WARNING
    doubted = Report(clock=Text("Đồng hồ", "The clock"))
    assert level_of(Report(overdue=late)) == level_of(doubted) == logging.ERROR
