"""The changes of fields, value by value: as it was before, and as it is after.

Values are those of the catalog's rows. Some belong together and are one change: a count
and its time, an answer and who gave it. A new product or producer is noted as a whole.
Pure; changes are kept in `catalog.db.history`, and which values are erased in time is
said in `catalog.db.retention`.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Table

from catalog.db.overflow import Marked, Overflow
from catalog.db.tables import certificate, producer, product, variant
from catalog.db.to_rows import (
    Values,
    certificate_values,
    paper_values,
    producer_values,
    product_values,
    variant_values,
)
from catalog.model.certificate import paired
from catalog.model.producer import Producer
from catalog.model.product import Product


class Entity(StrEnum):
    """The kind of a changed thing."""

    PRODUCER = "producer"
    PRODUCT = "product"
    VARIANT = "variant"
    """The key is its SKU."""
    CERTIFICATE = "certificate"
    """The key is its place in the history of the product."""
    PAPER = "paper"
    """The key is its kind."""
    NAMING = "naming"
    """Whether a source names the product; the key is the source."""
    EFFECT = "effect"
    """An effect of an earlier import; the key is its kind, its subject, and the number
    of that import, with a space between."""


WHOLE: Final = ""
"""Stands for all fields of a new thing, and of one with a single field."""

_NOT_KEPT: Final = frozenset(
    {"id", "product_id", "sku", "n", "name_folded", "sort_key", "revision"}
    | {"not_in_source_since"}  # follows from what the sources name
)
_TOGETHER: Final[Mapping[Entity, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        Entity.PRODUCER: {
            place: (place, f"{prefix}old_commune_code", f"{prefix}commune_code")
            for place, prefix in (("certified_address", "certified_"), ("address", ""))
        }
        | {
            fact: (fact, f"{fact}_by", f"{fact}_on")
            for fact in ("consent", "identity_ready")
        },
        Entity.VARIANT: {"count": ("on_hand", "counted_at")},
        Entity.CERTIFICATE: {
            "recognition": (
                *("stars", "evidence", "decision", "body", "decided_on", "year"),
                *("year_means", "revocation_proposed", "potential_5", "source"),
            ),
            "revocation": ("revoked_by", "revoked_on"),
            "void": ("voided_by", "voided_on", "void_reason"),
        },
    }
)

Fields = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of fields, each with its columns."""


def _fields(entity: Entity, table: Table) -> Fields:
    together = _TOGETHER.get(entity, {})
    grouped = {name for names in together.values() for name in names}
    single = (c.name for c in table.c if c.name not in _NOT_KEPT | grouped)
    return *together.items(), *((name, (name,)) for name in single)


FIELDS: Final[Mapping[Entity, Fields]] = MappingProxyType(
    {
        Entity.PRODUCER: _fields(Entity.PRODUCER, producer),
        Entity.PRODUCT: _fields(Entity.PRODUCT, product),
        Entity.VARIANT: _fields(Entity.VARIANT, variant),
        Entity.CERTIFICATE: _fields(Entity.CERTIFICATE, certificate),
    }
)
"""The groups of columns that are compared and go back by themselves."""


class ChangedField(NamedTuple):
    """The place of a change.

    Attributes:
        entity: The kind of the changed thing.
        subject: Id of the product, or of the producer.
        key: Which of its parts, or "".
        field: Which field, or `WHOLE`.
    """

    entity: Entity
    subject: str
    key: str
    field: str


Key = tuple[str, str, str]
"""Product id, SKU ("" for the product itself), field ("" for all of it).

Of a producer: its id, `OF_PRODUCER`, field."""

OF_PRODUCER: Final = "producer"
"""Stands in the place of a SKU: a producer may have the id of a product."""


@dataclass(frozen=True, slots=True)
class Touch:
    """When a field was changed, in UTC, and by whom.

    Attributes:
        at: When.
        by: By whom.
        is_entered: Somebody of the department entered the value by hand.
    """

    at: datetime
    by: str
    is_entered: bool = False


