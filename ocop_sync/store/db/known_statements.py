"""Statements that are sent again, by what was found out of them at first.

SQLAlchemy looks each statement up by all of its parts, sorts out its values and makes
ready to read any result, each time that it is sent: that took most of the time of a
statement that the database carries out in some microseconds. Ours are constants, so
that one is known by itself once it was sent twice: its words, where its values go, how
its rows are read; one that writes many rows at once is known before it is sent. A list
has one place, so that the words are the same however long it is. The first times, and
whatever is not as plain as that, SQLAlchemy does all of it; so it does on SQLite if one
fails, to tell of it.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final
from weakref import ref

from sqlalchemy import (
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

from ocop_sync.store.db.list_in_one_place import (
    Processor,
    Words,
    list_writer,
    words_of,
)

KINDS: Final = frozenset(
    {CompoundSelect, Delete, Insert, Select, Update, sqlite.Insert, postgresql.Insert}
)
"""Statements that may be known."""

_OFTEN = 1
"""Times that a statement is sent before it is known. One that is made anew each time
never is."""
_MANY: Final = 20
"""Rows of one change that take longer to send than it takes to find out about it."""
_PLACE: Final = "_ocop_sync_sent"

Query = Select[Any] | CompoundSelect[Any]
Statement = Query | Insert | Update | Delete
Form = tuple[object, ...]
"""Whether values are many rows, and their names: the words of a change depend on it."""

Values = Mapping[str, Any]
Row = list[Any]


class Done:
    """The result of a change.

    Attributes:
        rowcount: How many rows were changed.
    """

    __slots__ = ("rowcount",)

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount


class _Known:
    """The words of a statement, where its values go, and how its rows are read."""

    __slots__ = ("_constants", "_dialect", "_metadata", "_take", "_text", "_written")

    def __init__(self, words: Words, compiled: SQLCompiler, metadata: Any) -> None:
        self._text = words.text
        self._constants = words.constants
        self._dialect = compiled.dialect
        self._metadata = metadata
        self._take = _taking(words.places)
        writers = [_writer(name, compiled) for name in words.places]
        self._written = [(n, each) for n, each in enumerate(writers) if each]

    def _row(self, values: Values) -> Row:
        """Return *values* in the order of their places, as they are written."""
        if self._constants:
            values = {**self._constants, **values}
        row = self._take(values)
        for n, write in self._written:
            row[n] = write(row[n])
        return row

    def send(self, connection: Connection, values: Values) -> Any:
        """Return the result; None if SQLAlchemy is to do it, and to tell of faults.

        Raises:
            DBAPIError: PostgreSQL refuses it, and all that follows in its transaction.
        """
        driver: Any = connection.connection.dbapi_connection
        try:
            row = self._row(values)
            if is_sqlite := isinstance(driver, sqlite3.Connection):
                cursor = driver.execute(self._text, row)
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None
        if not is_sqlite:
            cursor = _carried_out(connection, driver, self._text, row)
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
            many = [*map(self._row, rows)]
        except Exception:  # noqa: BLE001  (it comes again, in SQLAlchemy's words)
            return None
        if not isinstance(driver, sqlite3.Connection):
            cursor = _carried_out(connection, driver, self._text, many, is_many=True)
            return Done(cursor.rowcount)
        try:
            return Done(driver.executemany(self._text, many).rowcount)
        except sqlite3.Error as error:
            dialect = self._dialect
            raise DBAPIError.instance(
                self._text, rows, error, sqlite3.Error, dialect=dialect, ismulti=True
            ) from error


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


def _taking(places: Sequence[str]) -> Callable[[Values], Row]:
    """Return what takes the values of *places*, in their order."""
    if len(places) > 1:
        take = itemgetter(*places)
        return lambda values: [*take(values)]
    return lambda values: [values[name] for name in places]


def _writer(name: str, compiled: SQLCompiler) -> Processor | None:
    """Return what makes what is written of the value of that *name*; None if nothing.

    Constants of a list are their own place each, and are written as they are.
    """
    bind = compiled.binds.get(name)
    if bind is None:
        return None
    dialect = compiled.dialect
    processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return list_writer(dialect.name, processor) if bind.expanding else processor


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
        sent.known[key] = _know(connection.dialect, statement, form, made)
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
    dialect: Dialect, statement: Statement, form: Form, made: Any = None
) -> _Known | None:
    """Return how it is sent; None if it has more than values and lists of them.

    *made* is what SQLAlchemy made of it, if it was sent.
    """
    is_many, *names = form or (False,)
    compiled = None if made is None else made.context.compiled
    if compiled is None or compiled.statement is not statement:  # but one that is equal
        compiled = statement.compile(
            dialect=dialect,
            column_keys=names,
            for_executemany=is_many,
        )
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  (mypy)
    # Danger: `effective_returning` may be that of a statement of which this was made.
    answers = isinstance(statement, Query) or bool(statement._returning)  # noqa: SLF001
    has_more = (
        compiled.literal_execute_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or compiled.implicit_returning
        or (answers and (is_many or made is None))
    )
    binds = compiled.binds
    is_plain = all(
        each.callable is None
        and (each.unique or each.key == name)
        and not isinstance(each.type, TupleType)
        and not (each.expanding and is_many)
        for name, each in binds.items()
    )
    if has_more or not is_plain:
        return None
    lists = {name for name, each in binds.items() if each.expanding and each.required}
    words = words_of(compiled, lists)
    metadata = made._metadata if answers else None  # noqa: SLF001
    return None if words is None else _Known(words, compiled, metadata)
