"""Temporary files of tests are in memory, unless somebody has said where."""

import tempfile
from pathlib import Path

import pytest

from tests import scratch


@pytest.fixture(autouse=True)
def asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    monkeypatch.setattr(scratch, "ROOM", 1)


def test_files_are_where_there_is_room(tmp_path: Path) -> None:
    environment = dict[str, str]()

    scratch.work_in_memory(environment, tmp_path)

    assert (environment, tempfile.tempdir) == ({"TMPDIR": str(tmp_path)}, None)


def test_a_place_that_somebody_has_named_stays(tmp_path: Path) -> None:
    environment = {"TMPDIR": "/var/tmp"}  # noqa: S108  (nothing is written)

    scratch.work_in_memory(environment, tmp_path)

    assert environment == {"TMPDIR": "/var/tmp"}  # noqa: S108


@pytest.mark.parametrize("why", ["absent", "full"])
def test_a_place_that_is_not_fit_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(scratch, "ROOM", 10**30 if why == "full" else 1)
    environment = dict[str, str]()

    scratch.work_in_memory(environment, tmp_path / why if why == "absent" else tmp_path)

    assert environment == {}
