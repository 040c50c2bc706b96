"""Figures, states, reasons and parts in the words of pages, and addresses of lists.

Definitions and findings are the service's own; nobody reads a code here.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Final
from urllib.parse import urlencode

from catalog.eligibility import Rules, Text
from catalog.model.producer import ProducerKind
from catalog.model.product_set import SETS
from catalog.places.commune import Communes, load_communes
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.problems import NO_ANSWER
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.terms import CountedAs
from ocop_sync.pages.bars import Kind
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import (
    CountedFilter,
    Dimension,
    is_simulated,
)

COUNTED: Final = "/coverage/products"
"""The address of the products that a figure counts."""
ENDS: Final = "/coverage/ends"
CLAIMS_ENDED: Final = "/coverage/claims-ended"

FIGURE_WORDS: Final[Mapping[str, Text]] = {
    "certified": Text("được công nhận", "certified"),
    "listable": Text("đủ điều kiện bán", "listable"),
    "listed": Text("đang bán", "on sale"),
    "held": Text("tạm giữ, chờ người quyết định", "held, a person decides"),
    "in_review": Text("sàn đang duyệt", "in the marketplace's review"),
    "unconfirmed": Text("đã gửi, chưa đọc lại", "sent, not read again yet"),
    "pending": Text("chờ đăng", "to be listed next"),
    "refused": Text("bị sàn từ chối", "refused by the marketplace"),
    "blocked": Text("chưa đủ điều kiện", "not eligible"),
    "validity_unknown": Text("chưa rõ ngày hết hạn", "end of validity not known"),
    "not_certified": Text("không có giấy chứng nhận còn hạn", "not certified"),
    "live_not_listable": Text(
        "đang bán dù không đủ điều kiện", "on sale though not listable"
    ),
}
"""What each figure counts, in a few words that follow a number."""

KINDS: Final[Mapping[str, Kind]] = {
    "listed": "done",
    "held": "waits",
    "in_review": "waits",
    "unconfirmed": "waits",
    "pending": "waits",
    "refused": "wrong",
    "blocked": "none",
    "validity_unknown": "none",
    "not_certified": "none",
    "live_not_listable": "wrong",
}
"""What it means for a product to be counted so; in the order of a bar."""

DIMENSION_WORDS: Final[Mapping[Dimension, Text]] = {
    Dimension.STARS: Text("Theo hạng sao", "By stars"),
    Dimension.KIND: Text("Theo loại cơ sở", "By kind of producer"),
    Dimension.SET: Text("Theo bộ sản phẩm", "By product set"),
    Dimension.COMMUNE: Text("Theo xã, phường, đặc khu", "By commune"),
}
"""By what figures are told apart, in the order in which they are shown."""

PART_WORDS: Final[Mapping[Dimension, Text]] = {
    Dimension.COMMUNE: Text("Xã, phường", "Commune"),
    Dimension.STARS: Text("Hạng sao", "Stars"),
    Dimension.SET: Text("Bộ sản phẩm", "Product set"),
    Dimension.KIND: Text("Loại cơ sở", "Kind of producer"),
}
"""What each part is called."""

_KINDS_OF_PRODUCERS: Final = {
    ProducerKind.FIRM: Text("Công ty", "Firm"),
    ProducerKind.COOPERATIVE: Text("Hợp tác xã", "Cooperative"),
    ProducerKind.GROUP: Text("Tổ hợp tác", "Cooperative group"),
    ProducerKind.HOUSEHOLD: Text("Hộ kinh doanh", "Household"),
    ProducerKind.UNKNOWN: Text("Chưa rõ", "Not known"),
}
_NOT_KNOWN: Final = Text("Chưa rõ", "Not known")
_NO_STARS: Final = Text("Chưa có sao", "No stars")


def ensure_day_has_come(day: date | None, now: datetime) -> None:
    """Do nothing for a day that there may be figures of; None is now.

    Raises:
        ProblemError: It has not come yet.
    """
    if day is not None and day > day_in_vietnam(now):
        raise ProblemError(
            NO_ANSWER,
            vi="Ngày này chưa tới: chỉ có số liệu đến hôm nay.",
            en="That day has not come: there are figures until today.",
        )


def list_address(chosen: CountedFilter) -> str:
    """Return the address of the products that a figure counts."""
    return f"{COUNTED}?{urlencode(chosen.parameters)}"


def marketplace_name(name: str) -> str:
    """Return what people call a marketplace."""
    return name.replace("_", " ").capitalize()


def place_words(deployment: Deployment, marketplace: str) -> Text:
    """Return what people call a marketplace, with a word if it is simulated."""
    name = marketplace_name(marketplace)
    if not is_simulated(deployment, marketplace, ()):
        return Text(name, name)
    return Text(f"{name} (mô phỏng)", f"{name} (simulated)")


def known_parts(by: Dimension, communes: Communes | None) -> list[str | int]:
    """Return the parts that are shown even where nothing is counted: all communes."""
    if by is Dimension.STARS:
        return [5, 4, 3]
    if by is Dimension.COMMUNE:
        present = (communes or load_communes()).present.values()
        return [each.code for each in sorted(present, key=lambda each: each.name)]
    return []


def part_words(by: Dimension, part: object, communes: Communes | None) -> Text:
    """Return what people call a part: a commune, stars, a product set or a kind."""
    if by is Dimension.STARS:
        return Text(f"{part} sao", f"{part} stars") if part else _NO_STARS
    code = str(part)
    if by is Dimension.SET and (found := SETS.get(code)):
        return Text(found.name, found.name_en)
    if by is Dimension.KIND and code in set(ProducerKind):
        return _KINDS_OF_PRODUCERS[ProducerKind(code)]
    if by is Dimension.COMMUNE:
        present = (communes or load_communes()).present.get(code)
        return Text(present.name, present.name) if present else _NOT_KNOWN
    return _NOT_KNOWN


def state_words(counted: str) -> tuple[Text, Kind]:
    """Return how a product is counted, in words, and what that means."""
    name = "blocked" if CountedAs(counted).blocked_by is not None else counted
    words = FIGURE_WORDS[name]
    return Text(_begun(words.vi), _begun(words.en)), KINDS[name]


def reason_words(reason: str, rules: Rules) -> Text | None:
    """Return why a product is counted so; None if nothing is to be said.

    It is the finding of a hold, or the question of a rule that is not met.
    """
    if reason in set(Hold):
        return HOLD_WORDS[Hold(reason)].seen
    rule = rules.rules.get(reason)
    if rule is None:
        return None
    return Text(f"Chưa đạt: {rule.title.vi}", f"Not met: {rule.title.en}")


def published_when(when: str) -> Text:
    """Return when a figure was published: a month such as "2022-06", or years."""
    year, _, rest = when.partition("-")
    if len(rest) == len("06"):
        month = date(int(year), int(rest), 1)
        return Text(f"Tháng {month.month}/{year}", f"{month:%m}/{year}")
    years = f"{year}–{rest}" if rest else year
    return Text(years, years)


@cache
def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
