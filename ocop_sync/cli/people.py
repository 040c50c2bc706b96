"""People who sign in, and where they are signed in: `ocop-sync people`."""

import secrets
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

import click

from catalog.counted import counted
from catalog.model.actor import Actor
from catalog.vietnam_time import moment
from ocop_sync.api.forms.identity import people_form, sessions_form
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, NAME, NUMBER
from ocop_sync.cli.app.with_identity import with_identity
from ocop_sync.cli.views.tables import (
    console,
    plain,
    rows_table,
    show_line,
    write_json,
)
from ocop_sync.service.identity import people as use_cases
from ocop_sync.service.identity import sessions
from ocop_sync.service.identity.passwords import make_password
from ocop_sync.service.identity.role import Role
from ocop_sync.store.identity.people import PersonRow

_NAMES: Final = [each.value for each in Role]
ROLE: Final = click.option(
    "--role", type=click.Choice(_NAMES), required=True, help="Vai trò / the role."
)
PRODUCERS: Final = click.option(
    "--producer",
    "producers",
    type=CODE,
    multiple=True,
    metavar="ID",
    help="Cơ sở được làm thay, có thể nhiều lần / a producer that is served; may be"
    " repeated.",
)
_MADE: Final = click.option(
    "--make-password",
    "is_made",
    is_flag=True,
    help="Tự đặt mật khẩu và cho xem một lần / make one and show it once.",
)
_PERSON: Final = click.argument("person_id", metavar="PERSON-ID", type=CODE)
_ROLES: Final = {
    Role.ADMIN: "quản trị / admin",
    Role.OPERATOR: "nghiệp vụ / operator",
    Role.PRODUCER: "cơ sở / producer",
    Role.VIEWER: "xem / viewer",
}
_NO_ADMIN: Final = (
    "không còn người quản trị nào: thêm bằng `ocop-sync people add TÊN --role admin"
    " --by 'TÊN'` / no admin is left: add one by that command"
)


@click.group()
def people() -> None:
    """Những ai được đăng nhập / the people who may sign in."""


@people.command(
    short_help="Thêm một người / Add a person.",
    epilog="Ví dụ / Example: ocop-sync people add 'Ng. Văn A' --role admin --by 'Lê B'",
)
@click.argument("name", type=NAME, required=False)
@ROLE
@PRODUCERS
@_MADE
@BY
def add(
    *, name: str | None, role: str, producers: Sequence[str], is_made: bool, by: Actor
) -> None:
    """Thêm một người; người của sở cần NAME và mật khẩu / add a person.

    Mật khẩu được hỏi, không ghi trong lệnh: ít nhất 12 ký tự, một câu cũng được. Người
    của cơ sở không cần tên, không có mật khẩu: họ vào bằng `producers link`.

    Staff need a NAME, by which they sign in, and a password, which is asked for: 12
    characters at least, a sentence will do. People of producers need no name and have
    no password: they sign in by a link.
    """
    chosen = Role(role)
    password = _password(is_made=is_made) if chosen.is_staff else ""
    act = partial(
        use_cases.add_person,
        name=name or "",
        role=chosen,
        producers=producers,
        password=password,
        by=by,
    )
    _tell(with_identity(act), "đã thêm / added")
    _show_made(password, is_made=is_made)


@people.command(
    "change",
    short_help="Đổi vai trò hoặc cơ sở / Change role or producers.",
    epilog="Ví dụ / Example: ocop-sync people change NV-00002 --role viewer"
    " --by 'Lê B'",
)
@_PERSON
@click.option("--role", type=click.Choice(_NAMES), help="Vai trò mới / new role.")
@PRODUCERS
@BY
def change_(
    *, person_id: str, role: str | None, producers: Sequence[str], by: Actor
) -> None:
    """Đổi vai trò, hoặc các cơ sở được làm thay / another role, or other producers.

    Có hiệu lực ngay ở lần gọi sau. It holds from the next call on.
    """
    act = partial(
        use_cases.change_person,
        person_id=person_id,
        role=Role(role) if role else None,
        producers=producers or None,
        by=by,
    )
    _tell(with_identity(act), "đã đổi / changed")
    _tell_if_no_admin_is_left()


@people.command(
    short_help="Đặt lại mật khẩu / Set a new password.",
    epilog="Ví dụ / Example: ocop-sync people reset NV-00001 --by 'Lê B'",
)
@_PERSON
@_MADE
@BY
def reset(*, person_id: str, is_made: bool, by: Actor) -> None:
    """Đặt lại mật khẩu; đang đăng nhập ở đâu cũng bị thoát / set a new password.

    Wherever that person is signed in, it ends.
    """
    password = _password(is_made=is_made)
    act = partial(
        use_cases.reset_password, person_id=person_id, password=password, by=by
    )
    _tell(with_identity(act), "đã đặt lại mật khẩu / the password is set anew")
    _show_made(password, is_made=is_made)


@people.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync people list",
)
@AS_JSON
def list_(*, as_json: bool) -> None:
    """Mọi người, cả người bị khóa và đã xóa / everybody, also disabled or erased."""
    found = with_identity(use_cases.all_people)
    if as_json:
        write_json(people_form(found))
        return
    columns = [
        "mã\nid",
        "tên\nname",
        "vai trò\nrole",
        "cơ sở\nproducers",
        "tình trạng\nstate",
    ]
    table = rows_table("Người đăng nhập / People", columns)
    for each in found:
        row = (each.id, each.name, _ROLES[Role(each.role)], ", ".join(each.producers))
        table.add_row(*map(plain, row), _state(each))
    console().print(table)


