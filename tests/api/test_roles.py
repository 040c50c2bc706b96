"""Every route and every role, in one table: who may, and who may not."""

import re
from itertools import product
from typing import Final

import pytest

from ocop_sync.api.access.roles import (
    ADMIN,
    OPERATOR,
    PRODUCER,
    SIGNED_IN,
    VIEWER,
)
from ocop_sync.api.app import OPERATIONS
from ocop_sync.api.documents import OPEN_PAGES
from ocop_sync.api.typed.operation import Operation
from tests.api.served import Served

NOBODY: Final = ""
"""A caller without a key."""

OPEN: Final = {NOBODY, ADMIN, OPERATOR, PRODUCER, VIEWER}
LOOKING: Final = {ADMIN, OPERATOR, VIEWER}
WORKING: Final = {ADMIN, OPERATOR, PRODUCER}
ALL: Final = LOOKING | {PRODUCER}

ROLES: Final = {
    "get_live": OPEN,
    "get_ready": OPEN,
    "list_marketplaces": LOOKING,
    "list_products": ALL,
    "get_product": ALL,
    "edit_product": WORKING,
    "put_price": WORKING,
    "put_stock": WORKING,
    "adjust_stock": WORKING,
    "put_pause": WORKING,
    "put_stock_policy": WORKING,
    "get_why": ALL,
    "set_stock_and_price": WORKING,
    "get_consent": WORKING,
    "put_consent": WORKING,
}
"""The roles that may, by the id of the operation. A new route gets its row here."""

ANSWERED: Final = {200, 201, 202, 204, 404, 409, 412, 415, 422, 428, 503}
"""The statuses of calls that were let in: here without a body, on an empty catalog."""

PATH_VALUES: Final = {
    "code": "SP-00001",
    "sku": "SP-00001-1",
    "producer": "CS-0001",
}
"""A value for each parameter that stands in an address."""


def test_every_route_has_its_row_and_each_row_a_route() -> None:
    assert sorted(ROLES) == sorted(each.id for each in OPERATIONS)


def test_nothing_else_is_served_but_the_documents(served: Served) -> None:
    assert served.client.app is not None
    paths = {
        each.resource.canonical
        for each in served.client.app.router.routes()
        if each.resource is not None
    }

    assert paths == {each.path for each in OPERATIONS} | set(OPEN_PAGES)


@pytest.mark.parametrize(
    ("operation", "role"),
    list(product(OPERATIONS, sorted(SIGNED_IN | {NOBODY}))),
    ids=lambda each: getattr(each, "id", each or "nobody"),
)
async def test_a_route_answers_the_roles_of_its_row_and_no_others(
    served: Served, operation: Operation, role: str
) -> None:
    path = re.sub(r"\{(\w+)\}", lambda found: PATH_VALUES[found[1]], operation.path)

    answer = await served.call(operation.method, path, role)

    refused = 401 if role == NOBODY else 403
    expected = ANSWERED if role in ROLES[operation.id] else {refused}
    assert answer.status in expected, await answer.text()
