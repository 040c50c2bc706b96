"""What a marketplace does meanwhile, so that a visitor finds something to decide.

Somebody enters a listing by hand there that may be one of our products; its staff take
one of ours from sale, and lose more of them at once than are put up again unasked. The
mock's own pages do it, to made-up products alone. Nothing of it is our deployment's:
the syncs find it, and hold what a person has to decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.db import reader
from catalog.eligibility import Standing, evaluate
from catalog.model.product import Product
from ocop_sync.cli.demo.mocks import RunningMock
from ocop_sync.cli.demo.narration import tell
from ocop_sync.engine.plan.drift_outlook import DriftOutlook
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.terms import Found
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.service.queries.held import held_groups
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.store.listings import coverage, records


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happens at one marketplace: that of the department's account.

    Attributes:
        name: Its name.
        running: Its mock.
        source: That of the made-up products, of which alone it happens.
    """

    name: str
    running: RunningMock
    source: str

    async def enter_by_hand(self, deployment: Deployment) -> None:
        """Enter a product there by hand that the next sync would create."""
        async with deployment.database.read() as conn:
            ids = await reader.products_by_source(conn, self.source)
            known = await records.load(conn, self.name, ids)
            entries = await reader.get(conn, ids)
        now = deployment.clock()
        for id_ in sorted(ids, reverse=True):
            product, producer = entries[id_]
            verdict = evaluate(product, producer, now, deployment.rules)
            is_listed = verdict.standing is Standing.LISTED
            if is_listed and _is_whole(product) and id_ not in known:
                await self.running.post("hand_made", names=[product.name])
                return

    async def lose_some(self, deployment: Deployment) -> bool:
        """Take one of ours from sale there, and lose too many others at once.

        Returns:
            Whether it was done: a small catalog has too few.
        """
        async with deployment.database.read() as conn:
            ids = await reader.products_by_source(conn, self.source)
            known = await records.load(conn, self.name, ids)
            shown = await coverage.live_now(conn, self.name)
        live = sorted(i for i, each in known.items() if each.state.found is Found.LIVE)
        most = deployment.budget_at(self.name).vanishing(shown)
        lost, taken = live[-most - 2 : -1], live[-1:]
        if len(lost) <= most:
            return False
        await self.running.post("take_down", ref=taken[0])
        for each in lost:
            await self.running.post("delete", ref=each)
        tell("meanwhile", marketplace=self.name, lost=len(lost), taken=taken[0])
        return True


async def tell_what_waits(deployment: Deployment) -> None:
    """Tell how much of that waits for a person, now."""
    asked = {DriftOutlook.ASKED}
    drift = [
        each
        for each in await list_drift(deployment)
        if each.outlook in asked and each.kind is not DriftKind.VANISHED
    ]
    groups, twins = await held_groups(deployment), await list_twins(deployment)
    if groups or drift or twins:
        tell("waits", groups=len(groups), drift=len(drift), twins=len(twins))


def where_it_happens(mocks: Mapping[str, RunningMock], source: str) -> Meanwhile | None:
    """Return the first marketplace with one account for all; None if there is none."""
    for name, running in sorted(mocks.items()):
        if not running.account_per_seller:
            return Meanwhile(name, running, source)
    return None


def _is_whole(product: Product) -> bool:
    """Say whether each pack has its price, and was counted."""
    packs = product.variants
    return all(each.price_vnd and each.on_hand for each in packs) and bool(packs)
