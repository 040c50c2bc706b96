"""The reason that the ledger states for a change, in words.

A rule's own words come first, then what no rule says: the import, the hold, or
the row of the decision table and what it writes. Rows of earlier versions hold a
code there; `in_words` turns it into a sentence, and says so where no more is
stored. Pure.
"""

import re
from collections.abc import Mapping

from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.wanted.origin import import_of
from ocop_sync.marketplace.change import Change, Kind, StopSeller

_BY_DECISION: Mapping[Decision, str] = {
    Decision.CREATE: "được bán theo danh mục, mà trên sàn chưa có tin"
    " / the catalog lets it be sold, and there was no listing",
    Decision.CREATE_ANEW: "tin của ta đã biến mất khỏi sàn, đăng lại"
    " / our listing had vanished there",
    Decision.RESUBMIT: "gửi lại tin mà sàn đã từ chối"
    " / the listing that was refused is sent again",
    Decision.REPAIR: "tin bị sửa trên sàn, đặt lại theo danh mục"
    " / it was edited there, and is put right",
    Decision.REPUBLISH: "được bán lại theo danh mục"
    " / the catalog lets it be sold again",
}
_BY_KIND: Mapping[Kind, str] = {
    Kind.SET_PRICE: "giá trên sàn khác giá trong danh mục"
    " / the price there was not the catalog's",
    Kind.SET_STOCK: "tồn kho trên sàn khác phần của sàn: do kiểm đếm, lượt bán hoặc"
    " chia lại / the stock there was not its share: a count, sales or another share",
    Kind.SET_STARS: "hạng sao trên sàn khác giấy chứng nhận trong danh mục"
    " / the stars there were not the certificate's",
    Kind.UPDATE: "nội dung trên sàn khác danh mục hoặc bảng quy đổi"
    " / the content there was not as catalog and mapping have it",
    Kind.PUT_SELLER: "hồ sơ cơ sở trên sàn khác danh mục"
    " / the producer's profile there was not the catalog's",
    Kind.STOP_SELLER: "E11: chủ thể rút đồng ý đưa lên sàn"
    " / the producer withdrew its consent",
}
_UNNAMED = (
    "theo danh mục; sổ không ghi gì rõ hơn"
    " / as the catalog says; nothing more exact was stored"
)
_IMPORT = "lần nạp {n} / import {n}"
_PARTS = re.compile(
    r"(?P<head>tin trùng [^:]*: )?(?P<code>[\w:]+)(?P<tail> \(.*)?", re.DOTALL
)
"""As it is stored: a second listing's, the code, an import's or an approval's words."""
_OF_RULE = re.compile(r"(tin trùng [^:]*: )?E\d\d\b")


def reason_without_rule(evaluation: Evaluation, planned: Planned) -> str:
    """Return why a change is sent that no rule asks for."""
    decided, kind = evaluation.decision, planned.change.kind
    if evaluation.wanted.cause != _CATALOG:
        return in_words(evaluation.wanted.cause)
    return _BY_DECISION.get(decided) or _BY_KIND.get(kind) or _UNNAMED


def reason_of_seller(change: Change) -> str:
    """Return why a change of a seller is sent."""
    kind = Kind.STOP_SELLER if isinstance(change, StopSeller) else Kind.PUT_SELLER
    return _BY_KIND[kind]


def in_words(stored: str) -> str:
    """Return a stored reason as a sentence, if it is a code that says nothing."""
    parts = _PARTS.fullmatch(stored)
    found = _sentence(parts["code"]) if parts else None
    if parts is None or found is None:
        return stored
    return f"{parts['head'] or ''}{found}{parts['tail'] or ''}"


def names_rule(stored: str) -> bool:
    """Say whether a stored reason is a rule's."""
    return _OF_RULE.match(stored) is not None


_CATALOG = "catalog"


def _sentence(code: str) -> str | None:
    if code == _CATALOG:
        return _UNNAMED
    if code == "E11":
        return _BY_KIND[Kind.STOP_SELLER]
    if (number := import_of(code)) is not None:
        return _IMPORT.format(n=number)
    if code in set(Hold):
        seen = HOLD_WORDS[Hold(code)].seen
        return f"{seen.vi} / {seen.en}"
    return None
