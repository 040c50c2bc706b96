"""One product for staff: what is shown and should be, why, its past, a message."""

from functools import partial

from catalog.commands.price import PriceEntry, enter_price
from catalog.feed.headings.heading import headings_of, load_headings
from catalog.model.fact import UNATTESTED
from catalog.model.paper import PaperKind
from catalog.model.product import Label
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace
from ocop_sync.marketplace.listing import Problem
from ocop_sync.pages.producer_message import Matters, message_to
from ocop_sync.service.identity.role import Role
from ocop_sync.service.producer.changes import Doing, change_pack
from ocop_sync.service.producer.reminders import Reminders
from tests.api.doors import Door
from tests.factories import make_paper, person
from tests.pages.parsed import Element
from tests.pages.test_drift_choice import edited
from tests.pages.visits import HTML, look, signed_in
from tests.world import World, entry, listed

ONE, TWO = "/products/SP-00001", "/products/SP-00002"
SLIP = "Đính chính… · Hủy bỏ…"


def section(page: Element, heading: str) -> Element:
    """Return the section with a heading of this beginning."""
    (found,) = [
        each
        for each in page.all("section")
        if each.all("h2") and each.all("h2")[0].text.startswith(heading)
    ]
    return found


def table(page: Element, caption: str) -> list[list[str]]:
    """Return the cells of a table, row by row."""
    (found,) = [e for e in page.all("table") if e.one("caption").text == caption]
    return [[c.text for c in row.all("td")] for row in found.one("tbody").all("tr")]


async def test_what_is_shown_stands_beside_what_should_be_and_differences_are_marked(
    door: Door, world: World
) -> None:
    await edited(world)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)

    assert page.one("h1").text == ("Măng khô Mẫu 1: người mua thấy ở Memory (mô phỏng)")
    assert "1 mục khác với bản phải hiện" in section(page, "Memory").text
    assert table(page, "Khác nhau") == [["Tên", "Măng khô Mẫu 1", "Người khác sửa"]]
    alike = table(page, "Giống nhau")
    assert ["Giá của SP-00001-1", "45.000 đ", "45.000 đ"] in alike
    assert page.one("summary").text == f"{len(alike)} mục đúng như phải hiện"
    (step,) = section(page, "Việc tiếp theo").all("li")
    (step,) = step.all("a")
    assert step.attributes["href"] == "/worklist/drift/1"
    why = section(page, "Vì sao, ở mọi sàn").text
    assert "Tin đã bị sửa trên sàn." in why
    assert "title" not in page.text
    assert table(page, "Giấy chứng nhận") == [
        ["4", "001/QĐ-MẪU tỉnh", "10/05/2023", "10/05/2026", "✓ còn hạn", SLIP]
    ]
    sent = table(page, "Gần đây đã gửi tới các sàn")
    assert [row[2:] for row in sent] == [["Đăng mới", "✓ Sàn đã nhận"]]


async def test_a_pack_leads_to_its_product_and_what_is_not_there_is_not_found(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.ADMIN)

    answer = await browser.get("/products/SP-00001-1", **HTML)

    assert (answer.status, answer.headers["Location"]) == (303, ONE)
    await look(browser, "/products/SP-09999", 404)
    await look(browser, "/products/SP-09999/history", 404)


async def test_where_nothing_is_to_be_done_the_page_says_so_and_so_does_the_message(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)

    assert "Không ai phải làm gì." in section(page, "Việc tiếp theo").text
    assert "Không có gì cản" in section(page, "Memory").text
    assert "khác với bản phải hiện" not in page.text
    message = page.one("textarea", id="message")
    assert "readonly" in message.attributes
    assert message.text.startswith("Chào Cơ sở Mẫu 001, Sản phẩm Măng khô Mẫu 1 đang")
    assert "Hiện chưa phải làm gì thêm." in message.text
    assert "/p/SP-00001 " in message.text
    (button,) = page.all("button", data_copies="message")
    assert "hidden" in button.attributes  # until a script shows it


async def test_the_message_asks_for_what_is_missing_as_a_colleague_would(
    door: Door, world: World
) -> None:
    product, maker = entry(1)
    unseen = make_paper(PaperKind.FOOD_SAFETY, UNATTESTED)
    await world.save((replace(product, papers=(unseen,)), maker))
    await world.sync()
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)

    message = page.one("textarea", id="message").text
    assert "chưa bán ở sàn nào" in message
    assert "1. Mang đến Sở cho Măng khô Mẫu 1:" in message
    assert "Sở chưa xem giấy này" in message
    steps = section(page, "Việc tiếp theo")
    assert "Hỏi cơ sở:" in steps.text
    assert "Còn thiếu:" in page.text


def test_a_long_message_ends_with_how_much_more_there_is() -> None:
    asked = [(f"Sản phẩm Mẫu {n}", "Nhập giá bán") for n in range(15)]

    text = message_to(
        "", Matters(reminders=Reminders(), asked=asked), about="Chào.", link="/p"
    )

    lines = text.splitlines()
    assert lines[0] == "Xin chào,"
    assert lines[3] == "1. Sản phẩm Mẫu 0: Nhập giá bán."
    assert "Còn 3 việc nữa, xem ở liên kết dưới đây." in lines
    assert "13. " not in text


