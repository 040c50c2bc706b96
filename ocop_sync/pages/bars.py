"""The parts of a bar: so many of each kind, with the list that each counts."""

from dataclasses import dataclass
from typing import Literal

from catalog.eligibility import Text

Kind = Literal["done", "waits", "wrong", "none"]
"""Of states and parts: on sale or done; waits for a person; wrong; not eligible."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole.

    Attributes:
        value: How many.
        kind: What that means, which is its colour.
        words: The same in words.
        href: The address of the list that it counts.
    """

    value: int
    kind: Kind
    words: Text
    href: str
