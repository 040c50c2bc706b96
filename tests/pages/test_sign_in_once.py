"""Addresses of the demonstration sign in once, at this computer alone."""

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.pages import sign_in_once
from ocop_sync.pages.sign_in_once import SignInOnce
from ocop_sync.pages.words import ROLES
from ocop_sync.service.identity import people
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import believe_session
from tests.api.doors import Browser, serve_settings
from tests.identity import BOSS, Office, quick_passwords
from tests.pages.visits import HTML, page_of, token_on
from tests.world import World

TOKEN = "a" * 43
PATH = f"/once/{TOKEN}"


@pytest.fixture
async def office(world: World) -> Office:
    identity = Identity(
        database=world.database, clock=world.time, passwords=quick_passwords()
    )
    return Office(identity, world.time)


@pytest.fixture
async def browser(
    office: Office, world: World, aiohttp_client: AiohttpClient
) -> Browser:
    added = await office.add(role=Role.VIEWER)
    entrances = entrances_of(
        office.identity,
        serve_settings(),
        seconds=world.deployment.time,
        sleep=world.deployment.sleep,
    )
    once = SignInOnce(entrances.browsers, {TOKEN: (added.id, ROLES["viewer"])})
    app = web.Application()
    app.add_routes(once.routes())
    return Browser(await aiohttp_client(app))


async def test_an_address_signs_its_person_in_once(
    browser: Browser, office: Office
) -> None:
    page = await page_of(await browser.get(PATH, **HTML))
    assert page.one("h1").text == "Người xem"
    form = {"form_token": token_on(page)}

    used = await browser.post(PATH, form)
    again = await browser.post(PATH, form)

    assert (used.status, used.headers["Location"]) == (303, "/")
    found = await believe_session(office.identity, browser.cookies["__Host-ocop"])
    assert found is not None
    assert found.role is Role.VIEWER
    assert again.status == 404
    assert (await browser.get(PATH)).status == 404
    assert (await office.acts())[-1].entry.kind == "sign_in"


async def test_looking_or_a_form_of_another_page_does_not_use_it_up(
    browser: Browser,
) -> None:
    for _ in range(2):
        page = await page_of(await browser.get(PATH, **HTML))
    assert (await browser.post(PATH, {})).status == 404
    origin = "https://evil.example"
    assert (
        await browser.post(PATH, {"form_token": token_on(page)}, origin)
    ).status == 404

    await browser.get(PATH)
    assert (await browser.post(PATH, {"form_token": token_on(page)})).status == 303


async def test_who_was_disabled_is_not_signed_in(
    browser: Browser, office: Office
) -> None:
    page = await page_of(await browser.get(PATH, **HTML))
    await people.disable_person(office.identity, "NV-00001", by=BOSS)

    assert (await browser.post(PATH, {"form_token": token_on(page)})).status == 404
    assert "__Host-ocop" not in browser.cookies


async def test_from_another_computer_there_is_no_such_address(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_here = sign_in_once._is_this_computer
    asked = list[str]()

    def from_elsewhere(peer: str) -> bool:
        asked.append(peer)
        return is_here("192.0.2.1")

    monkeypatch.setattr(sign_in_once, "_is_this_computer", from_elsewhere)

    assert (await browser.get(PATH)).status == 404
    assert (await browser.post(PATH, {})).status == 404
    assert asked == ["127.0.0.1", "127.0.0.1"]
    assert [is_here(each) for each in ("::1", "127.0.0.9", "", "a")] == [
        True,
        True,
        False,
        False,
    ]
