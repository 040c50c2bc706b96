"""The way of a call to its operation: admitted, read, carried out, answered.

Whoever may not ask is refused before anything is read. A call with an Idempotency-Key
that was answered before is carried out no more.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

from ocop_sync.api.typed.answering import answer_of, given_again, kept_form
from ocop_sync.api.typed.body import Pace, read_json, receive
from ocop_sync.api.typed.call import Access, Call
from ocop_sync.api.typed.etag import tags_of
from ocop_sync.api.typed.event_stream import EventStream, send_stream
from ocop_sync.api.typed.file_sending import StoredFile, send_file
from ocop_sync.api.typed.frame import language_of, request_id_of
from ocop_sync.api.typed.idempotency import (
    IdempotencyKeys,
    KeyUse,
    fingerprint_of,
    key_in,
)
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import PRECONDITION_REQUIRED
from ocop_sync.api.typed.reading import read_body, read_headers, read_path, read_query

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


_BELIEVED_FOR_S: Final = 1.0
"""A call whose body takes longer is admitted again before it is carried out."""


def _nobody_asks() -> None:
    """Be told, where nobody asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all operations are served with.

    Attributes:
        access: Knows who asks, and who may.
        pace: How fast bodies must come.
        keys: Keeps Idempotency-Keys; None if no operation takes any.
        problem_of: As of `Framing`: tells refusals from failures.
        on_written: Told each time that an operation which writes was carried out.
    """

    access: Access
    pace: Pace
    keys: IdempotencyKeys | None
    problem_of: Callable[[Exception], ProblemError | None]
    on_written: Callable[[], None] = _nobody_asks


def handler_of(operation: Operation, means: Means) -> Handler:
    """Return the handler that serves *operation*."""

    async def handle(request: web.Request) -> web.StreamResponse:
        asker = None
        if operation.allowed:
            asker = await means.access.admit(request, operation.allowed)
        elif not operation.is_unlimited:
            means.access.let_in(request, operation.id)
        began = means.pace.seconds()
        async with AsyncExitStack() as stack:
            parts, sent = await _read(operation, means, request, stack)
            if asker is not None and means.pace.seconds() - began > _BELIEVED_FOR_S:
                # Danger: a body may take a quarter of an hour. Whoever was shut out
                # meanwhile must not act by calls that were begun before.
                asker = await means.access.admit(request, operation.allowed)
            parts["call"] = _call(operation, request, asker)
            taken = {name: parts[name] for name in operation.takes}
            use = _use_of(operation, means, request, asker, sent)
            if use is None:
                result = await operation.function(**taken)
                if isinstance(result, EventStream):
                    return await _stream(operation, means, result, request, asker)
                if isinstance(result, StoredFile):
                    return await send_file(result, request)
                return _answered(operation, means, result, request)
            return await _once(operation, means, use, taken, request)

    return handle


async def _stream(
    operation: Operation,
    means: Means,
    stream: EventStream,
    request: web.Request,
    asker: object,
) -> web.StreamResponse:
    """Send what goes on, as long as whoever asks may."""

    async def is_believed() -> bool:
        return await means.access.still_admits(request, operation.allowed, asker)

    return await send_stream(
        stream, request, is_believed=is_believed, seconds=means.pace.seconds
    )


def _answered(
    operation: Operation, means: Means, result: Any, request: web.Request
) -> web.Response:
    if not operation.is_read:
        means.on_written()
    return answer_of(operation, result, request)


async def _read(
    operation: Operation, means: Means, request: web.Request, stack: AsyncExitStack
) -> tuple[dict[str, Any], bytes]:
    """Return the parts of a call, and its body or what stands for it."""
    parts: dict[str, Any] = {"query": read_query(request, operation.query_model)}
    if operation.path_model is not None:
        parts["path"] = path = read_path(request, operation.path_model)
        if operation.look_at_path is not None:
            operation.look_at_path(request, path)
    if operation.header_model is not None:
        parts["headers"] = read_headers(request, operation.header_model)
    if operation.needs_if_match and hdrs.IF_MATCH not in request.headers:
        raise ProblemError(PRECONDITION_REQUIRED)
    if operation.upload is not None:
        receiving = receive(request, operation.upload, means.pace)
        upload = parts["upload"] = await stack.enter_async_context(receiving)
        return parts, upload.sha256.encode()
    if operation.body is None:
        return parts, b""
    sent = await read_json(request, operation.most_bytes, means.pace)
    parts["body"] = read_body(operation.body, sent)
    return parts, sent


def _call(operation: Operation, request: web.Request, asker: object) -> Call:
    sent = sorted((k, v) for k, v in request.query.items() if k not in _OF_PAGE)
    match = request.headers.get(hdrs.IF_MATCH, "")
    return Call(
        request=request,
        asker=asker,
        request_id=request_id_of(request),
        language=language_of(request),
        list_id=f"{operation.id} {request.path}?{urlencode(sent)}"
        if operation.is_paged
        else "",
        if_match=tags_of(match) if operation.needs_if_match else frozenset(),
    )


_OF_PAGE = ("cursor", "limit")


def _use_of(
    operation: Operation,
    means: Means,
    request: web.Request,
    asker: object,
    sent: bytes,
) -> KeyUse | None:
    key = key_in(request) if operation.takes_key else ""
    if not key or means.keys is None:
        return None
    return KeyUse(
        scope=means.access.scope_of(asker),
        key=key,
        fingerprint=fingerprint_of(request, sent),
    )


async def _once(
    operation: Operation,
    means: Means,
    use: KeyUse,
    taken: dict[str, Any],
    request: web.Request,
) -> web.Response:
    """Carry the operation out, unless the key has an answer.

    A caller who hangs up does not end it: aiohttp goes on with what was begun.
    """
    keys = means.keys
    assert keys is not None  # noqa: S101  (as `_use_of` saw)
    kept = await keys.begin(use)
    if kept is not None:
        return given_again(kept)
    try:
        result = await operation.function(**taken)
        response = _answered(operation, means, result, request)
    except Exception as error:
        is_refusal = _is_refusal(error, means)
        await (keys.release(use) if is_refusal else keys.fail(use))
        raise
    await keys.finish(use, None if operation.shown_once else kept_form(response))
    return response


def _is_refusal(error: Exception, means: Means) -> bool:
    """Say whether *error* means that nothing was done."""
    problem = error if isinstance(error, ProblemError) else means.problem_of(error)
    return problem is not None and problem.kind.status < 500  # noqa: PLR2004
