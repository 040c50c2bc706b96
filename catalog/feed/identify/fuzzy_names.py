"""Find names that are nearly the same: a slip of the pen, or a part of another.

Names are compared as they are spelled where both carry accents ("mứt dừa" is
not "mứt dâu"), and without accents where one of them has none. Numbers and
single letters tell products apart ("loại A", "29 độ") and are never a slip.

A name is compared only with those that share a word with it and belong to the
same owner, and a word that stands in more than fifty names of one owner
finds nothing: twenty thousand rows stay far from being compared each with each.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from rapidfuzz import fuzz

from catalog.db.overflow import Overflow, Several
from catalog.names.name_tokens import Spelling, spelling

_SLIP: Final = 90.0
"""Least likeness, of 100, of two spellings of one name: one letter of ten."""
_SLIP_OF_A_WORD: Final = 65.0
"""The same of two words in the same place: "tay" is not "máy"."""
_COMMON: Final = 50
"""Names of one owner beyond which a word they share finds nothing."""
_BETWEEN: Final = "\n"
"""Parts an id and what is told of its name beside it; no word has it."""
_HELD: Final = 500
"""Names that memory holds taken apart."""


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


def _few() -> Overflow[str, tuple[str, Spelling]]:
    return Overflow(_HELD)  # apart, a name takes several times its size


@dataclass(slots=True)
class Names:
    """Names by the words in them, each of one owner.

    They are taken apart and sorted by their words when somebody first asks: most
    imports know every product by its id.
    """

    _waiting: Overflow[str, tuple[str, str]] = field(default_factory=Overflow)
    _names: Overflow[str, tuple[str, Spelling]] = field(default_factory=_few)
    _places: Several[tuple[str, str], str] = field(default_factory=Several)

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, of *owner*, is called *name* from now on."""
        self._waiting[id_] = owner, name

    def sharing(self, owners: Iterable[str], name: str) -> Iterator[tuple[str, bool]]:
        """Return those of *owners* that are nearly called *name*.

        Returns:
            Ids, each with whether its name is a slip; else one is a part of
            the other.
        """
        self._sort()
        asked = spelling(name)
        for id_ in chain.from_iterable(self._perhaps(each, asked) for each in owners):
            _, known = self._names[id_]
            if is_slip(asked, known):
                yield id_, True
            elif is_part(asked, known):
                yield id_, False

    def _perhaps(self, owner: str, asked: Spelling) -> Iterator[str]:
        """Yield those of *owner* whose names have to be looked at, as they came."""
        shared: dict[str, int] = {}
        common = 0
        for word in dict.fromkeys(asked.plain):  # in order: answers are always alike
            briefs = self._places.get((owner, word), _COMMON + 1)
            if len(briefs) > _COMMON:
                common += 1
                continue
            for each in briefs:
                shared[each] = shared.get(each, 0) + 1
        marks, count = _brief(asked)
        for each, in_both in shared.items():
            id_, theirs, of_words = each.split(_BETWEEN)
            if marks != theirs:  # one may be a part of the other, where it has none
                may_be = in_both + common >= min(int(count), int(of_words))
                if (marks and theirs) or not may_be:
                    continue
            yield id_

    def _sort(self) -> None:
        for id_, (owner, name) in self._waiting.items():
            old, new = self._names.get(id_), (owner, spelling(name))
            if old == new:
                continue
            if old is not None:
                self._place(id_, *old, put=self._places.discard)
            self._names[id_] = new
            self._place(id_, *new, put=self._places.add)
        self._waiting.clear()

    def _place(
        self,
        id_: str,
        owner: str,
        name: Spelling,
        *,
        put: Callable[[tuple[str, str], str], None],
    ) -> None:
        """Put *id_* at each word of its name, or take it away from there."""
        value = _BETWEEN.join((id_, *_brief(name)))
        for word in name.words:
            put((owner, word), value)


def _brief(name: Spelling) -> tuple[str, str]:
    """Return what rules most names out: the marks, and how many words there are."""
    return " ".join(name.marks), str(len(name.words))


def _is_slip_of(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other) >= _SLIP_OF_A_WORD
