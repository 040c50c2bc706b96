"""Count what is on sale, and say of everything else why it is not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from catalog import repository
from catalog.assembly import Entry
from catalog.eligibility import Verdict, evaluate
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.store import counts, remotes


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOnSale:
    """A product that is not shown live at a marketplace, with its reasons.

    Attributes:
        product_id: The product.
        name: Its official name.
        producer: Name of its producer, or "".
        marketplace: Name of the marketplace.
        bucket: How it is counted there.
        reasons: Code, Vietnamese and English text of each reason.
    """

    product_id: str
    name: str
    producer: str
    marketplace: str
    bucket: str
    reasons: tuple[tuple[str, str, str], ...]


async def take_snapshot(deployment: Deployment, site: Site) -> dict[str, Any]:
    """Count a marketplace, keep what was counted, and return it."""
    figures = await figures_of(deployment, site)
    now = deployment.clock()
    await deployment.database.write(
        lambda conn: counts.keep(conn, site.name, figures, now)
    )
    return figures


async def figures_of(deployment: Deployment, site: Site) -> dict[str, Any]:
    """Return the figures of a marketplace, as the last sync left them."""
    async with deployment.database.read() as conn:
        figures = await counts.count(conn, site.name, deployment.clock())
        figures["foreign"] = await remotes.count(conn, list(site.accounts))
    simulated = site.adapter.capabilities.simulated
    certified, listed = figures["certified"], figures["listed"]
    share = round(listed / certified, 4) if certified else None
    return {"simulated": simulated, "share": share, **figures}


async def not_on_sale(
    deployment: Deployment, site: Site, size: int = 500
) -> AsyncIterator[NotOnSale]:
    """Yield every product that is not simply on sale, by product id."""
    after = ""
    while True:
        async with deployment.database.read() as conn:
            rows = await counts.rows_not_on_sale(
                conn, site.name, deployment.clock(), after, size
            )
            entries = await repository.get(conn, [row.product_id for row in rows])
        for row in rows:
            if row.product_id in entries:
                yield _explained(deployment, site, row, entries[row.product_id])
        if len(rows) < size:
            return
        after = rows[-1].product_id


def _explained(deployment: Deployment, site: Site, row: Any, entry: Entry) -> NotOnSale:
    product, producer = entry
    verdict = evaluate(product, producer, deployment.clock(), deployment.rules)
    counted = row.counted if row.counted != "listable" else row.bucket
    return NotOnSale(
        product_id=product.id,
        name=product.name,
        producer=producer.name if producer else "",
        marketplace=site.name,
        bucket=counted,
        reasons=(*_hold(row), *_words(verdict)),
    )


def _hold(row: Any) -> tuple[tuple[str, str, str], ...]:
    """Return why a person decides, with the marketplace's words if it has any."""
    if row.hold is None:
        return ()
    words = HOLD_WORDS[Hold(row.hold)].whole
    said = "; ".join(problem["message"] for problem in row.problems)
    said = f" «{said}»" if said else ""
    return ((row.hold, words.vi + said, words.en + said),)


def _words(verdict: Verdict) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (reason.code, _both(reason.seen.vi, reason.todo.vi), reason.seen.en)
        for reason in verdict.reasons
    )


def _both(seen: str, todo: str) -> str:
    return f"{seen}. {todo}" if todo else seen
