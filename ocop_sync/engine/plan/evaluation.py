"""The evaluation of one product at one marketplace, as data.

How an evaluation comes about is decided in `ocop_sync.engine.plan.evaluate`.
"""

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from enum import IntEnum

from msgspec import Struct

from ocop_sync.engine.facet import Values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import Change


class Urgency(IntEnum):
    """In which order changes go; the lowest first."""

    WITHDRAW = 0
    STOCK_TO_ZERO = 1
    STOCK_DOWN = 2
    CLAIM_DOWN = 3
    PRICE = 4
    STOCK_UP = 5
    SELLER_FOR_CREATE = 6
    CREATE = 7
    STARS_UP = 8
    SELLER = 9
    CONTENT = 10


@dataclass(frozen=True, slots=True)
class Planned:
    """A change with its data for the plan and the ledger.

    Attributes:
        change: The change itself.
        urgency: In which order it goes.
        values: All values once it is applied.
        removes: It takes something from buyers: a withdrawal, a stock to zero, a
            claim off. These have a budget.
        before: The value that it replaces, or None.
        after: The value that it writes, or None.
        again: It has failed as it is too often to go with others, and is tried by
            itself.
        account: Key of the account at which it is made, if that is not the
            product's; else "".
    """

    change: Change
    urgency: Urgency
    values: Values
    _: KW_ONLY
    removes: bool = False
    before: object = None
    after: object = None
    again: bool = False
    account: str = ""


class Evaluation(Struct, frozen=True, kw_only=True):
    """The decision on one product at one marketplace, now, with its changes.

    Attributes:
        wanted: The wanted listing.
        state: The known state; changes in review count as approved.
        decision: The decision of the table, or why it asks a person.
        changes: The changes, most urgent first; may be empty.
        hold: Why a person decides, if so; some changes may go all the same.
        sales_known: As of `ocop_sync.engine.state.stock.stock_to_write`.
        waits: Stock that may have been sold is left until sales are known.
        next_try_at: When something that is owed, and has come to nothing, is tried
            again by itself, in UTC; None if nothing is.
        other_account_changes: The changes at doubles of other accounts, which
            their runs make.
    """

    wanted: Wanted
    state: State
    decision: Decision | Hold
    changes: tuple[Planned, ...] = ()
    hold: Hold | None = None
    sales_known: bool
    waits: bool = False
    next_try_at: datetime | None = None
    other_account_changes: tuple[Planned, ...] = ()

    @property
    def everywhere(self) -> tuple[Planned, ...]:
        """Return all that is done about the product at the marketplace."""
        return (*self.changes, *self.other_account_changes)

    def owes(self, planned: Planned) -> bool:
        """Say whether one of the changes takes something that must not stay.

        Changes that bring a listing up to date before it goes on sale take nothing.
        """
        is_on_sale = self.decision not in (Decision.REPUBLISH, Decision.RESUBMIT)
        return is_on_sale and planned.urgency <= Urgency.CLAIM_DOWN
