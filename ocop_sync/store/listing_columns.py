"""The columns of `listing`: each is named here, once.

From this list follow the table (`ocop_sync.store.tables`), how rows are read and
written, and what each narrow update changes (`ocop_sync.store.listings.records`). A
new column is a field of `State` or of `Record`, a line here, and a migration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from operator import attrgetter
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer
from sqlalchemy.types import TypeEngine

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state.state import Look, State
from ocop_sync.engine.terms import CountedAs, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.column_types import NUMBER, ForeignText
from ocop_sync.store.documents import (
    from_decision,
    from_document,
    from_doubles,
    from_failures,
    from_problems,
    from_times,
    to_decision,
    to_document,
    to_doubles,
    to_failures,
    to_problems,
    to_times,
)

MOST = 2**31 - 1
"""The largest number in an integer column of PostgreSQL."""


class Writes(Flag):
    """Which narrow updates write a column; whole records write all."""

    NOTHING = 0
    EVALUATION = auto()
    """The results of an evaluation."""
    INTENT = auto()
    """An intent, before the call: with all of the state that an evaluation changes."""
    ANSWER = auto()
    """An answer: of the state, what is otherwise than the intent has written it."""
    LOOK = auto()
    """A look-up that has brought no other news."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is stored.

    Attributes:
        type: Of the column.
        store: Makes what is stored of a value; None if it is stored as it is.
        load: Makes the value of what is stored; None if that is the value.
        empty: The value of NULL. Where there is a *store*, it is stored as NULL.
        nullable: NULL may be stored.
    """

    type: TypeEngine[Any]
    store: Callable[[Any], Any] | None = None
    load: Callable[[Any], Any] | None = None
    empty: Any = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class ListingColumn:
    """A column of `listing`.

    Attributes:
        name: Its name, and that of the field.
        form: How the value is stored.
        writes: Which narrow updates write it.
        compute: Makes what is stored of the whole state, instead of one field.
        of: The fields that it is made of; empty for the one of its name.
    """

    name: str
    form: Form
    writes: Writes
    compute: Callable[[State], Any] | None = None
    of: tuple[str, ...] = ()

    def in_table(self) -> Column[Any]:
        """Return it as a column of a table; what no update writes is the key."""
        if self.writes is Writes.NOTHING:
            return Column(self.name, self.form.type, primary_key=True)
        return Column(self.name, self.form.type, nullable=self.form.nullable)


def _text(length: int) -> Form:
    return Form(ForeignText(length))


def _text_or_null(length: int) -> Form:
    return Form(ForeignText(length), str, empty="", nullable=True)


def _one_of(kind: type[StrEnum], length: int, *, nullable: bool = False) -> Form:
    return Form(exact(length), attrgetter("value"), kind, nullable=nullable)


_WHOLE_NUMBER = Form(Integer())
_NUMBER_OR_NULL = Form(BigInteger(), empty=0, nullable=True)
_TIME = Form(UtcDateTime(), nullable=True)
_VALUES = Form(document(), to_document, from_document, nullable=True)
_FAILURES = Form(document(), from_failures, to_failures, {}, nullable=True)
_DOUBLES = Form(document(), from_doubles, to_doubles, (), nullable=True)
_DECISION = Form(exact(24), from_decision, to_decision)
_LOST = Form(document(), dict, None, {}, nullable=True)


def _confirmed(state: State) -> Any:
    """Return the stored form of the confirmed values: True if they are those sent."""
    confirmed, sent = state.confirmed, state.sent
    if confirmed is None:
        return None
    return True if confirmed is sent or confirmed == sent else to_document(confirmed)


def _from_confirmed(stored: Any) -> Any:
    return stored if stored is True else from_document(stored)


_CONFIRMED = Form(document(), None, _from_confirmed, nullable=True)


def _stock_shown(state: State) -> int:
    """Return the sum of the shown stocks; queries only ask whether it is 0.

    It may be more than the column holds.
    """
    return min(sum(state.shown.get(Facet.STOCK, {}).values()), MOST)


_E, _I, _A, _L = Writes.EVALUATION, Writes.INTENT, Writes.ANSWER, Writes.LOOK

STATE_COLUMNS = (
    ListingColumn("marketplace", Form(exact(64)), Writes.NOTHING),
    ListingColumn("product_id", Form(exact(32)), Writes.NOTHING),
    ListingColumn("account", Form(exact(64)), _E | _I | _A),
    ListingColumn("seller_ref", Form(exact(32)), _I | _A),
    ListingColumn("ref", _text(100), _A),
    ListingColumn("ticket", _text(100), _A),
    ListingColumn("version", _text(100), _A),
    ListingColumn("found", _one_of(Found, 16), _A),
    ListingColumn("read_at", _TIME, _A | _L),
    ListingColumn("absent_reads", _WHOLE_NUMBER, _A),
    ListingColumn("awaiting", _one_of(Kind, 16, nullable=True), _I | _A),
    ListingColumn("sent_at", _TIME, _I | _A),
    ListingColumn("sent", _VALUES, _I | _A),
    ListingColumn("confirmed", _CONFIRMED, _I | _A, _confirmed, ("confirmed", "sent")),
    ListingColumn("edited", _VALUES, _I | _A),
    ListingColumn("problems", Form(document(), from_problems, to_problems), _A),
    ListingColumn("refused", Form(document(), dict), _A),
    ListingColumn("failures", _FAILURES, _A),
    ListingColumn("doubled_ref", _text(100), _I | _A),
    ListingColumn("doubles", _DOUBLES, _I | _A),
    ListingColumn("twin", _one_of(Twin, 16), _E | _A),
    ListingColumn("twin_ref", _text(100), _E | _A),
    ListingColumn("mapping_version", _WHOLE_NUMBER, _I | _A),
    ListingColumn("stock_at", Form(document(), from_times, to_times), _A),
    ListingColumn("sales_seen", Form(BigInteger()), _I | _A),
    ListingColumn("must_reread", Form(Boolean()), _I | _A),
    ListingColumn("look", _one_of(Look, 8, nullable=True), _I | _A | _L),
    ListingColumn("look_at", _TIME, _I | _A | _L),
    ListingColumn("lost", _LOST, _A | _L),
    ListingColumn("unreadable", _text_or_null(200), _A),
    ListingColumn("review_unreadable", _text_or_null(200), _A),
)
"""The state of a listing: fields of `State`; the first two are the key."""

RECORD_COLUMNS = (
    ListingColumn("settled_fingerprint", Form(exact(24)), _E | _I | _A),
    ListingColumn("counted", Form(exact(24), None, CountedAs), _E | _A),
    ListingColumn("decision", _DECISION, _E | _A),
    ListingColumn("hold", _one_of(Hold, 24, nullable=True), _E | _A),
    ListingColumn("held_group", Form(NUMBER, nullable=True), _E | _A),
    ListingColumn("urgency", Form(Integer(), nullable=True), _E | _A),
    ListingColumn("waiting_since", _TIME, _E | _A),
    ListingColumn("until", _TIME, _E | _A),
    ListingColumn("ends_on", Form(exact(10)), _E | _A),
    ListingColumn("ends_seen_at", _TIME, _E | _A),
    ListingColumn("blocked", Form(Boolean(), empty=False, nullable=True), _E | _A),
    ListingColumn("next_try_at", _TIME, _E | _A),
    ListingColumn("evaluated_revision", _NUMBER_OR_NULL, _E | _A),
)
"""The results of its last evaluation: fields of `Record`."""

COMPUTED_COLUMNS = (ListingColumn("stock_shown", _WHOLE_NUMBER, _A, _stock_shown),)
"""Columns for queries alone: nobody reads them back."""

COLUMNS = (*STATE_COLUMNS, *RECORD_COLUMNS, *COMPUTED_COLUMNS)
"""In the order of the table."""


def written_by(writes: Writes) -> tuple[str, ...]:
    """Return the names of the columns that a narrow update writes."""
    return tuple(each.name for each in COLUMNS if writes in each.writes)
