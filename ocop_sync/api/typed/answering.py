"""Answers: values as JSON, files as they are, 304 where nothing has changed."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import hdrs, web

from ocop_sync.api.typed.body import JSON
from ocop_sync.api.typed.call import Answer, FileAnswer
from ocop_sync.api.typed.etag import strong_tag, tag_of_bytes, tags_of
from ocop_sync.api.typed.file_sending import saved_as
from ocop_sync.api.typed.idempotency import REPLAYED, KeptAnswer
from ocop_sync.api.typed.operation import Operation

CACHED: Final = "private, no-cache"
"""Answers may be kept by who has asked, and are asked for again each time."""

_KEPT: Final = (hdrs.CONTENT_TYPE, hdrs.ETAG, hdrs.LOCATION)
"""Headers of an answer that are given again with it."""


def answer_of(operation: Operation, result: Any, request: web.Request) -> web.Response:
    """Return the answer of *operation* that has returned *result*."""
    if isinstance(result, FileAnswer):
        response = _file(operation, result)
    else:
        response = _value(operation, result)
    if operation.is_read and response.status == 200:  # noqa: PLR2004  (the plain one)
        return conditional(response, request)
    return response


def _value(operation: Operation, result: Any) -> web.Response:
    answer = result if isinstance(result, Answer) else Answer(value=result)
    headers = {hdrs.CACHE_CONTROL: CACHED, **answer.headers}
    body = None
    if operation.answer is not None:
        # A value that is not as the document says is a mistake of ours: it is raised.
        body = operation.answer.dump_json(answer.value, by_alias=True, warnings="error")
        headers[hdrs.CONTENT_TYPE] = JSON
    if answer.version is not None:
        headers[hdrs.ETAG] = strong_tag(answer.version)
    return web.Response(status=operation.status, body=body, headers=headers)


def _file(operation: Operation, file: FileAnswer) -> web.Response:
    if file.media_type not in operation.media_types:
        message = f"{operation.id} does not declare {file.media_type}"
        raise TypeError(message)
    headers = {
        hdrs.CACHE_CONTROL: CACHED,
        hdrs.CONTENT_TYPE: file.media_type,
        **file.headers,
    }
    if file.name:
        headers[hdrs.CONTENT_DISPOSITION] = saved_as(file.name)
    return web.Response(status=operation.status, body=file.content, headers=headers)


def conditional(response: web.Response, request: web.Request) -> web.Response:
    """Return *response*, or 304 if its caller knows it as it is."""
    if isinstance(response.body, bytes):
        response.headers.setdefault(hdrs.ETAG, tag_of_bytes(response.body))
    tag = response.headers.get(hdrs.ETAG, "")
    known = tags_of(request.headers.get(hdrs.IF_NONE_MATCH, ""))
    if not tag or not known & {tag, "*"}:
        return response
    return web.Response(
        status=304,
        headers={
            name: value
            for name, value in response.headers.items()
            if name in (hdrs.ETAG, hdrs.CACHE_CONTROL, hdrs.VARY)
        },
    )


def kept_form(response: web.Response) -> KeptAnswer:
    """Return an answer as it is kept with its key."""
    body = response.body
    return KeptAnswer(
        status=response.status,
        headers={n: response.headers[n] for n in _KEPT if n in response.headers},
        body=body if isinstance(body, bytes) else b"",
    )


def given_again(kept: KeptAnswer) -> web.Response:
    """Return the answer that was kept."""
    headers: Mapping[str, str] = {
        **kept.headers,
        hdrs.CACHE_CONTROL: CACHED,
        REPLAYED: "true",
    }
    return web.Response(status=kept.status, headers=headers, body=kept.body or None)
