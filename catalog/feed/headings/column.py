"""The columns of a feed: name, value and place in the catalog of each.

This is the one list that reading, merging and writing share. A column that is
missing, or whose cell is empty, leaves the value as it is. A plain field of a product
or a pack that is not named here has a column of its own name.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any

from catalog.feed.cells import addresses, cell
from catalog.feed.cells.amounts import COUNT, GRAMS, PRICE
from catalog.feed.cells.cell import Reader
from catalog.model.certificate import Evidence, YearMeans
from catalog.model.paper import PaperKind
from catalog.model.product import Product, StockPolicy, Variant
from catalog.values import types_of


class ColumnPart(StrEnum):
    """The subject of a column."""

    IDENTITY = "identity"
    PRODUCT = "product"
    PICTURES = "pictures"
    PRODUCER = "producer"
    CERTIFICATE = "certificate"
    VARIANT = "variant"
    PAPER = "paper"
    ABSENCE = "absence"
    ANSWER = "answer"
    """A person's word on the row; the catalog does not hold it."""


class DecisionIs(StrEnum):
    """A person's answer on a row that is nearly about a known decision."""

    CORRECTION = "correction"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its name in the header.
        part: The part of the catalog that it belongs to.
        path: The attribute that it holds, such as "address.text".
        read: How its cells are read.
        paper: Kind of the paper, for columns of papers.
    """

    name: str
    part: ColumnPart
    path: str
    read: Reader
    paper: PaperKind | None = None
    _get: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_get", attrgetter(self.path))

    def value_of(self, owner: object) -> object:
        """Return the value of *owner* (a product, a variant, ...) in this column."""
        return self._get(owner)


_NAME = cell.text(300)
_WHO = cell.text(200)
_PLACE = cell.text(500)
_LABEL = cell.lines(5_000)
_DOCUMENT = cell.text(100)
_SOURCE = cell.text(500)
_COUNT = cell.amount(0, 1_000_000_000, COUNT, "120")
_PRICE = cell.amount(1, 9_999_999_999, PRICE, "150000, 150.000đ, 150k")
_WEIGHT = cell.amount(1, 10_000_000, GRAMS, "500, 0,5 kg")


_PLAIN: dict[Any, Reader] = {
    str: cell.text(500),
    int | None: cell.integer(0, 1_000_000_000),
}
"""Reads the cells of a plain field, by the field's type."""


def _attested(name: str) -> tuple[Column, ...]:
    return (
        Column(name, ColumnPart.PRODUCER, f"{name}.value", cell.fact),
        Column(f"{name}_by", ColumnPart.PRODUCER, f"{name}.by", _WHO),
        Column(f"{name}_on", ColumnPart.PRODUCER, f"{name}.on", cell.day),
    )


def _paper(kind: PaperKind) -> tuple[Column, ...]:
    name = kind.value
    return (
        Column(name, ColumnPart.PAPER, "held.value", cell.fact, kind),
        Column(f"{name}_by", ColumnPart.PAPER, "held.by", _WHO, kind),
        Column(f"{name}_on", ColumnPart.PAPER, "held.on", cell.day, kind),
        Column(f"{name}_number", ColumnPart.PAPER, "number", _DOCUMENT, kind),
        Column(f"{name}_issued_on", ColumnPart.PAPER, "issued_on", cell.day, kind),
        Column(f"{name}_expires_on", ColumnPart.PAPER, "expires_on", cell.day, kind),
    )


# New ids are minted as SP-00001 and CS-0001. A catalog that came with ids of its own
# keeps another prefix; it never meets those given out here.
_PRODUCT_ID = cell.identifier(r"SP-[0-9]{5,9}|(?!SP-)[A-Z]{2,4}-[0-9]{2,9}", "SP-00001")
_SKU = cell.identifier(r"[A-Z]{2,4}-[0-9]{2,9}-[1-9][0-9]{0,3}", "SP-00001-1")
_PRODUCER_ID = cell.identifier(
    r"CS-[0-9]{4,9}|(?!CS-)[A-Z]{2,4}(-[A-Z]{2,4})?-[0-9]{2,9}", "CS-0001"
)

