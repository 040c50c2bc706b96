"""A disk that fills up while a file is read or written leaves one error, no other."""

import gc
import io
from collections.abc import Iterator

import pytest

from catalog.spreadsheet.delimited import open_delimited
from catalog.spreadsheet.writing import write_sheet

FULL_AFTER = 200
"""Bytes that the disk still takes."""


class FullError(Exception):
    """What whoever writes the files says of a full disk."""


class FullDisk(io.BytesIO):
    def write(self, data: object, /) -> int:
        if self.tell() > FULL_AFTER:
            raise FullError
        return super().write(data)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Collect what Python can only report, as it happens while it tidies up."""
    told: list[object] = []
    monkeypatch.setattr(
        "sys.unraisablehook", lambda found: told.append(found.exc_value)
    )
    yield told
    gc.collect()
    assert told == []


def test_a_workbook_that_does_not_fit_leaves_nothing_to_tidy_up() -> None:
    stream = FullDisk()
    with pytest.raises(FullError):
        write_sheet(stream, "Trang", [("Cột", 9)], [["x"]])
    stream.close()


def test_a_file_whose_rows_could_not_be_kept_leaves_nothing_to_tidy_up() -> None:
    stream = io.BytesIO("Tên;Giá\nMăng;1\n".encode())
    lines = iter(open_delimited(stream).lines())
    next(lines)
    stream.close()
