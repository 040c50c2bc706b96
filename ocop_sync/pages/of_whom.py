"""Filters of lists by producer and by commune: those that occur, and the chosen one."""

from collections.abc import Iterable, Mapping

from catalog.eligibility import Text
from catalog.places.commune import Communes
from ocop_sync.pages.figure_words import PART_WORDS, part_words
from ocop_sync.pages.filters import Filter, filter_of
from ocop_sync.service.queries.coverage_figures import Dimension


def commune_filter(
    codes: Iterable[str], chosen: str | None, communes: Communes | None
) -> Filter:
    """Return the filter by communes of *codes*; a chosen one stays a choice."""
    some = {*codes, chosen or ""} - {""}
    places = [(code, part_words(Dimension.COMMUNE, code, communes)) for code in some]
    places.sort(key=lambda each: (each[1].vi, each[0]))
    return filter_of("commune", PART_WORDS[Dimension.COMMUNE], places, chosen)


def producer_filter(names: Mapping[str, str], chosen: str | None) -> Filter:
    """Return the filter by producers, whose names may double; a chosen one stays."""
    some = {**({chosen: chosen} if chosen else {}), **names}
    options = [
        (code, Text(f"{name} ({code})", f"{name} ({code})"))
        for code, name in sorted(some.items(), key=lambda each: each[::-1])
    ]
    return filter_of("producer", Text("Cơ sở", "Producer"), options, chosen)
