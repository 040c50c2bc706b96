"""Where names stand by the words in them: each with those of the same owner.

The few names of one owner stand together in one text and are looked through. Once they
are so many that a word may come in too many of them, they stand at each of their words;
a word that has come in more than fifty of them finds nothing, so that twenty thousand
rows stay far from being compared each with each. Of names with marks only those with
the same ones are looked up, by a mark.

Which of those that share a word are nearly the same is decided in
`catalog.feed.identify.fuzzy_names`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.db.overflow import Several
from catalog.names.name_tokens import Spelling

_COMMON: Final = 50
"""Names of one owner beyond which a word they share finds nothing."""
_LINE: Final = "\n"
_BETWEEN: Final = "\t"
"""Begin what is told of a name, and part it; no id and no word has either."""


@dataclass(slots=True)
class NamePlaces:
    """The places of names, each of one owner."""

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

    def put(self, id_: str, owner: str, name: Spelling) -> None:
        """Give *id_*, of *owner*, its places by *name*; it has none."""
        lines = _line(id_, name)
        if owner not in self._many:
            self._few[owner] = lines = self._few.get(owner, "") + lines
            if lines.count(_LINE) <= _COMMON:
                return
            self._many.add(owner)
            del self._few[owner]
        for its, marks, words in _told(lines):
            places = [_at(owner, word) for word in words.split()]
            self._came.update(places)
            for place in self._finding(places):
                self._like(marks).add(place, _brief(its, marks, words))

    def take_away(self, id_: str, owner: str, name: Spelling) -> None:
        """Take those places away; a word that finds nothing goes on finding nothing."""
        line = _line(id_, name)
        if owner not in self._many:
            self._few[owner] = self._few[owner].replace(line, "")
            return
        ((_, marks, words),) = _told(line)
        for place in self._finding(_at(owner, word) for word in name.words):
            self._came[place] -= 1
            self._like(marks).discard(place, _brief(id_, marks, words))

    def perhaps(self, owner: str, asked: Spelling) -> list[str]:
        """Return those of *owner* whose names have to be looked at, in order."""
        find = self._of_words if owner in self._many else self._of_few
        return sorted(find(owner, asked))

    def _of_few(self, owner: str, asked: Spelling) -> Iterator[str]:
        """Yield the same as `_of_words` does where no word is in too many names."""
        marks, count = " ".join(asked.marks), len(asked.words)
        wanted = [_within((word,)) for word in asked.words]
        for id_, theirs, words in _told(self._few.get(owner, "")):
            if marks and theirs and marks != theirs:
                continue
            in_both = sum([word in words for word in wanted])
            if in_both >= _least(marks, theirs, count, _count(words)):
                yield id_

    def _of_words(self, owner: str, asked: Spelling) -> Iterator[str]:
        shared = Counter[str]()
        places = self._finding(_at(owner, word) for word in asked.words)
        for place in places:
            shared.update(self._plain.get(place))
            if not asked.marks:
                shared.update(self._marked.get(place))
        marks, count = " ".join(asked.marks), len(asked.words)
        common = count - len(places)
        for each, in_both in shared.items():
            id_, theirs, of_words = each.split(_BETWEEN)
            if in_both + common >= _least(marks, theirs, count, int(of_words)):
                yield id_
        if marks:
            yield from self._of_marks(owner, asked)

    def _of_marks(self, owner: str, asked: Spelling) -> set[str]:
        """Return those of *owner* that have the marks of *asked*, of which it has some.

        All of them stand at each of these marks: one that finds anything is enough.
        """
        places = self._finding(_at(owner, mark) for mark in asked.marks)[:1]
        if not places:
            places = self._finding(_at(owner, word) for word in asked.words)
        marks, found = " ".join(asked.marks), set[str]()
        for place in places:
            briefs = [each.split(_BETWEEN) for each in self._marked.get(place)]
            found.update(id_ for id_, theirs, _ in briefs if theirs == marks)
        return found

    def _finding(self, places: Iterable[str]) -> list[str]:
        """Return those of *places* that few enough names have come to."""
        came = self._came
        return [place for place in places if came.get(place, 0) <= _COMMON]

    def _like(self, marks: str) -> Several[str, str]:
        return self._marked if marks else self._plain


def _line(id_: str, name: Spelling) -> str:
    """Return what is told of a name among the few of its owner."""
    words = _within(sorted(name.words))
    return _LINE + _BETWEEN.join((id_, " ".join(name.marks), words))


def _told(lines: str) -> Iterator[Sequence[str]]:
    """Yield id, marks and words of names, as `_line` tells of them."""
    return (line.split(_BETWEEN) for line in lines.split(_LINE)[1:])


def _brief(id_: str, marks: str, words: str) -> str:
    """Return what is told at each of its words: what rules most names out."""
    return _BETWEEN.join((id_, marks, str(_count(words))))


def _count(words: str) -> int:
    return words.count(" ") - 1


def _at(owner: str, word: str) -> str:
    """Return the place of a word in the names of one owner; neither has a space."""
    return f"{owner} {word}"


def _within(words: Iterable[str]) -> str:
    """Return words, each with a space before and behind it: none is a part of one."""
    return f" {' '.join(words)} "


def _least(marks: str, theirs: str, count: int, of_words: int) -> int:
    """Return how many words two names share at least, of which to look at one.

    Of other marks, one has none, and may be a part of the other.
    """
    return 1 if marks == theirs else min(count, of_words)
