"""The cards of a producer's products: where each is on sale, why not, what to bring."""

from datetime import date
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from catalog.eligibility import Verdict, evaluate
from catalog.model.product import Label, Product
from catalog.values import replace
from ocop_sync.marketplace.listing import Problem
from tests.api.doors import Door, open_door, serve_settings
from tests.factories import NOT_SO, make_certificate, make_paper
from tests.kept_files import KeptFiles
from tests.pages.test_own_products import door, lines, producer, world
from tests.pages.visits import look
from tests.world import World, entry, open_world

__all__ = ["door", "world"]

NO_PAPERS = tuple(make_paper(each.kind, NOT_SO) for each in entry()[0].papers)


async def test_a_card_says_in_words_why_a_product_is_not_on_sale(
    door: Door, world: World
) -> None:
    maker = entry(1)[1]
    assert maker is not None
    for n, more in ((3, {"papers": NO_PAPERS}), (4, {"paused": True}), (5, {})):
        product = entry(n, **more)[0]
        await world.save((replace(product, producer_id=maker.id), maker))

    page = await look(await producer(door), "/p")

    assert page.one("h1").text == "1 trong 4 sản phẩm đang bán"
    cards = {each.one("h2").text: each for each in page.all("article")}
    third = cards["Măng khô Mẫu 3"]
    assert "chưa đủ điều kiện vì thiếu giấy" in third.text
    assert third.one("h3").text == "Mang đến Sở:"
    papers = [each.text for each in third.all("ul")[-1].all("li")]
    assert len(papers) == 2
    assert all("chưa có; thiếu thì chưa bán được" in each for each in papers)
    assert "tạm ngừng bán" in cards["Măng khô Mẫu 4"].text
    assert "vì" not in cards["Măng khô Mẫu 4"].text
    assert "chờ đăng" in cards["Măng khô Mẫu 5"].text
    assert "E04" not in page.text


async def test_a_product_says_what_keeps_it_from_sale_and_apart_what_is_advice(
    door: Door, world: World
) -> None:
    maker = entry(1)[1]
    assert maker is not None
    odd = entry(3, papers=NO_PAPERS, label=Label())[0]
    await world.save((replace(odd, producer_id=maker.id), maker))
    browser = await producer(door)

    card = (await look(browser, "/p")).all("article")[1].text
    told = (await look(browser, "/p/SP-00003")).one("ul", class_="stands")

    assert "vì thiếu giấy Mang đến Sở:" in card
    assert "nhãn" not in card
    first, *_, last = [each.text for each in told.one("ul").all("li")]
    assert first.startswith("Không có giấy")
    assert "Việc cần làm: Gửi giấy an toàn thực phẩm" in first
    assert last.startswith("Nên làm thêm: Điền đủ nội dung nhãn")
    assert "nhãn" not in first


@pytest.mark.parametrize(
    ("papers", "count", "said"),
    [
        (NO_PAPERS, 1, "Sản phẩm chưa bán ở sàn nào"),
        (NO_PAPERS, 2, "Cả 2 sản phẩm chưa bán ở sàn nào"),
        (None, 2, "Cả 2 sản phẩm đang bán"),
    ],
)
async def test_the_first_line_says_how_many_are_on_sale(
    world: World, aiohttp_client: AiohttpClient, papers: Any, count: int, said: str
) -> None:
    door = await open_door(world, aiohttp_client, serve_settings())
    maker = entry(1)[1]
    assert maker is not None
    more = {} if papers is None else {"papers": papers}
    found = [entry(n, **more)[0] for n in range(1, count + 1)]
    await world.save(*((replace(each, producer_id=maker.id), maker) for each in found))
    await world.sync()

    page = await look(await producer(door), "/p")

    assert page.one("h1").text.replace("\N{NO-BREAK SPACE}", " ") == said


