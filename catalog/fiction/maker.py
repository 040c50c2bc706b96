"""The makers of the made-up products, and the facts about them.

Of 267 products three have no known maker and 215 a maker of their own; the
other 49 are made by a maker who has one already, mostly by one of the first.
Nothing is remembered: who makes a product follows from its place alone.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from random import Random
from typing import Final

from catalog.fiction.chance import chance
from catalog.fiction.evidence import attest
from catalog.fiction.tables import TABLES
from catalog.fiction.trouble import OF_PRODUCER, Trouble, block_of
from catalog.model.fact import Fact
from catalog.model.producer import Address, Producer, ProducerKind
from catalog.places.commune import Commune, Communes, load_communes

_SHARED_FIRST: Final = 4
_SHARED_REST: Final = 45
_FIRST: Final = range(8, 20)
"""Places among the first twenty that may share a maker: enough go before."""

_KINDS: Final[dict[str, int]] = TABLES["producers"]

_CONSENT: Final = {
    Trouble.CONSENT_REFUSED: Fact.NO,
    Trouble.CONSENT_UNKNOWN: Fact.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Makers:
    """The makers of one made-up catalog.

    Attributes:
        seed: The seed that they are made from.
        limit: How many there are at most; None for no limit.
        communes: Where they may be.
        settled: A person has said which new commune each split one is.
    """

    seed: int
    limit: int | None = None
    communes: Communes = field(default_factory=load_communes)
    settled: bool = False

    def of_product(self, index: int) -> int | None:
        """Return the number (from 0) of the maker of product *index*.

        None if it has none. Of a limit below 215 the first makers may not have
        every trouble of a producer; then some products lack theirs.
        """
        block = block_of(self.seed)
        trouble = block[index % len(block)]
        if trouble is Trouble.NO_PRODUCER:
            return None
        before = self._before(index)
        owns = index % len(block) in _owners(self.seed)
        if owns and (self.limit is None or before < self.limit):
            return before
        return self._other(index, trouble, before)

    def make(self, number: int, today: date) -> Producer:
        """Make the producer with that number, always the same."""
        random = chance(self.seed, "maker", number)
        trouble = self._trouble(number)
        ready = Fact.NO if trouble is Trouble.IDENTITY_NOT_READY else Fact.YES
        certified, now = _addresses(trouble, self.communes, random, self.settled)
        return Producer(
            id=f"MAU-CS-{number + 1:04}",
            name=f"Cơ sở Mẫu {number + 1:03}",
            kind=ProducerKind(random.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]),
            certified_address=certified,
            address=now,
            consent=attest(_CONSENT.get(trouble, Fact.YES), today, random),
            identity_ready=attest(ready, today, random),
        )

    def _before(self, index: int) -> int:
        """Return how many makers the products before *index* own."""
        owners = _owners(self.seed)
        blocks, place = divmod(index, len(block_of(self.seed)))
        return blocks * len(owners) + bisect_left(owners, place)

    def _trouble(self, number: int) -> Trouble:
        owners = _owners(self.seed)
        trouble = block_of(self.seed)[owners[number % len(owners)]]
        return trouble if trouble in OF_PRODUCER else Trouble.NONE

    def _other(self, index: int, trouble: Trouble, before: int) -> int:
        """Return one of the earlier makers who has the trouble of the product."""
        there = before if self.limit is None else min(before, self.limit)
        wanted = trouble if trouble in OF_PRODUCER else Trouble.NONE
        namesake = self.of_product(index - 1) if trouble is Trouble.TWIN else None
        start = int(there * chance(self.seed, index, "maker").random() ** 2)
        for step in range(min(there, len(_owners(self.seed)))):
            number = (start + step) % there
            if number != namesake and self._trouble(number) is wanted:
                return number
        return start


@lru_cache(maxsize=4)
def _owners(seed: int) -> tuple[int, ...]:
    """Return the places in a block whose products have a maker of their own."""
    block = block_of(seed)
    may_share = [
        place
        for place, trouble in enumerate(block)
        if trouble not in {*OF_PRODUCER, Trouble.NO_PRODUCER, Trouble.TWIN}
    ]
    random = chance(seed, "shared")
    first = [place for place in may_share if place in _FIRST]
    rest = [place for place in may_share if place >= _FIRST.stop]
    shared = {*random.sample(first, _SHARED_FIRST), *random.sample(rest, _SHARED_REST)}
    return tuple(
        place
        for place, trouble in enumerate(block)
        if place not in shared and trouble is not Trouble.NO_PRODUCER
    )


def _addresses(
    trouble: Trouble, communes: Communes, random: Random, settled: bool
) -> tuple[Address, Address]:
    """Return the address on the certificate, and the one of now.

    Of a split commune a person must pick the new one: it is left empty, or the first
    one if that is *settled*. A province without split communes does not have the
    trouble; one without others has nothing else.
    """
    split = trouble is Trouble.SPLIT_COMMUNE
    province = communes.province_name
    if not _old_communes(communes, split=split):
        split = not split
    old = random.choice(_old_communes(communes, split=split))
    house = f"Thôn Mẫu {random.randrange(1, 20)}"
    certified = Address(
        text=f"{house}, {old.name}, {old.district}, {province}",
        old_commune_code=old.code,
    )
    if split and not settled:
        text = f"{house}, {province}"
        return certified, Address(text=text, old_commune_code=old.code)
    now, *_ = communes.became(old.code)
    return certified, Address(
        text=f"{house}, {now.name}, {province}",
        old_commune_code=old.code,
        commune_code=now.code,
    )


@cache
def _old_communes(communes: Communes, *, split: bool) -> tuple[Commune, ...]:
    return tuple(
        commune
        for code, commune in communes.old.items()
        if (len(communes.became(code)) > 1) is split
    )
