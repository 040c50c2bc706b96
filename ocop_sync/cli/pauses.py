"""Write nothing to accounts for now: `ocop-sync marketplaces pause`, `resume`."""

from collections.abc import Sequence
from functools import partial

import click

from catalog.model.actor import Actor
from ocop_sync.cli.app.opened import decide
from ocop_sync.cli.app.options import AS_JSON, BY, WHY
from ocop_sync.cli.app.param_types import CODE
from ocop_sync.cli.views.pauses import show_pauses
from ocop_sync.cli.views.tables import some_of, write_json
from ocop_sync.service.decisions.pauses import (
    PauseDecision,
    pause_accounts,
    resume_accounts,
)

_ACCOUNTS = click.argument(
    "accounts", nargs=-1, required=True, type=CODE, metavar="ACCOUNT..."
)


@click.command(
    short_help="Tạm không ghi gì / Write nothing for now.",
    epilog="Ví dụ / Example: ocop-sync marketplaces pause voso:CS-0001 --by 'Ng. Văn A'"
    " --reason 'sàn bảo trì'",
)
@_ACCOUNTS
@BY
@WHY
@AS_JSON
def pause(*, accounts: Sequence[str], by: Actor, reason: str, as_json: bool) -> None:
    """Không ghi gì lên các tài khoản này cho đến khi cho chạy tiếp / write nothing.

    Vẫn đọc lượt bán, kết quả duyệt và thay đổi ở đó. Cả việc gỡ tin cũng chờ: sản phẩm
    không được bán vẫn còn bán ở đó. Mọi lệnh lẽ ra ghi lên đó đều nêu tên tài khoản.

    Sales, reviews and edits there are still read. Withdrawals wait as well: what may
    not be on sale stays so. Each command that would have written there names it.
    """
    act = partial(pause_accounts, keys=accounts, by=by, reason=reason)
    _show(decide(act), "đã tạm dừng / paused", as_json=as_json)


@click.command(
    short_help="Cho ghi tiếp / Let it go on.",
    epilog="Ví dụ / Example: ocop-sync marketplaces resume voso:CS-0001"
    " --by 'Ng. Văn A' --reason 'xong bảo trì'",
)
@_ACCOUNTS
@BY
@WHY
@AS_JSON
def resume(*, accounts: Sequence[str], by: Actor, reason: str, as_json: bool) -> None:
    """Cho ghi tiếp lên các tài khoản này / let these accounts be written to again.

    Việc đang chờ được gửi ở lần đồng bộ tới. All that waits goes with the next sync.
    """
    act = partial(resume_accounts, keys=accounts, by=by, reason=reason)
    _show(decide(act), "cho chạy tiếp / goes on", as_json=as_json)


def _show(found: PauseDecision, words: str, *, as_json: bool) -> None:
    if as_json:
        write_json(found)
        return
    if found.changed:
        click.echo(f"{words}: {some_of(found.changed)}")
    if found.unchanged:
        click.echo(f"vẫn như trước / as before: {some_of(found.unchanged)}")
    show_pauses(found.paused)
