"""Links of a producer's people as pages: made, shown once, listed with their use."""

from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.visits import look, page_of, signed_in

LINKS = "/producers/CS-0001/links"


async def test_a_link_is_shown_once_signs_in_and_its_use_is_listed(door: Door) -> None:
    browser, phone = await signed_in(door, Role.OPERATOR), door.browser()
    form = await look(browser, LINKS)
    first = await page_of(await send(browser, LINKS, form))
    answer = await send(browser, LINKS, await look(browser, LINKS))

    page = await page_of(answer)
    address = page.one("textarea", id="secret").text.strip()
    path = address[address.index("/link/") :]
    used = await phone.post(path, await phone.form(path))
    listed = await look(browser, LINKS)

    assert answer.headers["Cache-Control"] == "no-store"
    assert first.one("textarea", id="secret").text.strip() != address
    assert len(page.all("svg", class_="qr")) == 1
    assert used.status == 303
    rows = rows_of(listed)
    assert "✓ Đã dùng" in rows[0]
    assert "Điện thoại Mẫu" in rows[0]
    assert "– Đã bị hủy" in rows[1]
    assert path.rpartition("/")[2] not in listed.text
    (link,) = (await look(browser, "/producers/CS-0001")).all("a", href=LINKS)
    assert link.text == "Liên kết đăng nhập"


async def test_one_link_is_voided_and_what_waits_no_longer_is_told(door: Door) -> None:
    browser, phone = await signed_in(door, Role.OPERATOR), door.browser()
    made = await page_of(await send(browser, LINKS, await look(browser, LINKS)))
    address = made.one("textarea", id="secret").text.strip()
    path = address[address.index("/link/") :]
    shown = await phone.form(path)
    page = await look(browser, LINKS)
    (form,) = page.all("form", action=f"{LINKS}/1/void")

    done = await send(browser, f"{LINKS}/1/void", page)
    again = await send(browser, f"{LINKS}/1/void", await look(browser, LINKS))
    late = await phone.post(path, shown)

    assert form.one("button").text == "Hủy liên kết này"
    assert (done.status, done.headers["Location"]) == (303, f"{LINKS}?done=voided")
    assert again.headers["Location"] == f"{LINKS}?done=over"
    assert late.status != 303
    told = await look(browser, f"{LINKS}?done=voided")
    assert "không ai vào được bằng liên kết đó" in told.one("div", role="status").text
    assert "– Đã bị hủy" in rows_of(told)[0]
    assert not told.all("form", action=f"{LINKS}/1/void")
    page = await look(browser, LINKS)
    other = await send(browser, "/producers/CS-0002/links/1/void", page)
    assert other.headers["Location"].endswith("?done=over")


async def test_where_several_serve_one_is_chosen(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    for _ in range(2):
        await door.office.add_producer("CS-0001")
    form = await look(browser, LINKS)

    nobody = await page_of(await send(browser, LINKS, form), 422)
    await look(browser, LINKS)
    chosen = await page_of(await send(browser, LINKS, form, person="NV-00003"))

    assert "Chọn người" in nobody.one("div", class_="errors").text
    assert "NV-00003" in chosen.one("div", class_="answer").text
    await look(browser, "/producers/CS-9999/links", 404)
