"""A mock whose disk is full says so, and keeps all that it has acknowledged."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ocop_sync.errors import NotWrittenError
from ocop_sync.testing.mocks.state_file import StateFile


@contextmanager
def no_larger_than(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond *size*, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_half_a_line_does_not_spoil_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "mock.jsonl"
    state = StateFile(path)
    state.put("listing", "1", {"name": "Măng"})

    with (
        no_larger_than(path.stat().st_size + 9),
        pytest.raises(NotWrittenError, match=r"mock\.jsonl.*is the disk full"),
    ):
        state.put("listing", "2", {"name": "Chè"})
    state.put("listing", "3", {"name": "Gạo"})

    assert list(state.table("listing")) == ["1", "3"]
    state.close()
    again = StateFile(path)
    assert list(again.table("listing")) == ["1", "3"]
    again.close()
