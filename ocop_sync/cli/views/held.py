"""Held groups and their members, to people and to machines.

The holds, and a person's answers to them, are in `ocop_sync.cli.held`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from catalog.db.imports import Import
from catalog.vietnam_time import moment
from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.tables import SIMULATED, console, indented, plain
from ocop_sync.engine.approval.review import ReaskReason
from ocop_sync.engine.hold import HOLD_WORDS
from ocop_sync.service.decisions.held_groups import (
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
        # In one line, however narrow the terminal is: it is to be copied.
        command = plain(how_to_approve(each))
        out.print(f"    Duyệt / approve: {command}", soft_wrap=True)


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
    if not each.anew:
        yield f"Giữ vì / held because: {HOLD_WORDS[group.hold].whole}"
    if spent is not None:
        yield (
            f"Hạn mức {spent.window_h:g} giờ / budget: được / allowed {spent.allowed},"
            f" đã / done {spent.done}, đang chờ duyệt / waiting {spent.waiting}"
        )
    for anew, count in sorted(each.anew.items()):
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
        return str(each.asks)
    open_ = "" if each.confirmed else " (chưa xác nhận / not confirmed)"
    return f"{each.asks}; {', '.join(each.basis)}{open_}"


def how_to_approve(each: HeldGroup) -> str:
    """Return the command that approves a group as it was seen."""
    group = each.group
    return (
        f"ocop-sync held approve {group.id} --checksum {group.checksum}"
        " --by 'HỌ TÊN' --reason 'LÝ DO'"
    )


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
        if member.anew:
            out.print(
                indented(
                    f"không đúng như đã duyệt / not as approved: {_ANEW[member.anew]}"
                )
            )


def group_value(each: HeldGroup) -> dict[str, Any]:
    """Return a group as JSON's values; its members are shown on their own."""
    group = each.group
    return {
        "id": group.id,
        "marketplace": group.marketplace,
        "cause": group.cause,
        "import": _import_value(each.import_),
        "hold": group.hold.value,
        "state": each.state,
        "why": {
            "code": each.why.code,
            "seen": {"vi": each.why.seen.vi, "en": each.why.seen.en},
            "asks": {"vi": each.asks.vi, "en": each.asks.en},
            "basis": list(each.basis),
            "confirmed": each.confirmed,
        },
        "kinds": [
            {"kinds": list(kinds), "products": count}
            for kinds, count in each.kinds.items()
        ],
        "size": group.size,
        "left": each.left,
        "not_as_approved": each.anew,
        "first_products": [member.product_id for member in each.first],
        "checksum": group.checksum,
        "opened_at": group.opened_at,
        "decided_by": group.decided_by,
        "decided_at": group.decided_at,
        "reason": group.reason,
        "approved_until": group.approved_until,
        "approve": how_to_approve(each),
    }


def _import_value(import_: Import | None) -> dict[str, Any] | None:
    """Return the import behind a group as JSON's values."""
    if import_ is None:
        return None
    words = cause_in_words(import_)
    return {
        "id": import_.id,
        "source": import_.source,
        "file": import_.file,
        "imported_at": import_.imported_at,
        "words": {"vi": words.vi, "en": words.en},
    }


def member_value(each: NamedMember) -> dict[str, Any]:
    """Return a member as JSON's values."""
    member = each.member
    return {
        "product": member.product_id,
        "name": each.name,
        "producer": each.producer,
        "kinds": list(member.kinds),
        "why": {
            "code": member.why.code,
            "seen": {"vi": member.why.seen.vi, "en": member.why.seen.en},
        },
        "print": member.print,
        "not_as_approved": member.anew,
        "asked_at": member.asked_at,
    }
