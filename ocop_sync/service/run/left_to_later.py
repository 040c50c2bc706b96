"""The work that one run leaves to later at its account, with its waits."""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet


class LeftToLater:
    """Products that are not gone on with now; only its methods change it."""

    def __init__(self) -> None:
        self._deferred: set[str] = set()
        self._postponed: dict[str, frozenset[str]] = {}
        self._must_reread: set[str] = set()
        self._stock_shortfalls: set[str] = set()
        self._has_raised = False

    @property
    def deferred(self) -> AbstractSet[str]:
        """Return the products that this run leaves to the next one."""
        return self._deferred

    @property
    def postponed(self) -> Mapping[str, AbstractSet[str]]:
        """Return those that wait for stock to be lowered, with the accounts where."""
        return self._postponed

    @property
    def must_reread(self) -> AbstractSet[str]:
        """Return those that are read again before their stock is written."""
        return self._must_reread

    @property
    def stock_shortfalls(self) -> AbstractSet[str]:
        """Return those whose stock is lower than it was left, perhaps sold."""
        return self._stock_shortfalls

    @property
    def has_raised(self) -> bool:
        """Say whether stock was raised: sales may have been written over."""
        return self._has_raised

    def defer(self, ids: Iterable[str]) -> None:
        """Leave products to the next run."""
        self._deferred.update(ids)

    def take_up(self, ids: Iterable[str]) -> None:
        """Go on in this run with products that were left to the next one."""
        self._deferred.difference_update(ids)

    def postpone(self, product_id: str, until_down_at: Collection[str]) -> None:
        """Raise no stock of a product before it is lower at these accounts."""
        self._postponed[product_id] = frozenset(until_down_at)

    def take_up_postponed(self) -> list[str]:
        """Go on with all that was postponed; return its products."""
        ids = sorted(self._postponed)
        self._postponed.clear()
        self.take_up(ids)
        return ids

    def reread_first(self, ids: Iterable[str]) -> None:
        """Write no stock of products before they have been read again."""
        self._must_reread.update(ids)

    def pop_must_reread(self) -> list[str]:
        """Return the products to read again; they are about to be read."""
        ids = sorted(self._must_reread)
        self._must_reread.clear()
        return ids

    def note_shortfalls(
        self, evaluated: Iterable[str], short_of_stock: Iterable[str]
    ) -> None:
        """Remember which of those *evaluated* show less stock than was left there."""
        self._stock_shortfalls.difference_update(evaluated)
        self._stock_shortfalls.update(short_of_stock)

    def note_raised(self) -> None:
        """Remember that stock was raised: sales may have been written over."""
        self._has_raised = True

    def pop_raised(self) -> bool:
        """Say whether stock was raised since this was asked last."""
        was_raised, self._has_raised = self._has_raised, False
        return was_raised
