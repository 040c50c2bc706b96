"""How everything stands, as it is shown: what is on sale, and what is wrong."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, Literal

from ocop_sync.api.forms.accounts import AccountForm, account_form
from ocop_sync.api.forms.held import OverdueForm, overdue_form
from ocop_sync.api.forms.read_ages import ReadAgeForm, read_age_forms
from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.service.queries.account_status import oldest_count, oldest_read
from ocop_sync.service.queries.monitor import Alarm, AlarmCode, Health, Level
from ocop_sync.service.queries.status import Status
from ocop_sync.service.queries.unreadable import AllUnreadable
from ocop_sync.service.run.heartbeat import Trouble, Verdict
from ocop_sync.store.decisions.possible_twins import Unlike
from ocop_sync.store.listings.coverage import Coverage
from ocop_sync.store.listings.unreadable import UnreadableListing
from ocop_sync.store.runs.heartbeats import Doing


class MarketplaceFiguresForm(Model):
    """How many products are on sale at a marketplace, and of how many."""

    simulated: bool
    """It is a mock."""
    share: float | None
    """Listed of certified, to four places; null where none is certified."""
    certified: Count
    """Listable and blocked ones."""
    listable: Count
    """The sum of the next six."""
    listed: Count
    """On sale, as a read of the last two days has shown."""
    unconfirmed: Count
    """On sale or sent, and not read back lately."""
    in_review: Count
    """The marketplace reviews them."""
    refused: Count
    """The marketplace has refused them."""
    held: Count
    """They wait for a person."""
    pending: Count
    """None of these."""
    out_of_stock: Count
    """Listed ones of which nothing is left."""
    validity_unknown: Count
    """Nobody knows whether their certificate is valid."""
    live: Count
    """On sale as far as is known, whatever they are counted as."""
    live_not_listable: Count
    """Those of them that are not listable."""
    blocked: dict[str, Count]
    """How many each rule blocks, by its code."""
    foreign: Count
    """Listings of others."""


class UnreadableListingForm(Model):
    """A listing that nobody could read."""

    marketplace: str
    """Where."""
    account: str
    """At which account."""
    product: str
    """Of which product."""
    ref: str
    """The marketplace's own identifier, or empty."""
    reason: str
    """Its fault."""


class UnreadableForm(Model):
    """What nobody could read when it was read last."""

    ours: Count
    """How many listings of our products."""
    others: Count
    """How many others."""
    listings: tuple[UnreadableListingForm, ...]
    """The first hundred of ours."""
    in_review: Count
    """How many submissions whose outcome nobody could read."""
    reviews: tuple[UnreadableListingForm, ...]
    """The first hundred of those."""


class UnlikeListingForm(Model):
    """A listing that carries our reference and does not resemble the product."""

    marketplace: str
    """Where."""
    account: str
    """At which account."""
    product_id: str
    """The product whose reference it carries."""
    ref: str
    """The marketplace's own identifier."""
    title: str
    """Its title there."""


class UnlikeForm(Model):
    """The listings that are left alone as unlike their products."""

    listings: tuple[UnlikeListingForm, ...]
    """Each with its product."""
    many: tuple[str, ...]
    """Accounts with so many that ids were given out anew."""


class StatusCounts(Model):
    """How many there are in all, of what is listed beside."""

    not_withdrawn: Count
    """Of `not_withdrawn`."""
    not_lowered: Count
    """Of `not_lowered`."""
    unlike: Count
    """Of `unlike`."""
    accounts: Count
    """Of `accounts`."""


class StatusForm(Model):
    """How everything stands, as the last runs have left it."""

    as_of: Instant
    """Now."""
    marketplaces: dict[str, MarketplaceFiguresForm]
    """The figures, by marketplace."""
    read_ages: tuple[ReadAgeForm, ...]
    """How old reads are where people carry a marketplace's lists to us."""
    not_withdrawn: tuple[OverdueForm, ...]
    """Listings that are on sale and may not be."""
    not_lowered: tuple[OverdueForm, ...]
    """Listings with more stock, or a higher claim, than they should show."""
    unreadable: UnreadableForm
    """What nobody could read."""
    unlike: UnlikeForm
    """Listings that are left alone, as they are unlike their products."""
    unusable: dict[str, str | None]
    """Accounts that cannot be worked with at all, and why; null over the API, as it may
    name an address or a file."""
    oldest_count_at: Instant | None
    """As of when the oldest figures are; null if an account has none."""
    oldest_read_at: Instant | None
    """When the oldest whole read was; null if an account had none."""
    accounts: tuple[AccountForm, ...]
    """The accounts, by marketplace and key."""
    counts: StatusCounts
    """How many there are: over the API lists end after 200, and go on in their own."""


LevelName = Literal["OK", "WARNING", "CRITICAL", "UNKNOWN"]
"""How bad it is, as monitors of Nagios's kind call it."""


class AlarmForm(Model):
    """One thing that is wrong."""

    level: LevelName
    """How bad it is."""
    code: AlarmCode
    """Its kind."""
    where: str
    """The account or marketplace; empty if it is none's."""
    since: Instant | None
    """Since when, where that is known."""
    why: str | None
    """Why, in words; null over the API where they may name an address or a file."""


