"""How products are shown at a marketplace: `ocop-sync mapping`."""

from functools import partial
from pathlib import Path

import click

from catalog.model.actor import Actor
from catalog.model.product_set import SETS
from catalog.vietnam_time import moment
from ocop_sync.api.forms.mappings import mapping_form
from ocop_sync.cli.app.app import as_input, run, settings_of
from ocop_sync.cli.app.opened import in_database, in_deployment
from ocop_sync.cli.app.options import AS_JSON, BY, CONFIRM
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.tables import NOTHING_TO_DO, write_json
from ocop_sync.files import write_text
from ocop_sync.marketplace.mapping import (
    ListingMapping,
    parse_mapping,
    text_of,
    to_toml,
)
from ocop_sync.service.decisions.mappings import InForce, adapter_of, mapping_of
from ocop_sync.service.department.mapping_entry import MappingEntry, enter_mapping

_NOTES = {code: each.name for code, each in SETS.items()}
_NEXT = (
    "lần đồng bộ tới sẽ áp dụng; xem trước bằng `ocop-sync plan`"
    " / the next sync applies it; `ocop-sync plan` shows what it changes"
)


@click.group()
def mapping() -> None:
    """Bảng quy đổi của từng sàn / each marketplace's mapping.

    Ngành hàng của từng bộ sản phẩm; tên, mô tả, ảnh phải thế nào. Categories of the
    product sets, and the rules for titles, descriptions and pictures.
    """


@mapping.command(
    short_help="Cho xem / Show.",
    epilog="Ví dụ / Example: ocop-sync mapping show voso --out voso.toml",
)
@click.argument("marketplace", type=CODE, metavar="MARKETPLACE")
@AS_JSON
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Ghi ra tệp, chỉ chủ tệp đọc được / write it to a file for its owner alone.",
)
def show(*, marketplace: str, as_json: bool, out: Path | None) -> None:
    """Cho xem bảng đang dùng, dạng TOML / the mapping in force, as TOML.

    Sửa rồi dùng với `mapping set`. Edited, it can be set with `mapping set`.
    """
    settings, adapter = settings_of(), adapter_of(marketplace)
    query = partial(mapping_of, name=marketplace, adapter=adapter)
    found = run(in_database(settings, query))
    if as_json:
        write_json(mapping_form(found))
        return
    text = f"# {_origin(found)}\n{to_toml(found.mapping, _NOTES)}"
    if out is None:
        click.echo(text, nl=False)
        return
    write_text(out, text)
    click.echo(str(out))


@mapping.command(
    "set",
    short_help="Thay bằng bảng khác / Replace.",
    epilog="Ví dụ / Example: ocop-sync mapping set voso voso.toml --by 'Ng. Văn A'",
)
@click.argument("marketplace", type=CODE, metavar="MARKETPLACE")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@CONFIRM
@BY
def set_(*, marketplace: str, file: Path, token: str, by: Actor) -> None:
    """Thay bảng đang dùng bằng bảng trong tệp TOML / use the mapping of a TOML file.

    Thay toàn bộ; ghi lại ai thay, lúc nào. Nếu có sản phẩm không đăng được nữa thì báo
    trước (mã thoát 3), làm lại với --confirm.

    Replaces it whole; who did so and when is recorded. Where products can be listed no
    more by it, that is told first (exit code 3), and done with --confirm.
    """
    adapter_of(marketplace)  # before the file is looked at
    new = parse_mapping(text_of(file), marketplace=marketplace, where=str(file))
    _replace(marketplace, new, token, by)


@mapping.command(
    short_help="Trở lại bảng mặc định / Go back to the default.",
    epilog="Ví dụ / Example: ocop-sync mapping reset voso --by 'Ng. Văn A'",
)
@click.argument("marketplace", type=CODE, metavar="MARKETPLACE")
@CONFIRM
@BY
def reset(*, marketplace: str, token: str, by: Actor) -> None:
    """Trở lại bảng đi kèm chương trình / go back to the mapping that ships."""
    _replace(marketplace, None, token, by)


def _replace(name: str, new: ListingMapping | None, token: str, by: Actor) -> None:
    adapter_of(name)
    entry = MappingEntry(marketplace=name, new=new, by=by, token=token)
    act = partial(enter_mapping, entry=entry)
    with as_input():
        changes = run(in_deployment(settings_of(), act, needs_accounts=False))
    if changes is None:
        click.echo(NOTHING_TO_DO)
        return
    for line in changes:
        click.echo(line)
    click.echo(_NEXT)


def _origin(found: InForce) -> str:
    placed = found.placed
    if placed is None:
        return "mặc định, đi kèm chương trình / the default that ships"
    when = f"{placed.by}, {moment(placed.at)}"
    if found.is_own:
        return f"trở lại mặc định / back to the default: {when}"
    return f"do người đặt / set by a person: {when}"
