"""How old the reads of marketplaces are whose lists people carry to us.

It is told beside their figures. Of all other marketplaces nothing is told: what they
show is so when they are read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Text
from catalog.vietnam_time import moment
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import accounts

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAge:
    """How old the lists of a marketplace are, and how old they may be.

    Attributes:
        accounts: Keys of its accounts.
        at_most: How old one may be, as its adapter says.
        read_at: When the oldest list of its accounts was so, in UTC; None if there is
            none of some account.
        as_of: The instant of all this, in UTC.
    """

    accounts: tuple[str, ...]
    at_most: timedelta
    read_at: datetime | None
    as_of: datetime

    @property
    def is_too_old(self) -> bool:
        """Say whether a list is older than it may be, or missing."""
        return self.read_at is None or self.as_of - self.read_at > self.at_most

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "at_most_s": self.at_most.total_seconds(),
            "read_at": self.read_at,
            "is_too_old": self.is_too_old,
        }

    @property
    def words(self) -> Text:
        """Return the same as a sentence, without a full stop."""
        hours = f"{self.at_most / _HOUR:g}"
        if self.read_at is None:
            return Text(
                "Chưa có danh sách tin của sàn; cần một danh sách",
                "There is no list of the marketplace yet; one is needed",
            )
        at = moment(self.read_at)
        more = Text("; đã cũ hơn, cần danh sách mới", "; it is older, one is needed")
        vi, en = (more.vi, more.en) if self.is_too_old else ("", "")
        return Text(
            f"Theo danh sách tin của sàn lúc {at}, được cũ tới {hours} giờ{vi}",
            f"By the marketplace's list of {at}, which may be {hours} hours old{en}",
        )


async def read_ages(
    conn: AsyncConnection,
    deployment: Deployment,
    now: datetime,
    names: Collection[str] = (),
) -> Mapping[str, ReadAge]:
    """Return how old the reads of marketplaces are that may be old, by name.

    *names* are those that are asked for; none are all.
    """
    sites = [
        site
        for site in deployment.sites
        if site.adapter.capabilities.has_old_reads and (not names or site.name in names)
    ]
    if not sites:
        return {}
    keys = [key for site in sites for key in site.accounts]
    looks = {each.key: each for each in await accounts.last_looks(conn, keys)}
    found = dict[str, ReadAge]()
    for site in sites:
        known = [looks.get(key) for key in site.accounts]
        times = [each.read_whole_at for each in known if each and each.read_whole_at]
        is_whole = len(times) == len(known)
        found[site.name] = ReadAge(
            accounts=tuple(site.accounts),
            at_most=site.adapter.capabilities.read_age,
            read_at=min(times) if times and is_whole else None,
            as_of=now,
        )
    return found
