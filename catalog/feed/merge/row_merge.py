"""The product and the producer that result from one row.

Pure: a row that cannot be taken in raises `RowError`, and nothing has changed.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from catalog.feed.headings.column import COUNT_COLUMNS, Column, ColumnPart
from catalog.feed.identify.code_spelling import fold_code, fold_pack
from catalog.feed.identify.identity import names_producer, own_id
from catalog.feed.identify.pack import find_variant
from catalog.feed.identify.recognition import position_of
from catalog.feed.merge.earlier_rows import Subject, certificate_at
from catalog.feed.merge.merge_values import (
    CountIs,
    merge_producer,
    merge_product,
    merge_variant,
)
from catalog.feed.rows.reading import Given, RowError, fold, names_of
from catalog.feed.write.to_rows import value_in
from catalog.model.producer import Producer
from catalog.model.product import Product, Variant
from catalog.vietnam_time import day_in_vietnam


class Statement(NamedTuple):
    """What a row says of something that was known before it.

    Attributes:
        about: Its subject.
        names: The columns that it gives.
        held: Returns the value before in a column.
    """

    about: Subject
    names: frozenset[str]
    held: Callable[[Column], object]

    @property
    def key(self) -> str:
        """By what the subject is told from all others."""
        owner, part = self.about
        if part.startswith("#"):
            return f"{owner} {part}"
        return part or owner


class RowDraft(Struct, frozen=True, kw_only=True):
    """A row, merged.

    Attributes:
        given: The values of the row that count.
        known: The product as it was; None if it is new.
        known_maker: The producer as it was; None if it is new or not spoken of.
        known_variant: The variant as it was; None if it is new or not spoken of.
        product: The product as it is now, its variants as before; new ones have
            their own id or "".
        maker: The producer as it is now, with its id or ""; None if not spoken of.
        variant: The variant as it is now, with its SKU or ""; None if not
            spoken of.
        count_is: The verdict on the row's count.
        place: Which certificate of *product* the row is about; None for none, and as
            long as its evidence is not settled (`catalog.feed.merge.evidence`).
    """

    given: Given
    known: Product | None
    known_maker: Producer | None
    known_variant: Variant | None
    product: Product
    maker: Producer | None
    variant: Variant | None
    count_is: CountIs
    place: int | None = None

    def statements(self) -> Iterator[Statement]:
        """Return the columns that the row gives for subjects known before it."""
        known, maker, variant = self.known, self.known_maker, self.known_variant
        if maker is not None:
            names = names_of(self.given, ColumnPart.PRODUCER)
            yield Statement(Subject(maker.id), names, _held_by(maker))
        if variant is not None:
            names = names_of(self.given, ColumnPart.VARIANT)
            about = Subject(self.product.id, variant.sku)
            yield Statement(about, names, _held_by(variant))
        if known is None:
            return
        names = names_of(
            self.given, ColumnPart.PRODUCT, ColumnPart.PICTURES, ColumnPart.PAPER
        )
        yield Statement(
            Subject(known.id), names, lambda column: value_in(column, known)
        )
        place = self.known_certificate
        if place is not None:
            names = names_of(self.given, ColumnPart.CERTIFICATE)
            about = Subject(known.id, certificate_at(place))
            yield Statement(about, names, _held_by(known.certificates[place]))

    @property
    def known_certificate(self) -> int | None:
        """Which certificate of *known* the row is about; None for none of them."""
        if self.known is None or not names_of(self.given, ColumnPart.CERTIFICATE):
            return None
        return position_of(self.known.certificates, self.given)


def draft(
    given: Given, known: Product | None, maker: Producer | None, now: datetime
) -> RowDraft:
    """Merge the values of a row into the stored ones.

    Args:
        given: The values of the row.
        known: The product that it is about; None if it is new.
        maker: The producer that it names, or that of *known*; None if unknown.
        now: The present instant.
    """
    given = _of_no_pack(given, known)
    # Also where nothing but its name is given: it makes the product its own.
    speaks_of_maker = bool(names_of(given, ColumnPart.PRODUCER))
    given = _spelled_as_known(given, known, maker)
    product = merge_product(known or _unnamed(given), given, day_in_vietnam(now))
    before = maker if speaks_of_maker else None
    merged = _merge_maker(before, given) if speaks_of_maker else None
    found, variant, count_is = None, None, CountIs.TAKEN
    if names_of(given, ColumnPart.VARIANT):
        found = find_variant(product, given)
        if found is not None and _is_its_pack(found, given):
            given = {name: given[name] for name in given.keys() - {"pack"}}
        fresh = Variant(sku=str(given.get("sku", "")))
        variant, count_is = merge_variant(found or fresh, given, now)
    if count_is is not CountIs.TAKEN:
        given = {name: given[name] for name in given.keys() - COUNT_COLUMNS}
    return RowDraft(
        given=given,
        known=known,
        known_maker=before,
        known_variant=found,
        product=product,
        maker=merged,
        variant=variant,
        count_is=count_is,
    )


def _of_no_pack(given: Given, known: Product | None) -> Given:
    """Return *given* with a net quantity as the product's, if it is of no known pack.

    A row that says nothing else of a pack makes none, and of several it means none.
    """
    packs = 0 if known is None else len(known.variants)
    if packs == 1 or names_of(given, ColumnPart.VARIANT) != {"net_quantity"}:
        return given
    rest = {name: given[name] for name in given.keys() - {"net_quantity"}}
    return {"label_net_quantity": given["net_quantity"], **rest}


def _spelled_as_known(
    given: Given, known: Product | None, maker: Producer | None
) -> Given:
    """Leave out names by which something was found: they may be spelled otherwise.

    Whoever wants to rename gives the id. A code that is the same stays as it is.
    """
    left = dict(given)
    if known is not None and own_id(given) is None:
        name = str(given.get("name", ""))
        if fold(name) == fold(known.name):
            left.pop("name", None)
    code = str(given.get("ocop_code", ""))
    if known is not None and fold_code(code) == fold_code(known.ocop_code):
        left.pop("ocop_code", None)
    if maker is not None and "producer_id" not in given:
        left.pop("producer_name", None)
    return left


def _is_its_pack(variant: Variant, given: Given) -> bool:
    """Say whether a row names the pack as it is, however it is spelled."""
    if "sku" not in given:
        return True
    return fold_pack(str(given.get("pack", ""))) == fold_pack(variant.pack)


def _unnamed(given: Given) -> Product:
    """Return a new product; merging gives it its name."""
    if "name" not in given:
        raise RowError(
            column="name",
            vi="sản phẩm chưa có trong danh mục: hãy ghi tên vào [[name]]",
            en="the product is not in the catalog: write its name in [[name]]",
        )
    return Product(id=own_id(given) or "", name="")


def _merge_maker(maker: Producer | None, given: Given) -> Producer:
    if maker is None and "producer_name" not in given:
        raise RowError(
            column="producer_id" if names_producer(given) else "producer_name",
            vi="cơ sở chưa có trong danh mục: hãy ghi tên vào [[producer_name]]",
            en="the producer is not in the catalog: write its name in"
            " [[producer_name]]",
        )
    fresh = Producer(id=str(given.get("producer_id", "")), name="")
    return merge_producer(maker or fresh, given)


def _held_by(owner: object) -> Callable[[Column], object]:
    return lambda column: column.value_of(owner)
