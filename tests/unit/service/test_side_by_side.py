"""What is shown beside what should be: which items there are, and which differ."""

from typing import Any

import pytest

from ocop_sync.service.department.side_by_side import side_by_side

CONTENT = {"title": "A", "pictures": ["a"], "variants": {"S": {"pack": "1 kg"}}}


def differing(wanted: Any, shown: Any) -> list[tuple[str, str, str]]:
    items = side_by_side(wanted, shown)
    return [(e.facet, e.field, e.sku) for e in items if e.differs]


@pytest.mark.parametrize(
    ("wanted", "shown", "expected"),
    [
        ({"content": CONTENT}, {"content": CONTENT}, []),
        (
            {"content": CONTENT},
            {"content": CONTENT | {"title": "B"}},
            [("content", "title", "")],
        ),
        # A field that was never read is not known to differ.
        (
            {"content": CONTENT},
            {"content": {"title": "A", "variants": {}}},
            [("content", "pack", "S")],
        ),
        (
            {"content": {"variants": {}}},
            {"content": {"variants": CONTENT["variants"]}},
            [("content", "pack", "S")],
        ),
        (
            {"content": {"attributes": [["a", "1"], ["b", "2"]]}},
            {"content": {"attributes": [["b", "2"], ["a", "1"]]}},
            [],
        ),
        ({"price": {"S": 1}}, {"price": {"S": 2}}, [("price", "", "S")]),
        ({"price": {"S": 1}}, {"price": {"T": 2}}, []),
        ({"stars": {}}, {"stars": {"stars": 4}}, [("stars", "stars", "")]),
        ({"stars": {"stars": 4}}, {}, [("stars", "stars", "")]),
        ({}, {"stars": {"stars": 4}}, []),
    ],
)
def test_items_differ_as_a_sync_would_find_it(
    wanted: Any, shown: Any, expected: list[tuple[str, str, str]]
) -> None:
    assert differing(wanted, shown) == expected


def test_every_pack_and_price_is_an_item_of_its_own() -> None:
    found = side_by_side(
        {"content": CONTENT, "price": {"S": 1}}, {"price": {"S": 1, "T": 2}}
    )

    assert [(e.field, e.sku, e.wanted, e.shown) for e in found] == [
        ("title", "", "A", None),
        ("pictures", "", ["a"], None),
        ("pack", "S", "1 kg", None),
        ("", "S", 1, 1),
        ("", "T", None, 2),
    ]
