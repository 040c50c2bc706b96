"""What has come of a producer's prices and counts, and when a page asks for it again.

A page asks by itself while something is under way, at first every few seconds, then
seldom, and not for ever: whoever leaves it open pays for each byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from catalog.eligibility import Text
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.sale_words import Stand, stands_of
from ocop_sync.service.producer.shown_packs import Arrival, ShownPack
from ocop_sync.service.producer.why import ProductStates, StateThere

WAITS_S: Final = (*(3,) * 5, *(5,) * 6, *(15,) * 8, *(30,) * 16)
"""The seconds before each time that a page asks again, eleven minutes in all."""

_HELD: Final = "hold"
"""The outcome of reasons for which somebody has to act before anything is sent."""
_UNDER_WAY: Final = {Arrival.WAITING, Arrival.SENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackThere:
    """A pack at one marketplace, as its producer reads of it.

    Attributes:
        where: What people call the marketplace.
        shown: What it shows, and what has come of both numbers.
        kind: As what kind of thing that is shown.
        said: The marketplace's own words, where it has refused a number.
        held: Why a number is not sent, where somebody has to act first.
    """

    where: str
    shown: ShownPack
    kind: Kind
    said: Sequence[str]
    held: Sequence[Text]

    @property
    def is_settled(self) -> bool:
        """Say whether nothing of it is under way any more."""
        return _UNDER_WAY.isdisjoint({self.shown.price, self.shown.count})


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleProgress:
    """How a product stands, and how far its numbers have come.

    Attributes:
        stands: How it stands at each marketplace.
        packs: The packs that marketplaces show, by SKU.
        is_settled: Nothing of them is under way any more.
        digest: Another one wherever a page shows something else.
    """

    stands: Sequence[Stand]
    packs: Mapping[str, Sequence[PackThere]]
    is_settled: bool
    digest: str


def progress_of(states: ProductStates) -> SaleProgress:
    """Return how far the numbers of a product have come."""
    packs: dict[str, list[PackThere]] = {}
    for there in states.marketplaces:
        for sku, shown in there.packs.items():
            packs.setdefault(sku, []).append(_pack_there(there, shown))
    stands = stands_of(states.marketplaces)
    return SaleProgress(
        stands=stands,
        packs=packs,
        is_settled=all(each.is_settled for some in packs.values() for each in some),
        digest=_digest(stands, packs),
    )


def next_wait(progress: SaleProgress, asked: int) -> int:
    """Return in how many seconds a page that has *asked* so often asks again.

    0 if it asks no more: all is settled, or it has asked often enough.
    """
    if progress.is_settled or asked >= len(WAITS_S):
        return 0
    return WAITS_S[asked]


def _pack_there(there: StateThere, shown: ShownPack) -> PackThere:
    arrivals = {shown.price, shown.count}
    is_refused = Arrival.REFUSED in arrivals
    seen = dict.fromkeys(
        (each.seen.vi, each.seen.en) for each in there.reasons if each.outcome == _HELD
    )
    # What was entered after a refusal is another request, which nothing holds.
    waits = Arrival.WAITING in arrivals and not there.said
    return PackThere(
        where=marketplace_name(there.marketplace),
        shown=shown,
        kind=_kind(arrivals),
        said=[each.message for each in there.said] if is_refused else [],
        held=[Text(*each) for each in seen] if waits else [],
    )


def _kind(arrivals: set[Arrival]) -> Kind:
    if arrivals & {Arrival.REFUSED, Arrival.DIFFERS}:
        return "wrong"
    return "waits" if arrivals & _UNDER_WAY else "done"


def _digest(stands: Sequence[Stand], packs: Mapping[str, Sequence[PackThere]]) -> str:
    """Return a digest of what is shown, but for when it was last seen."""
    shown = [
        [
            (each.where, each.state.vi, each.said, each.why, each.prices)
            for each in stands
        ],
        [
            (sku, each.where, each.said, each.held, _numbers(each.shown))
            for sku, some in packs.items()
            for each in some
        ],
    ]
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _numbers(shown: ShownPack) -> tuple[int, int, Arrival, Arrival]:
    return shown.price_vnd, shown.stock, shown.price, shown.count
