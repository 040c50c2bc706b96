"""Why somebody acts: said by a header at every route that changes something."""

import re
from typing import Any, Final
from urllib.parse import quote

import pytest

from catalog.commands.pictures import id_of
from catalog.db.history import Author
from catalog.db.writer import save
from ocop_sync.api.access.reason import LONGEST
from ocop_sync.api.app import OPERATIONS, about
from ocop_sync.api.routes.imports import CSV
from ocop_sync.api.typed.openapi import document
from ocop_sync.api.typed.operation import Operation
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.catalog_database import as_csv
from tests.factories import make_certificate, make_product
from tests.pictures import make_picture
from tests.world import entry

WHY: Final = "Khách báo hàng hỏng 🙁; 50% đã trả"
SHEET: Final = as_csv({"sku": "SP-00001-1", "description": "Măng núi"}).getvalue()
PICTURE: Final = id_of(make_product().pictures[0])

PRODUCT: Final = "/api/v1/products/SP-00001"
IMPORTS: Final = "/api/v1/imports?source=so"
CONSENT: Final = "/api/v1/producers/CS-0001/consent"
NIGHTLY: Final = {"name": "dem", "kind": "sync", "cron": "0 2 * * *"}
DECIDED: Final = {"reason": "họp ngày 12/11", "safety": {"approval_h": 12}}

CERTIFIED: Final = {"products": ["SP-00001"], "which": {"decision": "001/QĐ-MẪU"}}
VOIDED: Final = {**CERTIFIED, "reason": DECIDED["reason"]}
GRANTED: Final = {
    "products": ["SP-00001"],
    "decision": "9/QĐ-UBND",
    "day": "2024-02-01",
    "stars": 4,
    "level": "tỉnh",
}
TOLD_FIRST: Final[dict[str, dict[str, Any]]] = {
    "grant_certificates": {**GRANTED, "day": "2019-09-01"},
    "reassess_certificates": GRANTED,
    "void_certificates": VOIDED,
    "restore_certificates": VOIDED,
    "revoke_certificates": {n: GRANTED[n] for n in ("products", "decision", "day")},
}
"""Bodies of what is told before it is entered, with a token."""

CALLS: Final[dict[str, Any]] = {
    "put_mapping": ...,
    "grant_certificates": ...,
    "reassess_certificates": ...,
    "correct_certificates": {**CERTIFIED, "stars": 5, "level": "trung ương"},
    "revoke_certificates": ...,
    "answer_certificate_authority": ...,
    "reset_mapping": None,
    "add_product": {"producer": "CS-0001", "official": {"name": "Nước mắm Mẫu"}},
    "edit_product": {"texts": {"origin": "Ba Chẽ"}},
    "move_product": ...,
    "add_pack": {"texts": {"pack": "Hộp 1 kg"}},
    "add_producer": {"values": {"producer_name": "Hợp tác xã Mẫu Hai"}},
    "edit_producer": {"values": {"address": "Thôn Mẫu Hai"}},
    "put_price": {"price_vnd": 46_000},
    "put_stock": {"on_hand": 5},
    "adjust_stock": {"quantity": 1, "reason": "broken"},
    "put_pause": {"paused": True},
    "put_stock_policy": {"stock_policy": "mirror"},
    "set_stock_and_price": {"items": [{"sku": "SP-00001-1", "stock": {"on_hand": 7}}]},
    "add_picture": (make_picture(), "image/jpeg"),
    "put_picture_order": ...,
    "edit_picture": {"shows_ocop_mark": "yes"},
    "delete_picture": None,
    "put_consent": {"consent": False},
    "confirm_producer_erasure": None,
    "add_paper": {"kind": "age_gate", "products": ["SP-00001"]},
    "correct_product_paper": {"kind": "food_safety", "number": "7/ATTP"},
    "correct_producer_paper": {"kind": "food_safety", "number": "7/ATTP"},
    "attest_papers": {"kind": "age_gate", "products": ["SP-00001"], "value": "yes"},
    "upload_import": (SHEET, CSV),
    "undo_past_import": ...,
    "add_person": {"name": "Trần Mẫu", "role": "operator"},
    "edit_person": {"role": "viewer"},
    "put_person_disabled": {"disabled": True},
    "reset_person_password": None,
    "erase_person": None,
    "make_key": {"name": "Bảng", "role": "viewer"},
    "rotate_key": {"hold_h": 1},
    "revoke_key": None,
    "make_link": {},
    "void_link": None,
    "post_schedule": NIGHTLY,
    "put_schedule_timing": {"cron": "0 3 * * *"},
    "put_schedule_pause": {"paused": True},
    "delete_schedule": None,
    "run_schedule": None,
    "start_run": {"kind": "sync"},
    "post_plan": {},
}
"""By the id of an operation, a body by which it changes something, or a file.

What depends on a read is made by `body_of`.
"""
OWN_REASON: Final[dict[str, Any]] = {
    "void_certificates": ...,
    "restore_certificates": ...,
    "undo_certificate_act": ...,
    "put_account_pause": {"paused": True, "reason": "họp ngày 12/11"},
    "patch_policies": DECIDED,
    "patch_marketplace_policies": DECIDED,
    "approve_one_plan": {"reason": DECIDED["reason"]},
    "refuse_one_plan": {"reason": DECIDED["reason"]},
    "end_paper": {
        "kind": "quality_system",
        "products": ["SP-00001"],
        "reason": "họp ngày 12/11",
    },
    "patch_account_policies": {"reason": DECIDED["reason"], "drift": {"price": "ask"}},
}
"""Those whose body asks for a reason, which is kept."""
AFTER_MORE: Final = {
    # They decide what a run has made, some for a reason of their body.
    "retry_held",
    "approve_held_group",
    "refuse_held_group",
    "decide_on_drift",
    "decide_on_twin",
    "keep_listing",
    "cancel_runs",
    "cancel_one_run",
    "run_plan",
    "retry_notice",
    # They are of accounts that people work: `test_by_hand.py` has one.
    "close_account_batch",
    "call_off_account_batch",
    "tell_by_file",
    "tell_by_word",
    # Sessions are made by browsers.
    "delete_person_session",
    "delete_person_sessions",
    "delete_session",
    # They look, and change nothing.
    "check_account",
    "read_product_list",
    "send_test_notice",
}
BEFORE: Final[dict[str, tuple[str, str, Any]]] = {
    "void_link": ("POST", "/api/v1/producers/CS-0001/links", {}),
    "confirm_producer_erasure": ("PUT", CONSENT, {"consent": False}),
    "end_paper": (
        *("POST", "/api/v1/papers"),
        {"kind": "quality_system", "products": ["SP-00001"]},
    ),
    "undo_past_import": ("POST", IMPORTS, (SHEET, CSV)),
    "put_schedule_timing": ("POST", "/api/v1/schedules", NIGHTLY),
    "put_schedule_pause": ("POST", "/api/v1/schedules", NIGHTLY),
    "delete_schedule": ("POST", "/api/v1/schedules", NIGHTLY),
    "run_schedule": ("POST", "/api/v1/schedules", NIGHTLY),
    "approve_one_plan": ("POST", "/api/v1/plans", {}),
    "refuse_one_plan": ("POST", "/api/v1/plans", {}),
}
"""A call that has to be made first."""

