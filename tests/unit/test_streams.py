"""Vietnamese is written wherever it is read: on any terminal, into any file."""

import io

import pytest

from ocop_sync.cli.app.app import take_any_text


class Stream(io.TextIOWrapper):
    """Standard output of some encoding, on a terminal or not."""

    def __init__(self, encoding: str, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def said(self, text: str) -> bytes:
        take_any_text(self)
        self.write(text)
        self.flush()
        written = self.buffer
        assert isinstance(written, io.BytesIO)
        return written.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1258", "utf-8"])
def test_files_and_pipes_get_utf_8(encoding: str) -> None:
    stream = Stream(encoding, is_terminal=False)

    assert stream.said("tồn kho \udcff") == "tồn kho \\udcff".encode()


def test_a_terminal_without_vietnamese_shows_what_it_can() -> None:
    assert Stream("latin-1", is_terminal=True).said("à tồn / stock") == (
        "à t?n / stock".encode("latin-1")
    )


@pytest.mark.parametrize("name", ["UTF8", "utf-8"])
def test_a_terminal_of_utf_8_shows_what_a_file_is_called(name: str) -> None:
    assert Stream(name, is_terminal=True).said("tồn \udcff") == "tồn \\udcff".encode()
