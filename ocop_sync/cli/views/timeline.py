"""A timeline to people: one heading for each act, its changes below."""

from itertools import groupby

from catalog.db.timeline import PastChange
from catalog.feed.headings.display import author_in_words
from catalog.queries.timeline import TimelinePage
from catalog.vietnam_time import moment
from ocop_sync.cli.views.import_changes import change_in_words
from ocop_sync.cli.views.tables import console, indented, plain, show_line

_NO_CHANGE = "không có thay đổi nào / no change"
_EARLIER = (
    "những thay đổi trước khi có lịch sử không được lưu / changes from before the"
    " history began are not known"
)


def show_timeline(found: TimelinePage) -> None:
    """Show a page, and how to see the next one."""
    of, out = found.of, console()
    show_line(f"[b]{plain(of.sku or of.id)}[/b] {plain(of.name)}")
    if not found.changes:
        show_line(_NO_CHANGE)
    for heading, group in groupby(found.changes, _heading):
        show_line(heading)
        for each in group:
            out.print(indented(change_in_words(each.change)))
    if found.next is not None:
        code = plain(of.sku or of.id)
        show_line(f"… cũ hơn / earlier: ocop-sync history {code} --before {found.next}")
    elif found.is_whole is False:
        show_line(_EARLIER)


def _heading(each: PastChange) -> str:
    parts = [_who(each)]
    if each.kind == "undo_import":
        parts.append(f"hoàn tác / undo {each.import_id} “{each.file}”")
    elif each.import_id is not None:
        parts.append(f"lần nạp / import {each.import_id} “{each.file}”")
    elif each.kind:
        parts.append(each.kind)
    if each.reason:
        parts.append(f"vì / why: {each.reason}")
    told = ", ".join(part for part in parts if part)
    return f"{moment(each.at)} {plain(told)}"


def _who(each: PastChange) -> str:
    if each.by is None:
        return author_in_words(each.author)
    if each.is_forgotten:
        return "tên đã xóa / name erased"
    by = each.by
    name = by.name or by.ref or by.os_user or "?"
    return f"{name} (thay / for {by.acts_for})" if by.acts_for else name
