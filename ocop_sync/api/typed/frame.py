"""The frame around each call: its id, its problems, its line in the log, its headers.

Nothing that is unexpected gets out: its caller reads that the service has failed, and
the request id by which the log tells why. A line names the route, never the address
with its query: that may hold a link that signs in.
"""

import logging
import re
import secrets
import traceback
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.api.typed.problem import (
    Language,
    ProblemError,
    Shown,
    preferred_language,
    problem_response,
)
from ocop_sync.api.typed.problems import BAD_REQUEST, OF_HTTP, UNEXPECTED

REQUEST_ID: Final = "X-Request-Id"

_GIVEN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{7,63}", re.ASCII)

_ID: Final = web.RequestKey("request_id", str)

_SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer that does not have its own."""

_MS_PER_S: Final = 1000
_MOST_CAUSES: Final = 5
_MOST_FRAMES: Final = 12

_log = logging.getLogger(__name__)


OnAnswered = Callable[[str, str, int, float], None]
"""Is told the route, the method and the status of an answer, and how long it took."""


ProblemPage = Callable[[web.Request, ProblemError, str], web.StreamResponse | None]
"""Returns the page that shows a problem, with the id of its call, to a browser; None to
those who read `application/problem+json`."""


def _without_pages(
    request: web.Request, error: ProblemError, request_id: str
) -> web.StreamResponse | None:
    del request, error, request_id
    return None


def _told_to_nobody(route: str, method: str, status: int, took_s: float) -> None:
    del route, method, status, took_s


def _about_nothing(request: web.Request) -> AbstractContextManager[object]:
    del request
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How calls are framed.

    Attributes:
        problem_of: Returns the problem of an error of the service; None if it is an
            unexpected one.
        types_at: As of `Shown`.
        seconds: Monotonic time in seconds.
        server: The value of the header `Server`.
        is_secure: Everything goes over https: browsers are told to keep to it.
        quiet: Routes that are asked again and again: their line in the log is for
            whoever looks for mistakes.
        on_answered: Told the route, the method and the status of each answer, and the
            seconds that it took.
        about: Names the subject of a call to whatever is logged while it is answered.
        page_of: Shows problems to people.
    """

    problem_of: Callable[[Exception], ProblemError | None]
    types_at: str
    seconds: Callable[[], float]
    server: str
    is_secure: bool
    quiet: Collection[str] = ()
    on_answered: OnAnswered = _told_to_nobody
    about: Callable[[web.Request], AbstractContextManager[object]] = _about_nothing
    page_of: ProblemPage = _without_pages


FRAMING: Final = web.AppKey("framing", Framing)
"""How the calls of an application are framed; on the application."""


def frame(framing: Framing) -> Middleware:
    """Return the middleware that stands around all others."""

    @web.middleware
    async def framed(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[_ID] = given_id_of(request) or secrets.token_hex(16)
        with framing.about(request):
            return await answered(request, handler)

    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = framing.seconds()
        try:
            response = await handler(request)
        except ProblemError as error:
            response = _told(request, error, framing)
        except web.HTTPException as error:
            response = _of_http(request, error, framing)
        except Exception as error:  # noqa: BLE001  (logged; nothing of it is told)
            response = _failed(request, error, framing)
        took_s = framing.seconds() - began
        _note(request, response, framing, took_s)
        route, method = route_of(request), request.method
        # A stream lasts as long as what it tells of: that is no latency.
        if isinstance(response, web.Response):
            framing.on_answered(route, method, response.status, took_s)
        return response

    return framed


def given_id_of(request: web.Request) -> str:
    """Return the identifier that a caller has given a call; "" if it cannot be used.

    It stands in the log as it came, so only short words of plain letters are taken.
    """
    given = request.headers.get(REQUEST_ID, "")
    return given if _GIVEN.fullmatch(given) else ""


def request_id_of(request: web.Request) -> str:
    """Return the identifier of a call."""
    return request[_ID]


def language_of(request: web.BaseRequest) -> Language:
    """Return the language that a caller prefers."""
    return preferred_language(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def add_headers(framing: Framing) -> Callable[..., object]:
    """Return the hook that gives each answer the headers that all have."""
    fixed = headers_of_all(framing)

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        response.headers[hdrs.SERVER] = framing.server
        if _ID in request:
            response.headers[REQUEST_ID] = request_id_of(request)

    return add


def headers_of_all(framing: Framing) -> dict[str, str]:
    """Return the headers of every answer that does not have its own."""
    fixed = _SECURITY | {hdrs.CACHE_CONTROL: "no-store", hdrs.SERVER: framing.server}
    if framing.is_secure:
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    return fixed


def _told(
    request: web.Request, error: ProblemError, framing: Framing
) -> web.StreamResponse:
    request_id = request_id_of(request)
    response = framing.page_of(request, error, request_id)
    if response is None:
        shown = Shown(
            language=language_of(request),
            request_id=request_id,
            types_at=framing.types_at,
        )
        response = problem_response(error, shown)
    if error.headers.get(hdrs.CONNECTION) == "close":
        response.force_close()
    return response


def _of_http(
    request: web.Request, error: web.HTTPException, framing: Framing
) -> web.StreamResponse:
    """Return the answer that aiohttp has raised; refusals in our own form."""
    if error.status < 400:  # noqa: PLR2004  (no refusal)
        return error
    kind = OF_HTTP.get(error.status, BAD_REQUEST)
    kept = {str(n): error.headers[n] for n in (hdrs.ALLOW,) if n in error.headers}
    return _told(request, ProblemError(kind, headers=kept), framing)


def _failed(
    request: web.Request, error: Exception, framing: Framing
) -> web.StreamResponse:
    known = framing.problem_of(error)
    more = {"request_id": request_id_of(request), "route": route_of(request)}
    if known is None:
        _log.error("a call failed unexpectedly", extra=more | {"at": _origin(error)})
        known = ProblemError(UNEXPECTED)
    elif known.kind.status >= 500:  # noqa: PLR2004  (ours to mend)
        at = {"at": _origin(error), "reason": known.reason}
        _log.warning("a call failed", extra=more | at)
    return _told(request, known, framing)


def _origin(error: BaseException) -> str:
    """Return the kinds of *error* and of those behind it, and the lines they came by.

    Danger: their texts may hold values of the call, names of people among them.
    """
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < _MOST_CAUSES:
        frames = traceback.extract_tb(cause.__traceback__)[-_MOST_FRAMES:]
        way = " > ".join(f"{each.filename}:{each.lineno}" for each in frames)
        told.append(f"{type(cause).__name__} at {way}")
        cause = cause.__cause__ or cause.__context__
    return "; after ".join(told)


def route_of(request: web.Request) -> str:
    """Return the address of a call with names in place of its values."""
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical


def _note(
    request: web.Request,
    response: web.StreamResponse,
    framing: Framing,
    took_s: float,
) -> None:
    is_quiet = route_of(request) in framing.quiet
    _log.log(
        logging.DEBUG if is_quiet else logging.INFO,
        "answered",
        extra={
            "request_id": request_id_of(request),
            "method": request.method,
            "route": route_of(request),
            "status": response.status,
            "took_ms": round(took_s * _MS_PER_S, 1),
        },
    )
