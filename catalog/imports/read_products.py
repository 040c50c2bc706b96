"""The states of the products that an evaluation has read, as fingerprints.

They tell whether somebody has changed one of them before the import is written. They
hold within one process, and may be more than memory has room for.
"""

from collections.abc import Iterable

from catalog.db.overflow import Marked, Overflow
from catalog.db.provenance import Provenance, Touches
from catalog.model.product import Entry
from catalog.values import replace


class ReadProducts:
    """The products that were read; of some, only something that belongs to them."""

    def __init__(self) -> None:
        self._entries: Overflow[str, int] = Overflow()
        self._touches: Overflow[str, int] = Overflow()
        self._relied: Marked[str] = Marked()

    def note(self, entries: Iterable[Entry]) -> None:
        """Note that products were read as a whole."""
        for entry in entries:
            self._entries[entry[0].id] = _fingerprint(entry)

    def note_touches(self, provenance: Provenance) -> None:
        """Note that it was read who has changed products last."""
        for id_, touches in provenance.by_product().items():
            self._touches[id_] = hash(touches)

    def rely_on(self, product_id: str) -> None:
        """Note that something was read that belongs to a product."""
        self._relied.add(product_id)

    def __contains__(self, product_id: object) -> bool:
        """Say whether a product was read as a whole."""
        return product_id in self._entries

    def differs(self, entry: Entry, touches: Touches) -> bool:
        """Say whether another state of a product was read than this one.

        Sales and adjustments of stock do not count: no row is compared with them.
        """
        id_ = entry[0].id
        if id_ in self._relied:
            return True
        if id_ not in self._entries:
            return False
        was = self._entries[id_], self._touches.get(id_, hash(frozenset()))
        return was != (_fingerprint(entry), hash(touches))


def _fingerprint(entry: Entry) -> int:
    item, maker = entry
    return hash((replace(item, revision=0), item.effects, maker))
