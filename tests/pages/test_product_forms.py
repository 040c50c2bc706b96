"""What staff enter about a product by form: told first, entered then, by one person."""

from datetime import date

import pytest
from aiohttp import ClientResponse

from catalog.db import reader
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Product
from ocop_sync.pages.typed_days import typed_day
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, listed

ONE = "/products/SP-00001"
CERTIFY, PAPERS = f"{ONE}/certify", f"{ONE}/papers"
DECISION = {"decision": "12/QĐ-UBND", "day": "1/3/2024", "level": "tỉnh"}


async def send(
    browser: Browser, page: Element, path: str, **fields: str
) -> ClientResponse:
    token = page.all("input", name="form_token")[0].attributes["value"]
    return await browser.post(path, {"form_token": token, **fields}, **HTML)


def hidden(page: Element, heading: str) -> dict[str, str]:
    """Return the hidden fields of the question with this beginning."""
    (found,) = [each for each in page.all("section") if each.text.startswith(heading)]
    return {
        each.attributes["name"]: each.attributes["value"]
        for each in found.all("input", type="hidden")
    }


async def stored(world: World) -> Product:
    return (await world.database.fetch(reader.get, ["SP-00001"]))["SP-00001"][0]


async def test_a_revocation_is_told_with_what_it_withdraws_before_it_is_entered(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, CERTIFY)

    answer = await send(browser, page, CERTIFY, act="revoke", **DECISION)

    asked = await page_of(answer)
    told = asked.one("section", aria_labelledby="asked")
    assert "gỡ 1 tin đang bán" in told.text
    assert "Chưa ghi gì." in told.one("h2").text
    assert told.one("button").text == "Đúng, ghi quyết định 12/QĐ-UBND"
    assert (await stored(world)).certificates[0].revoked_by == ""
    answer = await browser.post(CERTIFY, hidden(asked, "Chưa ghi gì"), **HTML)
    assert answer.headers["Location"] == f"{ONE}?done=certified"
    assert (await stored(world)).certificates[0].revoked_by == "12/QĐ-UBND"
    assert ("revoke", ["SP-00001"]) in [
        (kind, subjects) for kind, subjects, _ in await acts_of(world.database)
    ]
    shown = await look(browser, f"{ONE}?done=certified")
    assert shown.one("div", role="status").text.startswith("Quyết định đã được ghi.")
    assert "gỡ khỏi sàn" in shown.text


async def test_what_has_changed_since_it_was_told_is_told_again(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, CERTIFY)
    sent = {**DECISION, "act": "revoke", "confirmed": "yes", "token": "abc"}

    answer = await send(browser, page, CERTIFY, **sent)

    told = (await page_of(answer)).one("section", aria_labelledby="asked")
    assert "Từ lúc bạn xem, có chỗ đã thay đổi" in told.text
    assert (await stored(world)).certificates[0].revoked_by == ""


async def test_a_refusal_names_no_command_and_keeps_what_was_typed(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, CERTIFY)

    answer = await send(browser, page, CERTIFY, act="grant", stars="5", **DECISION)

    shown = await page_of(answer, 422)
    (fault,) = shown.one("div", class_="errors").all("a")
    assert "chọn “Đánh giá lại”" in fault.text
    assert "certificates" not in shown.text
    assert "SP-00001:" not in fault.text
    assert shown.one("input", id="day").attributes["value"] == "1/3/2024"


async def test_a_re_assessment_gives_other_stars(door: Door, world: World) -> None:
    browser = await signed_in(door, Role.ADMIN)
    page = await look(browser, CERTIFY)
    (chosen,) = page.one("select", id="act").all("option", selected="*")

    answer = await send(browser, page, CERTIFY, act="reassess", stars="3", **DECISION)
    asked = await page_of(answer)
    answer = await browser.post(CERTIFY, hidden(asked, "Chưa ghi gì"), **HTML)

    assert chosen.attributes["value"] == "reassess"
    assert answer.status == 303
    new = (await stored(world)).certificates[-1]
    assert (new.stars, new.decided_on, new.body) == (3, date(2024, 3, 1), "tỉnh")


async def test_faults_of_a_decision_are_told_at_their_fields(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, CERTIFY)

    answer = await send(browser, page, CERTIFY, act="grant", day="31/02/2024")

    shown = await page_of(answer, 422)
    links = [e.attributes["href"] for e in shown.one("div", class_="errors").all("a")]
    assert links == ["#decision", "#day", "#stars"]
    assert all(shown.all(id=each.removeprefix("#")) for each in links)


