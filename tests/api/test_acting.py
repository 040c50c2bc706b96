"""Every route and `Acts-For`: what staff do there while they act for a producer.

The producer's own works, and the audit names both; what is another's is not found; what
is of all is refused, or answers as it does without the header. A new route gets its row
here, or the first test fails.
"""

from enum import Enum
from typing import Any, Final

import pytest

from catalog.db.history import Author
from catalog.db.reader import current_revision
from catalog.db.writer import save
from ocop_sync.api.app import OPERATIONS, PUBLIC_OPERATIONS
from ocop_sync.api.routes.imports import CSV
from ocop_sync.api.typed.operation import Operation
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.api.test_reasons import (
    BY_ID,
    CALLS,
    CONSENT,
    IMPORTS,
    OWN_REASON,
    SHEET,
    TOLD_FIRST,
    reasons,
)
from tests.api.test_reasons import call as made
from tests.api.test_roles import OF_OTHERS, PACK, path_of
from tests.world import entry

EVERY: Final = OPERATIONS + PUBLIC_OPERATIONS


class Acting(Enum):
    """What becomes of a call of staff who act for a producer."""

    OWN = "it reaches what is that producer's, and nothing else"
    REFUSED = "it is of all: 403"
    SAME = "it is of all, or of who asks, and names no product: as without the header"


OWN, REFUSED, SAME = Acting.OWN, Acting.REFUSED, Acting.SAME

