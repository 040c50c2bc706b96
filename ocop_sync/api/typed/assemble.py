"""Put an application of operations together."""

import re
from collections.abc import Sequence
from functools import cache
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
    paths = frozenset(each.path for each in operations)
    for each in operations:
        handler = handler_of(each, means)
        resource = app.router.add_resource(_apart(each.path, paths))
        resource.add_route(each.method, handler)
        if each.method == hdrs.METH_GET:
            resource.add_route(hdrs.METH_HEAD, handler)
    return app


@cache
def _apart(path: str, paths: frozenset[str]) -> str:
    """Return *path* so that no parameter of it takes a word of another address.

    "/held/{group}" would also be "/held/retries", where a call by a method that this
    one does not take would be read as one about a group, and be said to be allowed.
    """
    parts = path.split("/")
    taken: dict[int, set[str]] = {}
    for other in paths:
        words = other.split("/")
        if len(words) != len(parts):
            continue
        differ = [n for n, word in enumerate(words) if word != parts[n]]
        if len(differ) == 1 and parts[differ[0]][:1] == "{" != words[differ[0]][:1]:
            taken.setdefault(differ[0], set()).add(words[differ[0]])
    for n, words_there in taken.items():
        others = "|".join(map(re.escape, sorted(words_there)))
        parts[n] = f"{parts[n][:-1]}:(?!(?:{others})(?:/|$))[^{{}}/]+}}"
    return "/".join(parts)


def _hook(framing: Framing) -> Any:
    return add_headers(framing)
