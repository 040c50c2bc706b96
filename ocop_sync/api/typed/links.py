"""How one operation's answer leads to others: the links of OpenAPI.

Whoever reads a list finds the addresses of its items there, and programs that follow
links find their way without knowing more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ocop_sync.api.typed.operation import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One way from an answer to other operations.

    Attributes:
        of: The ids of the operations that answer so.
        gives: The value of a parameter in addresses, by its name: a runtime expression
            of OpenAPI.
        to: The ids of the operations that are reached by it.
        version: The answer's ETag is the version that those ask for (`If-Match`).
    """

    of: Sequence[str]
    gives: Mapping[str, str] = field(default_factory=dict)
    to: Sequence[str]
    version: bool = False


def links_by_operation(
    links: Sequence[Link], operations: Sequence[Operation]
) -> Mapping[str, dict[str, Any]]:
    """Return the links of each operation, as they stand in the document.

    Those from or to operations that are not there are left out.

    Raises:
        ValueError: One leaves a parameter of an address without a value.
    """
    by_id = {each.id: each for each in operations}
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for each in links:
        for source, target in product(each.of, each.to):
            if source in by_id and target in by_id:
                found[source][target] = _form(each, by_id[source], by_id[target])
    return found


def _form(link: Link, source: Operation, target: Operation) -> dict[str, Any]:
    needed = set() if target.path_model is None else set(target.path_model.model_fields)
    given = {name: link.gives[name] for name in needed if name in link.gives}
    if source.path_model is not None:
        shared = needed & set(source.path_model.model_fields) - set(given)
        given |= {name: f"$request.path.{name}" for name in shared}
    if needed - set(given):
        message = f"{source.id} to {target.id}: no value for {needed - set(given)}"
        raise ValueError(message)
    form = {f"path.{name}": given[name] for name in sorted(given)}
    if link.version and target.needs_if_match:
        form["header.If-Match"] = "$response.header.ETag"
    return {"operationId": target.id, "parameters": form}
