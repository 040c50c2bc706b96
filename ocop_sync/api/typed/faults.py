"""The findings of pydantic as faults of fields, in our own words in two languages.

The value that was sent is never repeated: it may be a secret, or no JSON at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ocop_sync.api.typed.problem import (
    FieldProblem,
    Place,
    ProblemError,
    pointer_to,
)
from ocop_sync.api.typed.problems import INVALID

MOST_SHOWN: Final = 100
"""Faults that are named in one answer; more are counted."""

_OURS: Final = "fault"

_WORDS: Final = {
    "missing": ("missing", "thiếu mục này", "it is missing"),
    "extra_forbidden": ("unknown", "không có mục này", "there is no such field"),
    "string_too_short": (
        "too_short",
        "cần ít nhất {min_length} ký tự",
        "at least {min_length} characters are needed",
    ),
    "string_too_long": (
        "too_long",
        "nhiều nhất {max_length} ký tự",
        "at most {max_length} characters are taken",
    ),
    "too_short": (
        "too_few",
        "cần ít nhất {min_length} mục",
        "at least {min_length} items are needed",
    ),
    "too_long": (
        "too_many",
        "nhiều nhất {max_length} mục",
        "at most {max_length} items are taken",
    ),
    "greater_than_equal": ("too_small", "phải từ {ge}", "it must be {ge} or more"),
    "greater_than": ("too_small", "phải lớn hơn {gt}", "it must be more than {gt}"),
    "less_than_equal": ("too_large", "nhiều nhất {le}", "it must be {le} or less"),
    "less_than": ("too_large", "phải nhỏ hơn {lt}", "it must be less than {lt}"),
    "enum": ("not_offered", "phải là một trong: {expected}", "one of: {expected}"),
    "literal_error": (
        "not_offered",
        "phải là một trong: {expected}",
        "one of: {expected}",
    ),
    "int_type": ("wrong_type", "phải là số nguyên", "it must be a whole number"),
    "bool_type": ("wrong_type", "phải là true hoặc false", "it must be true or false"),
    "string_type": ("wrong_type", "phải là chữ", "it must be a text"),
    "date_type": ("wrong_type", "phải là ngày NNNN-TT-NN", "a date as YYYY-MM-DD"),
    "date_parsing": ("wrong_type", "phải là ngày NNNN-TT-NN", "a date as YYYY-MM-DD"),
    "date_form": ("wrong", "phải là ngày NNNN-TT-NN", "a date as YYYY-MM-DD"),
    "instant_form": (
        "wrong",
        "phải là thời điểm kèm múi giờ, như 2026-11-30T07:00:00+07:00",
        "an instant with its offset, as 2026-11-30T07:00:00+07:00",
    ),
    "json_invalid": ("not_json", "không phải JSON (UTF-8)", "it is no JSON in UTF-8"),
}
_ELSE: Final = ("wrong", "giá trị không hợp lệ", "the value is not valid")


def fault(code: str, *, vi: str, en: str) -> PydanticCustomError:
    """Return the error that a validator of a model raises for a fault of a field.

    Args:
        code: The kind of fault, for programs.
        vi: The fault in Vietnamese, without the value.
        en: The same in English.
    """
    return PydanticCustomError(_OURS, "fault", {"code": code, "vi": vi, "en": en})


def invalid(error: ValidationError, place: Place) -> ProblemError:
    """Return the problem of a part of a call that is not as its model says."""
    found = error.errors(include_url=False, include_input=False)
    more = {"errors_total": len(found)} if len(found) > MOST_SHOWN else {}
    shown = [_fault_of(place, each) for each in found[:MOST_SHOWN]]
    return ProblemError(INVALID, errors=shown, more=more)


def invalid_field(
    *, at: Sequence[object], code: str, vi: str, en: str, place: Place = "body"
) -> ProblemError:
    """Return the problem of one field that no model can know to be wrong.

    Args:
        at: The keys and numbers that lead to the field.
        code: The kind of fault, for programs.
        vi: The fault in Vietnamese.
        en: The same in English.
        place: The part of the call.
    """
    wrong = FieldProblem(place, pointer_to(at), code, vi, en)
    return ProblemError(INVALID, errors=[wrong])


def _fault_of(place: Place, details: ErrorDetails) -> FieldProblem:
    context: Mapping[str, Any] = details.get("ctx", {})
    pointer = pointer_to(details["loc"])
    if details["type"] == _OURS:
        return FieldProblem(
            place, pointer, context["code"], context["vi"], context["en"]
        )
    code, vi, en = _WORDS.get(details["type"], _ELSE)
    in_vietnamese = {**context, "expected": _choices_vi(context.get("expected", ""))}
    return FieldProblem(
        place, pointer, code, vi.format(**in_vietnamese), en.format(**context)
    )


def _choices_vi(expected: str) -> str:
    """Return pydantic's list of choices, 'a', 'b' or 'c', in Vietnamese."""
    return "' hoặc '".join(expected.rsplit("' or '", 1))
