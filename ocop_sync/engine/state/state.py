"""The state of one product at one marketplace.

Three things are kept apart, as values: those that were *sent*, those that were
*confirmed* (answered as done, or read), and those that the last read found *edited*.
Without the third, an edit made there could not be told from a change of our own wanted
listing. The transitions of a state are decided in `ocop_sync.engine.plan.transitions`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from ocop_sync.engine.facet import Values
from ocop_sync.engine.state.quarantine import Failure
from ocop_sync.engine.terms import Base, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem


class Look(StrEnum):
    """Which look-up of a listing comes next (`ocop_sync.engine.state.look_up`)."""

    FIRST = "first"
    """Once all sent changes would show, by the declared lag."""
    LAST = "last"
    """Minutes later: a marketplace may do more, and later, than it declares."""


class Double(Struct, frozen=True, kw_only=True):
    """A further listing of ours (`ocop_sync.engine.plan.doubles`).

    Attributes:
        account: Key of its account, if that is not the product's; else "".
        ref: The marketplace's own identifier.
        found: Its state there: live or in review.
        values: Its shown values.
        pending: A change was sent to it, and its outcome is not known.
        refused: The refused changes, by facet, or by "withdraw".
        failures: As of `State`.
    """

    account: str = ""
    ref: str
    found: Found
    values: Values
    pending: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[Kind, Failure] = field(default_factory=dict)


class DriftDecision(Struct, frozen=True, kw_only=True):
    """A named person's decision on one drift.

    Attributes:
        ours: It is to be as we want it; else it stays as it was found.
        fingerprint: Of the wanted and the found value: the decision holds only as
            long as neither has changed.
    """

    ours: bool
    fingerprint: str


class DriftHistory(Struct, frozen=True, kw_only=True):
    """The content of the drift ledger for one listing.

    Attributes:
        decisions: The persons' decisions, by the edited field, or by the kind of drift
            of the whole listing.
        repairs: How often a field was put right within the last days, since a
            person last decided on it.
    """

    decisions: Mapping[str, DriftDecision] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)


NO_PAST = DriftHistory()


class State(Struct, frozen=True, kw_only=True):
    """One product at one marketplace, as remembered.

    Attributes:
        account: Key of the account through which it is listed, or "".
        seller_ref: The producer under whom it was listed, or "".
        ref: The marketplace's own identifier, or "".
        ticket: The submission that is followed, or "".
        version: For compare-and-set, or "".
        found: The known state of the listing; UNREAD or ABSENT if never sent.
        read_at: When the marketplace was last read for it, in UTC.
        absent_reads: Reads in a row that did not find it.
        awaiting: The kind of change whose outcome is not known, if any.
        sent_at: When something was sent, or answered, last; in UTC.
        sent: Values as they will be if the last sent change was applied; None if
            nothing was ever sent.
        confirmed: Values answered as done, or read; None if it was never on sale.
            Values in review are not confirmed.
        edited: Values that the last read found, if they are not those.
        problems: The marketplace's words of the last refusal or ban.
        refused: The refused changes (`ocop_sync.engine.state.refusal.noted`), by facet,
            or by "create", "withdraw", "republish".
        failures: How changes fail that are neither done nor refused as they are,
            by kind; until one of that kind is answered as done or refused.
        doubled_ref: A double there with our reference, or ""; at another
            account of the marketplace "account/ref".
        doubles: All such listings at this account, the first of which is *doubled_ref*.
        twin: Whether a listing that is not ours may be the same product. While one
            is taken over, *ref* and all values are its own.
        twin_ref: That listing, or "".
        mapping_version: Of the mapping that made the last sent values; 0 if nothing was
            sent by us.
        stock_at: Since when the confirmed stock of each pack is as it was
            written, or first read, in UTC; by SKU.
        sales_seen: The number of the last sale that was taken off.
        must_reread: Something has happened there since it was last read, such as a
            sale: it is read again before its stock is written.
        look: Which look-up by our reference comes next, if one does.
        look_at: When it is due, in UTC.
        lost: Values that were sent without an answer and may still come, by field;
            until the last look-up.
        unreadable: Why the last read could not read the listing, or "". All else is as
            it was known before.
        review_unreadable: Why the last outcome of its submission could not be read, or
            ""; while it is in review.
        past: The content of the drift ledger; it is read for evaluating, and not stored
            with the rest.
        other_account_doubles: Doubles at other accounts of the marketplace, whose runs
            keep them (`ocop_sync.store.listings.other_account_doubles`). Read for
            evaluating as well.
        capped: SKUs of which a stock that showed lower counts as sold, and was not
            counted since: not raised here. Read for evaluating as well.
        perhaps_sold: How many of each pack may be missing from the shown stock, besides
            those that were taken off (`ocop_sync.engine.state.stock.with_doubts`); by
            SKU. Read for evaluating as well.
        perhaps_left: How many of each may show that were taken off; the same.
    """

    product_id: str
    marketplace: str
    account: str = ""
    seller_ref: str = ""
    ref: str = ""
    ticket: str = ""
    version: str = ""
    found: Found = Found.UNREAD
    read_at: datetime | None = None
    absent_reads: int = 0
    awaiting: Kind | None = None
    sent_at: datetime | None = None
    sent: Values | None = None
    confirmed: Values | None = None
    edited: Values | None = None
    problems: tuple[Problem, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[Kind, Failure] = field(default_factory=dict)
    doubled_ref: str = ""
    doubles: tuple[Double, ...] = ()
    twin: Twin = Twin.NONE
    twin_ref: str = ""
    mapping_version: int = 0
    stock_at: Mapping[str, datetime] = field(default_factory=dict)
    sales_seen: int = 0
    must_reread: bool = False
    look: Look | None = None
    look_at: datetime | None = None
    lost: Mapping[str, list[Any]] = field(default_factory=dict)
    unreadable: str = ""
    review_unreadable: str = ""
    past: DriftHistory = NO_PAST
    other_account_doubles: tuple[Double, ...] = ()
    capped: frozenset[str] = frozenset()
    perhaps_sold: Mapping[str, int] = field(default_factory=dict)
    perhaps_left: Mapping[str, int] = field(default_factory=dict)

    @property
    def base(self) -> Base:
        """Our own part in the listing."""
        if self.awaiting is not None:
            return Base.UNANSWERED
        return Base.NEVER_SENT if self.sent is None else Base.OURS

    @property
    def shown(self) -> Values:
        """Return the values that the marketplace shows, as far as is known."""
        return self.edited or self.confirmed or self.sent or {}