CHANGING: Final = [each for each in OPERATIONS if each.allowed and not each.is_read]
BY_ID: Final = {each.id: each for each in CHANGING}


async def call(
    door: Door, key: str, method: str, path: str, body: Any, **headers: str
) -> Any:
    """Make a call that is taken; return its JSON."""
    more: dict[str, Any] = {} if body is None else {"json": body}
    headers = {"If-Match": "*", **headers}
    if isinstance(body, tuple):
        more = {"data": body[0]}
        headers["Content-Type"] = body[1]
    answer = await door.bearer(key, path, method=method, headers=headers, **more)
    assert answer.status in (200, 201, 202, 204), await answer.text()
    return None if answer.status == 204 else await answer.json()


async def confirmed_body(door: Door, key: str, operation: Operation) -> Any:
    """Return the body of an act on certificates, with the token if one is told."""
    if operation.id == "answer_certificate_authority":
        lacks = make_certificate(decision="5/QĐ-UBND", body="", stars=3)
        bare = entry(1, certificates=(lacks,))
        await door.office.database.write(
            lambda conn: save(conn, [bare], by=Author("kiểm thử", door.office.time()))
        )
        return {"decision": "5/QĐ-UBND", "day": "2023-05-10", "level": "huyện"}
    if operation.id == "undo_certificate_act":
        slip = {**CERTIFIED, "decision": "7/QĐ-MẪU"}
        correct = BY_ID["correct_certificates"].path
        made = await call(door, key, "POST", correct, slip)
        return {"act": made["act"], "reason": DECIDED["reason"]}
    body, path = TOLD_FIRST[operation.id], operation.path
    if operation.id == "restore_certificates":
        voiding = BY_ID["void_certificates"]
        said = await confirmed_body(door, key, voiding)
        await call(door, key, "POST", voiding.path, said)
        return body
    answer = await door.bearer(key, path, method="POST", json=body)
    assert answer.status == 409, await answer.text()
    return {**body, "token": (await answer.json())["token"]}


async def body_of(door: Door, key: str, operation: Operation, path: str) -> Any:
    """Return the body of an operation, made of what is read where it has to."""
    body = CALLS.get(operation.id, OWN_REASON.get(operation.id))
    if body is not ...:
        return body
    if operation.path.startswith("/api/v1/certificates/"):
        return await confirmed_body(door, key, operation)
    if operation.id == "put_picture_order":
        await call(door, key, "POST", f"{PRODUCT}/pictures", CALLS["add_picture"])
        shown = await call(door, key, "GET", f"{PRODUCT}/pictures", None)
        return {"order": [each["id"] for each in reversed(shown["pictures"])]}
    if operation.id == "move_product":
        new = {"values": {"producer_name": "Hợp tác xã Mẫu Hai"}}
        added = await call(door, key, "POST", "/api/v1/producers", new)
        return {"producer": added["id"]}
    if operation.id == "undo_past_import":
        told = await call(door, key, "POST", path, {"confirm": ""})
        return {"confirm": told["token"]}
    found = (await call(door, key, "GET", path, None))["mapping"]
    return {**found, "categories": {**found["categories"], "I.3.c": "KHÁC"}}


