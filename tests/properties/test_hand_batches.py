"""Whatever becomes of batches on their way, each product is listed once at most.

And once all has been told, what is known of the account is what stands there.
"""

import asyncio
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ocop_sync.marketplace.by_hand import Table
from ocop_sync.marketplace.change import Republish
from ocop_sync.marketplace.listing import Listing, RemoteState
from ocop_sync.testing.kit import samples
from tests.adapters.sheet.hand_bench import BY, HandBench, price, withdrawal

ACTS = (
    *("create", "create", "price", "withdraw", "republish", "hand out", "hand out"),
    *("carry out", "carry out", "import", "import part", "call off", "export"),
)
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 3)), max_size=25)


class Days:
    """Days at an account, with the batches that are on their way."""

    def __init__(self, folder: Path) -> None:
        self.bench = HandBench(folder)
        self.filled: list[list[Table]] = []

    async def do(self, act: str, number: int) -> None:
        """Do one act; *number* says with which product, batch or lines."""
        bench, market = self.bench, self.bench.market
        ref, ours = await self.ref_of(number), samples.client_ref(number)
        match act:
            case "create":
                await market.create([bench.create(number)])
            case "price":
                vnd = 100_000 + 1_000 * len(self.filled)
                await market.set_price([price(number, ref, vnd)])
            case "withdraw":
                await market.withdraw([withdrawal(number, ref)])
            case "republish":
                await market.republish([Republish(client_ref=ours, ref=ref)])
            case "hand out":
                await market.close_batch(by=BY)
            case "carry out":
                await self.carry_out(number)
            case "call off":
                for each in (await market.standing()).batches[:1]:
                    await market.call_off(each.number, by=BY)
            case "export":
                await bench.tell()
            case _:
                await self.import_(number, is_part=act == "import part")

    async def ref_of(self, number: int) -> str:
        """Return the listing of a product, as it is known; "" if there is none."""
        ours = samples.client_ref(number)
        items = (await self.bench.market.page(None)).items
        return next((e.ref for e in items if e.shown.client_ref == ours), "")

    async def carry_out(self, number: int) -> None:
        """Let staff carry a batch out; its sheet is on its way afterwards."""
        waiting = (await self.bench.market.standing()).batches
        if waiting:
            chosen = waiting[number % len(waiting)]
            batch = await self.bench.market.batch(chosen.number)
            self.filled.append(self.bench.staff.fill(batch.sheets))

    async def import_(self, number: int, *, is_part: bool) -> None:
        """Take in a sheet that is on its way, whole or torn; it may come again."""
        if self.filled:
            tables = self.filled[number % len(self.filled)]
            if is_part:
                tables = [torn(each, number) for each in tables]
            await self.bench.take(tables)

    async def end(self) -> None:
        """Carry all out, and take all in that is on its way."""
        await self.bench.market.close_batch(by=BY)
        for each in (await self.bench.market.standing()).batches:
            batch = await self.bench.market.batch(each.number)
            self.filled.append(self.bench.staff.fill(batch.sheets))
        for tables in self.filled:
            await self.bench.take(tables)
        await self.bench.tell()


def torn(table: Table, number: int) -> Table:
    """Return a sheet without its first lines, the others the other way round."""
    head, *lines = table.lines
    return Table(table.name, [head, *reversed(lines[number - 1 :])])


def seen(shown: Listing, state: RemoteState) -> tuple[object, ...]:
    packs = [(p.sku, p.price_vnd, p.stock) for p in shown.variants]
    return shown.client_ref, state is RemoteState.LIVE, packs


async def live_through(steps: list[tuple[str, int]], folder: Path) -> None:
    days = Days(folder)
    for act, number in steps:
        await days.do(act, number)
    await days.end()

    held = days.bench.staff.holds()
    times = Counter(each.shown.client_ref for each in held)
    assert max(times.values(), default=0) <= 1, times
    page = await days.bench.market.page(None)
    known = [each for each in page.items if each.shown.client_ref in times]
    assert sorted(map(str, (seen(e.shown, e.state) for e in known))) == sorted(
        map(str, (seen(e.shown, e.state) for e in held))
    )
    left = [each for each in page.items if each not in known]
    assert RemoteState.LIVE not in {each.state for each in left}
    standing = await days.bench.market.standing()
    assert (standing.open, standing.batches) == (0, ())


@given(STEPS)
@settings(max_examples=40)
def test_nothing_is_listed_twice_and_all_is_known_in_the_end(
    steps: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(live_through(steps, Path(folder)))