async def test_reminders_say_which_papers_to_bring_and_what_ends_soon(
    door: Door, world: World
) -> None:
    maker = entry(1)[1]
    assert maker is not None
    browser = await producer(door)
    assert "Nhắc việc" not in (await look(browser, "/p")).text
    ending = (make_certificate(decided_on=date(2021, 4, 15)),)
    for n, more in ((3, {"papers": NO_PAPERS}), (4, {"certificates": ending})):
        product = entry(n, **more)[0]
        await world.save((replace(product, producer_id=maker.id), maker))
    await world.save(entry(6, papers=NO_PAPERS))

    page = await look(browser, "/p")
    own = await look(browser, "/p/SP-00003")

    reminders = page.one("section", aria_labelledby="reminders").text
    assert "Măng khô Mẫu 3 : 2 giấy" in reminders
    leads = page.one("section", aria_labelledby="reminders").one(
        "a", href="#papers-SP-00003"
    )
    assert page.one(id=leads.attributes["href"][1:]).text == "Mang đến Sở:"
    assert "Măng khô Mẫu 4 : 4 sao đến hết ngày 15/04/2024" in reminders
    assert "Mẫu 6" not in page.text
    reminders = own.one("section", aria_labelledby="reminders").text
    assert reminders.count("chưa có; thiếu thì chưa bán được") == 2
    assert "Mẫu 4" not in reminders


async def test_a_refusal_is_told_in_the_marketplaces_words(
    kept_files: KeptFiles, aiohttp_client: AiohttpClient
) -> None:
    with kept_files.database() as url:
        async with open_world(url, ["voso"], moderated=True) as world:
            door = await open_door(world, aiohttp_client, serve_settings())
            await world.sync(follow_s=0)
            browser = await producer(door)
            assert "chờ duyệt" in lines(await look(browser, "/p"))[0]
            (there,) = world.market.shelf.of("SP-00001")
            blurred = Problem(code="image", message="Ảnh <mờ>")
            world.market.shelf.refuse(there.ref, blurred)
            await world.sync()

            page = await look(browser, "/p")

            assert "bị từ chối vì “Ảnh <mờ>”" in lines(page)[0]


async def own_more(world: World, count: int) -> None:
    """Give the maker of the first product so many others, from the third one on."""
    maker = entry(1)[1]
    assert maker is not None
    products = [entry(n)[0] for n in range(3, 3 + count)]
    own = [(replace(each, producer_id=maker.id), maker) for each in products]
    await world.save(*own)


async def test_a_long_list_goes_on_counts_all_and_evaluates_what_it_shows(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await own_more(world, 11)
    browser = await producer(door)
    evaluated: list[str] = []
    looked_at = "ocop_sync.service.queries.explain.evaluate"
    original = evaluate

    def noting(product: Product, *more: Any) -> Verdict:
        evaluated.append(product.id)
        return original(product, *more)

    monkeypatch.setattr(looked_at, noting)
    page = await look(browser, "/p")
    first = set(evaluated)
    following = page.one("a", rel="next").attributes["href"]
    last = await look(browser, following)

    assert page.one("h1").text == last.one("h1").text == "1 trong 12 sản phẩm đang bán"
    assert (len(page.all("article")), len(last.all("article"))) == (10, 2)
    assert len(first) == 10
    assert len(evaluated) == 3 * 12  # at both marketplaces, and for the reminders
    await world.sync()
    assert (await look(browser, "/p")).one("h1").text == "Cả 12 sản phẩm đang bán"


async def test_a_paused_product_is_told_as_on_sale_until_the_next_sync(
    door: Door, world: World
) -> None:
    browser = await producer(door)
    await world.change("SP-00001", paused=True)

    before = (await look(browser, "/p")).one("article")
    await world.sync()
    after = (await look(browser, "/p")).one("article")

    assert "đang bán, lần gửi tới sẽ gỡ khỏi sàn" in before.text
    assert "tạm ngừng" not in before.text
    assert "tạm ngừng bán" in after.text
    assert "đang bán" not in after.text


async def test_a_pause_beside_another_reason_is_told_apart(
    door: Door, world: World
) -> None:
    await world.change("SP-00001", paused=True, papers=NO_PAPERS)
    await world.sync()

    card = (await look(await producer(door), "/p")).one("article")

    assert "đã tạm ngừng bán" in card.text
    assert "chưa đủ điều kiện vì" in card.text
