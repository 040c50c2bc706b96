"""The tests that run on PostgreSQL as well as on SQLite, and the check of that.

A test with a database runs on SQLite. It runs on PostgreSQL too if it is marked
`postgresql`: because its subject is the database itself (locks, isolation, restarts,
migrations, types, plans of statements), or because it is one of those which together
send every statement that tests send on SQLite: `Statements` ensures that. A value or an
order that would fail on PostgreSQL alone fails in `tests/strict.py` on SQLite.

`--everywhere` runs each of them on both: CI does so on its second Python.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.compiled import sent

EVERYWHERE = "--everywhere"

PLACE = "tests/integration/"
"""Where the tests are that have both databases; others send what these do."""

Sent = Mapping[str, Mapping[str, str]]
"""The name of a database, a statement that was sent to it, and the first test to."""


def is_left_out(item: pytest.Item) -> bool:
    """Tell whether *item* is a test on PostgreSQL that shows no more than on SQLite.

    One that names its database itself is not.
    """
    spec = getattr(item, "callspec", None)
    if spec is None or spec.params.get("url") != "postgresql":
        return False
    named = [each.args[0] for each in item.iter_markers("parametrize")]
    is_named = any("url" in names for names in named)
    return not is_named and item.get_closest_marker("postgresql") is None


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take away the tests that only `--everywhere` runs; pytest says how many."""
    if config.getoption(EVERYWHERE):
        return
    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_left_out(item)]


def databases_of(config: pytest.Config) -> str:
    """Say on which databases tests run, and how to have them run on more."""
    if config.getoption(EVERYWHERE):
        return "SQLite and PostgreSQL"
    return f"SQLite, and PostgreSQL for what is marked so (for all: {EVERYWHERE})"


def missing(found: list[Sent]) -> dict[str, str]:
    """Return the statements that only SQLite was sent, each with a test that does so.

    None, if there was no PostgreSQL at all.

    Args:
        found: What each process has sent.
    """
    there = {
        part for one in found for each in one["postgresql"] for part in _parts(each)
    }
    here = {
        part: test
        for one in found
        for each, test in one["sqlite"].items()
        if test.startswith(PLACE)
        and "[sqlite" in test
        and not any(own in each for own in _OWN)
        for part in _parts(each)
    }
    return {each: here[each] for each in here if there and each not in there}


def _parts(statement: str) -> list[str]:
    """Return an update as one of each column, and another statement as it is.

    An answer writes the columns that it changes: which ones go together differs, and
    shows nothing that one of them alone would not.
    """
    found = _UPDATE.fullmatch(statement)
    if found is None:
        return [statement]
    update, columns, where = found.groups()
    return [f"{update} {each} {where}" for each in columns.split(", ")]


class Statements:
    """Fails a run of all tests in which a statement was sent to SQLite alone."""

    def __init__(self) -> None:
        self._found: list[Sent] = []
        self._missing: dict[str, str] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process of several has sent."""
        output = getattr(node, "workeroutput", {})
        nothing = {"sqlite": {_UNKNOWN: f"{PLACE}[sqlite"}, "postgresql": {}}
        self._found.append(output.get(_SENT, nothing))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Compare, or tell the process that does."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SENT] = sent()
        elif exitstatus == pytest.ExitCode.OK and _is_whole(session.config):
            self._missing = missing([*self._found, sent()])
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which, and what is to be done."""
        if self._missing:
            terminalreporter.section(
                "statements that PostgreSQL was not sent", red=True
            )
            for statement, test in self._missing.items():
                terminalreporter.line(f"{test}: {statement}")
            terminalreporter.line("Mark a test that sends them: pytest.mark.postgresql")


def _is_whole(config: pytest.Config) -> bool:
    """Tell whether all tests were to be run."""
    options = config.option
    is_all = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return is_all and not (options.keyword or options.markexpr)


_UPDATE = re.compile(r"(UPDATE \w+ SET) ((?:\w+=\?, )*\w+=\?) (WHERE .*)", re.DOTALL)
_SENT = "statements"
_OWN = (
    *("_alembic_tmp_", "sqlite_schema", "sqlite_stat1"),
    *("json_group_array(", "julianday(", "max(change.sent_at)"),
)
"""What SQLite alone has: a table that is changed by way of a copy, tables about tables,
functions for which PostgreSQL is sent others in another statement, and the note beside
its file."""
_UNKNOWN = "a process has not told what it has sent"
