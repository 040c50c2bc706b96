"""Notices in words: Vietnamese first, then English, and marked where simulated."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from catalog.counted import counted
from catalog.eligibility import Text
from catalog.vietnam_time import moment
from ocop_sync.service.notices.kinds import NoticeKind, Trouble
from ocop_sync.service.notices.sender import Message
from ocop_sync.store.notices import Notice, Part

_TITLES: Final = {
    (NoticeKind.RUN_FAILED, Part.BEGUN): Text(
        "Lần chạy lỗi: {account}", "A run has failed: {account}"
    ),
    (NoticeKind.RUN_FAILED, Part.ENDED): Text(
        "Đã chạy lại được: {account}", "Runs work again: {account}"
    ),
    (NoticeKind.SCHEDULE_FAILED, Part.BEGUN): Text(
        "Lịch chạy lỗi: {schedule}", "A run of a schedule has failed: {schedule}"
    ),
    (NoticeKind.SCHEDULE_FAILED, Part.ENDED): Text(
        "Lịch đã chạy lại được: {schedule}", "The schedule works again: {schedule}"
    ),
    (NoticeKind.REQUEST_GIVEN_UP, Part.BEGUN): Text(
        "Lần chạy theo yêu cầu bị bỏ: {run}", "A requested run is given up: {run}"
    ),
    (NoticeKind.ACCOUNT_DOWN, Part.BEGUN): Text(
        "Tài khoản không hoạt động: {account}", "An account is down: {account}"
    ),
    (NoticeKind.ACCOUNT_DOWN, Part.ENDED): Text(
        "Tài khoản hoạt động lại: {account}", "An account works again: {account}"
    ),
    (NoticeKind.GROUP_HELD, Part.BEGUN): Text(
        "Chờ duyệt: {size} sản phẩm tại {marketplace}, nhóm {group}",
        "Waiting for approval: {products} at {marketplace}, group {group}",
    ),
    (NoticeKind.GROUP_HELD, Part.ENDED): Text(
        "Hết chờ: nhóm {group} tại {marketplace}",
        "Waiting no more: group {group} at {marketplace}",
    ),
    (NoticeKind.CERTIFICATES_END, Part.BEGUN): Text(
        "{count} giấy chứng nhận hết hạn trong {days} ngày",
        "{certificates} within {days} days",
    ),
    (NoticeKind.CLAIMS_SHOWN, Part.BEGUN): Text(
        "{count} tin tại {marketplace} còn ghi OCOP dù đã hết hạn",
        "{listings} OCOP at {marketplace} after its end",
    ),
    (NoticeKind.CLAIMS_SHOWN, Part.ENDED): Text(
        "Không còn tin nào tại {marketplace} ghi OCOP quá hạn",
        "No listing at {marketplace} claims OCOP after its end any more",
    ),
    (NoticeKind.TEST, Part.BEGUN): Text("Thông báo thử", "A notice to try"),
}
_TODO: Final = {
    NoticeKind.RUN_FAILED: "ocop-sync status",
    NoticeKind.SCHEDULE_FAILED: "ocop-sync schedule list",
    NoticeKind.REQUEST_GIVEN_UP: "ocop-sync runs list",
    NoticeKind.ACCOUNT_DOWN: "ocop-sync status",
    NoticeKind.GROUP_HELD: "ocop-sync held list",
    NoticeKind.CERTIFICATES_END: "ocop-sync expiring",
    NoticeKind.CLAIMS_SHOWN: "ocop-sync coverage",
}
_FACTS: Final = {
    "cause": Text("nguyên nhân", "cause"),
    "since": Text("từ", "since"),
    "run": Text("lần chạy", "run"),
    "products": Text("sản phẩm", "products"),
    "trouble": Text("chuyện gì", "what"),
}
_TROUBLES: Final = {
    Trouble.FAILED: Text("chạy không xong", "it has failed"),
    Trouble.DIED: Text(
        "tiến trình đang chạy nó đã dừng giữa chừng, tiến trình khác chạy tiếp",
        "the process that ran it has died, and another one goes on",
    ),
    Trouble.GIVEN_UP: Text(
        "tiến trình nào chạy nó cũng dừng giữa chừng, lần này không chạy lại nữa",
        "every process that ran it has died, and it is not tried again",
    ),
}
_SIMULATED: Final = Text("[MÔ PHỎNG] ", "[SIMULATED] ")
_MOST_NAMED: Final = 20


def message_of(notice: Notice) -> Message:
    """Return *notice* in words."""
    kind = NoticeKind(notice.kind)
    title = _title(notice, kind)
    text = _text(notice, kind)
    return Message(
        id=notice.message_id,
        type=f"{kind.value}.{notice.part.value}",
        made_at=notice.made_at,
        title=title,
        text=text,
        data={
            "kind": kind.value,
            "part": notice.part.value,
            "simulated": notice.simulated,
            **notice.details,
            "title_vi": title.vi,
            "title_en": title.en,
            "text_vi": text.vi,
            "text_en": text.en,
        },
    )


def _title(notice: Notice, kind: NoticeKind) -> Text:
    words = _TITLES[kind, notice.part]
    mark = _SIMULATED if notice.simulated else Text("", "")
    return Text(
        mark.vi + words.vi.format(**notice.details),
        mark.en + words.en.format(**{**notice.details, **_counts(notice.details)}),
    )


def _counts(details: Mapping[str, Any]) -> dict[str, str]:
    """Return the counts of a notice with what is counted, in English."""
    count, size = details.get("count", 0), details.get("size", 0)
    return {
        "products": counted(size, "product"),
        "certificates": counted(count, "certificate ends", "certificates end"),
        "listings": counted(count, "listing claims", "listings claim"),
    }


def _text(notice: Notice, kind: NoticeKind) -> Text:
    facts = [
        (words, _shown(name, notice.details[name]))
        for name, words in _FACTS.items()
        if notice.details.get(name)
    ]
    vi = [f"{words.vi}: {value.vi}" for words, value in facts]
    en = [f"{words.en}: {value.en}" for words, value in facts]
    at = moment(notice.made_at)
    vi, en = [f"lúc: {at}", *vi], [f"at: {at}", *en]
    if notice.part is Part.BEGUN and kind in _TODO:
        vi.append(f"xem: {_TODO[kind]}")
        en.append(f"see: {_TODO[kind]}")
    return Text("\n".join(vi), "\n".join(en))


def _shown(name: str, value: object) -> Text:
    if name == "trouble":
        return _TROUBLES[Trouble(str(value))]
    shown = _written(value)
    return Text(shown, shown)


def _written(value: object) -> str:
    if isinstance(value, list):
        named = [_product(each) for each in value[:_MOST_NAMED]]
        more = len(value) - len(named)
        return ", ".join(named) + (f" … +{more}" if more > 0 else "")
    if isinstance(value, str) and "T" in value:
        return moment(datetime.fromisoformat(value))
    return str(value)


def _product(each: Mapping[str, Any] | str) -> str:
    if isinstance(each, str):
        return each
    end = date.fromisoformat(each["ends_on"])
    return f"{each['product']} ({end:%d/%m/%Y})"