async def test_a_paper_is_entered_and_what_takes_from_buyers_is_asked_first(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, PAPERS)
    kind = PaperKind.FOOD_SAFETY.value

    added = await send(
        browser,
        page,
        PAPERS,
        act="seen",
        kind=kind,
        number="7/ATTP",
        issued_on="2/1/2024",
    )
    page = await look(browser, PAPERS)
    asking = await send(browser, page, PAPERS, act="not_there", kind=kind)

    assert added.headers["Location"] == f"{ONE}?done=papers"
    (paper,) = [p for p in (await stored(world)).papers if p.kind.value == kind]
    assert (paper.number, paper.issued_on) == ("7/ATTP", date(2024, 1, 2))
    asked = await page_of(asking, 409)
    assert (
        "thôi bán" in asked.one("section", aria_labelledby="asked").one("button").text
    )
    done = await browser.post(PAPERS, hidden(asked, "Chưa ghi gì"), **HTML)
    assert done.status == 303
    (paper,) = [p for p in (await stored(world)).papers if p.kind.value == kind]
    assert paper.held.value is Fact.NO


async def test_faults_of_a_paper_are_told_at_their_fields(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, PAPERS)

    for sent, links in (
        ({"act": "seen", "expires_on": "mai"}, ["#expires_on", "#kind"]),
        ({"act": "ended", "kind": "declaration"}, ["#reason"]),
        (
            {"act": "seen", "kind": "declaration", "issued_on": "2/1/2099"},
            ["#issued_on"],
        ),
    ):
        answer = await send(browser, page, PAPERS, **sent)
        shown = await page_of(answer, 422)
        found = shown.one("div", class_="errors").all("a")
        assert [each.attributes["href"] for each in found] == links


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05/12/2026", date(2026, 12, 5)),
        (" 5-1-2026 ", date(2026, 1, 5)),
        ("5.1.2026", date(2026, 1, 5)),
        ("2026-12-05", date(2026, 12, 5)),
        ("31/02/2026", None),
        ("12/2026", None),
        ("05/12/26", None),
        ("٠٥/١٢/٢٠٢٦", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_in_vietnam_write_it(
    text: str, day: date | None
) -> None:
    assert typed_day(text) == day


EDIT = f"{ONE}/edit"


def typed(page: Element) -> dict[str, str]:
    """Return what a browser sends of the form of the values."""
    found = page.one("section", aria_labelledby="entry")
    sent = {
        each.attributes["name"]: each.attributes["value"] for each in found.all("input")
    }
    for each in found.all("textarea"):
        sent[each.attributes["name"]] = each.text.replace("\n", "\r\n")
    for each in found.all("select"):
        chosen = [e for e in each.all("option") if "selected" in e.attributes]
        sent[each.attributes["name"]] = chosen[0].attributes["value"]
    return sent


async def test_texts_are_saved_as_a_sheet_would_and_nothing_else_is_touched(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    before = await stored(world)
    page = await look(browser, EDIT)

    same = await browser.post(EDIT, typed(page), **HTML)
    page = await look(browser, EDIT)
    sent = typed(page) | {"description": "Măng phơi hai nắng.", "alcohol_percent": ""}
    saved = await browser.post(EDIT, sent, **HTML)

    assert same.headers["Location"] == f"{ONE}?done=same"
    assert saved.headers["Location"] == f"{ONE}?done=saved"
    after = await stored(world)
    assert after.description == "Măng phơi hai nắng."
    assert (after.name, after.label, after.set_code) == (
        before.name,
        before.label,
        before.set_code,
    )


async def test_a_value_that_cannot_be_is_told_at_its_field_and_stays_typed(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, EDIT)

    sent = typed(page) | {"trace_url": "không phải địa chỉ"}
    answer = await browser.post(EDIT, sent, **HTML)

    shown = await page_of(answer, 422)
    (link,) = shown.one("div", class_="errors").all("a")
    assert link.attributes["href"] == "#trace_url"
    field = shown.one("input", id="trace_url")
    assert field.attributes["value"] == "không phải địa chỉ"
    assert (await stored(world)).trace_url == "https://qn.check.net.vn/mau/1"


async def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, EDIT)
    await world.change(description="Của người khác")

    sent = typed(page) | {"description": "Của tôi"}
    answer = await browser.post(EDIT, sent, **HTML)

    shown = await page_of(answer, 412)
    (link,) = shown.one("div", class_="errors").all("a")
    assert link.attributes["href"] == "#description"
    assert "Đang lưu: Của người khác" in shown.text
    assert shown.one("textarea", id="description").text == "Của tôi"
    assert (await stored(world)).description == "Của người khác"
