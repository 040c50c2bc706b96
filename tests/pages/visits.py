"""Browsers that are signed in, and pages as they get them."""

import re
from typing import Final

from aiohttp import ClientResponse

from ocop_sync.service.identity import links
from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door
from tests.identity import BOSS
from tests.pages.parsed import Element, parse

HTML: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What browsers accept where somebody follows a link."""


async def signed_in(door: Door, role: Role = Role.VIEWER) -> Browser:
    """Return a browser in which somebody of *role* is signed in."""
    browser = door.browser()
    if role is Role.PRODUCER:
        made = await links.make_link(door.office.identity, "CS-0001", by=BOSS)
        path = f"/link/{made.token}"
        answer = await browser.post(path, await browser.form(path))
        assert answer.status == 303
        return browser
    name = f"Ng. Mẫu {role.value}"
    await door.office.add(name, role)
    assert await browser.sign_in(name) == 303
    return browser


async def look(browser: Browser, path: str, status: int = 200) -> Element:
    """Return a page as a tree."""
    answer = await browser.get(path, **HTML)
    return await page_of(answer, status)


async def page_of(answer: ClientResponse, status: int = 200) -> Element:
    """Return an answer that is a page, as a tree."""
    text = await answer.text()
    assert answer.status == status, parse(text).text
    assert answer.content_type == "text/html"
    return parse(text)


def token_on(page: Element) -> str:
    """Return the token of the forms of a page."""
    return page.all("input", name="form_token")[0].attributes["value"]


def letters(text: str) -> str:
    """Return *text* without what no language owns: digits, signs, spaces."""
    return re.sub(r"[\W\d_]+", "", text)
