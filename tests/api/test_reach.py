"""Every route that names what is somebody's, tried by another producer.

What is out of reach is answered as what is not there, word for word, and nothing is
written. A new route gets its row here, and so does a new parameter of an address, or
the first tests fail.
"""

import re
from typing import Any, Final

import pytest

from catalog.commands.pictures import id_of
from catalog.db.acts import head
from catalog.db.reader import current_revision
from catalog.values import replace
from ocop_sync.api.access.roles import PRODUCER
from ocop_sync.api.app import OPERATIONS, PUBLIC_OPERATIONS
from ocop_sync.api.routes.imports import CSV
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.problem import MEDIA_TYPE
from ocop_sync.service.identity.links import make_link
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.api.served import Served
from tests.catalog_database import as_csv
from tests.factories import make_product
from tests.identity import BOSS
from tests.pictures import make_picture
from tests.world import entry

OWN: Final = {
    "code": "SP-00001",
    "sku": "SP-00001-1",
    "producer": "CS-0001",
    "report": "1",
    "session_id": "1",
}
"""What stands in an address, of the producer who calls; pictures have their ids when
they are uploaded."""

THEIRS: Final = {
    "code": "SP-00002",
    "sku": "SP-00002-1",
    "producer": "CS-0002",
    "report": "2",
    "session_id": "2",
}
"""The same of another producer."""

NOWHERE: Final = {
    "code": "SP-00099",
    "sku": "SP-00099-1",
    "producer": "CS-0099",
    "report": "99",
    "session_id": "99",
    "picture": "0" * 64,
}
"""The same of nobody."""

NOBODYS: Final = {
    "marketplace": "Marketplaces are the same for all.",
    "account": "A marketplace pushes there, which signs its pushes.",
    "key": "Accounts: for staff; `test_accounts.py` tries those who act for one.",
    "batch": "Batches of work by hand: for staff.",
    "number": "Imports as the catalog was changed by them: for staff.",
    "group": "What is held, of many producers: for staff.",
    "drift": "What drifts: for staff.",
    "twin": "Listings that may be ours: for staff.",
    "run": "Runs, of many producers: for staff.",
    "plan": "Plans, of many producers: for staff.",
    "notice": "What was told to the department: for staff.",
    "name": "Schedules: for admins.",
    "person_id": "People who may sign in: for admins.",
    "key_id": "Keys of programs: for admins.",
    "link_id": "Links of producers' people: for staff.",
}
"""The parameters that name nothing of one producer, and why: no route that a producer
may call has them."""

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
    "get_certificates": None,
    "get_producer": None,
    "get_consent": None,
    "put_consent": {"consent": False},
    "get_kept_picture": None,
    "get_import": None,
    "get_annotated_import": None,
    "delete_session": None,
}
"""By the id of an operation, a body that would be taken of one's own.

Of a file: its bytes and their type.
"""


def _named(operation: Operation) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", operation.path))


NAMING: Final = [e for e in OPERATIONS if PRODUCER in e.allowed and _named(e)]

TRIED: Final = [each for each in NAMING if each.id != "delete_session"]
"""Those that are tried by a key; sessions are of people, who are tried below."""

NEVER_FOUND: Final = {"get_certificates"}
"""What a producer finds nowhere, not even of its own."""


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


async def placed(served: Served, operation: Operation, which: str) -> dict[str, str]:
    """Return what is called *which* in an address, and put there what is missing."""
    named = _named(operation)
    if "report" in named:
        await _import(served, "SP-00001-1", "producer")
        await _import(served, "SP-00002-1", "producer:CS-0002")
    pictures = {"theirs": PICTURE, "own": PICTURE}
    if operation.id == "get_kept_picture":
        pictures["own"] = await _upload(served, 1, "red")
        pictures["theirs"] = await _upload(served, 2, "blue")
    places = {"own": OWN, "theirs": THEIRS}[which]
    return {**places, "picture": pictures[which]}


async def _import(served: Served, sku: str, role: str) -> None:
    content = as_csv({"sku": sku, "price_vnd": 46_000}).getvalue()
    answer = await served.call(
        "POST", "/api/v1/imports", role, data=content, headers={"Content-Type": CSV}
    )
    assert answer.status == 201, await answer.text()


async def _upload(served: Served, producer: int, color: str) -> str:
    """Upload a picture of a product without a listing: of others, everybody sees it."""
    (item, _), (_, maker) = entry(producer + 2), entry(producer)
    assert maker is not None
    await served.world.save((replace(item, producer_id=maker.id), maker))
    answer = await served.call(
        "POST",
        f"/api/v1/products/{item.id}/pictures",
        f"producer:{maker.id}",
        data=make_picture(color=color),
        headers={"Content-Type": "image/jpeg"},
    )
    assert answer.status == 201, await answer.text()
    return str((await answer.json())["pictures"][-1]["id"])


