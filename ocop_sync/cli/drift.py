"""Acts of others on our listings, and a person's decision: `ocop-sync drift`."""

from collections.abc import Iterable
from functools import partial

import click
from rich.table import Table

from catalog.model.actor import Actor
from catalog.vietnam_time import VIETNAM
from ocop_sync.api.forms.drift import DriftHeadForm, drift_form
from ocop_sync.cli.app.opened import ask, decide
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, NUMBER
from ocop_sync.cli.views.listed import listed
from ocop_sync.cli.views.tables import (
    SIMULATED,
    console,
    plain,
    rows_table,
    shortened,
    show_line,
    write_result,
)
from ocop_sync.engine.hold import HOLD_WORDS, Hold, named_in
from ocop_sync.engine.plan.drift_outlook import DriftOutlook
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.service.decisions import drift_decisions
from ocop_sync.service.queries.drift import open_drift
from ocop_sync.store.decisions.drift import OURS, THEIRS, DriftEntry

KINDS = {
    DriftKind.EDITED: "bị sửa / edited",
    DriftKind.VANISHED: "biến mất / vanished",
    DriftKind.TAKEN_DOWN: "bị gỡ / taken down",
    DriftKind.BANNED: "bị sàn khóa / banned",
    DriftKind.DOUBLED: "bị nhân đôi / doubled",
}
"""The name of each kind of drift."""

NO_DRIFT = "trên sàn không có gì khác với bản ta để lại / nothing drifts"

_SHOWN_CHARACTERS = 40
_COLUMNS = (
    "số\nid",
    "sản phẩm, sai lệch\nproduct, drift",
    "ta để lại\nleft",
    "trên sàn\nfound",
    "từ, số lần, tình trạng\nsince, times, state",
)
"""Five and no more, so that they can be read on 80 columns."""

_OUTLOOKS = {
    DriftOutlook.HEALED: "lần tới sửa lại / put right by the next sync",
    DriftOutlook.LEFT: "để như trên sàn / stays as found",
    DriftOutlook.UNNEEDED: "không cần bán ở sàn này, để yên / need not be on sale"
    " there: nothing to do",
    DriftOutlook.WITHDRAWN: "không được bán, lần tới gỡ / may not be on sale: withdrawn"
    " by the next sync",
    DriftOutlook.OPEN: "lần tới xem lại / looked at again by the next sync",
}


@click.group()
def drift() -> None:
    """Những gì trên sàn khác với bản ta để lại / what stands there otherwise."""


@drift.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync drift list postmart",
)
@click.argument("marketplace", type=CODE, required=False)
@AS_JSON
def list_(*, marketplace: str | None, as_json: bool) -> None:
    """Liệt kê sai lệch chưa hết / list the drift that is open.

    Như lần đọc sàn gần nhất đã thấy. As the last read of each marketplace has shown it.
    """
    names = (marketplace,) if marketplace else ()
    found = ask(partial(open_drift, names=names))
    if as_json:
        head = DriftHeadForm(simulated=found.simulated)
        write_result(listed("drift", found.drift, drift_form, head).json_form())
        return
    if not found.drift:
        click.echo(NO_DRIFT)
        return
    console().print(drift_table(found.drift, SIMULATED if found.simulated else ""))


def drift_table(rows: Iterable[DriftEntry], caption: str) -> Table:
    """Return drift as people see it."""
    table = rows_table("Sai lệch trên sàn / Drift", _COLUMNS, caption)
    table.columns[1].width = len("content.description")
    for row in rows:
        since = f"{row.first_seen_at.astimezone(VIETNAM):%d/%m/%Y}\n{_times(row)}"
        named = (plain(row.account), row.product_id, KINDS[row.kind], plain(row.field))
        table.add_row(
            str(row.id),
            "\n".join(filter(None, named)),
            plain(_left(row)),
            plain(_cut(row.found)),
            f"{since}\n{plain(_state(row))}",
        )
    return table


def _times(row: DriftEntry) -> str:
    return f"{row.times} (+{row.recurred})" if row.recurred else str(row.times)


def _left(row: DriftEntry) -> str:
    """Return the value or listing that we left there."""
    if row.kind is DriftKind.EDITED:
        return _cut(row.expected)
    return f"tin / listing {_cut(row.expected)}"


def _cut(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        value = ", ".join(f"{key}: {each}" for key, each in value.items())
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return shortened(str(value), _SHOWN_CHARACTERS)


def _state(row: DriftEntry) -> str:
    """Return its outlook: a question, a repair that comes by itself, or a decision."""
    what = {OURS: "bản của ta / ours", THEIRS: "bản trên sàn / theirs"}.get(
        row.decision
    )
    said = f"{what}: {_cut(row.decided_by)}" if what else ""
    return "\n".join(filter(None, (said, _outlook(row))))


def _outlook(row: DriftEntry) -> str:
    if row.asked:
        todo = HOLD_WORDS[Hold(row.asked)].todo
        place, product = row.marketplace, row.product_id
        todo = named_in(todo, marketplace=place, product=product)
        return f"chờ quyết / a person decides: {todo}"
    if row.outlook == DriftOutlook.HELD:
        return f"tạm giữ / held: {HOLD_WORDS[Hold(row.hold)].seen}"
    return _OUTLOOKS.get(DriftOutlook(row.outlook), "") if row.outlook else ""


@drift.command(
    short_help="Lấy bản của ta / Ours is to stand there.",
    epilog="Ví dụ / Example: ocop-sync drift ours 7 --by 'Ng. Văn A'",
)
@click.argument("number", metavar="ID", type=NUMBER)
@BY
def ours(*, number: int, by: Actor) -> None:
    """Lấy bản của ta: lần đồng bộ tới sửa lại một lần / the next sync puts it right.

    Tin bị gỡ thì được đăng lại. Lời này hết hiệu lực khi bản của ta hoặc bản trên sàn
    đổi khác. A listing that was taken down is put up again. The decision is void once
    the wanted or the found value changes.
    """
    said = "lấy bản của ta, lần đồng bộ tới sửa / ours, by the next sync"
    _decide(number, by, said, ours=True)


@drift.command(
    short_help="Để như trên sàn / It stays as it was found.",
    epilog="Ví dụ / Example: ocop-sync drift theirs 7 --by 'Ng. Văn A'",
)
@click.argument("number", metavar="ID", type=NUMBER)
@BY
def theirs(*, number: int, by: Actor) -> None:
    """Để như trên sàn, không hỏi nữa / leave it as it was found, and do not ask.

    Tin bị gỡ hoặc biến mất thì để yên. Lời này hết hiệu lực khi bản của ta hoặc bản
    trên sàn đổi khác. A listing that was taken down or has vanished stays so. The
    decision is void once the wanted or the found value changes.
    """
    _decide(number, by, "để như trên sàn / theirs", ours=False)


def _decide(number: int, by: Actor, said: str, *, ours: bool) -> None:
    """Decide on a drift and name its subject: numbers are easily mistaken."""
    act = partial(drift_decisions.decide_drift, number=number, ours=ours, by=by)
    entry = decide(act)
    what = ", ".join(filter(None, (KINDS[entry.kind], entry.field)))
    named = f"{entry.account}, {entry.product_id}, {what}"
    show_line(f"sai lệch / drift {entry.id} ({plain(named)}): {said}")
