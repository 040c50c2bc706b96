"""The first page: each figure is as long as the list that it opens, of any day."""

import re
from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import urlencode

import pytest
from aiohttp import ClientResponse
from pytest_aiohttp.plugin import AiohttpClient

from catalog.model.paper import PaperKind
from catalog.model.producer import Address, ProducerKind
from catalog.places.commune import load_communes
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.pages import counted_lists
from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door, open_door, serve_settings
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant
from tests.kept_files import KeptFiles
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, signed_in
from tests.world import World, entry, open_world

NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})*")
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


@pytest.fixture
async def world(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """Two marketplaces that publish at once."""
    monkeypatch.setattr("ocop_sync.store.db.database._sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_world(url, ["postmart", "voso"]) as world:
            yield world


@pytest.fixture
async def door(world: World, aiohttp_client: AiohttpClient) -> Door:
    return await open_door(
        world,
        aiohttp_client,
        serve_settings(
            calls_per_minute=1_000_000, calls_per_minute_of_an_address=1_000_000
        ),
    )


async def save_seven(world: World) -> None:
    """Save products of all kinds: blocked, held, ended, of no known commune."""
    for n, commune, stars, kind in (
        (1, "06733", 4, ProducerKind.HOUSEHOLD),
        (2, "06733", 3, ProducerKind.FIRM),
        (3, "06760", 3, ProducerKind.UNKNOWN),
        (4, "06760", 5, ProducerKind.COOPERATIVE),
        (5, "", 4, ProducerKind.HOUSEHOLD),
        (6, "06733", 3, ProducerKind.GROUP),
        (7, "06733", 3, ProducerKind.GROUP),
    ):
        certificates = () if n == 7 else (make_certificate(stars=stars),)
        product, maker = entry(n, certificates=certificates)
        assert maker is not None
        there = replace(maker, address=Address(commune_code=commune), kind=kind)
        papers = WITHOUT_PAPER if n == 6 else product.papers
        await world.save((replace(product, paused=n == 4, papers=papers), there))
    await world.sync()


def figures_on(page: Element) -> dict[str, int]:
    """Return the number of each link to a list, by the list's address."""
    found: dict[str, int] = {}
    for link in page.all("a"):
        address = link.attributes["href"]
        if NUMBER.fullmatch(link.text) and address.startswith("/coverage/"):
            value = int(link.text.replace(".", ""))
            assert found.setdefault(address, value) == value, address
    return found


async def length_of(browser: Browser, address: str) -> int:
    """Return how many rows a list has, on all its pages."""
    seen = list[str]()
    while address:
        page = await look(browser, address)
        for row in page.all("tbody"):
            seen += [each.text for each in row.all("tr")]
        following = page.all("a", rel="next")
        address = following[0].attributes["href"] if following else ""
    assert len(seen) == len(set(seen))
    return len(seen)


@pytest.mark.parametrize("is_past", [False, True], ids=["now", "a past day"])
async def test_every_figure_is_as_long_as_the_list_that_it_opens(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch, is_past: bool
) -> None:
    monkeypatch.setattr(counted_lists, "_SIZE", 2)
    await save_seven(world)
    day, path = day_in_vietnam(world.time()), "/"
    if is_past:
        world.time.pass_(days=1)
        await world.change(papers=WITHOUT_PAPER)
        await world.sync()
        path = f"/?day={day}"
    browser = await signed_in(door)

    page = await look(browser, path)

    figures = figures_on(page)
    lengths = {each: await length_of(browser, each) for each in figures}
    assert figures == lengths
    assert not is_past or all("day=" in each for each in figures)
    bare = [link.text for link in page.all("a") if NUMBER.fullmatch(link.text)]
    assert len(bare) > 200, "54 communes, at two marketplaces, each with two figures"


async def test_all_communes_of_today_have_a_row_and_their_sums_are_the_whole(
    door: Door, world: World
) -> None:
    await save_seven(world)

    page = await look(await signed_in(door), "/")

    tables = {each.one("caption").text: each for each in page.all("table")}
    communes = tables["Theo xã, phường, đặc khu"].one("tbody").all("tr")
    names = [each.all("td")[0].text for each in communes]
    present = {each.name for each in load_communes().present.values()}
    assert len(present) == 54
    assert set(names) == present | {"Chưa rõ"}
    for title in ("Theo hạng sao", "Theo loại cơ sở", "Theo bộ sản phẩm"):
        assert title in tables
    for title, table in tables.items():
        if title.startswith("Theo "):
            rows = table.one("tbody").all("tr")
            at_voso = [each.all("td")[2].all("a") for each in rows]
            sums = [sum(int(links[n].text) for links in at_voso) for n in (0, 1)]
            assert sums == [4, 6], title


async def test_the_sentence_on_top_answers_how_many_of_how_many(
    door: Door, world: World
) -> None:
    await save_seven(world)
    browser = await signed_in(door)

    page = await look(browser, "/")

    said = "4 trong 6 sản phẩm được công nhận đang bán ở mỗi sàn"
    assert page.one("h1").text == said
    assert "SỐ LIỆU MÔ PHỎNG" in page.one("p", class_="notice").text
    await browser.get("/?lang=en")
    page = await look(browser, "/")
    assert (
        page.one("h1").text
        == "4 of 6 certified products are on sale at each marketplace"
    )
    shares = [each.text for each in page.all("a", class_="is-large")]
    assert shares[:2] == ["66.7%", "66.7%"]


async def test_the_parts_of_a_bar_are_all_certified_products(
    door: Door, world: World
) -> None:
    without_price = make_variant(sku="SP-00008-1", gtin="", price_vnd=None)
    await world.save(entry(8, variants=(without_price,)))
    await save_seven(world)

    page = await look(await signed_in(door), "/")

    for legend in page.all("ul", class_="legend")[:2]:
        values = [int(each.text) for each in legend.all("a")]
        assert (values[0], sum(values)) == (4, 7)
    bar, *_ = page.all("svg", class_="bar")
    widths = [float(each.attributes["width"]) for each in bar.all("rect")[1:]]
    assert sum(widths) == pytest.approx(1000, abs=0.1)


async def test_the_page_comes_in_a_moment_also_on_a_slow_line(
    door: Door, world: World
) -> None:
    await save_seven(world)
    browser = await signed_in(door)
    page = await look(browser, "/")
    files = [each.attributes["href"] for each in page.all("link")]
    assert page.all("script") == []

    sizes = [len(await (await raw(browser, each)).read()) for each in ("/", *files)]

    assert sum(sizes) < 20_000, "3 seconds at 50 kbit/s"


async def raw(browser: Browser, path: str) -> ClientResponse:
    """Ask for a page as it goes over the line, compressed."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Accept-Encoding": "gzip", "Cookie": cookies}
    answer = await browser.client.get(path, headers=headers, auto_decompress=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    return answer


async def test_marketplaces_that_differ_are_told_apart(
    door: Door, world: World
) -> None:
    await save_seven(world)
    world.time.pass_(hours=1)
    await world.change(papers=WITHOUT_PAPER)
    await world.sync("voso")

    page = await look(await signed_in(door), "/")

    assert page.one("h1").text.startswith("Postmart bán 4 trong 6, Voso bán 3 trong 6")


async def test_a_claim_that_ended_and_is_shown_is_red_and_named(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    await world.sync()
    page = await look(await signed_in(door), "/")
    (none,) = page.all("a", href="/coverage/claims-ended")
    assert (none.text, "is-done" in none.attributes["class"]) == ("0", True)

    ends_soon = make_certificate(decided_on=date(2021, 4, 1))
    await world.save(entry(2, certificates=(ends_soon,)))
    await world.sync()
    world.time.pass_(days=40)  # and no run
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, "/")

    (wrong,) = page.all("a", href="/coverage/claims-ended")
    assert (wrong.text, "is-wrong" in wrong.attributes["class"]) == ("2", True)
    assert "Cần xử lý ngay" in page.text
    assert await length_of(browser, "/coverage/claims-ended") == 2


async def test_lists_of_claims_come_in_pages(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted_lists, "_SIZE", 2)
    ends_soon = make_certificate(decided_on=date(2021, 4, 1))
    await world.save(*(entry(n, certificates=(ends_soon,)) for n in (1, 2, 3)))
    await world.sync()
    world.time.pass_(days=40)

    assert await length_of(await signed_in(door), "/coverage/claims-ended") == 6


@pytest.mark.parametrize("within", [30, 60, 90])
async def test_ends_are_as_many_as_the_first_page_says(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch, within: int
) -> None:
    monkeypatch.setattr(counted_lists, "_SIZE", 1)
    days = [date(2021, 3, 20), date(2021, 4, 20), date(2021, 5, 20), date(2021, 9, 1)]
    for n, day in enumerate(days, 3):
        await world.save(entry(n, certificates=(make_certificate(decided_on=day),)))
    await world.sync()
    browser = await signed_in(door)

    figures = figures_on(await look(browser, "/"))

    address = f"/coverage/ends?within={within}"
    assert figures[address] == within // 30
    assert await length_of(browser, address) == within // 30


async def test_of_a_past_day_nothing_is_shown_that_is_asked_of_now_alone(
    door: Door, world: World
) -> None:
    await save_seven(world)
    day = day_in_vietnam(world.time())
    world.time.pass_(days=3)

    page = await look(await signed_in(door), f"/?day={day}")

    assert "Phải bằng 0" not in page.text
    assert "Sắp hết hạn" not in page.text
    assert page.one("input", id="day").attributes["value"] == str(day)
    assert page.all("a", href="/coverage/claims-ended") == []


async def test_a_day_of_which_nothing_is_known_has_no_figures_and_no_zeros(
    door: Door, world: World
) -> None:
    await save_seven(world)

    page = await look(await signed_in(door), "/?day=2021-01-01")

    assert page.one("h1").text == "Chưa có số liệu của ngày này"
    assert "đó không phải số 0" in page.text
    assert figures_on(page) == {}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?day=2090-01-01", 404),
        ("/?day=hôm%20nay", 422),
        ("/?other=1", 422),
        ("/coverage/products?marketplace=voso&figure=nothing", 422),
        ("/coverage/products", 422),
        ("/coverage/ends?within=91", 422),
    ],
)
async def test_an_address_that_asks_for_nothing_is_told_as_a_page(
    door: Door, path: str, status: int
) -> None:
    page = await look(await signed_in(door), path, status)

    told = {404: "Không tìm thấy trang này", 422: "Yêu cầu này chưa đúng"}
    assert page.one("h1").text == told[status]
    assert "--" not in page.text


async def test_a_list_says_why_in_words_and_never_by_a_code(
    door: Door, world: World
) -> None:
    await save_seven(world)
    browser = await signed_in(door)

    for figure in ("blocked", "not_certified", "held", "listed"):
        path = f"/coverage/products?marketplace=voso&figure={figure}"
        page = await look(browser, path)
        assert not re.search(r"\bE\d\d\b|\w+_\w+", page.one("main").text), figure
    blocked = await look(
        browser, "/coverage/products?marketplace=voso&figure=blocked&commune=06733"
    )
    assert "Chưa đạt: Thực phẩm, đồ uống" in blocked.text
    assert blocked.one("h1").text.startswith("1 sản phẩm chưa đủ điều kiện ở Voso,")


async def test_a_list_is_narrowed_by_choices_and_its_address_names_only_these(
    door: Door, world: World
) -> None:
    await save_seven(world)
    browser = await signed_in(door)
    path = "/coverage/products?marketplace=voso&figure=certified"
    form = (await look(browser, path)).one("form", method="get")
    choices = {each.attributes["name"]: each for each in form.all("select")}
    chosen = {name: chosen_in(each) for name, each in choices.items()}
    assert chosen == {
        "marketplace": "voso",
        "figure": "certified",
        **dict.fromkeys(("commune", "stars", "set", "kind"), "all"),
    }
    assert len(choices["commune"].all("option")) == 1 + 54 + 1

    async def narrowed(**to: str) -> tuple[str, int]:
        sent = urlencode(chosen | to)
        answer = await browser.get(f"{form.attributes['action']}?{sent}", **HTML)
        address = answer.headers["Location"]
        return address.removeprefix(path), await length_of(browser, address)

    assert await narrowed() == ("", 6)
    assert await narrowed(commune="06733") == ("&commune=06733", 3)
    assert await narrowed(commune="") == ("&commune=", 1)
    assert await narrowed(stars="3", kind="DN") == ("&stars=3&kind=DN", 1)
    page = await look(browser, f"{path}&stars=3&kind=DN")
    assert page.one("h1").text == "Sản phẩm được công nhận ở Voso, 3 sao, Công ty"


def chosen_in(choice: Element) -> str:
    """Return the choice that holds, and see to it that it is one."""
    (option,) = choice.all("option", selected="")
    return option.attributes["value"]
