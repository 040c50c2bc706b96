"""Kept plans to people."""

import json
from typing import Final

import click

from catalog.vietnam_time import moment
from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.policies import show_effects
from ocop_sync.cli.views.tables import (
    SIMULATED,
    console,
    indented,
    plain,
    write_json,
)
from ocop_sync.errors import HeldPlanError
from ocop_sync.service.plan.kept_plans import SeenPlan
from ocop_sync.store.decisions.plans import PlanChange, PlannedOutcome, PlanState

_STATES: Final = {
    PlanState.WAITING: "chờ duyệt / waits for approval",
    PlanState.APPROVED: "đã duyệt / approved",
    PlanState.REFUSED: "không duyệt / refused",
    PlanState.CARRIED_OUT: "đã thực hiện / carried out",
}
_OUTCOMES: Final = {
    PlannedOutcome.SENT: "đã gửi / sent",
    PlannedOutcome.CHANGED: "không còn đúng, chưa gửi / no longer fitted, not sent",
    PlannedOutcome.HELD: "đang tạm giữ, chưa gửi / held, not sent",
    PlannedOutcome.NOT_SENT: "chưa gửi được / could not be sent",
}
_NARROWED: Final = {
    "accounts": "tài khoản / accounts",
    "products": "sản phẩm / products",
    "facets": "phần / facets",
}
_REOPENED: Final = (
    "cơ sở dữ liệu được khôi phục, lần duyệt trước không còn tính: xem rồi duyệt lại"
    " / the database was restored, and the approval of before holds no more: read and"
    " approve it again"
)
_LONGEST: Final = 300


def show_plan_line(seen: SeenPlan) -> None:
    """Show a plan in a line or two: how it stands, and who has decided."""
    row, out = seen.row, console()
    where = ", ".join(each["marketplace"] for each in row.marketplaces)
    takes = f", {row.takes} lấy đi của người mua / take from buyers" * bool(row.takes)
    out.print(
        f"[b]{row.id}[/b] {moment(row.made_at)} {plain(where)}: {row.changes} thay đổi"
        f" / changes{takes}: {_state_of(seen)}"
    )
    narrowed = [
        f"{words}: {', '.join(row.scope[key])}"
        for key, words in _NARROWED.items()
        if row.scope.get(key)
    ]
    if narrowed:
        out.print(indented(plain(f"chỉ / only {'; '.join(narrowed)}")))
    out.print(indented(f"lập bởi / made by {row.made_by}"))
    if row.decided_at is not None:
        who = f"{row.decided_by}, {moment(row.decided_at)}: {row.reason}"
        out.print(indented(f"quyết định / decided: {who}"))
    if row.reopened_at is not None:
        out.print(indented(f"{moment(row.reopened_at)}: {_REOPENED}"))
    if row.run:
        out.print(indented(f"lần chạy / run: ocop-sync runs show {row.run}"))


def _state_of(seen: SeenPlan) -> str:
    if seen.is_running:
        return "đang thực hiện / being carried out"
    if seen.is_expired:
        return "đã hết hạn / expired"
    if seen.has_nothing:
        return "không có gì để duyệt / nothing to approve"
    return _STATES[seen.row.state]


def show_plan(seen: SeenPlan) -> None:
    """Show a plan without its changes."""
    row, out = seen.row, console()
    if row.simulated:
        out.print(SIMULATED)
    show_plan_line(seen)
    for each in row.marketplaces:
        minutes = each["minutes"]
        how_long = "?" if minutes is None else f"~{minutes}"
        out.print(
            indented(
                f"{each['marketplace']}: {each['calls']} lần ghi / writes,"
                f" {each['reads']} lần đọc / reads, {how_long} phút / minutes"
            )
        )
        for group in each["held"]:
            why = f"{group['why']['vi']} / {group['why']['en']}"
            out.print(
                indented(
                    f"chờ duyệt riêng, ngoài kế hoạch / held, no part of it:"
                    f" {group['products']} ({group['cause']}: {why})"
                )
            )


def show_change(change: PlanChange) -> None:
    """Show one change: product, listing, before and after, why, and its outcome."""
    out = console()
    what = f"{change.subject} {change.name}".strip()
    outcome = f": {_OUTCOMES[change.outcome]}" if change.outcome else ""
    listing = f" [{change.listing}]" if change.listing else ""
    out.print(
        f"{change.n}. {plain(change.account)} {plain(what + listing)}:"
        f" {kinds_in_words([change.kind])}{outcome}"
    )
    for words, value in (
        ("trước / before", change.before),
        ("sau / after", change.after),
    ):
        if value is not None:
            text = json.dumps(value, ensure_ascii=False)
            more = "…" if len(text) > _LONGEST else ""
            out.print(indented(f"{words}: {text[:_LONGEST]}{more}"))
    why = f"{change.why['vi']} / {change.why['en']}"
    counted = f"; {change.counted_as}" if change.counted_as else ""
    out.print(indented(f"vì / why: {change.cause}: {why}{counted}"))


def ask_for_token(error: HeldPlanError, *, as_json: bool) -> None:
    """Say what a plan takes from buyers, and how to mean it."""
    if as_json:
        effects = [{"vi": vi, "en": en} for vi, en in error.effects]
        write_json({"held": {"effects": effects, "token": error.token}})
        return
    click.echo("chưa duyệt, vì người mua sẽ mất / not approved: it takes from buyers")
    show_effects(error.effects)
    click.echo(f"đúng ý thì thêm / if it is meant, add: --confirm {error.token}")
