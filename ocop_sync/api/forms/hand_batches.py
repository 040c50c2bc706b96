"""Accounts that people work, as they are shown: batches, deadlines, what was told."""

from datetime import datetime

from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.marketplace.by_hand import (
    BatchStanding,
    DueDown,
    HandFault,
    Taken,
    Told,
    Word,
)
from ocop_sync.service.department.hand_batches import BatchWritten, HandAccount
from ocop_sync.service.department.hand_batches import Told as ToldTo


class WholeTellingForm(Model):
    """The last telling of all that an account holds."""

    as_of: Instant
    """When it was so."""
    told_at: Instant
    """When it was told."""
    by: str
    """Who has told it."""
    word: Word | None
    """The word of that person; null where it is the marketplace's export."""
    listings: Count
    """How many listings there were."""


class BatchStandingForm(Model):
    """A batch of which people still have to tell."""

    number: Count
    """Its number at the account."""
    closed_at: Instant
    """When it was handed out."""
    closed_by: str
    """By whom."""
    rows: Count
    """How many rows it has."""
    waiting: Count
    """Of how many of them nobody has told anything."""


class DueDownForm(Model):
    """A listing that must go down."""

    ticket: str
    """The row that says so."""
    product: str
    """Our reference of the product."""
    title: str
    """What it is called there."""
    address: str
    """Where it is listed; empty if that was never told."""
    reason: str
    """Why, in Vietnamese."""
    due_at: Instant
    """Until when."""
    is_overdue: bool
    """That moment has passed."""
    batch: Count | None
    """In which batch; null while it is in none."""


class HandAccountForm(Model):
    """How an account stands that people work."""

    account: str
    """Its key."""
    marketplace: str
    """Its marketplace."""
    why: str
    """Why nothing is known of it; empty if something is."""
    open: Count
    """How many rows wait for the next batch."""
    room: Count
    """How many more it takes."""
    batches: tuple[BatchStandingForm, ...]
    """The batches that are out, oldest first."""
    downs: tuple[DueDownForm, ...]
    """What must go down, the earliest deadline first."""
    told: WholeTellingForm | None
    """The last whole telling; null if there was none."""


class HandAccountsForm(Model):
    """How the accounts stand that people work."""

    accounts: tuple[HandAccountForm, ...]
    """By key."""


class BatchWrittenForm(Model):
    """A batch that was handed out."""

    account: str
    """At which account."""
    marketplace: str
    """At which marketplace."""
    number: Count
    """Its number."""
    rows: Count
    """How many rows it has."""
    downs: Count
    """How many of them take a listing down."""
    closed_at: Instant
    """When it was closed."""
    closed_by: str
    """By whom."""
    is_new: bool
    """It was closed just now; else it is handed out once more."""
    pictures: Count
    """How many pictures lie beside it."""
    elsewhere: tuple[str, ...]
    """Addresses of pictures that are not kept here."""


class HandFaultForm(Model):
    """Something in a file that was not taken."""

    sheet: str
    """In which sheet; empty where the file is one table."""
    line: Count
    """In which line; 0 for all of it."""
    column: str
    """The letter of the column; empty for the line."""
    vi: str
    """The fault, in Vietnamese."""
    en: str
    """The same in English."""


class TakenForm(Model):
    """What came of a file, or of a word."""

    account: str
    """For which account."""
    marketplace: str
    """At which marketplace."""
    done: Count
    """Rows that are done, and were not known to be."""
    refused: Count
    """Rows that could not be done, likewise."""
    again: Count
    """Rows of which the same was told before."""
    corrected: Count
    """Rows of which something else was told before."""
    blank: Count
    """Rows without an answer."""
    told: WholeTellingForm | None
    """The whole telling, where it is one."""
    faults: tuple[HandFaultForm, ...]
    """What was not taken."""


def hand_account_form(found: HandAccount, now: datetime) -> HandAccountForm:
    """Return how an account stands, as it is shown."""
    standing = found.standing
    return HandAccountForm(
        account=found.account,
        marketplace=found.marketplace,
        why=found.why,
        open=standing.open if standing else 0,
        room=standing.room if standing else 0,
        batches=tuple(map(_batch, standing.batches)) if standing else (),
        downs=tuple(_down(each, now) for each in standing.downs) if standing else (),
        told=telling_form(standing.told) if standing else None,
    )


def batch_written_form(found: BatchWritten) -> BatchWrittenForm:
    """Return a batch that was handed out, as it is shown."""
    batch = found.batch
    return BatchWrittenForm(
        account=batch.account,
        marketplace=found.marketplace,
        number=batch.number,
        rows=batch.rows,
        downs=batch.downs,
        closed_at=batch.closed_at,
        closed_by=batch.closed_by,
        is_new=batch.is_new,
        pictures=found.written,
        elsewhere=tuple(found.elsewhere),
    )


def taken_form(found: ToldTo) -> TakenForm:
    """Return what came of a file or a word, as it is shown."""
    taken: Taken = found.taken
    return TakenForm(
        account=found.account,
        marketplace=found.marketplace,
        done=taken.done,
        refused=taken.refused,
        again=taken.again,
        corrected=taken.corrected,
        blank=taken.blank,
        told=telling_form(taken.told),
        faults=tuple(map(_fault, taken.faults)),
    )


def telling_form(told: Told | None) -> WholeTellingForm | None:
    """Return a whole telling, as it is shown."""
    if told is None:
        return None
    return WholeTellingForm(
        as_of=told.as_of,
        told_at=told.told_at,
        by=told.by,
        word=told.word,
        listings=told.listings,
    )


def _batch(each: BatchStanding) -> BatchStandingForm:
    return BatchStandingForm(
        number=each.number,
        closed_at=each.closed_at,
        closed_by=each.closed_by,
        rows=each.rows,
        waiting=each.waiting,
    )


def _down(each: DueDown, now: datetime) -> DueDownForm:
    return DueDownForm(
        ticket=each.ticket,
        product=each.client_ref,
        title=each.title,
        address=each.address,
        reason=each.reason,
        due_at=each.due_at,
        is_overdue=each.due_at < now,
        batch=each.batch or None,
    )


def _fault(each: HandFault) -> HandFaultForm:
    return HandFaultForm(
        sheet=each.sheet,
        line=each.line,
        column=each.letters,
        vi=each.vi,
        en=each.en,
    )