@people.command(
    short_help="Khóa, không cho vào nữa / Let in no longer.",
    epilog="Ví dụ / Example: ocop-sync people disable NV-00002 --by 'Lê B'",
)
@_PERSON
@BY
def disable(*, person_id: str, by: Actor) -> None:
    """Khóa một người, ngay từ lần gọi sau / let a person in no longer.

    Links and sessions of that person end with the next call.
    """
    act = partial(use_cases.disable_person, person_id=person_id, by=by)
    _tell(with_identity(act), "đã khóa / disabled")
    _tell_if_no_admin_is_left()


@people.command(
    short_help="Mở khóa / Let in again.",
    epilog="Ví dụ / Example: ocop-sync people enable NV-00002 --by 'Lê B'",
)
@_PERSON
@BY
def enable(*, person_id: str, by: Actor) -> None:
    """Mở khóa một người; phải đăng nhập lại / let a person in again, signed in anew."""
    act = partial(use_cases.enable_person, person_id=person_id, by=by)
    _tell(with_identity(act), "đã mở khóa / enabled")


@people.command(
    short_help="Xóa tên và mọi điều riêng / Erase what is personal.",
    epilog="Ví dụ / Example: ocop-sync people erase NV-00002 --by 'Lê B'",
)
@_PERSON
@BY
def erase(*, person_id: str, by: Actor) -> None:
    """Xóa tên, mật khẩu, thiết bị; mã còn lại, không cấp cho ai nữa / erase a person.

    Không lấy lại được. Sổ việc (`audit verify`) vẫn nguyên. It cannot be undone; the id
    stays and is given to nobody else, and the audit stays whole.
    """
    act = partial(use_cases.erase_person, person_id=person_id, by=by)
    _tell(with_identity(act), "đã xóa / erased")
    _tell_if_no_admin_is_left()


@people.command(
    "sessions",
    short_help="Đang đăng nhập ở đâu / Where somebody is signed in.",
    epilog="Ví dụ / Example: ocop-sync people sessions NV-00001",
)
@_PERSON
@AS_JSON
def sessions_(*, person_id: str, as_json: bool) -> None:
    """Các phiên đang mở: từ khi nào, dùng lần cuối, thiết bị / sessions that hold."""
    found = with_identity(partial(sessions.sessions_of, person_id=person_id))
    if as_json:
        write_json(sessions_form(found))
        return
    columns = ["số\nid", "từ\nsince", "lần cuối\nlast use", "hết\nends", "máy\ndevice"]
    table = rows_table(f"Phiên của / Sessions of {plain(person_id)}", columns)
    for each in found:
        times = map(moment, (each.row.began_at, each.row.used_at, each.ends_at))
        table.add_row(str(each.row.id), *times, plain(each.row.device))
    console().print(table)


@people.command(
    "sign-out",
    short_help="Thoát khỏi mọi nơi / End sessions.",
    epilog="Ví dụ / Example: ocop-sync people sign-out NV-00001 --by 'Lê B'",
)
@_PERSON
@click.option(
    "--session",
    "session_id",
    type=NUMBER,
    metavar="ID",
    help="Chỉ phiên này / this one alone.",
)
@BY
def sign_out(*, person_id: str, session_id: int | None, by: Actor) -> None:
    """Thoát một người khỏi mọi nơi, hoặc một phiên / end all sessions, or one."""
    if session_id is None:
        act = partial(sessions.end_sessions, person_id=person_id, by=by)
        ended = with_identity(act)
    else:
        one = partial(
            sessions.end_session, person_id=person_id, session_id=session_id, by=by
        )
        ended = int(with_identity(one))
    show_line(
        f"{plain(person_id)}: đã thoát {ended} phiên / {counted(ended, 'session')}"
        " ended"
    )


def _password(*, is_made: bool) -> str:
    """Make a password, or ask for one; it never stands among the arguments."""
    if is_made:
        return make_password(secrets.token_bytes)
    words = "Mật khẩu, ít nhất 12 ký tự / password, 12 characters at least"
    if not sys.stdin.isatty():  # a script writes it there, once
        return sys.stdin.readline().rstrip("\r\n")
    given: str = click.prompt(
        words, hide_input=True, confirmation_prompt=True, err=True
    )
    return given


def _show_made(password: str, *, is_made: bool) -> None:
    if password and is_made:
        click.echo(
            f"Mật khẩu, chỉ hiện lần này / the password, shown this once:\n{password}"
        )


def _tell_if_no_admin_is_left() -> None:
    """Say that nobody could add people any more but at the command line."""
    if not with_identity(use_cases.has_admin):
        click.echo(_NO_ADMIN, err=True)


def _tell(person: PersonRow, said: str) -> None:
    """Name the act and its subject: numbers are easily mistaken."""
    named = f"{person.id} {person.name} ({_ROLES[Role(person.role)]})"
    show_line(f"{plain(' '.join(named.split()))}: {said}")


def _state(person: PersonRow) -> str:
    if person.erased_at:
        return f"đã xóa / erased {moment(person.erased_at)}"
    if person.disabled_at:
        return f"bị khóa / disabled {moment(person.disabled_at)}"
    if Role(person.role).is_staff and not person.has_password:
        return "chưa có mật khẩu / no password"
    return ""
