"""The accounts at marketplaces: listed, checked, paused. They are set in settings.

No answer holds a secret, a base address, or where a secret is kept.
"""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF, VIEWERS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.accounts import (
    AccountCheckForm,
    AccountForm,
    AccountsPage,
    account_form,
    check_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Model, Page, PageQuery
from ocop_sync.service.decisions.pauses import set_pause
from ocop_sync.service.decisions.text_limits import LONGEST_REASON
from ocop_sync.service.queries.accounts import (
    AccountFilter,
    AccountSeen,
    AccountStanding,
    account_seen,
    accounts_page,
)
from ocop_sync.service.sync.check_accounts import check_within

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


class PauseAccountForm(Model):
    """Whether an account is paused, and why."""

    paused: bool
    """True: nothing is written there, no withdrawal either; it is still read."""
    reason: Why
    """Why; it is kept, and shown with the pause."""


class AccountsQuery(PageQuery):
    """Which accounts; what is left out is not asked about."""

    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Words, each of which stands in the key, in the marketplace's name, or in code or
    name of the producer, whatever accents and case."""
    state: AccountStanding | None = None
    """Only those that stand so."""


@operation(
    "GET",
    "/api/v1/accounts",
    summary="The accounts at marketplaces",
    allowed=VIEWERS,
    tag=TAG,
)
async def list_accounts(call: Call, query: AccountsQuery) -> AccountsPage:
    """List the accounts that are set, with their pauses and their last runs.

    No marketplace is called. Whoever acts for a producer sees that one's own accounts.
    """
    found = await accounts_page(
        deployment_of(call),
        reach_of(asker_of(call)),
        call.position(query, tuple[str, str]),
        AccountFilter(text=query.q, state=query.state),
        size=query.limit,
    )
    page: Page[AccountForm] = call.page((), found.last)
    return AccountsPage(
        accounts=tuple(_form(call, each) for each in found.accounts), next=page.next
    )


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
    takes_key=True,
)
async def check_account(call: Call, path: AccountPath) -> AccountCheckForm:
    """Sign in once with what settings say, and tell the result; nothing is changed."""
    reach = reach_of(asker_of(call))
    found = await check_within(deployment_of(call), path.key, reach)
    return check_form(found)


OPERATIONS: Final = (list_accounts, get_account, put_account_pause, check_account)


async def _seen(call: Call, path: AccountPath) -> AccountForm:
    reach = reach_of(asker_of(call))
    return _form(call, await account_seen(deployment_of(call), path.key, reach))


def _form(call: Call, found: AccountSeen) -> AccountForm:
    is_staff = asker_of(call).role in STAFF
    return account_form(found, shows_words=False, shows_by=is_staff)
