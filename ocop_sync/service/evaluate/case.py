"""One product at one marketplace, evaluated, and how fresh the knowledge for it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.product import Entry
from ocop_sync.engine.matching.candidates import Likeness
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.state.state import State
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts


class Case(Struct, frozen=True):
    """One product at one marketplace, evaluated.

    Attributes:
        entry: The product and its producer; None if the catalog has it not.
        twins: Listings that may be the same product, if it would be created.
        had_twins: Some were found when it was evaluated last.
        agreed: The edit of somebody there equals the wanted value: it is no edit now.
    """

    evaluation: Evaluation
    record: Record
    entry: Entry | None = None
    twins: tuple[Likeness, ...] = ()
    had_twins: bool = False
    agreed: bool = False

    @property
    def state(self) -> State:
        """Return the state of its listing, evaluated."""
        return self.record.state

    @property
    def product_id(self) -> str:
        """Return the product's id."""
        return self.record.state.product_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """When accounts were last looked at, by key.

    Attributes:
        read_at: When each was last read whole.
        sales_known_at: When all sales of each were last known.
    """

    read_at: Mapping[str, datetime | None]
    sales_known_at: Mapping[str, datetime | None] = field(default_factory=dict)

    def recently(self, account: str, now: datetime, every: timedelta) -> bool:
        """Say whether *account* was read whole not longer ago than *every*."""
        at = self.read_at.get(account)
        return at is not None and timedelta(0) <= now - at < every

    def sales_since(self, account: str, read_at: datetime | None) -> bool:
        """Say whether all sales until *read_at* and somewhat later are known."""
        at = self.sales_known_at.get(account)
        return at is not None and read_at is not None and at > read_at


async def freshness_of(conn: AsyncConnection, keys: Sequence[str]) -> Freshness:
    """Return when accounts *keys* were last looked at."""
    found = await accounts.last_looks(conn, keys)
    return Freshness(
        read_at={each.key: each.read_whole_at for each in found},
        sales_known_at={each.key: each.sales_known_at for each in found},
    )


def urgency_of(changes: Sequence[Planned]) -> int | None:
    """Return the urgency of the first of *changes*."""
    return int(changes[0].urgency) if changes else None
