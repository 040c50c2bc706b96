"""The people who may sign in as a file: nothing by which they do stands there."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.forms.identity import PersonForm, person_form
from ocop_sync.pages.person_shown import state_of
from ocop_sync.pages.words import ROLES
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.people import people_page
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import last_sign_ins


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Mã người", "Id"), 12),
        (Text("Tên", "Name"), 30),
        (Text("Vai trò", "Role"), 16),
        (Text("Mã cơ sở", "Producers"), 24),
        (
            Text("Đăng nhập lần cuối (giờ Việt Nam)", "Last sign-in (Vietnam's time)"),
            18,
        ),
        (Text("Tình trạng", "State"), 20),
        (Text("Thêm lúc", "Added at"), 18),
    )


async def _rows(
    deployment: Deployment, roles: Collection[Role]
) -> AsyncIterator[Sequence[ListRow]]:
    identity = Identity(database=deployment.database, clock=deployment.clock)
    after: str | None = ""
    while after is not None:
        found = await people_page(identity, after, size=CHUNK, roles=roles)
        signed_in = await last_sign_ins(identity, [each.id for each in found.people])
        yield [_row(person_form(each), signed_in.get(each.id)) for each in found.people]
        after = found.last


def _row(person: PersonForm, signed_in_at: datetime | None) -> ListRow:
    cells = (
        person.id,
        person.name or None,
        ROLES[person.role],
        ", ".join(person.producers) or None,
        signed_in_at,
        state_of(person)[0],
        person.created_at,
    )
    return ListRow(cells)


PEOPLE_FILE: Final = ListFile(
    name="nguoi-dung",
    title=Text("Người dùng", "People"),
    columns=_columns,
    rows=_rows,
    of_marketplaces=False,
)
"""People; chosen by their roles."""
