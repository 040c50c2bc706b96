"""How well listings made by hand are found again, on names written for that.

    python -m benchmarks.adoption [--products 20000]

Reads the labelled pairs of `tests/data/adoption.csv` and goes the way of a sync:
listings are remembered with their keys, candidates are found by keys, compared,
and those above the threshold put before a person. A marketplace seldom has one
product twice, so each round has one listing of each product, and all listings
that show no product of the file; a product with five pairs takes part in five.
In a last round are the listings that show another product than they are paired
with. An offer is right if the listing shows that very product.

Around them stand as many generated, fictitious listings as `--products` says,
and as many products are looked up at the end, for the CPU time that it takes.
"""

import argparse
import asyncio
import csv
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.stage import NOW, PRODUCERS
from catalog.fiction.generate import generate
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.matching.candidates import NewProduct
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    Variant,
)
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.listings import foreign_listings
from ocop_sync.store.tables import metadata

PAIRS = Path(__file__).parent.parent / "tests" / "data" / "adoption.csv"
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A product and a listing, and whether they are the same.

    The attributes are the columns of the file: `tests/data/README.md`.
    """

    pair: str
    part: str
    kind: str
    same: bool
    product: str
    maker: str
    pack: str
    title: str
    seller: str
    seller_pack: str
    shows: str
    shows_maker: str

    @property
    def wish(self) -> tuple[str, str]:
        """Return what names the product in the file."""
        return self.product, self.maker

    @property
    def shown(self) -> tuple[str, str]:
        """Return the product of the file that the listing shows, if any."""
        return self.shows, self.shows_maker


@dataclass(slots=True)
class Figures:
    """What came of a part of the pairs.

    Attributes:
        pairs: How many listings are the product that they are paired with.
        found: How many of them were among the candidates of that product.
        offered: How many candidates were put before a person.
        right: How many of those are the product.
        missed: The pairs that were not found.
        wrong: The offers of another product.
    """

    pairs: int = 0
    found: int = 0
    offered: int = 0
    right: int = 0
    missed: tuple[Pair, ...] = ()
    wrong: tuple[tuple[tuple[str, str], Pair | None], ...] = ()

    @property
    def recall(self) -> float:
        """Return the share of the pairs that were found."""
        return self.found / self.pairs

    @property
    def precision(self) -> float:
        """Return the share of the offers that are of the product."""
        return self.right / self.offered


def read_pairs() -> list[Pair]:
    """Read the labelled pairs."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs: list[dict[str, Any]] = [
        {**row, "same": row["same"] == "yes"} for row in rows
    ]
    return [Pair(**pair) for pair in pairs]


async def measure(
    database: Database, pairs: Sequence[Pair], strangers: int = 0
) -> dict[str, Figures]:
    """Return the figures of each part of *pairs*.

    Args:
        database: An empty one, with its tables.
        pairs: The labelled pairs.
        strangers: How many generated listings stand around.
    """
    offered: dict[tuple[tuple[str, str], str], None] = {}
    listings = {pair.pair: pair for pair in pairs}
    wishes = {f"SP-{n:05}": pair for n, pair in enumerate(_products(pairs))}
    for number, round_ in enumerate(_rounds(pairs)):
        account = f"round-{number}"
        found = [_remote(pair) for pair in round_]
        await _remember(database, account, [*found, *_strangers(strangers)])
        wanted = {id_: _wish(pair) for id_, pair in wishes.items()}
        for product_id, ref in await _look_up(database, account, wanted):
            offered[wishes[product_id].wish, ref] = None
    return {
        part: _figures([pair for pair in pairs if pair.part == part], offered, listings)
        for part in dict.fromkeys(pair.part for pair in pairs)
    }


