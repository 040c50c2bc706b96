"""A document comes back as the standard library would bring it back."""

import json
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocop_sync.store.db.documents_as_json import read, write


class Word(StrEnum):
    """A value that is stored as its text."""

    ONE = "một"


class Text(str):
    """A text of a class of its own, as templates have."""

    __slots__ = ()


texts = st.text(st.characters(codec=None))
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner),
    max_leaves=12,
)


@given(documents)
def test_any_document_comes_back(document: object) -> None:
    assert read(write(document)) == document
    assert json.loads(write(document)) == document


@given(documents)
def test_a_document_that_was_written_before_is_read(document: object) -> None:
    assert read(json.dumps(document)) == document


@pytest.mark.parametrize(
    "document",
    [
        {Word.ONE: Word.ONE},
        {"a": Text("đ")},
        {1: (1, 2)},
        "\ud83d",
        [1.5, 2**80],
    ],
)
def test_what_only_the_standard_library_knows_is_written_as_by_it(
    document: object,
) -> None:
    assert read(write(document)) == json.loads(json.dumps(document))


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 11, 24, tzinfo=UTC),
        {"on": date(2026, 11, 24)},
        {1},
        b"x",
        {"a": {"b": object()}},
    ],
)
def test_what_has_no_form_in_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write(value)


@pytest.mark.parametrize("text", ["", "{", '"a'])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(text)
