"""Refusals of what never becomes a call: no HTTP, or one connection too many.

They have the form of every other problem. What the server's parser has to say is never
repeated: it quotes what was sent, a key perhaps.
"""

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from aiohttp.http_exceptions import LineTooLong

from ocop_sync.api.typed.frame import (
    FRAMING,
    REQUEST_ID,
    Framing,
    headers_of_all,
    language_of,
)
from ocop_sync.api.typed.problem import ProblemError, Shown, problem_response
from ocop_sync.api.typed.problems import (
    BAD_REQUEST,
    EXPECTATION_FAILED,
    HEAD_TOO_LARGE,
    UNAVAILABLE,
    UNEXPECTED,
)

_BAD: Final = 400
_PLAIN: Final = {
    _BAD: BAD_REQUEST,
    417: EXPECTATION_FAILED,
}

_log = logging.getLogger(__name__)


def refusal(
    app: web.Application, request: web.BaseRequest, status: int, error: object = None
) -> web.Response:
    """Return the answer to a request that no route has seen; the connection ends.

    Args:
        app: The application that is served.
        request: The request, or what stands for one that could not be read.
        status: The status that the server would have answered with.
        error: What it stumbled over.
    """
    kind = _PLAIN.get(status, UNEXPECTED)
    if status == _BAD and isinstance(error, LineTooLong):
        kind = HEAD_TOO_LARGE
    return _shown(app, ProblemError(kind), request)


def refusal_of_connection(app: web.Application) -> bytes:
    """Return the answer to a connection too many, as it goes over the wire."""
    busy = ProblemError(
        UNAVAILABLE,
        vi="Đang có quá nhiều kết nối: chờ rồi gọi lại",
        en="There are too many connections: wait, then call again",
        headers={hdrs.RETRY_AFTER: _SOON},
    )
    response = _shown(app, busy, None)
    status = HTTPStatus(response.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *_lines(response.headers)]
    body = response.body
    assert isinstance(body, bytes)  # noqa: S101  (a problem is)
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


_SOON: Final = "30"
"""After how many seconds to ask again."""


def _lines(headers: Mapping[str, str]) -> list[str]:
    left_out = {hdrs.CONTENT_LENGTH, hdrs.CONNECTION}
    return [
        f"{name}: {value}" for name, value in headers.items() if name not in left_out
    ]


def _shown(
    app: web.Application, error: ProblemError, request: web.BaseRequest | None
) -> web.Response:
    framing: Framing | None = app.get(FRAMING)
    request_id = secrets.token_hex(16)
    shown = Shown(
        language="vi" if request is None else language_of(request),
        request_id=request_id,
        types_at="about:blank#" if framing is None else framing.types_at,
    )
    response = problem_response(error, shown)
    fixed = {} if framing is None else headers_of_all(framing)
    for name, value in (fixed | {REQUEST_ID: request_id}).items():
        response.headers.setdefault(name, value)
    response.force_close()
    # Whoever is asked about the id finds it where details are kept: anybody can send
    # such requests, and what the log always has is their count.
    told = {"request_id": request_id, "status": response.status}
    _log.debug("refused before it became a call", extra=told)
    return response
