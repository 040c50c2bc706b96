"""The files of lists: one address for each kind, with the filters of the list in it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from ocop_sync.pages.made_files import TYPES, send_made
from ocop_sync.pages.visit import PageFunction, PageRoute, Visit
from ocop_sync.pages.written_list import ListFile, write_list

_OF_A_PAGE: Final = frozenset({"after", "after_marketplace", "done", "over"})
"""Parameters that tell of one page of a list, and not of the list."""


def list_routes(
    path: str,
    allowed: frozenset[str],
    of: ListFile,
    chosen: Callable[[Visit], Any],
) -> tuple[PageRoute, ...]:
    """Return the addresses of the files of the list at *path*.

    *chosen* returns what the address asks for, to be pickled; it refuses who may not.
    """
    return tuple(
        PageRoute("GET", f"{path}.{kind}", allowed, _sending(kind, of, chosen))
        for kind in TYPES
    )


def _sending(kind: str, of: ListFile, chosen: Callable[[Visit], Any]) -> PageFunction:
    async def send(visit: Visit) -> web.StreamResponse:
        what = chosen(visit)
        return await send_made(
            visit, of.name, kind, write_list, kind, of, what, visit.language
        )

    return send


def links_to(path: str) -> Mapping[str, str]:
    """Return the address of each kind of file of the whole list at *path*."""
    return {kind: f"{path}.{kind}" for kind in TYPES}


def file_links(visit: Visit) -> Mapping[str, str]:
    """Return the address of each kind of file of the list that is shown."""
    url = visit.request.rel_url
    left = [each for each in visit.request.query.items() if each[0] not in _OF_A_PAGE]
    return {
        kind: str(url.with_path(f"{url.path}.{kind}").with_query(left))
        for kind in TYPES
    }
