"""Every route and every role, in one table: who may, and who may not.

The callers are real: a key of each role, and the access that the service has.
"""

import re
from typing import Any, Final

import pytest

from catalog.db.reader import current_revision
from ocop_sync.api.access.open_routes import PUBLIC_PAGES
from ocop_sync.api.access.roles import (
    ADMIN,
    OPERATOR,
    PRODUCER,
    SIGNED_IN,
    VIEWER,
)
from ocop_sync.api.app import OPERATIONS, PUBLIC_OPERATIONS
from ocop_sync.api.documents import OPEN_PAGES
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.problem import MEDIA_TYPE
from ocop_sync.pages import own_progress
from ocop_sync.pages.app import FILES, PAGES
from ocop_sync.pages.static_files import static_files
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.api.served import Client, Served

NOBODY: Final = ""
"""A caller without a key."""

OPEN: Final = {NOBODY, ADMIN, OPERATOR, PRODUCER, VIEWER}
LOOKING: Final = {ADMIN, OPERATOR, VIEWER}
WORKING: Final = {ADMIN, OPERATOR, PRODUCER}
ALL: Final = LOOKING | {PRODUCER}

ROLES: Final = {
    "get_live": OPEN,
    "get_ready": OPEN,
    "take_in_push": OPEN,
    "list_marketplaces": LOOKING,
    "list_accounts": LOOKING,
    "get_account": LOOKING,
    "put_account_pause": {ADMIN, OPERATOR},
    "check_account": {ADMIN, OPERATOR},
    "list_hand_accounts": {ADMIN, OPERATOR},
    "close_account_batch": {ADMIN, OPERATOR},
    "get_batch_workbook": {ADMIN, OPERATOR},
    "get_batch_pictures": {ADMIN, OPERATOR},
    "call_off_account_batch": {ADMIN, OPERATOR},
    "tell_by_file": {ADMIN, OPERATOR},
    "tell_by_word": {ADMIN, OPERATOR},
    "list_policies": {ADMIN, OPERATOR},
    "patch_policies": {ADMIN},
    "get_marketplace_policies": {ADMIN, OPERATOR},
    "patch_marketplace_policies": {ADMIN},
    "get_account_policies": {ADMIN, OPERATOR},
    "patch_account_policies": {ADMIN},
    "get_mapping": {ADMIN, OPERATOR},
    "put_mapping": {ADMIN},
    "reset_mapping": {ADMIN},
    "list_products": ALL,
    "add_product": {ADMIN, OPERATOR},
    "get_product": ALL,
    "edit_product": WORKING,
    "move_product": {ADMIN, OPERATOR},
    "add_pack": {ADMIN, OPERATOR},
    "put_price": WORKING,
    "put_stock": WORKING,
    "adjust_stock": WORKING,
    "put_pause": WORKING,
    "put_stock_policy": WORKING,
    "get_why": ALL,
    "get_shown_picture": OPEN,
    "get_kept_picture": ALL,
    "list_pictures": ALL,
    "get_certificates": WORKING,  # a producer is told that there are none
    "list_certificates": {ADMIN, OPERATOR},
    "grant_certificates": {ADMIN, OPERATOR},
    "reassess_certificates": {ADMIN, OPERATOR},
    "correct_certificates": {ADMIN, OPERATOR},
    "void_certificates": {ADMIN, OPERATOR},
    "restore_certificates": {ADMIN, OPERATOR},
    "revoke_certificates": {ADMIN, OPERATOR},
    "undo_certificate_act": {ADMIN, OPERATOR},
    "answer_certificate_authority": {ADMIN, OPERATOR},
    "add_picture": WORKING,
    "put_picture_order": WORKING,
    "edit_picture": WORKING,
    "delete_picture": WORKING,
    "set_stock_and_price": WORKING,
    "list_producers": {ADMIN, OPERATOR},
    "add_producer": {ADMIN, OPERATOR},
    "get_producer": WORKING,
    "edit_producer": {ADMIN, OPERATOR},
    "get_consent": WORKING,
    "put_consent": WORKING,
    "get_coverage": LOOKING,
    "list_counted_products": LOOKING,
    "get_coverage_history": LOOKING,
    "list_published_figures": LOOKING,
    "list_coming_ends": LOOKING,
    "list_drops_out": LOOKING,
    "list_claims_ended": LOOKING,
    "get_freshness": LOOKING,
    "get_public_coverage": OPEN,
    "list_public_products": OPEN,
    "upload_import": WORKING,
    "get_import": WORKING,
    "get_annotated_import": WORKING,
    "list_imports": WORKING,
    "list_erasures": {ADMIN, OPERATOR},
    "confirm_producer_erasure": {ADMIN, OPERATOR},
    "get_history": {ADMIN, OPERATOR},
    "list_acts": {ADMIN, OPERATOR},
    "get_audit_head": {ADMIN, OPERATOR},
    "verify_acts": {ADMIN, OPERATOR},
    "send_test_notice": {ADMIN, OPERATOR},
    "list_rules": ALL,
    "read_product_list": {ADMIN, OPERATOR},
    "list_work": {ADMIN, OPERATOR},
    "list_expiring": {ADMIN, OPERATOR},
    "list_missing_papers": {ADMIN, OPERATOR},
    "get_status": {ADMIN, OPERATOR},
    "get_alarms": {ADMIN, OPERATOR},
    "list_workers": {ADMIN, OPERATOR},
    "export_whole_catalog": {ADMIN, OPERATOR},
    "get_empty_sheet": {ADMIN, OPERATOR},
    "get_expiring_table": {ADMIN, OPERATOR},
    "get_missing_papers_table": {ADMIN, OPERATOR},
    "list_papers": {ADMIN, OPERATOR},
    "get_product_papers": {ADMIN, OPERATOR},
    "list_producer_papers": {ADMIN, OPERATOR},
    "add_paper": {ADMIN, OPERATOR},
    "correct_product_paper": {ADMIN, OPERATOR},
    "correct_producer_paper": {ADMIN, OPERATOR},
    "end_paper": {ADMIN, OPERATOR},
    "attest_papers": {ADMIN, OPERATOR},
    "list_people": {ADMIN},
    "add_person": {ADMIN},
    "get_person": {ADMIN},
    "edit_person": {ADMIN},
    "put_person_disabled": {ADMIN},
    "reset_person_password": {ADMIN},
    "erase_person": {ADMIN},
    "list_person_sessions": {ADMIN},
    "delete_person_sessions": {ADMIN},
    "delete_person_session": {ADMIN},
    "list_keys": {ADMIN},
    "make_key": {ADMIN},
    "rotate_key": {ADMIN},
    "revoke_key": {ADMIN},
    "list_links": {ADMIN, OPERATOR},
    "make_link": {ADMIN, OPERATOR},
    "void_link": {ADMIN, OPERATOR},
    "list_held": {ADMIN, OPERATOR},
    "get_held_group": {ADMIN, OPERATOR},
    "approve_held_group": {ADMIN, OPERATOR},
    "refuse_held_group": {ADMIN, OPERATOR},
    "retry_held": {ADMIN, OPERATOR},
    "list_drift": {ADMIN, OPERATOR},
    "decide_on_drift": {ADMIN, OPERATOR},
    "list_twins": {ADMIN, OPERATOR},
    "decide_on_twin": {ADMIN, OPERATOR},
    "keep_listing": {ADMIN, OPERATOR},
    "list_notices": {ADMIN, OPERATOR},
    "get_notice": {ADMIN, OPERATOR},
    "retry_notice": {ADMIN, OPERATOR},
    "list_runs": {ADMIN, OPERATOR},
    "get_run": {ADMIN, OPERATOR},
    "list_ledger": {ADMIN, OPERATOR},
    "list_eligibility": {ADMIN, OPERATOR},
    "cancel_runs": {ADMIN, OPERATOR},
    "start_run": {ADMIN, OPERATOR},
    "follow_run": {ADMIN, OPERATOR},
    "post_plan": {ADMIN, OPERATOR},
    "list_all_plans": {ADMIN, OPERATOR},
    "get_plan": {ADMIN, OPERATOR},
    "approve_one_plan": {ADMIN, OPERATOR},
    "refuse_one_plan": {ADMIN, OPERATOR},
    "run_plan": {ADMIN, OPERATOR},
    "cancel_one_run": {ADMIN, OPERATOR},
    "list_past_imports": {ADMIN, OPERATOR},
    "get_past_import": {ADMIN, OPERATOR},
    "undo_past_import": {ADMIN, OPERATOR},
    "list_all_schedules": {ADMIN},
    "post_schedule": {ADMIN},
    "get_schedule_times": {ADMIN},
    "get_schedule": {ADMIN},
    "get_schedule_timing": {ADMIN},
    "put_schedule_timing": {ADMIN},
    "put_schedule_pause": {ADMIN},
    "delete_schedule": {ADMIN},
    "run_schedule": {ADMIN},
    "get_me": SIGNED_IN,
    "list_sessions": SIGNED_IN,
    "delete_session": SIGNED_IN,
}
"""The roles that may, by the id of the operation. A new route gets its row here."""

