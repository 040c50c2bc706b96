"""Keep every test on this computer: no connection leaves the loopback.

The guard is an audit hook of the interpreter, so that it also covers fixtures and
libraries, before and between tests. A test that starts another process answers for that
process itself.

No test is timed either: Hypothesis would fail an example for the load of the
machine that it runs on.

Work that all tests would repeat is done once: statements are compiled, and the garbage
collector does not look again at objects that stay to the end; it looks as seldom as it
does in the service. Files are in memory. SQLite is as strict as PostgreSQL, on which
fewer tests run.
"""

import gc
import ipaddress
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from tests.compiled import parse_rules_once, share_compiled_statements
from tests.databases import EVERYWHERE, Statements, databases_of, leave_out
from tests.postgres import NoServerError, Server, running_server
from tests.rewritten import import_in_turn
from tests.scratch import work_in_memory
from tests.strict import be_strict

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class NetworkRefusedError(RuntimeError):
    """Stops a test that reaches for the network; no `OSError`, so never retried."""


def is_on_loopback(host: object) -> bool:
    """Tell whether *host* (a name, a literal address or nothing) is this computer."""
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, args: tuple[object, ...]) -> None:
    """Raise when the audited *event* reaches beyond the loopback."""
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        # The address of a Unix socket is a path, and None once connected.
        host = args[1][0] if isinstance(args[1], tuple) else None
    else:
        return
    if not is_on_loopback(host):
        message = f"tests stay on the loopback; refused {event} to {host!r}"
        raise NetworkRefusedError(message)


sys.addaudithook(refuse_network)

gc.set_threshold(*GARBAGE_STEPS)
share_compiled_statements()
parse_rules_once()
be_strict()
work_in_memory()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server for all tests of this process; without one, they are skipped."""
    try:
        with running_server() as server:
            yield server
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True, scope="module")
def nothing_left_open() -> Iterator[None]:
    """Fail the last test of a file that has left a database or a file open.

    Python warns of it when it comes upon the object, which may be in another file; of
    databases it does from 3.13 on. What is left then stays to the end.
    """
    yield
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "run each test with a database on SQLite and on PostgreSQL"
    parser.addoption(EVERYWHERE, action="store_true", help=text)


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes there are: one of three waits at any time."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_report_header(config: pytest.Config) -> str:
    return f"databases: {databases_of(config)}"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Statements())


def pytest_sessionstart(session: pytest.Session) -> None:
    import_in_turn(session.config)


@pytest.hookimpl(trylast=True)  # when the order has been drawn
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Begin with the files that take longest: one that is last is waited for."""
    leave_out(config, items)
    slow = {each.path for each in items if each.get_closest_marker("slow")}
    items.sort(key=lambda each: (each.path not in slow, "unit" in each.path.parts))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
