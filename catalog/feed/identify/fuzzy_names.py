"""Find names that are nearly the same: a slip of the pen, or a part of another.

Names are compared as they are spelled where both carry accents ("mứt dừa" is
not "mứt dâu"), and without accents where one of them has none. Numbers and
single letters tell products apart ("loại A", "29 độ") and are never a slip.

A name is compared only with those that share a word with it and belong to the
same owner, and a word that has come in more than fifty names of one owner
finds nothing: twenty thousand rows stay far from being compared each with each. Of
names with marks only those with the same ones are looked up, by a mark.
"""

from collections import Counter
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
_LINE: Final = "\n"
_BETWEEN: Final = "\t"
"""Begin what is told of a name, and part it; no id and no word has either."""


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
    """Names by the words in them, each of one owner.

    They are taken apart when somebody first asks: most imports know every product by
    its id. The few names of one owner stand together in one text and are looked
    through; once they are so many that a word may come in too many of them, they are
    placed by their words.
    """

    _names: Overflow[str, _Called] = field(default_factory=_names_by_id)
    _is_sorted: bool = False
    _few: dict[str, str] = field(default_factory=dict)
    """The names of owners that have few, each on a line; some 60 bytes for each."""
    _many: set[str] = field(default_factory=set)
    """The owners that have, or had, more."""
    _came: Counter[str] = field(default_factory=Counter)
    """In how many of their names a word has come, by owner and word."""
    _plain: Several[str, str] = field(default_factory=Several)
    """Their names without marks, by owner and word, as long as it finds them."""
    _marked: Several[str, str] = field(default_factory=Several)
    """Those with marks, likewise; each mark is one of its words."""

    def put(self, id_: str, owner: str, name: str) -> None:
        """Remember that *id_*, of *owner*, is called *name* from now on."""
        old = self._names.get(id_) if self._is_sorted else None
        if old is not None:
            self._take_away(id_, old)
        self._names[id_] = called = _Called(owner, name)
        if self._is_sorted:
            self._sort(id_, called)

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
        """Return those of *owner* whose names have to be looked at, in order."""
        find = self._of_words if owner in self._many else self._of_few
        return sorted(find(owner, asked))

    def _of_few(self, owner: str, asked: Spelling) -> Iterator[str]:
        """Yield the same as `_of_words` does where no word is in too many names."""
        marks, count = _brief(asked)
        wanted = [_within((word,)) for word in asked.words]
        for each in self._few.get(owner, "").split(_LINE)[1:]:
            id_, theirs, words = each.split(_BETWEEN)
            if marks and theirs and marks != theirs:
                continue
            in_both = sum([word in words for word in wanted])
            if in_both >= _least(marks, theirs, int(count), words.count(" ") - 1):
                yield id_

    def _of_words(self, owner: str, asked: Spelling) -> Iterator[str]:
        shared = Counter[str]()
        places = self._finding(owner, asked.words)
        for place in places:
            shared.update(self._plain.get(place))
            if not asked.marks:
                shared.update(self._marked.get(place))
        marks, count = _brief(asked)
        common = len(asked.words) - len(places)
        for each, in_both in shared.items():
            id_, theirs, of_words = each.split(_BETWEEN)
            least = _least(marks, theirs, int(count), int(of_words))
            if in_both + common >= least:
                yield id_
        if marks:
            yield from self._of_marks(owner, asked)

    def _of_marks(self, owner: str, asked: Spelling) -> set[str]:
        """Return those of *owner* that have the marks of *asked*, of which it has some.

        All of them stand at each of these marks: one that finds anything is enough.
        """
        places = self._finding(owner, asked.marks)[:1]
        marks, _ = _brief(asked)
        found = set[str]()
        for place in places or self._finding(owner, asked.words):
            briefs = [each.split(_BETWEEN) for each in self._marked.get(place)]
            found.update(id_ for id_, theirs, _ in briefs if theirs == marks)
        return found

    def _finding(self, owner: str, words: Iterable[str]) -> list[str]:
        """Return the places of *words* that have come in few names of *owner*."""
        places = [_at(owner, word) for word in words]
        return [place for place in places if self._came[place] <= _COMMON]

    def _sort(self, id_: str, called: _Called) -> None:
        """Put a name among the few of its owner, or to its words."""
        owner = called.owner
        if owner in self._many:
            self._place(id_, called)
            return
        some = self._few.get(owner, "") + _line(id_, spelling(called.name))
        self._few[owner] = some
        if some.count(_LINE) > _COMMON:
            self._many.add(owner)
            for each in self._few.pop(owner).split(_LINE)[1:]:
                its = each.partition(_BETWEEN)[0]
                self._place(its, self._names[its])

    def _place(self, id_: str, called: _Called) -> None:
        """Put a name to those of its words that find names."""
        known = spelling(called.name)
        names, brief = self._names_like(known), _told(id_, known)
        self._came.update(_at(called.owner, word) for word in known.words)
        for place in self._finding(called.owner, known.words):
            names.add(place, brief)

    def _take_away(self, id_: str, called: _Called) -> None:
        """Forget a name; a word that finds nothing goes on finding nothing."""
        owner, known = called.owner, spelling(called.name)
        if owner not in self._many:
            self._few[owner] = self._few[owner].replace(_line(id_, known), "")
            return
        names, brief = self._names_like(known), _told(id_, known)
        for place in self._finding(owner, known.words):
            self._came[place] -= 1
            names.discard(place, brief)

    def _names_like(self, known: Spelling) -> Several[str, str]:
        return self._marked if known.marks else self._plain


def _told(id_: str, known: Spelling) -> str:
    """Return what is told of a name at each of its words."""
    return _BETWEEN.join((id_, *_brief(known)))


def _line(id_: str, known: Spelling) -> str:
    """Return what is told of a name among the few of its owner."""
    marks, _ = _brief(known)
    return _LINE + _BETWEEN.join((id_, marks, _within(sorted(known.words))))


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
