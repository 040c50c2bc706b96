"""The accounts as a file: how each stands, in the words of the page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from catalog.model.reach import Reach
from ocop_sync.api.forms.accounts import AccountForm, account_form
from ocop_sync.pages.account_words import health_of, trouble_of
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.accounts import AccountFilter, accounts_page


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenAccounts:
    """Which accounts, of those within whose reach.

    Attributes:
        which: Which.
        reach: Those that somebody reaches.
        shows_by: Say who has paused one, to staff.
    """

    which: AccountFilter
    reach: Reach
    shows_by: bool


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Tài khoản", "Account"), 24),
        (Text("Sàn", "Marketplace"), 20),
        (Text("Mã cơ sở", "Producer's code"), 14),
        (Text("Tình trạng", "State"), 24),
        (Text("Vì sao", "Why"), 40),
        (Text("Phải làm", "To do"), 40),
        (Text("Tạm dừng vì", "Paused because"), 40),
        (Text("Người tạm dừng", "Paused by"), 24),
        (Text("Chạy xong lần cuối (giờ Việt Nam)", "Last worked (Vietnam's time)"), 18),
        (Text("Đọc lại toàn bộ", "Read whole"), 18),
        (Text("Tạm giữ", "Held"), 10),
    )


async def _rows(
    deployment: Deployment, chosen: ChosenAccounts
) -> AsyncIterator[Sequence[ListRow]]:
    after = None
    while True:
        found = await accounts_page(
            deployment, chosen.reach, after, chosen.which, size=CHUNK
        )
        yield [
            _row(account_form(each, shows_words=False, shows_by=chosen.shows_by))
            for each in found.accounts
        ]
        after = found.last
        if after is None:
            return


def _row(account: AccountForm) -> ListRow:
    trouble, paused = trouble_of(account), account.paused
    cells = (
        account.key,
        marketplace_name(account.marketplace),
        account.seller,
        health_of(account)[0],
        trouble[0] if trouble else None,
        trouble[1] if trouble else None,
        paused.reason if paused else None,
        paused.by if paused else None,
        account.worked_at,
        account.read_whole_at,
        account.held,
    )
    return ListRow(cells, bool(account.simulated))


ACCOUNTS_FILE: Final = ListFile(
    name="tai-khoan", title=Text("Tài khoản", "Accounts"), columns=_columns, rows=_rows
)
"""The accounts; chosen by `ChosenAccounts`."""
