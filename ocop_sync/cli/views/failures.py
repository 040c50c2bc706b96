"""The changes that failed in a sync, to people and to machines."""

from collections.abc import Sequence

from catalog.counted import counted
from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.tables import console, indented
from ocop_sync.service.run.failed_changes import (
    NAMED,
    Failed,
    FailedChange,
    FailureGroup,
    groups_of,
)

FAILED_WORDS = {
    Failed.REFUSED: "sàn từ chối / refused",
    Failed.REFUSED_IN_REVIEW: "sàn từ chối khi duyệt / refused in review",
    Failed.UNKNOWN: "không rõ sàn đã làm chưa, sẽ đọc lại / not answered, read back",
    Failed.NOT_SENT: "sàn chưa làm, lần sau gửi lại / not applied, sent again",
}
"""The name of each way to fail."""

_GROUPS = 10
"""Reasons that are shown."""


def show_failures(changes: Sequence[FailedChange], all_of_them: str) -> None:
    """Show the failures, by reason, and the command that shows *all_of_them*."""
    if not changes:
        return
    out = console()
    out.print(f"Không thành / failed: {len(changes)}")
    groups = groups_of(changes)
    for group in groups[:_GROUPS]:
        _show(group)
    left = len(groups) - _GROUPS
    if left > 0:
        out.print(
            indented(f"… và {left} lý do nữa / and {counted(left, 'more reason')}")
        )
    if left > 0 or any(len(group.changes) > NAMED for group in groups):
        out.print(indented(f"Xem hết / all of them: {all_of_them}"))


def _show(group: FailureGroup) -> None:
    out = console()
    words = f": «{group.words}»" if group.words else ""
    why = f"{kinds_in_words([group.kind])}: {FAILED_WORDS[group.failed]}"
    line = f"{group.marketplace}: {why}{words} ({len(group.changes)})"
    out.print(indented(line))
    left = len(group.changes) - NAMED
    named = [f"{each.subject} {each.name}".strip() for each in group.changes[:NAMED]]
    more = f"; … và {left} nữa / and {left} more" if left > 0 else ""
    out.print(indented(f"    {'; '.join(named)}{more}"))
    if group.todo is not None:
        out.print(indented(f"    Phải làm / to do: {group.todo}"))
