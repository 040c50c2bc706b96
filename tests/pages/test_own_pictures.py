"""A producer's pictures: taken in, put in order and out, with and without a script."""

from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from aiohttp import ClientResponse
from PIL import Image
from playwright.sync_api import Page, Route

from catalog.commands.pictures import MOST_PICTURES, id_of
from catalog.db import reader
from catalog.model.fact import Fact
from catalog.model.product import Picture
from ocop_sync.service.identity.role import Role
from tests.api.doors import OURS, Browser, Door
from tests.pages.chromium import NARROW, Chromium
from tests.pages.open_service import OpenService
from tests.pages.parsed import Element
from tests.pages.test_forms_with_files import BOUNDARY, body_of, field, file
from tests.pages.test_phone_bytes import noise
from tests.pages.visits import HTML, look, page_of, signed_in, token_on
from tests.pictures import make_picture, written
from tests.world import World, entry

PICTURES: Final = "/p/SP-00001/pictures"
ELSEWHERE: Final = tuple(
    Picture(url=f"https://mau.example/{n}.jpg", shows_ocop_mark=Fact.NO)
    for n in range(1, 4)
)


@pytest.fixture
async def browser(door: Door, world: World) -> Browser:
    """The maker of a product with three pictures."""
    await world.save(entry(1, pictures=ELSEWHERE))
    return await signed_in(door, Role.PRODUCER)


async def pictures(world: World) -> tuple[Picture, ...]:
    async with world.database.read() as conn:
        return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0].pictures


async def send(browser: Browser, path: str, *parts: bytes) -> ClientResponse:
    """Send the form that adds pictures, as browsers do."""
    token = token_on(await look(browser, PICTURES))
    body = body_of(field("form_token", token), field("act", "add"), *parts)
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await browser.post(path, body, **kind, **HTML)  # type: ignore[arg-type]


def fields(page: Element, name: str) -> dict[str, str]:
    """Return the fields of the form of this name, as they stand on the page."""
    form = page.one("form", aria_label=name)
    return {e.attributes["name"]: e.attributes["value"] for e in form.all("input")}


async def test_pictures_of_the_camera_and_of_the_phone_are_put_behind_the_others(
    browser: Browser, world: World
) -> None:
    answer = await send(
        browser,
        PICTURES,
        field("shows_ocop_mark", "no"),
        file(make_picture(), "a.jpg", "camera"),
        file(make_picture("PNG", color="blue"), "b.png", "chosen"),
    )

    assert (answer.status, answer.headers["Location"]) == (
        303,
        f"{PICTURES}?done=added",
    )
    page = await look(browser, answer.headers["Location"])
    found = await pictures(world)
    assert found[:3] == ELSEWHERE
    assert [each.shows_ocop_mark for each in found[3:]] == [Fact.NO, Fact.NO]
    assert "Đã thêm ảnh" in page.one("div", role="status").text
    small = [each.attributes["src"] for each in page.all("img")]
    assert small == [f"/p/pictures/{id_of(each)}.jpg" for each in found[3:]]
    assert (await browser.get(small[0])).status == 200
    assert page.text.count("Ảnh nằm ở nơi khác") == 3


@pytest.mark.parametrize(
    ("parts", "said", "at"),
    [
        ([], "Chưa chọn ảnh nào", "camera"),
        ([file(b"%PDF-1.4", "a.pdf", "chosen")], "Không phải ảnh JPEG", "chosen"),
        ([file(b"", "a.jpg", "camera")], "Tệp ảnh rỗng", "camera"),
    ],
)
async def test_what_is_no_picture_is_told_on_top_and_at_its_field(
    browser: Browser, world: World, parts: list[bytes], said: str, at: str
) -> None:
    page = await page_of(await send(browser, PICTURES, *parts), 422)

    link = page.one("div", class_="errors").one("a")
    assert link.attributes["href"] == f"#{at}"
    assert link.text.startswith(said)
    assert " / " not in link.text
    described = page.one("input", id=at).attributes["aria-describedby"]
    assert said in page.one(id=described).text
    assert await pictures(world) == ELSEWHERE


async def test_a_picture_is_put_first_or_up_by_one_unless_they_were_changed_meanwhile(
    browser: Browser, world: World
) -> None:
    one, two, three = ELSEWHERE
    page = await look(browser, PICTURES)

    first = await browser.post(PICTURES, fields(page, "Đưa ảnh 3 lên đầu"), **HTML)
    assert first.headers["Location"] == f"{PICTURES}?done=moved"
    assert await pictures(world) == (three, one, two)
    late = await browser.post(PICTURES, fields(page, "Đưa ảnh 2 lên đầu"), OURS, **HTML)
    assert "Có người vừa đổi ảnh" in (await page_of(late, 412)).text
    page = await look(browser, PICTURES)
    await browser.post(PICTURES, fields(page, "Đưa ảnh 3 lên một chỗ"), **HTML)

    assert await pictures(world) == (three, two, one)


