"""Statements that are sent again, by what was found out of them at first.

SQLAlchemy looks each statement up by all of its parts, sorts out its values and makes
ready to read any result, each time that it is sent: that took most of the time of a
statement that the database carries out in some microseconds. Ours are constants, so
that one is known by itself once it was sent a few times: its words, where its values
go, how its rows are read; one that writes many rows at once is known before it is sent.
The first times, and whatever is not as plain as that, SQLAlchemy does all of it; so it
does on SQLite if one fails, to tell of it.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final
from weakref import ref

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    Update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import IteratorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.sqltypes import TupleType

KINDS: Final = frozenset(
    {CompoundSelect, Delete, Insert, Select, Update, sqlite.Insert, postgresql.Insert}
)
"""Statements that may be known."""

_OFTEN = 3
"""Times that a statement is sent before it is known: to find out about one takes as
long as to send it some times. One that is made anew each time never is."""
_MANY: Final = 20
"""Rows of one change that take longer to send than it takes to find out about it."""
_LONGEST: Final = 50
"""Items of one list: of longer ones, only the words of whole fifties are kept, which
are those of whole pieces (`catalog.db.chunks`)."""
_MOST: Final = 100
"""Forms of one statement that are kept, by the lengths of its lists."""
_PLACE: Final = "_ocop_sync_sent"

Query = Select[Any] | CompoundSelect[Any]
Statement = Query | Insert | Update | Delete
Form = tuple[object, ...]
"""Whether values are many rows, and their names: the words of a change depend on it."""

Values = Mapping[str, Any]
Processor = Callable[[Any], Any]
Place = tuple[str, int | None]
"""The value that goes there: its name, and its number if it is in a list."""


class Done:
    """The result of a change.

    Attributes:
        rowcount: How many rows were changed.
    """

    __slots__ = ("rowcount",)

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a statement that is sent.

    Attributes:
        text: The words.
        places: What goes where, in order.
        written: The places whose values are written in a way of their own.
        take: Takes all values at once; None where lists are among them.
    """

    text: str
    places: Sequence[Place]
    written: Sequence[tuple[int, Processor]]
    take: Callable[[Values], tuple[Any, ...]] | None

    def row(self, values: Values) -> list[Any]:
        """Return *values* in the order of their places, as they are written."""
        if self.take is not None:
            found = list(self.take(values))
        else:
            found = [
                values[name] if number is None else values[name][number]
                for name, number in self.places
            ]
        for n, processor in self.written:
            found[n] = processor(found[n])
        return found


class _Known:
    """Where the values of a statement go, and how its rows are read."""

    __slots__ = ("_compiled", "_given", "_lists", "_metadata", "_processors", "_words")

    def __init__(self, compiled: SQLCompiler, metadata: Any) -> None:
        self._compiled = compiled
        self._metadata = metadata
        binds = compiled.binds
        self._lists = tuple(sorted(n for n, each in binds.items() if each.expanding))
        self._given = {n: e.value for n, e in binds.items() if not e.required}
        self._processors = {n: _processor(e, compiled) for n, e in binds.items()}
        self._words: dict[tuple[int, ...], _Words] = {}

    def _bound(self, values: Values) -> tuple[str, list[Any]]:
        """Return the words, and what goes into their places."""
        values = {**self._given, **values}
        lengths = tuple([len(values[name]) for name in self._lists])
        words = self._words.get(lengths) or self._fill(lengths, values)
        return words.text, words.row(values)

    def send(self, connection: Connection, values: Values) -> Any:
        """Return the result; None if SQLAlchemy is to do it, and to tell of faults.

        Raises:
            DBAPIError: PostgreSQL refuses it, and all that follows in its transaction.
        """
        driver: Any = connection.connection.dbapi_connection
        try:
            text, row = self._bound(values)
            if is_sqlite := isinstance(driver, sqlite3.Connection):
                cursor = driver.execute(text, row)
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None
        if not is_sqlite:
            cursor = _carried_out(connection, driver, text, row)
        if self._metadata is None:
            return Done(cursor.rowcount)
        return IteratorResult(self._metadata, iter(cursor.fetchall()))

    def send_many(self, connection: Connection, rows: Sequence[Values]) -> Any:
        """Return the result of a change with each of *rows*; None as `send` does.

        Raises:
            DBAPIError: The database refuses one. Those before it are written by now, so
                that the change cannot be sent anew.
        """
        driver: Any = connection.connection.dbapi_connection
        try:
            words = self._words.get(()) or self._fill((), rows[0])
            given = self._given
            if given:
                rows = [{**given, **each} for each in rows]
            many = [*map(words.row, rows)]
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None
        if not isinstance(driver, sqlite3.Connection):
            cursor = _carried_out(connection, driver, words.text, many, is_many=True)
            return Done(cursor.rowcount)
        try:
            return Done(driver.executemany(words.text, many).rowcount)
        except sqlite3.Error as error:
            dialect = self._compiled.dialect
            raise DBAPIError.instance(
                words.text, rows, error, sqlite3.Error, dialect=dialect, ismulti=True
            ) from error

    def _fill(self, lengths: tuple[int, ...], values: Values) -> _Words:
        state = self._compiled.construct_expanded_state({**self._given, **values})
        items: dict[str, Place] = {
            item: (name, number)
            for name, given in state.parameter_expansion.items()
            for number, item in enumerate(given)
        }
        places = [items.get(each, (each, None)) for each in state.positiontup or ()]
        processors = [self._processors[name] for name, _ in places]
        written = [(n, each) for n, each in enumerate(processors) if each is not None]
        names = [name for name, number in places if number is None]
        is_plain = len(names) == len(places) > 1
        take = itemgetter(*names) if is_plain else None
        words = _Words(state.statement, places, written, take)
        longest = max(lengths, default=0)
        if longest <= _LONGEST or longest % _LONGEST == 0:
            if len(self._words) >= _MOST:
                self._words.clear()
            self._words[lengths] = words
        return words