async def tell(served: Served, operation: Operation, named: dict[str, str]) -> Any:
    """Call an operation as the first producer; return all but the call's own number."""
    path = re.sub(r"\{(\w+)\}", lambda found: named[found[1]], operation.path)
    body, headers = BODIES[operation.id], {"If-Match": "*"}
    more: dict[str, Any] = {} if body is None else {"json": body}
    if isinstance(body, tuple):
        more = {"data": body[0]}
        headers["Content-Type"] = body[1]
    answer = await served.call(
        operation.method, path, "producer", headers=headers, **more
    )
    if answer.content_type not in {"application/json", MEDIA_TYPE}:
        return answer.status, await answer.read()
    said = await answer.json()
    said.pop("request_id", None)
    return answer.status, said


def test_every_route_that_names_somebodys_has_its_row() -> None:
    assert sorted(BODIES) == sorted(each.id for each in NAMING)


def test_every_parameter_of_an_address_is_somebodys_or_nobodys_with_a_reason() -> None:
    somebodys = NOWHERE.keys()
    every = {name for e in OPERATIONS + PUBLIC_OPERATIONS for name in _named(e)}

    assert every == somebodys | NOBODYS.keys()
    assert OWN.keys() == THEIRS.keys() == somebodys - {"picture"}
    assert NOBODYS.keys().isdisjoint(name for e in NAMING for name in _named(e))


@pytest.mark.parametrize("operation", TRIED, ids=lambda each: each.id)
async def test_what_is_another_producers_looks_like_what_is_not_there(
    theirs: Served, operation: Operation
) -> None:
    others = await placed(theirs, operation, "theirs")
    before = await traces(theirs)

    hidden = await tell(theirs, operation, others)
    missing = await tell(theirs, operation, NOWHERE)

    assert hidden[0] == 404
    assert hidden == missing
    assert await traces(theirs) == before


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (each, name)
        for each in TRIED
        if len(_named(each)) > 1
        for name in sorted(_named(each) - {"picture"})
    ],
    ids=lambda each: getattr(each, "id", each),
)
async def test_what_is_another_producers_is_hidden_beside_what_is_ones_own(
    theirs: Served, operation: Operation, name: str
) -> None:
    own = await placed(theirs, operation, "own")
    before = await traces(theirs)

    hidden = await tell(theirs, operation, own | {name: THEIRS[name]})
    missing = await tell(theirs, operation, own | {name: NOWHERE[name]})

    assert hidden[0] == 404
    assert hidden == missing
    assert await traces(theirs) == before


@pytest.mark.parametrize(
    "operation",
    [each for each in TRIED if each.id not in NEVER_FOUND],
    ids=lambda each: each.id,
)
async def test_the_same_call_reaches_what_is_ones_own(
    theirs: Served, operation: Operation
) -> None:
    own = await placed(theirs, operation, "own")

    status, said = await tell(theirs, operation, own)

    assert status in (200, 201, 204), said


async def test_a_session_of_another_producers_person_looks_like_none(
    door: Door,
) -> None:
    tokens = [await _signed_in(door, each) for each in ("CS-0001", "CS-0002")]

    async def end(named: dict[str, str]) -> Any:
        path = f"/api/v1/sessions/{named['session_id']}"
        answer = await door.bearer(tokens[0], path, method="DELETE")
        said = {} if answer.status == 204 else await answer.json()
        said.pop("request_id", None)
        return answer.status, said

    before = await door.office.acts()
    hidden, missing = await end(THEIRS), await end(NOWHERE)

    assert hidden[0] == 404
    assert hidden == missing
    assert await door.office.acts() == before
    assert (await door.bearer(tokens[1])).status == 200
    assert (await end(OWN))[0] == 204


async def _signed_in(door: Door, producer_id: str) -> str:
    made = await make_link(door.office.identity, producer_id, by=BOSS)
    path, browser = f"/link/{made.token}", door.browser()
    await browser.post(path, await browser.form(path))
    return browser.cookies["__Host-ocop"]


@pytest.mark.parametrize(
    "operation",
    [each for each in NAMING if each.id in NEVER_FOUND],
    ids=lambda each: each.id,
)
async def test_what_is_the_departments_alone_looks_like_what_is_not_there(
    theirs: Served, operation: Operation
) -> None:
    before = await traces(theirs)

    hidden = await tell(theirs, operation, OWN)

    assert hidden[0] == 404
    assert hidden == await tell(theirs, operation, NOWHERE)
    assert await traces(theirs) == before


async def test_staff_read_certificates_and_for_a_producer_its_own_alone(
    door: Door,
) -> None:
    key = await door.key(Role.OPERATOR)
    path, acts_for = "/api/v1/products/{}/certificates", {"Acts-For": "CS-0002"}

    found = await door.bearer(key, path.format("SP-00001"))
    of_pack = await door.bearer(key, path.format("SP-00001-1"))
    away = await door.bearer(key, path.format("SP-00001"), headers=acts_for)

    assert [e["state"] for e in (await found.json())["certificates"]] == ["valid"]
    assert await of_pack.json() == await found.json()
    assert away.status == 404
