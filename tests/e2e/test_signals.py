"""SIGTERM, Ctrl-C and `cancel`, on commands that are really calling a marketplace.

The simulated marketplace is slow, so that calls are under way. The behaviour of a run
that is told to stop is tested in `tests/integration/test_stopping.py`.
"""

import signal
import threading
from collections.abc import Sequence

import pytest

from tests.e2e.conftest import show_soon
from tests.e2e.processes import ask, let_leases_end, start, wait_for_intents
from tests.e2e.served import Desk, good

COUNT = 40
"""More than one slice."""
SLOW_S = 1.0


@pytest.fixture
def slow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with much to create, at a marketplace that answers late."""
    desk.time.is_real = True
    show_soon(monkeypatch, call_timeout_s=2.5)
    _, maker = good(1)
    desk.import_(*[(product, maker) for product, _ in map(good, range(1, COUNT + 1))])
    desk.postmart.post(
        "faults", operation="submit_product", fault="slow", count=COUNT, seconds=SLOW_S
    )
    return desk


def tell(desk: Desk, words: Sequence[str], *signals: signal.Signals) -> tuple[int, str]:
    """Start a command, send it *signals* while it calls, and await its end.

    Returns:
        Its exit code, and what it said.
    """
    with start(desk, *words) as process:
        wait_for_intents(desk.folder / "ocop.db")
        threading.Event().wait(SLOW_S / 4)  # its calls are on their way
        for each in signals:
            process.send_signal(each)
            threading.Event().wait(SLOW_S / 8)  # or two of a kind are one
        said, _ = process.communicate(timeout=60)
    return process.returncode, said


def outcomes(desk: Desk) -> dict[str | None, int]:
    """Count the creates in the ledger by what came of them."""
    query = "SELECT outcome, count(*) FROM change WHERE kind = 'create' GROUP BY 1"
    return dict(ask(desk, query))


def ensure_all_is_well_after_another_sync(desk: Desk) -> None:
    desk.postmart.delete("faults")  # slow enough for once
    again, third = desk.run("sync"), desk.run("sync")
    counts = desk.postmart.look("counts")

    assert again.exit_code == 0, again.output
    assert "nothing to do" in third.stdout
    assert (counts["doubled"], counts["ours_by_state"]) == ([], {"live": COUNT})


@pytest.mark.parametrize(
    ("words", "by", "code"),
    [
        pytest.param(["sync"], signal.SIGTERM, 143, id="sync, SIGTERM"),
        pytest.param(["sync"], signal.SIGINT, 130, id="sync, Ctrl-C"),
        pytest.param(["worker"], signal.SIGTERM, 0, id="worker, SIGTERM"),
    ],
)
def test_what_is_under_way_is_awaited_and_the_rest_left_to_the_next_run(
    slow: Desk, words: list[str], by: signal.Signals, code: int
) -> None:
    returned, said = tell(slow, words, by)

    there, found = len(slow.postmart.ours()), outcomes(slow)
    assert (returned, "Traceback" in said) == (code, False), said
    assert "Đang dừng" in said
    assert found.keys() == {"submitted", "not_sent"}
    assert 0 < found["submitted"] == there < COUNT
    assert ask(slow, "SELECT outcome, detail FROM run") == [("stopped", by.name)]
    assert ask(slow, "SELECT holder, token FROM account") == [("", "")]
    ensure_all_is_well_after_another_sync(slow)


def test_what_has_no_answer_at_the_limit_is_read_back(slow: Desk) -> None:
    slow.write_settings(more="[sync]\nstop_within_s = 0.1\n")

    returned, said = tell(slow, ["sync"], signal.SIGTERM)

    found = outcomes(slow)
    assert returned == 143, said
    assert found.get("unknown", 0) > 0
    assert None not in found
    ensure_all_is_well_after_another_sync(slow)


def test_a_second_signal_ends_it_at_once(slow: Desk) -> None:
    returned, said = tell(slow, ["sync"], signal.SIGTERM, signal.SIGTERM)

    assert returned == -signal.SIGTERM, said
    assert None in outcomes(slow)
    let_leases_end(slow.folder / "ocop.db")
    ensure_all_is_well_after_another_sync(slow)


def test_another_command_cancels_a_sync_that_is_running(slow: Desk) -> None:
    slow.write_settings(more="[sync]\nslice_changes = 5\n")
    with start(slow, "sync") as process:
        wait_for_intents(slow.folder / "ocop.db")
        cancelled = slow.run("cancel", "postmart", "--by", "Bà Mẫu")
        said, _ = process.communicate(timeout=60)

    assert (process.returncode, cancelled.exit_code) == (1, 0), said
    assert "postmart: đã yêu cầu dừng / asked to end" in cancelled.stdout
    assert ask(slow, "SELECT outcome, detail FROM run") == [
        ("cancelled", "hủy bởi Bà Mẫu / cancelled by Bà Mẫu")
    ]
    assert 0 < len(slow.postmart.ours()) < COUNT
    ensure_all_is_well_after_another_sync(slow)


def test_a_cancel_that_finds_nothing_says_so(desk: Desk) -> None:
    found = desk.run("cancel", "--by", "Bà Mẫu")
    unknown = desk.run("cancel", "shopee", "--by", "Bà Mẫu")
    nobody = desk.run("cancel")

    assert (found.exit_code, "nothing is running" in found.stdout) == (0, True)
    assert (unknown.exit_code, nobody.exit_code) == (2, 2)
