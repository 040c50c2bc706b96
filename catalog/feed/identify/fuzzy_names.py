"""Find names that are nearly the same: a slip of the pen, or a part of another.

Names are compared as they are spelled where both carry accents ("mứt dừa" is
not "mứt dâu"), and without accents where one of them has none. Numbers and
single letters tell products apart ("loại A", "29 độ") and are never a slip.

A name is compared only with those that share a word with it and belong to the
same owner (`catalog.feed.identify.name_places`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from msgspec import Struct
from rapidfuzz import fuzz

from catalog.db.overflow import Overflow
from catalog.feed.identify.name_places import NamePlaces
from catalog.names.name_tokens import Spelling, spelling

_SLIP: Final = 90.0
"""Least likeness, of 100, of two spellings of one name: one letter of ten."""
_SLIP_OF_A_WORD: Final = 65.0
"""The same of two words in the same place: "tay" is not "máy"."""
_ANYONE: Final = ""
"""The owner of all names, where nobody asks whose they are."""


def is_slip(one: Spelling, other: Spelling) -> bool:
    """Say whether two names are one, written otherwise by mistake."""
    if one.marks != other.marks:
        return False
    if one.words == other.words:
        return True
    accents = one.accented and other.accented
    ours, theirs = [each.spelled if accents else each.plain for each in (one, other)]
    if len(ours) == len(theirs) and not all(map(_is_slip_of, ours, theirs)):
        return False
    return fuzz.ratio(" ".join(ours), " ".join(theirs), score_cutoff=_SLIP) > 0


def is_part(one: Spelling, other: Spelling) -> bool:
    """Say whether one name is the other and as many words more at most.

    It may be the same product named in full, or another kind of it.
    """
    short, long = sorted((one.words, other.words), key=len)
    if one.marks and other.marks and one.marks != other.marks:
        return False
    return len(short) > 1 and len(long) <= 2 * len(short) and short < long


class _Called(Struct, frozen=True):
    """Who bears a name, and the name."""

    owner: str
    name: str


def _names_by_id() -> Overflow[str, _Called]:
    return Overflow(kind=_Called)


@dataclass(slots=True)
class Names:
    """Names of which those are found that are nearly another one, each of one owner.

    They get places by their words when somebody first asks: most imports know every
    product by its id, and most rows name the producer.
    """

    _names: Overflow[str, _Called] = field(default_factory=_names_by_id)
    _places: dict[bool, NamePlaces] = field(default_factory=dict)
    """Their places; if True, as if all were of the owner ""."""

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, of *owner*, is called *name* from now on."""
        old = self._names.get(id_) if self._places else None
        for of_anyone, places in self._places.items():
            if old is not None:
                before = _ANYONE if of_anyone else old.owner
                places.take_away(id_, before, spelling(old.name))
            places.put(id_, _ANYONE if of_anyone else owner, spelling(name))
        self._names[id_] = _Called(owner, name)

    def sharing(
        self, owners: Iterable[str] | None, name: str
    ) -> Iterator[tuple[str, bool]]:
        """Return those of *owners* that are nearly called *name*; of anyone if None.

        Returns:
            Ids, each with whether its name is a slip; else one is a part of
            the other.
        """
        of_anyone, asked = owners is None, spelling(name)
        for _ in self.placing(of_anyone=of_anyone):
            pass
        places, some = self._places[of_anyone], [_ANYONE] if owners is None else owners
        for id_ in chain.from_iterable(places.perhaps(each, asked) for each in some):
            found = spelling(self._names[id_].name)
            if is_slip(asked, found):
                yield id_, True
            elif is_part(asked, found):
                yield id_, False

    def placing(self, *, of_anyone: bool) -> Iterator[None]:
        """Give all names their places, one at each step, unless they have them.

        Else `sharing` does it at once, and 100,000 take more than a second: whoever
        keeps others waiting does it before. No name is put meanwhile.
        """
        if of_anyone in self._places:
            return
        places = NamePlaces()
        for id_, known in self._names.each():
            owner = _ANYONE if of_anyone else known.owner
            places.put(id_, owner, spelling(known.name))
            yield
        self._places[of_anyone] = places


def _is_slip_of(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other) >= _SLIP_OF_A_WORD
