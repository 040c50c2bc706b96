"""Begin an adapter for a marketplace: `ocop-sync adapter new`."""

from pathlib import Path

import click

from ocop_sync.cli.app.param_types import CODE
from ocop_sync.testing.skeleton.write import left_out, write_skeleton


@click.group()
def adapter() -> None:
    """Viết phần nối cho một sàn / write an adapter for a marketplace."""


@adapter.command(
    "new",
    short_help="Tạo bộ khung / Write a skeleton.",
    epilog="Ví dụ / Example: ocop-sync adapter new cho_que",
)
@click.argument("name", type=CODE, metavar="NAME")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục cần tạo; bỏ trống: tên sàn, tại đây"
    " / folder to make; that of the name, here, if left out.",
)
def new(*, name: str, out: Path | None) -> None:
    """Tạo bộ khung của phần nối cho sàn NAME / write the skeleton of an adapter.

    Bộ khung chạy được ngay trên một sàn nhỏ đi kèm; bộ kiểm chứng cho biết điều gì đã
    được chứng minh, điều gì còn thiếu. It works as it is, on a small marketplace that
    comes with it; the conformance kit tells what is proved and what is left.
    """
    folder = out or Path(name)
    files = write_skeleton(name, folder)
    click.echo(f"Đã tạo {len(files)} tệp / files written: {folder}")
    for each in files:
        click.echo(f"  {each.relative_to(folder)}")
    click.echo("Còn lại, nếu sàn có / left to write, where the marketplace has it:")
    for words in left_out():
        click.echo(f"  {words}")
    click.echo("Chạy thử trong thư mục đó / try it there: python -m pytest")
