"""Put the values of a row into a stored thing, attribute by attribute."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from catalog.feed.headings.column import COLUMNS
from catalog.feed.rows.reading import RowError
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.values import replace

_T = TypeVar("_T", bound=Any)


def put(owner: _T, values: Mapping[str, object]) -> _T:
    """Return *owner* with *values*, by attribute, such as "address.text".

    It is *owner* itself if it holds them already.
    """
    direct, within = _parted(tuple(values))
    flat = {
        name: values[name] for name in direct if getattr(owner, name) != values[name]
    }
    for head, paths in within:
        inner = {rest: values[path] for path, rest in paths}
        before = getattr(owner, head)
        kept = _renewed(head, before, inner) if isinstance(before, Attested) else before
        after = put(kept, inner)
        if after is not before:
            flat[head] = after
    if not flat:
        return owner
    merged: _T = replace(owner, **flat)
    return merged


_Within = tuple[str, Sequence[tuple[str, str]]]
"""An attribute, and the paths that lead to what it holds, each whole and from there."""


@lru_cache(maxsize=2048)  # most rows fill the same columns
def _parted(paths: tuple[str, ...]) -> tuple[Sequence[str], Sequence[_Within]]:
    """Return which of *paths* are attributes, and which lead within others."""
    nested: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in paths:
        head, _, rest = path.partition(".")
        if rest:
            nested[head].append((path, rest))
    return [path for path in paths if "." not in path], list(nested.items())


def _renewed(what: str, before: Attested, inner: Mapping[str, object]) -> Attested:
    """Return the rest of *before* once somebody gives another answer.

    Whoever stood for the old answer does not stand for the new one.
    """
    if "value" in inner:
        return before if inner["value"] == before.value else UNATTESTED
    if before.value is Fact.UNKNOWN:
        raise RowError(
            column=what if what in COLUMNS else "",
            vi="ghi người hoặc ngày xác nhận mà không ghi có hay không",
            en="names who attests, or when, but does not say yes or no",
        )
    return before
