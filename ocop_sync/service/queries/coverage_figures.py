"""The figures of coverage at the end of any day since history began, and their lists.

They come from intervals (`ocop_sync.store.listings.coverage_intervals`): each product
is counted as was known then. Nothing that is entered later about an earlier day changes
them. Today's figures are those of now.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import CHUNK
from catalog.eligibility import Text
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam, start_of
from ocop_sync.engine.figure_words import DEFINITIONS
from ocop_sync.errors import QuestionError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries import catalog_coverage
from ocop_sync.service.queries.catalog_coverage import NOWHERE
from ocop_sync.service.run.read_ages import ReadAge, read_ages
from ocop_sync.store.listings import coverage_days
from ocop_sync.store.listings.coverage_days import (
    FIGURES,
    CellCounts,
    CountedProduct,
    Instant,
)

_INSTANT: Final = timedelta(microseconds=1)
"""The shortest time that is told apart."""

DENOMINATORS: Final = FIGURES.keys() - {
    "certified",
    "validity_unknown",
    "not_certified",
    "live_not_listable",
}
"""The figures that are part of the certified products; the others are in no sum."""

FIRST_DAY: Final = date(2000, 1, 1)
"""Nobody asks further back: no programme of this kind is older."""

LAST_DAY: Final = date(2090, 12, 31)
"""Nobody asks further ahead."""

LONGEST_HISTORY: Final = 92
"""Days of one series, a quarter: each is counted by itself."""


class Dimension(StrEnum):
    """By what figures are told apart, besides the marketplace."""

    COMMUNE = "commune"
    STARS = "stars"
    SET = "set"
    KIND = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedFilter:
    """The products that one figure counts.

    Attributes:
        marketplace: Name of the marketplace.
        figure: Name of the figure, one of `FIGURES`.
        day: The day at whose end they are counted; None is now.
        commune: Only of this commune; "" is of none that is known.
        stars: Only with so many stars.
        set: Only of this product set.
        kind: Only of producers of this legal form.
    """

    marketplace: str
    figure: str
    day: date | None = None
    commune: str | None = None
    stars: int | None = None
    set: str | None = None
    kind: str | None = None

    @property
    def parts(self) -> dict[str, str | int]:
        """Return the value of each dimension that matters."""
        values = ((each.value, getattr(self, each.value)) for each in Dimension)
        return {name: value for name, value in values if value is not None}

    @property
    def parameters(self) -> dict[str, Any]:
        """Return what matters, as parameters of a query."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in values if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: how many products, of how many, and which.

    Attributes:
        name: One of `FIGURES`.
        value: How many products it counts.
        of: Of how many certified ones; None if it is part of no sum.
        list: The products that it counts.
    """

    name: str
    value: int
    of: int | None
    list: CountedFilter

    @property
    def share(self) -> float | None:
        """Return the share to four places; None of nothing."""
        return round(self.value / self.of, 4) if self.of else None

    @property
    def definition(self) -> Text:
        """Return which products it counts, in words."""
        return DEFINITIONS[self.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The figures of one part at one marketplace.

    Attributes:
        marketplace: Name of the marketplace.
        simulated: It is a mock, or was one when something of this was counted.
        part: The value of the dimension: a commune's code, a number of stars...; None
            of the whole.
        figures: By name.
    """

    marketplace: str
    simulated: bool
    part: str | int | None
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCoverage:
    """The figures of one day.

    Attributes:
        day: The day in Vietnam.
        at: The instant that is counted: its last one, or now.
        by: By what the figures are told apart; None if by marketplace alone.
        cells: By marketplace and part.
        history_began: When counting began at each marketplace, in UTC.
        not_known: Marketplaces of which nothing is known on that day.
        read_ages: How old reads are where they may be old, by marketplace; of now
            alone.
    """

    day: date
    at: datetime
    by: Dimension | None
    cells: Sequence[Cell]
    history_began: Mapping[str, datetime]
    not_known: Sequence[str]
    read_ages: Mapping[str, ReadAge] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        """Say whether any figure is of a mock."""
        return any(each.simulated for each in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """A product that a figure counts.

    Attributes:
        counted: As it was counted on that day.
        name: The product's name now; "" if the catalog has it no more.
        producer: Its producer's name now, or "".
    """

    counted: CountedProduct
    name: str
    producer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedList:
    """The products that a figure counts, read as they are shown.

    Attributes:
        chosen: Which they are.
        products: They themselves, by marketplace and id.
    """

    chosen: Sequence[CountedFilter]
    simulated: bool
    products: AsyncIterator[tuple[CountedFilter, ListedProduct]]


def end_of(day: date) -> datetime:
    """Return the last instant of *day* in Vietnam."""
    return start_of(day + timedelta(days=1)) - _INSTANT


def _instant(day: date | None, now: datetime) -> Instant:
    """Return the instant at which *day* is counted; that of today, and None, is now.

    Raises:
        QuestionError: The day has not come yet.
    """
    today = day_in_vietnam(now)
    if day is not None and day < FIRST_DAY:
        message = (
            f"không có số liệu trước năm {FIRST_DAY.year} / there are no figures of"
            f" days before {FIRST_DAY.year}"
        )
        raise QuestionError(message)
    if day is not None and day > today:
        message = (
            f"ngày {day:%d/%m/%Y} chưa tới: hãy xem trước đến ngày đó (as of)"
            f" / {day:%Y-%m-%d} has not come yet: look ahead to it (as of)"
        )
        raise QuestionError(message)
    return Instant(at=now if day in (None, today) else end_of(day), now=now)


async def coverage_of(
    deployment: Deployment,
    *,
    day: date | None = None,
    by: Dimension | None = None,
    names: Collection[str] = (),
    evaluates: bool = True,
) -> DayCoverage:
    """Return the figures of *day*, or of now, at marketplaces *names*, or at all.

    A marketplace that is set and was never counted is not known. One that is set no
    more is told as it was. Where none was ever set the catalog is evaluated, as it is
    now, unless *evaluates* says that this takes too long.

    Raises:
        QuestionError: The day has not come yet.
    """
    now = deployment.clock()
    async with deployment.database.read() as conn:
        found = await coverage_on(conn, deployment, day, by, names, now)
        is_asked = evaluates and found.at == now and {*names} <= {NOWHERE}
        if is_asked and await _has_no_marketplace(conn, deployment):
            counts = await catalog_coverage.count_cells(conn, deployment.rules, now, by)
            cells = [_cell(NOWHERE, e, day, by, is_mock=False) for e in counts]
            return replace(found, cells=cells)
        return found


async def _has_no_marketplace(conn: AsyncConnection, deployment: Deployment) -> bool:
    """Say whether no marketplace is set, and none was ever counted."""
    return not deployment.sites and not await coverage_days.history_began(conn)


async def coverage_history(
    deployment: Deployment, *, first: date, last: date, names: Collection[str] = ()
) -> list[DayCoverage]:
    """Return the figures of each day from *first* to *last*, both included.

    Raises:
        QuestionError: The last day has not come yet, or they are more than
            `LONGEST_HISTORY`.
    """
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_HISTORY:
        message = (
            f"cần từ 1 đến {LONGEST_HISTORY} ngày / 1 to {LONGEST_HISTORY} days are"
            " told at once"
        )
        raise QuestionError(message)
    now = deployment.clock()
    days = [first + timedelta(days=n) for n in range(length)]
    async with deployment.database.read() as conn:
        return [
            await coverage_on(conn, deployment, each, None, names, now) for each in days
        ]


async def coverage_on(  # noqa: PLR0917  (one question, with each of its parts)
    conn: AsyncConnection,
    deployment: Deployment,
    day: date | None,
    by: Dimension | None,
    names: Collection[str],
    now: datetime,
) -> DayCoverage:
    """Return the figures as `coverage_of` does, read by *conn* as of *now*."""
    began = await coverage_days.history_began(conn)
    asked = AskedDay.of(deployment, day, names, began, now)
    found = {
        name: await coverage_days.count_cells(conn, name, asked.instant, by)
        for name in asked.known
    }
    told = asked.told(by, found)
    if not asked.is_now:
        return told
    return replace(told, read_ages=await read_ages(conn, deployment, now, names))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDay:
    """A day whose figures are asked for.

    Attributes:
        day: As it was asked for; None is now.
        instant: When it is counted.
        names: The marketplaces that it is asked of.
        began: When counting began at each of these, in UTC; never at others.
        mocks: Those that are mocks now.
    """

    day: date | None
    instant: Instant
    names: Sequence[str]
    began: Mapping[str, datetime]
    mocks: Collection[str]

    @classmethod
    def of(
        cls,
        deployment: Deployment,
        day: date | None,
        names: Collection[str],
        began: Mapping[str, datetime],
        now: datetime,
    ) -> "AskedDay":
        """Return *day* at marketplaces *names*, or at all that are known of.

        Raises:
            QuestionError: The day has not come yet.
        """
        instant = _instant(day, now)
        simulated = {
            site.name: site.adapter.capabilities.simulated for site in deployment.sites
        }
        there = sorted({*began, *simulated})
        asked = [name for name in there if not names or name in names]
        return cls(
            day=day,
            instant=instant,
            names=asked,
            began={name: began[name] for name in asked if name in began},
            mocks={name for name, is_mock in simulated.items() if is_mock},
        )

    @property
    def is_now(self) -> bool:
        """Say whether now is counted, and no past day."""
        return self.instant.at == self.instant.now

    @property
    def known(self) -> list[str]:
        """Return the marketplaces of which something is known on that day."""
        return [n for n, began in self.began.items() if began <= self.instant.at]

    def told(
        self, by: Dimension | None, found: Mapping[str, Iterable[CellCounts]]
    ) -> DayCoverage:
        """Return its figures, *found* at each of `known`, told apart by *by*."""
        known = self.known
        return DayCoverage(
            day=day_in_vietnam(self.instant.at),
            at=self.instant.at,
            by=by,
            cells=[
                _cell(name, each, self.day, by, is_mock=name in self.mocks)
                for name in known
                for each in found[name]
            ],
            history_began=self.began,
            not_known=[name for name in self.names if name not in known],
        )


def _cell(
    marketplace: str,
    found: CellCounts,
    day: date | None,
    by: Dimension | None,
    *,
    is_mock: bool,
) -> Cell:
    part: dict[str, Any] = {by.value: found.part} if by else {}
    figures = {
        name: Figure(
            name=name,
            value=value,
            of=found.figures["certified"] if name in DENOMINATORS else None,
            list=CountedFilter(marketplace=marketplace, figure=name, day=day, **part),
        )
        for name, value in found.figures.items()
    }
    return Cell(
        marketplace=marketplace,
        simulated=found.simulated or is_mock,
        part=found.part,
        figures=figures,
    )


async def counted_list(
    deployment: Deployment, chosen: CountedFilter, *, after: str = "", size: int = 100
) -> list[ListedProduct]:
    """Return at most *size* products that a figure counts, by id behind *after*.

    Raises:
        QuestionError: There is no such figure, or the day has not come yet.
    """
    if chosen.figure not in FIGURES:
        message = (
            f"không có số liệu / there is no figure {chosen.figure!r}:"
            f" {', '.join(FIGURES)}"
        )
        raise QuestionError(message)
    instant = _instant(chosen.day, deployment.clock())
    what: dict[str, Any] = {"figure": chosen.figure, "parts": chosen.parts}
    what |= {"after": after, "size": size}
    async with deployment.database.read() as conn:
        is_now = instant.at == instant.now and chosen.marketplace == NOWHERE
        if is_now and await _has_no_marketplace(conn, deployment):
            found = await catalog_coverage.counted_products(
                conn, deployment.rules, instant.now, **what
            )
        else:
            found = await coverage_days.counted_products(
                conn, chosen.marketplace, instant, **what
            )
        entries = await reader.get(conn, [each.product_id for each in found])
    return [_listed(each, entries) for each in found]


def is_simulated(
    deployment: Deployment, marketplace: str, found: Iterable[ListedProduct]
) -> bool:
    """Say whether *marketplace* is a mock, or was one when *found* were counted."""
    mocks = {e.name for e in deployment.sites if e.adapter.capabilities.simulated}
    return marketplace in mocks or any(each.counted.simulated for each in found)


async def counted_lists(
    deployment: Deployment, chosen: Sequence[CountedFilter]
) -> CountedList:
    """Return all products that figures count, one figure after the other.

    Raises:
        QuestionError: As of `counted_list`, once they are read.
    """
    return CountedList(
        chosen=chosen,
        simulated=deployment.simulated,
        products=_each_listed(deployment, chosen),
    )


async def _each_listed(
    deployment: Deployment, chosen: Sequence[CountedFilter]
) -> AsyncIterator[tuple[CountedFilter, ListedProduct]]:
    for each in chosen:
        after = ""
        while page := await counted_list(deployment, each, after=after, size=CHUNK):
            after = page[-1].counted.product_id
            for product in page:
                yield each, product


def _listed(found: CountedProduct, entries: Mapping[str, Any]) -> ListedProduct:
    product, producer = entries.get(found.product_id, (None, None))
    return ListedProduct(
        counted=found,
        name=product.name if product else "",
        producer=producer.name if producer else "",
    )
