"""Marketplaces that people work, by spreadsheets: `ocop-sync sheet`."""

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from catalog.model.actor import Actor
from ocop_sync.api.forms.hand_batches import (
    HandAccountsForm,
    batch_written_form,
    hand_account_form,
    taken_form,
)
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import ask, decide
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, TO_READ, Moment
from ocop_sync.cli.views.sheet import show_accounts, show_taken, show_written
from ocop_sync.cli.views.tables import write_json
from ocop_sync.marketplace.by_hand import Word
from ocop_sync.service.department.hand_batches import (
    Told,
    call_off_batch,
    export_batch,
    hand_accounts,
    import_told,
    tell_account,
)
from ocop_sync.service.department.hand_tables import read_tables
from ocop_sync.service.deployment import Deployment

_ACCOUNT = click.argument("account", type=CODE, required=False, metavar="[ACCOUNT]")
_NUMBER = click.IntRange(1, 1_000_000)


@click.group()
def sheet() -> None:
    """Sàn chưa có API: giao việc bằng bảng tính / marketplaces worked by people."""


@sheet.command(
    "export",
    short_help="Giao lô việc / Hand a batch out.",
    epilog="Ví dụ / Example: ocop-sync sheet export --by 'Lê B'",
)
@_ACCOUNT
@click.option(
    "--batch",
    "number",
    type=_NUMBER,
    help="Ghi lại lô này / write this batch once more.",
)
@BY
@AS_JSON
def export_(
    *, account: str | None, number: int | None, by: Actor, as_json: bool
) -> None:
    """Đóng các việc đang mở thành một lô, ghi ra bảng tính / close the open rows.

    Tệp và ảnh nằm trong thư mục của tài khoản (`accounts[].options.folder`); không ghi
    đè tệp đã có. Không có việc mới thì ghi lại lô gần nhất còn chờ, và nói rõ.

    The workbook and its pictures go into the folder of the account; no file is written
    over. If nothing is open, the last batch that waits is written once more, and the
    command says so.
    """
    act = partial(export_batch, key=account or "", by=by, number=number or 0)
    found = decide(act)
    if as_json:
        write_json(found and batch_written_form(found))
    else:
        show_written(found)


@sheet.command(
    "import",
    short_help="Nạp bảng đã điền / Take in what was done.",
    epilog="Ví dụ / Example: ocop-sync sheet import postmart-lo-0003.xlsx --by 'Lê B'",
)
@click.argument("file", type=TO_READ, required=False)
@click.option("--account", type=CODE, help="Tài khoản nào / which account.")
@click.option(
    "--as-of",
    type=Moment(),
    help="Bản xuất (hoặc lời báo) của lúc nào / of when the export, or the word, is.",
)
@click.option(
    "--correct",
    is_flag=True,
    help="Câu trả lời khác thay câu đã báo / other answers replace earlier ones.",
)
@click.option(
    "--empty",
    is_flag=True,
    help="Không tệp: tài khoản chưa có tin nào / no file: nothing is listed there.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="Không tệp: những tin đang biết là đủ / no file: what is known is all.",
)
@BY
@AS_JSON
@click.pass_context
def import_(
    ctx: click.Context,
    *,
    file: Path | None,
    account: str | None,
    as_of: datetime | None,
    correct: bool,
    empty: bool,
    complete: bool,
    by: Actor,
    as_json: bool,
) -> None:
    """Nạp bảng đã điền, hoặc bản xuất của chính sàn / take in FILE, or a word.

    FILE (.xlsx, .csv) là lô đã điền: điền một phần, đổi thứ tự, nạp lại đều được; chỗ
    mâu thuẫn thì nêu rõ ô nào và không nhận. Hoặc là bản xuất của sàn: cần --as-of, và
    được tính là một lần đọc toàn bộ. Không có FILE thì --empty hoặc --complete: lời
    của một người, cũng được tính như vậy.

    FILE is a batch that was filled in, also in part, in another order, or once more:
    what contradicts itself is named and not taken. Or it is the marketplace's own
    export, which needs --as-of and counts as a whole read; so does the word of a
    person, by --empty or --complete without FILE. Exit code 1 if anything of it was not
    taken.
    """
    if (file is not None) + empty + complete != 1:
        message = (
            "cần FILE, hoặc một trong --empty, --complete"
            " / FILE is needed, or one of --empty, --complete"
        )
        raise click.UsageError(message)
    word = Word.EMPTY if empty else Word.COMPLETE
    found = _taken(file, account or "", word, by=by, as_of=as_of, correct=correct)
    if as_json:
        write_json(taken_form(found))
    else:
        show_taken(found)
    ctx.exit(Exit.FAILED if found.taken.faults else Exit.DONE)


def _taken(
    file: Path | None,
    account: str,
    word: Word,
    *,
    by: Actor,
    as_of: datetime | None,
    correct: bool,
) -> Told:
    if file is None:
        return decide(partial(tell_account, key=account, word=word, by=by, as_of=as_of))
    with file.open("rb") as stream:
        tables = read_tables(stream)
    act = partial(
        import_told, key=account, tables=tables, by=by, as_of=as_of, correct=correct
    )
    return decide(act)


@sheet.command(
    "call-off",
    short_help="Bỏ một lô đã giao / Let a batch be carried out by nobody.",
    epilog="Ví dụ / Example: ocop-sync sheet call-off postmart_sheet 3 --by 'Lê B'",
)
@click.argument("account", type=CODE)
@click.argument("number", type=_NUMBER)
@BY
def call_off(*, account: str, number: int, by: Actor) -> None:
    """Bỏ lô NUMBER của ACCOUNT: việc chưa ai báo sẽ vào lô sau / call a batch off.

    Cùng mã việc như cũ. Lô ấy nếu lại quay về thì vẫn được nhận.

    Its rows of which nothing was told go into the next batch, under the same tickets.
    If it turns up all the same, its answers are taken.
    """
    again = decide(partial(call_off_batch, key=account, number=number, by=by))
    click.echo(
        f"{account}: đã bỏ lô {number}, {again} việc mở lại"
        f" / batch {number} is called off, {again} rows are open again"
    )


@sheet.command(
    short_help="Còn việc gì, hạn nào / What waits for people.",
    epilog="Ví dụ / Example: ocop-sync sheet status",
)
@AS_JSON
def status(*, as_json: bool) -> None:
    """Từng tài khoản: phải gỡ gì trước lúc nào, lô nào chưa về / how the work stands.

    Việc quá hạn gỡ đứng đầu. What is overdue comes first; then the batches that are
    out, the open rows, and how old the last whole telling is.
    """

    async def look(deployment: Deployment) -> HandAccountsForm:
        found = await hand_accounts(deployment)
        now = present()
        return HandAccountsForm(
            accounts=tuple(hand_account_form(each, now) for each in found)
        )

    found = ask(look)
    if as_json:
        write_json(found)
    else:
        show_accounts(found, present())
