"""The OpenAPI 3.1 document of operations, made of the same models that read calls.

Every status that an operation can answer with stands in it: a client need not guess.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from ocop_sync.api.typed.body import JSON
from ocop_sync.api.typed.idempotency import HEADER, PATTERN
from ocop_sync.api.typed.links import Link, links_by_operation
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.problem import MEDIA_TYPE, ProblemForm, ProblemKind
from ocop_sync.api.typed.problems import (
    ANSWER_ERASED,
    ANSWER_SHOWN_ONCE,
    BAD_REQUEST,
    FORBIDDEN,
    INVALID,
    KEY_IN_USE,
    KEY_REUSED,
    KEYS_FULL,
    NOT_FOUND,
    OUTCOME_UNKNOWN,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    TOO_LARGE,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
)

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
Part = tuple[str, Mode]

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final[Part] = ("problem", "serialization")

_SAFE: Final = {"GET"}


class _Schemas(GenerateJsonSchema):
    """The schemas of pydantic, with one that says more of mappings."""

    def dict_schema(self, schema: core_schema.DictSchema) -> Schema:
        """Return the schema of a mapping: whose keys are bounded, as those are.

        Pydantic's own says only what stands under keys that fit, and lets all others
        have anything.
        """
        made = super().dict_schema(schema)
        values = made.pop("patternProperties", None)
        if values is None:
            return made
        (allowed,) = values.values()
        names = self.generate_inner(schema["keys_schema"])
        return made | {"propertyNames": names, "additionalProperties": allowed}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the document says of the whole API.

    Attributes:
        title: Its name.
        version: Its version.
        description: Its purpose, as Markdown.
        security_schemes: How callers sign in, by name; any one of them will do.
        limited: Kinds of problems that any call may meet, such as too many calls.
        tags: What the groups of operations are about, by name.
        links: How answers lead to other operations; those from or to operations that
            are not there are left out.
        of_changes: Parameters that all operations take which change something and ask
            for a role.
    """

    title: str
    version: str
    description: str
    security_schemes: Mapping[str, Schema]
    limited: Sequence[ProblemKind] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[Link] = ()
    of_changes: Sequence[Schema] = ()


def document(operations: Sequence[Operation], about: About) -> Schema:
    """Return the document of *operations*."""
    schemas, known = _schemas(operations)
    links = links_by_operation(about.links, operations)
    paths: dict[str, Schema] = defaultdict(dict)
    for each in operations:
        form = _operation(each, schemas, known, about)
        if found := links.get(each.id):
            form["responses"][str(each.status)]["links"] = found
        paths[each.path][each.method.lower()] = form
    used = {each.tag for each in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
        },
        "tags": [
            {"name": name, "description": words}
            for name, words in about.tags.items()
            if name in used
        ],
        "paths": dict(paths),
        "components": {
            "schemas": known,
            "securitySchemes": dict(about.security_schemes),
        },
    }


def _schemas(
    operations: Iterable[Operation],
) -> tuple[dict[Part, Schema], dict[str, Schema]]:
    """Return the schema of each part of an operation, and the named ones."""
    asked: list[tuple[str, Mode, TypeAdapter[Any]]] = [
        (*_PROBLEM, TypeAdapter(ProblemForm))
    ]
    for each in operations:
        for name, mode, model in _parts(each):
            asked.append((f"{each.id} {name}", mode, model))
    found, definitions = TypeAdapter.json_schemas(
        asked, ref_template=_REF, schema_generator=_Schemas
    )
    return dict(found), definitions.get("$defs", {})


def _parts(operation: Operation) -> Iterator[tuple[str, Mode, TypeAdapter[Any]]]:
    if operation.path_model is not None:
        yield "path", "validation", TypeAdapter(operation.path_model)
    if operation.query_model is not None:
        yield "query", "validation", TypeAdapter(operation.query_model)
    if operation.header_model is not None:
        yield "header", "validation", TypeAdapter(operation.header_model)
    if operation.body is not None:
        yield "body", "validation", operation.body
    if operation.answer is not None:
        yield "answer", "serialization", operation.answer


def _operation(
    operation: Operation,
    schemas: Mapping[Part, Schema],
    known: Mapping[str, Schema],
    about: About,
) -> Schema:
    more: Schema = {}
    if operation.description:
        more["description"] = operation.description
    if operation.tag:
        more["tags"] = [operation.tag]
    parameters = list(_parameters(operation, schemas, known))
    if operation.allowed and not operation.is_read:
        parameters += about.of_changes
    if parameters:
        more["parameters"] = parameters
    if body := _body(operation, schemas):
        more["requestBody"] = body
    if operation.allowed:
        more["x-roles"] = sorted(operation.allowed)
    return {
        "operationId": operation.id,
        "summary": operation.summary,
        **more,
        "security": [{name: []} for name in about.security_schemes]
        if operation.allowed
        else [],
        "responses": _responses(operation, schemas, about),
    }


