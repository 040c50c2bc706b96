"""How a product stands at a marketplace, in the words of its producer's pages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from catalog.eligibility.checks import rules_about
from catalog.model.effect import EffectKind
from ocop_sync.engine.reasons.for_producer import ProducerReason
from ocop_sync.engine.reasons.reason import HOLD
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.service.producer.shown_packs import Arrival
from ocop_sync.service.producer.why import SaleState, StateThere

STATES: Final[Mapping[SaleState, tuple[Text, Kind]]] = {
    SaleState.ON_SALE: (Text("đang bán", "on sale"), "done"),
    SaleState.SOLD_OUT: (Text("hết hàng", "sold out"), "waits"),
    SaleState.UNCONFIRMED: (
        Text("đã gửi, chưa xem lại trên sàn", "sent, not seen there yet"),
        "waits",
    ),
    SaleState.IN_REVIEW: (Text("chờ duyệt", "in review"), "waits"),
    SaleState.REFUSED: (Text("bị từ chối", "refused"), "wrong"),
    SaleState.NOT_ELIGIBLE: (Text("chưa đủ điều kiện", "not eligible"), "none"),
    SaleState.HELD: (Text("tạm giữ", "held"), "waits"),
    SaleState.WAITING: (Text("chờ đăng", "to be listed next"), "waits"),
}
"""Each state in words, and as what kind of thing it is shown."""

ARRIVALS: Final[Mapping[Arrival, Text]] = {
    Arrival.WAITING: Text("đã lưu, đang chờ gửi lên sàn", "saved, waits to be sent"),
    Arrival.SENT: Text("đã gửi, chờ sàn trả lời", "sent, not confirmed yet"),
    Arrival.REFUSED: Text("bị sàn từ chối", "refused by the marketplace"),
    Arrival.DIFFERS: Text("trên sàn đang khác số đã lưu", "another one is shown"),
    Arrival.CONFIRMED: Text("sàn đã hiện đúng", "shown as saved"),
}
"""What has come of a value."""

LACKS: Final[Mapping[str, Text]] = {
    "missing": Text("chưa có", "there is none"),
    "expired": Text("đã hết hạn", "it has ended"),
    "unknown": Text("Sở chưa xem giấy này", "the department has not seen it"),
}
"""Why a paper is to be brought."""

_SAYS_ITSELF: Final = {SaleState.ON_SALE, SaleState.IN_REVIEW, SaleState.UNCONFIRMED}
"""States after which no reason is told on a card."""

_PAUSES: Final = rules_about(EffectKind.STOPPED)
"""The rules that a paused product does not pass."""
_SHOWN: Final = {SaleState.ON_SALE, SaleState.SOLD_OUT}
"""States in which buyers see it."""
_PAUSED_THERE: Final[tuple[Text, Kind]] = (Text("tạm ngừng bán", "paused"), "waits")
_WARNS: Final = "warn"
_REFUSES: Final = {SaleState.REFUSED, SaleState.HELD, SaleState.NOT_ELIGIBLE}
"""States in which a refusal keeps the product from buyers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A product at one marketplace, or at several where it stands alike.

    Attributes:
        where: What people call them.
        simulated: One of them is a mock.
        state: The state in words.
        kind: As what it is shown.
        prices: The prices that buyers see there.
        why: The reasons that are told, in words.
        said: The marketplace's own words on what it refuses.
        is_refused: It refuses the product itself, and not a change of it.
        is_paused: Its producer has paused it, and nothing else keeps it from there.
        is_going: Its producer has paused it, and buyers see it until the next sync.
        lacks_papers: Reasons for want of papers are told apart from these.
        keeps: What keeps it from there, each with what to do.
        advised: What to do though nothing forces anybody to.
    """

    where: str
    simulated: bool
    state: Text
    kind: Kind
    prices: Sequence[int]
    why: Sequence[Text]
    said: Sequence[str]
    is_refused: bool
    is_paused: bool
    is_going: bool
    lacks_papers: bool
    keeps: Sequence[tuple[Text, Text]]
    advised: Sequence[Text]


def stands_of(there: Iterable[StateThere], papers: Collection[str] = ()) -> list[Stand]:
    """Return how a product stands; marketplaces where all is alike come together.

    Args:
        there: It at each marketplace.
        papers: The rules whose papers are listed elsewhere, and not among the reasons.
    """
    alike: dict[tuple[object, ...], list[StateThere]] = {}
    for each in there:
        prices = tuple(pack.price_vnd for pack in each.packs.values())
        why = tuple(_why(each, papers))
        told = (each.state, each.said, prices, why, each.simulated)
        alike.setdefault(told, []).append(each)
    return [_stand(some, papers) for some in alike.values()]


def _stand(some: Sequence[StateThere], papers: Collection[str]) -> Stand:
    first = some[0]
    is_paused, is_going = _is_paused(first), _is_going(first)
    words, kind = _PAUSED_THERE if is_paused else STATES[first.state]
    if is_going:
        words, kind = _going(words), "waits"
    return Stand(
        where=", ".join(marketplace_name(each.marketplace) for each in some),
        simulated=first.simulated,
        state=words,
        kind=kind,
        prices=list(dict.fromkeys(pack.price_vnd for pack in first.packs.values())),
        why=[] if is_paused else _why(first, papers),
        said=[each.message for each in first.said],
        is_refused=first.state in _REFUSES,
        is_paused=is_paused,
        is_going=is_going,
        lacks_papers=first.state not in _SAYS_ITSELF
        and any(each.code in papers for each in first.reasons),
        keeps=[(each.seen, each.todo) for each in _keeping(first)],
        advised=list(
            dict.fromkeys(e.todo for e in first.reasons if e.outcome == _WARNS)
        ),
    )


def _is_paused(there: StateThere) -> bool:
    keeping = {each.code for each in _keeping(there)}
    return there.state is SaleState.NOT_ELIGIBLE and keeping == _PAUSES


def _is_going(there: StateThere) -> bool:
    """Say whether a pause takes it from buyers with the next sync."""
    keeping = _keeping(there)
    waits = any(each.outcome == HOLD for each in keeping)
    is_stopped = any(each.code in _PAUSES for each in keeping)
    return there.state in _SHOWN and is_stopped and not waits


def _going(state: Text) -> Text:
    return Text(
        f"{state.vi}, lần gửi tới sẽ gỡ khỏi sàn",
        f"{state.en}, withdrawn when changes are next sent",
    )


def _keeping(there: StateThere) -> list[ProducerReason]:
    """Return the reasons that are more than advice."""
    return [each for each in there.reasons if each.outcome != _WARNS]


def _why(there: StateThere, papers: Collection[str]) -> list[Text]:
    """Return the reasons why it does not simply stand on sale, each once."""
    if there.state in _SAYS_ITSELF or there.said:
        return []
    seen = [each.seen for each in _keeping(there) if each.code not in papers]
    return [Text(_behind(each.vi), _behind(each.en)) for each in dict.fromkeys(seen)]


def _behind(sentence: str) -> str:
    """Return a sentence as it stands behind "vì": it begins small, unless a name."""
    if not sentence[1:2].islower() and sentence[1:2] != " ":
        return sentence
    return sentence[:1].lower() + sentence[1:]
