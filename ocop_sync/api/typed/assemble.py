"""Put an application of operations together."""

from collections.abc import Sequence
from typing import Any

from aiohttp import hdrs, web

from ocop_sync.api.typed.frame import FRAMING, Framing, add_headers, frame
from ocop_sync.api.typed.handling import Means, handler_of
from ocop_sync.api.typed.operation import Operation


def assemble(
    operations: Sequence[Operation], means: Means, framing: Framing
) -> web.Application:
    """Return the application that serves *operations*.

    HEAD is answered wherever GET is. Addresses and methods that are not there are
    refused as problems, too.

    Raises:
        TypeError: Two operations have one id.
    """
    ids = [each.id for each in operations]
    if twice := {each for each in ids if ids.count(each) > 1}:
        message = f"operations with one id: {twice}"
        raise TypeError(message)
    app = web.Application(middlewares=[frame(framing)])
    app[FRAMING] = framing
    app.on_response_prepare.append(_hook(framing))
    for each in operations:
        handler = handler_of(each, means)
        resource = app.router.add_resource(each.path)
        resource.add_route(each.method, handler)
        if each.method == hdrs.METH_GET:
            resource.add_route(hdrs.METH_HEAD, handler)
    return app


def _hook(framing: Framing) -> Any:
    return add_headers(framing)
