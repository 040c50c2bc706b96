"""Products: the subject of one certification, and the unit that is counted.

Whether a product may be listed is decided in `catalog.eligibility`; the content of its
listing, in `ocop_sync.engine.wanted.draft`.
"""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from catalog.model.certificate import Certificate
from catalog.model.effect import Effect
from catalog.model.fact import Fact
from catalog.model.paper import Paper
from catalog.model.producer import Producer
from catalog.values import compared


class StockPolicy(StrEnum):
    """How a variant's stock is shown on several marketplaces.

    SPLIT shares the available stock, so that the sum never exceeds it. MIRROR shows all
    of it everywhere: only by the producer's choice, as it can oversell.
    """

    SPLIT = "split"
    MIRROR = "mirror"


class Variant(Struct, frozen=True, kw_only=True):
    """A pack of a product.

    Attributes:
        sku: Minted once by the catalog and never reused.
        pack: The pack that a buyer gets, such as "Hộp 500 g".
        price_vnd: Price in đồng, VAT included; None if not known.
        on_hand: Count in the producer's store; None if never counted.
        reserved: How many of them are promised to other buyers.
        buffer: How many are never offered online.
        counted_at: When *on_hand* was counted, in UTC.
        gtin: GS1 number, or "".
        weight_g: Shipping weight in grams, if known.
        net_quantity: The quantity on the label, such as "500 g", or "" if the catalog
            does not hold it.
        sold: How many were sold online since it was counted, as far as was
            heard. It follows from the sales: nobody sets it, and it is no
            difference between two variants.
        adjusted: How many came in, or left otherwise than by online sales, since it was
            counted (`catalog.model.adjustment`); it follows as *sold* does.
    """

    sku: str
    pack: str = ""
    price_vnd: int | None = None
    on_hand: int | None = None
    reserved: int = 0
    buffer: int = 0
    counted_at: datetime | None = None
    gtin: str = ""
    weight_g: int | None = None
    net_quantity: str = ""
    sold: int = 0
    adjusted: int = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Variant):
            return NotImplemented
        return _of_variant(self) == _of_variant(other)

    def __hash__(self) -> int:
        return hash(_of_variant(self))

    @property
    def left(self) -> int:
        """Return how many are in the store, as far as is known; 0 if never counted."""
        if self.on_hand is None:
            return 0
        return max(0, self.on_hand + self.adjusted - self.sold)

    @property
    def available(self) -> int:
        """Return how many may be offered online in all."""
        return max(0, self.left - self.reserved - self.buffer)


_of_variant = compared(Variant, but=("sold", "adjusted"))


class Size(Struct, frozen=True):
    """Width and height of a picture, in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class Picture(Struct, frozen=True, kw_only=True):
    """A picture of a product.

    Attributes:
        url: Its address, https; on this computer, for trials, http as well.
        shows_ocop_mark: Whether the OCOP mark is to be seen on it. Once a
            certificate is known to have ended, unknown counts as yes.
        size: Its size, if known.
    """

    url: str
    shows_ocop_mark: Fact = Fact.UNKNOWN
    size: Size | None = None


class Label(Struct, frozen=True, kw_only=True):
    """The printed label (Decree 43/2017, amended by 111/2021).

    Each field is the label's text, or "" if the catalog does not hold it. The quantity
    of a pack is `Variant.net_quantity`; the one here was given for the product, for an
    unknown pack. The dates are those of making and of keeping.
    """

    net_quantity: str = ""
    ingredients: str = ""
    origin: str = ""
    dates: str = ""
    use_and_storage: str = ""
    warnings: str = ""


_NO_LABEL = Label()


class Product(Struct, frozen=True, kw_only=True):
    """A product with its certificates and all that is known of it.

    Attributes:
        id: Minted once by the catalog, such as "SP-00001"; sent to
            marketplaces as our reference.
        name: Official name, NFC; never changed by this service.
        producer_id: Its producer; None if not known.
        set_code: Outline number of one of the 26 product sets of Decision
            148/QĐ-TTg, such as "I.1.a"; "" if not known.
        ocop_code: Number of the national software, opaque; or "".
        certificates: Its history, in any order.
        papers: The attested papers; a kind that is missing is unknown.
        label: The printed label.
        alcohol_percent: Strength by volume; None if not known.
        description: The producer's text, NFC.
        pictures: The leading picture first.
        trace_url: Traceability page, or "".
        variants: Its packs, sorted by SKU.
        stock_policy: How stock is shown on several marketplaces.
        paused: Its producer has stopped its sale for now.
        source: Where the facts come from: a document or an address.
        not_in_source_since: Day since which imports no longer name it.
        undone_import: Number of the import that has made it, if that was undone
            and no other one has named it since.
        revision: Grows with every change of the product or its producer.
        effects: The effects of imports that take it from buyers. It is kept beside the
            product, and is no difference between two of them.
    """

    id: str
    name: str
    producer_id: str | None = None
    set_code: str = ""
    ocop_code: str = ""
    certificates: tuple[Certificate, ...] = ()
    papers: tuple[Paper, ...] = ()
    label: Label = _NO_LABEL
    alcohol_percent: float | None = None
    description: str = ""
    pictures: tuple[Picture, ...] = ()
    trace_url: str = ""
    variants: tuple[Variant, ...] = ()
    stock_policy: StockPolicy = StockPolicy.SPLIT
    paused: bool = False
    source: str = ""
    not_in_source_since: date | None = None
    undone_import: int | None = None
    revision: int = 0
    effects: tuple[Effect, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Product):
            return NotImplemented
        return _of_product(self) == _of_product(other)

    def __hash__(self) -> int:
        return hash(_of_product(self))


_of_product = compared(Product, but=("effects",))


Entry = tuple[Product, Producer | None]
"""A product and its producer, if that is known: so they are read and written."""
