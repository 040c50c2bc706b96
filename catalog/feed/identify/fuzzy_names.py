"""Find names that are nearly the same: a slip of the pen, or a part of another.

Names are compared as they are spelled where both carry accents ("mứt dừa" is
not "mứt dâu"), and without accents where one of them has none. Numbers and
single letters tell products apart ("loại A", "29 độ") and are never a slip.

A name is compared only with those that share a word with it and belong to the
same owner, and a word that stands in more than fifty names of one owner
finds nothing: twenty thousand rows stay far from being compared each with each. Of
names with marks only those with the same ones are looked up, by a mark.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from msgspec import Struct
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


_Place = tuple[Several[str, str], str, str]


def _names_by_id() -> Overflow[str, _Called]:
    return Overflow(kind=_Called)


@dataclass(slots=True)
class Names:
    """Names by the words in them, each of one owner.

    They are taken apart when somebody first asks: most imports know every product by
    its id. The few names of one owner lie together and are looked through; once they
    are so many that a word may stand in too many of them, they are sorted by it.
    """

    _names: Overflow[str, _Called] = field(default_factory=_names_by_id)
    _is_sorted: bool = False
    _counts: dict[str, int] = field(default_factory=dict)
    """How many names each owner has."""
    _few: Several[str, str] = field(default_factory=Several)
    """The names of owners that have few."""
    _many: set[str] = field(default_factory=set)
    """The owners that have, or had, more."""
    _plain: Several[str, str] = field(default_factory=Several)
    """Their names without marks, by owner and word."""
    _marked: Several[str, str] = field(default_factory=Several)
    """Those with marks, likewise; each mark is one of its words."""

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, of *owner*, is called *name* from now on."""
        if self._is_sorted:
            if (old := self._names.get(id_)) is not None:
                self._counts[old.owner] -= 1
                for places, key, value in self._places_of(id_, old):
                    places.discard(key, value)
            self._sort(id_, _Called(owner, name))
        self._names[id_] = _Called(owner, name)

    def anyones(self) -> "Names":
        """Return the same names, without their owners: as of the owner ""."""
        found = Names()
        for id_, known in self._names.each():
            found.put(id_, "", known.name)
        return found

    def sharing(self, owners: Iterable[str], name: str) -> Iterator[tuple[str, bool]]:
        """Return those of *owners* that are nearly called *name*.

        Returns:
            Ids, each with whether its name is a slip; else one is a part of
            the other.
        """
        if not self._is_sorted:
            self._is_sorted = True
            for id_, known in self._names.each():
                self._sort(id_, known)
        asked = spelling(name)
        for id_ in chain.from_iterable(self._perhaps(each, asked) for each in owners):
            found = spelling(self._names[id_].name)
            if is_slip(asked, found):
                yield id_, True
            elif is_part(asked, found):
                yield id_, False

    def _perhaps(self, owner: str, asked: Spelling) -> Iterable[str]:
        """Return those of *owner* whose names have to be looked at."""
        if owner in self._many:
            return self._of_words(owner, asked)
        return self._of_few(owner, asked) if self._counts.get(owner) else ()

    def _of_few(self, owner: str, asked: Spelling) -> Iterator[str]:
        """Yield the same as `_of_words` does where no word is in too many names."""
        names = [each.split(_BETWEEN) for each in self._few.get(owner)]
        marks, count = _brief(asked)
        marked = [each for each in names if each[1]]
        compared = [each for each in names if not each[1]]
        if not marks:
            compared += marked
        shared = dict[str, int]()
        least = dict[str, int]()
        for word in dict.fromkeys(asked.plain):
            wanted = _within((word,))
            for id_, theirs, words in compared:
                if wanted in words:
                    shared[id_] = shared.get(id_, 0) + 1
                    least[id_] = _least(marks, theirs, int(count), words.count(" ") - 1)
        yield from (id_ for id_, in_both in shared.items() if in_both >= least[id_])
        if marks:
            yield from (id_ for id_, theirs, _ in marked if theirs == marks)

    def _of_words(self, owner: str, asked: Spelling) -> Iterator[str]:
        shared: dict[str, int] = {}
        common = 0
        for word in dict.fromkeys(asked.plain):  # in order: answers are always alike
            key = _at(owner, word)
            briefs = self._plain.get(key, _COMMON + 1)
            if not asked.marks:
                briefs += self._marked.get(key, _COMMON + 1)
            if briefs and not self._finds(key):
                common += 1
                continue
            for each in briefs:
                shared[each] = shared.get(each, 0) + 1
        marks, count = _brief(asked)
        for each, in_both in shared.items():
            id_, theirs, of_words = each.split(_BETWEEN)
            least = _least(marks, theirs, int(count), int(of_words))
            if in_both + common >= least:
                yield id_
        if marks:
            yield from self._of_marks(owner, asked)

    def _of_marks(self, owner: str, asked: Spelling) -> Iterable[str]:
        """Return those of *owner* that have the marks of *asked*, of which it has some.

        All of them stand at each of these marks: one that finds anything is enough.
        """
        rare = [word for word in asked.marks if self._finds(_at(owner, word))][:1]
        marks, _ = _brief(asked)
        found: dict[str, None] = {}
        for word in rare or asked.plain:
            key = _at(owner, word)
            for each in self._marked.get(key, _COMMON + 1):
                id_, theirs, _ = each.split(_BETWEEN)
                if theirs == marks and (rare or self._finds(key)):
                    found[id_] = None
        return found

    def _finds(self, key: str) -> bool:
        """Say whether few enough names of one owner have a word."""
        most = _COMMON + 1
        return self._plain.count(key, most) + self._marked.count(key, most) < most

    def _sort(self, id_: str, known: _Called) -> None:
        owner = known.owner
        self._counts[owner] = self._counts.get(owner, 0) + 1
        if self._counts[owner] > _COMMON and owner not in self._many:
            self._many.add(owner)
            for each in self._few.get(owner):
                self._few.discard(owner, each)
                its = each.partition(_BETWEEN)[0]
                self._place(its, self._names[its])
        self._place(id_, known)

    def _place(self, id_: str, known: _Called) -> None:
        for places, key, value in self._places_of(id_, known):
            places.add(key, value)

    def _places_of(self, id_: str, called: _Called) -> Iterator[_Place]:
        """Yield where a name stands: among the few of its owner, or at its words."""
        known, owner = spelling(called.name), called.owner
        marks, count = _brief(known)
        if owner not in self._many:
            words = _within(sorted(known.words))
            yield self._few, owner, _BETWEEN.join((id_, marks, words))
            return
        places = self._marked if known.marks else self._plain
        for word in known.words:
            yield places, _at(owner, word), _BETWEEN.join((id_, marks, count))


def _at(owner: str, word: str) -> str:
    """Return the place of a word in the names of one owner; neither has a space."""
    return f"{owner} {word}"


def _within(words: Iterable[str]) -> str:
    """Return words, each with a space before and behind it: none is a part of one."""
    return f" {' '.join(words)} "


def _brief(name: Spelling) -> tuple[str, str]:
    """Return what rules most names out: the marks, and how many words there are."""
    return " ".join(name.marks), str(len(name.words))


def _least(marks: str, theirs: str, count: int, of_words: int) -> int:
    """Return how many words two names share at least, of which to look at one.

    Of other marks, one has none, and may be a part of the other.
    """
    return 1 if marks == theirs else min(count, of_words)


def _is_slip_of(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other) >= _SLIP_OF_A_WORD
