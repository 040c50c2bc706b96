"""Every command has its route, or stands in the table of those that have none.

The table is in `docs/operations.md`, with the reason of each. A new command gets its
row here or there, or the first test fails.
"""

import re
from pathlib import Path
from typing import Final

import pytest

from ocop_sync.api.app import OPERATIONS
from ocop_sync.cli import main
from tests.test_docs import commands

ROUTES: Final[dict[str, str]] = {
    "import": "upload_import",
    "import list": "list_past_imports",
    "import show": "get_past_import",
    "import undo": "undo_past_import",
    "import reports": "list_imports",
    "import report": "get_import get_annotated_import",
    "export": "export_whole_catalog",
    "template": "get_empty_sheet",
    "eligibility": "list_eligibility list_rules get_why",
    "expiring": "list_expiring get_expiring_table",
    "missing-papers": "list_missing_papers get_missing_papers_table",
    "worklist": "list_work",
    "certificates list": "list_certificates",
    "certificates show": "get_certificates",
    "certificates authority": "answer_certificate_authority",
    "certificates grant": "grant_certificates read_product_list",
    "certificates reassess": "reassess_certificates read_product_list",
    "certificates correct": "correct_certificates read_product_list",
    "certificates void": "void_certificates read_product_list",
    "certificates restore": "restore_certificates read_product_list",
    "certificates revoke": "revoke_certificates read_product_list",
    "certificates undo": "undo_certificate_act",
    "papers list": "list_papers get_product_papers list_producer_papers",
    "papers add": "add_paper",
    "papers correct": "correct_product_paper correct_producer_paper",
    "papers end": "end_paper",
    "papers attest": "attest_papers",
    "consent give": "put_consent",
    "consent withdraw": "put_consent",
    "consent show": "get_consent",
    "consent erasures": "list_erasures",
    "consent erase": "confirm_producer_erasure",
    "products list": "list_products",
    "products show": "get_product",
    "products add": "add_product",
    "products add-pack": "add_pack",
    "products edit": "edit_product",
    "products move": "move_product",
    "products price": "put_price",
    "products count": "put_stock",
    "products adjust": "adjust_stock",
    "products bulk": "set_stock_and_price",
    "products pause": "put_pause",
    "products resume": "put_pause",
    "products stock-policy": "put_stock_policy",
    "products why": "get_why",
    "pictures list": "list_pictures",
    "pictures add": "add_picture",
    "pictures order": "put_picture_order",
    "pictures mark": "edit_picture",
    "pictures remove": "delete_picture",
    "plan list": "list_all_plans",
    "plan make": "post_plan",
    "plan show": "get_plan",
    "plan approve": "approve_one_plan",
    "plan refuse": "refuse_one_plan",
    "plan carry-out": "run_plan",
    "sync": "start_run follow_run",
    "reconcile": "start_run follow_run",
    "cancel": "cancel_runs",
    "runs list": "list_runs",
    "runs show": "get_run",
    "runs start": "start_run",
    "runs follow": "follow_run",
    "runs cancel": "cancel_one_run",
    "ledger": "list_ledger",
    "history": "get_history",
    "audit list": "list_acts",
    "audit head": "get_audit_head",
    "audit verify": "verify_acts",
    "status": "get_status list_accounts get_alarms",
    "health": "list_workers get_live get_ready",
    "coverage": "get_coverage list_counted_products get_coverage_history"
    " list_published_figures list_coming_ends list_drops_out list_claims_ended"
    " get_freshness",
    "notices list": "list_notices",
    "notices show": "get_notice",
    "notices retry": "retry_notice",
    "notices test": "send_test_notice",
    "schedule list": "list_all_schedules get_schedule",
    "schedule add": "post_schedule get_schedule_times",
    "schedule edit": "put_schedule_timing get_schedule_timing",
    "schedule pause": "put_schedule_pause",
    "schedule resume": "put_schedule_pause",
    "schedule remove": "delete_schedule",
    "schedule run-now": "run_schedule",
    "held list": "list_held",
    "held show": "get_held_group",
    "held approve": "approve_held_group",
    "held refuse": "refuse_held_group",
    "held retry": "retry_held",
    "drift list": "list_drift",
    "drift ours": "decide_on_drift",
    "drift theirs": "decide_on_drift",
    "twins list": "list_twins",
    "twins adopt": "decide_on_twin",
    "twins other": "decide_on_twin",
    "twins keep": "keep_listing",
    "mapping show": "get_mapping",
    "mapping set": "put_mapping",
    "mapping reset": "reset_mapping",
    "sheet export": "close_account_batch get_batch_workbook get_batch_pictures",
    "sheet import": "tell_by_file tell_by_word",
    "sheet call-off": "call_off_account_batch",
    "sheet status": "list_hand_accounts",
    "marketplaces list": "list_marketplaces",
    "marketplaces check": "check_account",
    "marketplaces pause": "put_account_pause",
    "marketplaces resume": "put_account_pause",
    "marketplaces policy show": "list_policies get_marketplace_policies"
    " get_account_policies",
    "marketplaces policy set": "patch_policies patch_marketplace_policies"
    " patch_account_policies",
    "marketplaces policy reset": "patch_policies patch_marketplace_policies"
    " patch_account_policies",
    "people list": "list_people get_person",
    "people add": "add_person",
    "people change": "edit_person",
    "people disable": "put_person_disabled",
    "people enable": "put_person_disabled",
    "people reset": "reset_person_password",
    "people erase": "erase_person",
    "people sessions": "list_person_sessions",
    "people sign-out": "delete_person_sessions delete_person_session",
    "keys list": "list_keys",
    "keys add": "make_key",
    "keys rotate": "rotate_key",
    "keys revoke": "revoke_key",
    "producers list": "list_producers",
    "producers show": "get_producer",
    "producers add": "add_producer",
    "producers edit": "edit_producer",
    "producers link": "make_link",
    "producers links": "list_links",
    "producers void-link": "void_link",
}
"""By the name of a command, the ids of the operations that do the same."""

