"""Refusals and failures as problem details (RFC 9457), in Vietnamese and English.

A kind has a code that never changes: programs go by it, people by the texts. `detail`
is in the language that the call prefers; both texts stand beside it. Nothing of an
exception is ever shown: whoever raises a problem chooses its words.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import ConfigDict, Field

from ocop_sync.api.typed.values import Model

MEDIA_TYPE: Final = "application/problem+json"

Place = Literal["body", "query", "path", "header"]
Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem.

    Attributes:
        code: Its name for programs; it never changes.
        status: The HTTP status.
        vi: Its words in Vietnamese, without any value.
        en: The same in English.
    """

    code: str
    status: int
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A fault of one field.

    Attributes:
        place: The part of the call.
        pointer: The field in it, as a JSON pointer (RFC 6901).
        code: Its name for programs.
        vi: Its words in Vietnamese.
        en: The same in English.
    """

    place: Place
    pointer: str
    code: str
    vi: str
    en: str

    def json_form(self, language: Language) -> dict[str, str]:
        """Return it as JSON's values."""
        return {
            "in": self.place,
            "pointer": self.pointer,
            "code": self.code,
            "detail": self.vi if language == "vi" else self.en,
            "detail_vi": self.vi,
            "detail_en": self.en,
        }


class ProblemError(Exception):
    """Ends a call with a problem.

    Args:
        kind: Its kind.
        vi: What is the matter, in Vietnamese; the words of the kind by default.
        en: The same in English.
        errors: The faults of single fields.
        more: Further members, such as the old value that is to be confirmed.
        headers: Further headers, such as `Retry-After`.
        reason: What the log says of a failure, and nobody else: without any secret or
            personal datum.
    """

    def __init__(
        self,
        kind: ProblemKind,
        *,
        vi: str = "",
        en: str = "",
        errors: Sequence[FieldProblem] = (),
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.vi = vi or kind.vi
        self.en = en or kind.en
        self.errors = tuple(errors)
        self.more = dict(more or {})
        self.headers = dict(headers or {})
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a problem is shown to one caller.

    Attributes:
        language: The language of `title` and `detail`.
        request_id: The identifier of the call, which stands in the log as well.
        types_at: The address, to which a code is added, of the meaning of problems.
    """

    language: Language
    request_id: str
    types_at: str = field(default="about:blank#")


def problem_response(error: ProblemError, shown: Shown) -> web.Response:
    """Return *error* as the answer of a call."""
    kind, vi = error.kind, shown.language == "vi"
    form: dict[str, Any] = {
        "type": f"{shown.types_at}{kind.code}",
        "title": kind.vi if vi else kind.en,
        "status": kind.status,
        "code": kind.code,
        "detail": error.vi if vi else error.en,
        "detail_vi": error.vi,
        "detail_en": error.en,
        "request_id": shown.request_id,
    }
    if error.errors:
        form["errors"] = [each.json_form(shown.language) for each in error.errors]
    form |= error.more
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Language": shown.language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
    }
    return web.Response(
        status=kind.status,
        headers=headers | error.headers,
        body=json.dumps(form, ensure_ascii=False).encode("utf-8", "replace"),
    )


def preferred_language(accepted: str) -> Language:
    """Return the language that an `Accept-Language` header asks for: "vi" by default.

    A header that cannot be read asks for nothing.
    """
    best: tuple[float, Language] = (0.0, "vi")
    for part in accepted[:200].split(","):
        tag, _, weight = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if name == "vi" and quality > best[0]:
            best = quality, "vi"
        elif name == "en" and quality > best[0]:
            best = quality, "en"
    return best[1]


def _quality(weight: str) -> float:
    _, _, number = weight.strip().lower().partition("q=")
    if not number:
        return 1.0
    try:
        value = float(number)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def pointer_to(parts: Iterable[object]) -> str:
    """Return the JSON pointer to a field."""
    escaped = (str(each).replace("~", "~0").replace("/", "~1") for each in parts)
    return "".join(f"/{each}" for each in escaped)


class FieldProblemForm(Model):
    """A fault of one field of the call."""

    model_config = ConfigDict(title="FieldProblem")

    place: Annotated[Place, Field(alias="in")]
    """The part of the call in which the field stands."""
    pointer: str
    """The field, as a JSON pointer; empty for the part as a whole."""
    code: str
    """The kind of fault, for programs."""
    detail: str
    """The fault in the language that was asked for."""
    detail_vi: str
    """The fault in Vietnamese."""
    detail_en: str
    """The fault in English."""


class ProblemForm(Model):
    """A problem (RFC 9457); `code` never changes, texts may."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]
    """The address of the meaning of this kind of problem."""
    title: str
    """The kind of problem, in the language that was asked for."""
    status: int
    """The HTTP status."""
    code: str
    """The kind of problem, for programs."""
    detail: str
    """What is the matter, in the language that was asked for."""
    detail_vi: str
    """What is the matter, in Vietnamese."""
    detail_en: str
    """What is the matter, in English."""
    request_id: str
    """The identifier of this call, which stands in the log."""
    errors: tuple[FieldProblemForm, ...] = ()
    """The faults of single fields."""