def _carried_out(
    connection: Connection, driver: Any, text: str, row: Any, *, is_many: bool = False
) -> Any:
    """Return the cursor of a statement that PostgreSQL has carried out.

    Whatever goes wrong, SQLAlchemy tells of it, and lets go of a lost connection.
    """
    dialect: Any = connection.dialect
    cursor = driver.cursor()
    cursor._invalidate_schema_cache_asof = dialect._invalidate_schema_cache_asof  # noqa: SLF001
    try:
        (cursor.executemany if is_many else cursor.execute)(text, row)
    except BaseException as error:  # noqa: BLE001  (it is raised again)
        stale = dialect.dbapi.InvalidCachedStatementError
        if isinstance(error, stale | dialect.dbapi.InternalServerError):
            dialect._invalidate_schema_cache()  # noqa: SLF001
        connection._handle_dbapi_exception(error, text, row, cursor, None)  # noqa: SLF001
    return cursor


def _processor(bind: BindParameter[Any], compiled: SQLCompiler) -> Processor | None:
    dialect = compiled.dialect
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


class _Sent:
    """What is known of one statement, kept with it.

    Attributes:
        statement: The statement itself; one that was made of it has this by copy.
        known: How it is sent without SQLAlchemy, by the form of its values: None if it
            is not; until that is known, how often it was sent. Each has the name of
            its database.
    """

    __slots__ = ("known", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = ref(statement)
        self.known: dict[tuple[str, Form], _Known | int | None] = {}


def execute(connection: Connection, statement: Statement, values: Any = None) -> Any:
    """Return the result of *statement* with *values*, as SQLAlchemy would.

    Of a change, it is how many rows were changed, and nothing else.
    """
    sent: _Sent | None = statement.__dict__.get(_PLACE)
    if sent is None or sent.statement() is not statement:
        sent = statement.__dict__[_PLACE] = _Sent(statement)
    if isinstance(values, list) and len(values) == 1:
        values = values[0]
    form = _form_of(statement, values)
    is_many = form[:1] == (True,)
    key = connection.dialect.name, form
    known = sent.known.get(key, 0)
    if is_many and isinstance(known, int) and len(values) >= _MANY:
        known = sent.known[key] = _know(connection.dialect, statement, form)
    if isinstance(known, _Known) and _is_unheard(connection):
        send: Any = known.send_many if is_many else known.send
        result = send(connection, values or {})
        return connection.execute(statement, values) if result is None else result
    made = connection.execute(statement, values)
    if isinstance(known, int) and known < _OFTEN:
        sent.known[key] = known + 1
    elif isinstance(known, int):
        metadata = made._metadata if isinstance(statement, Query) else None  # noqa: SLF001
        sent.known[key] = _know(connection.dialect, statement, form, metadata)
    return made


def _form_of(statement: Statement, values: Any) -> Form:
    is_many = isinstance(values, list)
    if isinstance(statement, Query) and not is_many:
        return ()
    return (is_many, *(values[0] if is_many and values else values or ()))


def _is_unheard(connection: Connection) -> bool:
    """Tell whether nobody wants to see it, in a transaction that goes on."""
    if connection._has_events or connection.engine._has_events:  # noqa: SLF001
        return False
    transaction = connection.get_transaction()
    if transaction is None:
        transaction = connection.begin()
    return transaction.is_active


def _know(
    dialect: Dialect, statement: Statement, form: Form, metadata: Any = None
) -> _Known | None:
    """Return how it is sent; None if it has more than values and lists of them.

    *metadata* is what SQLAlchemy knows of the rows of a query.
    """
    is_many, *names = form or (False,)
    compiled = statement.compile(
        dialect=dialect,
        column_keys=names,
        for_executemany=is_many,
    )
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  (mypy)
    answers = compiled.effective_returning and not isinstance(statement, Query)
    has_more = (
        compiled.literal_execute_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or compiled.implicit_returning
        or answers
    )
    is_plain = all(
        each.callable is None
        and (each.unique or each.key == name)
        and not isinstance(each.type, TupleType)
        and not (each.expanding and is_many)
        for name, each in compiled.binds.items()
    )
    return _Known(compiled, metadata) if is_plain and not has_more else None
