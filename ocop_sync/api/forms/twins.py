"""Possible twins of our listings, and doubles of ours, as they are shown."""

from ocop_sync.api.typed.values import Count, Model, Page
from ocop_sync.service.queries.twins import AllTwins, Doubled, NamedRow, Offer
from ocop_sync.store.decisions.possible_twins import TwinRow


class TwinForm(Model):
    """A listing at a marketplace that may be our product."""

    id: int
    """Its number."""
    marketplace: str
    """Where."""
    product_id: str
    """The code of our product."""
    account: str
    """At which account."""
    ref: str
    """The marketplace's own identifier of that listing."""
    agrees_on: tuple[str, ...]
    """What both share: SKU, GTIN, our reference, name, producer, pack."""
    score: Count
    """How alike they are by their names, 0 to 100."""
    title: str
    """The listing's title there."""
    seller_name: str
    """The listing's seller there."""
    state: str
    """"open", "adopted", "other", or "closed": another was adopted."""
    client_ref: str
    """The reference that the listing carries, or empty."""
    product_name: str
    """The name of our product; empty where the catalog has none."""
    producer_name: str
    """The name of its producer, or empty."""


class ShownStockForm(Model):
    """One of several listings of a product."""

    ref: str
    """The marketplace's own identifier; "account/ref" at another account."""
    stock: int | None
    """How many it offers; null if that is not known."""


class DoubledForm(Model):
    """A product with several listings of ours."""

    number: int
    """Its number among the drift."""
    marketplace: str
    """Where."""
    account: str
    """At which account."""
    product_id: str
    """The product's code."""
    stays: ShownStockForm
    """The one that stays: proposed, or chosen."""
    others: tuple[ShownStockForm, ...]
    """The others."""
    kept_by: str
    """Who has chosen, or empty."""
    product_name: str
    """The product's name; empty where the catalog has none."""
    producer_name: str
    """The name of its producer, or empty."""


class TwinsHeadForm(Model):
    """The doubles, and the whole of a list of twins."""

    simulated: bool
    """A marketplace is a mock."""
    doubled: tuple[DoubledForm, ...]
    """Products with several listings of ours, by number."""


class TwinsPage(TwinsHeadForm, Page[TwinForm]):
    """A page of possible twins, the likeliest of each product first."""


class DecidedTwinForm(Model):
    """A twin that a person has decided on."""

    id: int
    """Its number."""
    product_id: str
    """The code of our product."""
    account: str
    """At which account."""
    ref: str
    """The marketplace's own identifier of that listing."""
    state: str
    """The decision: "adopted" or "other"."""


def twin_form(found: NamedRow[TwinRow]) -> TwinForm:
    """Return a possible twin as it is shown."""
    row = found.row
    return TwinForm(
        id=row.id,
        marketplace=row.marketplace,
        product_id=row.product_id,
        account=row.account,
        ref=row.ref,
        agrees_on=row.agrees_on,
        score=row.score,
        title=row.title,
        seller_name=row.seller_name,
        state=row.state,
        client_ref=row.client_ref,
        product_name=found.product_name,
        producer_name=found.producer_name,
    )


def twins_head_form(found: AllTwins) -> TwinsHeadForm:
    """Return the doubles as they are shown."""
    return TwinsHeadForm(
        simulated=found.simulated, doubled=tuple(map(_doubled, found.doubled))
    )


def decided_twin_form(row: TwinRow) -> DecidedTwinForm:
    """Return a decision on a twin as it is shown."""
    return DecidedTwinForm(
        id=row.id,
        product_id=row.product_id,
        account=row.account,
        ref=row.ref,
        state=row.state,
    )


def _doubled(found: NamedRow[Doubled]) -> DoubledForm:
    row = found.row
    return DoubledForm(
        number=row.number,
        marketplace=row.marketplace,
        account=row.account,
        product_id=row.product_id,
        stays=_offer(row.stays),
        others=tuple(map(_offer, row.others)),
        kept_by=row.kept_by,
        product_name=found.product_name,
        producer_name=found.producer_name,
    )


def _offer(offer: Offer) -> ShownStockForm:
    return ShownStockForm(ref=offer.ref, stock=offer.stock)
