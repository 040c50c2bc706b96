"""The kept plans as a file."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.forms.plans import PlanForm, plan_form
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.plan_words import STANDINGS
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.kept_plans import list_plans


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Kế hoạch số", "Plan no."), 10),
        (Text("Lập lúc (giờ Việt Nam)", "Made at (Vietnam's time)"), 18),
        (Text("Người lập", "Made by"), 24),
        (Text("Tình trạng", "State"), 24),
        (Text("Sàn", "Marketplaces"), 24),
        (Text("Thay đổi", "Changes"), 10),
        (Text("Lấy khỏi người mua", "Take from buyers"), 12),
        (Text("Người quyết định", "Decided by"), 24),
        (Text("Quyết định lúc", "Decided at"), 18),
        (Text("Lý do", "Reason"), 40),
        (Text("Dùng được đến", "May be used until"), 18),
    )


async def _rows(deployment: Deployment, _: object) -> AsyncIterator[Sequence[ListRow]]:
    before: int | None = None
    while True:
        found = await list_plans(deployment, before=before, size=CHUNK)
        yield [_row(plan_form(each)) for each in found.plans]
        before = found.last
        if before is None:
            return


def _row(plan: PlanForm) -> ListRow:
    cells = (
        plan.id,
        plan.made_at,
        plan.made_by or None,
        STANDINGS[plan.state][0],
        ", ".join(marketplace_name(each.marketplace) for each in plan.marketplaces),
        plan.changes,
        plan.takes,
        plan.decided_by or None,
        plan.decided_at,
        plan.reason or None,
        plan.expires_at,
    )
    return ListRow(cells, plan.simulated)


PLANS_FILE: Final = ListFile(
    name="ke-hoach", title=Text("Kế hoạch", "Plans"), columns=_columns, rows=_rows
)
"""All plans that are kept; nothing is chosen."""
