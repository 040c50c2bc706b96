"""Which products have listings of ours at two accounts, as long as a run lasts."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.store.listings import other_account_doubles, records


class KnownDoubles:
    """The products that one run knows to be listed at two accounts."""

    def __init__(self, sync: LeasedSync) -> None:
        self._database = sync.deployment.database
        self._runs = sync.runs
        self._products: dict[str, set[str]] = {site.name: set() for site in sync.sites}

    async def note(self, conn: AsyncConnection) -> bool:
        """Look which there are; return whether there are any, or were in this run."""
        for name, known in self._products.items():
            known.update(await other_account_doubles.products(conn, name))
        return any(self._products.values())

    async def products(self) -> Mapping[str, Sequence[str]]:
        """Return the products, by the account of this run through which each goes."""
        found: dict[str, list[str]] = {}
        async with self._database.read() as conn:
            for name, known in self._products.items():
                for record in (await records.load(conn, name, sorted(known))).values():
                    if record.state.account in self._runs:
                        mine = found.setdefault(record.state.account, [])
                        mine.append(record.state.product_id)
        return found
