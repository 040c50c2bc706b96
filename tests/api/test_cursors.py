"""Cursors that somebody has made up, as whoever knows their form can."""

import base64
import hashlib
import json
from typing import Any

import pytest

from ocop_sync.api.app import OPERATIONS
from ocop_sync.api.typed.cursor import read_cursor, write_cursor
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.problem import ProblemError
from tests.api.served import Served
from tests.api.test_roles import path_of
from tests.world import entry

PAGED = [each for each in OPERATIONS if each.is_paged]
NEEDED = {
    "list_counted_products": {"figure": "certified", "marketplace": "memory"},
    "list_drops_out": {"as_of": "2027-01-01"},
}
"""What a list asks for."""

MADE_UP = [
    pytest.param("SP-\0", id="NUL"),
    pytest.param("SP-\n", id="a break"),
    pytest.param(2**63, id="no number of a database"),
    pytest.param(2**31, id="no number of a column"),
    pytest.param(-1, id="before the first"),
]


def made_up(place: Any, list_id: str) -> str:
    """Return a cursor as ours are, with another place in it."""
    content = json.dumps(place).encode()
    sum_ = hashlib.sha256(list_id.encode() + b"\0" + content).digest()[:8]
    return base64.urlsafe_b64encode(sum_ + content).rstrip(b"=").decode()


@pytest.mark.parametrize("place", MADE_UP)
def test_a_place_that_no_database_takes_is_no_cursor(place: Any) -> None:
    for each in (place, [place], {"at": place}):
        with pytest.raises(ProblemError, match="invalid"):
            read_cursor(made_up(each, "list"), "list", type(each))


@pytest.mark.parametrize("place", ["SP-00001", "", 0, 2**31 - 1, [1, None, "chè"]])
def test_a_place_of_a_list_of_ours_is_one(place: Any) -> None:
    assert read_cursor(write_cursor("list", place), "list", type(place)) == place


def test_a_number_that_is_written_as_a_text_is_bounded_as_well() -> None:
    with pytest.raises(ProblemError, match="invalid"):
        read_cursor(made_up(str(2**63), "list"), "list", int)


@pytest.mark.parametrize("operation", PAGED, ids=[each.id for each in PAGED])
async def test_no_paged_route_fails_at_a_cursor_that_was_made_up(
    served: Served, operation: Operation
) -> None:
    await served.world.save(entry(1))
    path = path_of(operation)
    query = NEEDED.get(operation.id, {})
    filters = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
    for place in ("SP-\0", 2**63, -1):
        cursor = made_up(place, f"{operation.id} {path}?{filters}")
        answer = await served.call(
            "GET", path, "admin", params={**query, "cursor": cursor}
        )
        faults = (await answer.json()).get("errors", [])
        assert (answer.status, [each["code"] for each in faults]) == (
            422,
            ["not_a_cursor"],
        )
