"""What may be asked of the catalog: each is one call, and its answer has one form.

How the answers are shown to people is in the tests of the commands.
"""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import certificate_history
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.eligibility import Standing, evaluate, load_rules
from catalog.errors import NotInCatalogError, PastImportError
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_history import each_change, first_changes, recorded_import
from catalog.model.product import Entry
from catalog.undo.undo import NamedUndo, undo_and_name
from catalog.values import replace
from ocop_sync.api.forms.certificates import certificates_form
from ocop_sync.api.forms.eligibility import (
    eligibility_form,
    evaluated_form,
    whole_eligibility,
)
from ocop_sync.service.json.writer import write_form, write_form_as_read
from ocop_sync.service.queries import explain as explaining
from ocop_sync.service.queries.eligibility import (
    Asked,
    eligibility_at,
    eligibility_of,
)
from ocop_sync.service.queries.worklists import expiring, missing_papers
from tests.catalog_database import NOW, import_rows
from tests.factories import AT, NOT_SO, make_certificate, make_paper, person
from tests.world import World, entry

RULES = load_rules()
LATER = NOW + timedelta(hours=1)
TEA = {"name": "Trà Mẫu", "producer_name": "Cơ sở Mẫu 001"}
NO_PAPERS = tuple(make_paper(each.kind, NOT_SO) for each in entry()[0].papers)
EARLY = make_certificate(decided_on=date(2021, 4, 1))


@pytest.fixture
def one_is_faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the evaluation of the first product fail."""

    def failing(product: object, *rest: object) -> object:
        if getattr(product, "id", "") == "SP-00001":
            raise ZeroDivisionError
        return evaluate(product, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(explaining, "evaluate", failing)


async def keep(conn: AsyncConnection, *entries: Entry) -> None:
    await save(conn, entries, by=Author("thử", NOW))


async def test_certificates_that_end_soon_are_listed_by_their_end(
    conn: AsyncConnection,
) -> None:
    late = make_certificate(decided_on=date(2021, 5, 1))
    await keep(
        conn,
        entry(1, certificates=(late,)),
        entry(2, certificates=(EARLY,)),
        entry(3),
    )

    found = await expiring(conn, rules=RULES, at=AT, days=90)

    assert [each.product_id for each in found.rows] == ["SP-00002", "SP-00001"]
    assert (found.as_of, found.faulty) == (AT, [])


@pytest.mark.usefixtures("one_is_faulty")
async def test_a_product_that_cannot_be_evaluated_is_named_beside_each_worklist(
    conn: AsyncConnection,
) -> None:
    await keep(conn, *(entry(n, papers=NO_PAPERS) for n in (1, 2)))

    missing = await missing_papers(conn, rules=RULES, at=AT)
    ending = await expiring(conn, rules=RULES, at=AT, days=3_000)

    assert {each.product_id for each in missing.rows} == {"SP-00002"}
    assert [each.product_id for each in ending.rows] == ["SP-00002"]
    assert missing.faulty == ending.faulty == ["SP-00001"]


async def test_eligibility_counts_what_was_taken_of_it(conn: AsyncConnection) -> None:
    await keep(conn, entry(1), entry(2, papers=NO_PAPERS), entry(3))
    read: list[int] = []

    found = await eligibility_of(conn, Asked(count=read.append), rules=RULES, at=AT)
    written: list[str] = []
    await write_form_as_read(whole_eligibility(found), written.append)

    document = json.loads("".join(written))
    assert document["counts"] == {"listed": 2, "not_listed": 1}
    assert found.counts == {Standing.LISTED: 2, Standing.NOT_LISTED: 1}
    assert [each["product"] for each in document["products"]] == [
        "SP-00001",
        "SP-00002",
        "SP-00003",
    ]
    assert document["products"][0]["counted"] is None
    assert read == [3]


async def test_codes_that_are_not_in_the_catalog_are_named_before_anything_is_evaluated(
    conn: AsyncConnection,
) -> None:
    await keep(conn, entry(1))

    with pytest.raises(NotInCatalogError, match="KHONG-CO"):
        await eligibility_of(
            conn, Asked(codes=["SP-00001-1", "KHONG-CO"]), rules=RULES, at=AT
        )


async def test_eligibility_at_a_marketplace_says_how_products_are_counted_there(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    deployment, asked = world.deployment, Asked(codes=["SP-00001-1"])

    async with deployment.database.read() as conn:
        now = await eligibility_at(
            deployment, conn, asked, marketplace="memory", at=None
        )
        then = await eligibility_at(
            deployment, conn, asked, marketplace="memory", at=AT
        )
        forms = [
            evaluated_form(each).json_form() | {"as_of": found.as_of}
            for found in (now, then)
            async for each in found.entries
        ]

    assert [each["counted"] for each in forms] == ["listed", None]
    assert [each["as_of"] for each in forms] == [deployment.clock(), AT]
    assert eligibility_form(now).marketplace == "memory"


async def test_the_first_changes_of_an_import_are_named_and_all_are_streamed(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA)
    await import_rows(
        conn, {**TEA, "description": "Mới", "price_vnd": 9_000}, now=LATER
    )

    first = await first_changes(conn, 2, size=1)
    everything = [each async for each in each_change(conn, 2, size=1)]

    assert first.names == {"SP-00001": "Trà Mẫu"}
    assert list(first.changes) == everything[:1]
    assert first.more == len(everything) - 1 > 0
    assert list(everything[0].json_form()) == [
        "entity",
        "subject",
        "key",
        "field",
        "before",
        "after",
        "changed_before_at",
        "changed_before_by",
        "erased",
    ]
    with pytest.raises(PastImportError):
        await recorded_import(conn, 3)


async def test_an_undoing_is_shown_with_names_and_written_as_one_document(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "description": "Cũ"})
    await import_rows(conn, {**TEA, "description": "Mới"}, now=LATER)

    async def undo(confirmed: Confirmation | None) -> NamedUndo:
        return await undo_and_name(
            conn, 2, now=LATER, rules=RULES, confirmed=confirmed, named=1
        )

    seen = await undo(None)
    done = await undo(Confirmation(token=seen.report.token, by=person("Bà Mẫu")))

    assert (seen.report.written, done.report.written) == (False, True)
    assert seen.names == {"SP-00001": "Trà Mẫu"}
    written: list[str] = []
    write_form(done.report.json_form(), written.append)
    document = json.loads("".join(written))
    assert document["import"]["id"] == 2
    assert "made" not in document
    assert [(each["now"], each["then"]) for each in document["back"]] == [("Mới", "Cũ")]
    assert document["stays"] == []


async def test_the_history_of_certificates_is_one_document(
    conn: AsyncConnection,
) -> None:
    item, maker = entry(1, certificates=(EARLY,))
    await keep(conn, (replace(item, name="Trà Mẫu"), maker))

    found = await certificate_history(
        conn, "SP-00001-1", validity=RULES.tables.validity, day=date(2026, 11, 24)
    )

    form = certificates_form(found).json_form()
    (line,) = form["certificates"]
    assert (form["product"], form["name"]) == ("SP-00001", "Trà Mẫu")
    assert (line["state"], line["decided_on"]) == ("ended", "2021-04-01")
