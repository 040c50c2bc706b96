"""Declare an operation: a function with types, and what stands around it.

The parameters of the function are named `call`, `path`, `query`, `headers`, `body`,
`upload`; it takes those that it needs, and their annotations are what is read:

    @operation("GET", "/api/v1/things/{code}", summary="One thing", allowed=STAFF)
    async def get_thing(call: Call, path: ThingPath) -> Thing: ...
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin, get_type_hints

from aiohttp import web
from pydantic import TypeAdapter

from ocop_sync.api.typed.body import UploadRule
from ocop_sync.api.typed.call import Answer, FileAnswer
from ocop_sync.api.typed.event_stream import MEDIA_TYPE, EventStream
from ocop_sync.api.typed.file_sending import StoredFile
from ocop_sync.api.typed.problem import ProblemKind
from ocop_sync.api.typed.values import Model, PageQuery

MOST_BYTES: Final = 262_144
"""The longest JSON that an operation takes, unless it says otherwise."""

_NEVER_KEPT: Final = (EventStream, StoredFile)
"""Answers that no caller keeps: each is made anew."""

_PARTS: Final = {"call", "path", "query", "headers", "body", "upload"}

Function = Callable[..., Awaitable[Any]]
LookAtPath = Callable[[web.Request, Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of the API.

    Attributes:
        method: GET, POST, PUT, PATCH or DELETE.
        path: Its address, with `{name}` for each parameter.
        id: Its name for programs; it never changes.
        summary: Its purpose, in one line.
        description: More of it: the function's own docstring.
        function: Carries it out.
        takes: The parameters of *function*.
        allowed: The roles that may; empty if everybody may, without a key.
        tag: Its group in the documents.
        path_model: The parameters in its address.
        query_model: Those of its query.
        header_model: Those of its headers, under their names as aliases.
        body: The body that it takes as JSON.
        upload: The files that it takes.
        most_bytes: The longest body as JSON.
        answer: The value that it answers; None for no content.
        media_types: The types of its answers that are no JSON.
        status: The status of its answer.
        has_version: Its answer has an ETag, and is not sent again while that holds.
        problems: Problems of its own.
        needs_if_match: `If-Match` must say which version is changed.
        takes_key: An `Idempotency-Key` makes it safe to be repeated.
        shown_once: Its answer holds a secret, and is never kept.
        is_unlimited: It asks for no key, and addresses are not limited either.
        look_at_path: Refuses a call by its address, before its body is read.
    """

    method: str
    path: str
    id: str
    summary: str
    description: str
    function: Function
    takes: frozenset[str]
    allowed: frozenset[str]
    tag: str
    path_model: type[Model] | None
    query_model: type[Model] | None
    header_model: type[Model] | None
    body: TypeAdapter[Any] | None
    upload: UploadRule | None
    most_bytes: int
    answer: TypeAdapter[Any] | None
    media_types: tuple[str, ...]
    status: int
    has_version: bool
    problems: tuple[ProblemKind, ...]
    needs_if_match: bool
    takes_key: bool
    shown_once: bool
    is_unlimited: bool
    look_at_path: LookAtPath | None

    @property
    def is_paged(self) -> bool:
        """Say whether it lists in pages."""
        return self.query_model is not None and issubclass(self.query_model, PageQuery)

    @property
    def goes_on(self) -> bool:
        """Say whether its answer is a stream of events."""
        return MEDIA_TYPE in self.media_types

    @property
    def is_read(self) -> bool:
        """Say whether it only reads."""
        return self.method == "GET"


def operation(
    method: str,
    path: str,
    *,
    summary: str,
    allowed: Iterable[str],
    tag: str = "",
    status: int = 200,
    problems: Iterable[ProblemKind] = (),
    needs_if_match: bool = False,
    takes_key: bool = False,
    shown_once: bool = False,
    is_unlimited: bool = False,
    look_at_path: LookAtPath | None = None,
    upload: UploadRule | None = None,
    most_bytes: int = MOST_BYTES,
    media_types: Iterable[str] = (),
) -> Callable[[Function], Operation]:
    """Declare the decorated function to be an operation; its id is its name.

    Args:
        method: The method, in capitals. HEAD comes with GET.
        path: The address; `{name}` is a field of the model of `path`.
        summary: The purpose, in one line.
        allowed: The roles that may; none if everybody may without a key.
        tag: Its group in the documents.
        status: The status of its answer.
        problems: Kinds of problems that it raises by itself.
        needs_if_match: `If-Match` is asked for; the function calls
            `Call.ensure_match` with the version that is there, in its transaction.
        takes_key: `Idempotency-Key` is taken: it creates or starts something.
        shown_once: Its answer holds a secret: it is not kept with the key.
        is_unlimited: Asks for no key, and limits no address either: for monitors.
        look_at_path: Refuses a call by its address, before its body is read.
        upload: The files that a parameter `upload` takes.
        most_bytes: The longest JSON that a parameter `body` takes.
        media_types: The types of a `FileAnswer` or a `StoredFile`.
    """

    def declare(function: Function) -> Operation:
        hints = get_type_hints(function, include_extras=True)
        returns = hints.pop("return")
        answer = _answer_in(returns)
        takes = frozenset(inspect.signature(function).parameters)
        _ensure_fits(function, path, hints, takes, has_upload=upload is not None)
        return Operation(
            method=method,
            path=path,
            id=function.__name__,
            summary=summary,
            description=inspect.getdoc(function) or "",
            function=function,
            takes=takes,
            allowed=frozenset(allowed),
            tag=tag,
            path_model=hints.get("path"),
            query_model=hints.get("query"),
            header_model=hints.get("headers"),
            body=TypeAdapter(hints["body"]) if "body" in hints else None,
            upload=upload,
            most_bytes=most_bytes,
            answer=answer,
            media_types=tuple(media_types),
            status=204 if answer is None and not media_types else status,
            has_version=method == "GET" and returns not in _NEVER_KEPT,
            problems=tuple(problems),
            needs_if_match=needs_if_match,
            takes_key=takes_key,
            shown_once=shown_once,
            is_unlimited=is_unlimited,
            look_at_path=look_at_path,
        )

    return declare


def _answer_in(annotation: Any) -> TypeAdapter[Any] | None:
    """Return the value that a function answers, without what stands around it."""
    if get_origin(annotation) is Answer:
        (annotation,) = get_args(annotation)
    if annotation in (None, type(None), FileAnswer, *_NEVER_KEPT):
        return None
    return TypeAdapter(annotation)


def _ensure_fits(
    function: Function,
    path: str,
    hints: dict[str, Any],
    takes: frozenset[str],
    *,
    has_upload: bool,
) -> None:
    """Refuse a declaration that a call could not be read by."""
    named = set(re.findall(r"\{(\w+)\}", path))
    model = hints.get("path")
    fields = set() if model is None else set(model.model_fields)
    faults = [
        f"unknown parameters: {takes - _PARTS}" if takes - _PARTS else "",
        f"path {named} and its model {fields} differ" if named != fields else "",
        "upload and its rule go together" if ("upload" in takes) != has_upload else "",
        "body or upload, not both" if {"body", "upload"} <= takes else "",
    ]
    if told := "; ".join(filter(None, faults)):
        message = f"{function.__qualname__}: {told}"
        raise TypeError(message)
