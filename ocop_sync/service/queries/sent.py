"""The sent changes as whoever asks for them is answered: runs, one run, the ledger.

Each answer is gone through once, while it is read. The rows themselves, and which of
them are shown how, are of `ocop_sync.service.queries.history`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.db.kept_changes import Touching
from ocop_sync.errors import ConfigurationError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries import history
from ocop_sync.service.queries.history import LedgerLine
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.inferred_sales import InferredSale
from ocop_sync.store.runs.run_history import SentRun, Which

_NAMED = 20
"""Accounts that are named where one is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRuns:
    """The runs that stand in the ledger, the latest first."""

    simulated: bool
    runs: AsyncIterator[SentRun]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the runs come one by one."""
        return {"simulated": self.simulated, "runs": self.runs}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWithFailures:
    """A run, or all runs of a sync, and the failed changes by number."""

    simulated: bool
    runs: Sequence[SentRun]
    failed: AsyncIterator[LedgerLine]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the changes come one by one."""
        return {
            "simulated": self.simulated,
            "runs": self.runs,
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart:
    """Some of the ledger.

    Attributes:
        simulated: Some marketplace is a mock.
        of_products: Products were named, so that the next two are shown.
        counted_as_sold: Inferred sales of the products.
        imports: The imports that have changed them.
        changes: The changes, the latest first; those of a run by number.
    """

    simulated: bool
    of_products: bool
    counted_as_sold: Sequence[InferredSale]
    imports: Sequence[Touching]
    changes: AsyncIterator[LedgerLine]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the changes come one by one."""
        form: dict[str, Any] = {"simulated": self.simulated}
        if self.of_products:
            form["counted_as_sold"] = self.counted_as_sold
            form["imports"] = self.imports
        return form | {"changes": self.changes}


async def sent_runs(
    deployment: Deployment, which: Which, *, most: int | None = None
) -> SentRuns:
    """Return the runs that stand in the ledger, at most *most* of them.

    Raises:
        ConfigurationError: Nobody knows one of the accounts.
    """
    await _ensure_known(deployment, which.accounts)
    return SentRuns(
        simulated=deployment.simulated,
        runs=history.runs(deployment, which, most=most),
    )


async def run_with_failures(
    deployment: Deployment, id_: str, *, most: int | None = None
) -> RunWithFailures:
    """Return the run or sync *id_*, with at most *most* of the changes that failed.

    Raises:
        ConfigurationError: There is none.
    """
    return RunWithFailures(
        simulated=deployment.simulated,
        runs=await history.run_of(deployment, id_),
        failed=history.changes(deployment, history.failed_of(id_), most=most),
    )


async def ledger_part(
    deployment: Deployment,
    which: Which,
    codes: Sequence[str] = (),
    *,
    most: int | None = None,
) -> LedgerPart:
    """Return changes of the ledger, at most *most* of them.

    Args:
        deployment: The deployment.
        which: Which changes.
        codes: Of which products or producers; all if empty.
        most: How many at most; None for all.

    Raises:
        ConfigurationError: Nobody knows one of the accounts or codes.
    """
    await _ensure_known(deployment, which.accounts)
    if which.run:
        await history.run_of(deployment, which.run)
    which = await history.about(deployment, which, codes)
    return LedgerPart(
        simulated=deployment.simulated,
        of_products=bool(codes),
        counted_as_sold=await history.inferred_sales(deployment, which),
        imports=await history.imports(deployment, which),
        changes=history.changes(deployment, which, most=most),
    )


async def _ensure_known(deployment: Deployment, keys: Sequence[str]) -> None:
    """Refuse accounts that are neither set up nor remembered from before."""
    here = {key for site in deployment.sites for key in site.accounts}
    here |= deployment.unusable.keys()
    async with deployment.database.read() as conn:
        remembered = await accounts.known(conn, keys)
    if unknown := [key for key in keys if key not in here | remembered]:
        names, known = ", ".join(unknown), ", ".join(sorted(here)[:_NAMED]) or "-"
        more = f" … +{len(here) - _NAMED}" if len(here) > _NAMED else ""
        message = (
            f"không có tài khoản {names}; đang có: {known}{more}"
            f" / no account {names}; there are: {known}{more}"
        )
        raise ConfigurationError(message)
