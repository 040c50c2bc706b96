"""Held groups and their members, to people.

The holds, and a person's answers to them, are in `ocop_sync.cli.held`.
"""

from collections.abc import Iterable
from datetime import datetime

from catalog.vietnam_time import moment
from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.tables import (
    SIMULATED,
    console,
    indented,
    plain,
    show_line,
)
from ocop_sync.engine.approval.review import ReaskReason
from ocop_sync.engine.hold import HOLD_WORDS
from ocop_sync.service.queries.held import (
    HeldGroup,
    NamedMember,
    Spent,
    cause_in_words,
)

_STATES = {
    "open": "chờ duyệt / open",
    "approved": "đã duyệt / approved",
    "ended": "lần duyệt đã hết hạn / its approval has ended",
    "refused": "không duyệt / refused",
}
_ANEW = {
    ReaskReason.CHANGED: "đã khác so với lúc duyệt / changed since the decision",
    ReaskReason.NEW: "mới thêm sau khi duyệt / new since the decision",
}
"""The name of each reason to ask once more."""


def show_group(each: HeldGroup, spent: Spent | None, *, simulated: bool) -> None:
    """Show one group: changes, reason, size, age, and how it may pass."""
    out, group = console(), each.group
    mark = f"  [b]{SIMULATED}[/b]" if simulated else ""
    state = _STATES[each.state]
    out.print(
        f"[b]Nhóm / Group {group.id}[/b], {plain(group.marketplace)}: {state}{mark}"
    )
    for line in _lines(each, spent):
        out.print(indented(line))
    if each.state != "approved":
        show_line(f"    Duyệt / approve: {plain(each.approve_command)}")


def _lines(each: HeldGroup, spent: Spent | None) -> Iterable[str]:
    group, why = each.group, each.why
    since = moment(group.opened_at)
    yield f"Sản phẩm / products: {group.size}, từ / since {since}"
    if each.left != group.size:
        yield f"Còn chờ / still waiting: {each.left}"
    for kinds, count in each.kinds.items():
        yield f"Làm gì / what: {kinds_in_words(kinds)}: {count}"
    yield f"Vì sao / why: {why.code}: {why.seen.vi} / {why.seen.en}"
    yield f"Căn cứ / basis: {basis(each)}"
    if each.import_ is not None:
        yield f"Do / by: {cause_in_words(each.import_)}"
        yield (
            "Nạp lại tệp đó để lấy mã, rồi xác nhận bằng tên: không tính vào hạn mức"
            " nữa / import that file again for its token and confirm it by name: it"
            " no longer counts in the budget"
        )
    if not each.not_as_approved:
        yield f"Giữ vì / held because: {HOLD_WORDS[group.hold].whole}"
    if spent is not None:
        yield (
            f"Hạn mức {spent.window_h:g} giờ / budget: được / allowed {spent.allowed},"
            f" đã / done {spent.done}, đang chờ duyệt / waiting {spent.waiting}"
        )
    for anew, count in sorted(each.not_as_approved.items()):
        words = _ANEW[ReaskReason(anew)]
        yield f"Không đúng như đã duyệt / not as approved: {count} {words}"
    if group.decided_by:
        yield _decided(each)
    ids = ", ".join(member.product_id for member in each.first)
    more = group.size - len(each.first)
    yield f"{ids}{f' … +{more}' if more > 0 else ''}"
    yield f"Xem hết / see all: ocop-sync held show {group.id}"


def _decided(each: HeldGroup) -> str:
    group = each.group
    at = moment(group.decided_at) if group.decided_at else "?"
    ends = f"; {until(group.approved_until)}" if group.approved_until else ""
    return (
        f"Người quyết định / decided by: {group.decided_by}, {at}: {group.reason}{ends}"
    )


def until(ends: datetime) -> str:
    """Say until when an approval counts."""
    return f"có hiệu lực đến / until {moment(ends)}"


def basis(each: HeldGroup) -> str:
    """Return the legal basis of a group's reason, and whether it is confirmed."""
    if not each.basis:
        return str(each.question)
    open_ = "" if each.confirmed else " (chưa xác nhận / not confirmed)"
    return f"{each.question}; {', '.join(each.basis)}{open_}"


def show_members(page: Iterable[NamedMember]) -> None:
    """Show members of a group, two lines for each."""
    out = console()
    for each in page:
        member = each.member
        maker = f" ({plain(each.producer)})" if each.producer else ""
        kinds = kinds_in_words(member.kinds)
        out.print(
            f"{plain(member.product_id)} [b]{plain(each.name)}[/b]{maker}: {kinds}"
        )
        out.print(indented(f"{member.why.code}: {member.why.seen}"))
        if member.reask_reason:
            why = _ANEW[member.reask_reason]
            out.print(indented(f"không đúng như đã duyệt / not as approved: {why}"))
