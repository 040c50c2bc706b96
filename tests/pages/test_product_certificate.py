"""A certificate that was entered wrongly is put right by form, once that was told."""

from datetime import date

import pytest

from catalog.values import replace
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.factories import make_certificate
from tests.pages.test_product_forms import hidden, send, stored
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, listed

ONE = "/products/SP-00001"
CORRECT, VOID, RESTORE = (
    f"{ONE}/certificates/1/{act}" for act in ("correct", "void", "restore")
)
KNOWN = "001/QĐ-MẪU 2023 2023-05-10"
WHY = {"reason": "gõ nhầm"}


async def told(browser: Browser, path: str, **typed: str) -> tuple[str, dict[str, str]]:
    """Send a form; return what it would do, and what enters it."""
    page = await look(browser, path)
    asked = await page_of(await send(browser, page, path, seen=KNOWN, **typed))
    words = asked.one("section", aria_labelledby="asked")
    return words.text, hidden(asked, "Chưa ghi gì")


async def test_a_correction_says_what_it_does_and_changes_what_was_wrong_alone(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    browser = await signed_in(door, Role.OPERATOR)
    form = await look(browser, CORRECT)
    kept = {name: form.one("input", id=name) for name in ("decision", "day")}

    words, fields = await told(
        browser,
        CORRECT,
        decision="001/QĐ-MẪU",
        day="10/05/2023",
        stars="3",
        level="tỉnh",
    )
    before = await stored(world)
    answer = await browser.post(CORRECT, fields, **HTML)

    assert kept["decision"].attributes["value"] == "001/QĐ-MẪU"
    assert kept["day"].attributes["value"] == "10/05/2023"
    assert "Memory (mô phỏng): hạ hạng sao ở 1 tin đang bán" in words
    assert "đính chính giấy chứng nhận 001/QĐ-MẪU thành hạng sao 3" in words
    assert before.certificates == (make_certificate(),)
    assert answer.headers["Location"] == f"{ONE}?done=corrected"
    assert (await stored(world)).certificates == (make_certificate(stars=3),)
    shown = await look(browser, f"{ONE}?done=corrected")
    assert "đã được đính chính" in shown.one("div", role="status").text


async def test_voiding_says_what_is_withdrawn_and_restoring_takes_it_back(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    browser = await signed_in(door, Role.OPERATOR)

    words, fields = await told(browser, VOID, **WHY)
    assert words.count("hủy bỏ giấy chứng nhận 001/QĐ-MẪU") == 1
    voided = await browser.post(VOID, fields, **HTML)
    void = (await stored(world)).certificates[0]
    page = await look(browser, ONE)
    back, fields = await told(browser, RESTORE, **WHY)
    restored = await browser.post(RESTORE, fields, **HTML)

    assert "Memory (mô phỏng): bỏ dấu hiệu OCOP ở 1 tin đang bán" in words
    assert voided.headers["Location"] == f"{ONE}?done=voided"
    assert (void.voided_by, void.void_reason) == ("Ng. Mẫu operator", "gõ nhầm")
    assert [each.attributes["href"] for each in page.all("a", href=RESTORE)]
    assert not page.all("a", href=CORRECT)
    assert "khôi phục giấy chứng nhận 001/QĐ-MẪU" in back
    assert restored.headers["Location"] == f"{ONE}?done=restored"
    assert (await stored(world)).certificates == (make_certificate(),)
    assert [kind for kind, *_ in await acts_of(world.database)][-2:] == [
        "void_certificate",
        "restore_certificate",
    ]


@pytest.mark.parametrize(
    ("typed", "kind"), [({"stars": "3"}, "is-wrong"), ({"stars": "5"}, "is-done")]
)
async def test_what_takes_from_buyers_has_a_button_that_says_so(
    door: Door, world: World, typed: dict[str, str], kind: str
) -> None:
    await listed(world, 1)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, CORRECT)

    asked = await page_of(await send(browser, page, CORRECT, seen=KNOWN, **typed))

    button = asked.one("section", aria_labelledby="asked").one("button")
    assert button.attributes["class"] == kind


@pytest.mark.parametrize(
    ("path", "typed", "places"),
    [
        (VOID, {"reason": " "}, ["#reason"]),
        (VOID, {"reason": "x" * 2000}, ["#reason"]),
        (CORRECT, {}, ["#decision"]),
        (CORRECT, {"stars": "4", "level": "tỉnh", "day": "2023-05-10"}, ["#decision"]),
        (CORRECT, {"day": "31/02/2024", "decision": "x" * 101}, ["#decision", "#day"]),
        (CORRECT, {"decision": "không số"}, ["#decision"]),
    ],
)
async def test_a_faulty_form_enters_nothing_and_keeps_what_was_typed(
    door: Door, world: World, path: str, typed: dict[str, str], places: list[str]
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, path)

    answer = await send(browser, page, path, seen=KNOWN, **typed)

    shown = await page_of(answer, 422)
    links = [e.attributes["href"] for e in shown.one("div", class_="errors").all("a")]
    assert links == places
    for name in typed.keys() & {"reason", "day", "decision"}:
        value = shown.one("input", id=name).attributes["value"]
        assert value == typed[name]
    assert (await stored(world)).certificates == (make_certificate(),)


@pytest.mark.parametrize("path", [RESTORE, f"{ONE}/certificates/2/void"])
async def test_what_cannot_be_done_with_a_certificate_is_not_offered(
    door: Door, path: str
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    answer = await browser.get(path, **HTML)

    assert answer.headers["Location"] == f"{ONE}?done=moved"
    page = await look(browser, f"{ONE}?done=moved")
    alerts = [each.text for each in page.all("div", role="alert")]
    assert [each for each in alerts if each.startswith("Chưa ghi gì")]


async def test_nothing_is_entered_upon_a_certificate_that_is_another_one_by_now(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, VOID)
    known = hidden(page, "Vì sao")
    other = make_certificate(decision="002/QĐ-MẪU")
    product, maker = entry(1)
    await world.save((replace(product, certificates=(other,)), maker))

    answer = await browser.post(VOID, {**known, **WHY, "confirmed": "yes"}, **HTML)

    assert answer.headers["Location"] == f"{ONE}?done=moved"
    assert (await stored(world)).certificates == (other,)


async def test_a_revocation_is_corrected_where_there_is_one(
    door: Door, world: World
) -> None:
    revoked = make_certificate(revoked_by="9/QĐ-UBND", revoked_on=date(2024, 2, 1))
    product, maker = entry(1)
    await world.save((replace(product, certificates=(revoked,)), maker))
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, CORRECT)

    words, fields = await told(browser, CORRECT, revoked_on="20/01/2024")
    await browser.post(CORRECT, fields, **HTML)

    assert page.one("input", id="revoked_on").attributes["value"] == "01/02/2024"
    assert "thành ngày thu hồi 20/01/2024" in words
    assert (await stored(world)).certificates[0].revoked_on == date(2024, 1, 20)


async def test_two_certificates_of_one_name_are_left_to_who_can_tell_them_apart(
    door: Door, world: World
) -> None:
    twin = make_certificate(decision="", decided_on=None, year=2022)
    product, maker = entry(1)
    await world.save((replace(product, certificates=(twin, twin)), maker))
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)
    answer = await browser.get(VOID, **HTML)

    assert not page.all("a", href=VOID)
    assert answer.headers["Location"] == f"{ONE}?done=moved"
