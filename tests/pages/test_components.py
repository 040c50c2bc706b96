"""All components stand on one page, which shows nobody's data."""

from ocop_sync.pages.rendering import TEMPLATES
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.pages.visits import HTML, look, page_of, signed_in, token_on


async def test_every_component_is_shown(door: Door) -> None:
    source = (TEMPLATES / "components.html").read_text("utf-8")
    frame = (TEMPLATES / "page.html").read_text("utf-8")
    names = {path.name for path in (TEMPLATES / "components").glob("*.html")}

    assert [each for each in names if each not in source + frame] == []
    page = await look(await signed_in(door, Role.OPERATOR), "/components")
    assert page.one("h1").text == "Các thành phần của mọi trang"
    assert "SỐ LIỆU MÔ PHỎNG" in page.one("p", class_="notice").text


async def test_a_cell_of_a_table_names_its_column_for_those_on_a_phone(
    door: Door,
) -> None:
    page = await look(await signed_in(door, Role.ADMIN), "/components")

    (table, *_) = page.all("table")
    heads = [each.text for each in table.all("th")]
    for row in table.one("tbody").all("tr"):
        assert [each.attributes["data-label"] for each in row.all("td")] == heads


async def test_faults_of_a_form_stand_on_top_and_at_the_field_and_what_was_typed_stays(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    token = token_on(await look(browser, "/components"))
    sent = {"form_token": token, "price": '85"000'}

    answer = await browser.post("/components", sent, **HTML)

    page = await page_of(answer, 422)
    link = page.one("div", class_="errors").one("a")
    field = page.one("input", id=link.attributes["href"].removeprefix("#"))
    assert field.attributes["value"] == '85"000'
    assert field.attributes["aria-invalid"] == "true"
    described = field.attributes["aria-describedby"].split()
    words = [page.one(id=each).text for each in described]
    assert link.text in words[-1]