class Change(Struct, frozen=True):
    """One change.

    Attributes:
        where: Its place.
        before: As it was: a value, or values by column; None if there was none.
        after: The same as the change has left it.
        supersedes: Number in the history of the change of its field before this one, as
            far as that is known (`catalog.db.provenance`).
        touch: When and by whom that was made, if it was asked for.
        erased: Whether values of it are erased: these lack in both.
    """

    where: ChangedField
    before: Any
    after: Any
    supersedes: int | None = None
    touch: Touch | None = None
    erased: bool = False

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        touch = self.touch
        return {
            **self.where._asdict(),
            "before": self.before,
            "after": self.after,
            "changed_before_at": touch.at if touch else None,
            "changed_before_by": touch.by if touch else None,
            "erased": self.erased,
        }


def provenance_key(where: ChangedField) -> Key | None:
    """Return under which key the provenance of a field is kept; None for none."""
    if where.entity is Entity.PRODUCER:
        return where.subject, OF_PRODUCER, where.field
    if where.entity not in (Entity.PRODUCT, Entity.VARIANT):
        return None
    name = "on_hand" if where.field in ("count", "adjustment") else where.field
    return where.subject, where.key, name.replace("label_", "label.")


def sheet_key(where: ChangedField, before: Any, after: Any) -> Key | None:
    """Return the key of a change by a sheet; None for none, as of `provenance_key`.

    A sheet that repeats a count, at another time, is no word about it.
    """
    if where.field == "count" and before["on_hand"] == after["on_hand"]:
        return None
    return provenance_key(where)


def plain(row: Values, columns: Sequence[str]) -> dict[str, Any]:
    """Return values of *columns* as a document holds them."""
    return {name: plain_value(row[name]) for name in columns}


def plain_value(value: Any) -> Any:
    """Return *value* as a document holds it: days and instants in ISO 8601."""
    return value.isoformat() if isinstance(value, date) else value


def value_of(row: Values, columns: Sequence[str]) -> Any:
    """Return the value of a field in *row*, as a change holds it."""
    if len(columns) == 1:
        return plain_value(row[columns[0]])
    return plain(row, columns)


