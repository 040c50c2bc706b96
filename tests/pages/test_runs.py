"""The list of runs as a page, and a new one: what it will do, asked for once."""

from typing import Any

import pytest

from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.identity.role import Role
from ocop_sync.service.queries.run_list import syncs_page
from ocop_sync.service.requests.run_requests import WantedRun, request_run
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.db import database
from ocop_sync.store.runs.run_requests import RunRequest
from ocop_sync.worker import Wake
from tests.api.doors import Browser, Door
from tests.api.test_decisions import hold_a_group
from tests.factories import person
from tests.kept_files import KeptFiles
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in, token_on
from tests.world import World, entry, open_world

RUNS = "/runs"
START = "/runs/start"


async def ask(world: World, work: str = "sync") -> RunRequest:
    """Ask for a run, as somebody else."""
    return await request_run(world.deployment, WantedRun.of(work), by=person("Bà Mẫu"))


async def work(world: World) -> None:
    """Carry out what was asked for, as a worker does."""
    await RequestedRuns(AtWork(deployment=world.deployment), Wake()).look()


async def start(browser: Browser, **typed: str) -> Any:
    page = await look(browser, START)
    sent = {"form_token": token_on(page), "work": "sync", "marketplace": "all"}
    return await browser.post(START, sent | typed, **HTML)


def rows_of(page: Element, table: int = -1) -> list[str]:
    body = page.all("table")[table].one("tbody")
    return [each.text for each in body.all("tr")]


async def test_a_run_says_what_it_will_do_is_asked_for_and_stands_in_the_list(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    browser = await signed_in(door, Role.OPERATOR)
    empty = await look(browser, RUNS)

    said = await look(browser, START)
    answer = await start(browser)
    waiting = await look(browser, RUNS)
    await work(world)
    done = await look(browser, RUNS)

    assert "Chưa có lần chạy nào" in empty.text
    assert "lấy khỏi người mua mà vượt mức cho phép thì không gửi" in said.text
    assert "Memory (mô phỏng): 1 tài khoản" in said.text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert answer.status == 303
    assert answer.headers["Location"].startswith(f"{RUNS}/")
    (row,) = rows_of(waiting)
    assert "Đang chờ đến lượt" in row
    assert "Ng. Mẫu operator" in row
    (row,) = rows_of(done)
    assert "Đã xong" in row
    assert "Sàn đã nhận: 4" in row
    assert len(done.all("a", href=answer.headers["Location"])) == 1


async def test_a_run_that_nobody_asked_for_says_so(door: Door, world: World) -> None:
    await world.save(entry(1))
    await world.sync()

    page = await look(await signed_in(door, Role.OPERATOR), RUNS)

    assert "không ai yêu cầu riêng" in rows_of(page)[0]


async def test_a_run_that_found_nothing_to_do_stands_among_those_asked_for(
    door: Door, world: World
) -> None:
    asked = await ask(world)
    await work(world)
    browser = await signed_in(door, Role.OPERATOR)

    (row,) = rows_of(await look(browser, f"{RUNS}?only=asked"))

    assert "Bà Mẫu" in row
    assert "Đã xong" in row
    assert f"{RUNS}/{asked.id}" not in (await look(browser, RUNS)).text


async def test_the_second_person_starts_nothing_and_sees_who_was_first(
    door: Door, world: World
) -> None:
    asked = await ask(world)
    browser = await signed_in(door, Role.OPERATOR)

    late = await page_of(await start(browser, work="reconcile"), 409)

    told = late.one("div", role="alert", class_="notice")
    assert "Bà Mẫu đã yêu cầu một lần chạy ở đó lúc" in told.text
    assert told.one("a").attributes["href"] == f"{RUNS}/{asked.id}"
    work_again = late.one("select", name="work").one("option", selected="*")
    assert work_again.attributes["value"] == "reconcile"


@pytest.mark.parametrize("typed", [{"work": "x"}, {"marketplace": "xa"}])
async def test_a_faulty_form_starts_nothing(door: Door, typed: dict[str, str]) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    page = await page_of(await start(browser, **typed), 422)

    (name,) = typed
    link = page.one("div", class_="errors").one("a")
    assert link.attributes["href"] == f"#{name}"
    assert "chưa ai yêu cầu" in (await look(browser, f"{RUNS}?only=asked")).text


async def test_what_a_run_leaves_alone_is_said_before(door: Door, world: World) -> None:
    await hold_a_group(world)
    await pause_accounts(
        world.deployment, ["memory"], by=person("Bà Mẫu"), reason="Chờ sàn"
    )

    page = await look(await signed_in(door, Role.OPERATOR), START)

    assert "không gửi gì tới tài khoản đang tạm dừng: memory" in page.text
    assert "1 nhóm chờ duyệt không được gửi" in page.text


async def test_long_lists_of_runs_come_in_pages(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.pages.runs._SIZE", 2)
    for n in range(3):
        await world.save(entry(n + 1))
        await ask(world)
        await work(world)
        world.time.pass_(hours=1)
    browser = await signed_in(door, Role.OPERATOR)

    for path in (RUNS, f"{RUNS}?only=asked"):
        first = await look(browser, path)
        following = first.one("a", rel="next").attributes["href"]
        second = await look(browser, following)
        assert (len(rows_of(first)), len(rows_of(second))) == (2, 1)
        assert second.all("a", rel="next") == []
    await look(browser, following.replace("only=asked&", ""), 422)


async def test_a_sync_that_goes_over_the_end_of_a_page_is_called_a_part(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_world(url, ("một", "hai")) as two:
            await two.save(entry(1))
            report = await two.sync()

            whole = await syncs_page(two.deployment, after=None, size=2)
            first = await syncs_page(two.deployment, after=None, size=1)
            rest = await syncs_page(two.deployment, after=first.last, size=1)

    assert [(e.id, len(e.runs), e.is_part) for e in whole.syncs] == [
        (report.run, 2, False)
    ]
    assert whole.last is None
    for page in (first, rest):
        (only,) = page.syncs
        assert (only.id, len(only.runs), only.is_part) == (report.run, 1, True)
    assert rest.last is None
