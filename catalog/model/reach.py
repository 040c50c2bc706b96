"""The producers whose products somebody may reach.

A product of another producer is not refused: to whoever may not reach it, it is not
there, so that nobody can tell by asking which products there are.
"""

from collections.abc import Iterable
from typing import Final, Self

from msgspec import Struct


class Reach(Struct, frozen=True):
    """Of which producers somebody reaches the products; None for those of all.

    Every use case of producers takes one. Where none is meant, no product is reached.
    """

    producers: frozenset[str] | None

    @classmethod
    def of(cls, producer_ids: Iterable[str]) -> Self:
        """Return the reach of whoever serves these producers."""
        return cls(frozenset(producer_ids))

    def holds(self, producer_id: str | None) -> bool:
        """Say whether the products of a producer are within it.

        A product whose producer is not known is nobody's but the department's.
        """
        if self.producers is None:
            return True
        return producer_id is not None and producer_id in self.producers

    def within(self, producer_ids: Iterable[str]) -> "Reach":
        """Return what of it is of these producers."""
        return Reach(frozenset(each for each in producer_ids if self.holds(each)))


WHOLE_CATALOG: Final = Reach(None)
"""Of the department: every product, those of no known producer included."""
