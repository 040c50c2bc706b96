"""What stands and is to be told, found by a look: an age that nobody writes down.

An account that is down for an hour, certificates that come near their end, listings
that claim what has ended. What events have recorded already is not told again; what
stands no more is told to have ended, whoever has ended it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.notices.kinds import NoticeKind, key_of
from ocop_sync.service.notices.record import standing_group
from ocop_sync.service.queries.account_status import AccountStatus, account_statuses
from ocop_sync.service.queries.coverage_outlook import claims_ended, ends_coming
from ocop_sync.store import notices
from ocop_sync.store.decisions import held_groups
from ocop_sync.store.notices import Notice, Standing

DOWN_FOR: Final = timedelta(hours=1)
"""An account that fails for so long is told of as being down."""

WITHIN_DAYS: Final = (30, 60, 90)
"""Certificates are told of when their end comes as near as each of these."""

ENDS_EVERY: Final = timedelta(hours=6)
"""The whole catalog is walked through for ends so often, and at the start."""

KEPT_FOR: Final = timedelta(days=400)
"""Notices of what is over are forgotten after so long."""

_MOST_NAMED: Final = 200
"""Certificates of one notice; more come in the next."""


@dataclass(slots=True)
class _Found:
    """What a look has found.

    Attributes:
        stands: Things that stand.
        looked_at: The kinds of which all that stand were looked for.
        over: The keys of what has ended by its day.
    """

    stands: list[Standing] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)
    over: list[str] = field(default_factory=list)


class Look:
    """Looks at what stands, again and again.

    Args:
        deployment: What is looked at.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._ends_at: datetime | None = None

    async def look(self) -> Sequence[str]:
        """Have told what stands now, and what stands no more.

        Returns:
            Ids of products that cannot be evaluated: whether they come to an end is not
            known. Empty if ends were not looked for this time.
        """
        deployment = self._deployment
        now = deployment.clock()
        async with deployment.database.read() as conn:
            known = await notices.standing(conn)
            groups = await held_groups.listed(conn)
        found = _Found()
        statuses = await account_statuses(deployment)
        self._accounts(found, statuses, known, now)
        found.stands += [
            standing_group(each, simulated=self._is_simulated(each.marketplace))
            for each in groups
            if each.state == "open"
        ]
        found.looked_at.add(NoticeKind.GROUP_HELD)
        await self._claims(found)
        faulty = await self._ends(found, known, now)
        await self._tell(found, known, now)
        return faulty

    def _accounts(
        self,
        found: _Found,
        statuses: Collection[AccountStatus],
        known: Collection[Notice],
        now: datetime,
    ) -> None:
        for each in statuses:
            since = each.failing_since
            is_down = since is not None and since <= now - DOWN_FOR
            if each.unusable or is_down:
                found.stands.append(self._down(each))
        found.looked_at.add(NoticeKind.ACCOUNT_DOWN)
        failing = {each.key for each in statuses if each.is_failing}
        # A run that works has ended these itself; an account that is gone has no runs.
        found.stands += [
            each
            for each in known
            if each.kind == NoticeKind.RUN_FAILED and each.details["account"] in failing
        ]
        found.looked_at.add(NoticeKind.RUN_FAILED)

    def _down(self, each: AccountStatus) -> Standing:
        since = each.failing_since
        return Standing(
            kind=NoticeKind.ACCOUNT_DOWN,
            key=key_of(NoticeKind.ACCOUNT_DOWN, each.key),
            details={
                "account": each.key,
                "marketplace": each.marketplace,
                "cause": "unusable" if each.unusable else each.cause.value,
                "since": since.isoformat(timespec="seconds") if since else "",
            },
            simulated=self._is_simulated(each.marketplace),
        )

    async def _claims(self, found: _Found) -> None:
        shown = await claims_ended(self._deployment)
        by_marketplace: dict[str, list[str]] = defaultdict(list)
        for each in shown.listings:
            by_marketplace[each.marketplace].append(each.product_id)
        for name, products in by_marketplace.items():
            claims = Standing(
                kind=NoticeKind.CLAIMS_SHOWN,
                key=key_of(NoticeKind.CLAIMS_SHOWN, name),
                details={
                    "marketplace": name,
                    "count": len(products),
                    "products": products[:_MOST_NAMED],
                },
                simulated=self._is_simulated(name),
            )
            found.stands.append(claims)
        found.looked_at.add(NoticeKind.CLAIMS_SHOWN)

    async def _ends(
        self, found: _Found, known: Collection[Notice], now: datetime
    ) -> Sequence[str]:
        today = day_in_vietnam(now)
        told = [e for e in known if e.kind == NoticeKind.CERTIFICATES_END]
        found.over += [each.key for each in told if _last_end(each) < today]
        if self._ends_at is not None and now < self._ends_at:
            return ()
        coming = await ends_coming(self._deployment, WITHIN_DAYS)
        # Put off only once it was found: a look that failed is made again soon.
        self._ends_at = now + ENDS_EVERY
        named = {_name(n.details["days"], each) for n in told for each in _listed(n)}
        new: dict[int, list[dict[str, str]]] = defaultdict(list)
        for row in coming.rows:
            days = min(each for each in WITHIN_DAYS if row.days_left <= each)
            each = {"product": row.product_id, "ends_on": row.ends_on.isoformat()}
            if _name(days, each) not in named:
                new[days].append(each)
        for days, products in sorted(new.items()):
            found.stands += _in_parts(days, products)
        return coming.faulty

    async def _tell(
        self, found: _Found, known: Sequence[Notice], now: datetime
    ) -> None:
        stands = {each.key for each in found.stands}
        before = {each.key for each in known}
        begun = [each for each in found.stands if each.key not in before]
        ended = [
            each.key
            for each in known
            if each.kind in found.looked_at and each.key not in stands
        ]
        senders = self._deployment.told_by

        async def work(conn: AsyncConnection) -> None:
            for each in begun:
                await notices.begin(conn, each, senders, now)
            if ended:
                await notices.end(conn, ended, senders, now)
            if found.over:
                await notices.end(conn, found.over, senders, now, is_told=False)
                await notices.forget_before(conn, now - KEPT_FOR)

        if begun or ended or found.over:
            await self._deployment.database.write(work)

    def _is_simulated(self, marketplace: str) -> bool:
        sites = self._deployment.sites
        found = [each for each in sites if each.name == marketplace]
        return any(each.adapter.capabilities.simulated for each in found)


def _in_parts(days: int, products: Sequence[dict[str, str]]) -> Iterable[Standing]:
    for part in chunks(products, _MOST_NAMED):
        names = "\n".join(_name(days, each) for each in part)
        digest = hashlib.sha256(names.encode()).hexdigest()[:16]
        yield Standing(
            kind=NoticeKind.CERTIFICATES_END,
            key=key_of(NoticeKind.CERTIFICATES_END, days, digest),
            details={"days": days, "count": len(part), "products": list(part)},
        )


def _listed(told: Notice) -> Iterable[dict[str, str]]:
    products: list[dict[str, str]] = told.details["products"]
    return products


def _last_end(told: Notice) -> date:
    return max(date.fromisoformat(each["ends_on"]) for each in _listed(told))


def _name(days: int, each: dict[str, str]) -> str:
    return f"{days} {each['product']} {each['ends_on']}"
