"""The definitions of the figures of coverage, and figures that others have published.

The texts are in `texts/figures.toml` and `texts/published.toml`. Which products each
figure counts is a condition of the store; here are its words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from ocop_sync.engine.texts.files import TextTable, Worded, read_texts


class _Words(TextTable):
    figures: dict[str, Worded]
    claim_ended: Worded
    ends: Worded
    drops_out: Worded


class _Point(TextTable):
    when: str
    listed: int
    of: int
    where: Worded


class _Published(TextTable):
    points: tuple[_Point, ...]
    rule: Worded


_WORDS: Final = read_texts("figures.toml", _Words)
_PUBLISHED: Final = read_texts("published.toml", _Published)

DEFINITIONS: Final[Mapping[str, Text]] = _WORDS.figures
"""The products that each figure counts, by the figure's name."""

CLAIM_ENDED: Final = _WORDS.claim_ended
"""The listings that claim what has ended."""

ENDS: Final = _WORDS.ends
"""The certificates that end soon."""

DROPS_OUT: Final = _WORDS.drops_out
"""The products that are listable now and not by a day ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A figure that somebody has published.

    Attributes:
        when: A month such as "2022-06", or years such as "2023-2024".
        listed: The number that was called on sale.
        of: The number of which that is a part.
        where: Where they were on sale.
        rule: That the rule of counting is not known.
    """

    when: str
    listed: int
    of: int
    where: Text
    rule: Text


def published_figures() -> tuple[PublishedFigure, ...]:
    """Return the published figures, which are joined to nothing, oldest first."""
    return tuple(
        PublishedFigure(
            when=each.when,
            listed=each.listed,
            of=each.of,
            where=each.where,
            rule=_PUBLISHED.rule,
        )
        for each in _PUBLISHED.points
    )
