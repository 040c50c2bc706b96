"""The worklist as a page: sentences, counts that open their lists, two languages."""

import re
from datetime import date
from typing import Any

import pytest

from catalog.db.kept_reports import keep_report
from catalog.eligibility import Text
from catalog.values import replace
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.pages.change_words import KINDS_OF_CHANGE, effect_words, member_words
from ocop_sync.pages.hold_words import hold_advice
from ocop_sync.pages.worklist_rows import rows_of
from ocop_sync.pages.worklist_words import WORK_WORDS
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.department.work_items import of_held
from ocop_sync.service.identity.role import Role
from ocop_sync.service.queries.explain import REFUSALS
from ocop_sync.store.listings.held_products import HeldProduct
from tests.api.doors import Door
from tests.api.test_decisions import hold_a_group
from tests.factories import make_certificate, make_variant, person
from tests.pages.codes import codes_in
from tests.pages.visits import look, signed_in
from tests.world import World, entry

BY = person("Ng. Văn A")
OF_GROUPS = {Hold.BUDGET, Hold.VANISHED_MANY}
"""Holds that are decided with a group."""
SAME_IN_BOTH = {"ocop"}


def sentences() -> dict[str, Text]:
    """Return every sentence that the page may show of itself, by its name."""
    found = {}
    for kind, words in WORK_WORDS.items():
        parts = (words.tag, words.title, words.why, words.follows, words.todo)
        for n, text in enumerate(parts):
            if text is not None:
                found[f"{kind} {n}"] = text
    for hold in Hold:
        found[f"{hold} seen"] = HOLD_WORDS[hold].seen
        found[f"{hold} todo"] = hold_advice(hold)
    for change in Kind:
        where = Text("Voso", "Voso")
        found[f"{change} effect"] = effect_words({(change.value,): 12}, where)
        found[f"{change} member"] = member_words((change.value,))
    return found


@pytest.mark.parametrize("name", sentences())
def test_a_sentence_names_no_command_no_code_and_no_word_of_the_other_language(
    name: str,
) -> None:
    text = sentences()[name]

    assert text.vi
    assert text.en
    for each in (text.vi, text.en):
        assert not re.search(r"`|ocop-sync|--\w|\w_\w|\b[A-Z]\d\d\b|TÊN", each), each
    values = r"\{\w+\}|voso"
    vi, en = (
        set(re.findall(r"[^\W\d]{4,}", re.sub(values, "", t.lower())))
        for t in (text.vi, text.en)
    )
    assert vi & en <= SAME_IN_BOTH


def test_every_kind_of_work_and_of_change_has_its_words() -> None:
    assert set(WORK_WORDS) == set(WorkKind)
    assert set(KINDS_OF_CHANGE) == {each.value for each in Kind}
    assert effect_words({("withdraw",): 12}, Text("Voso", "Voso")).vi == (
        "gỡ 12 tin khỏi Voso"
    )


async def test_where_nothing_waits_the_page_says_so(door: Door) -> None:
    page = await look(await signed_in(door, Role.OPERATOR), "/worklist")

    assert page.one("h1").text == "Hôm nay không có việc nào cần người quyết định"
    assert page.all("li", class_="task") == []


async def hold_and_pause(world: World) -> None:
    """Leave a group of 8, an account that is paused, and a product without a price."""
    await hold_a_group(world)
    unpriced = (make_variant(sku="SP-00009-1", gtin="", price_vnd=None),)
    await world.save(entry(9, variants=unpriced))
    await world.sync()
    await pause_accounts(world.deployment, ["memory"], by=BY, reason="Kiểm kê")


async def test_each_count_opens_a_list_of_as_many(door: Door, world: World) -> None:
    await hold_and_pause(world)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/worklist")

    rows = page.all("li", class_="task")
    counts = page.one("ul", class_="legend").all("a")
    assert sum(int(each.text) for each in counts) == len(rows)
    assert "SỐ LIỆU MÔ PHỎNG" in page.text
    for link in counts:
        narrowed = await look(browser, link.attributes["href"])
        assert len(narrowed.all("li", class_="task")) == int(link.text)
        assert narrowed.one("h1").text.startswith(f"{link.text} việc")
    today = await look(browser, "/worklist?when=today")
    assert page.one("h1").text == today.one("h1").text
    told = len(today.all("li", class_="task"))
    assert page.one("h1").text == f"{told} việc cần người quyết định hôm nay"
    assert 0 < told < len(rows)
    at_all = await look(browser, "/worklist?marketplace=memory&when=today")
    assert len(at_all.all("li", class_="task")) == told


async def test_a_code_in_a_text_would_be_found(door: Door) -> None:
    page = await look(await signed_in(door, Role.OPERATOR), "/worklist")
    told = ["Vì E04", "nhóm group_held", "bị banned", "“refused”", "xem `ocop-sync`"]
    page.one("main").inside += told

    assert codes_in(page) == [
        "E04",
        "group_held",
        "group_held",
        "banned",
        "`",
        "ocop-sync",
        "`",
    ]


