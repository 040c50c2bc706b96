"""JSON that is written piece by piece is the JSON of the whole."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from ocop_sync.service.json.writer import json_document, json_text

ROW = {"tên": 'Chè "mẫu"\n', "days": [1, {}, []], "on": date(2026, 11, 24)}


@pytest.mark.parametrize("indent", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_pieces_are_written_as_the_whole_would_be(indent: int, count: int) -> None:
    at = datetime(2026, 11, 24, 2, tzinfo=UTC)
    pieces: list[str] = []

    with json_document(pieces.append, indent) as document:
        document.put("as_of", at)
        with document.nested("places") as places:
            for name in "ab"[:count]:
                with places.nested(name) as place, place.rows("rows") as say:
                    for _ in range(count):
                        say(ROW)
        document.put("counts", {"rows": count})

    rows = {"rows": [ROW] * count}
    places_ = dict.fromkeys("ab"[:count], rows)
    whole = {"as_of": at, "places": places_, "counts": {"rows": count}}
    assert "".join(pieces) == json_text(whole, indent) + "\n"
    assert json.loads("".join(pieces))["as_of"] == "2026-11-24T02:00:00Z"


def test_no_more_is_held_than_a_piece() -> None:
    pieces: list[str] = []
    longest = 0

    with json_document(pieces.append) as document, document.rows("rows") as say:
        for n in range(1, 20_001):
            say(n)
            written = sum(map(len, pieces))
            longest = max(longest, n * 6 - written) if n % 1000 == 0 else longest

    assert len(pieces) > 2
    assert longest < 100_000


def test_a_document_that_ends_in_an_error_is_left_open() -> None:
    pieces: list[str] = []

    def write() -> None:
        with json_document(pieces.append) as document, document.rows("rows") as say:
            say(1)
            say(object())

    with pytest.raises(TypeError, match="no form"):
        write()

    with pytest.raises(ValueError, match="Expecting"):
        json.loads("".join(pieces))


@dataclass(frozen=True)
class Plain:
    """A result without a form of its own."""

    at: date
    name: str = "Chè mẫu"


@dataclass(frozen=True)
class Formed:
    """A result with a form of its own, and one without inside."""

    inside: list[Plain] = field(default_factory=lambda: [Plain(date(2026, 11, 24))])

    def json_form(self) -> dict[str, object]:
        return {"rows": self.inside}


def test_a_result_is_written_as_it_says_and_without_a_form_as_its_fields() -> None:
    said = json.loads(json_text({"result": Formed()}))

    assert said == {"result": {"rows": [{"at": "2026-11-24", "name": "Chè mẫu"}]}}


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(TypeError, match="type has no form in JSON"):
        json_text(Plain)
