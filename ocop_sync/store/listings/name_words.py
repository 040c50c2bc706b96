"""Words of names as they are searched: whatever their accents and case."""

from typing import Final

from catalog.text import clean, fold

MOST_WORDS: Final = 8
"""Words of a search; more are not looked at."""


def words_of(text: str) -> list[str]:
    """Return the words that *text* looks for, as they were typed."""
    return clean(text).split()[:MOST_WORDS]


def pattern_of(word: str) -> str:
    """Return *word* as a pattern for folded names, in which it may stand anywhere.

    Its escape is a backslash: whatever was typed stands for itself.
    """
    folded = fold(word).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{folded}%"
