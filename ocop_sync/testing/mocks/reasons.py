"""Say beside each status the words that a mock's document shows.

The words of Python's own table change from version to version ("Unprocessable
Entity" has become "Unprocessable Content"). A mock answers alike on all of them.
"""

import logging
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from ocop_sync.errors import NotWrittenError

_log = logging.getLogger(__name__)

REASONS: Final[Mapping[int, str]] = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""By status. Another one is answered without words, as HTTP allows."""


def reason_of(status: int) -> str:
    """Return the words beside *status*."""
    return REASONS.get(status, "")


@web.middleware
async def say_our_own(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put our words into the answer's first line; the outermost middleware."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.set_status(error.status, reason_of(error.status))
        raise
    except NotWrittenError as error:  # one sentence: it is no fault of the mock
        _log.error("what was asked could not be kept", extra={"reason": str(error)})
        return web.Response(status=507, text=str(error))
    if not response.prepared:  # one that is sent already has them
        response.set_status(response.status, reason_of(response.status))
    return response
