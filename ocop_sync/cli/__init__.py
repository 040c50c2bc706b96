"""Offer the use cases on the command line.

Commands are thin: their work is done in `ocop_sync.service` and `catalog`; here are
their arguments and their output.
"""

from pathlib import Path

import click

from ocop_sync.cli.app.app import Program
from ocop_sync.cli.app.commands import Commands


@click.group(
    cls=Program,
    commands=Commands(),
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Ví dụ / Example: ocop-sync demo --once",
)
@click.option(
    "--settings",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tệp thiết lập / settings file (TOML); ocop-sync.toml.",
)
@click.version_option(package_name="ocop-sync")
def main(settings: Path | None) -> None:
    """Đưa sản phẩm OCOP lên sàn và giữ cho đúng / keep OCOP products rightly on sale.

    Mã thoát / exit codes: 0 xong / done; 1 có tin đăng hoặc dòng bị lỗi / some
    listings or rows failed; 2 thiết lập hoặc đầu vào sai / settings or input;
    3 chờ người quyết định / held for a person.
    """
    del settings  # each command reads it from the context
