"""JSON feeds: the same rows as CSV, and the faults that make one unusable."""

import io
import json
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytest

from catalog.errors import FeedError
from catalog.feed.cells.stamp import Stamp
from catalog.feed.rows import open_feed as opening
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.write.json_feed import JsonFeed, write_json
from tests.factories import make_producer, make_product

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def cells(content: bytes) -> list[dict[str, str]]:
    """Return what *content* holds by column."""
    return [dict(each.cells) for each in open_feed(io.BytesIO(content)).rows]


def test_values_of_every_kind_become_cells() -> None:
    row: dict[str, Any] = {
        "name": "Chè",
        "Price_VND": 35000,
        "alcohol_percent": 29.5,
        "paused": True,
        "pictures": ["https://mau.example/a", "https://mau.example/b"],
        "stars": None,
        "source": "",
    }
    content = json.dumps({"more": {"x": [1]}, "rows": [row], "after": 1}).encode()

    assert cells(content) == [
        {
            "name": "Chè",
            "price_vnd": "35000",
            "alcohol_percent": "29.5",
            "paused": "yes",
            "pictures": "https://mau.example/a https://mau.example/b",
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(b'{"more": "x"}', id="no rows"),
        pytest.param(b'{"export_stamp": "x", "rows": [{"name": "a"}]}', id="no stamp"),
        pytest.param(
            b'{"rows": [], "export_stamp": "2026-11-24T02:00:00Z"}', id="a late stamp"
        ),
        pytest.param(b'[{"stars": 4}]', id="nameless"),
        pytest.param(b'{"rows": {}}', id="rows is no list"),
        pytest.param(b'{"rows": [1]}', id="a row is no object"),
        pytest.param(b'{"rows": [{"name": "a"}', id="cut off"),
        pytest.param(b'{"rows": [{"name": "a"},]}', id="a comma too many"),
        pytest.param(b'{"rows": []} x', id="something after the end"),
        pytest.param(b'{"rows": [{"stars": NaN}]}', id="NaN"),
        pytest.param(b'{"rows": [{"name": "\xff"}]}', id="no UTF-8"),
        pytest.param(b'{"rows": ' + b"[" * 200_000, id="too deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(FeedError):
        cells(content)


def test_a_file_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_BYTES", 11)

    assert cells(b'{"rows":[]}') == []
    with pytest.raises(FeedError, match=r"64 MB.*CSV"):
        cells(b'{"rows": []}')


def test_a_bare_list_of_rows_with_vietnamese_keys_is_read() -> None:
    content = json.dumps([{"Tên sản phẩm": "Chè", "Hạng sao": "4 sao"}]).encode()

    assert cells(content) == [{"name": "Chè", "stars": "4 sao"}]
    assert cells(b"[]") == []


def test_a_feed_says_when_it_was_exported() -> None:
    stream = io.BytesIO()
    count = write_json([(make_product(), make_producer())], stream, stamp=Stamp(NOW))

    written = json.loads(stream.getvalue())
    assert (count, written["export_stamp"]) == (1, "2026-11-24T02:00:00+00:00")
    assert written["rows"][0]["price_vnd"] == 45_000
    assert written["rows"][0]["pictures"] == ["https://mau.example/1.jpg"]
    # What is at its default must not undo what is decided before it is read.
    assert written["rows"][0].keys().isdisjoint({"alcohol_percent", "paused"})


def write_badly(stream: BinaryIO) -> None:
    """Begin a feed and fail."""
    with JsonFeed(stream, stamp=Stamp(NOW)) as feed:
        feed.write([(make_product(), None)])
        raise ZeroDivisionError


def test_a_feed_whose_writing_failed_cannot_be_imported() -> None:
    stream = io.BytesIO()
    with pytest.raises(ZeroDivisionError):
        write_badly(stream)

    with pytest.raises(FeedError):
        cells(stream.getvalue())