_IDENTITY = (
    Column("product_id", ColumnPart.IDENTITY, "id", _PRODUCT_ID),
    Column("sku", ColumnPart.VARIANT, "sku", _SKU),
    Column("ocop_code", ColumnPart.PRODUCT, "ocop_code", _DOCUMENT),
    Column("name", ColumnPart.PRODUCT, "name", _NAME),
    Column("set_code", ColumnPart.PRODUCT, "set_code", cell.product_set),
)
_PRODUCER = (
    Column("producer_id", ColumnPart.PRODUCER, "id", _PRODUCER_ID),
    Column("producer_name", ColumnPart.PRODUCER, "name", _NAME),
    Column("producer_kind", ColumnPart.PRODUCER, "kind", cell.kind),
    Column("certified_address", ColumnPart.PRODUCER, "certified_address.text", _PLACE),
    Column(
        "certified_old_commune_code",
        ColumnPart.PRODUCER,
        "certified_address.old_commune_code",
        cell.commune_code,
    ),
    Column(
        "certified_commune_code",
        ColumnPart.PRODUCER,
        "certified_address.commune_code",
        cell.commune_code,
    ),
    Column("address", ColumnPart.PRODUCER, "address.text", _PLACE),
    Column(
        "old_commune_code",
        ColumnPart.PRODUCER,
        "address.old_commune_code",
        cell.commune_code,
    ),
    Column(
        "commune_code", ColumnPart.PRODUCER, "address.commune_code", cell.commune_code
    ),
    *_attested("consent"),
    *_attested("identity_ready"),
)
_CERTIFICATE = (
    Column("stars", ColumnPart.CERTIFICATE, "stars", cell.stars),
    Column(
        "evidence",
        ColumnPart.CERTIFICATE,
        "evidence",
        cell.choice(Evidence, "quyết định", "tin công bố"),
    ),
    Column("decision", ColumnPart.CERTIFICATE, "decision", cell.decision),
    Column("body", ColumnPart.CERTIFICATE, "body", cell.body),
    Column("decided_on", ColumnPart.CERTIFICATE, "decided_on", cell.day),
    Column("year", ColumnPart.CERTIFICATE, "year", cell.integer(2000, 2100)),
    Column(
        "year_means",
        ColumnPart.CERTIFICATE,
        "year_means",
        cell.choice(YearMeans, "năm công nhận", "năm đang giữ"),
    ),
    Column("revoked_by", ColumnPart.CERTIFICATE, "revoked_by", cell.decision),
    Column("revoked_on", ColumnPart.CERTIFICATE, "revoked_on", cell.day),
    Column(
        "revocation_proposed", ColumnPart.CERTIFICATE, "revocation_proposed", cell.flag
    ),
    Column("potential_5", ColumnPart.CERTIFICATE, "potential_5", cell.flag),
    Column("certificate_source", ColumnPart.CERTIFICATE, "source", _SOURCE),
    Column("voided_by", ColumnPart.CERTIFICATE, "voided_by", _WHO),
    Column("voided_on", ColumnPart.CERTIFICATE, "voided_on", cell.day),
    Column("void_reason", ColumnPart.CERTIFICATE, "void_reason", _SOURCE),
    Column(
        "decision_is",
        ColumnPart.ANSWER,
        "decision_is",
        cell.choice(DecisionIs, "đính chính", "mới"),
    ),
)
_VARIANT = (
    Column("pack", ColumnPart.VARIANT, "pack", cell.text(200)),
    Column("price_vnd", ColumnPart.VARIANT, "price_vnd", _PRICE),
    Column("on_hand", ColumnPart.VARIANT, "on_hand", _COUNT),
    Column("reserved", ColumnPart.VARIANT, "reserved", _COUNT),
    Column("buffer", ColumnPart.VARIANT, "buffer", _COUNT),
    Column("counted_at", ColumnPart.VARIANT, "counted_at", cell.instant),
    Column("gtin", ColumnPart.VARIANT, "gtin", cell.gtin),
    Column("weight_g", ColumnPart.VARIANT, "weight_g", _WEIGHT),
    Column("net_quantity", ColumnPart.VARIANT, "net_quantity", _LABEL),
)
_PRODUCT = (
    Column("label_net_quantity", ColumnPart.PRODUCT, "label.net_quantity", _LABEL),
    Column("ingredients", ColumnPart.PRODUCT, "label.ingredients", _LABEL),
    Column("origin", ColumnPart.PRODUCT, "label.origin", _LABEL),
    Column("dates", ColumnPart.PRODUCT, "label.dates", _LABEL),
    Column("use_and_storage", ColumnPart.PRODUCT, "label.use_and_storage", _LABEL),
    Column("warnings", ColumnPart.PRODUCT, "label.warnings", _LABEL),
    Column("alcohol_percent", ColumnPart.PRODUCT, "alcohol_percent", cell.percent),
    Column("description", ColumnPart.PRODUCT, "description", cell.lines(20_000)),
    Column("pictures", ColumnPart.PICTURES, "url", addresses.urls),
    Column("pictures_show_mark", ColumnPart.PICTURES, "shows_ocop_mark", cell.facts),
    Column("pictures_px", ColumnPart.PICTURES, "size", addresses.sizes),
    Column(
        "trace_url", ColumnPart.PRODUCT, "trace_url", addresses.url("https", "http")
    ),
    Column(
        "stock_policy",
        ColumnPart.PRODUCT,
        "stock_policy",
        cell.choice(StockPolicy, "chia ra", "giống nhau"),
    ),
    Column("paused", ColumnPart.PRODUCT, "paused", cell.flag),
    Column("source", ColumnPart.PRODUCT, "source", _SOURCE),
    Column("not_in_source_since", ColumnPart.ABSENCE, "not_in_source_since", cell.day),
)

_NAMED = (*_IDENTITY, *_VARIANT, *_PRODUCT)


def _plain(part: ColumnPart, value: Any, *, but: Collection[str]) -> list[Column]:
    """Return the columns of the plain fields of *value* that none is named for."""
    told = {*but, *(column.path for column in _NAMED)}
    return [
        Column(name, part, name, _PLAIN[kind])
        for name, kind in types_of(value).items()
        if kind in _PLAIN and name not in told
    ]


COLUMNS = {
    column.name: column
    for column in (
        *_IDENTITY,
        *_PRODUCER,
        *_CERTIFICATE,
        *_VARIANT,
        *_plain(ColumnPart.VARIANT, Variant, but=()),
        *(column for kind in PaperKind for column in _paper(kind)),
        *_PRODUCT,
        *_plain(ColumnPart.PRODUCT, Product, but={"producer_id", "undone_import"}),
    )
}
"""All columns by name, in the order in which they are written."""

IDENTIFYING = frozenset({"product_id", "sku", "ocop_code", "name"})
"""Columns by which a product can be found; a feed has at least one."""

COUNT_COLUMNS = frozenset({"on_hand", "reserved", "counted_at"})
"""Columns of one count, which are taken or ignored together."""

DAYS = frozenset(name for name, column in COLUMNS.items() if column.read is cell.day)
"""Columns that hold a day."""
