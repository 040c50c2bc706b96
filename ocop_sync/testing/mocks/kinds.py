"""Refuse entries of a mock's people that are no value of a field's kind.

People may break every rule of a marketplace, but no page of it takes a word for
a price: a mock that kept one could no longer answer as its document says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args, get_type_hints, is_typeddict


@dataclass(frozen=True, slots=True)
class Maybe:
    """Stands for null or a value like *example*."""

    example: object


_PLAIN: Mapping[Any, object] = {str: "", int: 0, float: 0.0}


def example_of(row: Any) -> dict[str, Any]:
    """Return a value of the kind of each field of *row*, a `TypedDict`, by its name."""
    return {name: _example(kind) for name, kind in get_type_hints(row).items()}


def _example(kind: Any) -> object:
    if is_typeddict(kind):
        return example_of(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    inner = _example(get_args(kind)[0])
    return Maybe(inner) if isinstance(kind, UnionType) else [inner]


def ensure_like(values: Mapping[str, object], examples: Mapping[str, object]) -> None:
    """Refuse *values* unless each is named in *examples* and of its kind.

    Raises:
        ValueError: One is not; it is named.
    """
    if unknown := sorted(values.keys() - examples.keys()):
        message = f"not fields that can be edited: {unknown}"
        raise ValueError(message)
    for name, value in values.items():
        if not _is_like(value, examples[name]):
            message = f"{name} is of another kind"
            raise ValueError(message)


def _is_like(value: object, example: object) -> bool:
    match example:
        case Maybe(inner):
            return value is None or _is_like(value, inner)
        case dict():
            return (
                isinstance(value, dict)
                and value.keys() == example.keys()
                and all(_is_like(value[name], example[name]) for name in example)
            )
        case [inner]:
            return isinstance(value, list) and all(_is_like(v, inner) for v in value)
        case str():
            return isinstance(value, str) and _is_unicode(value)
        case float():
            return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(example)


def _is_unicode(text: str) -> bool:
    """Tell whether *text* holds no half of a surrogate pair."""
    return text == text.encode(errors="replace").decode()
