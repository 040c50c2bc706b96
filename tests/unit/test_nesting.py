"""The depth of nesting of a JSON text that is read in pieces."""

import json

import pytest

from ocop_sync.marketplace.nesting import EndsReader, Nesting

TEXTS = [
    [{"a": ["x"], "b": "}]"}, []],
    {'k"[': "\\", "l": '\\"[{', "m": ['"', "é]"]},
]


def read(*pieces: bytes) -> Nesting:
    """Read one piece after the other."""
    nesting = Nesting()
    for piece in pieces:
        nesting.read(piece)
    return nesting


@pytest.mark.parametrize("value", TEXTS)
def test_a_text_may_be_cut_anywhere(value: object) -> None:
    text = json.dumps(value).encode()

    for at in range(len(text) + 1):
        cut = read(*(text[n : n + 1] for n in range(at)))
        assert cut.depth == read(text[:at]).depth
        assert read(text[:at], text[at:]).depth == 0
        assert read(cut.opened, text[at:]).depth == 0


def test_the_least_depth_is_the_one_on_the_way() -> None:
    nesting = read(b'[{"a": [')
    nesting.least = nesting.depth

    nesting.read(b'1]}, {"b": [[')

    assert (nesting.depth, nesting.least) == (4, 1)


def test_the_ends_are_the_same_however_the_text_came() -> None:
    text = json.dumps([{"a": [["x"]], "b": "c" * 9}, {"d": ['e"['], "f": 1}]).encode()
    whole = EndsReader(10)
    whole.read(text)

    for size in range(1, len(text)):
        reader = EndsReader(10)
        for at in range(0, len(text), size):
            reader.read(text[at : at + size])
        assert reader.ends == whole.ends

    assert (whole.ends.head, whole.ends.tail) == (text[:10], text[-10:])
    assert (whole.ends.least_depth, whole.ends.opened) == (1, b"[[")
