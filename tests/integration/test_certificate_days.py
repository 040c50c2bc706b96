"""Figures of past days stay right, whatever the department decides afterwards.

Acts are drawn at random, day by day: what a day's figures were when it had passed, they
stay, each as long as its list.
"""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import islice
from typing import Final

import pytest

from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.correction import Correction, Restoring, Voiding
from catalog.commands.certify.grant import Grant
from catalog.commands.certify.revocation import Revocation
from catalog.commands.certify.which import Which
from catalog.errors import CatalogError
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.service.decisions.certificates import (
    CertificateEntry,
    UndoEntry,
    decide_certificates,
    undo_certificates,
)
from ocop_sync.service.queries.coverage_figures import (
    Cell,
    counted_list,
    coverage_of,
)
from tests.acts import acts_of
from tests.factories import person
from tests.world import World, entry

COUNT: Final = 4
DAYS: Final = 6


def drawn_acts(drawn: random.Random, today: date) -> Iterator[CertificateAct]:
    """Yield acts of all kinds, late ones about earlier days among them."""
    which = Which(decision="001/QĐ-MẪU")
    while True:
        day = today - timedelta(days=drawn.choice((0, 1, 3, 400, 1090)))
        number = f"{drawn.randint(2, 9)}/QĐ-UBND"
        stars = drawn.choice((3, 4))
        yield drawn.choice(
            (
                Grant(decision=number, day=day, stars=stars, body="tỉnh"),
                Grant(decision=number, day=day, stars=stars, body="tỉnh", renews=True),
                Correction(which=which, day=day),
                Correction(which=which, stars=stars),
                Voiding(which=which, reason="nhầm"),
                Restoring(which=which, reason="đúng"),
                Revocation(decision=number, day=day),
            )
        )


async def enter(world: World, act: CertificateAct, ids: list[str]) -> bool:
    """Enter an act, confirmed if need be; say whether it could be."""
    entry_ = CertificateEntry(act=act, products=ids, by=person("Bà Mẫu"))
    try:
        await decide_certificates(world.deployment, entry_)
    except HeldCertificatesError as held:
        meant = CertificateEntry(
            act=act, products=ids, by=person("Bà Mẫu"), token=held.token
        )
        await decide_certificates(world.deployment, meant)
    except CatalogError:
        return False
    return True


async def take_back(world: World, act: int) -> None:
    """Take an act back, if it can be."""
    entry_ = UndoEntry(act=act, by=person("Bà Mẫu"), reason="nhầm")
    with suppress(CatalogError):
        try:
            await undo_certificates(world.deployment, entry_)
        except HeldCertificatesError as held:
            meant = UndoEntry(
                act=act, by=person("Bà Mẫu"), reason="nhầm", token=held.token
            )
            await undo_certificates(world.deployment, meant)


async def figures(world: World, day: date) -> tuple[Cell, ...]:
    """Return the figures of a day, each of which is as long as its list."""
    found = tuple((await coverage_of(world.deployment, day=day)).cells)
    for cell in found:
        for figure in cell.figures.values():
            rows = await counted_list(
                world.deployment, figure.list, after="", size=COUNT + 1
            )
            assert len(rows) == figure.value
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_no_decision_changes_the_figures_of_a_day_that_has_passed(
    world: World, seed: int
) -> None:
    drawn = random.Random(seed)  # noqa: S311  (a test's draw is no secret)
    await world.save(*(entry(n) for n in range(1, COUNT + 1)))
    await world.sync()
    known: dict[date, tuple[Cell, ...]] = {}
    entered = 0
    for _ in range(DAYS):
        today = day_in_vietnam(world.time())
        for act in islice(drawn_acts(drawn, today), 4):
            count = drawn.randint(1, COUNT)
            ids = [f"SP-{n:05}" for n in drawn.sample(range(1, COUNT + 1), count)]
            entered += await enter(world, act, ids)
        if drawn.random() < 0.5 and entered:
            numbers = range(1, len(await acts_of(world.database)) + 1)
            await take_back(world, drawn.choice(numbers))
        await world.sync()
        world.time.pass_(days=1)
        await world.sync()
        known[today] = await figures(world, today)
        for day, before in known.items():
            assert await figures(world, day) == before

    assert entered >= DAYS
    assert len({repr(each) for each in known.values()}) > 1