class HealthForm(Model):
    """All alarms, the worst first, as a monitor counts them."""

    level: LevelName
    """The worst one."""
    code: Literal[0, 1, 2, 3]
    """The same as a number: the exit code of `status --monitor`."""
    error: str
    """Why nothing could be found out; empty if it could."""
    accounts: Count
    """How many accounts there are."""
    failing: Count
    """How many fail, also for too short a time to be an alarm."""
    alarms: tuple[AlarmForm, ...]
    """All that is wrong."""


class WorkerForm(Model):
    """A worker, and whether it is healthy."""

    worker: str
    """Its name."""
    healthy: bool
    """Nothing is wrong, as far as could be found out."""
    trouble: Trouble | None
    """Why it is not healthy; null if it is."""
    error: str
    """Why nothing could be found out; empty if it could."""
    at: Instant | None
    """When it last gave a sign of life; null if it never did."""
    doing: Doing | None
    """What it did then."""
    since: Instant | None
    """Since when."""
    active_at: Instant | None
    """When a sync was last seen to go on."""


class WorkersForm(Model):
    """The workers that have run in the last seven days."""

    workers: tuple[WorkerForm, ...]
    """Those first that were heard of last; 50 at most."""


_LEVELS: Final[Mapping[Level, LevelName]] = {
    Level.OK: "OK",
    Level.WARNING: "WARNING",
    Level.CRITICAL: "CRITICAL",
    Level.UNKNOWN: "UNKNOWN",
}


def status_form(
    found: Status, *, shows_words: bool, most: int | None = None
) -> StatusForm:
    """Return how everything stands, as it is shown.

    Args:
        found: How it stands.
        shows_words: Show the words of errors, to whoever runs the service.
        most: The most entries of each list; None for all.
    """
    late, unlike = found.overdue, found.unlike
    return StatusForm(
        as_of=found.as_of,
        marketplaces={name: _figures(each) for name, each in found.figures.items()},
        read_ages=read_age_forms(found.read_ages),
        not_withdrawn=tuple(map(overdue_form, islice(late.not_withdrawn, most))),
        not_lowered=tuple(map(overdue_form, islice(late.not_lowered, most))),
        unreadable=_unreadable(found.unreadable),
        unlike=UnlikeForm(
            listings=tuple(map(_unlike, islice(unlike.listings, most))),
            many=tuple(unlike.many),
        ),
        unusable={
            each.key: each.why if shows_words else None
            for each in islice(found.unusable, most)
        },
        oldest_count_at=oldest_count(found.accounts),
        oldest_read_at=oldest_read(found.accounts),
        accounts=tuple(
            account_form(each, shows_words=shows_words, shows_by=True)
            for each in islice(found.seen, most)
        ),
        counts=StatusCounts(
            not_withdrawn=len(late.not_withdrawn),
            not_lowered=len(late.not_lowered),
            unlike=len(unlike.listings),
            accounts=len(found.seen),
        ),
    )


def health_form(found: Health, *, shows_words: bool) -> HealthForm:
    """Return all alarms as they are shown; *shows_words* as of `status_form`."""
    return HealthForm(
        level=_LEVELS[found.level],
        code=found.level.value,
        error=found.error,
        accounts=found.accounts,
        failing=found.failing,
        alarms=tuple(_alarm(each, shows_words=shows_words) for each in found.alarms),
    )


def worker_form(found: Verdict) -> WorkerForm:
    """Return a worker as it is shown."""
    beat = found.beat
    return WorkerForm(
        worker=found.name,
        healthy=found.is_healthy,
        trouble=found.trouble,
        error=found.error,
        at=beat.at if beat else None,
        doing=beat.doing if beat else None,
        since=beat.since if beat else None,
        active_at=beat.active_at if beat else None,
    )


def workers_form(found: Sequence[Verdict]) -> WorkersForm:
    """Return workers as they are shown."""
    return WorkersForm(workers=tuple(map(worker_form, found)))


def _alarm(alarm: Alarm, *, shows_words: bool) -> AlarmForm:
    is_told = shows_words or not alarm.has_words_of_errors
    return AlarmForm(
        level=_LEVELS[alarm.level],
        code=alarm.code,
        where=alarm.where,
        since=alarm.since,
        why=alarm.why if is_told else None,
    )


def _figures(found: Coverage) -> MarketplaceFiguresForm:
    names = MarketplaceFiguresForm.model_fields
    values = {name: getattr(found, name) for name in names}
    return MarketplaceFiguresForm(**values | {"blocked": dict(found.blocked)})


def _unreadable(found: AllUnreadable) -> UnreadableForm:
    return UnreadableForm(
        ours=found.ours,
        others=sum(found.others.values()),
        listings=tuple(map(_unread_listing, found.listings)),
        in_review=found.in_review,
        reviews=tuple(map(_unread_listing, found.reviews)),
    )


def _unread_listing(found: UnreadableListing) -> UnreadableListingForm:
    return UnreadableListingForm(
        marketplace=found.marketplace,
        account=found.account,
        product=found.product_id,
        ref=found.ref,
        reason=found.reason,
    )


def _unlike(found: Unlike) -> UnlikeListingForm:
    return UnlikeListingForm(
        marketplace=found.marketplace,
        account=found.account,
        product_id=found.product_id,
        ref=found.ref,
        title=found.title,
    )