ACTING: Final[dict[str, Acting]] = {
    "get_live": SAME,
    "get_ready": SAME,
    "take_in_push": SAME,
    "list_marketplaces": SAME,
    "list_accounts": OWN,
    "get_account": OWN,
    "put_account_pause": OWN,
    "check_account": OWN,
    "list_hand_accounts": REFUSED,
    "close_account_batch": REFUSED,
    "get_batch_workbook": REFUSED,
    "get_batch_pictures": REFUSED,
    "call_off_account_batch": REFUSED,
    "tell_by_file": REFUSED,
    "tell_by_word": REFUSED,
    "list_policies": REFUSED,
    "patch_policies": REFUSED,
    "get_marketplace_policies": REFUSED,
    "patch_marketplace_policies": REFUSED,
    "get_account_policies": OWN,
    "patch_account_policies": OWN,
    "get_mapping": REFUSED,
    "put_mapping": REFUSED,
    "reset_mapping": REFUSED,
    "list_products": OWN,
    "add_product": REFUSED,
    "get_product": OWN,
    "edit_product": OWN,
    "move_product": REFUSED,
    "add_pack": REFUSED,
    "put_price": OWN,
    "put_stock": OWN,
    "adjust_stock": OWN,
    "put_pause": OWN,
    "put_stock_policy": OWN,
    "get_why": OWN,
    "set_stock_and_price": OWN,
    "get_shown_picture": SAME,
    "get_kept_picture": OWN,
    "list_pictures": OWN,
    "add_picture": OWN,
    "put_picture_order": OWN,
    "edit_picture": OWN,
    "delete_picture": OWN,
    "get_certificates": OWN,
    "grant_certificates": REFUSED,
    "reassess_certificates": REFUSED,
    "correct_certificates": REFUSED,
    "void_certificates": REFUSED,
    "restore_certificates": REFUSED,
    "revoke_certificates": REFUSED,
    "list_certificates": OWN,
    "undo_certificate_act": REFUSED,
    "answer_certificate_authority": REFUSED,
    "list_producers": REFUSED,
    "add_producer": REFUSED,
    "get_producer": OWN,
    "edit_producer": REFUSED,
    "get_consent": OWN,
    "put_consent": OWN,
    "list_erasures": OWN,
    "confirm_producer_erasure": OWN,
    "list_papers": OWN,
    "get_product_papers": OWN,
    "list_producer_papers": OWN,
    "add_paper": REFUSED,
    "correct_product_paper": REFUSED,
    "correct_producer_paper": REFUSED,
    "end_paper": REFUSED,
    "attest_papers": REFUSED,
    "get_coverage": REFUSED,
    "list_counted_products": REFUSED,
    "get_coverage_history": REFUSED,
    "list_published_figures": SAME,
    "list_coming_ends": REFUSED,
    "list_drops_out": REFUSED,
    "list_claims_ended": REFUSED,
    "get_freshness": REFUSED,
    "upload_import": OWN,
    "list_imports": OWN,
    "get_import": OWN,
    "get_annotated_import": OWN,
    "list_past_imports": REFUSED,
    "get_past_import": REFUSED,
    "undo_past_import": REFUSED,
    "get_history": OWN,
    "list_acts": REFUSED,
    "get_audit_head": REFUSED,
    "verify_acts": REFUSED,
    "send_test_notice": REFUSED,
    "list_rules": SAME,
    "read_product_list": REFUSED,
    "list_work": OWN,
    "list_expiring": REFUSED,
    "list_missing_papers": REFUSED,
    "get_status": REFUSED,
    "get_alarms": REFUSED,
    "list_workers": REFUSED,
    "export_whole_catalog": REFUSED,
    "get_empty_sheet": REFUSED,
    "get_expiring_table": REFUSED,
    "get_missing_papers_table": REFUSED,
    "list_people": REFUSED,
    "add_person": REFUSED,
    "get_person": REFUSED,
    "edit_person": REFUSED,
    "put_person_disabled": REFUSED,
    "reset_person_password": REFUSED,
    "erase_person": REFUSED,
    "list_person_sessions": REFUSED,
    "delete_person_sessions": REFUSED,
    "delete_person_session": REFUSED,
    "list_keys": REFUSED,
    "make_key": REFUSED,
    "rotate_key": REFUSED,
    "revoke_key": REFUSED,
    "list_links": OWN,
    "make_link": OWN,
    "void_link": OWN,
    "list_eligibility": REFUSED,
    "list_held": REFUSED,
    "retry_held": REFUSED,
    "get_held_group": REFUSED,
    "approve_held_group": REFUSED,
    "refuse_held_group": REFUSED,
    "list_drift": REFUSED,
    "decide_on_drift": REFUSED,
    "list_twins": REFUSED,
    "decide_on_twin": REFUSED,
    "keep_listing": REFUSED,
    "list_runs": REFUSED,
    "cancel_runs": REFUSED,
    "get_run": REFUSED,
    "list_ledger": REFUSED,
    "list_all_schedules": REFUSED,
    "post_schedule": REFUSED,
    "get_schedule_times": REFUSED,
    "get_schedule": REFUSED,
    "get_schedule_timing": REFUSED,
    "put_schedule_timing": REFUSED,
    "put_schedule_pause": REFUSED,
    "delete_schedule": REFUSED,
    "run_schedule": REFUSED,
    "post_plan": REFUSED,
    "list_all_plans": REFUSED,
    "get_plan": REFUSED,
    "approve_one_plan": REFUSED,
    "refuse_one_plan": REFUSED,
    "run_plan": REFUSED,
    "start_run": REFUSED,
    "cancel_one_run": REFUSED,
    "follow_run": REFUSED,
    "list_notices": REFUSED,
    "get_notice": REFUSED,
    "retry_notice": REFUSED,
    "get_me": SAME,
    "list_sessions": SAME,
    "delete_session": SAME,
    "get_public_coverage": SAME,
    "list_public_products": SAME,
}

WHY: Final = {"reason": "họp ngày 12/11"}
BODIES: Final[dict[str, Any]] = {
    **{name: body for name, body in (CALLS | OWN_REASON).items() if body is not ...},
    **TOLD_FIRST,
    "move_product": {"producer": "CS-0002"},
    "put_picture_order": {"order": ["a" * 64]},
    "undo_past_import": {"confirm": ""},
    "undo_certificate_act": {"act": 1, **WHY},
    "answer_certificate_authority": {
        "decision": "9/QĐ-UBND",
        "day": "2024-02-01",
        "level": "tỉnh",
    },
    "retry_held": {"marketplace": "memory", "products": ["SP-00001"]},
    "approve_held_group": {"checksum": "a" * 24, **WHY},
    "refuse_held_group": WHY,
    "decide_on_drift": {"stays": "ours"},
    "decide_on_twin": {"is_ours": False},
    "keep_listing": {"ref": "m-1"},
    "cancel_runs": {},
    "read_product_list": (b"SP-00001\n", CSV),
    "tell_by_file": (b"A\n", CSV),
    "tell_by_word": {"word": "empty", "as_of": None},
}
"""By the id of an operation, a body that is taken as far as its form goes."""