async def test_a_picture_is_taken_out_once_it_was_asked_about(
    browser: Browser, world: World
) -> None:
    for left in (2, 1, 0):
        page = await look(browser, PICTURES)
        (link, *_) = [e for e in page.all("a") if e.text == "Bỏ ảnh 1"]
        asked = await look(browser, PICTURES + link.attributes["href"][len(PICTURES) :])
        question = asked.one("div", role="alert", class_="notice")
        assert ("ảnh cuối cùng" in question.text) == (left == 0)
        assert len(await pictures(world)) == left + 1
        sent = question.one("form").all("input")
        sent_fields = {e.attributes["name"]: e.attributes["value"] for e in sent}

        for _ in range(2):  # pressed twice
            answer = await browser.post(PICTURES, sent_fields, OURS, **HTML)
            assert answer.headers["Location"] == f"{PICTURES}?done=removed"

        assert await pictures(world) == ELSEWHERE[3 - left :]
    page = await look(browser, PICTURES)
    assert "Chưa có ảnh nào" in page.text


async def test_nobody_sees_or_changes_the_pictures_of_anothers_product(
    browser: Browser,
) -> None:
    other = PICTURES.replace("1", "2")
    page = await look(browser, PICTURES)
    sent = fields(page, "Đưa ảnh 2 lên đầu")

    assert (await browser.get(other, **HTML)).status == 404
    added = await send(browser, other, file(make_picture(), "a.jpg", "camera"))
    assert added.status == 404
    for act in ("first", "remove"):
        assert (await browser.post(other, sent | {"act": act}, **HTML)).status == 404
    for odd in ({"act": "all"}, {"seen": "x"}, {"shows_ocop_mark": "x", "act": "add"}):
        answer = await browser.post(PICTURES, sent | odd, **HTML)
        assert answer.status == 422


async def test_a_product_with_as_many_pictures_as_it_may_has_no_form_for_more(
    browser: Browser, world: World
) -> None:
    some = tuple(
        Picture(url=f"https://mau.example/{n}.jpg", shows_ocop_mark=Fact.NO)
        for n in range(MOST_PICTURES)
    )
    await world.save(entry(1, pictures=some))

    page = await look(browser, PICTURES)

    assert page.all("input", type="file") == []
    assert "bỏ bớt một ảnh rồi thêm" in page.text


@pytest.mark.parametrize("script", ["there", "late", "off"])
async def test_a_large_picture_is_made_smaller_on_the_phone_where_a_script_runs(
    chromium: Chromium,
    service: OpenService,
    world: World,
    tmp_path: Path,
    script: str,
) -> None:
    has_script = script != "off"
    large = tmp_path / "ảnh chụp.jpg"
    dots = Image.open(BytesIO(noise(1))).resize((2000, 1500))
    large.write_bytes(written(dots, "JPEG", quality=95))
    sizes: list[int] = []

    def journey(page: Page) -> None:
        page.on(
            "request",
            lambda sent: (
                sizes.append(int(sent.header_value("content-length") or 0))
                if sent.method == "POST"
                else None
            ),
        )
        held: list[Route] = []
        if script == "late":
            page.route("**/shrink.js", lambda sent, _: held.append(sent))
        page.goto("/p/SP-00001")
        with page.expect_request("**/shrink.js") if has_script else nullcontext():
            page.get_by_role("link", name="Xem, thêm, đổi ảnh").click()
        if script == "there":
            page.wait_for_load_state()
        page.get_by_label("Chụp ảnh mới").set_input_files(large)
        for each in held:
            each.continue_()
        page.unroute_all()
        if has_script:
            page.get_by_text("Ảnh sẽ gửi nặng").wait_for()
        page.get_by_role("button", name="Gửi ảnh").click()
        page.wait_for_url("**?done=added")

    async with chromium.visit(
        service.url, size=NARROW, java_script_enabled=has_script
    ) as window:
        await service.sign_in(window, Role.PRODUCER, "Bà Mẫu")
        await window.do(journey)

    (size,) = sizes
    added = (await pictures(world))[-1]
    assert added.size is not None
    assert (added.size.width, added.size.height) == (1600, 1200)  # of either
    assert (size < large.stat().st_size) == has_script
    assert window.seen.complaints == []