PAGE_ROLES: Final = {
    "GET /openapi.json": OPEN,
    "GET /docs": OPEN,
    "GET /docs/style.css": OPEN,
    "GET /login": OPEN,
    "POST /login": OPEN,
    "POST /logout": OPEN,
    "GET /link/{token}": OPEN,
    "POST /link/{token}": OPEN,
    "GET /static/{digest}/{name}": OPEN,
}
"""The roles that may, of what is no operation, by method and address: pages for people,
which go by forms and cookies. HEAD goes with GET. Pages for those who are signed in
have their roles in rows of their own, which `tests/pages/test_visits.py` tries."""

EVERY: Final = OPERATIONS + PUBLIC_OPERATIONS

ANSWERED: Final = {200, 201, 202, 204, 404, 409, 412, 415, 422, 428, 503}
"""The statuses of calls that were let in: here without a body."""

PATH_VALUES: Final = {
    "code": "SP-00001",
    "sku": "SP-00001-1",
    "producer": "CS-0001",
    "session_id": "1",
    "report": "1",
    "picture": "a" * 64,
    "marketplace": "memory",
    "account": "memory",
    "batch": "1",
    "key": "memory",
    "person_id": "NV-00001",
    "key_id": "ocop_aaaaaaaa",
    "link_id": "1",
    "group": "1",
    "drift": "1",
    "twin": "1",
    "notice": "1",
    "run": "5a0f17c2b3d4e6f8",
    "number": "1",
    "plan": "1",
    "name": "dem",
    "token": "a" * 43,
    "digest": static_files()["page.css"].digest,
}
"""A value for each parameter that stands in an address: what is of CS-0001, if of any
producer."""

