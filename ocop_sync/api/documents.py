"""The documents of the API, open to everybody: `/openapi.json` and `/docs`.

They follow from the operations and never change while a process runs.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from ocop_sync.api.problems import ALL
from ocop_sync.api.typed import docs_page as page
from ocop_sync.api.typed.answering import conditional
from ocop_sync.api.typed.body import JSON
from ocop_sync.api.typed.openapi import About, document
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.reading import read_query

OPENAPI: Final = "/openapi.json"
DOCS: Final = "/docs"
STYLE: Final = "/docs/style.css"

OPEN_PAGES: Final = (OPENAPI, DOCS, STYLE)
"""The addresses that are no operations."""


def add_documents(
    app: web.Application, operations: Sequence[Operation], about: About
) -> None:
    """Serve the documents of *operations*."""

    @cache
    def described() -> dict[str, Any]:
        return document(operations, about)

    def openapi() -> str:
        return web.json_response(described()).text or ""

    def docs() -> str:
        return page.docs_page(described(), ALL, style=STYLE, raw=OPENAPI)

    def style() -> str:
        file = Path(page.__file__).with_name(page.STYLE)
        return file.read_text("utf-8")

    for path, text, media_type in (
        (OPENAPI, openapi, JSON),
        (DOCS, docs, "text/html"),
        (STYLE, style, "text/css"),
    ):
        resource = app.router.add_resource(path)
        handler = _fixed(cache(text), media_type)
        resource.add_route(hdrs.METH_GET, handler)
        resource.add_route(hdrs.METH_HEAD, handler)


def _fixed(text: Any, media_type: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        read_query(request, None)
        headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-cache"}
        if media_type == "text/html":
            headers["Content-Security-Policy"] = page.CSP
        response = web.Response(
            text=text(), content_type=media_type, charset="utf-8", headers=headers
        )
        return conditional(response, request)

    return answer