ALONE: Final = {
    "get_shown_picture": "for buyers: a listing uses it",
    "get_kept_picture": "the bytes of one of `pictures list`",
    "take_in_push": "for marketplaces",
    "get_account": "one of `status`",
    "get_me": "who calls; the command line has nobody signed in",
    "list_sessions": "the caller's own ones",
    "delete_session": "one of the caller's own ones",
}
"""The operations that no command does, each with its reason."""

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "operations.md"


def table() -> dict[str, str]:
    """Return the reasons in the table of commands without a route."""
    text = DOCUMENT.read_text("utf-8")
    (part,) = re.findall(
        r"^\| Command without a route \|.*?\n((?:\|.*\n)+)", text, re.MULTILINE
    )
    rows = re.findall(r"^\| (`[^|]+`) \| (.+) \|$", part, re.MULTILINE)
    return {
        name: why for names, why in rows for name in re.findall(r"`([^`]+)`", names)
    }


def test_every_command_has_its_route_or_a_row_with_the_reason() -> None:
    every = {each.removeprefix("ocop-sync ") for each in commands(main, "ocop-sync")}

    without = table()
    assert without.keys().isdisjoint(ROUTES)
    assert every == ROUTES.keys() | without.keys()
    assert all(without.values())


def test_every_operation_is_that_of_a_command_or_has_its_reason() -> None:
    named = {each for ids in ROUTES.values() for each in ids.split()}

    assert named.isdisjoint(ALONE)
    assert named | ALONE.keys() == {each.id for each in OPERATIONS}


@pytest.mark.parametrize("name", ["demo", "db moved", "plan"])
def test_the_table_is_read(name: str) -> None:
    assert name in table()
