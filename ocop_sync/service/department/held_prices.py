"""Prices of sheets that look like a slip: each is taken or left by a person.

An import holds such a price and takes the rest of its row. It waits as long as nobody
has decided on it, its pack still has the price that was known then, and nothing newer
has come of its source. A decision is kept with the report of the import.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.price import PriceEntry, enter_price, token_of_price
from catalog.db.acts import record_act
from catalog.db.kept_reports import (
    KeptReport,
    decide_report,
    kept_report,
    latest_of_source,
    preview_page,
)
from catalog.db.reader import get, products_by_sku
from catalog.db.writer import lock
from catalog.errors import PastImportError
from catalog.imports.kept_import import NOTHING_CAME, Outcome
from catalog.imports.preview import PRICES, TAKES
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG
from catalog.values import replace
from ocop_sync.errors import NoSuchDecisionError, StalePlanError
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment

MOST: Final = 200
"""Prices of one import that are told one by one; the others are told with its rows."""

WRITTEN: Final = frozenset({Outcome.WRITTEN.value, Outcome.UNCHANGED.value})
"""What becomes of an import that has taken the rest of such rows."""
_DECISIONS: Final = "price_decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDecision:
    """What a person has decided on a price.

    Attributes:
        taken: The new price was taken; else the one before stays.
        by: Who.
        at: When, in UTC.
    """

    taken: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPrice:
    """A price that an import has held.

    Attributes:
        report: The report of the import.
        product: The product, as it is now.
        producer: The name of its producer, or "".
        commune: The code of its commune since 1 July 2025, or "".
        sku: Of which pack.
        before: The price that was known; None if there was none.
        after: The price of the sheet.
        now: The price that the pack has; None if it has none.
        decision: What a person has decided; None if nobody has.
        is_latest: Nothing newer has come of the source.
    """

    report: KeptReport
    product: Product
    producer: str
    commune: str
    sku: str
    before: int | None
    after: int
    now: int | None
    decision: PriceDecision | None
    is_latest: bool = True

    @property
    def waits(self) -> bool:
        """Whether a person has to decide on it."""
        return self.decision is None and self.now == self.before and self.is_latest


async def waiting_prices(
    conn: AsyncConnection, reports: Iterable[KeptReport]
) -> list[SheetPrice]:
    """Return the prices of *reports*, the last of their sources, that wait."""
    found: list[tuple[KeptReport, Mapping[str, Any]]] = []
    for report in reports:  # one for each source that has any
        found += [(report, each) for each in await _held_in(conn, report)]
    return [each for each in await _as_now(conn, found) if each.waits]


async def sheet_price(
    conn: AsyncConnection, number: int, sku: str
) -> SheetPrice | None:
    """Return the price of a pack that report *number* has held; None if it has not."""
    try:
        report = await kept_report(conn, number)
    except PastImportError:
        return None
    held = [each for each in await _held_in(conn, report) if each["pack"] == sku]
    found = await _as_now(conn, [(report, each) for each in held])
    if not found:
        return None
    latest = await latest_of_source(conn, report.source, without=NOTHING_CAME)
    return replace(found[0], is_latest=latest <= number)


async def decide_price(
    deployment: Deployment, number: int, sku: str, *, take: bool, by: Actor
) -> None:
    """Take the price of the sheet, or leave the one that is known.

    Raises:
        NoSuchDecisionError: No such price was held, or its report is erased.
        StalePlanError: It waits no longer: somebody has decided, the pack has another
            price, or a newer sheet has come.
        PlanError: *by* is empty or too long.
    """
    ensure_named(by)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> None:
        await lock(conn)
        found = await sheet_price(conn, number, sku)
        if found is None:
            message = f"không có giá nào chờ / no such price waits: {number}, {sku}"
            raise NoSuchDecisionError(message)
        if not found.waits:
            message = f"giá của {sku} không còn chờ / the price of {sku} waits no more"
            raise StalePlanError(message)
        if take:
            token = token_of_price(sku, found.before, found.after)
            entry = PriceEntry(sku=sku, price_vnd=found.after, token=token)
            await enter_price(conn, entry, reach=WHOLE_CATALOG, by=by, now=now)
        else:
            subjects, refs = [found.product.id], {"report": str(number), "pack": sku}
            done = Act(by=by, kind="keep_price", at=now, subjects=subjects, refs=refs)
            await record_act(conn, done)
        said = {"taken": take, "by": by.name, "at": now.isoformat()}
        told = found.report.told or {}
        decisions = {**told.get(_DECISIONS, {}), sku: said}
        await decide_report(
            conn,
            number,
            told={**told, _DECISIONS: decisions},
            decided=found.report.outcome,
            outcomes=[found.report.outcome],
        )

    await deployment.database.write(store)


async def _held_in(
    conn: AsyncConnection, report: KeptReport
) -> Sequence[Mapping[str, Any]]:
    counts = (report.told or {}).get("preview", {})
    most = min(counts.get(PRICES, 0), MOST)
    if not most or report.outcome not in WRITTEN:
        return []
    first = counts.get(TAKES, 0) + 1
    page = await preview_page(
        conn, report.id, first=first, last=first + most - 1, size=most
    )
    return [told for _, told in page]


async def _as_now(
    conn: AsyncConnection, found: Sequence[tuple[KeptReport, Mapping[str, Any]]]
) -> list[SheetPrice]:
    """Return held prices with their packs as they are now, where these are there."""
    ids = await products_by_sku(conn, [each["pack"] for _, each in found])
    entries = await get(conn, sorted(set(ids.values())))
    shown = []
    for report, each in found:
        sku = each["pack"]
        product, maker = entries.get(ids.get(sku, ""), (None, None))
        if product is None:
            continue
        pack = next(pack for pack in product.variants if pack.sku == sku)
        said = (report.told or {}).get(_DECISIONS, {}).get(sku)
        shown.append(
            SheetPrice(
                report=report,
                product=product,
                producer=maker.name if maker else "",
                commune=maker.address.commune_code if maker else "",
                sku=sku,
                before=each["before"],
                after=each["after"],
                now=pack.price_vnd,
                decision=None if said is None else _decision(said),
            )
        )
    return shown


def _decision(said: Mapping[str, Any]) -> PriceDecision:
    return PriceDecision(
        taken=said["taken"], by=said["by"], at=datetime.fromisoformat(said["at"])
    )
