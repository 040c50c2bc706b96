"""The machinery that mocks share, each part by itself.

Together with a mock it is tested in `tests/adapters`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ocop_sync.errors import NotWrittenError
from ocop_sync.testing.mocks import corruptions
from ocop_sync.testing.mocks.call_log import CallLog, note_applied
from ocop_sync.testing.mocks.chance import seeded
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.loopback import is_loopback
from ocop_sync.testing.mocks.quota import LeakyBucket
from ocop_sync.testing.mocks.state_file import StateFile

Open = Callable[[Path | None], StateFile]

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Stopwatch:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def test_a_clock_runs_on_from_where_it_was_set() -> None:
    clock = MockClock(datetime(2024, 3, 1, tzinfo=UTC))
    first = clock()

    clock.advance(86_400)

    assert first >= datetime(2024, 3, 1, tzinfo=UTC)
    assert timedelta(days=1) <= clock() - first < timedelta(days=1, minutes=5)


def test_a_clock_refuses_an_instant_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        MockClock().set(datetime(2024, 3, 1))  # noqa: DTZ001 - this is refused


@pytest.fixture(name="opened")
def _opened() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(path: Path | None) -> StateFile:
            file = StateFile(path)
            stack.callback(file.close)
            return file

        yield opened


def test_rows_survive_without_being_closed(tmp_path: Path, opened: Open) -> None:
    file = opened(tmp_path / "deep" / "state.json")
    file.put("a", "1", {"n": 1, "tên": "Mật ong"})
    file.put("a", "2", {"n": 2})
    file.put("a", "1", {"n": 3})
    file.remove("a", "2")
    file.remove("a", "never")

    again = opened(tmp_path / "deep" / "state.json")

    assert again.table("a") == {"1": {"n": 3}}


def test_closing_rewrites_the_file_without_what_is_out_of_date(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    file = StateFile(path)
    for number in range(5):
        file.put("a", "1", {"n": number})

    file.close()
    file.close()

    assert path.read_bytes() == b'["a","1",{"n":4}]\n'
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


def test_a_link_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    path, target = tmp_path / "state.json", tmp_path / "target"
    target.write_text("")
    path.symlink_to(target)

    with pytest.raises(NotWrittenError, match="it is a link"):
        StateFile(path)

    assert target.read_text() == ""


def test_a_line_that_was_cut_by_a_kill_is_left_out(
    tmp_path: Path, opened: Open
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b'["a","1",{"n":1}]\n["a","1",{"n"')

    file = opened(path)
    file.put("a", "2", {})

    assert opened(path).table("a") == {"1": {"n": 1}, "2": {}}


@pytest.mark.parametrize("line", ["no json", "7", "[1]", '["a", "1", {}, 4]'])
def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path, line: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(f"{line}\n")

    with pytest.raises(ValueError, match=r"state\.json:1"):
        StateFile(path)

    assert path.read_text() == f"{line}\n"


def test_without_a_path_nothing_is_written() -> None:
    file = StateFile(None)
    file.put("a", "1", {})
    file.close()

    assert file.table("a") == {"1": {}}


def test_a_bucket_takes_its_size_at_once_and_then_its_rate() -> None:
    now = Stopwatch()
    bucket = LeakyBucket(50, size=3, now=now)

    at_once = [bucket.take() for _ in range(4)]
    now.now = 0.02
    later = [bucket.take() for _ in range(2)]

    assert at_once == [0, 0, 0, pytest.approx(0.02)]
    assert later == [0, pytest.approx(0.02)]
    assert bucket.used == 3


def test_a_bucket_that_rested_takes_no_more_than_its_size() -> None:
    now = Stopwatch()
    bucket = LeakyBucket(50, size=3, now=now)
    now.now = 3_600

    waits = [bucket.take() for _ in range(4)]

    assert [bool(wait) for wait in waits] == [False, False, False, True]


def test_over_a_minute_a_bucket_lets_no_more_than_its_rate_through() -> None:
    now = Stopwatch()
    bucket = LeakyBucket(50, size=10, now=now)

    let_in = 0
    for tick in range(60_000):
        now.now = tick / 1_000
        let_in += not bucket.take()

    assert let_in == pytest.approx(50 * 60 + 10, abs=2)


def test_a_bucket_without_a_rate_takes_everything() -> None:
    bucket = LeakyBucket(None)

    assert not any(bucket.take() for _ in range(1_000))


def test_chance_depends_on_seed_and_scope_alone() -> None:
    draws = [seeded(1, "a").random(), seeded(1, "a").random()]

    assert draws[0] == draws[1]
    assert len({draws[0], seeded(2, "a").random(), seeded(1, "b").random()}) == 3


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("localhost", False),
        ("", False),
        (None, False),
    ],
)
def test_only_this_machine_is_loopback(address: str | None, loopback: bool) -> None:
    assert is_loopback(address) == loopback


async def _create(request: web.Request) -> web.Response:
    note_applied(request, "7")
    return web.Response(text="done")


async def test_the_log_keeps_the_latest_calls_and_all_counts() -> None:
    log = CallLog(MockClock(source=lambda: NOW), {"create"}, keep=2)
    app = web.Application(middlewares=[log.middleware()])
    app.add_routes([web.post("/create", _create, name="create")])

    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        for path in ("/create", "/create", "/gone?x=1"):
            async with session.post(server.make_url(path)):
                pass

    calls = log.after(0, 10)
    assert [(call["n"], call["status"]) for call in calls] == [(2, 200), (3, 404)]
    assert calls[0]["applied"] == ["7"]
    assert calls[1]["path"] == "/gone?x=1"
    assert log.after(2, 10) == calls[1:]
    assert (log.writes, log.counts["create"]) == (2, 2)


def test_what_a_fault_sends_is_made_when_it_is_played() -> None:
    """Every command imports the mocks."""
    made = {
        name
        for name, it in vars(corruptions).items()
        if isinstance(it, bytes) and it[999:]
    }

    assert made == set()
