"""Effects: entries of an import that take a product from buyers.

How they are found is decided in `catalog.eligibility.effects`; they are kept in
`catalog.db.imports`.
"""

from enum import StrEnum
from typing import NamedTuple


class EffectKind(StrEnum):
    """The effect of an import on a product that may be on sale."""

    REVOKED = "revoked"
    """A certificate is revoked; the key is its place in the history."""
    STOPPED = "stopped"
    """Its sale is paused."""
    CONSENT = "consent"
    """Its producer refuses; the key is the producer, or "" if it is another one."""
    ENDED = "ended"
    """Its certificates end on an earlier day, or one that was not known before."""
    PAPER = "paper"
    """A paper is not held, or ends earlier; the key is the kind of the paper."""
    EMPTIED = "emptied"
    """None is left, or the count is cleared; the key is the SKU."""
    STARS = "stars"
    """Its stars change: asked about where many do, and never in the budget."""


NO_IMPORT = 0
"""In the place of an import: a person has entered it, and was told its effect."""

Key = tuple[str, EffectKind, str]
"""Product id, kind, and the subject within the product."""


class Effect(NamedTuple):
    """One effect that stands.

    Attributes:
        kind: The kind of the effect.
        key: Its subject within the product.
        import_id: The import that entered it, or `NO_IMPORT`. Of an end that a person
            has entered, the key is its day: it stands for no other.
        confirmed: A named person has confirmed that import, or one that said
            the same later.
    """

    kind: EffectKind
    key: str
    import_id: int
    confirmed: bool
