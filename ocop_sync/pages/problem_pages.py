"""Problems as pages: not signed in, not allowed, not found, out of date, failed.

Programs read `application/problem+json`, people a page in the language of their
browser. The address of the API, and those of files, never answer with a page.
"""

from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web

from ocop_sync.api.access.browsers import Browsers
from ocop_sync.api.access.cookies import Cookies
from ocop_sync.api.typed.frame import ProblemPage
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import UNAUTHENTICATED
from ocop_sync.pages.navigation import HOME, LOGIN, OWN, local_path
from ocop_sync.pages.rendering import NO_REFERRER, Head, html_response, rendered
from ocop_sync.pages.visit import is_of_script, see, with_chosen_language

_OF_PROGRAMS: Final = (
    "/api/",
    "/docs",
    "/health/",
    "/metrics",
    "/openapi.json",
    "/pictures/",
    "/public/",
    "/push/",
    "/static/",
)
_SHOWS: Final = {hdrs.METH_GET, hdrs.METH_HEAD}


def problem_pages(browsers: Browsers) -> ProblemPage:
    """Return what shows problems to browsers."""

    def show(
        request: web.Request, error: ProblemError, request_id: str
    ) -> web.StreamResponse | None:
        if not _is_read_by_people(request):
            return None
        if leads_on := with_chosen_language(request, browsers.cookies):
            return leads_on
        is_followed = request.method in _SHOWS and not is_of_script(request)
        if error.kind is UNAUTHENTICATED and is_followed:
            return see(sign_in_address(request.path_qs))
        return _page(request, error, request_id, browsers.cookies)

    return show


def sign_in_address(path: str) -> str:
    """Return the address of the sign-in that leads to *path* afterwards."""
    wanted = local_path(path)
    return f"{LOGIN}?next={quote(wanted, safe='/')}" if wanted else LOGIN


def _is_read_by_people(request: web.Request) -> bool:
    if request.path.startswith(_OF_PROGRAMS):
        return False
    accepted = request.headers.get(hdrs.ACCEPT, "")
    return "text/html" in accepted or is_of_script(request)


def _page(
    request: web.Request, error: ProblemError, request_id: str, cookies: Cookies
) -> web.StreamResponse:
    # Danger: the address of a link signs somebody in; it stands on no page.
    is_secret = request.path.startswith("/link/")
    is_shown = request.method in _SHOWS and not is_secret
    head = Head(
        language=cookies.language_in(request),
        address=local_path(request.path_qs if is_shown else "") or HOME,
    )
    template = "problem_part.html" if is_of_script(request) else "problem.html"
    values = {
        "problem": error,
        "kind": error.kind,
        "request_id": request_id,
        "home": OWN if request.path.startswith(f"{OWN}/") else HOME,
        "sign_in": sign_in_address(request.path_qs) if is_shown else LOGIN,
    }
    headers = {**error.headers, **(NO_REFERRER if is_secret else {})}
    text = rendered(template, head, values)
    return html_response(request, text, status=error.kind.status, headers=headers)
