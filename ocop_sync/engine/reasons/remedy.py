"""What to do about a refusal: added to the marketplace's own words, never instead.

Marketplaces name what they refuse by a code and a field of their own. The words
in those are much the same everywhere: "name", "images[2]", "CAT_ID_REJECTED",
"variants[0].price_vnd". One table says what each asks for; what it does not know
gets the general advice of the hold (`ocop_sync.engine.hold`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.eligibility import Text
from ocop_sync.engine.hold import MARKETPLACE, RETRY
from ocop_sync.marketplace.listing import Problem


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do where one of some words is named.

    Attributes:
        words: Words of codes and fields, in lower case.
        todo: What to do, without a full stop.
        again: It may be that nothing of the product is to be changed: then a person
            has it sent again.
    """

    words: frozenset[str]
    todo: Text
    again: bool = False


def _remedy(words: str, vi: str, en: str, *, again: bool = False) -> Remedy:
    return Remedy(frozenset(words.split()), Text(vi, en), again)


_AGAIN = Text(
    f"; nếu danh mục không phải đổi gì, gửi lại: `{RETRY}`",
    f"; if nothing in the catalog is to be changed, have it sent again: `{RETRY}`",
)


REMEDIES: tuple[Remedy, ...] = (
    _remedy(
        "banned locked",
        "Chỉ sàn mở lại được: làm việc với sàn",
        "Only the marketplace can lift it: talk to them",
    ),
    _remedy(
        "stopped",
        "Gian hàng đã ngừng bán: làm việc với cơ sở và sàn",
        "The seller has stopped there: talk to the producer and to the marketplace",
    ),
    _remedy(
        "duplicate",
        "Tìm trên sàn tin đã có mã này: nhận nó (xem `ocop-sync twins list`), hoặc nhờ"
        " sàn gỡ",
        "Find the listing that has this code: adopt it (see `ocop-sync twins list`), or"
        " have the marketplace end it",
    ),
    _remedy(
        "forbidden",
        "Bỏ từ bị cấm khỏi tên hoặc mô tả trong danh mục",
        "Take the forbidden word out of the name or description in the catalog",
    ),
    _remedy(
        "paper papers document documents licence license",
        "Đưa giấy tờ cho sàn và ghi vào danh mục",
        "Give the paper to the marketplace and enter it in the catalog",
        again=True,
    ),
    _remedy(
        "seller shop profile address commune",
        "Sửa hồ sơ cơ sở trong danh mục",
        "Correct the producer's profile in the catalog",
    ),
    _remedy(
        "image images picture pictures photo photos",
        "Thay ảnh trong danh mục bằng ảnh rõ, đủ lớn, đúng sản phẩm",
        "Replace the picture in the catalog by one that is clear, large enough and of"
        " this product",
    ),
    _remedy(
        "price prices",
        "Cơ sở xem lại giá trong danh mục",
        "Its producer checks the price in the catalog",
    ),
    _remedy(
        "stock quantity reserved",
        "Cơ sở kiểm đếm lại tồn kho",
        "Its producer counts the stock anew",
    ),
    _remedy(
        "category cat",
        f"Sửa ngành hàng trong bảng quy đổi (`ocop-sync mapping show {MARKETPLACE}`),"
        " hoặc bộ sản phẩm trong danh mục",
        f"Correct the category in the mapping (`ocop-sync mapping show {MARKETPLACE}`),"
        " or the product set in the catalog",
    ),
    _remedy(
        "sku gtin barcode variant variants",
        "Sửa quy cách đóng gói trong danh mục: mã hàng, mã vạch",
        "Correct the pack in the catalog: its SKU and GTIN",
    ),
    _remedy(
        "name title",
        "Sửa tên sản phẩm trong danh mục cho đúng lời sàn",
        "Correct the product's name in the catalog as the marketplace says",
    ),
    _remedy(
        "description",
        "Sửa mô tả trong danh mục cho đúng lời sàn",
        "Correct the description in the catalog as the marketplace says",
    ),
    _remedy(
        "ocop stars claim decision certificate",
        "Đối chiếu hạng sao, số quyết định và thời hạn trong danh mục",
        "Check stars, decision and validity in the catalog",
        again=True,
    ),
)
"""Tried in order: what only the marketplace can mend comes first, then what a code
says, then what a field is about."""

_WORD = re.compile(r"[a-z]+")


def todo_of(problems: Iterable[Problem], *, of_seller: bool = False) -> Text | None:
    """Return what to do about *problems*, each thing once; None if nothing is known.

    What a code says comes before what its field is about: "PAPER_MISSING" of a
    field "OCOP" asks for a paper.

    Args:
        problems: What the marketplace complains of.
        of_seller: They are a seller's, whose profile is sent again once it changes.
    """
    found = dict.fromkeys(
        remedy for problem in problems if (remedy := _remedy_of(problem)) is not None
    )
    if not found:
        return None
    vi = "; ".join(each.todo.vi for each in found)
    en = "; ".join(each.todo.en for each in found)
    if of_seller or not any(each.again for each in found):
        return Text(vi, en)
    return Text(vi + _AGAIN.vi, en + _AGAIN.en)


def _remedy_of(problem: Problem) -> Remedy | None:
    for source in (problem.code, problem.field):
        named = frozenset(_WORD.findall(source.lower()))
        for remedy in REMEDIES:
            if not named.isdisjoint(remedy.words):
                return remedy
    return None
