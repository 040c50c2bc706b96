"""Offer the use cases on the command line.

Commands are thin: what they do is decided in `ocop_sync.service` and
`catalog`; here is how it is asked for and shown.
"""

from pathlib import Path

import click

from ocop_sync.cli.cancel import cancel
from ocop_sync.cli.certificates import certificates
from ocop_sync.cli.database import db
from ocop_sync.cli.demo import demo
from ocop_sync.cli.drift import drift
from ocop_sync.cli.eligibility import eligibility
from ocop_sync.cli.feeds import export, generate, template
from ocop_sync.cli.held import held
from ocop_sync.cli.imports import imports
from ocop_sync.cli.mapping import mapping
from ocop_sync.cli.marketplaces import marketplaces
from ocop_sync.cli.mock import mock
from ocop_sync.cli.plan import plan
from ocop_sync.cli.program import Program
from ocop_sync.cli.reconcile import reconcile
from ocop_sync.cli.status import status
from ocop_sync.cli.sync import sync
from ocop_sync.cli.twins import twins
from ocop_sync.cli.worker import worker
from ocop_sync.cli.worklists import expiring, missing_papers


@click.group(
    cls=Program,
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


COMMANDS: tuple[click.Command, ...] = (
    demo,
    imports,
    export,
    generate,
    template,
    eligibility,
    expiring,
    missing_papers,
    certificates,
    plan,
    sync,
    reconcile,
    worker,
    cancel,
    status,
    held,
    drift,
    twins,
    mapping,
    mock,
    marketplaces,
    db,
)

for each in COMMANDS:
    main.add_command(each)
