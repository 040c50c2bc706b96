"""A sync that is killed in the middle of its calls loses nothing and doubles nothing.

The marketplaces go on with the calls that they got: these are applied after the death.
"""

import threading

import pytest

from ocop_sync.testing.mocks.mock import open_mock
from tests.e2e.conftest import show_soon
from tests.e2e.processes import let_leases_end, start, wait_for_intents
from tests.e2e.served import NAMES, Desk, good

COUNT = 30
LATE_S = 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_sync_is_gone_on_with_and_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    desk.time.is_real = True  # what is on its way comes late
    show_soon(monkeypatch, call_timeout_s=2.5)
    _, maker = good(1)
    assert maker is not None
    desk.write_settings_at(name, maker.id)
    desk.import_(*[(product, maker) for product, _ in map(good, range(1, COUNT + 1))])
    market, creates = desk.mocks[name], open_mock(name).creates
    market.post("faults", operation=creates, fault="slow", count=COUNT, seconds=LATE_S)

    with start(desk, "sync") as killed:
        wait_for_intents(desk.folder / "ocop.db")
        threading.Event().wait(LATE_S / 2)  # its calls are on their way
        killed.kill()
    let_leases_end(desk.folder / "ocop.db")
    market.delete("faults")  # what is on its way stays slow
    again, third = desk.run("sync"), desk.run("sync")

    counts = market.look("counts")
    assert again.exit_code == 0, again.output
    assert "nothing to do" in third.stdout
    assert counts["doubled"] == []
    assert counts["ours_by_state"] == {"live": COUNT}
