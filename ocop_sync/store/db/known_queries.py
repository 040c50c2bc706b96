"""Queries that are sent to SQLite again, by what was found out of them at first.

SQLAlchemy looks each statement up by all of its parts, sorts out its values and makes
ready to read any result, each time that it is sent: that took most of the time of a
query that SQLite answers in some microseconds. Ours are constants, so that one is known
by itself once it was sent a few times: its words, where its values go, how its rows are
read. The first times, and whatever is not as plain as that, SQLAlchemy does all of it;
so it does if anything fails, to tell of it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from weakref import ref

from sqlalchemy import BindParameter, Connection, CursorResult, Result, Select
from sqlalchemy.engine import IteratorResult
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.sqltypes import TupleType

_OFTEN: Final = 4
"""Times that a query is sent before it is worth to be known: one that is made anew each
time is not."""
_LONGEST: Final = 50
"""Items of one list: the words of longer ones are not kept."""
_PLACE: Final = "_ocop_sync_sent"
_MOST_WORDS: Final = 100
"""Forms of one query that are kept, by the lengths of its lists."""

Values = Mapping[str, Any]
Processor = Callable[[Any], Any]
Place = tuple[str, int | None, Processor | None]
"""The value that goes there: its name, its number in a list, and how it is written."""


class _KnownQuery:
    """Where the values of a query go, and how its rows are read."""

    __slots__ = ("_compiled", "_given", "_lists", "_metadata", "_processors", "_words")

    def __init__(self, compiled: SQLCompiler, metadata: Any) -> None:
        self._compiled = compiled
        self._metadata = metadata
        binds = compiled.binds
        self._lists = tuple(sorted(n for n, each in binds.items() if each.expanding))
        self._given = {n: e.value for n, e in binds.items() if not e.required}
        self._processors = {n: _processor(e, compiled) for n, e in binds.items()}
        self._words: dict[tuple[int, ...], tuple[str, Sequence[Place]]] = {}

    def send(self, connection: Any, values: Values) -> Result[Any] | None:
        """Return the result; None if SQLAlchemy is to do it, and to tell of faults."""
        values = {**self._given, **values}
        try:
            lengths = tuple([len(values[name]) for name in self._lists])
            words, places = self._words.get(lengths) or self._fill(lengths, values)
            row = [_value(values, place) for place in places]
            rows = connection.execute(words, row).fetchall()
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None
        return IteratorResult(self._metadata, iter(rows))

    def _fill(
        self, lengths: tuple[int, ...], values: Values
    ) -> tuple[str, Sequence[Place]]:
        state = self._compiled.construct_expanded_state(values)
        items: dict[str, tuple[str, int | None]] = {
            item: (name, number)
            for name, given in state.parameter_expansion.items()
            for number, item in enumerate(given)
        }
        places = []
        for each in state.positiontup or ():
            name, number = items.get(each, (each, None))
            places.append((name, number, self._processors[name]))
        if max(lengths, default=0) <= _LONGEST:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            self._words[lengths] = state.statement, places
        return state.statement, places


def _value(values: Values, place: Place) -> Any:
    name, number, processor = place
    value = values[name] if number is None else values[name][number]
    return value if processor is None else processor(value)


def _processor(bind: BindParameter[Any], compiled: SQLCompiler) -> Processor | None:
    dialect = compiled.dialect
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


class _Sent:
    """What is known of one query, kept with it.

    Attributes:
        query: The query itself; one that was made of it has this by copy.
        times: How often it was sent by SQLAlchemy.
        known: How it is sent without; None if it is not.
    """

    __slots__ = ("known", "query", "times")

    def __init__(self, query: Select[Any]) -> None:
        self.query = ref(query)
        self.times = 0
        self.known: _KnownQuery | None = None


def execute(
    connection: Connection, query: Select[Any], values: Any = None
) -> Result[Any]:
    """Return the result of *query* with *values*, as SQLAlchemy would."""
    sent: _Sent | None = query.__dict__.get(_PLACE)
    if sent is None or sent.query() is not query:
        sent = query.__dict__[_PLACE] = _Sent(query)
    if sent.known is not None and _is_plain(connection, values):
        driver = connection.connection.dbapi_connection
        result = sent.known.send(driver, values or {})
        return connection.execute(query, values) if result is None else result
    sent.times += 1
    made = connection.execute(query, values)
    if sent.times == _OFTEN and isinstance(values, Mapping | None):
        sent.known = _know(query, values or {}, made)
    return made


def _is_plain(connection: Connection, values: Any) -> bool:
    """Tell whether it is sent once, in a transaction, and nobody wants to see it."""
    if connection._has_events or connection.engine._has_events:  # noqa: SLF001
        return False
    if not (values is None or isinstance(values, Mapping)):
        return False
    transaction = connection.get_transaction()
    if transaction is None:
        transaction = connection.begin()
    return transaction.is_active


def _know(
    query: Select[Any], values: Values, result: CursorResult[Any]
) -> _KnownQuery | None:
    """Return how *query* is sent; None if it has more than values and lists of them."""
    compiled = query.compile(dialect=result.context.dialect, column_keys=sorted(values))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  (mypy)
    is_plain = not compiled.literal_execute_params and all(
        each.callable is None
        and (each.unique or each.key == name)
        and not isinstance(each.type, TupleType)
        for name, each in compiled.binds.items()
    )
    return _KnownQuery(compiled, result._metadata) if is_plain else None  # noqa: SLF001