def _parameters(
    operation: Operation, schemas: Mapping[Part, Schema], known: Mapping[str, Schema]
) -> Iterator[Schema]:
    for place in ("path", "query", "header"):
        part: Part = (f"{operation.id} {place}", "validation")
        if part in schemas:
            yield from _fields(place, _resolved(schemas[part], known))
    if operation.needs_if_match:
        text = "The ETag of the version that is changed."
        yield _header("If-Match", text, required=True)
    if operation.has_version:
        text = "ETags that are known: one that still holds is answered with 304."
        yield _header("If-None-Match", text)
    if operation.takes_key:
        text = (
            "Makes the call safe to be repeated: for 24 hours, the same key with the"
            " same request gives the same answer."
        )
        yield _header(HEADER, text, pattern=PATTERN)


def _resolved(schema: Schema, known: Mapping[str, Schema]) -> Schema:
    ref = schema.get("$ref", "")
    return known[ref.rpartition("/")[2]] if ref else schema


def _fields(place: str, model: Schema) -> Iterator[Schema]:
    required = set(model.get("required", ()))
    for name, schema in model.get("properties", {}).items():
        said = {k: v for k, v in schema.items() if k not in {"title", "description"}}
        parameter = {
            "name": name,
            "in": place,
            "required": place == "path" or name in required,
            "schema": _without_null(said),
        }
        if "description" in schema:
            parameter["description"] = schema["description"]
        yield parameter


def _without_null(schema: Schema) -> Schema:
    """Return the schema of a parameter: one that is left out is no null."""
    if "anyOf" not in schema:
        return schema
    others = [each for each in schema["anyOf"] if each.get("type") != "null"]
    rest = {k: v for k, v in schema.items() if k != "anyOf"}
    if rest.get("default", ...) is None:
        del rest["default"]
    return {**others[0], **rest} if len(others) == 1 else {"anyOf": others, **rest}


def _header(
    name: str, text: str, *, required: bool = False, pattern: str = ""
) -> Schema:
    schema: Schema = {"type": "string"}
    if pattern:
        schema["pattern"] = pattern
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": schema,
    }


def _body(operation: Operation, schemas: Mapping[Part, Schema]) -> Schema:
    if operation.upload is not None:
        file = {"schema": {"type": "string", "format": "binary"}}
        return {
            "required": True,
            "content": dict.fromkeys(operation.upload.media_types, file),
        }
    if operation.body is None:
        return {}
    schema = schemas[f"{operation.id} body", "validation"]
    return {"required": True, "content": {JSON: {"schema": schema}}}


def _responses(
    operation: Operation, schemas: Mapping[Part, Schema], about: About
) -> Schema:
    responses: Schema = {str(operation.status): _answer(operation, schemas)}
    if operation.has_version:
        responses["304"] = {"description": "It is as the caller knows it."}
    for status, kinds in sorted(_problems(operation, about).items()):
        codes = "; ".join(f"`{each.code}`: {each.en}" for each in kinds)
        responses[str(status)] = {
            "description": codes,
            "content": {MEDIA_TYPE: {"schema": schemas[_PROBLEM]}},
        }
    return responses


def _answer(operation: Operation, schemas: Mapping[Part, Schema]) -> Schema:
    answer: Schema = {
        "description": "It was done."
        if operation.method not in _SAFE
        else "What was asked for."
    }
    content: Schema = {}
    if operation.answer is not None:
        content[JSON] = {"schema": schemas[f"{operation.id} answer", "serialization"]}
    for each in operation.media_types:
        # A schema would be one of each event, which no version 3.1 has words for; a
        # file that is JSON has its form where files are described.
        file = {"schema": {"type": "string", "format": "binary"}}
        content[each] = {} if operation.goes_on or each == JSON else file
    if content:
        answer["content"] = content
    if operation.has_version:
        answer["headers"] = {
            "ETag": {"description": "Its version.", "schema": {"type": "string"}}
        }
    return answer


def _problems(operation: Operation, about: About) -> Mapping[int, list[ProblemKind]]:
    """Return every kind of problem that *operation* may answer with, by status."""
    kinds: list[ProblemKind] = [BAD_REQUEST, INVALID, UNEXPECTED, UNAVAILABLE]
    kinds += about.limited
    if operation.allowed:
        kinds += [UNAUTHENTICATED, FORBIDDEN]
    if operation.path_model is not None:
        kinds += [NOT_FOUND]
    if operation.body is not None or operation.upload is not None:
        kinds += [TOO_SLOW, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE]
    if operation.needs_if_match:
        kinds += [PRECONDITION_FAILED, PRECONDITION_REQUIRED]
    if operation.takes_key:
        kinds += [KEY_IN_USE, OUTCOME_UNKNOWN, ANSWER_ERASED, KEY_REUSED, KEYS_FULL]
        kinds += [ANSWER_SHOWN_ONCE] if operation.shown_once else []
    by_status: dict[int, list[ProblemKind]] = defaultdict(list)
    for each in dict.fromkeys([*kinds, *operation.problems]):
        by_status[each.status].append(each)
    return by_status
