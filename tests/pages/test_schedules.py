"""Schedules as pages: listed, added, edited, paused, run now, removed, by admins."""

from typing import Any

import pytest
from playwright.sync_api import Page

from catalog.eligibility import Text
from ocop_sync.pages.schedule_times import FIELDS, fields_of, read_times
from ocop_sync.pages.schedule_words import times_words
from ocop_sync.service.identity.role import Role
from ocop_sync.service.schedules.edit import NewTimes
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import Office, WantedSchedule, add_schedule
from ocop_sync.service.schedules.show import list_schedules
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.factories import person
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import OpenService
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.visits import look, page_of, signed_in
from tests.world import World

SCHEDULES = "/schedules"
NEW = "/schedules/_new"
ONE = "/schedules/sang"


def office(world: World) -> Office:
    return Office(database=world.database, clock=world.time)


async def added(world: World, cron: str = "0 5 * * *", name: str = "sang") -> None:
    wanted = WantedSchedule(name=name, kind=ScheduleKind.SYNC, cron=cron)
    await add_schedule(office(world), wanted, by=person("Bà Mẫu"))


async def add(browser: Browser, **typed: str) -> Any:
    page = await look(browser, NEW)
    sent = {**FIELDS, "name": "sang", "kind": "reconcile"}
    return await send(browser, NEW, page, **(sent | typed))


async def kept(world: World) -> list[tuple[str, str, int | None]]:
    found = (await list_schedules(office(world))).schedules
    return [(each.name, each.cron, each.every_s) for each in found]


@pytest.mark.parametrize(
    ("cron", "every_s", "vi", "en"),
    [
        ("0 5 * * *", None, "mỗi ngày lúc 05:00", "every day at 05:00"),
        (
            "30 5,17 * * *",
            None,
            "mỗi ngày lúc 05:30, 17:30",
            "every day at 05:30, 17:30",
        ),
        (
            "15 22 * * mon-fri",
            None,
            "thứ hai đến thứ sáu mỗi tuần lúc 22:15",
            "Monday to Friday at 22:15",
        ),
        (
            "0 7 * * sat,sun",
            None,
            "thứ bảy, chủ nhật mỗi tuần lúc 07:00",
            "each Saturday, Sunday at 07:00",
        ),
        (
            "0 3 last * *",
            None,
            "ngày cuối mỗi tháng lúc 03:00",
            "the last day of each month at 03:00",
        ),
        (
            "0 3 1 * *",
            None,
            "ngày 1 mỗi tháng lúc 03:00",
            "day 1 of each month at 03:00",
        ),
        (
            "5 */2 * * *",
            None,
            "mỗi ngày, cứ 2 giờ một lần vào phút 5",
            "every day, every 2 hours at minute 5",
        ),
        (
            "*/15 * * * *",
            None,
            "mỗi ngày, cứ 15 phút một lần",
            "every day, every 15 minutes",
        ),
        (
            "7 * * * *",
            None,
            "mỗi ngày, mỗi giờ vào phút 7",
            "every day, each hour at minute 7",
        ),
        ("0 5 * 6 *", None, "theo mẫu giờ “0 5 * 6 *”", "by the pattern “0 5 * 6 *”"),
        ("", 60, "mỗi phút một lần", "once a minute"),
        ("", 5400, "cứ 90 phút một lần", "every 90 minutes"),
        ("", 172_800, "cứ 2 ngày một lần", "every 2 days"),
        ("", 61, "cứ 61 giây một lần", "every 61 seconds"),
    ],
)
def test_times_are_said_as_people_say_them(
    cron: str, every_s: int | None, vi: str, en: str
) -> None:
    assert times_words(cron, every_s) == Text(vi, en)


@pytest.mark.parametrize(
    ("cron", "every_s"),
    [
        ("0 5 * * *", None),
        ("15 22 * * mon-fri", None),
        ("0 3 28 * *", None),
        ("0 3 last * *", None),
        ("0 3 31 * *", None),
        ("*/15 * * * *", None),
        ("", 5400),
        ("", 172_800),
    ],
)
def test_what_the_form_shows_of_times_is_read_as_the_same(
    cron: str, every_s: int | None
) -> None:
    read = read_times(fields_of(cron, every_s))

    assert isinstance(read, NewTimes)
    seconds = None if read.every is None else int(read.every.total_seconds())
    assert (read.cron, seconds) == (cron, every_s)


