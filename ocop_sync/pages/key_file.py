"""The keys of programs as a file: by their visible beginning, and how each stands."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.forms.identity import KeyForm, key_form
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.words import ROLES
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.keys import keys_page


def state_of(key: KeyForm, now: datetime) -> tuple[Text, Kind]:
    """Return how a key stands, in words."""
    if key.revoked_at is not None:
        return Text("Đã thu hồi", "Revoked"), "none"
    if key.ends_at is not None and key.ends_at <= now:
        return Text("Đã hết hạn", "Ended"), "none"
    if key.replaced_by:
        return Text("Sắp hết, đã có khóa thay", "Replaced, ends soon"), "waits"
    return Text("Dùng được", "Holds"), "done"


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Khóa", "Key"), 20),
        (Text("Dùng cho", "For"), 30),
        (Text("Vai trò", "Role"), 16),
        (Text("Mã cơ sở", "Producers"), 24),
        (Text("Tạo lúc (giờ Việt Nam)", "Made at (Vietnam's time)"), 18),
        (Text("Dùng lần cuối", "Last use"), 18),
        (Text("Hết hạn", "Ends at"), 18),
        (Text("Tình trạng", "State"), 24),
    )


async def _rows(deployment: Deployment, _: object) -> AsyncIterator[Sequence[ListRow]]:
    identity = Identity(database=deployment.database, clock=deployment.clock)
    after, now = None, deployment.clock()
    while True:
        found = await keys_page(identity, after, size=CHUNK)
        yield [_row(key_form(each), now) for each in found.keys]
        after = found.last
        if after is None:
            return


def _row(key: KeyForm, now: datetime) -> ListRow:
    cells = (
        key.id,
        key.name,
        ROLES[key.role],
        ", ".join(key.producers) or None,
        key.made_at,
        key.used_at,
        key.ends_at,
        state_of(key, now)[0],
    )
    return ListRow(cells)


KEYS_FILE: Final = ListFile(
    name="khoa",
    title=Text("Khóa", "Keys"),
    columns=_columns,
    rows=_rows,
    of_marketplaces=False,
)
"""All keys; nothing is chosen. What opens anything stands nowhere."""