async def test_the_past_tells_each_change_with_who_and_why_in_both_languages(
    door: Door, world: World
) -> None:
    by = replace(person("Ng. Văn A"), reason="Cơ sở báo qua điện thoại")
    sku = "SP-00001-1"
    use_case = partial(enter_price, entry=PriceEntry(sku=sku, price_vnd=46_000))
    doing = Doing(by=by, reach=WHOLE_CATALOG)
    await change_pack(world.deployment, "SP-00001", sku, use_case, doing)
    await world.change(description="Mô tả mới", label=Label(), set_code="I.4.a")
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)

    lines = past_of(page)
    assert "Mô tả: Măng khô để thử phần mềm. → Mô tả mới" in lines[0] + lines[1]
    (price,) = [each for each in lines if "giá bán" in each]
    assert price.startswith("Gói SP-00001-1: giá bán (đồng): 45.000 đ → 46.000 đ")
    assert price.endswith("· Ng. Văn A · “Cơ sở báo qua điện thoại”")
    assert lines[-1].startswith("Sản phẩm vào danh mục")
    await browser.get(f"{ONE}?lang=en")
    told = past_of(await look(browser, f"{ONE}/history"))
    assert any("price (VND): 45,000 đ → 46,000 đ" in each for each in told)
    assert not any(
        "Thông tin khác" in each or "Something else" in each for each in told
    )


def past_of(page: Element) -> list[str]:
    return [each.text for each in page.one("ol", class_="timeline").all("li")]


async def test_every_change_is_reached_page_by_page(door: Door, world: World) -> None:
    for n in range(12):
        await world.change(description=f"Mô tả {n}")
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)
    (more,) = [e for e in page.all("a") if e.text == "Xem mọi thay đổi"]
    whole = await look(browser, more.attributes["href"])

    assert len(page.one("ol", class_="timeline").all("li")) == 10
    assert len(whole.one("ol", class_="timeline").all("li")) == 13
    assert whole.one("h1").text == "Mọi thay đổi của Măng khô Mẫu 1"


async def test_the_words_of_a_refusal_stand_as_the_marketplace_said_them(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    await world.sync()
    (found,) = world.market.shelf.of("SP-00001")
    said = Problem(code="IMG", message="Ảnh <mờ>", field="images")
    world.market.shelf.refuse(found.ref, said)
    await world.sync()

    page = await look(await signed_in(door, Role.OPERATOR), ONE)

    assert page.text.count("Ảnh <mờ>") == 1
    assert "IMG" not in page.text
    assert "`" not in page.text


def test_the_second_heading_of_a_column_is_its_english_name() -> None:
    data = load_headings()

    for name in (*data["columns"], *data["papers"]):
        assert headings_of(name)[1].isascii(), name


async def test_lists_lead_to_products_for_those_who_may_see_them(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    path = "/coverage/products?marketplace=memory&figure=listed"

    for role, links in ((Role.OPERATOR, [ONE, TWO]), (Role.VIEWER, [])):
        page = await look(await signed_in(door, role), path)
        rows = page.one("tbody").all("a")
        assert [each.attributes["href"] for each in rows] == links


async def test_a_producer_is_seen_with_its_products_what_is_missing_and_its_message(
    door: Door, world: World
) -> None:
    product, maker = entry(1)
    unseen = make_paper(PaperKind.FOOD_SAFETY, UNATTESTED)
    more, _ = entry(3, producer_id="CS-0001")
    await world.save((replace(product, papers=(unseen,)), maker), (more, maker))
    await world.sync()
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/producers/CS-0001")

    assert page.one("h1").text == "Cơ sở Mẫu 001: 1 trong 2 sản phẩm đang bán"
    first, second = table(page, "Sản phẩm của cơ sở")
    assert first[0] == "Măng khô Mẫu 1 SP-00001"
    assert "an toàn thực phẩm" in first[2].lower()
    assert second[1:] == ["Memory mô phỏng ✓ đang bán", "–"]
    message = page.one("textarea", id="message").text
    assert "Mình có 2 sản phẩm, 1 đang bán (trên sàn mô phỏng)." in message
    assert "1. Mang đến Sở cho Măng khô Mẫu 1:" in message
    assert message.count("Mang đến Sở") == 1
    (link,) = [e for e in page.all("a") if e.text == "Mọi thay đổi của cơ sở"]
    past = await look(browser, link.attributes["href"])
    assert past_of(past)[-1].startswith("Cơ sở vào danh mục")
    await look(browser, "/producers/CS-9999", 404)


async def test_each_is_told_its_own_part_and_no_setting_is_named(
    door: Door, world: World
) -> None:
    world.time.pass_(days=730)  # when the rule of traceability pages is in force
    trace = "https://truyxuat.example/mau/1"
    product, maker = entry(1, trace_url=trace)
    unseen = make_paper(PaperKind.FOOD_SAFETY, UNATTESTED)
    await world.save((replace(product, papers=(unseen,)), maker))
    await world.sync()

    page = await look(await signed_in(door, Role.OPERATOR), ONE)

    why = section(page, "Vì sao, ở mọi sàn")
    tags = [each.text for each in why.all("span", class_="state")]
    assert "… chờ xác nhận" in tags
    assert "– lưu ý" in tags
    assert "Sở: Xem giấy" in why.text
    assert "Cơ sở:" in why.text
    assert "Sở: Nhờ người quản trị xem giúp" in why.text
    assert "rules." not in page.text
    assert "Tin phải có ở đây" not in page.text
    assert "trang truy xuất" not in page.one("textarea", id="message").text
