"""Make values of the catalog that are valid by default, one keyword per difference.

By default a product is listed on 1 March 2024 with nothing to remark, and its
certificate ends with 10 May 2026. Everything in it is made up.
"""

from datetime import UTC, date, datetime
from typing import Any, Final

from catalog.model.actor import Actor, ActorKind
from catalog.model.certificate import Certificate
from catalog.model.fact import Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.producer import Address, Producer, ProducerKind
from catalog.model.product import Label, Picture, Product, Variant
from catalog.values import replace
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.testing.memory import InMemoryMarketplace

AT: Final = datetime(2024, 3, 1, 5, tzinfo=UTC)
"""Noon of 1 March 2024 in Vietnam."""

SEEN: Final = Attested(value=Fact.YES, by="Phòng Mẫu", on=date(2024, 1, 15))
NOT_SO: Final = Attested(value=Fact.NO, by="Phòng Mẫu", on=date(2024, 1, 15))

GTIN: Final = "2000000000015"
"""Of the range for use inside a shop, which no maker owns."""


def person(name: str, **differences: Any) -> Actor:
    """Return somebody of that name, signed in to nothing."""
    return Actor(kind=ActorKind.COMMAND_LINE, name=name, **differences)


def make_certificate(**differences: Any) -> Certificate:
    """Return a certificate of 4 stars, granted on 10 May 2023."""
    certificate = Certificate(
        stars=4,
        decision="001/QĐ-MẪU",
        body="tỉnh",
        decided_on=date(2023, 5, 10),
        source="dữ liệu mẫu",
    )
    return replace(certificate, **differences)


def make_paper(
    kind: PaperKind, held: Attested = SEEN, expires_on: date | None = None
) -> Paper:
    """Return a paper, attested as held."""
    return Paper(kind=kind, held=held, expires_on=expires_on)


def make_variant(**differences: Any) -> Variant:
    """Return a pack with 20 on hand at 45,000 đồng."""
    variant = Variant(
        sku="SP-00001-1",
        pack="Gói 500 g",
        price_vnd=45_000,
        on_hand=20,
        counted_at=AT,
        gtin=GTIN,
        weight_g=520,
        net_quantity="500 g",
    )
    return replace(variant, **differences)


def make_producer(**differences: Any) -> Producer:
    """Return a cooperative that consents and is ready for an identity check."""
    address = Address(text="Thôn Mẫu, xã Mẫu, tỉnh Quảng Ninh")
    producer = Producer(
        id="CS-0001",
        name="Cơ sở Mẫu 001",
        kind=ProducerKind.COOPERATIVE,
        certified_address=address,
        address=address,
        consent=SEEN,
        identity_ready=SEEN,
    )
    return replace(producer, **differences)


def make_product(**differences: Any) -> Product:
    """Return a processed vegetable with every paper that it needs."""
    product = Product(
        id="SP-00001",
        name="Măng khô Mẫu",
        producer_id="CS-0001",
        set_code="I.3.c",
        certificates=(make_certificate(),),
        papers=(make_paper(PaperKind.FOOD_SAFETY), make_paper(PaperKind.DECLARATION)),
        label=Label(
            ingredients="Măng tươi",
            origin="Việt Nam",
            dates="NSX và HSD in trên bao bì",
            use_and_storage="Ngâm trước khi nấu; để nơi khô ráo",
            warnings="Không dùng khi có mùi lạ",
        ),
        description="Măng khô để thử phần mềm.",
        pictures=(Picture(url="https://mau.example/1.jpg", shows_ocop_mark=Fact.NO),),
        trace_url="https://qn.check.net.vn/mau/1",
        variants=(make_variant(),),
        source="dữ liệu mẫu",
        revision=1,
    )
    return replace(product, **differences)


def make_mapping(**differences: Any) -> ListingMapping:
    """Return the mapping of the marketplace in memory."""
    return InMemoryMarketplace.mapping.model_copy(update=differences)
