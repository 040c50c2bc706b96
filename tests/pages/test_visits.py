"""Who may look at a page, how everybody else is told, and in which language."""

import re
from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientResponse
from yarl import URL

from ocop_sync.api.access.browsers import Browsers
from ocop_sync.api.access.roles import SIGNED_IN
from ocop_sync.pages.app import PAGES
from ocop_sync.pages.navigation import ENTRIES, local_path
from ocop_sync.pages.visit import PageRoute
from ocop_sync.service.identity import people, sessions
from ocop_sync.service.identity.role import Role
from tests.api.doors import NAME, Browser, Door
from tests.api.test_sign_in import link_of
from tests.identity import BOSS, PASSWORD
from tests.pages.visits import HTML, look, page_of, signed_in, token_on

PATH_VALUES = {
    "key": "memory",
    "batch": "1",
    "marketplace": "memory",
    "producer": "CS-0001",
    "report": "1",
    "going": "0" * 32,
    "code": "SP-00001",
    "place": "1",
    "act": "correct",
    "group": "1",
    "sku": "SP-00001-1",
    "drift": "1",
    "twin": "1",
    "name": "sang",
    "plan": "1",
    "run": "5a0f17c2b3d4e6f8",
    "double": "1",
    "person": "NV-00001",
    "session": "1",
    "key_id": "ocop_none",
    "link": "1",
}
"""A value for each parameter that stands in the address of a page."""


QUERIES = {
    "/coverage/products": "marketplace=memory&figure=listed",
    "/worklist/groups": "group=1",
    "/worklist/refused": "marketplace=memory&product=SP-00001",
    "/worklist/papers/attest": "paper=food_safety&product=SP-00001",
}
"""The parameters that a page must be asked with."""


NOT_THERE = (
    "/accounts/{key}/work",
    "/keys/{key_id}/revocation",
    "/keys/{key_id}/rotation",
    "/plans/{plan}",
    "/plans/{plan}/approval",
    "/plans/{plan}/refusal",
    "/runs/{run}",
    "/runs/{run}/changes",
    "/schedules/{name}",
    "/schedules/{name}/removal",
    "/schedules/{name}/timing",
)
"""Pages about something that is not there: they say so to whoever may look."""


def path_of(page: PageRoute) -> str:
    path = re.sub(r"\{(\w+)\}", lambda found: PATH_VALUES[found[1]], page.path)
    return f"{path}?{QUERIES[page.path]}" if page.path in QUERIES else path


def named(each: PageRoute | str) -> str:
    return each if isinstance(each, str) else f"{each.method} {each.path}"


LOOKED_AT = [each for each in PAGES if each.method == "GET"]
SENT = [each for each in PAGES if each.method != "GET"]


@pytest.mark.parametrize(
    ("page", "role"), list(product(LOOKED_AT, sorted(SIGNED_IN))), ids=named
)
async def test_a_page_is_shown_to_its_roles_and_to_no_others(
    door: Door, page: PageRoute, role: str
) -> None:
    browser = await signed_in(door, Role(role))

    answer = await browser.get(path_of(page), **HTML)

    there = {404} if page.path in NOT_THERE else {200, 303}
    assert answer.status in (there if role in page.allowed else {403})
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.status == 403:
        shown = await page_of(answer, 403)
        assert shown.one("h1").text == "Không được xem trang này"


@pytest.mark.parametrize("page", LOOKED_AT, ids=named)
async def test_who_is_not_signed_in_is_led_there_and_a_program_is_refused(
    door: Door, page: PageRoute
) -> None:
    person = await door.browser().get(path_of(page), **HTML)
    program = await door.client.get(path_of(page), allow_redirects=False)

    assert (person.status, program.status) == (303, 401)
    assert person.headers["Location"] == f"/login?next={quote(path_of(page))}"
    assert program.content_type == "application/problem+json"


@pytest.mark.parametrize("page", SENT, ids=named)
@pytest.mark.parametrize("fault", ["no token", "another's token", "another site"])
async def test_a_form_that_is_not_of_our_page_does_nothing(
    door: Door, page: PageRoute, fault: str
) -> None:
    role = Role(min(page.allowed))
    browser = await signed_in(door, role)
    token = token_on(await look(browser, "/login"))
    if fault == "another's token":
        token = token_on(await look(door.browser(), "/login"))
    sent = {"form_token": "" if fault == "no token" else token}
    origin = "https://evil.example" if fault == "another site" else None

    answer = await browser.post(path_of(page), sent, origin, **HTML)

    shown = await page_of(answer, 403)
    assert "được gửi từ trang khác" in shown.text


@pytest.mark.parametrize("page", SENT, ids=named)
async def test_a_form_that_comes_after_the_session_says_to_sign_in_again(
    door: Door, page: PageRoute
) -> None:
    answer = await door.browser().post(path_of(page), {}, **HTML)

    shown = await page_of(answer, 401)
    assert shown.one("h1").text == "Phiên đăng nhập đã hết"
    assert "/login" in {each.attributes["href"] for each in shown.all("a")}


def test_the_head_leads_to_pages_that_there_are_for_those_who_may() -> None:
    allowed = {each.path: each.allowed for each in LOOKED_AT}

    assert {each.path: each.allowed for each in ENTRIES}.items() <= allowed.items()


async def test_another_role_and_an_ended_session_hold_from_the_next_page_on(
    door: Door,
) -> None:
    added = await door.office.add(NAME, Role.OPERATOR)
    browser = door.browser()
    await browser.sign_in()
    await look(browser, "/components")

    identity = door.office.identity
    await people.change_person(identity, added.id, role=Role.VIEWER, by=BOSS)
    await look(browser, "/components", 403)
    await sessions.end_sessions(identity, added.id, by=BOSS)
    assert (await browser.get("/components", **HTML)).status == 303


