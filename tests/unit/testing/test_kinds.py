"""Which values people of a mock may enter."""

import pytest

from ocop_sync.testing.mocks.kinds import Maybe, ensure_like

EXAMPLES = {
    "text": "",
    "whole": 0,
    "number": Maybe(0.0),
    "list": [""],
    "object": Maybe({"stars": 0, "until": Maybe("")}),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "có dấu"),
        ("whole", -5),
        ("number", 4),
        ("number", 4.5),
        ("number", None),
        ("list", []),
        ("list", ["a", "b"]),
        ("object", None),
        ("object", {"stars": 9, "until": None}),
    ],
)
def test_a_value_of_its_kind_may_be_entered_whatever_it_says(
    name: str, value: object
) -> None:
    ensure_like({name: value}, EXAMPLES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", None),
        ("text", 5),
        ("text", "\ud83c"),
        ("whole", "5"),
        ("whole", True),
        ("whole", 5.0),
        ("number", "4"),
        ("number", True),
        ("list", "a"),
        ("list", [5]),
        ("object", {"stars": 3}),
        ("object", {"stars": 3, "until": 5}),
        ("object", {"stars": 3, "until": None, "more": 1}),
        ("object", []),
        ("unknown", ""),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_name(
    name: str, value: object
) -> None:
    with pytest.raises(ValueError, match=name):
        ensure_like({name: value}, EXAMPLES)
