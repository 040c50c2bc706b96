"""The accounts at marketplaces: listed, checked, paused. They are set in settings.

No answer holds a secret, a base address, or where a secret is kept.
"""

from typing import Annotated, Final

from pydantic import Field

from catalog.eligibility import Text as Words
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF, VIEWERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.engine.reasons.account_problem import AccountProblemKind
from ocop_sync.service.decisions.pauses import set_pause
from ocop_sync.service.decisions.text_limits import LONGEST_REASON
from ocop_sync.service.queries.accounts import (
    AccountSeen,
    Unfit,
    account_seen,
    accounts_seen,
)
from ocop_sync.service.sync.check_accounts import Checked, check_within
from ocop_sync.store.runs.last_runs import Ending, LastRun
from ocop_sync.store.runs.pauses import Pause

TAG: Final = "accounts"

_Key = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f/]+$")
]
Why = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REASON,
        pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
    ),
]
"""Why somebody decides so: one line that says something."""


class AccountPath(Model):
    """Which account."""

    key: _Key
    """Its key, as settings name it."""


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
    unusable: UnusableForm | None
    """Why it cannot be worked with at all; null if it can."""
    paused: AccountPauseForm | None
    """Its pause; null while it is written to."""
    last_run: LastRunForm | None
    """Its last run; null if there was none."""
    cause: AccountProblemKind
    """The kind of the error of a run that failed; empty if there was none."""
    failing_since: Instant | None
    """When the first of the runs began that failed, one after the other."""
    worked_at: Instant | None
    """When a run last ended that had worked it through."""
    read_whole_at: Instant | None
    """When it was last read whole."""
    sales_known_at: Instant | None
    """When all its sales were last known."""
    may_be_old: bool
    """Its figures may be old, or there are none."""
    held: Count
    """The products there that wait for a person."""
    looked_up: Count
    """The listings there that are looked up again."""


class AccountList(Model):
    """All accounts that are set."""

    accounts: tuple[AccountForm, ...]
    """By marketplace and key."""


class PauseAccountForm(Model):
    """Whether an account is paused, and why."""

    paused: bool
    """True: nothing is written there, no withdrawal either; it is still read."""
    reason: Why
    """Why; it is kept, and shown with the pause."""


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


@operation(
    "GET",
    "/api/v1/accounts",
    summary="The accounts at marketplaces",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_accounts(call: Call) -> AccountList:
    """List the accounts that are set, with their pauses and their last runs.

    No marketplace is called. Whoever acts for a producer sees that one's own accounts.
    """
    found = await accounts_seen(deployment_of(call), reach_of(asker_of(call)))
    return AccountList(accounts=tuple(_form(call, each) for each in found))


@operation(
    "GET",
    "/api/v1/accounts/{key}",
    summary="An account at a marketplace",
    allowed=VIEWERS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_account(call: Call, path: AccountPath) -> AccountForm:
    """Return how an account stands. No marketplace is called."""
    return await _seen(call, path)


@operation(
    "PUT",
    "/api/v1/accounts/{key}/pause",
    summary="Write nothing to an account for now, or let it go on",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def put_account_pause(
    call: Call, path: AccountPath, body: PauseAccountForm
) -> AccountForm:
    """Pause an account, or let it be written to again.

    A pause that is there stays as it is, with its first reason. Withdrawals wait, too.
    """
    asker = asker_of(call)
    await set_pause(
        deployment_of(call),
        path.key,
        paused=body.paused,
        by=asker.actor,
        reason=body.reason,
        reach=reach_of(asker),
    )
    return await _seen(call, path)


@operation(
    "POST",
    "/api/v1/accounts/{key}/check",
    summary="Sign in at an account, once",
    allowed=STAFF,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def check_account(call: Call, path: AccountPath) -> AccountCheckForm:
    """Sign in once with what settings say, and tell the result; nothing is changed."""
    reach = reach_of(asker_of(call))
    found = await check_within(deployment_of(call), path.key, reach)
    return AccountCheckForm(
        account=found.account,
        marketplace=found.marketplace,
        simulated=found.simulated,
        result=found.result,
        todo=_words(found.advice),
    )


OPERATIONS: Final = (list_accounts, get_account, put_account_pause, check_account)


async def _seen(call: Call, path: AccountPath) -> AccountForm:
    reach = reach_of(asker_of(call))
    return _form(call, await account_seen(deployment_of(call), path.key, reach))


def _form(call: Call, found: AccountSeen) -> AccountForm:
    # Danger: `error`, `unread` and `todo` of a status name addresses and files.
    status = found.status
    return AccountForm(
        key=status.key,
        marketplace=status.marketplace,
        simulated=found.simulated,
        seller=found.seller or None,
        unusable=_unusable(found),
        paused=_pause(call, status.pause),
        last_run=_last_run(status.last_run),
        cause=status.cause,
        failing_since=status.failing_since,
        worked_at=status.worked_at,
        read_whole_at=status.read_whole_at,
        sales_known_at=status.sales_known_at,
        may_be_old=found.may_be_old,
        held=status.held,
        looked_up=status.look_ups.left if status.look_ups else 0,
    )


def _unusable(found: AccountSeen) -> UnusableForm | None:
    if found.unfit is None:
        return None
    return UnusableForm(cause=found.unfit, todo=_words(found.status.unusable_todo))


def _pause(call: Call, pause: Pause | None) -> AccountPauseForm | None:
    if pause is None:
        return None
    is_staff = asker_of(call).role in STAFF
    by = pause.by if is_staff else None
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