PACK: Final = "SP-00001-1"
BODIES: Final[dict[str, Any]] = {
    "set_stock_and_price": {"items": [{"sku": PACK, "stock": {"on_hand": 7}}]},
}
"""A body that names what is another's, by the id of an operation that takes one."""

OF_OTHERS: Final = ("SP-00001", "CS-0001", "Cơ sở Mẫu 001", "Măng khô Mẫu 1")
"""What a producer must not read who is CS-0002."""


def path_of(operation: Operation) -> str:
    return _filled(operation.path)


def _filled(path: str) -> str:
    path = path.replace("{digest}/{name}", "{digest}/page.css")
    return re.sub(r"\{(\w+)\}", lambda found: PATH_VALUES[found[1]], path)


async def key_of(door: Door, role: str) -> str:
    of = {"producers": ["CS-0001"]} if role == PRODUCER else {}
    return await door.key(Role(role), **of) if role else ""


def routes_of(client: Client) -> set[str]:
    """Return the method and the address of each route that there really is."""
    assert client.app is not None
    routes = [each for each in client.app.router.routes() if each.resource is not None]
    assert len(routes) == len(client.app.router.routes())
    return {
        f"{each.method} {each.resource.canonical}" for each in routes if each.resource
    }


def test_every_route_has_its_row_and_each_row_a_route() -> None:
    assert sorted(ROLES) == sorted(each.id for each in EVERY)


