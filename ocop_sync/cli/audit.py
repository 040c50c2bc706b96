"""Who did what, in a chain that shows whether anything was changed: `ocop-sync audit`.

The chain is checked in `catalog.queries.audit`.
"""

from collections.abc import Sequence
from functools import partial

import click

from catalog.db.acts import Recorded, head
from catalog.model.actor import ActorKind
from catalog.queries.audit import (
    AuditFault,
    AuditVerification,
    RecordedActs,
    acts_after,
    verify_audit,
)
from catalog.vietnam_time import moment
from ocop_sync.api.forms.audit import act_form, check_form, head_form
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.opened import read_catalog, shown_while_read
from ocop_sync.cli.app.options import AS_JSON
from ocop_sync.cli.app.param_types import NUMBER, TextType
from ocop_sync.cli.views.listed import Listed, as_shown
from ocop_sync.cli.views.tables import (
    console,
    plain,
    rows_table,
    show_line,
    write_json,
    write_result_as_read,
)

_FAULTS = {
    AuditFault.MISSING: "thiếu mục trước đó / an entry before it is missing",
    AuditFault.NOT_LINKED: "không nối với mục trước / follows on no entry",
    AuditFault.CHANGED: "đã bị sửa / was changed",
    AuditFault.ACTOR_CHANGED: "tên người làm đã bị sửa / the name was changed",
    AuditFault.NOTE_CHANGED: "lý do hoặc nơi làm đã bị sửa / the reason was changed",
}


_KINDS = {
    ActorKind.COMMAND_LINE: "dòng lệnh / command line",
    ActorKind.PERSON: "đã đăng nhập / signed in",
    ActorKind.KEY: "khóa / key",
    ActorKind.SERVICE: "dịch vụ / service",
}
"""How an actor is known, where no user of the computer tells."""


class Hash(TextType[str]):
    """A hash, as `audit head` writes it."""

    name = "hash"

    def read(self, text: str) -> str:
        """Return the hash in lower case."""
        said = text.strip().lower()
        if len(said) != 64 or any(each not in "0123456789abcdef" for each in said):  # noqa: PLR2004 (digits of SHA-256)
            message = "phải có 64 chữ số 0-9, a-f / 64 digits 0-9, a-f are needed"
            raise ValueError(message)
        return said


@click.group()
def audit() -> None:
    """Ai đã làm gì, và sổ còn nguyên không / who did what, and is it untouched."""


@audit.command(
    "head",
    short_help="Mã của mục cuối, để giữ nơi khác / Hash of the last entry, to keep.",
    epilog="Ví dụ / Example: ocop-sync audit head",
)
@AS_JSON
def head_(*, as_json: bool) -> None:
    """Mã của mục cuối cùng / the hash of the last entry.

    Hãy giữ mã này ở nơi khác (giấy, máy khác): ai sửa sổ cũng không sửa được nó. Kiểm
    bằng `audit verify --head MÃ`.

    Keep it elsewhere, on paper or on another computer: whoever changes entries cannot
    change that. Check it by `audit verify --head HASH`.
    """
    found = run(read_catalog(settings_of(), head))
    if as_json:
        write_json(head_form(found))
    else:
        click.echo(found[1])


@audit.command(
    short_help="Sổ có còn nguyên không / Whether it is untouched.",
    epilog="Ví dụ / Example: ocop-sync audit verify",
)
@click.option(
    "--head",
    "expected",
    type=Hash(),
    help="Mã đã giữ ở nơi khác / a hash that was kept elsewhere.",
)
@AS_JSON
@click.pass_context
def verify(ctx: click.Context, *, expected: str | None, as_json: bool) -> None:
    """Đọc cả sổ và kiểm từng mục / read all entries and check each.

    Không có --head thì không thấy được những mục cuối đã bị cắt bỏ. Tên và lý do đã xóa
    theo yêu cầu không phải là lỗi. Mã thoát 1 nếu có mục sai.

    Without --head it cannot see that the last entries were cut off. Names and reasons
    that were erased are no fault. Exit code 1 if anything is wrong.
    """
    work = partial(verify_audit, expected=expected or "")
    found = run(read_catalog(settings_of(), work))
    if as_json:
        write_json(check_form(found))
    else:
        _show(found)
    ctx.exit(Exit.DONE if found.whole else Exit.FAILED)


@audit.command(
    "list",
    short_help="Các việc đã làm / The acts.",
    epilog="Ví dụ / Example: ocop-sync audit list --after 120",
)
@click.option(
    "--after",
    type=NUMBER,
    metavar="N",
    help="Chỉ các mục sau mục số N / only entries after number N.",
)
@AS_JSON
def list_(*, after: int | None, as_json: bool) -> None:
    """Mỗi việc: ai, làm gì, lúc nào, vì sao, từ đâu / who, what, when, why, where from.

    Tên chỉ là lời khai; tài khoản máy là điều máy biết. Từ đâu: tại dòng lệnh là tên
    máy, cửa sổ lệnh, rồi `sudo:` và `ssh:` (lời của môi trường); qua API là địa chỉ và
    thiết bị. A name is a person's word; the user is what the computer knows. From
    where: host and terminal, then what the environment says of `sudo` and `ssh`; over
    the API the address and the device.
    """
    query = partial(acts_after, number=after or 0)
    show = _write_acts if as_json else _show_acts
    run(read_catalog(settings_of(), shown_while_read(query, show)))


async def _write_acts(found: RecordedActs) -> None:
    await write_result_as_read(Listed("acts", as_shown(found.each(), act_form)))


async def _show_acts(found: RecordedActs) -> None:
    async for page in found.pages:
        _show_page(page)


def _show_page(page: Sequence[Recorded]) -> None:
    columns = (
        "số / no.",
        "lúc / at",
        "ai / who",
        "việc / act",
        "về / about",
        "vì / why",
        "từ đâu / from",
    )
    table = rows_table("", columns)
    for each in page:
        entry, by = each.entry, each.by
        who = f"{plain(_name(each))}\n({plain(by.os_user or _KINDS[by.kind])})"
        refs = [f"{name} {value}" for name, value in entry.refs.items()]
        about = plain(", ".join([*entry.subjects[:5], *refs]))
        if (more := len(entry.subjects) - 5) > 0:
            about += f" … +{more}"
        table.add_row(
            str(entry.n),
            moment(entry.at),
            who,
            entry.kind,
            about,
            plain(each.reason),
            plain(by.origin),
        )
    console().print(table)


def _name(each: Recorded) -> str:
    """Return the name of who has acted, or the reference and why no name stands."""
    if each.is_forgotten:
        return f"{each.by.ref} tên đã xóa / name erased".strip()
    if each.by.name:
        return each.by.name
    return f"{each.by.ref} không ghi tên / unnamed".strip()


def _show(found: AuditVerification) -> None:
    show_line(f"{found.entries} mục / entries, mã cuối / head: {found.head}")
    if found.erased:
        show_line(
            f"{found.erased} mục đã xóa tên hoặc lý do theo yêu cầu / entries of which"
            " names or reasons were erased"
        )
    for each in found.faults:
        show_line(f"mục / entry {each.n}: {_FAULTS[each.fault]}")
    if (more := found.fault_count - len(found.faults)) > 0:
        show_line(f"… và {more} nữa / and {more} more")
    if not found.has_expected:
        show_line(
            "không mục nào có mã đã giữ: sổ đã bị cắt, hoặc viết lại / no entry has the"
            " hash that was kept: entries were cut off, or written anew"
        )
    if found.whole:
        show_line("sổ còn nguyên / nothing was changed")
