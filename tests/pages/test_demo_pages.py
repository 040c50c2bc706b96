"""Every page that the demonstration's pages lead to, as a real Chromium shows it.

Links are followed from where each role begins: one page of each kind is looked at, in
both languages and at both widths. What a page counts is compared with the list that it
opens, for each figure.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from playwright.sync_api import Page

from ocop_sync.pages import counted_lists
from ocop_sync.pages.app import FILES, PAGES
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import open_for
from tests.demonstration import demonstrated
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.demonstrated import STAFF, Demo, open_copy
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_leaders import figures_on, length_of
from tests.pages.visits import look

pytestmark = pytest.mark.slow

SIZES: Final = (NARROW, WIDE)
LANGUAGES: Final = ("vi", "en")
_FILES: Final = {each.path for each in FILES}
_ROUTES: Final = [
    (each.path, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.path)))
    for each in PAGES
    if each.method == "GET"
]
_LINKS: Final = "all => all.map(a => new URL(a.href).pathname + new URL(a.href).search)"


@pytest.fixture(scope="module")
async def demo(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> AsyncIterator[Demo]:
    made = demonstrated(tmp_path_factory)
    to = tmp_path_factory.mktemp("demo") / "copy"
    async with open_copy(made.folder, to, chromium) as found:
        yield found


def kind_of(address: str) -> str:
    """Return the route of a page of ours; "" for files, and for what is no page."""
    path = urlsplit(address).path
    if path in _FILES:
        return ""
    return next((name for name, made in _ROUTES if made.fullmatch(path)), "")


def examine(page: Page, address: str) -> Iterator[str]:
    """Look at a page in both languages and at both widths; yields what is wrong."""
    for language in LANGUAGES:
        answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        assert answer is not None
        if answer.status != 200:
            yield f"{address}: {answer.status}"
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if is_wider_than_the_window(page):
                yield f"{address}: wider than {width} px in {language}"
    found = faults_of(page)
    if found:
        yield f"{address}: {found}"


def walk(page: Page, *addresses: str) -> tuple[dict[str, str], list[str]]:
    """Look at one page of each kind; return their addresses, and what is wrong."""
    left, seen, wrong = list(addresses), dict[str, str](), list[str]()
    while left:
        address = left.pop(0)
        kind = kind_of(address)
        if kind and kind not in seen:
            seen[kind] = address
            wrong += examine(page, address)
            left += page.eval_on_selector_all("a[href]", _LINKS)
    return seen, wrong


@pytest.mark.parametrize(
    ("role", "start", "least"), [(Role.ADMIN, "/", 25), (Role.PRODUCER, "/p", 5)]
)
async def test_one_page_of_each_kind_fits_and_keeps_nobody_out(
    demo: Demo, role: Role, start: str, least: int
) -> None:
    async with demo.visit(role) as window:
        seen, wrong = await window.do(lambda page: walk(page, start))

    assert wrong == []
    assert len(seen) >= least, seen


class Reader:
    """Somebody who is signed in and reads; as `look` wants it."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def get(self, path: str, **headers: str) -> Any:
        return await self._session.get(path, headers=headers)


@pytest.fixture
async def reader(demo: Demo) -> AsyncIterator[Any]:
    service = demo.service
    who = await service.add(STAFF[Role.ADMIN], Role.ADMIN)
    opened = await open_for(service.identity, who, device="", origin="")
    assert opened is not None
    cookie = {"Cookie": f"ocop={opened.token}"}
    async with ClientSession(service.url, headers=cookie) as session:
        yield Reader(session)


@pytest.mark.parametrize("day", ["", "2024-03-01"], ids=["now", "a past day"])
async def test_every_figure_is_as_long_as_the_list_that_it_opens(
    reader: Any, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    monkeypatch.setattr(counted_lists, "_SIZE", 500)
    asked = f"?day={day}" if day else ""

    first = await look(reader, f"/{asked}")
    report = await look(reader, f"/report{asked}")

    figures = figures_on(first)
    assert figures_on(report).items() <= figures.items()
    assert len(figures) > (30 if day else 100)
    assert sum(figures.values()) > 300
    lengths = {each: await length_of(reader, each) for each in figures}
    assert figures == lengths
