"""Compile each statement once for all databases of this process, and parse rules once.

A service opens one database and compiles a statement the first time that it is
sent. A test opens a database of its own, and would compile all of them anew,
which took more time than anything else.

So it also knows which statements have been sent to which database.
"""

import os
import tomllib
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import UnsupportedCompilationError
from sqlalchemy.sql.compiler import SQLCompiler

from catalog.eligibility import files
from ocop_sync.store.db.sqlite import Dialect


class _Compiled(dict[Any, Any]):
    """What statements compile to; it is read as the plain dict that it is."""

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        _FIRST.append((key[0].name, value, test))


_FIRST: list[tuple[str, SQLCompiler, str]] = []


def _is_of_one_kind(one: Any, other: Any) -> bool:
    return type(one) is type(other)


def _hash_of_kind(dialect: Any) -> int:
    return hash(type(dialect))


def share_compiled_statements() -> None:
    """Let every engine of this process use what another one has compiled.

    An event of engines would do as well, but any that is listened to makes each
    statement slower. What is compiled is found by the dialect and the statement:
    dialects of one kind are taken as one.
    """
    compiled = _Compiled()
    DefaultDialect.__eq__ = _is_of_one_kind  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _hash_of_kind  # type: ignore[assignment,method-assign]
    Engine._compiled_cache = property(lambda _: compiled, lambda *_: None)  # type: ignore[assignment]


def parse_rules_once() -> None:
    """Let who loads rules again have the same TOML as before, checked anew.

    A command loads them once; a process of tests runs hundreds of commands.
    """
    once = SimpleNamespace(loads=cache(tomllib.loads))
    setattr(files, "tomllib", once)  # noqa: B010  (mypy)


def sent() -> dict[str, dict[str, str]]:
    """Return which statements this process has sent, by the name of the database.

    Each is in SQLite's words, and has the test that sent it first.
    """
    found: dict[str, dict[str, str]] = {"sqlite": {}, "postgresql": {}}
    for name, compiled, test in _FIRST:
        found[name].setdefault(_in_words_of_sqlite(compiled), test)
    return found


def _in_words_of_sqlite(compiled: SQLCompiler) -> str:
    assert compiled.statement is not None
    try:
        again = compiled.statement.compile(
            dialect=_SQLITE,
            column_keys=compiled.column_keys,
            for_executemany=compiled.for_executemany,
        )
    except UnsupportedCompilationError:  # PostgreSQL's alone
        return str(compiled)
    return str(again)


_SQLITE = Dialect()
