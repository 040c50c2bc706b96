"""A product, or a producer, as rows in which single values are put back.

Which values go back is decided in `catalog.undo.plan`; values are those of
`catalog.db.field_changes`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Date, Table

from catalog.columns import UtcDateTime
from catalog.db.field_changes import (
    FIELDS,
    WHOLE,
    ChangedField,
    Entity,
    document_of,
    value_of,
)
from catalog.db.from_rows import (
    Parts,
    certificates_of,
    papers_of,
    producer_of,
    products_of,
    variants_of,
)
from catalog.db.tables import DERIVED, certificate, paper, producer, product, variant
from catalog.db.to_rows import (
    Values,
    certificate_values,
    paper_values,
    producer_values,
    product_values,
    variant_values,
)
from catalog.model.producer import Producer
from catalog.model.product import Product, Variant

_TABLES: Final[Mapping[Entity, Table]] = {
    Entity.PRODUCER: producer,
    Entity.PRODUCT: product,
    Entity.VARIANT: variant,
    Entity.CERTIFICATE: certificate,
    Entity.PAPER: paper,
}
_COLUMNS: Final = {entity: dict(fields) for entity, fields in FIELDS.items()}


class ProductRows:
    """The rows of one product."""

    def __init__(self, item: Product) -> None:
        self._item = item
        self._rows: dict[Entity, dict[str, Values]] = {
            Entity.PRODUCT: {"": product_values(item, item.revision)},
            Entity.VARIANT: {row["sku"]: row for row in variant_values(item)},
            Entity.CERTIFICATE: {
                str(row["n"]): row for row in certificate_values(item)
            },
            Entity.PAPER: {row["kind"]: row for row in paper_values(item)},
        }

    def value(self, where: ChangedField) -> Any:
        """Return the value there, as a change holds it; None if there is none."""
        return _value(self._rows[where.entity].get(where.key), where)

    def put(self, where: ChangedField, value: Any) -> None:
        """Put *value* there; None takes a whole part away."""
        rows = self._rows[where.entity]
        if where.field == WHOLE and value is None:
            del rows[where.key]
        elif where.field == WHOLE:
            keys = {"product_id": self._item.id, "kind": where.key}
            rows[where.key] = keys | _typed(where.entity, value)
        else:
            rows[where.key] |= _typed(where.entity, _by_column(where, value))

    @property
    def gone(self) -> tuple[int, ...]:
        """Places of the certificates that were taken away, in order."""
        rest, count = self._rows[Entity.CERTIFICATE], len(self._item.certificates)
        return tuple(n for n in range(count) if str(n) not in rest)

    def product(self) -> Product:
        """Return the product that the rows hold now."""
        item, rows = self._item, self._rows
        since = {each.sku: (each.sold, each.adjusted) for each in item.variants}
        packs = [
            (*_in_order(variant, row), *since[sku])
            for sku, row in rows[Entity.VARIANT].items()
        ]
        history = sorted(rows[Entity.CERTIFICATE].items(), key=lambda row: int(row[0]))
        parts = Parts(
            variants_of(packs),
            certificates_of(_in_order(certificate, row) for _, row in history),
            papers_of(_in_order(paper, row) for row in rows[Entity.PAPER].values()),
            {item.id: item.effects},
        )
        (made,) = products_of([_in_order(product, rows[Entity.PRODUCT][""])], parts)
        return made


class ProducerRow:
    """The row of one producer."""

    def __init__(self, maker: Producer) -> None:
        self._row = producer_values(maker)

    def value(self, where: ChangedField) -> Any:
        """Return the value there, as a change holds it."""
        return _value(self._row, where)

    def put(self, where: ChangedField, value: Any) -> None:
        """Put *value* there."""
        self._row |= _typed(where.entity, _by_column(where, value))

    def producer(self) -> Producer:
        """Return the producer that the row holds now."""
        return producer_of(_in_order(producer, self._row))


def fresh_pack(item: Product, sku: str) -> Values:
    """Return the row of a pack of which nothing is known."""
    (row,) = variant_values(Product(id=item.id, name="", variants=(Variant(sku=sku),)))
    return row


def columns_of(where: ChangedField) -> tuple[str, ...]:
    """Return the columns of a field."""
    return _COLUMNS[where.entity][where.field]


def _value(row: Values | None, where: ChangedField) -> Any:
    if row is None:
        return None
    if where.field == WHOLE:
        return document_of(row)
    return value_of(row, columns_of(where))


def _by_column(where: ChangedField, value: Any) -> Mapping[str, Any]:
    columns = columns_of(where)
    return {columns[0]: value} if len(columns) == 1 else value


def _typed(entity: Entity, values: Mapping[str, Any]) -> Values:
    table = _TABLES[entity]
    return {name: _read(table, name, value) for name, value in values.items()}


def _read(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is not None and isinstance(kind, Date):
        return date.fromisoformat(value)
    if value is not None and isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return value


def _in_order(table: Table, row: Values) -> tuple[Any, ...]:
    return tuple(row.get(c.name) for c in table.c if c.name not in DERIVED)
