"""Tell names of the same letters apart by their accents.

Two names that both carry accents, and not the same ones, are two products ("kẹo dừa",
"kẹo dứa") or a misspelling: a person is asked. A stored name without accents takes
those that the first row of an import gives it: a row with others is about something
else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.names.name_tokens import accented_ways, told_apart


@dataclass(slots=True)
class Accents:
    """The first accents that rows of one import give to plain names, by id."""

    _first: dict[str, str] = field(default_factory=dict)

    def note(self, id_: str, known: str, name: str) -> None:
        """Remember that a row calls *id_*, known by the same letters, *name*."""
        if name != known and not accented_ways([known]) and accented_ways([name]):
            self._first.setdefault(id_, name)

    def differ(self, id_: str, known: str, name: str) -> bool:
        """Say whether *name*, of the letters of *known*, is not that of *id_*."""
        return told_apart(known, name) or told_apart(self._first.get(id_, known), name)


def with_accents(names: Mapping[str, str], name: str) -> set[str]:
    """Return which of *names*, by id, has the accents of *name*, if one alone has."""
    ways = accented_ways([name])
    exact = {id_ for id_, each in names.items() if accented_ways([each]) == ways}
    return exact if ways and len(exact) == 1 else set(names)