def _products(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the first pair of each product."""
    return list({pair.wish: pair for pair in reversed(list(pairs))}.values())[::-1]


def _rounds(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Return the listings of each round."""
    turns: Counter[tuple[str, str]] = Counter()
    rounds: dict[int, list[Pair]] = {}
    for pair in pairs:
        if pair.same:
            rounds.setdefault(turns[pair.wish], []).append(pair)
            turns[pair.wish] += 1
    others = [pair for pair in pairs if not pair.same]
    lone = [pair for pair in others if not pair.shows]
    last = [pair for pair in others if pair.shows]
    return [*([*ours, *lone] for ours in rounds.values()), last]


def _figures(
    pairs: Sequence[Pair],
    offered: Iterable[tuple[tuple[str, str], str]],
    listings: Mapping[str, Pair],
) -> Figures:
    wishes, same = {pair.wish for pair in pairs}, [p for p in pairs if p.same]
    mine = [(wish, ref) for wish, ref in offered if wish in wishes]
    missed = [pair for pair in same if (pair.wish, pair.pair) not in mine]
    wrong = [
        (wish, ref)
        for wish, ref in mine
        if ref not in listings or wish != listings[ref].shown
    ]
    return Figures(
        pairs=len(same),
        found=len(same) - len(missed),
        offered=len(mine),
        right=len(mine) - len(wrong),
        missed=tuple(missed),
        wrong=tuple((wish, listings.get(ref)) for wish, ref in wrong),
    )


def _wish(pair: Pair) -> NewProduct:
    listing = _listing(pair.product, "SP-1", pair.pack)
    return NewProduct(listing=listing, maker=pair.maker)


def _remote(pair: Pair) -> RemoteListing:
    return RemoteListing(
        ref=pair.pair,
        state=RemoteState.LIVE,
        shown=_listing(pair.title, f"TAY-{pair.pair}", pair.seller_pack),
        seller_name=pair.seller,
    )


def _listing(title: str, sku: str, pack: str) -> Listing:
    return Listing(
        client_ref="",
        seller_ref="",
        title=title,
        description="",
        category="",
        variants=(Variant(sku=sku, pack=pack, price_vnd=1, stock=1),),
    )


def _strangers(count: int, seed: int = 7) -> Iterator[RemoteListing]:
    """Make listings of fictitious sellers."""
    today = day_in_vietnam(NOW)
    made = generate(count=count, seed=seed, today=today, producers=PRODUCERS)
    for n, (product, producer) in enumerate(made):
        pack = product.variants[0].pack if product.variants else ""
        yield RemoteListing(
            ref=f"L-{n}",
            state=RemoteState.LIVE,
            shown=_listing(product.name, f"LA-{n}", pack),
            seller_name=producer.name if producer else "",
        )


async def _remember(
    database: Database, account: str, found: Iterable[RemoteListing]
) -> None:
    """Take listings in as a whole read does, page by page."""
    pages = iter(found)
    while page := list(islice(pages, PAGE)):
        await database.write(partial(_take_in, account=account, page=page))
    await database.write(lambda conn: foreign_listings.forget(conn, account, NOW))


async def _take_in(
    conn: AsyncConnection, account: str, page: list[RemoteListing]
) -> None:
    await foreign_listings.remember(conn, account, page, NOW)


async def _look_up(
    database: Database, account: str, wanted: Mapping[str, NewProduct]
) -> list[tuple[str, str]]:
    """Return the offers, as product and listing."""
    offered: list[tuple[str, str]] = []
    ids = iter(wanted)
    async with database.read() as conn:
        while page := list(islice(ids, PAGE)):
            chosen = {id_: wanted[id_] for id_ in page}
            found = await possible_twins.alike(conn, account, chosen)
            offered += [(each.product_id, each.ref) for each in found]
    return offered


async def _seconds(database: Database, count: int) -> tuple[float, float]:
    """Return the CPU time to take in *count* strangers, and to look up as many."""
    account = f"large-{count}"
    strangers = list(_strangers(count))
    wanted = {
        f"SP-{n:05}": NewProduct(
            listing=replace(each.shown, variants=()), maker=each.seller_name
        )
        for n, each in enumerate(_strangers(count, seed=1))
    }
    start = time.process_time()
    await _remember(database, account, strangers)
    read = time.process_time()
    await _look_up(database, account, wanted)
    return read - start, time.process_time() - read


async def _run(path: Path, count: int, *, verbose: bool) -> None:
    database = Database(f"sqlite:///{path}")
    try:
        await database.write(methodcaller("run_sync", metadata.create_all))
        for part, each in (await measure(database, read_pairs(), count)).items():
            print(
                f"{part}: recall at 3 candidates {each.found} of {each.pairs}"
                f" = {each.recall:.3f}, precision {each.right} of {each.offered}"
                f" = {each.precision:.3f}, among {count} strangers"
            )
            if verbose:
                for pair in each.missed:
                    print("  missed", pair.wish, pair.title, pair.seller)
                for wish, other in each.wrong:
                    named = (other.title, other.seller) if other else "a stranger"
                    print("  wrong", wish, named)
        for size in (count // 4, count):
            taken_in, looked_up = await _seconds(database, size)
            print(
                f"{size} products among {size} strangers:"
                f" CPU {taken_in:.1f} s to take them in, {looked_up:.1f} s to look up"
            )
    finally:
        await database.close()


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--verbose", action="store_true", help="name what went wrong")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ocop.db")
        asyncio.run(_run(path, args.products, verbose=args.verbose))


if __name__ == "__main__":
    main()
