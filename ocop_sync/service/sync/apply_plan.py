"""Send the changes that a person has reviewed, and no others: `sync --plan FILE`.

Marketplaces are read as in any sync. Each change of the plan is then compared with the
change that a sync would make now; one that no longer fits is skipped. When more than
half of it does not fit, or when it takes more than the budget allows, nothing is sent
at all. Stock is read when it is sent.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from catalog.progress import no_progress
from ocop_sync.engine.approval.budget import needs_approval
from ocop_sync.engine.approval.review import Reviewed, is_stale
from ocop_sync.errors import ConfigurationError, StalePlanError, UnsafePlanError
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_all import evaluate_all
from ocop_sync.service.run.evaluate_changed import store_own
from ocop_sync.service.run.one_sync import Progress
from ocop_sync.service.run.report import Report, Skipped
from ocop_sync.service.run.standing_groups import RemovalRequest
from ocop_sync.service.send.sellers import due_sellers, reconcile_sellers
from ocop_sync.service.send.slices import drain
from ocop_sync.service.sync.confirm import Confirmation
from ocop_sync.service.sync.contact import (
    accounts_to_read,
    look_back,
    meet,
    read_account,
)
from ocop_sync.service.sync.leased_sync import LeasedSync

CHANGED, HELD, NOT_SENT = "changed", "held", "not_sent"
"""Why a change of the plan was skipped: it does not fit any more, the product is
held now, or its account could not be worked on to the end."""


class ReviewedChange(Protocol):
    """A change, as a person has reviewed it."""

    @property
    def account(self) -> str:
        """Key of the account."""

    @property
    def subject(self) -> str:
        """The product, or the producer of a seller."""

    @property
    def kind(self) -> Kind:
        """The kind of change."""

    @property
    def print(self) -> str:
        """The fingerprint of what a person has seen of it."""


class ReviewedMarketplace(Protocol):
    """The reviewed changes at one marketplace."""

    @property
    def simulated(self) -> bool:
        """It was a mock."""

    @property
    def changes(self) -> Iterable[ReviewedChange]:
        """The changes, in their order; they are gone through twice."""


class ReviewedPlan(Protocol):
    """A plan that a person has reviewed: from a file, or kept in the database."""

    @property
    def marketplaces(self) -> Mapping[str, ReviewedMarketplace]:
        """Its changes, by the name of the marketplace."""

    @property
    def tried_before(self) -> int:
        """How many more it had, which an earlier try may have sent."""


async def sync_reviewed(
    deployment: Deployment,
    plan: ReviewedPlan,
    names: Sequence[str] = (),
    *,
    follow_for: timedelta = timedelta(0),
    progress: Progress = no_progress,
    run_id: str = "",
) -> Report:
    """Carry out the changes of *plan* that still fit.

    *names* are the marketplaces that the caller expects in it; none for any. The rest
    is as of `sync`.

    Raises:
        ConfigurationError: It is a plan of other marketplaces or accounts.
        StalePlanError: More than half of it no longer fits; nothing was sent.
        UnsafePlanError: It takes more than the budget allows; nothing was sent.
        SyncInProgressError: Another run holds every account.
    """
    deployment = await as_decided(deployment)
    if names and set(names) != set(plan.marketplaces):
        raise _of_others(plan, names)
    sites = [deployment.site(name) for name in plan.marketplaces]
    for site in sites:
        _ensure_ours(site, plan)
    leased = LeasedSync(
        deployment, sites, follow_for=follow_for, progress=progress, run_id=run_id
    )
    return await leased.run(_Reviewing(leased, plan).work)


def _of_others(plan: ReviewedPlan, names: Sequence[str]) -> ConfigurationError:
    its, asked = ", ".join(sorted(plan.marketplaces)), ", ".join(names)
    return ConfigurationError(
        f"kế hoạch lập cho sàn {its}, không phải {asked}: bỏ tên sàn để làm cả kế"
        f" hoạch, hoặc lập riêng bằng `ocop-sync plan {' '.join(names)} --out TỆP`"
        f" / the plan is one of {its}, not of {asked}: name no marketplace, or make"
        " one of its own by that command"
    )


def _ensure_ours(site: Site, plan: ReviewedPlan) -> None:
    """Refuse a plan with accounts that are not set.

    Also one of a real marketplace that is a mock now, or the other way round.
    """
    made = plan.marketplaces[site.name]
    unknown = {each.account for each in made.changes} - site.accounts.keys()
    if unknown:
        keys = ", ".join(sorted(unknown))
        message = (
            f"kế hoạch lập cho tài khoản không có ở đây: {keys}"
            f" / the plan is one of accounts that are not set: {keys}"
        )
        raise ConfigurationError(message)
    if made.simulated is not site.adapter.capabilities.simulated:
        message = (
            f"kế hoạch của sàn {site.name} lập khi sàn là mô phỏng, nay không phải,"
            f" hoặc ngược lại / {site.name} was simulated when the plan was made and is"
            " not now, or the other way round"
        )
        raise ConfigurationError(message)


class _Reviewing:
    """The work of a sync that sends reviewed changes, and no others."""

    def __init__(self, sync: LeasedSync, plan: ReviewedPlan) -> None:
        self._sync = sync
        self._plan = plan
        self._requests = defaultdict[str, list[RemovalRequest]](list)

    async def work(self) -> None:
        """Send changes that still fit; others are skipped, at any end of the run."""
        self._hand_out()
        try:
            await self._work()
        finally:
            for run in self._sync.runs.values():
                for subject, kind in _remaining(run):
                    self._skip(run, subject, kind, NOT_SENT)

    async def _work(self) -> None:
        sync = self._sync
        keys = {key for key, run in sync.runs.items() if _remaining(run)}
        await sync.deployment.database.fetch(sync.prepare)
        await asyncio.gather(*(meet(sync.runs[key]) for key in sorted(keys)))
        to_read = await sync.deployment.database.fetch(
            accounts_to_read, sync.deployment, sync.runs
        )
        await sync.each(read_account, keys & to_read)
        found = await sync.open_work(keys)
        await sync.each(look_back, [key for key in found if found[key].awaiting])
        await sync.each(reread, keys)
        await self._recheck()
        await sync.each(self._compare_sellers, keys)
        self._ensure_fresh()
        await self._ensure_safe()
        await sync.each(self._send_reviewed, keys)
        confirmation = Confirmation(sync)
        async with asyncio.TaskGroup() as group:
            for run in sync.runs.values():
                run.has_sent.set()
                if run.key in keys:
                    group.create_task(confirmation.confirm(run))
        await sync.count()

    def _hand_out(self) -> None:
        """Give each account its part of the plan; skip changes without an account."""
        for run in self._sync.runs.values():
            run.send_only(Reviewed())
        for name, made in self._plan.marketplaces.items():
            for each in made.changes:
                subject = each.subject, each.kind.value
                if run_ := self._sync.runs.get(each.account):
                    _reviewed(run_).add(*subject, each.print)
                else:
                    skipped = Skipped(name, each.account, *subject, NOT_SENT)
                    self._sync.report.skipped.append(skipped)

    async def _recheck(self) -> None:
        """Compare the reviewed changes with those of now."""
        sync = self._sync
        rest = {
            run.key: dict.fromkeys(_reviewed(run).products())
            for run in sync.runs.values()
            if not run.stopped
        }
        only = defaultdict[str, dict[str, None]](dict)
        for key, ids in rest.items():
            only[sync.runs[key].site.name] |= ids
        async with sync.deployment.database.read() as conn:
            walked = await evaluate_all(
                conn,
                sync.deployment,
                sync.sites,
                partial(self._take_in, rest=rest),
                now=sync.deployment.clock(),
                only=only,
            )
        for run in sync.runs.values():
            run.note_walk(walked)
        for key, ids in rest.items():
            if not sync.runs[key].stopped:
                for id_ in sorted(ids):
                    for kind in _reviewed(sync.runs[key]).kinds_of(id_):
                        self._skip(sync.runs[key], id_, kind, CHANGED)

    async def _take_in(
        self,
        site: Site,
        cases: Sequence[Case],
        *,
        rest: Mapping[str, dict[str, None]],
    ) -> None:
        """Store and compare the reviewed products; they are taken out of *rest*."""
        for key in sorted(site.accounts.keys() & rest.keys()):
            if mine := [c for c in cases if c.product_id in rest[key]]:
                compare = partial(self._store_and_compare, cases=mine, rest=rest[key])
                await self._sync.at(self._sync.runs[key], compare)

    async def _store_and_compare(
        self, run: AccountRun, *, cases: Sequence[Case], rest: dict[str, None]
    ) -> None:
        run.case_cache.touched([case.product_id for case in cases])
        for case in await run.write(partial(store_own, run=run, cases=cases)):
            run.case_cache.keep(case)
            self._compare(run, case)
            del rest[case.product_id]

    def _compare(self, run: AccountRun, case: Case) -> None:
        """Keep the changes of the plan that *case* needs as they were reviewed."""
        reviewed, evaluation = _reviewed(run), case.evaluation
        fitting = [
            each for each in evaluation.changes if reviewed.fits(evaluation, each)
        ]
        kept = {each.change.kind.value for each in fitting}
        why = CHANGED if evaluation.hold is None else HELD
        product_id = case.product_id
        for kind in reviewed.kinds_of(product_id):
            if kind not in kept:
                self._skip(run, product_id, kind, why)
        if any(needs_approval(evaluation, each) for each in fitting):
            now = self._sync.deployment.clock()
            self._requests[run.site.name] += run.gate.removal_requests([case], now)

    async def _compare_sellers(self, run: AccountRun) -> None:
        reviewed = _reviewed(run)
        lines = [each for each in reviewed.remaining if each[1] in _OF_SELLERS]
        needed = {subject for subject, _ in lines}
        due = await run.fetch(due_sellers, run.site, run.key, needed)
        fitting = {
            (each.change.client_ref, each.change.kind.value)
            for each in due
            if reviewed.has_seller(each.change)
        }
        for subject, kind in lines:
            if (subject, kind) not in fitting:
                self._skip(run, subject, kind, CHANGED)

    def _skip(self, run: AccountRun, subject: str, kind: str, why: str) -> None:
        _reviewed(run).skip(subject, kind)
        skipped = Skipped(run.site.name, run.key, subject, kind, why)
        self._sync.report.skipped.append(skipped)

    def _ensure_fresh(self) -> None:
        """Send nothing of a plan most of which is another now.

        Raises:
            StalePlanError: More than half of it no longer fits.
        """
        misfits = sum(each.why != NOT_SENT for each in self._sync.report.skipped)
        fitting = sum(
            len(_remaining(run)) for run in self._sync.runs.values() if not run.stopped
        )
        # Danger: what has fitted and gone before a worker died counts as well. Else the
        # rest would be refused as stale, for good, and called a plan that never began.
        fitting += self._plan.tried_before
        if is_stale(misfits, fitting):
            whole = misfits + fitting
            message = (
                f"{misfits} trên {whole} thay đổi trong kế hoạch không còn đúng: chưa"
                " gửi gì, hãy lập kế hoạch mới (`ocop-sync plan --out TỆP`)"
                f" / {misfits} of {whole} changes no longer fit: nothing was sent, make"
                " a new plan (`ocop-sync plan --out TỆP`)"
            )
            raise StalePlanError(message, self._sync.report.skipped)

    async def _ensure_safe(self) -> None:
        """Send nothing of a plan that takes too much.

        Raises:
            UnsafePlanError: It takes more than the budget allows.
        """
        stopped: dict[str, int] = {}
        async with self._sync.deployment.database.read() as conn:
            for name, gate in self._sync.gates.items():
                requests = self._requests[name]
                now = self._sync.deployment.clock()
                gate.choose(await gate.weigh(conn, requests, now))
                if held := gate.stopped_of(requests):
                    stopped[name] = len(held)
        if stopped:
            where = ", ".join(f"{name}: {count}" for name, count in stopped.items())
            message = (
                f"kế hoạch lấy đi nhiều hơn hạn mức ({where} sản phẩm), chưa gửi gì;"
                " lần đồng bộ tới đưa phần vượt vào các nhóm chờ duyệt (`ocop-sync held"
                f" list`) / the plan takes more than the budget ({where} products),"
                " nothing was sent; a sync puts what is above it into groups that wait"
                " for approval (`ocop-sync held list`)"
            )
            raise UnsafePlanError(message)

    async def _send_reviewed(self, run: AccountRun) -> None:
        stops = (kind == Kind.STOP_SELLER.value for _, kind in _remaining(run))
        run.sellers.expect_stops(are_due=any(stops))
        await drain(run)
        await reconcile_sellers(run)


_OF_SELLERS = (Kind.PUT_SELLER.value, Kind.STOP_SELLER.value)


def _reviewed(run: AccountRun) -> Reviewed:
    assert run.reviewed is not None  # noqa: S101  (handed out at the start)
    return run.reviewed


def _remaining(run: AccountRun) -> Sequence[tuple[str, str]]:
    return run.reviewed.remaining if run.reviewed else ()
