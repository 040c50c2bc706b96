"""Keys as pages: made, shown once, replaced, revoked, by admins."""

from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.visits import look, page_of, signed_in

KEYS = "/keys"
NEW = "/keys/_new"


async def test_a_key_is_shown_once_replaced_and_revoked(door: Door) -> None:
    browser = await signed_in(door, Role.ADMIN)
    form = await look(browser, NEW)
    typed = {"name": "Bảng tin", "role": "viewer", "ends_on": "5/12/2030"}
    answer = await send(browser, NEW, form, **typed)
    secret = (await page_of(answer)).one("textarea", id="secret").text.strip()
    listed = await look(browser, KEYS)
    links = {each.text: each.attributes["href"] for each in listed.all("a")}
    asked = await look(browser, links["Thay…"])
    assert "còn dùng được 24 giờ" in asked.text
    made = await page_of(await send(browser, links["Thay…"], asked))
    second = made.one("textarea", id="secret").text.strip()
    opened = [(await door.bearer(each)).status for each in (secret, second)]
    asked = await look(browser, links["Thu hồi…"])
    done = await send(browser, links["Thu hồi…"], asked)
    after = await look(browser, done.headers["Location"])

    assert answer.headers["Cache-Control"] == "no-store"
    assert "06/12/2030" in rows_of(listed)[0]
    assert secret not in listed.text + after.text
    assert opened == [200, 200]
    assert "bị chặn ngay" in asked.text
    assert (await door.bearer(secret)).status == 401
    assert (await door.bearer(second)).status == 200
    assert "".join(rows_of(after)).count("– Đã thu hồi") == 1
    await look(browser, links["Thu hồi…"], 404)


async def test_a_faulty_form_makes_no_key(door: Door) -> None:
    browser = await signed_in(door, Role.ADMIN)
    sent = {"name": " ", "role": "x", "ends_on": "1/1/2020"}
    page = await page_of(
        await send(browser, NEW, await look(browser, NEW), **sent), 422
    )
    lost = {"name": "A", "role": "producer", "producers": "CS-9999"}
    unknown = await page_of(
        await send(browser, NEW, await look(browser, NEW), **lost), 422
    )

    faults = page.one("div", class_="errors").all("a")
    assert [e.attributes["href"] for e in faults] == ["#name", "#role", "#ends_on"]
    assert "mã cơ sở" in unknown.one(id="producers-error").text
    assert "Chưa có khóa nào" in (await look(browser, KEYS)).text