async def test_a_row_says_what_why_what_follows_and_leads_there(
    door: Door, world: World
) -> None:
    await hold_and_pause(world)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/worklist?kind=group_held")

    row = page.one("li", class_="task")
    assert row.one("h2").text == "Thay đổi của 8 sản phẩm ở Memory (mô phỏng) chờ duyệt"
    assert "Nếu làm: gỡ 8 tin khỏi Memory (mô phỏng)" in row.text
    assert row.one("a").attributes["href"] == "/worklist/groups/1"
    wrong = await look(browser, "/worklist?kind=on_sale_wrongly")
    links = [each.one("a") for each in wrong.all("li", class_="task")]
    assert {each.attributes["href"] for each in links} == {"/worklist/groups/1"}
    assert "#1" not in wrong.text
    held = await look(browser, "/worklist?kind=product_held")
    assert "Chưa có giá bán." in held.one("li", class_="task").text


async def test_each_hold_leads_to_a_page_where_its_advice_is_followed(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    browser = await signed_in(door, Role.OPERATOR)
    alone = [each for each in Hold if each not in REFUSALS and each not in OF_GROUPS]
    held = [of_held(HeldProduct("memory", "SP-00001", each)) for each in alone]

    rows = dict(zip(alone, await rows_of(world.deployment, held), strict=True))

    for address in {each.href for each in rows.values()}:
        await look(browser, address)
    price = rows[Hold.NO_PRICE]
    assert price.link is not None
    assert (price.href, price.link.vi) == ("/products/SP-00001", "Xem sản phẩm")
    assert price.todo.vi.startswith("Hỏi cơ sở: cơ sở nhập giá")
    assert rows[Hold.TITLE_TOO_LONG].href == "/products/SP-00001/edit"
    assert rows[Hold.NO_CATEGORY].href == "/marketplaces/memory/mapping"


async def test_what_a_marketplace_has_said_stands_in_quotation_marks(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    await world.sync()
    (found,) = world.market.shelf.of("SP-00001")
    said = Problem(code="IMG", message="Ảnh nhỏ hơn 500", field="images")
    world.market.shelf.refuse(found.ref, said)
    await world.sync()

    page = await look(await signed_in(door, Role.OPERATOR), "/worklist")

    row = page.one("li", class_="task")
    assert "Sàn trả lời: “Ảnh nhỏ hơn 500”" in row.text
    assert "IMG" not in row.text


async def test_the_pages_of_a_long_list_hold_all_of_it_once(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold_and_pause(world)
    monkeypatch.setattr("ocop_sync.pages.worklist._SIZE", 7)
    browser = await signed_in(door, Role.OPERATOR)
    titles, path = [], "/worklist"
    while path:
        page = await look(browser, path)
        titles += [each.one("h2").text for each in page.all("li", class_="task")]
        following = page.all("a", rel="next")
        path = following[0].attributes["href"] if following else ""

    assert len(titles) == len(set(titles)) > 14


async def test_the_list_is_narrowed_by_commune_and_producer_by_a_plain_form(
    door: Door, world: World
) -> None:
    first, maker = entry(1, papers=())
    assert maker is not None
    there = replace(maker.address, commune_code="07081")
    await world.save((first, replace(maker, address=there)), entry(2, papers=()))
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/worklist")
    whole = page.all("li", class_="task")
    form = page.one("form", class_="filters")
    options = {
        each.attributes["name"]: [
            option.attributes["value"] for option in each.all("option")
        ]
        for each in form.all("select")
    }
    of_one = await look(browser, "/worklist?producer=CS-0002")
    at_one = await look(browser, "/worklist?commune=07081")
    at_none = await look(browser, "/worklist?commune=07081&producer=CS-0002")

    assert options == {
        "marketplace": ["all", "memory"],
        "commune": ["all", "07081"],
        "producer": ["all", "CS-0001", "CS-0002"],
    }
    rows = [each.text for each in of_one.all("li", class_="task")]
    assert rows == [each.text for each in whole if "SP-00002" in each.text] != []
    assert of_one.one("h1").text.endswith("người quyết định, của Cơ sở Mẫu 002")
    assert all("SP-00001" in each.text for each in at_one.all("li", class_="task"))
    assert len(at_one.all("li", class_="task")) == len(whole) - len(rows)
    assert "Không có việc nào chờ ở đây" in at_none.text
    for narrowed in (of_one, at_one):
        counted = narrowed.one("ul", class_="legend").all("a")
        for link in counted:
            listed = await look(browser, link.attributes["href"])
            assert len(listed.all("li", class_="task")) == int(link.text)


async def test_an_import_and_an_account_lead_to_pages_of_their_own(
    door: Door, world: World
) -> None:
    values: dict[str, Any] = {
        "source": "so",
        "file": "sở.csv",
        "outcome": "held",
        "import_id": None,
        "content_hash": "a",
        "size": 1,
        "told": {},
    }
    await world.database.write(lambda conn: keep_report(conn, values, now=world.time()))
    await pause_accounts(world.deployment, ["memory"], by=BY, reason="Kiểm kê")

    page = await look(await signed_in(door, Role.OPERATOR), "/worklist")

    links = [each.one("a").attributes["href"] for each in page.all("li", class_="task")]
    assert links == ["/accounts/memory", "/imports/1"]


async def test_an_ended_certificate_leads_to_its_product(
    door: Door, world: World
) -> None:
    over = make_certificate(decided_on=date(2020, 3, 20))
    await world.save(entry(3, certificates=(over,)))
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/worklist?kind=certificate_ended")

    row = page.one("li", class_="task")
    link = row.one("a").attributes["href"]
    assert link == "/products/SP-00003"
    assert "đã hết hạn, muộn nhất là hết ngày 20/03/2023" in row.text
    assert "Măng khô Mẫu 3" in (await look(browser, link)).one("h1").text
