"""Make one object of an answer unreadable, in any API that speaks JSON."""

import json
from collections.abc import Iterator
from typing import Any


def spoiled(body: bytes, marker: str) -> bytes:
    """Return *body* with every object of a list damaged that holds the text *marker*.

    Its numbers and lists become objects that no document names; texts stay, so that
    its references can be read. A body that is no JSON stays as it is.
    """
    try:
        value = json.loads(body)
    except ValueError:
        return body
    for each in list(_items(value)):
        if marker in each.values():
            for name, inner in each.items():
                if isinstance(inner, int | float | list):
                    each[name] = {"x_new": [None]}
    return json.dumps(value).encode()


def _items(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of every list in *value*, and nothing inside them."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _items(each)
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
