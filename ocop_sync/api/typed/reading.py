"""The parameters and the body of a call, read by their models.

Each parameter is read as the JSON that its schema says, and then as strictly as a
body: "5" is a number where a number is meant, and " 5", "+5" or "5_0" nowhere.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from ocop_sync.api.typed.faults import invalid
from ocop_sync.api.typed.problem import FieldProblem, Place, ProblemError
from ocop_sync.api.typed.problems import INVALID
from ocop_sync.api.typed.values import Model

M = TypeVar("M", bound=Model)

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.0)?", re.ASCII)


def read_path(request: web.Request, model: type[M]) -> M:
    """Return the parameters in the address of a call."""
    return _read("path", model, [(k, v) for k, v in request.match_info.items()])


def read_query(request: web.Request, model: type[M] | None) -> M | None:
    """Return the parameters in the query of a call; there may be no others."""
    sent = list(request.query.items())
    if model is not None:
        return _read("query", model, sent)
    if sent:
        raise ProblemError(INVALID, errors=[_unknown(name) for name, _ in sent[:20]])
    return None


def read_headers(request: web.Request, model: type[M]) -> M:
    """Return the headers of a call that its model names."""
    sent = [
        (name, value)
        for name in _kinds_of(model)
        for value in request.headers.getall(name, [])
    ]
    return _read("header", model, sent)


def read_body(body: TypeAdapter[Any], sent: bytes) -> Any:
    """Return the body of a call as *body* says that it is."""
    try:
        value = body.validate_json(sent, strict=True)
    except ValidationError as error:
        raise invalid(error, "body") from None
    # Pydantic goes by the last one of two; whoever has checked it, by the first one.
    json.loads(sent, object_pairs_hook=_once, parse_int=str, parse_float=str)
    return value


def _once(pairs: Sequence[tuple[str, object]]) -> None:
    """Refuse an object in which a name stands twice."""
    if len({name for name, _ in pairs}) < len(pairs):
        wrong = FieldProblem("body", "", "twice", *_TWICE_IN_ONE)
        raise ProblemError(INVALID, errors=[wrong])


_TWICE_IN_ONE: Final = (
    "một mục có hai lần trong cùng một đối tượng",
    "a name stands twice in one object",
)


def _read(place: Place, model: type[M], sent: Iterable[tuple[str, str]]) -> M:
    kinds = _kinds_of(model)
    values: dict[str, Any] = {}
    for name, text in sent:
        kind = kinds.get(name, "string")
        if kind.startswith("array of "):
            values.setdefault(name, []).append(_as_json(text, kind.split()[-1]))
        elif name in values:
            raise ProblemError(INVALID, errors=[_twice(place, name)])
        else:
            values[name] = _as_json(text, kind)
    try:
        return model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        raise invalid(error, place) from None


def _as_json(text: str, kind: str) -> Any:
    """Return *text* as the value of JSON that it spells, or itself."""
    if kind == "integer" and _NUMBER.fullmatch(text):
        return int(text.removesuffix(".0"))
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


@cache
def _kinds_of(model: type[Model]) -> Mapping[str, str]:
    """Return the kind of each parameter of *model*: as JSON Schema calls it."""
    schema = model.model_json_schema()
    known = schema.get("$defs", {})
    return {
        name: _kind_of(each, known)
        for name, each in schema.get("properties", {}).items()
    }


def _kind_of(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _kind_of(known[schema["$ref"].rpartition("/")[2]], known)
    for each in schema.get("anyOf", ()):
        if each.get("type") != "null":
            return _kind_of(each, known)
    if schema.get("type") == "array":
        return f"array of {_kind_of(schema.get('items', {}), known)}"
    return str(schema.get("type", "string"))


def _unknown(name: str) -> FieldProblem:
    del name  # whatever it was called: it is not repeated
    return FieldProblem(
        "query", "", "unknown", "không nhận tham số nào", "no parameter is taken"
    )


def _twice(place: Place, name: str) -> FieldProblem:
    return FieldProblem(
        place, f"/{name}", "twice", "chỉ ghi một lần", "it may be given once"
    )
