"""The accounts at marketplaces, as they are shown.

Over the API no form holds a secret, a base address, or where a secret is kept.
"""

from catalog.eligibility import Text as Words
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.engine.reasons.account_problem import AccountProblemKind
from ocop_sync.service.queries.account_status import AccountStatus
from ocop_sync.service.queries.accounts import AccountSeen, AccountStanding, Unfit
from ocop_sync.service.sync.check_accounts import AccountCheck, Checked
from ocop_sync.store.runs.last_runs import Ending, LastRun
from ocop_sync.store.runs.pauses import Pause


class UnusableForm(Model):
    """Why an account cannot be worked with at all."""

    cause: Unfit
    """Its settings, or the adapter of its marketplace."""
    todo: WordsForm | None
    """The advice; null if there is none."""


class AccountPauseForm(Model):
    """A pause of an account: nothing is written there."""

    since: Instant
    """Since when."""
    by: str | None
    """Who has said so; null for those who are not of the staff."""
    reason: str
    """Why, in that person's words."""


class LastRunForm(Model):
    """The last run of an account."""

    run: str
    """The run, as the ledger calls it."""
    began_at: Instant
    """When it began."""
    ended_at: Instant | None
    """When it ended; null while it runs, and if it died."""
    outcome: Ending
    """How it ended."""
    writes: Count
    """The changes that were sent."""
    failed: Count
    """The changes that came to nothing, sent or not."""
    is_all_read: bool
    """The account and every listing there could be read."""
    are_sales_known: bool
    """All its sales could be read."""


class LookUpsForm(Model):
    """Listings that are looked up again."""

    left: Count
    """How many."""
    first_at: Instant
    """When the first is due."""
    last_at: Instant
    """When the last of those that are known now is due."""


class AccountWordsForm(Model):
    """What errors of an account say: for whoever runs the service."""

    error: str
    """The error, or empty."""
    todo: WordsForm | None
    """The advice; null if there is none."""
    unread: str
    """Why the last run could not read the account, or empty."""
    unheard: str
    """Why its sales are not known, or empty."""


class AccountForm(Model):
    """An account at a marketplace, and how it stands."""

    key: str
    """Its key."""
    marketplace: str
    """The marketplace."""
    simulated: bool | None
    """It is at a mock; null if its adapter cannot tell."""
    seller: str | None
    """Code of the one producer that it serves; null if it serves all."""
    state: AccountStanding
    """How it stands, by the gravest that holds."""
    unusable: UnusableForm | None
    """Why it cannot be worked with at all; null if it can."""
    paused: AccountPauseForm | None
    """Its pause; null while it is written to."""
    restored_at: Instant | None
    """When a backup was put back: nothing is written there before it is read whole;
    null if it was read since."""
    last_run: LastRunForm | None
    """Its last run; null if there was none."""
    cause: AccountProblemKind
    """The kind of the error of a run that failed; empty if there was none."""
    failing_since: Instant | None
    """When the first of the runs began that failed, one after the other."""
    only_changes_fail: bool
    """It works, though changes of its last run came to nothing."""
    worked_at: Instant | None
    """When a run last ended that had worked it through."""
    read_whole_at: Instant | None
    """When it was last read whole; where people carry its lists to us, when the last
    one was so."""
    read_age_s: float | None
    """How many seconds old such a list may be; null where reads are of now."""
    sales_known_at: Instant | None
    """When all its sales were last known."""
    may_be_old: bool
    """Its figures may be old, or there are none."""
    held: Count
    """The products there that wait for a person."""
    look_ups: LookUpsForm | None
    """The listings there that are looked up again; null if there are none."""
    words: AccountWordsForm | None
    """What errors say; null over the API, as it may name an address or a file."""


class AccountList(Model):
    """All accounts that are set."""

    accounts: tuple[AccountForm, ...]
    """By marketplace and key."""


class AccountsPage(AccountList):
    """A page of the accounts that are set."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class AccountCheckForm(Model):
    """The result of signing in once."""

    account: str
    """Key of the account."""
    marketplace: str
    """The marketplace."""
    simulated: bool
    """It is a mock, as far as its adapter can tell."""
    result: Checked
    """What came of it."""
    todo: WordsForm | None
    """The advice; null if there is none."""


def account_form(
    found: AccountSeen, *, shows_words: bool, shows_by: bool
) -> AccountForm:
    """Return an account as it is shown.

    Args:
        found: The account.
        shows_words: Show the words of errors, to whoever runs the service.
        shows_by: Show who has paused it, to staff.
    """
    # Danger: `error`, `unread` and `todo` of a status name addresses and files.
    status = found.status
    looks = status.look_ups
    return AccountForm(
        key=status.key,
        marketplace=status.marketplace,
        simulated=found.simulated,
        seller=found.seller or None,
        state=found.state,
        unusable=_unusable(found),
        paused=_pause(status.pause, shows_by=shows_by),
        restored_at=status.restored_at,
        last_run=_last_run(status.last_run),
        cause=status.cause,
        failing_since=status.failing_since,
        only_changes_fail=status.only_changes_fail,
        worked_at=status.worked_at,
        read_whole_at=status.read_whole_at,
        read_age_s=None if found.read_age is None else found.read_age.total_seconds(),
        sales_known_at=status.sales_known_at,
        may_be_old=found.may_be_old,
        held=status.held,
        look_ups=None
        if looks is None
        else LookUpsForm(
            left=looks.left, first_at=looks.first_at, last_at=looks.last_at
        ),
        words=_words_of(status) if shows_words else None,
    )


def check_form(found: AccountCheck) -> AccountCheckForm:
    """Return the result of signing in once, as it is shown."""
    return AccountCheckForm(
        account=found.account,
        marketplace=found.marketplace,
        simulated=found.simulated,
        result=found.result,
        todo=_words(found.advice),
    )


def _words_of(status: AccountStatus) -> AccountWordsForm:
    last = status.last_run
    return AccountWordsForm(
        error=status.error,
        todo=_words(status.todo),
        unread=last.unread if last else "",
        unheard=last.sales_unread if last else "",
    )


def _unusable(found: AccountSeen) -> UnusableForm | None:
    if found.unfit is None:
        return None
    return UnusableForm(cause=found.unfit, todo=_words(found.status.unusable_todo))


def _pause(pause: Pause | None, *, shows_by: bool) -> AccountPauseForm | None:
    if pause is None:
        return None
    by = pause.by if shows_by else None
    return AccountPauseForm(since=pause.at, by=by, reason=pause.reason)


def _last_run(last: LastRun | None) -> LastRunForm | None:
    if last is None:
        return None
    return LastRunForm(
        run=last.run_id,
        began_at=last.began_at,
        ended_at=last.ended_at,
        outcome=last.ending,
        writes=last.writes,
        failed=last.failed,
        is_all_read=not last.unread,
        are_sales_known=not last.sales_unread,
    )


def _words(text: Words | None) -> WordsForm | None:
    return None if text is None else words_form(text)
