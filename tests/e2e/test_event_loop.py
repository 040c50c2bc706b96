"""Commands run on uvloop where it is installed, and need none."""

import os
import signal
import sys

import pytest

from tests.e2e.served import Desk, good
from tests.e2e.test_serve import saying, until, worker_pid


def test_a_sync_needs_no_uvloop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.enter(good(1))
    monkeypatch.setitem(sys.modules, "uvloop", None)

    first, second = desk.run("sync"), desk.run("sync")

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert set(desk.postmart.ours()) == {"SP-00001"}


def test_serve_and_its_worker_say_that_they_run_on_uvloop(desk: Desk) -> None:
    with saying(desk) as (process, first):
        assert process.stdout is not None
        said = first + until("account checked", process.stdout)
        os.kill(worker_pid(desk), signal.SIGKILL)  # it is started again
        said += until("account checked", process.stdout)
        process.send_signal(signal.SIGTERM)
        said += process.stdout.read()

    assert process.returncode == 0, said
    assert said.count("event loop loop=uvloop") == 3, said
