"""What is told of a run that goes on, to people."""

from typing import Any, Final

from ocop_sync.cli.views.change_names import kinds_in_words
from ocop_sync.cli.views.tables import console, indented, plain
from ocop_sync.service.requests.follow import Followed, FollowedKind, RequestState
from ocop_sync.service.run.facet_counts import RunFacet, counted_by_facet

_STATES = {
    RequestState.WAITING: "chờ worker / waits for a worker",
    RequestState.RUNNING: "đang chạy / runs",
    RequestState.DEAD: "worker đã chết, chờ worker khác / its worker died: another one",
}


def show_followed(told: Followed) -> None:
    """Show one event in a line, with what has failed below it."""
    out, data = console(), told.data
    where = plain(told.account)
    match told.kind:
        case FollowedKind.STATE:
            out.print(_STATES[RequestState(data["state"])])
        case FollowedKind.BEGUN:
            out.print(f"{where}: bắt đầu / begins")
        case FollowedKind.PROGRESS:
            out.print(f"{where}: {_progress(data['progress'])}")
            _show_facets(data["progress"])
            _show_failures(data["progress"])
        case FollowedKind.ENDED:
            out.print(f"{where}: {data['outcome']}, {_progress(data['progress'])}")
            _show_facets(data["progress"])
            _show_failures(data["progress"])
        case FollowedKind.END:
            out.print(f"[b]{data['outcome']}[/b] {plain(data['reason'])}".rstrip())


def _progress(told: dict[str, Any]) -> str:
    left = "" if told["left"] is None else f", còn / left {told['left']}"
    used = told["quota_used"]
    quota = "" if used is None else f", hạn mức / quota {used:.0%}"
    again = f", gọi lại / retries {told['retries']}" if told["retries"] else ""
    return (
        f"đã gửi / sent {told['sent']}, lỗi / failed {told['failed']}{left};"
        f" {told['calls']} lần gọi / calls{again}{quota}"
    )


def _show_facets(told: dict[str, Any]) -> None:
    parts = [
        f"{_FACETS[each.facet]} {each.sent - each.failed}/{each.sent}"
        for each in counted_by_facet(told["changes"])
    ]
    if parts:
        console().print(indented(f"nhận / taken: {'; '.join(parts)}"))


_FACETS: Final = {
    RunFacet.LISTING: "tin / listings",
    RunFacet.STOCK: "tồn / stock",
    RunFacet.PRICE: "giá / price",
    RunFacet.STARS: "sao / stars",
    RunFacet.CONTENT: "nội dung / content",
    RunFacet.SELLER: "gian hàng / sellers",
}


def _show_failures(told: dict[str, Any]) -> None:
    for each in told["failures"]:
        what = f"{each['subject']}: {kinds_in_words([each['kind']])}: {each['outcome']}"
        console().print(indented(f"{what} «{each['words']}»"))
    if more := told["more_failures"]:
        console().print(indented(f"… +{more}: `ocop-sync ledger --outcome failed`"))
