"""Gather the effects of one import on buyers, row by row.

The effects of a change are found in `catalog.eligibility.effects`. Here they are
gathered, with repeated statements of an earlier import that nobody has confirmed: a
person who confirms this import stands for all of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from catalog.eligibility import Rules
from catalog.eligibility.effects import Entered, begins_later, compare
from catalog.feed.headings.column import COLUMNS, ColumnPart
from catalog.feed.identify.identity import names_producer
from catalog.feed.merge.merge_values import CountIs
from catalog.feed.merge.row_merge import RowDraft
from catalog.feed.rows.reading import Given, names_of
from catalog.model.effect import EffectKind, Key
from catalog.model.fact import Fact
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product, Variant

_REVOCATION = frozenset({"revoked_by", "revoked_on"})
_TERM = frozenset({"stars", "decided_on", "year", "year_means", "voided_by"})
_STOCK = frozenset({"on_hand", "reserved", "buffer"})


@dataclass(slots=True)
class BuyerEffects:
    """The effects of an import so far.

    Attributes:
        entered: The effects that it enters, by their subject.
        lifted: The effects that it takes back.
        restated: The effects that an earlier import entered, and that this one repeats.
        contradicted: The effects that this one leaves as they are, and contradicts.
        refusing: Producers that no longer consent, by this sheet.
        consenting: Producers that consent again.
        refused: Producers of which the sheet says that they do not consent.
        later: Those of all these that begin on a later day.
    """

    entered: dict[Key, Entered] = field(default_factory=dict)
    lifted: set[Key] = field(default_factory=set)
    restated: set[Key] = field(default_factory=set)
    contradicted: set[Key] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    consenting: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    later: set[Key] = field(default_factory=set)
    _said: set[Key] = field(default_factory=set)

    def say(
        self, given: Given, made: RowDraft, product: Product, kept: Collection[str]
    ) -> None:
        """Note the statements of a row; those that are not believed are *kept*."""
        if made.known is not None:  # a new product is not on sale: nothing is taken
            self._said.update((product.id, *each) for each in _facts(given, made, kept))
        maker = made.maker
        if "consent" in given and maker is not None and maker.consent.value is Fact.NO:
            self.refused.add(product.producer_id or "")

    def contradict(self, product_id: str) -> None:
        """Note that a row is asked about, as it says otherwise of a certificate.

        Whoever confirms such a sheet has not read of the end that stands.
        """
        self.contradicted.add((product_id, EffectKind.ENDED, ""))

    def compare(
        self,
        before: Mapping[str, Entry],
        after: Iterable[Entry],
        day: date,
        rules: Rules,
    ) -> None:
        """Gather the effects of changes to known products, and the repeated ones."""
        latest, met = dict(before), set[Key]()
        for entry in after:
            id_ = entry[0].id
            if id_ not in before:
                continue
            latest[id_] = entry
            found = compare(before[id_], entry, day, rules)
            for each in found.entered:
                self.entered[id_, each.kind, each.key] = each
                met.add((id_, each.kind, each.key))
            self.lifted.update((id_, *fact) for fact in found.lifted)
        for product, _ in before.values():
            for effect in product.effects:
                key = (product.id, effect.kind, effect.key)
                if not effect.confirmed and key in self._said:
                    self.restated.add(key)
                    met.add(key)
        self._said.clear()
        later = {
            key for key in met if begins_later(latest[key[0]], key[1:], day, rules)
        }
        self.later = (self.later - met) | later

    def compare_makers(
        self, before: Mapping[str, Producer], after: Mapping[str, Producer]
    ) -> None:
        """Note which producers no longer consent, and which do again."""
        for id_ in before.keys() & after.keys():
            was, now = (each[id_].consent.value is Fact.NO for each in (before, after))
            if now and not was:
                self.refusing.add(id_)
            if was and not now:
                self.consenting.add(id_)

    def refuse(self, product_id: str, name: str, producer_id: str) -> None:
        """Take a product of a producer that no longer consents."""
        kind = EffectKind.CONSENT
        if (product_id, kind, "") not in self.entered:
            refused = Entered(
                product_id=product_id, name=name, kind=kind, key=producer_id
            )
            self.entered.setdefault((product_id, kind, producer_id), refused)

    def restate(self, product_id: str, producer_id: str) -> None:
        """Note that the sheet says again that a producer does not consent."""
        self.restated.add((product_id, EffectKind.CONSENT, producer_id))

    @property
    def said_again(self) -> set[Key]:
        """Return the effects that an earlier import entered and this one repeats."""
        others = self.entered.keys() | self.lifted | self.contradicted
        return self.restated - others

    @property
    def counted(self) -> list[Key]:
        """Return the effects that count in the budget until confirmation, sorted."""
        entered = {key for key in self.entered if key[1] is not EffectKind.STARS}
        return sorted(entered | self.said_again)

    def by_kind(self) -> dict[str, int]:
        """Return how many products each kind takes, in the order of the kinds."""
        return _by_kind({(id_, kind) for id_, kind, _ in self.counted})

    def later_by_kind(self) -> dict[str, int]:
        """Return of how many of them each kind takes nothing before a day to come."""
        now = {(id_, kind) for id_, kind, _ in set(self.counted) - self.later}
        return _by_kind({(id_, kind) for id_, kind, _ in self.later} - now)


def _by_kind(pairs: Iterable[tuple[str, EffectKind]]) -> dict[str, int]:
    count = Counter(kind for _, kind in pairs)
    return {kind.value: count[kind] for kind in EffectKind if count[kind]}


def _facts(
    given: Given, made: RowDraft, kept: Collection[str]
) -> Iterator[tuple[EffectKind, str]]:
    """Yield the facts that could take something, and of which a row speaks."""
    said = made.given.keys() - kept
    if said & _REVOCATION:
        yield EffectKind.REVOKED, str(made.place)
    if said & _TERM:
        yield EffectKind.ENDED, ""
    if "paused" in said:
        yield EffectKind.STOPPED, ""
    if made.variant is not None and _tells_stock(made, made.variant, said):
        yield EffectKind.EMPTIED, made.variant.sku
    if names_producer(given):
        yield EffectKind.CONSENT, ""
    for name in names_of(made.given, ColumnPart.PAPER):
        column = COLUMNS[name]
        if column.paper is not None and column.path in ("held.value", "expires_on"):
            yield EffectKind.PAPER, column.paper.value


def _tells_stock(made: RowDraft, variant: Variant, said: Collection[str]) -> bool:
    """Say whether a row speaks of why none is left; an older count does not."""
    columns = _STOCK if variant.on_hand else {"on_hand"}
    return made.count_is is CountIs.TAKEN and not columns.isdisjoint(said)
