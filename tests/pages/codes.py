"""What programs call things and people do not: found in the texts of a page."""

import re
from collections.abc import Iterator
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from aiohttp import ClientSession

from catalog.eligibility import Outcome, Standing
from catalog.imports import kept_import
from catalog.model.effect import EffectKind
from catalog.model.paper import PaperKind
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet, RemoteState
from tests.pages.parsed import Element, parse

_ENUMS: Final[tuple[type[StrEnum], ...]] = (
    DriftKind,
    EffectKind,
    Facet,
    Hold,
    Kind,
    Outcome,
    PaperKind,
    RemoteState,
    Standing,
    WorkKind,
    kept_import.Outcome,
)
CODES: Final = frozenset(each.value for enum in _ENUMS for each in enum)
_QUOTED: Final = re.compile(r"“[^”]*”|\S+\.(?:csv|xlsx|json)\b")
"""Words of marketplaces and names of files: nobody of us has written them."""
_CODE: Final = re.compile(r"\b[A-Z]\d\d\b|ocop-sync|`|(?<!\w)--\w+|\w+_\w+")


def codes_in(page: Element) -> list[str]:
    """Return what no reader should have to know, of a page in Vietnamese."""
    found = []
    for text in _texts(page.one("main")):
        said = _QUOTED.sub("", text)
        words = re.findall(r"[A-Za-z0-9_]+", said)
        found += [each for each in words if each in CODES]
        found += _CODE.findall(said)
    return found


async def walk(browser: ClientSession, *paths: str) -> dict[str, Element]:
    """Return all pages of lists, and one page of each kind of matter on them."""
    shown: dict[str, Element] = {}
    left = list(paths)
    while left:
        path = left.pop()
        async with browser.get(path) as answer:
            assert answer.status == HTTPStatus.OK, path
            shown[path] = parse(await answer.text())
        left += {each for each in _leads_to(shown[path]) if each not in shown}
    return shown


def _leads_to(page: Element) -> Iterator[str]:
    for each in page.all("a", rel="next"):
        yield each.attributes["href"]
    matters = (each.attributes["href"] for each in page.all("a", class_="button"))
    of_kinds = {each.split("/")[2]: each for each in matters if "/worklist/" in each}
    yield from of_kinds.values()


def _texts(element: Element) -> Iterator[str]:
    for each in element.inside:
        if isinstance(each, str):
            yield each
        else:
            yield from _texts(each)
