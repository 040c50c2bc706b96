"""Say whether accounts can be worked with, without changing anything there.

An account is known to be good once any of its calls has succeeded in this process,
until its credentials are refused. A run that does not know signs in first, once: where
that is refused, it makes no other call, as many could lock the account. Any other
failure stops nothing: the calls of the run then tell more.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from catalog.eligibility import Text
from catalog.model.reach import Reach
from ocop_sync.calls.call import READ
from ocop_sync.engine.reasons.account_problem import todo_of, why_of
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    FatalError,
    OutcomeUnknownError,
    StoppedError,
    TransientError,
    UnreachableError,
)
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.registry import available
from ocop_sync.service.decisions.account_reach import ensure_reached
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.run_rating import RunRating


class Checked(StrEnum):
    """The result of checking an account."""

    OK = "ok"
    WRONG_CREDENTIALS = "wrong_credentials"
    UNREACHABLE = "unreachable"
    UNAVAILABLE = "unavailable"
    """It was reached, and says that it is down or too busy, or does not answer."""
    MISCONFIGURED = "misconfigured"
    UNEXPECTED = "unexpected"
    """It answers otherwise than documented, or its adapter has a fault."""


FOR_A_PERSON = frozenset({Checked.WRONG_CREDENTIALS, Checked.MISCONFIGURED})
"""The problems that only a person can mend: no call can succeed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """The result of checking one account.

    Attributes:
        why: The error, in the marketplace's words or in ours; or "".
        todo: The advice; None if there is none.
        error: The error that was raised, if there was one.
    """

    account: str
    marketplace: str
    result: Checked
    why: str = ""
    todo: Text | None = None
    error: Exception | None = field(default=None, compare=False)

    @property
    def advice(self) -> Text | None:
        """Return the advice, without where secrets are kept."""
        return todo_of(self.error, self.account) if self.error else self.todo

    @property
    def simulated(self) -> bool:
        """Say whether its marketplace is a mock, as far as its adapter can tell."""
        adapter = available().get(self.marketplace)
        return adapter is not None and adapter.capabilities.simulated

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "marketplace": self.marketplace,
            "simulated": self.simulated,
            "result": self.result.value,
            "why": self.why,
            "todo": str(self.todo or ""),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChecks:
    """The checks of several accounts."""

    checks: Sequence[AccountCheck]

    @property
    def simulated(self) -> bool:
        """Say whether any of the marketplaces is a mock."""
        return any(each.simulated for each in self.checks)

    @property
    def rating(self) -> RunRating:
        """Return how it has ended, for whoever asked for it."""
        shown = {each.result for each in self.checks}
        if shown <= {Checked.OK}:
            return RunRating.DONE
        if shown == {Checked.MISCONFIGURED}:
            return RunRating.MISCONFIGURED
        return RunRating.FAILED

    def json_form(self) -> dict[str, Any]:
        """Return them as JSON's values."""
        return {"accounts": {each.account: each for each in self.checks}}


async def check_account(deployment: Deployment, account: Account) -> AccountCheck:
    """Sign in at *account*, once, and return the result.

    Raises:
        StoppedError: Told to stop.
    """
    error = await _error_of(deployment, account)
    deployment.note_call(account.key, error)
    kept = deployment.secrets_at.get(account.key, "")
    return AccountCheck(
        account=account.key,
        marketplace=account.marketplace,
        result=_result_of(error),
        why=_why_of(error),
        todo=todo_of(error, account.key, kept) if error else None,
        error=error,
    )


async def check_within(deployment: Deployment, key: str, reach: Reach) -> AccountCheck:
    """Sign in at account *key*, once, and return the result.

    Raises:
        NoSuchAccountError: There is none within *reach*.
        StoppedError: Told to stop.
    """
    ensure_reached(deployment, key, reach)
    (found,) = await check_accounts(deployment, [key])
    return found


async def check_accounts(
    deployment: Deployment, keys: Collection[str] = ()
) -> list[AccountCheck]:
    """Check accounts *keys*, or all, side by side; in the order of their keys.

    Raises:
        ConfigurationError: There is no account of that key.
        StoppedError: Told to stop.
    """
    known: dict[str, Account] = {}
    for site in deployment.sites:
        known |= site.accounts
    for key in keys:
        if key not in known and key not in deployment.unusable:
            raise _unknown(key, [*known, *deployment.unusable])
    wanted = sorted(set(keys) or {*known, *deployment.unusable})
    slots = asyncio.Semaphore(deployment.limits.accounts_at_once)

    async def check(key: str) -> AccountCheck:
        if key not in known:
            lost = deployment.unusable[key]
            return AccountCheck(
                account=key,
                marketplace=lost.marketplace,
                result=Checked.MISCONFIGURED,
                why=lost.why,
                todo=lost.todo,
            )
        async with slots:
            return await check_account(deployment, known[key])

    return list(await asyncio.gather(*map(check, wanted)))


async def _error_of(deployment: Deployment, account: Account) -> Exception | None:
    key = account.key
    work, events = deployment.breaker(key), deployment.breaker(key, "events")
    try:
        marketplace = deployment.open(account)
        async with deployment.places(marketplace).place(READ, deployment.stop):
            deployment.stop.ensure_going()
            with events.beside(), work.beside():  # it counts as any other call's
                async with deployment.stop.finishing():
                    await marketplace.check()
    except StoppedError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
        deployment.stop.ensure_going()
        return error
    return None


def _why_of(error: Exception | None) -> str:
    """Return the error, and how long the marketplace asks us to wait."""
    if error is None:
        return ""
    wait_s = error.retry_after if isinstance(error, TransientError) else None
    asked = "" if wait_s is None else f"; Retry-After: {wait_s:g} s"
    return why_of(error) + asked


def _result_of(error: Exception | None) -> Checked:
    match error:
        case None:
            return Checked.OK
        case AuthenticationError():
            return Checked.WRONG_CREDENTIALS
        case _ if isinstance(error, ConfigurationError) or type(error) is FatalError:
            return (
                Checked.MISCONFIGURED
            )  # or known, but let in nowhere it is set up for
        case UnreachableError():
            return Checked.UNREACHABLE
        case TransientError() | OutcomeUnknownError():
            return Checked.UNAVAILABLE
    return Checked.UNEXPECTED


def _unknown(key: str, known: Collection[str]) -> ConfigurationError:
    names = ", ".join(sorted(known)) or "-"
    return ConfigurationError(
        f"không có tài khoản {key}; đang có: {names}"
        f" / no account {key}; there are: {names}"
    )