QUERIES: Final = {
    "list_counted_products": "?marketplace=memory&figure=certified",
    "get_coverage_history": "?first=2024-03-01&last=2024-03-01",
    "list_drops_out": "?as_of=2080-01-01",
    "get_schedule_times": "?cron=0%202%20*%20*%20*",
}


async def call(door: Door, key: str, operation: Operation, acts_for: str = "") -> Any:
    """Call an operation about what is of CS-0001; return status and text."""
    headers = {"If-Match": "*"} | ({"Acts-For": acts_for} if acts_for else {})
    body, more = BODIES.get(operation.id), dict[str, Any]()
    if operation.id == "put_mapping":
        answer = await door.bearer(key, path_of(operation))
        body = (await answer.json())["mapping"]
    if isinstance(body, tuple):
        more["data"], headers["Content-Type"] = body
    elif body is not None:
        more["json"] = body
    path = path_of(operation) + QUERIES.get(operation.id, "")
    answer = await door.bearer(
        key, path, method=operation.method, headers=headers, **more
    )
    return answer.status, (await answer.read()).decode("utf-8", "replace")


async def have_something_of_all(door: Door, key: str) -> None:
    """Let there be a missing paper, a link, an import and an erasure of CS-0001."""
    bare = entry(1, papers=())
    await door.office.database.write(
        lambda conn: save(conn, [bare], by=Author("kiểm thử", door.office.time()))
    )
    hers = await door.key(Role.PRODUCER, producers=["CS-0001"])
    for who, method, path, body in (
        (key, "POST", "/api/v1/producers/CS-0001/links", {}),
        (hers, "POST", IMPORTS, (SHEET, CSV)),
        (key, "PUT", CONSENT, {"consent": False}),
    ):
        await made(door, who, method, path, body)


def those(kind: Acting) -> pytest.MarkDecorator:
    found = [each for each in EVERY if ACTING.get(each.id) is kind]
    return pytest.mark.parametrize("operation", found, ids=lambda each: each.id)


async def traces(door: Door) -> Any:
    revision = await door.office.database.fetch(current_revision)
    return revision, await door.office.acts()


def test_every_route_has_its_row() -> None:
    assert sorted(ACTING) == sorted(each.id for each in EVERY)


@those(REFUSED)
async def test_what_is_of_all_is_refused_to_who_acts_for_a_producer(
    door: Door, operation: Operation
) -> None:
    key = await door.key(Role.ADMIN)
    before = await traces(door)

    status, text = await call(door, key, operation, "CS-0001")

    assert status == 403, text
    assert "Acts-For" in text
    assert await traces(door) == before
    assert (await call(door, key, operation))[0] != 403


@those(SAME)
async def test_what_is_of_all_and_names_no_product_answers_the_same(
    door: Door, operation: Operation
) -> None:
    key = await door.key(Role.ADMIN)

    there = await call(door, key, operation)
    acting = await call(door, key, operation, "CS-0001")

    assert acting[0] == there[0]
    assert acting[0] >= 400 or acting == there


@those(OWN)
async def test_who_acts_for_another_producer_finds_and_changes_nothing_of_this_one(
    door: Door, operation: Operation
) -> None:
    key = await door.key(Role.ADMIN)
    await have_something_of_all(door, key)
    before = await traces(door)

    status, text = await call(door, key, operation, "CS-0002")

    if "{" in operation.path:
        assert status == 404, text
    told = text.replace(PACK, "")  # it may repeat what was sent
    assert [each for each in OF_OTHERS if each in told] == []
    after = await traces(door)
    assert after[0] == before[0]
    acts = after[1][len(before[1]) :]
    assert [e.entry.kind for e in acts if e.entry.subjects] == []


CHANGING: Final = [
    id_ for id_ in CALLS if ACTING.get(id_) is OWN and BY_ID[id_].allowed
]


@pytest.mark.parametrize("id_", CHANGING)
async def test_the_audit_names_who_acts_and_for_whom(door: Door, id_: str) -> None:
    key = await door.key(Role.ADMIN)
    before = len(await door.office.acts())

    await reasons(door, key, BY_ID[id_], **{"Acts-For": "CS-0001"})

    made = (await door.office.acts())[before:]
    mine = [each for each in made if each.entry.acts_for]
    assert mine
    assert {(each.entry.acts_for, each.by.name) for each in mine} == {
        ("CS-0001", "Bảng")
    }