@dataclass(slots=True)
class ChangeLog:
    """The changes of one act or import; of a repeated one, the first and the last.

    Attributes:
        fresh: What is known to be made by the import: of these it is not remembered.
        created: Ids of the other products and producers that were made: later changes
            to any of them are no changes.
    """

    fresh: Container[str] = ()
    created: Marked[str] = field(default_factory=Marked)
    _found: Overflow[tuple[str, ...], tuple[Any, Any]] = field(default_factory=Overflow)

    def note_producer(self, known: Producer | None, maker: Producer) -> None:
        """Note that *known* becomes *maker*."""
        if known is None:
            self._create(Entity.PRODUCER, maker.id, maker.name)
        elif not self._is_created(maker.id):
            whole = ChangedField(Entity.PRODUCER, maker.id, "", WHOLE)
            self._compare(whole, producer_values(known), producer_values(maker))

    def note_product(self, known: Product | None, item: Product) -> None:
        """Note that *known* becomes *item*, with all its parts."""
        if known is None:
            self._create(Entity.PRODUCT, item.id, item.name)
            return
        if self._is_created(item.id):
            return
        whole = ChangedField(Entity.PRODUCT, item.id, "", WHOLE)
        self._compare(whole, product_values(known, 0), product_values(item, 0))
        if known.variants != item.variants:
            self._parts(
                Entity.VARIANT,
                item.id,
                {row["sku"]: row for row in variant_values(known)},
                {row["sku"]: row for row in variant_values(item)},
            )
        if known.papers != item.papers:
            self._parts(
                Entity.PAPER,
                item.id,
                {row["kind"]: row for row in paper_values(known)},
                {row["kind"]: row for row in paper_values(item)},
            )
        if known.certificates != item.certificates:
            self._certificates(known, item)

    def note_naming(
        self, source: str, product_id: str, before: Mapping[str, Any] | None, day: Any
    ) -> None:
        """Note that *source* names a product, or since which *day* it does not."""
        if not self._is_created(product_id):
            where = ChangedField(Entity.NAMING, product_id, source, WHOLE)
            self._note(where, before, {"missing_since": plain_value(day)})

    def note_effect(
        self, product_id: str, key: str, before: Mapping[str, Any] | None, after: Any
    ) -> None:
        """Note the new state of an earlier import's effect."""
        where = ChangedField(Entity.EFFECT, product_id, key, WHOLE)
        self._note(where, before, after)

    def changes(self) -> Iterator[Change]:
        """Yield all that is otherwise than it was."""
        for (entity, *rest), (before, after) in self._found.each():
            if before != after:
                yield Change(ChangedField(Entity(entity), *rest), before, after)

    def forget_changes(self) -> None:
        """Forget the changes so far: they are written down, and none comes again."""
        self._found.clear()

    def _is_created(self, id_: str) -> bool:
        return id_ in self.fresh or id_ in self.created

    def _create(self, entity: Entity, id_: str, name: str) -> None:
        if id_ not in self.fresh:
            self.created.add(id_)
        self._note(ChangedField(entity, id_, "", WHOLE), None, {"name": name})

    def _certificates(self, known: Product, item: Product) -> None:
        rows = certificate_values(known), certificate_values(item)
        for was, now in paired(known.certificates, item.certificates):
            old = None if was is None else rows[0][was]
            new = None if now is None else rows[1][now]
            place = now if was is None else was
            if old and new:
                new = {**new, "n": old["n"]}
            self._part(
                ChangedField(Entity.CERTIFICATE, item.id, str(place), WHOLE), old, new
            )

    def _parts(
        self,
        entity: Entity,
        product_id: str,
        before: Mapping[str, Values],
        after: Mapping[str, Values],
    ) -> None:
        for key in sorted({*before, *after}):
            whole = ChangedField(entity, product_id, key, WHOLE)
            self._part(whole, before.get(key), after.get(key))

    def _part(
        self, whole: ChangedField, before: Values | None, after: Values | None
    ) -> None:
        if before == after:
            return
        is_compared = whole.entity in FIELDS and _plain(whole) not in self._found
        if is_compared and before is not None and after is not None:
            self._compare(whole, before, after)
        else:
            self._note(whole, document_of(before), document_of(after))

    def _compare(self, whole: ChangedField, before: Values, after: Values) -> None:
        for name, columns in FIELDS[whole.entity]:
            if any(before[column] != after[column] for column in columns):
                old, new = value_of(before, columns), value_of(after, columns)
                self._note(whole._replace(field=name), old, new)

    def _note(self, where: ChangedField, before: Any, after: Any) -> None:
        key = _plain(where)
        known = self._found.get(key)
        self._found[key] = (before if known is None else known[0], after)


def same_revocations(item: Product) -> Iterator[Change]:
    """Yield the revocations of a product's certificates, for which a person stands now.

    Nothing changes of them.
    """
    columns = dict(FIELDS[Entity.CERTIFICATE])["revocation"]
    for place, row in enumerate(certificate_values(item)):
        if row["revoked_by"] or row["revoked_on"]:
            where = ChangedField(Entity.CERTIFICATE, item.id, str(place), "revocation")
            value = value_of(row, columns)
            yield Change(where, value, value)


def _plain(where: ChangedField) -> tuple[str, ...]:
    return tuple(map(str, where))


def document_of(row: Values | None) -> dict[str, Any] | None:
    """Return all that a part of a product holds, as a change holds it."""
    if row is None:
        return None
    return plain(row, [name for name in row if name not in _NOT_KEPT | {"kind"}])
