"""The department's products as pages: searched, narrowed, and one with all of it."""

from io import BytesIO

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.tables import metadata, product
from catalog.spreadsheet.workbook import open_workbook
from ocop_sync.pages import products
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, signed_in
from tests.world import World, entry, listed


def rows_of(page: Element) -> list[str]:
    return [each.text for body in page.all("tbody") for each in body.all("tr")]


async def without_products(conn: AsyncConnection) -> None:
    """Empty the catalog: every table that refers to a product, and it."""
    for table in reversed(metadata.sorted_tables):
        if table is product or any(
            each.references(product) for each in table.foreign_keys
        ):
            await conn.execute(delete(table))


async def test_products_are_found_without_accents_and_the_address_says_what_is_chosen(
    door: Door, world: World
) -> None:
    await listed(world, 2)
    await world.save(entry(3, name="Nước mắm Mẫu"))
    browser = await signed_in(door, Role.OPERATOR)
    everything = await look(browser, "/products")

    sent = "/products?q=nuoc+mam&commune=all&stars=all&set=all&shown=all"
    answer = await browser.get(sent, **HTML)

    assert everything.one("h1").text == "3 sản phẩm trong danh mục"
    assert len(rows_of(everything)) == 3
    assert answer.headers["Location"] == "/products?q=nuoc+mam"
    found = await look(browser, "/products?q=nuoc+mam")
    assert found.one("h1").text == "Tìm thấy 1 sản phẩm cho “nuoc mam”"
    (row,) = rows_of(found)
    assert row.startswith("Nước mắm Mẫu SP-00003 Cơ sở Mẫu 003")
    assert row.endswith("chưa đồng bộ lần nào")
    assert found.one("input", id="q").attributes["value"] == "nuoc mam"
    shown = await look(browser, "/products?shown=at.memory")
    assert [each.split(" Cơ sở")[0] for each in rows_of(shown)] == [
        "Măng khô Mẫu 1 SP-00001",
        "Măng khô Mẫu 2 SP-00002",
    ]
    assert "Đang bán" in rows_of(shown)[0]
    (chosen,) = shown.one("select", id="shown").all("option", selected="*")
    assert chosen.attributes["value"] == "at.memory"


async def test_where_nothing_is_the_page_leads_to_the_sheet_to_be_filled_in(
    door: Door, world: World
) -> None:
    await world.database.write(without_products)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/products")
    leads = {each.text: each.attributes["href"] for each in page.all("a")}
    file = await browser.get(leads["tải bảng mẫu"], **HTML)

    assert leads["Nạp bảng Excel"] == "/imports"
    assert "bang-mau.xlsx" in file.headers["Content-Disposition"]
    assert open_workbook(BytesIO(await file.read())).sheets[0].name == "Sản phẩm"
    assert (await look(browser, "/imports")).all("a", href=leads["tải bảng mẫu"])


async def test_pages_of_the_list_keep_what_narrows_it(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "_SIZE", 2)
    await world.save(*(entry(n) for n in range(1, 4)), entry(4, name="Chè Mẫu"))
    browser = await signed_in(door, Role.ADMIN)

    first = await look(browser, "/products?q=mang")
    following = first.one("a", rel="next").attributes["href"]
    second = await look(browser, following)

    assert len(rows_of(first)) == 2
    assert following == "/products?q=mang&after=SP-00002"
    assert [each[:16] for each in rows_of(second)] == ["Măng khô Mẫu 3 S"]
    (pager,) = second.all("nav", class_="pager")
    assert pager.one("a").attributes["href"] == "/products?q=mang"
    assert pager.text.startswith("1 sản phẩm ở trang này / 3")


async def test_where_nothing_is_found_the_page_says_what_to_do(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    nothing = await look(browser, "/products?q=khong+co")

    assert "Bớt một từ" in nothing.one("section").text
    await look(browser, "/products?shown=somewhere", 422)
