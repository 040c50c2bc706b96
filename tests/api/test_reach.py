"""Every route that names a product, a pack or a producer, tried by another producer.

What is out of reach is answered as what is not there, word for word, and nothing is
written. A new route gets its row here, or the first test fails.
"""

import re
from typing import Any, Final

import pytest

from catalog.commands.pictures import id_of
from catalog.db.acts import head
from catalog.db.reader import current_revision
from ocop_sync.api.access.roles import PRODUCER
from ocop_sync.api.app import OPERATIONS
from ocop_sync.api.typed.operation import Operation
from tests.api.served import Served
from tests.factories import make_product
from tests.pictures import make_picture
from tests.world import entry

THEIRS: Final = {"code": "SP-00002", "sku": "SP-00002-1", "producer": "CS-0002"}
"""What stands in an address, of another producer than the one who calls."""

NOWHERE: Final = {"code": "SP-00099", "sku": "SP-00099-1", "producer": "CS-0099"}
"""The same of nobody."""

PICTURE: Final = id_of(make_product().pictures[0])
"""Every product here has this picture."""

BODIES: Final[dict[str, Any]] = {
    "get_product": None,
    "edit_product": {"texts": {"origin": "Ba Chẽ"}},
    "put_price": {"price_vnd": 50_000},
    "put_stock": {"on_hand": 5},
    "adjust_stock": {"quantity": 1, "reason": "broken"},
    "put_pause": {"paused": True},
    "put_stock_policy": {"stock_policy": "mirror"},
    "get_why": None,
    "list_pictures": None,
    "add_picture": (make_picture(), "image/jpeg"),
    "put_picture_order": {"order": [PICTURE]},
    "edit_picture": {"shows_ocop_mark": "yes"},
    "delete_picture": None,
    "get_consent": None,
    "put_consent": {"consent": False},
}
"""By the id of an operation, a body that would be taken of one's own.

Of a file: its bytes and their type.
"""


def _names_somebodys(operation: Operation) -> bool:
    named = set(re.findall(r"\{(\w+)\}", operation.path))
    return PRODUCER in operation.allowed and not named.isdisjoint(THEIRS)


NAMING: Final = [each for each in OPERATIONS if _names_somebodys(each)]


@pytest.fixture
async def theirs(served: Served) -> Served:
    """A product of the producer who calls, and one of another."""
    await served.world.save(entry(1), entry(2))
    await served.world.sync()
    return served


async def traces(served: Served) -> tuple[Any, ...]:
    """Return what changes with any change of the catalog, and with any act."""
    async with served.world.database.read() as conn:
        return await current_revision(conn), await head(conn)


async def tell(served: Served, operation: Operation, named: dict[str, str]) -> Any:
    """Call an operation as the other producer; return all but the call's own number."""
    values = {**named, "picture": PICTURE}
    path = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], operation.path)
    body, headers = BODIES[operation.id], {"If-Match": "*"}
    more: dict[str, Any] = {} if body is None else {"json": body}
    if isinstance(body, tuple):
        more = {"data": body[0]}
        headers["Content-Type"] = body[1]
    answer = await served.call(
        operation.method, path, "producer", headers=headers, **more
    )
    said = await answer.json()
    said.pop("request_id", None)
    return answer.status, said


def test_every_route_that_names_somebodys_has_its_row() -> None:
    assert sorted(BODIES) == sorted(each.id for each in NAMING)


@pytest.mark.parametrize("operation", NAMING, ids=lambda each: each.id)
async def test_what_is_another_producers_looks_like_what_is_not_there(
    theirs: Served, operation: Operation
) -> None:
    before = await traces(theirs)

    hidden = await tell(theirs, operation, THEIRS)
    missing = await tell(theirs, operation, NOWHERE)

    assert hidden[0] == 404
    assert hidden == missing
    assert await traces(theirs) == before


@pytest.mark.parametrize("operation", NAMING, ids=lambda each: each.id)
async def test_the_same_call_reaches_what_is_ones_own(
    theirs: Served, operation: Operation
) -> None:
    own = {"code": "SP-00001", "sku": "SP-00001-1", "producer": "CS-0001"}

    status, said = await tell(theirs, operation, own)

    assert status in (200, 201, 204), said
