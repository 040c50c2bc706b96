"""Runs and the ledger to people, with inferred sales and imports beside them."""

from collections.abc import AsyncIterator, Sequence

import click

from catalog.db.field_changes import Entity
from catalog.db.kept_changes import Touching
from catalog.vietnam_time import moment
from ocop_sync.cli.views.accounts import ENDINGS
from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.inferred_sales import show_inferred
from ocop_sync.cli.views.tables import SIMULATED, console, indented, plain
from ocop_sync.service.queries.history import LedgerLine
from ocop_sync.service.queries.requests import SeenRequest
from ocop_sync.service.queries.sent import LedgerPart, RunWithFailures, SentRuns
from ocop_sync.store.runs.ledger import Answer
from ocop_sync.store.runs.run_history import SentRun
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind

OPEN = "open"
OUTCOMES = {
    Answer.APPLIED.value: "đã làm / applied",
    Answer.SUBMITTED.value: "chờ duyệt / submitted",
    Answer.REFUSED.value: "sàn từ chối / refused",
    Answer.UNKNOWN.value: "không rõ / unknown",
    Answer.NOT_SENT.value: "chưa làm / not applied",
    OPEN: "chưa có trả lời / no answer yet",
}
"""The name of each outcome of a change."""

_ENTITIES = {
    Entity.PRODUCER: "chủ thể / producer",
    Entity.PRODUCT: "sản phẩm / product",
    Entity.VARIANT: "giá, tồn kho, quy cách / prices, stock, packs",
    Entity.CERTIFICATE: "giấy chứng nhận / certificates",
    Entity.PAPER: "giấy tờ / papers",
    Entity.NAMING: "có trong nguồn / named by a source",
    Entity.EFFECT: "những gì lần trước lấy đi / what an earlier one took",
}


async def show_runs(found: SentRuns, most: int) -> None:
    """Show at most *most* runs, and whether there are more."""
    _say_simulated(simulated=found.simulated)
    for request in found.requests:
        _show_request(request)
    n = 0
    async for each in found.runs:
        n += 1
        if n <= most:
            _show_run(each)
    _say_rest(n, most, "không có lần chạy nào / no run")


async def show_run(found: RunWithFailures, run_id: str, most: int) -> None:
    """Show the runs that are called *run_id*, and at most *most* failed changes."""
    _say_simulated(simulated=found.simulated)
    if found.request is not None:
        _show_request(found.request)
    for each in found.runs:
        _show_run(each)
    if await _show_changes(found.failed, most) > most:
        console().print(
            indented(
                "… và còn nữa / and more: ocop-sync ledger --outcome failed"
                f" --run {run_id} --limit N"
            )
        )


async def show_ledger(found: LedgerPart, most: int) -> None:
    """Show at most *most* changes, then inferred sales and imports of products."""
    _say_simulated(simulated=found.simulated)
    n = await _show_changes(found.changes, most)
    _say_rest(n, most, "không có thay đổi nào / no change")
    show_inferred(found.counted_as_sold)
    _show_imports(found.imports)


def _say_simulated(*, simulated: bool) -> None:
    if simulated:
        console().print(SIMULATED)


def _say_rest(found: int, most: int, none: str) -> None:
    if not found:
        click.echo(none)
    if found > most:
        console().print(f"… còn nữa / and more: --limit {10 * most}, --json")


def _show_request(seen: SeenRequest) -> None:
    out, request = console(), seen.request
    where = ", ".join(request.marketplaces) or "mọi sàn / all marketplaces"
    what = f"{_REQUESTED[request.kind]}, {plain(where)}"
    when = moment(request.asked_at)
    who = f" ({plain(seen.by.name)})" if seen.by and seen.by.name else ""
    out.print(f"[b]{request.id}[/b] được nhờ lúc / asked for at {when}{who}: {what}")
    out.print(indented(_state_of(seen)))
    if request.reason:
        out.print(indented(request.reason))


def _state_of(seen: SeenRequest) -> str:
    request = seen.request
    if request.outcome is not None:
        return _ENDED[request.outcome]
    if seen.is_dead:
        return "worker đã chết, worker khác sẽ chạy tiếp / its worker died: another one"
    if not request.token:
        return "đang chờ worker / waits for a worker"
    if request.cancelled_at is not None:
        return "sẽ dừng ở bước kế tiếp / ends at its next step"
    return "đang chạy / runs"


_REQUESTED = {
    RunKind.SYNC: "đồng bộ / sync",
    RunKind.RECONCILE: "đối soát / reconcile",
    RunKind.PLAN: "thực hiện kế hoạch / carry out a plan",
}
_ENDED = {
    RequestOutcome.DONE: "xong / done",
    RequestOutcome.HELD: "xong, có nhóm chờ duyệt / done, groups wait for approval",
    RequestOutcome.FAILED: "chưa xong hết / not all was done",
    RequestOutcome.CANCELLED: "đã hủy / cancelled",
    RequestOutcome.DIED: "mọi worker chạy nó đều chết / every worker has died",
}


def _show_run(each: SentRun) -> None:
    out = console()
    ended = f" – {moment(each.ended_at)}" if each.ended_at else ""
    when = f"{moment(each.started_at)}{ended}"
    out.print(f"[b]{plain(each.id)}[/b] {when}: {ENDINGS[each.ending]}")
    counts = [f"{n} {OUTCOMES[key]}" for key, n in sorted(each.outcomes.items())]
    out.print(indented(f"{', '.join(counts) or '0'}; {each.holder}"))
    if each.error:
        out.print(indented(each.error))


async def _show_changes(found: AsyncIterator[LedgerLine], most: int) -> int:
    """Show at most *most* changes; return how many there were."""
    n = 0
    async for each in found:
        n += 1
        if n <= most:
            _show_change(each)
    return n


def _show_change(told: LedgerLine) -> None:
    out, change = console(), told.change
    outcome = OUTCOMES[change.outcome or OPEN]
    what = f"{change.subject} {told.name}".strip()
    when, kind = moment(change.sent_at), kinds_in_words([change.kind])
    out.print(f"{when} {plain(change.account)} {plain(what)}: {kind}: {outcome}")
    if change.words:
        out.print(indented(f"«{change.words}»"))
    out.print(indented(f"vì / why: {change.why}; {change.holder}"))
    if (last := told.last_import) is not None:
        what = f"{last.import_id} “{last.file}”, {moment(last.imported_at)}"
        out.print(
            indented(
                "lần nạp gần nhất đã đổi sản phẩm này trước đó"
                f" / the last import that had changed it: {what}"
            )
        )


def _show_imports(found: Sequence[Touching]) -> None:
    """Show the imports that have changed the products, and how to see the changes."""
    out = console()
    if found:
        out.print("[b]Lần nạp đã thay đổi / imports that have changed it[/b]")
    for each in found:
        what = ", ".join(_ENTITIES[entity] for entity in each.entities)
        who = f"{each.subject} lần nạp / import {each.import_id} “{each.file}”"
        out.print(indented(f"{moment(each.imported_at)} {who}: {what}"))
        out.print(indented(f"xem / see: `ocop-sync import show {each.import_id}`"))
