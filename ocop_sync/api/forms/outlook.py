"""What is ahead of coverage, and what should not be there, as it is shown."""

from catalog.queries.worklists import Ending
from ocop_sync.api.forms.coverage import ApartForm, address
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Date, Instant, Model, Page
from ocop_sync.engine.figure_words import DROPS_OUT, ENDS
from ocop_sync.service.queries.coverage_outlook import (
    ClaimsEnded,
    DropsOut,
    EndsComing,
    Outlook,
)


class EndForm(Model):
    """A certificate that ends soon."""

    ends_on: Date
    """Its last day in Vietnam."""
    days_left: int
    """Days until then; 0 on the last day."""
    notify_by: Date
    """The last day on which its producer is told in time."""
    late: bool
    """That day has passed."""
    product: str
    """The product's code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    skus: tuple[str, ...]
    """The codes of its packs."""
    stars: int
    """The stars."""
    decision: str
    """Number of the decision, or empty."""


class WithinForm(Model):
    """How many certificates end soon."""

    days: int
    """Within so many days."""
    value: int
    """How many."""


class EndsForm(Model):
    """How many certificates end soon; the list of them stands beside."""

    as_of: Instant
    """The instant of all that."""
    simulated: bool
    """A marketplace is a mock."""
    within: tuple[WithinForm, ...]
    """How many end within 30, 60 and 90 days."""
    definition: WordsForm
    """What is counted."""
    faulty: tuple[str, ...]
    """Codes of products that could not be evaluated."""


class EndsPage(EndsForm, Page[EndForm]):
    """A page of ends, and how many there are in all."""


class DropsOutForm(Model):
    """A product that is listable now and will not be so."""

    product: str
    """Its code."""
    name: str
    """Its name."""
    producer: str
    """Its producer's name, or empty."""
    later: str
    """How it is counted then."""
    rule: str | None
    """The rule that decides then."""
    on_sale_at: tuple[str, ...]
    """The marketplaces where it is on sale now."""


class OutlookForm(Model):
    """The catalog at the end of a day ahead; who drops out stands beside."""

    as_of: Date
    """The day in Vietnam."""
    at: Instant
    """Its last instant."""
    simulated: bool
    """A marketplace is a mock."""
    definition: WordsForm
    """Which products drop out."""
    now: dict[str, int]
    """How many products are counted how now."""
    then: dict[str, int]
    """The same of that day."""
    drops_out_count: int
    """How many drop out."""
    faulty: tuple[str, ...]
    """Codes of products that could not be evaluated."""


class DropsOutPage(OutlookForm, Page[DropsOutForm]):
    """A page of products that drop out, and how many there are in all."""


class ClaimShownForm(Model):
    """A listing on sale that claims OCOP with nothing behind it any more."""

    marketplace: str
    """Name of the marketplace."""
    product: str
    """The product's code."""
    ends_on: str
    """ISO day on which the claim ended, or empty."""
    stars: int
    """The stars that it shows; 0 if only its text claims."""


class ClaimsEndedForm(Model):
    """All listings on sale with a claim that has ended."""

    simulated: bool
    """A marketplace is a mock."""
    listings: tuple[ClaimShownForm, ...]
    """By marketplace and product; there should be none."""


class ClaimsPage(ClaimsEndedForm):
    """A page of the listings on sale with a claim that has ended."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""


def end_form(each: Ending) -> EndForm:
    """Return a certificate that ends, as it is shown."""
    return EndForm(
        ends_on=each.ends_on,
        days_left=each.days_left,
        notify_by=each.notify_by,
        late=each.late,
        product=each.product_id,
        name=each.product,
        producer=each.producer,
        skus=each.skus,
        stars=each.stars,
        decision=each.decision,
    )


def ends_form(found: EndsComing) -> EndsForm:
    """Return how many certificates end soon, as it is shown."""
    return EndsForm(
        as_of=found.as_of,
        simulated=found.simulated,
        within=tuple(
            WithinForm(days=days, value=value) for days, value in found.within.items()
        ),
        definition=words_form(ENDS),
        faulty=tuple(found.faulty),
    )


def drops_out_form(each: DropsOut) -> DropsOutForm:
    """Return a product that drops out, as it is shown."""
    return DropsOutForm(
        product=each.product_id,
        name=each.name,
        producer=each.producer,
        later=each.later,
        rule=each.rule or None,
        on_sale_at=each.on_sale_at,
    )


def outlook_form(found: Outlook) -> OutlookForm:
    """Return the catalog of a day ahead, as it is shown."""
    return OutlookForm(
        as_of=found.as_of,
        at=found.at,
        simulated=found.simulated,
        definition=words_form(DROPS_OUT),
        now=dict(found.now),
        then=dict(found.then),
        drops_out_count=len(found.drops_out),
        faulty=tuple(found.faulty),
    )


def drop_count_form(found: Outlook) -> ApartForm:
    """Return how many drop out, beside the figures of now."""
    return ApartForm(
        value=len(found.drops_out),
        definition=words_form(DROPS_OUT),
        list=address("drops-out", {"as_of": found.as_of.isoformat()}),
    )


def claims_form(found: ClaimsEnded) -> ClaimsEndedForm:
    """Return the listings with a claim that has ended, as they are shown."""
    return ClaimsEndedForm(
        simulated=found.simulated,
        listings=tuple(
            ClaimShownForm(
                marketplace=each.marketplace,
                product=each.product_id,
                ends_on=each.ends_on,
                stars=each.stars,
            )
            for each in found.listings
        ),
    )
