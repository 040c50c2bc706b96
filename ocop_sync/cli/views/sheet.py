"""Accounts that people work: batches, deadlines, and what came of a file."""

from datetime import datetime, timedelta

import click

from catalog.counted import counted
from catalog.vietnam_time import moment
from ocop_sync.api.forms.hand_batches import (
    DueDownForm,
    HandAccountForm,
    HandAccountsForm,
    WholeTellingForm,
    telling_form,
)
from ocop_sync.cli.views.tables import console, indented, plain, show_line
from ocop_sync.marketplace.by_hand import HandFault, Taken, Word
from ocop_sync.service.department.hand_batches import BatchWritten, Told

_NONE = "không có tài khoản nào do người làm / no account is worked by people"
_HOW = {
    None: "bản xuất của sàn / export",
    Word.EMPTY: "lời báo: chưa có tin nào / word: empty",
    Word.COMPLETE: "lời báo: đủ như đang biết / word: complete",
}
_NEVER = (
    "chưa ai báo ở đó có gì: nạp bản xuất của sàn (`ocop-sync sheet import TỆP --as-of"
    " 24h --by TÊN`), hoặc báo là chưa có tin nào (`ocop-sync sheet import --empty"
    " --by TÊN`)"
    " / nobody has told what is there: import the marketplace's export, or say that the"
    " account is empty"
)


def show_written(found: BatchWritten | None) -> None:
    """Say which batch was written, and where."""
    if found is None:
        click.echo("không có việc nào để giao / no row is open")
        return
    batch = found.batch
    new = "lô mới / a new batch" if batch.is_new else "GHI LẠI lô cũ / ONCE MORE"
    since = f"{moment(batch.closed_at)}, {batch.closed_by}"
    show_line(f"{plain(batch.account)}: lô {batch.number} ({new}; {plain(since)})")
    click.echo(
        f"  {batch.rows} việc, {batch.downs} tin phải gỡ"
        f" / {counted(batch.rows, 'row')}, {batch.downs} to take down"
    )
    click.echo(f"  {found.file}")
    if found.pictures is not None:
        pictures = counted(found.written, "picture")
        click.echo(f"  {found.pictures} ({found.written} ảnh / {pictures})")
    if found.elsewhere:
        click.echo(
            f"  {len(found.elsewhere)} ảnh không lưu ở đây, lấy theo địa chỉ trong bảng"
            f" / {counted(len(found.elsewhere), 'picture')} not kept here: see there"
        )


def show_taken(found: Told) -> None:
    """Say what came of a file or a word, and what was not taken."""
    taken = found.taken
    show_line(f"{plain(found.account)}: {_counted(taken)}")
    if taken.told is not None:
        form = telling_form(taken.told)
        assert form is not None  # noqa: S101 - as its value is there
        click.echo(f"  {_telling(form)}")
    for each in taken.faults:
        show_line(f"  {_where(each)}{plain(each.vi)} / {plain(each.en)}")
    if taken.faults:
        click.echo(
            f"  Không nhận / not taken: {len(taken.faults)}; sửa rồi nạp lại cả tệp"
            " / mend these, and import the whole file again"
        )


def _counted(taken: Taken) -> str:
    words = {
        "xong / done": taken.done,
        "không được / refused": taken.refused,
        "đã biết / known": taken.again,
        "sửa lại / corrected": taken.corrected,
        "chưa điền / blank": taken.blank,
    }
    return "; ".join(f"{word}: {n}" for word, n in words.items() if n) or "-"


def _where(fault: HandFault) -> str:
    sheet = f"{fault.sheet}!" if fault.sheet else ""
    cell = f"{fault.letters}{fault.line}" if fault.line else ""
    return f"{plain(sheet)}{cell}: " if sheet or cell else ""


def show_accounts(found: HandAccountsForm, now: datetime) -> None:
    """Say how each account stands, what must go down first."""
    if not found.accounts:
        click.echo(_NONE)
    for each in found.accounts:
        _show_account(each, now)


def _show_account(each: HandAccountForm, now: datetime) -> None:
    out = console()
    out.print(f"[b]{plain(each.account)}[/b]")
    if each.why:
        out.print(indented(plain(each.why)))
        return
    for down in each.downs:
        out.print(indented(_down(down)))
    for batch in each.batches:
        out.print(
            indented(
                f"lô {batch.number}: còn {batch.waiting}/{batch.rows} việc chưa báo,"
                f" giao {_ago(now - batch.closed_at)} ({plain(batch.closed_by)})"
                f" / batch {batch.number}: {batch.waiting} of {batch.rows} rows wait"
            )
        )
    out.print(
        indented(
            f"đang mở {each.open} việc, lô còn nhận {each.room}"
            f" / {counted(each.open, 'row is', 'rows are')} open,"
            f" room for {each.room}"
        )
    )
    if each.told is None:
        out.print(indented(_NEVER))
    else:
        age = _ago(now - each.told.as_of)
        out.print(indented(f"{plain(_telling(each.told))}; {age}"))


def _down(each: DueDownForm) -> str:
    late = "QUÁ HẠN / OVERDUE" if each.is_overdue else "phải gỡ / must go down"
    batch = f"lô {each.batch}" if each.batch else "chưa giao / not handed out"
    address = plain(each.address) or "-"
    return (
        f"{late}, hạn / by {moment(each.due_at)}: {plain(each.title)}"
        f" ({plain(each.product)}, {plain(each.ticket)}, {batch}) {address}"
    )


def _telling(told: WholeTellingForm) -> str:
    return (
        f"báo toàn bộ / whole telling: {moment(told.as_of)}, {told.listings} tin"
        f" / listings, {_HOW[told.word]}, {told.by}"
    )


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours} giờ trước / {hours} h ago"
    return f"{hours // 24} ngày trước / {hours // 24} days ago"
