"""Turn entries into rows of a feed, without loss.

A row for each variant, the product's and producer's columns repeated. Each row
carries one certificate of the history at most; where there are more
certificates than variants, further rows follow. Nothing known is an empty
cell, which an import leaves as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from catalog.feed.headings.cell_commands import called_right, quoted
from catalog.feed.headings.column import COLUMNS, Column, ColumnPart, DecisionIs
from catalog.feed.identify.recognition import ANSWER, needs_answer
from catalog.model.certificate import Certificate
from catalog.model.fact import UNATTESTED
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product, Variant
from catalog.names.legal_form import contradicts

_OWN_PARTS = {
    ColumnPart.IDENTITY,
    ColumnPart.PRODUCT,
    ColumnPart.PICTURES,
    ColumnPart.PAPER,
    ColumnPart.ABSENCE,
}
_OWN = [column for column in COLUMNS.values() if column.part in _OWN_PARTS]
_PRODUCER = [
    column for column in COLUMNS.values() if column.part is ColumnPart.PRODUCER
]
_VARIANT = [column for column in COLUMNS.values() if column.part is ColumnPart.VARIANT]
_CERTIFICATE = [
    column for column in COLUMNS.values() if column.part is ColumnPart.CERTIFICATE
]


def rows_of(entries: Iterable[Entry]) -> Iterator[dict[str, object]]:
    """Return the rows of *entries*: values by column, empty ones left out."""
    for product, producer in entries:
        repeated = {**_own(product), **_producers(product, producer)}
        for n, (variant, certificate) in enumerate(_pairs(product)):
            yield {
                **repeated,
                **_values(_VARIANT, variant),
                **_recognition(certificate),
                **_answer(product.certificates, n),
            }


def _pairs(product: Product) -> list[tuple[Variant | None, Certificate | None]]:
    if not product.variants and not product.certificates:
        return [(None, None)]
    return list(zip_longest(product.variants, product.certificates))


def _recognition(certificate: Certificate | None) -> dict[str, object]:
    """Return the values of a certificate.

    Where part of its decision lacks, its evidence is not said: whoever fills in
    the rest has the decision.
    """
    values = _values(_CERTIFICATE, certificate)
    if certificate is not None and certificate.lacks:
        del values["evidence"]
    return values


def _answer(history: Sequence[Certificate], n: int) -> dict[str, object]:
    """Return the answer to an import's question on a certificate: it is a new one."""
    asked = n < len(history) > 1 and needs_answer(history, n)
    return {ANSWER: DecisionIs.NEW} if asked else {}


def _own(product: Product) -> dict[str, object]:
    values = {column.name: value_in(column, product) for column in _OWN}
    return {name: quoted(value) for name, value in values.items() if _is_known(value)}


def _producers(product: Product, producer: Producer | None) -> dict[str, object]:
    if producer is None:
        return {"producer_id": product.producer_id} if product.producer_id else {}
    said = [
        column
        for column in _PRODUCER
        if getattr(producer, column.path.partition(".")[0]) != UNATTESTED
    ]
    values = _values(said, producer)
    if contradicts(producer.name, producer.kind):
        values["producer_kind"] = called_right(producer.kind)  # else it is asked
    return values


def _values(columns: Iterable[Column], owner: object) -> dict[str, object]:
    if owner is None:
        return {}
    values = {column.name: column.value_of(owner) for column in columns}
    return {name: quoted(value) for name, value in values.items() if _is_known(value)}


def _is_known(value: object) -> bool:
    if isinstance(value, tuple):
        return any(each is not None for each in value)
    return value is not None and value is not False and value != ""


def value_in(column: Column, product: Product) -> object:
    """Return the value of *product* in a column of its own, pictures or papers."""
    if column.part is ColumnPart.PICTURES:
        return tuple(column.value_of(each) for each in product.pictures)
    if column.paper is not None:
        for each in product.papers:
            if each.kind is column.paper:
                return column.value_of(each)
        return None
    return column.value_of(product)
