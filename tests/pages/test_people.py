"""People as pages: listed, added, given another role or password, shut out."""

import pytest
from playwright.sync_api import Page

from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door
from tests.identity import PASSWORD
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import OpenService
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.visits import look, page_of, signed_in

PEOPLE = "/people"
NEW = "/people/_new"
SERVING = "/people/_serving"
OTHER = "Ng. Văn B"


async def told(browser: Browser, path: str) -> str:
    return (await look(browser, path)).one("div", role="status").text


def shown_secret(page: Element) -> str:
    return page.one("textarea", id="secret").text.strip()


async def acts(door: Door) -> list[str]:
    return [each.entry.kind for each in await door.office.acts()]


async def test_the_list_tells_roles_last_sign_ins_and_producers_people_apart(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    other = await door.office.add(OTHER, Role.VIEWER)
    served = await door.office.add_producer("CS-0001")

    staff = await look(browser, PEOPLE)
    producers = await look(browser, f"{PEOPLE}?who=producers")

    rows = rows_of(staff)
    assert [row.split(" NV-")[0] for row in rows] == ["Ng. Mẫu admin", OTHER]
    assert "Quản trị" in rows[0]
    assert "01/03/2024" in rows[0]
    assert "chưa lần nào" in rows[1]
    assert "✓ Vào được" in rows[1]
    (link,) = staff.all("a", href=f"{PEOPLE}/{other.id}")
    assert link.text == OTHER
    (row,) = rows_of(producers)
    assert row.startswith(f"{served.id} CS-0001")


async def test_somebody_of_a_producer_is_added_and_led_to_a_link(door: Door) -> None:
    browser = await signed_in(door, Role.ADMIN)
    listed = await look(browser, f"{PEOPLE}?who=producers")
    form = await look(browser, f"{SERVING}?producer=CS-0001")
    typed = {"name": "Bà Mẫu Hai", "producers": "CS-0001, CS-0002"}

    answer = await send(browser, SERVING, form, **typed)

    assert listed.all("a", href=SERVING)
    assert form.one("input", id="producers").attributes["value"] == "CS-0001"
    place = answer.headers["Location"]
    page = await look(browser, place)
    assert place.endswith("?done=added")
    links = {e.attributes["href"] for e in page.one("div", role="status").all("a")}
    assert links == {f"/producers/CS-000{n}/links" for n in (1, 2)}
    (row,) = rows_of(await look(browser, f"{PEOPLE}?who=producers"))
    assert row.startswith("Bà Mẫu Hai ")
    of_producer = await look(browser, "/producers/CS-0001/links")
    assert of_producer.all("a", href=f"{SERVING}?producer=CS-0001")
    assert "add_person" in await acts(door)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"producers": ""}, "#producers"),
        ({"producers": "CS-0001 CS-9999"}, "#producers"),
        ({"producers": "CS-0001", "name": "x" * 201}, "#name"),
    ],
)
async def test_a_faulty_form_adds_nobody_of_a_producer(
    door: Door, typed: dict[str, str], at: str
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    before = await acts(door)

    answer = await send(browser, SERVING, await look(browser, SERVING), **typed)

    page = await page_of(answer, 422)
    (fault,) = page.one("div", class_="errors").all("a")
    assert fault.attributes["href"] == at
    assert await acts(door) == before


async def test_a_person_is_added_with_a_password_that_one_page_shows(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    form = await look(browser, NEW)

    answer = await send(browser, NEW, form, name=OTHER, role="operator")
    secret = shown_secret(await page_of(answer))
    twice = await page_of(
        await send(browser, NEW, form, name="Ng. Van B", role="operator"), 422
    )
    nameless = await page_of(await send(browser, NEW, form, name=" ", role="x"), 422)
    later = [await look(browser, path) for path in (PEOPLE, f"{PEOPLE}/NV-00002", NEW)]

    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in str(answer.url)
    assert await door.browser().sign_in(OTHER, secret) == 303
    assert all(secret not in page.text for page in later)
    assert "Đã có người đăng nhập bằng tên này" in twice.one(id="name-error").text
    faults = nameless.one("div", class_="errors").all("a")
    assert [each.attributes["href"] for each in faults] == ["#name", "#role"]


async def test_a_role_is_changed_as_it_was_seen_and_the_last_admin_keeps_it(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    other = await door.office.add(OTHER, Role.VIEWER)
    path = f"{PEOPLE}/{other.id}"
    first, second = await look(browser, path), await look(browser, path)

    door.office.time.pass_(seconds=1)
    done = await send(browser, f"{path}/role", first, role="operator")
    await look(browser, path)
    late = await page_of(await send(browser, f"{path}/role", second, role="admin"), 409)
    mine = f"{PEOPLE}/NV-00001"
    kept = await page_of(
        await send(browser, f"{mine}/role", await look(browser, mine), role="viewer"),
        422,
    )
    ending = await look(browser, f"{mine}/ending")
    not_ended = await page_of(await send(browser, f"{mine}/ending", ending), 409)

    assert done.headers["Location"] == f"{path}?done=role"
    assert "người khác vừa đổi" in late.one("div", role="alert", class_="notice").text
    assert late.one("option", selected="*").attributes["value"] == "operator"
    assert "người quản trị cuối cùng" in kept.one("div", class_="errors").text
    assert "Đó là chính bạn" in ending.text
    assert "Chưa khóa" in not_ended.one("div", role="alert", class_="notice").text
    assert (await look(browser, PEOPLE)).text.count("Đã khóa") == 0


async def test_a_new_password_says_what_it_ends_and_ends_it(door: Door) -> None:
    browser, other = await signed_in(door, Role.ADMIN), door.browser()
    person = await door.office.add(OTHER)
    assert await other.sign_in(OTHER) == 303
    path = f"{PEOPLE}/{person.id}/password"

    asked = await look(browser, path)
    await look(other, "/worklist")
    secret = shown_secret(await page_of(await send(browser, path, asked)))

    assert "thoát khỏi mọi nơi đang đăng nhập (1 nơi)" in asked.text
    assert (await other.get("/worklist")).status in (303, 401)
    assert await door.browser().sign_in(OTHER, PASSWORD) != 303
    assert await door.browser().sign_in(OTHER, secret) == 303


async def test_sessions_end_one_by_one_or_all_and_a_person_is_shut_out_and_let_in(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    person = await door.office.add(OTHER)
    path = f"{PEOPLE}/{person.id}"
    others = [door.browser() for _ in range(3)]
    for each in others:
        assert await each.sign_in(OTHER) == 303

    async def press(act: str) -> str:
        answer = await send(browser, f"{path}/{act}", await look(browser, path))
        return await told(browser, answer.headers["Location"])

    async def is_in(each: Browser) -> bool:
        return (await each.get("/worklist")).status == 200

    page = await look(browser, path)
    actions = [each.attributes.get("action", "") for each in page.all("form")]
    (first, *_) = [each for each in actions if "/sessions/" in each]
    one = await press(first.removeprefix(f"{path}/"))
    after_one = [await is_in(each) for each in others]
    again = await send(browser, first, await look(browser, path))
    everywhere = await press("sign-out")
    after_all = [await is_in(each) for each in others]
    asked = await look(browser, f"{path}/ending")
    ended = await press("ending")
    shut_out = await door.browser().sign_in(OTHER)
    let_in = await press("return")

    assert (one, everywhere) == ("Đã thoát ở nơi đó.", "Đã thoát khỏi mọi nơi.")
    assert after_one == [False, True, True]
    assert again.status == 404
    assert after_all == [False] * 3
    assert "không đăng nhập được nữa" in asked.text
    assert ended.startswith("Đã khóa")
    assert shut_out != 303
    assert let_in.startswith("Đã cho vào lại")
    assert await door.browser().sign_in(OTHER) == 303
    assert (await acts(door))[-6:] == [
        "sign_in",
        "end_session",
        "end_session",
        "disable_person",
        "enable_person",
        "sign_in",
    ]


async def test_a_producers_person_has_no_password_and_no_role_to_change(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    served = await door.office.add_producer("CS-0001")
    path = f"{PEOPLE}/{served.id}"

    page = await look(browser, path)
    form = await look(browser, f"{path}/ending")
    changed = await send(browser, f"{path}/role", form, role="viewer")
    reset = await send(browser, f"{path}/password", form)

    assert page.all("a", href=f"{path}/password") == []
    assert page.all("select", name="role") == []
    assert changed.status == 422
    assert reset.status == 409
    await look(browser, f"{path}/password", 409)


async def test_a_long_list_holds_everybody_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    for number in range(4):
        await door.office.add(f"Ng. Mẫu {number}", Role.VIEWER)
    whole = rows_of(await look(browser, PEOPLE))
    monkeypatch.setattr("ocop_sync.pages.people._SIZE", 3)

    first = await look(browser, PEOPLE)
    (following,) = first.all("a", rel="next")
    second = await look(browser, following.attributes["href"])

    assert rows_of(first) + rows_of(second) == whole
    assert second.all("a", rel="next") == []


async def test_a_person_is_added_and_shut_out_in_a_browser(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        more = ("/keys", "/keys/_new", "/producers/CS-0001/links")
        page.goto("/")
        page.get_by_role("link", name="Người dùng").click()
        page.get_by_role("link", name="Thêm người…").click()
        page.get_by_label("Họ tên").fill("Ng. Mẫu Mới")
        page.get_by_role("button", name="Thêm và tạo mật khẩu").click()
        assert len(page.get_by_label("Mật khẩu", exact=True).input_value()) > 10
        assert faults_of(page) == []
        page.get_by_role("button", name="Sao chép").click()
        page.get_by_text("Đã sao chép.").wait_for()
        page.get_by_role("link", name="Tôi đã ghi lại").click()
        one = page.url
        page.get_by_role("link", name="Không cho vào nữa…").click()
        page.get_by_role("button", name="Không cho vào nữa").click()
        page.get_by_text("Đã khóa: người này").wait_for()
        for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
            page.set_viewport_size({"width": width, "height": height})
            for path in (PEOPLE, NEW, one, f"{one}/password", f"{one}/ending", *more):
                page.goto(f"{path}?lang={language}")
                assert not is_wider_than_the_window(page), (path, width)
                if language == "en":
                    assert faults_of(page) == [], path

    async with chromium.visit(service.url, size=NARROW) as window:
        await service.sign_in(window, Role.ADMIN)
        await window.do(journey)
    assert window.seen.complaints == []
