"""Put the values of a row into a stored thing, attribute by attribute."""

from collections import defaultdict
from collections.abc import Mapping
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
    flat: dict[str, object] = {}
    nested: defaultdict[str, dict[str, object]] = defaultdict(dict)
    for path, value in values.items():
        if "." in path:
            head, _, rest = path.partition(".")
            nested[head][rest] = value
        elif getattr(owner, path) != value:
            flat[path] = value
    for head, inner in nested.items():
        before = getattr(owner, head)
        kept = _renewed(head, before, inner) if isinstance(before, Attested) else before
        after = put(kept, inner)
        if after is not before:
            flat[head] = after
    if not flat:
        return owner
    merged: _T = replace(owner, **flat)
    return merged


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