async def test_a_schedule_is_seen_before_it_is_added_and_stands_in_the_list(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    empty = await look(browser, SCHEDULES)

    seen = await page_of(await add(browser, time="5h30", answer="see"))
    assert await kept(world) == []
    answer = await add(browser, time="5h30")
    listed = await look(browser, SCHEDULES)
    page = await look(browser, answer.headers["Location"])

    assert "Chưa có lịch nào" in empty.text
    told = seen.one("div", role="status")
    assert "Chưa lưu. Lịch này chạy mỗi ngày lúc 05:30" in told.text
    assert [each.text for each in told.all("li")][:2] == [
        "05:30, 02/03/2024",
        "05:30, 03/03/2024",
    ]
    assert seen.one("input", name="time").attributes["value"] == "5h30"
    assert await kept(world) == [("sang", "30 5 * * *", None)]
    (row,) = rows_of(listed)
    assert row.startswith("sang Đối soát")
    assert "mỗi ngày lúc 05:30 05:30, 02/03/2024" in row
    assert "✓ Đang theo lịch" in row
    assert page.one("h1").text == "Lịch sang: mỗi ngày lúc 05:30"
    assert "Đã thêm lịch" in page.one("div", role="status").text


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"name": "Sáng"}, "name", "chữ thường không dấu"),
        ({"kind": "x"}, "kind", "Chọn một việc"),
        ({"repeat": "x"}, "repeat", "Chọn một mục"),
        ({"time": "25:00"}, "time", "ví dụ 05:00"),
        ({"repeat": "weekly", "weekday": "x"}, "weekday", "Chọn một mục"),
        ({"repeat": "monthly", "month_day": "31"}, "month_day", "từ 1 đến 28"),
        ({"repeat": "every", "length": "ít"}, "length", "số nguyên"),
        ({"repeat": "every", "length": "999999"}, "length", "366 ngày một lần."),
        ({"repeat": "every", "unit": "x"}, "unit", "Chọn một mục"),
        ({"repeat": "pattern", "pattern": "5 5"}, "pattern", "Cần năm phần"),
    ],
)
async def test_a_faulty_form_adds_nothing_and_says_it_at_the_field(
    door: Door, world: World, typed: dict[str, str], field: str, told: str
) -> None:
    browser = await signed_in(door, Role.ADMIN)

    answer = await add(browser, **typed)

    page = await page_of(answer, 422)
    link = page.one("div", class_="errors").one("a")
    assert link.attributes["href"] == f"#{field}"
    assert told in link.text
    assert " / " not in link.text
    assert await kept(world) == []


async def test_a_name_that_is_taken_is_said_at_its_field(
    door: Door, world: World
) -> None:
    await added(world)

    page = await page_of(await add(await signed_in(door, Role.ADMIN)), 409)

    assert "Đã có lịch tên này" in page.one(id="name-error").text


async def test_times_are_given_anew_and_the_second_person_changes_nothing(
    door: Door, world: World
) -> None:
    await added(world)
    browser = await signed_in(door, Role.ADMIN)
    path = f"{ONE}/timing"
    first, second = await look(browser, path), await look(browser, path)
    assert first.one("input", name="time").attributes["value"] == "05:00"
    weekly = {**FIELDS, "repeat": "weekly", "weekday": "sun", "time": "04:00"}

    seen = await page_of(await send(browser, path, first, **weekly, answer="see"))
    assert await kept(world) == [("sang", "0 5 * * *", None)]
    done = await send(browser, path, seen, **weekly)
    await look(browser, path)
    late = await page_of(await send(browser, path, second, **FIELDS), 409)

    assert "chủ nhật mỗi tuần lúc 04:00" in seen.one("div", role="status").text
    assert done.headers["Location"] == f"{ONE}?done=edited"
    assert await kept(world) == [("sang", "0 4 * * sun", None)]
    assert (
        "người khác đã đổi giờ" in late.one("div", role="alert", class_="notice").text
    )
    chosen = late.one("select", name="repeat").one("option", selected="*")
    assert chosen.attributes["value"] == "weekly"


