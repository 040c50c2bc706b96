"""Options that several commands take, each with one name and one meaning."""

from pathlib import Path

import click

from ocop_sync.cli.app.at_command_line import ACTOR
from ocop_sync.cli.app.param_types import CODE, REASON, SECONDS, Day

AS_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Cho máy đọc / for machines."
)
BY = click.option(
    "--by", type=ACTOR, required=True, help="Ai quyết định / who decides."
)
WHY = click.option("--reason", type=REASON, required=True, help="Vì sao / why.")


def _or_empty(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    return value or ""


WHY_AS_WELL = click.option(
    "--reason",
    type=REASON,
    callback=_or_empty,
    help="Vì sao, để lưu lại / why; it is kept.",
)
CONFIRM = click.option(
    "--confirm",
    "token",
    type=CODE,
    callback=_or_empty,
    metavar="TOKEN",
    help="Mã xác nhận của việc bị giữ lại / the token of what was held.",
)
AS_OF = click.option(
    "--as-of",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày xét, giờ Việt Nam; bỏ trống: bây giờ / day in Vietnam; now if left out.",
)
FOLLOW = click.option(
    "--follow",
    "follow_s",
    type=SECONDS,
    default=10.0,
    show_default=True,
    help="Mỗi lần chờ sàn duyệt tin bao lâu / how long a sync follows reviews, in s.",
)
FORCE = click.option(
    "--force", is_flag=True, help="Ghi đè / write over an existing file."
)


def ensure_ending(file: Path, *endings: str) -> None:
    """Refuse a file of which the name ends otherwise.

    Raises:
        click.UsageError: It does.
    """
    if file.suffix.lower() not in endings:
        vi, en = " hoặc ".join(endings), " or ".join(endings)
        article = "an" if en.startswith(".x") else "a"
        message = f"{file.name}: cần tệp {vi} / {article} {en} file is needed"
        raise click.UsageError(message)


def ensure_free(file: Path, *, force: bool) -> None:
    """Refuse a file that is there already, unless it may be written over.

    Raises:
        click.UsageError: It is there.
    """
    if file.exists() and not force:
        message = f"{file}: đã có, dùng --force để ghi đè / exists, --force overwrites"
        raise click.UsageError(message)
