"""`ocop-sync eligibility` evaluates a catalog of any size page by page."""

from collections.abc import AsyncIterator, Sequence
from datetime import date

from catalog.eligibility import load_rules
from catalog.model.product import Entry
from catalog.vietnam_time import start_of
from ocop_sync.service.queries.eligibility import evaluate_pages
from tests.factories import make_product


async def test_a_page_is_read_only_when_the_one_before_was_evaluated() -> None:
    asked: list[int] = []

    async def pages() -> AsyncIterator[Sequence[Entry]]:
        for n in range(3):
            asked.append(n)
            yield [(make_product(id=f"SP-{n}"), None)]

    evaluated = evaluate_pages(pages(), load_rules(), start_of(date(2026, 11, 24)))
    seen = [(each.entry[0].id, list(asked)) async for each in evaluated]

    assert seen == [("SP-0", [0]), ("SP-1", [0, 1]), ("SP-2", [0, 1, 2])]