async def test_every_route_of_the_service_has_its_row_pages_too(door: Door) -> None:
    rows = {f"{each.method} {each.path}" for each in EVERY if each.id in ROLES}
    # `tests/pages` tries who may see these.
    shown = (*PAGES, *own_progress.PARTS, *FILES)
    rows |= PAGE_ROLES.keys() | {f"{each.method} {each.path}" for each in shown}
    # `tests/pages/test_public.py` tries these.
    rows |= {f"GET {each}" for each in PUBLIC_PAGES}
    heads = {f"HEAD{row[3:]}" for row in rows if row.startswith("GET ")}

    assert routes_of(door.client) == rows | heads


def test_nothing_else_is_served_but_the_documents(served: Served) -> None:
    assert served.client.app is not None
    paths = {
        each.resource.canonical
        for each in served.client.app.router.routes()
        if each.resource is not None
    }

    assert paths == {each.path for each in OPERATIONS} | set(OPEN_PAGES)


@pytest.mark.parametrize("page", PAGE_ROLES)
async def test_a_page_answers_the_roles_of_its_row_as_it_answers_nobody(
    door: Door, page: str
) -> None:
    method, _, path = page.partition(" ")
    sent = {"data": {"name": "Bảng"}} if method == "POST" else {}
    told = {}
    for role in sorted(SIGNED_IN | {NOBODY}):
        of = {"producers": ["CS-0001"]} if role == PRODUCER else {}
        key = await door.key(Role(role), **of) if role else ""
        answer = await door.bearer(key, _filled(path), method=method, **sent)
        told[role] = answer.status, answer.content_type

    let_in = {role for role, (_, kind) in told.items() if kind != MEDIA_TYPE}
    assert let_in == PAGE_ROLES[page]
    assert set(told.values()) == {told[NOBODY]}


@pytest.mark.parametrize(
    ("operation", "role"),
    [(each, role) for each in EVERY for role in sorted(ROLES.get(each.id, ()))],
    ids=lambda each: getattr(each, "id", each or "nobody"),
)
async def test_a_route_answers_the_roles_of_its_row(
    door: Door, operation: Operation, role: str
) -> None:
    key = await key_of(door, role)

    answer = await door.bearer(key, path_of(operation), method=operation.method)

    assert answer.status in ANSWERED, await answer.text()


@pytest.mark.parametrize(
    "role", sorted(SIGNED_IN | {NOBODY}), ids=lambda r: r or "nobody"
)
async def test_a_route_refuses_the_roles_that_are_not_in_its_row(
    door: Door, role: str
) -> None:
    # Nothing is done for any of them, so that all may ask of one world.
    key = await key_of(door, role)
    fetch = door.office.database.fetch
    before = await fetch(current_revision), await door.office.acts()
    told = {}
    for each in EVERY:
        if role not in ROLES[each.id]:
            answer = await door.bearer(key, path_of(each), method=each.method)
            told[each.id] = answer.status
            door.office.time.pass_(minutes=1)  # so many at once would be too many

    assert told or role == ADMIN  # who may everything
    assert told == dict.fromkeys(told, 401 if role == NOBODY else 403)
    assert before == (await fetch(current_revision), await door.office.acts())


@pytest.mark.parametrize(
    "operation",
    [
        each
        for each in OPERATIONS
        if PRODUCER in ROLES.get(each.id, set()) and "{" not in each.path
    ],
    ids=lambda each: each.id,
)
async def test_a_producer_reads_and_changes_nothing_of_another_by_lists_or_in_bulk(
    door: Door, operation: Operation
) -> None:
    # Routes that name one thing of somebody are tried in `test_reach.py`.
    key = await door.key(Role.PRODUCER, producers=["CS-0002"])
    body = BODIES.get(operation.id)
    sent = {} if body is None else {"json": body}
    fetch = door.office.database.fetch
    before = await fetch(current_revision), await door.office.acts()

    answer = await door.bearer(key, operation.path, method=operation.method, **sent)

    text = await answer.text()
    assert operation.body is None or body is not None, "it needs a row in BODIES"
    assert answer.status in ANSWERED - {422}, text
    told = text.replace(PACK, "") if body else text  # it may repeat what was sent
    assert [each for each in OF_OTHERS if each in told] == []
    assert before == (await fetch(current_revision), await door.office.acts())