async def test_a_schedule_is_paused_goes_on_is_run_and_removed_each_in_the_audit(
    door: Door, world: World
) -> None:
    await added(world)
    browser = await signed_in(door, Role.ADMIN)

    async def press(path: str, **typed: str) -> str:
        page = await look(browser, ONE)
        answer = await send(browser, path, page, **typed)
        location: str = answer.headers["Location"]
        return (await look(browser, location)).one("div", role="status").text

    told = [
        await press(f"{ONE}/pause", paused="yes"),
        await press(f"{ONE}/pause", paused="no"),
        await press(f"{ONE}/run"),
    ]
    twice = await page_of(
        await send(browser, f"{ONE}/run", await look(browser, ONE)), 409
    )
    removal = await look(browser, f"{ONE}/removal")
    gone = await send(browser, f"{ONE}/removal", removal)

    assert [each.split(":")[0] for each in told] == [
        "Đã tạm dừng",
        "Đang theo lịch trở lại; những lần đã lỡ thì không chạy bù.",
        "Đã yêu cầu",
    ]
    assert "Chưa yêu cầu gì" in twice.one("div", role="alert", class_="notice").text
    assert "… Chờ đến lượt" in twice.text
    assert "không còn tự chạy mỗi ngày lúc 05:00" in removal.text
    assert gone.headers["Location"] == f"{SCHEDULES}?done=removed"
    assert await kept(world) == []
    done = [kind for kind, _, _ in await acts_of(world.database)]
    assert done[-4:] == [
        "pause_schedule",
        "resume_schedule",
        "run_schedule",
        "remove_schedule",
    ]
    await look(browser, ONE, 404)


async def test_a_schedule_that_nobody_runs_is_told_in_red(
    door: Door, world: World
) -> None:
    await added(world)
    world.time.pass_(hours=30)
    browser = await signed_in(door, Role.ADMIN)

    page = await look(browser, SCHEDULES)

    assert page.one("h1").text == "1 lịch cần xem"
    assert "! Trễ, chưa ai chạy" in rows_of(page)[0]
    assert "tiến trình chạy nền có đang chạy không" in (await look(browser, ONE)).text


async def test_an_operator_is_not_led_to_schedules(door: Door) -> None:
    operator, admin = (
        await signed_in(door, Role.OPERATOR),
        await signed_in(door, Role.ADMIN),
    )

    assert (await look(operator, "/runs")).all("a", href=SCHEDULES) == []
    assert len((await look(admin, "/runs")).all("a", href=SCHEDULES)) == 1


async def test_a_schedule_is_added_and_paused_in_a_browser(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto(SCHEDULES)
        page.get_by_role("link", name="Thêm lịch…").click()
        page.get_by_label("Tên").fill("Sáng")
        page.get_by_role("button", name="Thêm lịch này").click()
        page.wait_for_function("document.activeElement.className === 'errors'")
        page.get_by_label("Tên").fill("sang")
        page.get_by_role("button", name="Xem các lần chạy tới").click()
        page.get_by_role("status").get_by_text("mỗi ngày lúc 05:00").wait_for()
        page.get_by_role("button", name="Thêm lịch này").click()
        page.get_by_role("button", name="Tạm dừng lịch này").click()
        page.get_by_text("Đã tạm dừng").wait_for()
        for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
            page.set_viewport_size({"width": width, "height": height})
            for path in (SCHEDULES, NEW, ONE, f"{ONE}/timing", f"{ONE}/removal"):
                page.goto(f"{path}?lang={language}")
                assert not is_wider_than_the_window(page), (path, width)
                if language == "en":
                    assert faults_of(page) == [], path

    async with chromium.visit(service.url, size=NARROW) as window:
        await service.sign_in(window, Role.ADMIN)
        await window.do(journey)
    assert [e for e in window.seen.complaints if "422" not in e] == []
