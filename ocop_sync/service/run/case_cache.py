"""The cases that one run has evaluated, as long as they hold.

To read a product, to work out its wanted listing, and to evaluate that costs more than
all further steps. A wanted listing holds as long as its product has the same revision,
and until the moment at which its verdict may change by itself. A case holds until
something else is stored of its listing: nobody but this run does so while it has the
lease.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from catalog.model.product import Entry
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.service.evaluate.case import Case

MOST = 3_000
"""Cases of one marketplace that are kept; some 8 KB each."""


class CaseCache:
    """The cases of one marketplace that were evaluated, and are to be sent.

    Those that are as they are stored wait to be sent, in the order of the walk that has
    kept them: once it is full of them, no more are kept. All others are kept as long as
    there is room.
    """

    def __init__(self) -> None:
        self._stored: dict[str, Case] = {}
        self._others: dict[str, Case] = {}

    def keep(self, case: Case, *, stored: bool = False) -> None:
        """Keep *case*, as far as there is room for it.

        One without a product in the catalog is not kept, nor one that is settled: it is
        evaluated again only once something has changed. *stored*: the store has the
        same record.
        """
        id_ = case.product_id
        self._stored.pop(id_, None)
        self._others.pop(id_, None)
        if case.entry is None or case.record.settled_fingerprint:
            return
        if len(self._stored) >= MOST:
            return
        if len(self._stored) + len(self._others) >= MOST:
            del self._others[next(iter(self._others))]
        (self._stored if stored else self._others)[id_] = case

    def take(self, product_ids: Iterable[str]) -> dict[str, Case]:
        """Return the cases that are as they are stored; each but once."""
        stored = self._stored
        found = {id_: stored.pop(id_) for id_ in product_ids if id_ in stored}
        self._others |= found
        return found

    def touched(self, product_ids: Iterable[str]) -> None:
        """Note that something else is stored of these listings now."""
        self.take(product_ids)

    def all_touched(self) -> None:
        """Note that something was stored that any listing may depend on."""
        self._others |= self._stored
        self._stored.clear()

    def wanted(
        self, revisions: Mapping[str, int], now: datetime
    ) -> dict[str, tuple[Entry, Wanted]]:
        """Return the wanted listings that hold, each with its product, by id.

        *revisions* are the present ones of the products that are asked about.
        """
        found: dict[str, tuple[Entry, Wanted]] = {}
        for id_, revision in revisions.items():
            case = self._stored.get(id_) or self._others.get(id_)
            if case is None or case.entry is None:
                continue
            wanted = case.evaluation.wanted
            is_same = case.entry[0].revision == revision
            if is_same and (wanted.until is None or now < wanted.until):
                found[id_] = case.entry, wanted
        return found
