"""JSON that is read piece by piece has the same content as read whole."""

import io
import json
from typing import Any

import pytest

from ocop_sync.service.json import reader
from ocop_sync.service.json.reader import JsonText

DOCUMENT: dict[str, Any] = {
    "made": "Chè “mẫu” \\ \n",
    "rows": [1, -2.5, True, None, "", [], {}, {"tên": ["á", {"b": 1}]}],
    "none": [],
    "last": {},
}


def read(text: JsonText) -> dict[str, Any]:
    """Return a document, its list of rows element by element."""
    found = {
        key: list(text.elements()) if key in {"rows", "none"} else text.value()
        for key in text.fields()
    }
    text.end()
    return found


@pytest.mark.parametrize("chunk", [1, 2, 7, 65_536])
@pytest.mark.parametrize("indent", [None, 3])
def test_it_says_the_same_wherever_it_is_cut(
    monkeypatch: pytest.MonkeyPatch, chunk: int, indent: int | None
) -> None:
    monkeypatch.setattr(reader, "_CHUNK", chunk)
    data = json.dumps(DOCUMENT, ensure_ascii=False, indent=indent).encode()

    assert read(JsonText(io.BytesIO(data + b" \n"), 10_000)) == DOCUMENT


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"rows": [1, 2}', id="another bracket"),
        pytest.param(b'{"rows": [1 2]}', id="no comma"),
        pytest.param(b'{"rows": [1,]}', id="a comma too many"),
        pytest.param(b'{"rows" [1]}', id="no colon"),
        pytest.param(b"{1: 2}", id="a key that is none"),
        pytest.param(b'{"rows": [1]} {}', id="more behind it"),
        pytest.param(b'{"rows": [1, "cut', id="cut off"),
        pytest.param(b'{"rows": ["\xff"]}', id="no text"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    text = JsonText(io.BytesIO(data), 10_000)

    with pytest.raises(ValueError, match=r".*"):
        read(text)
    assert not text.is_too_large()


def test_no_more_is_read_than_it_may_have() -> None:
    data = b'{"rows": [' + b"1, " * 10_000 + b"1]}"
    text, whole = (JsonText(io.BytesIO(data), most) for most in (100, len(data)))

    with pytest.raises(ValueError, match=r".*"):
        read(text)
    assert text.is_too_large()
    assert len(read(whole)["rows"]) == 10_001
    assert not whole.is_too_large()


def test_elements_are_read_as_they_are_asked_for() -> None:
    stream = io.BytesIO(b'{"rows": [' + b"1, " * 100_000 + b"oops")
    text = JsonText(stream, 10_000_000)

    for _ in text.fields():
        rows = text.elements()
        assert [next(rows) for _ in range(1000)] == [1] * 1000
        assert stream.tell() < 100_000
        with pytest.raises(ValueError, match="Expecting"):
            list(rows)
        break
