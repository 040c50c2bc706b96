"""Tell whether a mock can read the body of a call: mocks unpack nothing."""

from aiohttp import web


def is_plain(request: web.Request) -> bool:
    """Tell whether the body of *request* is not compressed.

    To be asked before it is read: aiohttp fails on a body that it cannot unpack.
    """
    return request.headers.get("Content-Encoding", "identity").lower() == "identity"