async def reasons(
    door: Door, key: str, operation: Operation, **more: str
) -> list[tuple[str, str]]:
    """Carry an operation out, saying why; return the kinds of its acts, and why."""
    person = await door.office.add("Lê Mẫu")
    spare = await door.key()
    values = {
        "code": "SP-00001",
        "sku": "SP-00001-1",
        "producer": "CS-0001",
        "picture": PICTURE,
        "person_id": person.id,
        "link_id": "1",
        "key_id": spare.rpartition("_")[0],
        "key": "memory",
        "marketplace": "memory",
        "name": "dem",
        "number": "1",
        "plan": "1",
    }
    path = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], operation.path)
    if "import" in operation.id:
        bare = entry(1, description="")
        await door.office.database.write(
            lambda conn: save(conn, [bare], by=Author("kiểm thử", door.office.time()))
        )
        path = IMPORTS if operation.upload else path
    if operation.id in BEFORE:
        await call(door, key, *BEFORE[operation.id])
        door.office.time.pass_(hours=73)
    body = await body_of(door, key, operation, path)
    before = len(await door.office.acts())
    await call(door, key, operation.method, path, body, Reason=quote(WHY), **more)
    acts = (await door.office.acts())[before:]
    return [(each.entry.kind, each.reason) for each in acts]


def test_every_operation_that_changes_something_has_its_row() -> None:
    rows = [*CALLS, *OWN_REASON, *AFTER_MORE]

    assert sorted(rows) == sorted(BY_ID)


@pytest.mark.parametrize("id_", CALLS)
async def test_the_audit_has_why_a_call_changes_something(door: Door, id_: str) -> None:
    key = await door.key(Role.ADMIN)

    found = await reasons(door, key, BY_ID[id_])

    assert found
    assert {why for _, why in found} == {WHY}


@pytest.mark.parametrize("id_", OWN_REASON)
async def test_a_reason_that_the_body_asks_for_is_kept_instead(
    door: Door, id_: str
) -> None:
    key = await door.key(Role.ADMIN)

    found = await reasons(door, key, BY_ID[id_])

    assert {why for _, why in found} == {"họp ngày 12/11"}


@pytest.mark.parametrize("id_", ["put_price", "put_stock", "put_pause", "put_consent"])
@pytest.mark.parametrize("is_staff", [True, False])
async def test_producers_and_who_acts_for_one_say_why_as_well(
    door: Door, id_: str, is_staff: bool
) -> None:
    of: dict[str, Any] = {} if is_staff else {"producers": ["CS-0001"]}
    key = await door.key(Role.OPERATOR if is_staff else Role.PRODUCER, **of)
    acting = {"Acts-For": "CS-0001"} if is_staff else {}

    found = await reasons(door, key, BY_ID[id_], **acting)

    (act,) = (await door.office.acts())[-1:]
    assert {why for _, why in found} == {WHY}
    assert act.entry.acts_for == ("CS-0001" if is_staff else "")


@pytest.mark.parametrize(
    "sent",
    [
        "Khách báo",  # no header for browsers
        "100%",
        "%00",
        "%0A",
        "%7F",
        "%C3",
        "%C0%80",
        "%ED%A0%80",
        "%F5%80%80%80",
        "a" * (LONGEST + 1),
        quote("ạ" * (LONGEST + 1)),
    ],
)
async def test_what_is_no_reason_is_refused_and_nothing_is_changed(
    door: Door, sent: str
) -> None:
    key = await door.key(Role.OPERATOR)
    before = len(await door.office.acts())

    answer = await door.bearer(
        key,
        f"{PRODUCT}/pause",
        method="PUT",
        headers={"Reason": sent},
        json={"paused": True},
    )

    (wrong,) = (await answer.json())["errors"]
    assert (answer.status, wrong["in"], wrong["pointer"]) == (422, "header", "/Reason")
    assert len(await door.office.acts()) == before


@pytest.mark.parametrize("why", ["a" * LONGEST, "ạ" * LONGEST, ""])
async def test_a_reason_is_as_long_as_said_at_most(door: Door, why: str) -> None:
    key = await door.key(Role.OPERATOR)

    await call(
        door, key, "PUT", f"{PRODUCT}/pause", {"paused": True}, Reason=quote(why)
    )

    assert (await door.office.acts())[-1].reason == why


def test_the_document_names_the_header_where_something_is_changed() -> None:
    paths = document(OPERATIONS, about())["paths"]

    for each in OPERATIONS:
        shown = paths[each.path][each.method.lower()].get("parameters", ())
        named = "Reason" in {parameter["name"] for parameter in shown}
        assert named == (each.id in BY_ID), each.id
