"""One account: how it stands, a check, a pause with its reason and consequence."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import STAFF, VIEWERS
from ocop_sync.api.forms.accounts import (
    AccountCheckForm,
    AccountForm,
    account_form,
    check_form,
)
from ocop_sync.api.typed.values import Model
from ocop_sync.errors import NoSuchAccountError, PlanError
from ocop_sync.pages.account_words import (
    CHECKED,
    account_address,
    health_of,
    trouble_of,
)
from ocop_sync.pages.decision_forms import Fault, reason_fault
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import ACCOUNTS, RUNS
from ocop_sync.pages.sent_words import ENDINGS
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see
from ocop_sync.service.decisions.pauses import set_pause
from ocop_sync.service.department.hand_downloads import is_by_hand
from ocop_sync.service.queries.accounts import account_seen
from ocop_sync.service.sync.check_accounts import check_within


class AccountPath(Model):
    """Which account."""

    key: Annotated[
        str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f/]+$")
    ]
    """Its key, as settings name it."""


class AccountQuery(Model):
    """What has just been done."""

    done: Literal["paused", "resumed"] | None = None


async def show_account(visit: Visit) -> web.Response:
    """Show how an account stands."""
    return await _page(visit)


async def check(visit: Visit) -> web.Response:
    """Sign in once, and tell the result; nothing is changed there."""
    path = visit.path(AccountPath)
    found = await check_within(visit.deployment, path.key, reach_of(visit.asker))
    return await _page(visit, checked=check_form(found))


async def pause(visit: Visit) -> web.Response:
    """Write nothing there for now, or let it be written to again."""
    path, form, asker = visit.path(AccountPath), visit.form, visit.asker
    reason, is_pause = form.get(REASON, "").strip(), form.get("paused") == "yes"
    if (fault := reason_fault(reason)) is not None:
        return await _page(visit, faults=[(REASON, fault)])
    try:
        done = await set_pause(
            visit.deployment,
            path.key,
            paused=is_pause,
            by=asker.actor,
            reason=reason,
            reach=reach_of(asker),
        )
    except NoSuchAccountError:
        raise
    except PlanError:  # it cannot be used
        return await _page(visit, is_late=True)
    if not done.changed:
        return await _page(visit, is_late=True)
    address = account_address(path.key)
    return see(f"{address}?done={'paused' if is_pause else 'resumed'}")


async def _page(
    visit: Visit,
    *,
    checked: AccountCheckForm | None = None,
    faults: Sequence[Fault] = (),
    is_late: bool = False,
) -> web.Response:
    path, query, asker = (
        visit.path(AccountPath),
        visit.query(AccountQuery),
        visit.asker,
    )
    found = await account_seen(visit.deployment, path.key, reach_of(asker))
    is_staff = asker.role in STAFF
    account = account_form(found, shows_words=False, shows_by=is_staff)
    result = None if checked is None else CHECKED[checked.result.value]
    values = {
        "account": account,
        "place": place_words(visit.deployment, account.marketplace),
        "health": health_of(account),
        "trouble": trouble_of(account),
        "last": _last(account),
        "checked": result,
        "faults": faults,
        "typed": visit.form.get(REASON, ""),
        "is_late": is_late,
        "done": query.done if not visit.form else None,
        "may_change": is_staff,
        "is_by_hand": is_by_hand(visit.deployment, path.key),
        "address": account_address(path.key),
        "accounts": ACCOUNTS,
    }
    status = 422 if faults else 409 if is_late else 200
    return visit.page(
        "account.html",
        simulated=bool(account.simulated),
        status=status,
        values=values,
    )


def _last(account: AccountForm) -> tuple[object, str] | None:
    """Return how the last run has ended, and its address; None if there was none."""
    last = account.last_run
    return None if last is None else (ENDINGS[last.outcome.value], f"{RUNS}/{last.run}")


PAGES: Final = (
    PageRoute("GET", f"{ACCOUNTS}/{{key}}", VIEWERS, show_account),
    PageRoute("POST", f"{ACCOUNTS}/{{key}}/check", STAFF, check),
    PageRoute("POST", f"{ACCOUNTS}/{{key}}/pause", STAFF, pause),
)
