"""The capabilities of a marketplace, as data that the engine reads.

How products are shown there is another thing: `ocop_sync.marketplace.mapping`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The capabilities of a marketplace, as data.

    Attributes:
        facets: The facets that it has a place for.
        simulated: True for a mock: its figures are marked wherever shown, and
            its adapter refuses any address outside loopback.
        account_per_seller: True if each seller needs an account of its own;
            False if one account serves many sellers.
        calls_per_s: Quota per account in calls a second; None if it is unknown: the
            duration of a sync is then shown as unknown, too.
        burst: How many calls the marketplace takes at once.
        visible_within_s: Seconds after which a write shows in reads, as the
            marketplace declares it.
        call_timeout_s: Seconds after which one HTTP call is given up, its body
            included; never a method of several.
        calls_in_a_row: The most calls that a method which writes makes one after
            another for one batch; signing in is left out. The lease of a run
            outlasts them all (`method_timeout_s`). Nobody counts them: with a figure
            that is too low a run may lose its lease in the middle of a method.
        page_size: Listings that one page of a read holds at most; by it the calls of
            a read are estimated, and nothing else depends on it.
        read_batch: References that one `read` or `find` call takes.
        write_batch: Changes that one call takes, by kind; 1 where not named.
        has_gtin: It has a place for the GTIN of a pack.
        has_trace_page: It has a place for the traceability page of a product.
        compare_and_set: True if stock is written against a version.
        writes_reference: True if `Update` can write our reference onto a listing
            that carries none, or another one ("client_ref" among its fields). Where it
            cannot, it is never asked to: a listing that is taken over is known by its
            identifier alone, and `find` by our reference never shows it.
        tells_sales: True if its events tell of each sale. Else a stock that shows
            lower than it was left counts as sold, and an event of a sale is no
            more than a hint to read that listing.
        has_search: It finds listings by our references and SKUs. Else `find` is
            never called: the service reads pages instead, once in a run.
        has_sellers: Listings need a seller that we open. Else none is put or
            stopped, and no create waits for one.
        has_seller_stop: A seller can be closed. Else its listings are withdrawn one
            by one, as the verdict on each says.
        has_reviews: It may answer `Submitted`, which is followed. Else such an answer
            counts as lost, and the listing is read back.
        has_events: It has a feed of events. Else nothing is asked for, and
            *tells_sales* is False.
        read_age_s: How old a read of this marketplace may be, in seconds: what it
            shows may have been so that long ago. 0 for all that answer with what is so
            now. Where people carry its lists to us, `Page.as_of` and
            `RemoteListing.read_at` say when it was so; an older one is taken in as
            well, and shown as too old. Such a one has no search. A figure is told
            beside it; it changes nothing in what counts as listed.
    """

    facets: frozenset[Facet]
    simulated: bool
    account_per_seller: bool
    visible_within_s: float
    call_timeout_s: float
    page_size: int
    read_batch: int
    has_gtin: bool
    has_trace_page: bool
    compare_and_set: bool = False
    calls_in_a_row: int = 1
    writes_reference: bool = False
    tells_sales: bool = False
    calls_per_s: float | None = None
    burst: int = 1
    write_batch: Mapping[Kind, int] = field(default_factory=dict)
    has_search: bool = True
    has_sellers: bool = True
    has_seller_stop: bool = True
    has_reviews: bool = True
    has_events: bool = True
    read_age_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.read_age_s < math.inf:
            message = "read_age_s is a number of seconds, 0 or more"
            raise ValueError(message)
        if self.read_age_s and self.has_search:
            message = "read_age_s is claimed: has_search must be False"
            raise ValueError(message)

    @property
    def has_old_reads(self) -> bool:
        """Whether what a read shows may have been so some time ago."""
        return self.read_age_s > 0

    @property
    def read_age(self) -> timedelta:
        """How old a read may be."""
        return timedelta(seconds=self.read_age_s)

    @property
    def method_timeout_s(self) -> float:
        """Return the seconds after which a method that writes has surely ended.

        Before each of its calls it may have waited for the quota: the lease is renewed
        meanwhile.
        """
        return self.call_timeout_s * self.calls_in_a_row
