"""The words of a statement in which each list has one place, however long it is.

SQLAlchemy gives each item of a list a place of its own: the words differ by its length,
and each database makes ready for them anew. A list goes to SQLite as JSON, and to
PostgreSQL as an array.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy.sql.compiler import SQLCompiler

Processor = Callable[[Any], Any]

_PLACE: Final = "?"
_IN: Final = "IN ("


class Words(NamedTuple):
    """The words of a statement.

    Attributes:
        text: The words.
        places: The names of the values that go into its places, in order.
        constants: The values of some of these names, which are part of the statement.
    """

    text: str
    places: Sequence[str]
    constants: dict[str, Any]


def words_of(compiled: SQLCompiler, lists: Collection[str]) -> Words | None:
    """Return the words of a statement with one place for each of *lists*.

    None if one of them stands anywhere else than alone behind IN.
    """
    binds = compiled.binds
    constants = {name: each.value for name, each in binds.items() if not each.required}
    missing = {name: [None] if name in lists else None for name in binds}
    state = compiled.construct_expanded_state({**missing, **constants})
    name_of: dict[str, str] = {}
    for name, items in state.parameter_expansion.items():
        if name in lists:
            name_of |= dict.fromkeys(items, name)
        else:
            constants |= {item: state.parameters[item] for item in items}
    places = [name_of.get(each, each) for each in state.positiontup or ()]
    at = [n for n, name in enumerate(places) if name in lists]
    is_sqlite = compiled.dialect.name == "sqlite"
    text = (_as_json if is_sqlite else _as_array)(state.statement, at, len(places))
    return None if text is None else Words(text, places, constants)


def _as_json(text: str, at: Sequence[int], count: int) -> str | None:
    between = text.split(_PLACE)
    if len(between) != count + 1:
        return None
    for n in at:
        if not (between[n].endswith(_IN) and between[n + 1].startswith(")")):
            return None
        between[n] += "SELECT value FROM json_each("
        between[n + 1] = f"){between[n + 1]}"
    return _PLACE.join(between)


def _as_array(text: str, at: Sequence[int], _: int) -> str | None:
    for n in {place + 1 for place in at}:
        place = rf"IN \(\${n}(::[A-Z ]+|)\)"
        text = re.sub(f"NOT {place}", rf"<> ALL (${n}\1[])", text)
        text = re.sub(place, rf"= ANY (${n}\1[])", text)
        if not re.search(rf"A(LL|NY) \(\${n}[:\[]", text):
            return None
    return text


def list_writer(dialect: str, processor: Processor | None) -> Processor:
    """Return what makes of a list the value of its place; *processor* of an item."""
    if dialect != "sqlite":
        return list if processor is None else lambda items: [*map(processor, items)]
    if processor is None:
        return lambda items: orjson.dumps([*items]).decode()
    return lambda items: orjson.dumps([*map(processor, items)]).decode()
