"""Values that are never changed, only replaced by others.

Those that are made by the million are structs (`msgspec.Struct`): to make one takes a
tenth of the time that a frozen dataclass takes. All others are dataclasses. What
stands here works for both, so that nobody needs to know which one a value is.
"""

import dataclasses
from collections.abc import Callable, Collection
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

if TYPE_CHECKING:
    # mypy knows the fields of structs, too, and holds the changes against them.
    from dataclasses import replace as replace  # noqa: PLC0414, TID251  (it is exported)
else:

    def replace(value, /, **changes):
        """Return *value* with other fields; `TypeError` if it has no such field."""
        if isinstance(value, Struct):
            return structs.replace(value, **changes)
        names, take = _parts_of(type(value))
        return type(value)(**dict(zip(names, take(value), strict=True), **changes))

    @cache
    def _parts_of(kind):
        """Return the names that a dataclass is made of, and what takes their values."""
        names = tuple(each.name for each in dataclasses.fields(kind) if each.init)
        take = attrgetter(*names)
        return names, take if len(names) > 1 else lambda value: (take(value),)


def names_of(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a class of values, in order."""
    found: tuple[str, ...] = _names_of(kind)
    return found


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    if issubclass(kind, Struct):
        names: tuple[str, ...] = kind.__struct_fields__
        return names
    return tuple(each.name for each in dataclasses.fields(kind))


def types_of(kind: Any) -> dict[str, Any]:
    """Return the types of the fields of a class of values by name, in order."""
    if issubclass(kind, Struct):
        return {each.name: each.type for each in structs.fields(kind)}
    return {each.name: each.type for each in dataclasses.fields(kind)}


def compared(kind: Any, *, but: Collection[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the fields of a value that count when two are compared.

    Args:
        kind: A struct: all fields of one count, unless it says otherwise by this.
        but: Those that do not count.
    """
    return attrgetter(*(name for name in names_of(kind) if name not in but))


def is_frozen(value: object) -> bool:
    """Say whether *value* is a value: a frozen struct or dataclass."""
    if isinstance(value, Struct):
        return value.__struct_config__.frozen
    params = getattr(value, "__dataclass_params__", None)
    return params is not None and params.frozen and not isinstance(value, type)
