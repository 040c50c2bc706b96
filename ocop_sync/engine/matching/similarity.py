"""How alike a listing made by hand is to one of ours, by their names.

A title found at a marketplace is written for buyers: without accents, in another
order, with a pack, with praise around it. `compare` gives it a score from 0 to
100, from three things that are read apart: the words of the name, the maker, and
the packs. Another pack is a weaker match, as a product has several; another
maker is another product. The weights are guarded by the labelled pairs of
`tests/data/adoption.csv`.

Comparing everything with everything would take forever: `keys_of` names the keys of an
offer, and only offers with a shared key are compared. The lookup, and the use of its
result, are decided elsewhere: no score adopts anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from catalog.text import fold
from ocop_sync.engine.matching.producer import Kinship, kinship, maker_of
from ocop_sync.engine.matching.title import Title, joined, read_packs, read_title, sound
from ocop_sync.marketplace.listing import Listing

HOLDS: Final = 70
"""From this score on, a listing holds back a create."""

HINT: Final = "~"
"""How the keys begin by which a listing is only found; the others are a reason."""

_MADE_BY_ANOTHER: Final = 0.6
_OTHER_PACK: Final = 0.94
_MAKER_AGREES: Final = 0.2
_PACK_AGREES: Final = 0.1
"""The share of the distance to 100 that an agreeing key takes off."""

_EXTRA: Final = 0.5
_HEAD: Final = 3.0
"""The weight of an additional word that comes first: it names the kind of goods."""
_SWAPPED: Final = 0.9
_SLIP: Final = 75.0
"""Least likeness, of 100, of two words of which one is a slip of the pen."""
_OTHER_ACCENT: Final = 0.6
_HEARD_ALIKE: Final = 0.8
_MOST_KEPT: Final = 400
"""Characters of a key that are stored and compared."""
_MOST_WORDS: Final = 24
"""Words of a title by which it can be found; a marketplace may show more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A listing, ours or one that was found, as far as it is compared.

    Attributes:
        title: The title that buyers read.
        maker: Name of the producer, or of the seller as shown; or "".
        seller_ref: Our reference of that producer, or "" if it carries none.
        packs: The packs that buyers get, such as "Hộp 500 g".
    """

    title: str
    maker: str = ""
    seller_ref: str = ""
    packs: tuple[str, ...] = ()


class Alike(NamedTuple):
    """How alike two offers are.

    Attributes:
        score: 0 to 100.
        agrees_on: The equal ones of "name", "maker" and "pack".
    """

    score: int
    agrees_on: tuple[str, ...]


def offer_of(listing: Listing, maker: str) -> Offer:
    """Return *listing*, made or sold by *maker*, as it is compared."""
    return Offer(
        title=listing.title,
        maker=maker,
        seller_ref=listing.seller_ref,
        packs=tuple([variant.pack for variant in listing.variants]),
    )


def keys_of(listing: Listing, maker: str) -> frozenset[str]:
    """Return the keys by which *listing* can be found as the same product.

    *maker* names its producer, or its seller there.
    """
    names = {f"name:{fold(listing.title)}"[:_MOST_KEPT]} if listing.title else set()
    skus = {f"sku:{variant.sku}" for variant in listing.variants if variant.sku}
    gtins = {f"gtin:{variant.gtin}" for variant in listing.variants if variant.gtin}
    return frozenset(names | skus | gtins | set(_hints(listing.title, maker)))


def _hints(title: str, maker: str) -> Iterator[str]:
    """Yield keys of names: all words, two neighbours, the maker.

    Neighbours are taken in any order, and with one word between them, so that
    neither another order nor one word that is misspelt hides a name.
    """
    words = _content(read_title(title))[:_MOST_WORDS]
    if words:
        yield f"{HINT}=" + " ".join(sorted(words))
    for place, word in enumerate(words):
        for other in words[place + 1 : place + 3]:
            yield HINT + " ".join(sorted((word, other)))
    for core in maker_of(maker).cores:
        yield f"{HINT}@" + " ".join(core)


def _content(title: Title) -> tuple[str, ...]:
    """Return the words that name the goods, or all if none does."""
    words = zip(title.plain, title.free, strict=True)
    return tuple([word for word, free in words if not free]) or title.plain


def compare(ours: Offer, theirs: Offer) -> Alike:
    """Say how alike *theirs*, found at a marketplace, is to *ours*."""
    mine, found = _read(ours.title, theirs.title)
    score = _name_score(mine, found, ours.maker)
    if not score:
        return Alike(0, ())
    agrees = ["name"] if score == 1 else []
    kin = _kinship(ours, theirs, mine, found)
    if kin is Kinship.OTHER:
        score *= _MADE_BY_ANOTHER
    elif kin is Kinship.SAME:
        score += _MAKER_AGREES * (1 - score)
        agrees.append("maker")
    packs, there = _packs(ours, mine), _packs(theirs, found)
    if packs & there:
        score += _PACK_AGREES * (1 - score)
        agrees.append("pack")
    elif packs and there:
        score *= _OTHER_PACK
    return Alike(round(100 * score), tuple(agrees))


def _read(ours: str, theirs: str) -> tuple[Title, Title]:
    """Read two titles; a compound that one writes in one word is one word in both."""
    mine, found = read_title(ours), read_title(theirs)
    return (
        joined(mine, frozenset(found.plain)),
        joined(found, frozenset(mine.plain)),
    )


def _packs(offer: Offer, title: Title) -> frozenset[str]:
    return title.packs.union(*map(read_packs, offer.packs))


def _kinship(ours: Offer, theirs: Offer, mine: Title, found: Title) -> Kinship:
    """Say whether the makers are one: by our reference, by name, by the title."""
    if theirs.seller_ref and ours.seller_ref:
        same = theirs.seller_ref == ours.seller_ref
        return Kinship.SAME if same else Kinship.OTHER
    kin = kinship(ours.maker, theirs.maker)
    if kin is Kinship.SAME:
        return kin
    if found.maker:
        kin_of_title = kinship(ours.maker, found.maker)
        return kin_of_title if kin_of_title is not Kinship.UNKNOWN else kin
    if _names_maker(ours.maker, mine, found):
        return Kinship.SAME if kin is Kinship.UNKNOWN else Kinship.UNKNOWN
    return kin


def _names_maker(maker: str, mine: Title, found: Title) -> bool:
    """Say whether the title found names our maker, and not only our product."""
    theirs, ours = f" {' '.join(found.plain)} ", f" {' '.join(mine.plain)} "
    for core in maker_of(maker).cores:
        name = f" {' '.join(core)} "
        if len(name) > len("  abcd") and name in theirs and name not in ours:
            return True
    return False


def _name_score(ours: Title, theirs: Title, maker: str) -> float:
    """Return the share of our name in theirs, less their surplus, 0 to 1.

    A left-out word (a shorter name) or an added one (praise, a place) costs little; a
    word in the place of another tells two products apart.
    """
    if not ours.plain:
        return 0.0
    weights = [0.3 if free else 1.0 for free in ours.free]
    matched, left = _match(ours, theirs)
    whole = sum(weights)
    there = sum(w * m for w, m in zip(weights, matched, strict=True))
    known = {word for core in maker_of(maker).cores for word in core}
    extra = sum(
        0.2 if theirs.plain[place] in known else _HEAD if place == 0 else 1.0
        for place in left
        if not theirs.free[place]
    )
    covered = there / whole
    swapped = min(whole - there, extra) / whole
    return covered * (1 - _EXTRA * extra / (extra + whole)) * (1 - _SWAPPED * swapped)


def _match(ours: Title, theirs: Title) -> tuple[list[float], list[int]]:
    """Pair the words of two names, each once, the same ones first.

    Returns:
        How well each of our words is matched, 0 to 1; and the places of their
        words that are left over.
    """
    matched = [0.0] * len(ours.plain)
    left = list(range(len(theirs.plain)))
    pairs = [
        (-likeness, mine, found)
        for mine in range(len(ours.plain))
        for found in left
        if (likeness := _likeness(ours, mine, theirs, found))
    ]
    taken: set[int] = set()
    for likeness, mine, found in sorted(pairs):
        if not matched[mine] and found not in taken:
            matched[mine] = -likeness
            taken.add(found)
    return matched, [place for place in left if place not in taken]


def _likeness(ours: Title, mine: int, theirs: Title, found: int) -> float:
    """Return how well two words fit, 0 to 1."""
    word, other = ours.plain[mine], theirs.plain[found]
    if word == other:
        spelled, shown = ours.spelled[mine], theirs.spelled[found]
        is_same = spelled in (shown, word) or shown == other
        return 1.0 if is_same else _OTHER_ACCENT
    if word.isdigit() or other.isdigit():
        return 0.0
    if sound(word) == sound(other):
        return _HEARD_ALIKE
    likeness = fuzz.ratio(word, other, score_cutoff=_SLIP)
    return (likeness - 30) / 100 if likeness else 0.0
