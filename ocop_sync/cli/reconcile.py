"""Read everything, tell the drift, and heal it: `ocop-sync reconcile`."""

from collections.abc import Sequence
from functools import partial

import click
from rich.table import Table

from ocop_sync.cli.app.app import settings_with_accounts
from ocop_sync.cli.app.options import AS_JSON, FOLLOW
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.drift import KINDS
from ocop_sync.cli.sync import (
    end_shown,
    show_clock,
    show_report,
    show_troubles,
    work_once,
)
from ocop_sync.cli.views.inferred_sales import show_dropped, show_unmarked
from ocop_sync.cli.views.left_alone import show_unreadable
from ocop_sync.cli.views.tables import (
    console,
    plain,
    side_by_side,
    some_of,
)
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.service.sync.rated_sync import reconcile_once
from ocop_sync.service.sync.reconcile import Findings, Reconciled

_HEALERS = {"us": "ta / us", "there": "trên sàn / there", "sold": "đã bán / sold"}


@click.command(
    epilog="Ví dụ / Example: ocop-sync reconcile postmart --report-only",
)
@click.argument("marketplaces", type=CODE, nargs=-1)
@click.option(
    "--report-only",
    is_flag=True,
    help="Chỉ báo, không ghi gì lên sàn / only report: write nothing there.",
)
@FOLLOW
@AS_JSON
def reconcile(
    *,
    marketplaces: Sequence[str],
    report_only: bool,
    follow_s: float,
    as_json: bool,
) -> None:
    """Đọc toàn bộ các sàn, nói rõ sai lệch, rồi sửa như khi đồng bộ.

    Đọc hết dù mới đọc xong. Tin không thấy thì tìm lại rồi mới coi là biến mất. Mã
    thoát như `sync`; 3 cả khi quá nhiều tin biến mất nên chưa đăng lại tin nào, 1 cả
    khi có tài khoản không đọc hết được.

    Reads all of the marketplaces, even if they were read just before, tells the drift,
    and heals it as a sync does. A listing that was not found is looked for again before
    it is believed gone. Exit codes as of `sync`; 3 also if so much has vanished that
    nothing of it is created, 1 also if an account could not be read whole.
    """
    settings = settings_with_accounts()
    once = partial(reconcile_once, report_only=report_only)
    done = work_once(settings, once, marketplaces, follow_s)
    end_shown(done, lambda result: _show_all(result.done), as_json=as_json)


def _show_all(done: Reconciled) -> None:
    report = done.report
    if done.report_only:
        show_clock(report)
        show_troubles(report)
        show_unreadable(report)
        show_dropped(report.dropped)
        show_unmarked(report.unmarked)
    else:
        show_report(report)
    _show(done)


def _show(done: Reconciled) -> None:
    """Show the findings at each marketplace."""
    out = console()
    out.print(findings_table(done))
    unread = [key for found in done.findings for key in found.unread]
    if unread:
        out.print(
            "Chưa đọc hết, nên bảng chưa nói gì về / not read whole, so the table does"
            f" not speak of: {plain(some_of(unread))}"
        )
    for found in done.findings:
        if found.creates_nothing:
            out.print(
                f"{found.marketplace}: quá nhiều tin biến mất, chưa đăng lại tin nào;"
                " kiểm tra sàn trước / too much has vanished, and nothing of it is"
                " created: check the marketplace first"
            )
    if done.report_only:
        out.print("chỉ báo, không ghi gì lên sàn / only reported, nothing was written")


def findings_table(done: Reconciled) -> Table:
    """Return the findings, a column for each marketplace."""
    each = done.findings
    simulated = {found.marketplace: found.simulated for found in each}
    table = side_by_side("Đối soát / Reconciliation", simulated)
    cells = (
        ("đã đọc / read", [_known(found, found.read) for found in each]),
        ("đúng / equal", [_known(found, found.equal) for found in each]),
        ("sai lệch / drift", [_known(found, _drift(found)) for found in each]),
        (
            "đã hết / healed",
            [_healed(found, report_only=done.report_only) for found in each],
        ),
        ("chờ quyết / asked", [str(found.asked) for found in each]),
        ("biến mất / vanished", [_known(found, found.vanished) for found in each]),
        ("nhân đôi / doubled", [_known(found, _doubled(found)) for found in each]),
        ("của người khác / foreign", [str(found.foreign) for found in each]),
    )
    for words, values in cells:
        table.add_row(words, *(plain(value) or "-" for value in values))
    return table


def _known(found: Findings, value: object) -> str:
    """Return *value*; "?" if it says nothing, as nothing could be read."""
    return str(value) if value or not found.nothing_read else "?"


def _drift(found: Findings) -> str:
    """Return the number of drifts, a line for each kind."""
    lines = []
    for kind, fields in found.drift.items():
        named = [f"{name} {n}" for name, n in fields.items() if name]
        more = f": {', '.join(named)}" if named else ""
        lines.append(f"{KINDS[DriftKind(kind)]} {sum(fields.values())}{more}")
    return "\n".join(lines)


def _doubled(found: Findings) -> str:
    return "\n".join(
        f"{each.product_id}: {', '.join(each.refs)}" for each in found.doubled
    )


def _healed(found: Findings, *, report_only: bool) -> str:
    lines = [f"{_HEALERS.get(by, by)} {n}" for by, n in found.healed.items()]
    if report_only and found.to_heal:
        lines.append(f"sẽ sửa / to heal: {found.to_heal}")
    return "\n".join(lines)
