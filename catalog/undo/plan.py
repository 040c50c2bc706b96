"""The values of one import that go back, and those that somebody changed since.

A value goes back if it is still as the import left it, and neither an import that
stands nor a person has stated anything of it since: a person's statement that equals
the sheet's is that person's. Values that belong together go back together. Pure; the
reading and the writing for it are decided in `catalog.undo.undo`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from catalog.db.fact_changes import fact_of
from catalog.db.field_changes import (
    FIELDS,
    WHOLE,
    Change,
    ChangedField,
    Entity,
    Touch,
    plain,
    provenance_key,
    value_of,
)
from catalog.db.imports import Import
from catalog.db.product_rows import fresh_pack
from catalog.db.provenance import Provenance
from catalog.model.effect import EffectKind, Key
from catalog.model.ownership import PRODUCT_FIELDS, VARIANT_FIELDS
from catalog.model.product import Product
from catalog.undo.facts import facts_of

_PACK = "pack"
"""The name of a pack: it stays, as its SKU stands in orders."""


@dataclass(frozen=True, slots=True)
class GoingBack:
    """A value that goes back.

    Attributes:
        where: Its place.
        now: As the import left it.
        then: As it was before, and will be.
        supersedes: The change that stands again with it, by its number; None if no
            earlier one is known.
    """

    where: ChangedField
    now: Any
    then: Any
    supersedes: int | None

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {**self.where._asdict(), "now": self.now, "then": self.then}


@dataclass(frozen=True, slots=True)
class Staying:
    """A value that stays, as it was changed since.

    Attributes:
        where: Its place.
        imported: As the import left it.
        now: As it is.
        since: When and by whom it was changed or said again, "" for a person
            whose name was not kept; None if that is not known.
    """

    where: ChangedField
    imported: Any
    now: Any
    since: Touch | None

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        since = self.since
        return {
            **self.where._asdict(),
            "left": self.imported,
            "now": self.now,
            "changed_at": since.at if since else None,
            "changed_by": since.by if since else None,
        }


@dataclass(frozen=True, slots=True)
class Changed:
    """The changes of an import, by their place.

    Attributes:
        created: Ids of the products that it has made.
        products: Its changes of other products, by product.
        makers: The same of producers.
        naming: The products that sources name since.
        effects: The changes of effects of earlier imports.
    """

    created: set[str] = field(default_factory=set)
    products: dict[str, list[Change]] = field(default_factory=dict)
    makers: dict[str, list[Change]] = field(default_factory=dict)
    naming: list[Change] = field(default_factory=list)
    effects: list[Change] = field(default_factory=list)

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Self:
        """Sort *changes*; of a producer that was made, nothing goes back."""
        made = cls()
        for change in changes:
            entity, subject, _, name = change.where
            is_new = name == WHOLE and change.before is None
            if entity is Entity.NAMING:
                made.naming.append(change)
            elif entity is Entity.EFFECT:
                made.effects.append(change)
            elif entity is Entity.PRODUCT and is_new:
                made.created.add(subject)
            elif entity is not Entity.PRODUCER:
                made.products.setdefault(subject, []).append(change)
            elif not is_new:
                made.makers.setdefault(subject, []).append(change)
        return made


class Rows(Protocol):
    """Rows of a product or a producer."""

    def value(self, where: ChangedField) -> Any:
        """Return the value there."""

    def put(self, where: ChangedField, value: Any) -> None:
        """Put *value* there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The events about some products and producers since an import.

    Attributes:
        made: The import.
        later: The changes of later imports that stand, and which import.
        undone: The changes of other imports that are undone, the latest first.
        touches: Who changed the fields of producers and sales last.
        facts: The last word on each fact since the import, by subject and fact.
        sold: Packs of which something was sold since, with the last sale.
        taken_over: Effects of the import that a person stands for now.
    """

    made: Import
    later: Mapping[ChangedField, Touch]
    undone: Mapping[ChangedField, Sequence[Change]]
    touches: Provenance
    facts: Mapping[tuple[str, str], Touch]
    sold: Mapping[str, Touch]
    taken_over: Collection[Key]

    def stated_by(self, change: Change) -> Touch | None:
        """Return who has spoken of it since, even if its value stayed the same."""
        where = change.where
        if (by := self._later(where)) is not None:
            return by
        if where.field == "count" and where.key in self.sold:
            return self.sold[where.key]
        touch = self._touch(change)
        if touch is not None and not self._is_own(touch):
            return touch
        if self._is_taken_over(where):
            return self._said_of(where) or Touch(self.made.imported_at, "")
        return None

    def whose(self, where: ChangedField) -> Touch | None:
        """Return who has made something else of it, as far as that is known."""
        key = provenance_key(where)
        touch = None if key is None else self.touches.of(*key)
        if touch is not None and self._is_own(touch):
            touch = None
        return self._later(where) or touch or self._said_of(where)

    def before(self, change: Change) -> tuple[Any, int | None]:
        """Return the value before the import, by nobody who was undone since."""
        value, n = change.before, change.supersedes
        for earlier in self.undone.get(change.where, ()):
            if is_same(earlier.after, value):
                value, n = earlier.before, earlier.supersedes
        return value, n

    def _later(self, where: ChangedField) -> Touch | None:
        whole = where._replace(field=WHOLE)
        found = self.later.get(where) or self.later.get(whole)
        if found is None and where.field == WHOLE:
            fields = FIELDS.get(where.entity, ())
            parts = (where._replace(field=name) for name, _ in fields)
            found = next((self.later[e] for e in parts if e in self.later), None)
        return found

    def _touch(self, change: Change) -> Touch | None:
        """Return the provenance of the field; None if it has none or kept its value."""
        key, entity = provenance_key(change.where), change.where.entity
        fields = VARIANT_FIELDS if entity is Entity.VARIANT else PRODUCT_FIELDS
        if key is None or key[2] not in fields:
            return None
        if change.where.field == "count" and change.before is not None:
            was, now = change.before, change.after
            if was["on_hand"] == now["on_hand"]:
                return None
        return self.touches.of(*key)

    def _is_own(self, touch: Touch) -> bool:
        made = self.made
        author = touch.by.startswith(f"import {made.source}")
        return author and touch.at == made.imported_at

    def _said_of(self, where: ChangedField) -> Touch | None:
        return self.facts.get((where.subject, fact_of(where)))

    def _is_taken_over(self, where: ChangedField) -> bool:
        if where.entity is Entity.PRODUCER:
            return where.field == "consent" and any(
                kind is EffectKind.CONSENT and about == where.subject
                for _, kind, about in self.taken_over
            )
        facts = facts_of(where)
        return any((where.subject, *fact) in self.taken_over for fact in facts)


def take_back(
    rows: Rows, changes: Iterable[Change], since: Since
) -> tuple[list[GoingBack], list[Staying]]:
    """Put back values that nobody has changed since; return them, and the others."""
    back: list[GoingBack] = []
    stays: list[Staying] = []
    for change in changes:
        where, now = change.where, rows.value(change.where)
        then, supersedes = since.before(change)
        if is_same(then, now):
            continue
        if change.erased:
            stays.append(Staying(where, change.after, now, None))
            continue
        stated = since.stated_by(change)
        if stated is not None or not is_same(change.after, now):
            by = stated or since.whose(where)
            stays.append(Staying(where, change.after, now, by))
            continue
        rows.put(where, then)
        back.append(GoingBack(where, now, then, supersedes))
    back += _left_alone(rows, back, since)
    return back, stays


def _left_alone(
    rows: Rows, back: Iterable[GoingBack], since: Since
) -> Iterator[GoingBack]:
    """Take away certificates of imports that were undone before, and left them.

    They stayed for values that are taken back now.
    """
    parts = {each.where._replace(field=WHOLE) for each in back}
    for where in sorted(parts):
        if where.entity is not Entity.CERTIFICATE:
            continue
        now = rows.value(where)
        for earlier in since.undone.get(where, ()):
            made = earlier.before is None and now is not None
            if made and is_same(earlier.after, now):
                rows.put(where, None)
                yield GoingBack(where, now, None, None)
                break


def in_fields(item: Product, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield *changes*, a pack that is new by its fields: it stays without them."""
    for change in changes:
        where = change.where
        if where.entity is not Entity.VARIANT or where.field != WHOLE:
            yield change
            continue
        blank = fresh_pack(item, where.key)
        for name, columns in FIELDS[Entity.VARIANT]:
            if not change.after.keys() >= set(columns):
                continue  # a column that there was not yet
            before = value_of(blank, columns)
            after = _part_of(change.after, columns)
            if name != _PACK and before != after:
                yield Change(where._replace(field=name), before, after)


def _part_of(document: Mapping[str, Any], columns: Sequence[str]) -> Any:
    if len(columns) == 1:
        return document[columns[0]]
    return plain(dict(document), columns)


def is_same(one: Any, other: Any) -> bool:
    """Say whether two values are the same; a column that is new since is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(one[name] == other[name] for name in one.keys() & other.keys())
    return bool(one == other)
