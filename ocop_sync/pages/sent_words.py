"""Runs and sent changes in the words of pages: what, how it ended, why, what to do.

The ledger words a rule's reason in Vietnamese with the rule's code before it, and any
other in both languages; nobody reads either here.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from catalog.eligibility import Rules, Text
from ocop_sync.api.forms.runs import RunRequestForm
from ocop_sync.api.problems import in_both_languages
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.listing_words import FIELD_WORDS
from ocop_sync.service.run.facet_counts import RunFacet

CHANGE_WORDS: Final[Mapping[str, Text]] = {
    "withdraw": Text("Gỡ khỏi sàn", "Withdraw"),
    "stop_seller": Text("Đóng gian hàng", "Stop the shop"),
    "set_stock": Text("Đổi tồn kho", "Change the stock"),
    "set_stars": Text("Đổi hạng sao", "Change the stars"),
    "update": Text("Sửa nội dung", "Change the text"),
    "set_price": Text("Đổi giá", "Change the price"),
    "republish": Text("Đăng lại", "Put on sale again"),
    "create": Text("Đăng mới", "List"),
    "put_seller": Text("Lập, sửa gian hàng", "Make or change the shop"),
}
"""Each kind of change, that which takes the most from buyers first."""

FACET_WORDS: Final[Mapping[RunFacet, Text]] = {
    RunFacet.LISTING: Text("Tin bán", "Listings"),
    RunFacet.STOCK: Text("Số lượng", "Stock"),
    RunFacet.PRICE: Text("Giá", "Price"),
    RunFacet.STARS: Text("Sao", "Stars"),
    RunFacet.CONTENT: Text("Nội dung", "Text and pictures"),
    RunFacet.SELLER: Text("Gian hàng", "Shops"),
}
"""Each part of listings that a run writes."""

ANSWERS: Final[Mapping[str, tuple[Text, Kind]]] = {
    "applied": (Text("Sàn đã nhận", "Applied"), "done"),
    "submitted": (Text("Sàn đang duyệt", "In review"), "waits"),
    "refused": (Text("Sàn từ chối", "Refused"), "wrong"),
    "refused_in_review": (Text("Sàn từ chối khi duyệt", "Refused in review"), "wrong"),
    "unknown": (Text("Chưa rõ sàn đã nhận chưa", "Not known"), "wrong"),
    "not_sent": (Text("Chưa gửi được", "Not sent"), "wrong"),
    "open": (Text("Đang chờ trả lời", "No answer yet"), "waits"),
}
"""What came of a change, and what that means."""

ENDINGS: Final[Mapping[str, tuple[Text, Kind]]] = {
    "running": (Text("Đang chạy", "Goes on"), "waits"),
    "waiting": (Text("Đang chờ đến lượt", "Waits for its turn"), "waits"),
    "dead": (
        Text("Tiến trình đã tắt, tiến trình khác sẽ làm tiếp", "To be taken over"),
        "waits",
    ),
    "done": (Text("Đã xong", "Done"), "done"),
    "held": (Text("Đã xong, còn việc chờ duyệt", "Done, some is held"), "waits"),
    "failed": (Text("Có lỗi", "With failures"), "wrong"),
    "stopped": (Text("Dừng giữa chừng", "Stopped"), "waits"),
    "cancelled": (Text("Đã hủy", "Cancelled"), "none"),
    "died": (Text("Bị ngắt", "Broken off"), "wrong"),
}
"""How a run, or a run that was asked for, stands or has ended."""

WORKS: Final[Mapping[str, Text]] = {
    "sync": Text("Đồng bộ", "Sync"),
    "reconcile": Text("Đối soát", "Reconciliation"),
    "plan": Text("Thực hiện kế hoạch", "A plan is carried out"),
}
"""The work of a run that somebody asks for."""

_FIELDS: Final[Mapping[str, Text]] = {
    **FIELD_WORDS,
    "pictures": Text("Ảnh", "Pictures"),  # they are not counted here
}
_OTHER_FIELD: Final = Text("Nội dung khác", "Other content")
_LONGEST: Final = 60
"""Characters of a text that a row shows."""


class Difference(NamedTuple):
    """One item that a change writes: what it is, and before and after it.

    *how* says how both are written; "changed" of what has no short form.
    """

    what: Text
    how: Literal["dong", "number", "text", "changed"]
    old: Any
    new: Any


def differences(kind: str, before: Any, after: Any) -> list[Difference]:
    """Return what a change writes that is not as before; [] where that says nothing.

    A new listing is one whole, and sellers are not shown.
    """
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return []
    if kind in _OF_PACKS:
        how = _OF_PACKS[kind]
        return [
            Difference(Text(sku, sku), how, before.get(sku), value)
            for sku, value in after.items()
            if before.get(sku) != value
        ]
    if kind not in {"update", "set_stars"}:
        return []
    return [
        _difference(name, before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    ]


_OF_PACKS: Final[Mapping[str, Literal["dong", "number"]]] = {
    "set_price": "dong",
    "set_stock": "number",
}


def _difference(name: str, old: Any, new: Any) -> Difference:
    what = _FIELDS.get(name, _OTHER_FIELD)
    if name == "stars" and isinstance(new, int):
        return Difference(what, "number", old, new)
    if isinstance(new, str) and isinstance(old, str | None):
        return Difference(what, "text", _short(old or "–"), _short(new or "–"))
    return Difference(what, "changed", None, None)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_TODO: Final[Mapping[str, Text]] = {
    "refused": Text(
        "Sửa trong danh mục theo lời sàn; sửa xong, lần đồng bộ tới tự gửi lại",
        "Correct in the catalog what the marketplace names; the next sync sends it",
    ),
    "unknown": Text(
        "Không phải làm gì: lần đồng bộ tới đọc lại trên sàn trước khi gửi lại",
        "Nothing: the next sync reads it there before it sends it again",
    ),
    "not_sent": Text(
        "Không phải làm gì: lần đồng bộ tới gửi lại",
        "Nothing: the next sync sends it",
    ),
}
_WHY: Final = re.compile(
    r"(?:tin trùng [^:]*: )?(?:(?P<code>E\d\d): )?(?P<seen>.*?)"
    r"(?: \((?:lần nạp|nhóm) \d+\))*",
    re.DOTALL,
)
_CLASS: Final = re.compile(r"[A-Z]\w*(?:Error|Exception)")


def why_words(why: str, rules: Rules) -> Text:
    """Return why a change was sent; a rule's finding is stored in Vietnamese alone."""
    found = _WHY.fullmatch(why)
    assert found is not None  # noqa: S101  (it takes any text)
    vi, en = in_both_languages(found["seen"])
    rule = rules.rules.get(found["code"] or "")
    if vi == en and rule is not None:
        en = f"as of the rule: {rule.title.en}"
    return Text(_begun(vi), _begun(en))