async def test_who_is_shut_out_while_a_form_comes_does_nothing_by_it(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    token = token_on(await look(browser, "/components"))
    read, identity = Browsers.read_form, door.office.identity

    async def slowly(*args: Any) -> Any:
        form = await read(*args)
        await sessions.end_sessions(identity, "NV-00001", by=BOSS)
        return form

    monkeypatch.setattr(Browsers, "read_form", slowly)
    answer = await browser.post("/components", {"form_token": token}, **HTML)

    assert answer.status == 401


async def sign_in_from(browser: Browser, path: str) -> str:
    """Return where the sign-in leads that is asked for at *path*."""
    page = await look(browser, path)
    wanted = page.one("input", name="next").attributes["value"]
    sent = {"form_token": token_on(page), "next": wanted, "name": NAME}
    answer = await browser.post("/login", sent | {"password": PASSWORD})
    return answer.headers["Location"]


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/components?a=1%202", "/components?a=1%202"),
        ("", "/worklist"),
        ("//evil.example", "/worklist"),
        ("/%5Cevil.example", "/%5Cevil.example"),
        ("https://evil.example/", "/worklist"),
        ("javascript:alert(1)", "/worklist"),
    ],
)
async def test_the_sign_in_leads_to_the_page_that_was_asked_for_and_never_elsewhere(
    door: Door, wanted: str, led_to: str
) -> None:
    await door.office.add(NAME)
    path = f"/login?next={quote(wanted, safe='')}"

    assert await sign_in_from(door.browser(), path) == led_to


@pytest.mark.parametrize(
    "text", ["//a", "/\\a", "\\/a", "a", "/a\n", "/\t/a", "/ơ", "/" + "a" * 2000]
)
def test_what_browsers_could_read_as_another_host_is_no_address_of_ours(
    text: str,
) -> None:
    assert local_path(text) == ""


async def test_any_page_changes_its_language_and_the_browser_keeps_it(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, "/components")
    assert page.one("html").attributes["lang"] == "vi"
    (switch,) = [each for each in page.all("a") if each.text == "English"]

    changed = await browser.get(switch.attributes["href"], **HTML)

    assert (changed.status, changed.headers["Location"]) == (303, "/components")
    page = await look(browser, "/components")
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("h1").text == "The components of all pages"
    back = [each for each in page.all("a") if each.text == "Tiếng Việt"]
    await browser.get(back[0].attributes["href"], **HTML)
    assert (await look(browser, "/login")).one("html").attributes["lang"] == "vi"


async def test_the_switch_of_a_link_page_does_not_spell_the_link(door: Door) -> None:
    path, browser = await link_of(door), door.browser()

    text = await (await browser.get(path, **HTML)).text()

    assert path.rpartition("/")[2] not in text
    assert 'href="?lang=en"' in text
    assert (await browser.get(f"{path}?lang=en")).headers["Location"] == path
    assert "This link is used once" in await (await browser.get(path)).text()


@pytest.mark.parametrize("path", ["//host.example/x", "///host.example/x"])
async def test_no_choice_of_a_language_leads_to_another_host(
    door: Door, path: str
) -> None:
    # Browsers take two slashes or more at the beginning of an address for a host.
    client = door.client
    ours = f"{client.make_url('/')}".rstrip("/")

    async def asked(address: str) -> ClientResponse:
        return await client.session.get(
            URL(f"{ours}{address}", encoded=True), headers=HTML, allow_redirects=False
        )

    chosen, shown = await asked(f"{path}?lang=en"), await asked(path)

    assert chosen.headers.get("Location", "/") == "/"
    assert "host.example" not in await shown.text()


async def test_what_is_not_there_is_a_page_to_people_and_a_problem_to_programs(
    door: Door,
) -> None:
    browser = door.browser()

    shown = await look(browser, "/không-có", 404)
    assert shown.one("h1").text == "Không tìm thấy trang này"
    (switch,) = [each for each in shown.all("a") if each.text == "English"]
    await browser.get(switch.attributes["href"], **HTML)
    shown = await look(browser, "/không-có", 404)
    assert shown.one("h1").text == "There is no such page"
    program = await door.client.get("/nothing")
    api = await browser.get("/api/v1/nothing", **HTML)
    assert {program.content_type, api.content_type} == {"application/problem+json"}


async def test_a_page_that_fails_says_nothing_but_the_id_by_which_the_log_tells(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    def fail(*_: object) -> None:
        message = "Cơ sở Mẫu 001"
        raise RuntimeError(message)

    monkeypatch.setattr("ocop_sync.pages.visit.form_token", fail)
    answer = await browser.get("/components", **HTML)

    shown = await page_of(answer, 500)
    assert "Mẫu" not in shown.text.replace("Ng. Mẫu operator", "")
    assert answer.headers["X-Request-Id"] in shown.text


async def nobody(door: Door) -> Browser:
    return door.browser()


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (signed_in, 403),
        (nobody, 401),
    ],
)
async def test_a_part_that_a_script_asks_for_is_told_as_a_part(
    door: Door, ask: Callable[[Door], Awaitable[Browser]], status: int
) -> None:
    browser = await ask(door)

    answer = await browser.get("/components", **{"HX-Request": "true"})

    page = await page_of(answer, status)
    assert page.all("html") == []
    assert page.one("div", role="alert").text
