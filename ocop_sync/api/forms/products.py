"""The forms of products, packs and their states in the API.

A field is called as the column of a sheet is. Nobody's contacts stand in them.
"""

from typing import Annotated, Any, Final

from pydantic import Field, create_model

from catalog.commands.edit_text import OFFICIAL, PACK_TEXTS, PRODUCT_TEXTS
from catalog.feed.cells.cell import show
from catalog.model.certificate import Certificate
from catalog.model.product import Entry, StockPolicy, Variant
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Count, Date, Instant, Model, Text
from ocop_sync.engine.reasons.for_producer import Doer
from ocop_sync.service.producer.why import ProductStates, SaleState

Sku = Annotated[
    str, Field(min_length=1, max_length=48, pattern=r"^[^\x00-\x20\x7f/]+$")
]
"""The code of a pack."""


def _texts(name: str, words: str, names: Any) -> type[Model]:
    fields: dict[str, Any] = dict.fromkeys(names, (Text, ""))
    return create_model(name, __base__=Model, __doc__=words, **fields)


ProductTexts: Final = _texts(
    "ProductTexts", "Texts of a product that its producer edits.", PRODUCT_TEXTS
)
PackTexts: Final = _texts(
    "PackTexts", "Texts and weights of a pack that its producer edits.", PACK_TEXTS
)

OfficialValues: Final = _texts(
    "OfficialValues", "Values of a product that the department alone edits.", OFFICIAL
)


class ProducerForm(Model):
    """Who makes a product, without contacts."""

    id: str
    """Its code."""
    name: str
    """Its name."""
    kind: str
    """Legal form: DN, HTX, THT, HO, or empty if not known."""


class CertificateForm(Model):
    """A certificate; the department alone changes it."""

    stars: int | None
    """1 to 5; null if not stated."""
    decision: str
    """The number of the decision."""
    decided_on: Date | None
    """The day of the decision."""
    year: int | None
    """Its year, where no more is known."""
    is_revoked: bool
    """A decision has revoked it."""
    is_voided: bool
    """It was entered by mistake, and does not count."""


class PackForm(Model):
    """A pack, with its price and stock."""

    sku: str
    """Its code."""
    revision: int
    """The revision of its product."""
    price_vnd: int | None
    """The price in đồng, VAT included; null if not known."""
    on_hand: int | None
    """The last count; null if it was never counted."""
    counted_at: Instant | None
    """When that was."""
    left: Count
    """What is left since: after sales and adjustments."""
    reserved: Count
    """How many of them are promised to other buyers."""
    available: Count
    """How many may be ordered online, at all marketplaces together."""
    texts: dict[str, str]
    """Its texts and weights, by the names by which they are edited."""


class ProductForm(Model):
    """A product."""

    id: str
    """Its code."""
    revision: int
    """It grows with every change."""
    name: str
    """The official name; the department alone changes it."""
    producer: ProducerForm | None
    """Who makes it; null if not known."""
    set_code: str
    """The product set of Decision 148/QĐ-TTg, such as "I.1.a"."""
    ocop_code: str
    """The number of the national software, or empty."""
    certificates: tuple[CertificateForm, ...]
    """Its certificates."""
    official: dict[str, str]
    """Values that the department alone edits, by the names by which it does."""
    texts: dict[str, str]
    """Its texts, by the names by which they are edited."""
    pictures: tuple[str, ...]
    """Addresses of its pictures, the leading one first."""
    packs: tuple[PackForm, ...]
    """Its packs, by code."""
    stock_policy: StockPolicy
    """`split` shares the stock among marketplaces; `mirror` can oversell."""
    paused: bool
    """Its producer has stopped the sale for now."""


class ReasonForm(Model):
    """Why a product is not simply on sale."""

    code: str
    """The rule, hold or wait; it never changes."""
    outcome: str
    """Its effect, such as "block", "hold", "wait" or "warn"."""
    known: bool
    """False if a fact is missing."""
    who: Doer
    """Who is to act."""
    seen: WordsForm
    """The finding."""
    todo: WordsForm
    """The advice."""


class SaidForm(Model):
    """A marketplace's own words on what it refuses."""

    code: str
    """Its code."""
    field: str
    """The field that it names, or empty."""
    message: str
    """Its words."""


class StateForm(Model):
    """How a product stands at a marketplace."""

    marketplace: str
    """The name of the marketplace."""
    simulated: bool
    """It is a mock: nothing there is really sold."""
    state: SaleState
    """How the product stands there."""
    said: tuple[SaidForm, ...]
    """The marketplace's own words, where it has refused something."""
    reasons: tuple[ReasonForm, ...]
    """Every reason, the strongest first."""


class WhyForm(Model):
    """How a product stands at every marketplace, and why."""

    as_of: Instant
    """The instant of all that."""
    product: str
    """The code of the product."""
    name: str
    """Its name."""
    revision: int
    """Its revision."""
    simulated: bool
    """One of the marketplaces is a mock."""
    marketplaces: tuple[StateForm, ...]
    """One for each, by name."""


def product_form(entry: Entry) -> ProductForm:
    """Return a product as the API shows it."""
    product, maker = entry
    return ProductForm(
        id=product.id,
        revision=product.revision,
        name=product.name,
        producer=None
        if maker is None
        else ProducerForm(id=maker.id, name=maker.name, kind=maker.kind.value),
        set_code=product.set_code,
        ocop_code=product.ocop_code,
        certificates=tuple(map(_certificate, product.certificates)),
        official={name: show(c.value_of(product)) for name, c in OFFICIAL.items()},
        texts={name: show(c.value_of(product)) for name, c in PRODUCT_TEXTS.items()},
        pictures=tuple(each.url for each in product.pictures),
        packs=tuple(pack_form(each, product.revision) for each in product.variants),
        stock_policy=product.stock_policy,
        paused=product.paused,
    )


def pack_form(pack: Variant, revision: int) -> PackForm:
    """Return a pack as the API shows it."""
    return PackForm(
        sku=pack.sku,
        revision=revision,
        price_vnd=pack.price_vnd,
        on_hand=pack.on_hand,
        counted_at=pack.counted_at,
        left=pack.left,
        reserved=pack.reserved,
        available=pack.available,
        texts={name: show(c.value_of(pack)) for name, c in PACK_TEXTS.items()},
    )


def _certificate(known: Certificate) -> CertificateForm:
    return CertificateForm(
        stars=known.stars,
        decision=known.decision,
        decided_on=known.decided_on,
        year=known.year,
        is_revoked=bool(known.revoked_by) or known.revoked_on is not None,
        is_voided=known.voided,
    )


def why_form(found: ProductStates) -> WhyForm:
    """Return where a product is on sale, and why not, as the API shows it."""
    states = tuple(
        StateForm(
            marketplace=there.marketplace,
            simulated=there.simulated,
            state=there.state,
            said=tuple(
                SaidForm(code=each.code, field=each.field, message=each.message)
                for each in there.said
            ),
            reasons=tuple(
                ReasonForm(
                    code=each.code,
                    outcome=each.outcome,
                    known=each.known,
                    who=each.who,
                    seen=words_form(each.seen),
                    todo=words_form(each.todo),
                )
                for each in there.reasons
            ),
        )
        for there in found.marketplaces
    )
    return WhyForm(
        as_of=found.as_of,
        product=found.product_id,
        name=found.name,
        revision=found.revision,
        simulated=any(each.simulated for each in states),
        marketplaces=states,
    )