def todo_words(outcome: str) -> Text | None:
    """Return what to do about a change that came to nothing; None of any other."""
    return _TODO.get("refused" if outcome == "refused_in_review" else outcome)


def said_words(words: str, outcome: str) -> Text | None:
    """Return what was said to a change; None if nothing was.

    A refusal has the marketplace's own words, as they are; all others are of the
    service, or of an error.
    """
    if not words or _CLASS.fullmatch(words):
        return None
    if outcome in {"refused", "refused_in_review"}:
        return Text(words, words)
    return Text(*in_both_languages(words))


def reason_words(reason: str) -> Text | None:
    """Return why a run has failed, or what waits; None if nothing is to be said.

    It is stored as parts in both languages; a count before a part, and names before or
    behind it, stand there once.
    """
    parts = [_reason_part(each) for each in reason.split("; ") if each]
    if not parts:
        return None
    return Text(
        _begun("; ".join(each.vi for each in parts)),
        _begun("; ".join(each.en for each in parts)),
    )


def _reason_part(part: str) -> Text:
    vi, en = in_both_languages(part)
    if vi == en:
        return Text(vi, en)
    if found := re.match(r"\d+ |[^:]+: ", vi):  # a count, or an account
        return Text(vi, f"{found[0]}{en}")
    _, colon, names = en.partition(": ")
    return Text(f"{vi}{colon}{names}", en)


def counts_words(outcomes: Mapping[str, int]) -> list[tuple[int, Text, Kind]]:
    """Return how many changes came to what, the good first."""
    return [(outcomes[name], *ANSWERS[name]) for name in ANSWERS if outcomes.get(name)]


def worst_of(endings: Iterable[str]) -> str:
    """Return how a sync has ended whose runs have ended so."""
    found = set(endings)
    return next((each for each in _WORST_FIRST if each in found), "done")


_WORST_FIRST: Final = ("running", "died", "failed", "cancelled", "stopped")


def work_words(form: RunRequestForm) -> Text:
    """Return what a run that was asked for has to do."""
    if form.report_only:
        return Text("Đối soát, chỉ báo", "Reconciliation that only reports")
    return WORKS[form.kind]


def standing_of(form: RunRequestForm) -> str:
    """Return how a run that was asked for stands, as `ENDINGS` knows it."""
    if form.outcome is not None:
        return form.outcome.value
    if form.is_dead:
        return "dead"
    return "waiting" if form.began_at is None else "running"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
