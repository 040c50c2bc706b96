"""Entries of people, one by one or in bulk: papers, consent, stock, prices, stops."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.attest import ProducerFact, attest
from catalog.commands.update import pause, set_price, set_stock
from catalog.db import reader
from catalog.db.fact_changes import fact_of
from catalog.db.field_changes import ChangedField, Entity
from catalog.db.history import PLACE, Author
from catalog.db.provenance import provenance_of
from catalog.db.tables import act, actor, field_change
from catalog.db.writer import save
from catalog.errors import AttestationError, CatalogError, NotInCatalogError
from catalog.model.certificate import YearMeans
from catalog.model.fact import Attested, Fact
from catalog.model.paper import Paper, PaperKind
from catalog.model.product import Product
from tests.catalog_database import NOW, import_rows
from tests.certified import revoke, revoke_if_it_can_be
from tests.factories import (
    NOT_SO,
    SEEN,
    make_certificate,
    make_paper,
    make_producer,
    make_product,
    make_variant,
    person,
)

TODAY = date(2026, 11, 24)
WORD = Attested(value=Fact.YES, by="Bà Mẫu", on=TODAY)
SAYS: Mapping[str, Any] = {
    "value": Fact.YES,
    "by": person("Bà Mẫu"),
    "on": TODAY,
    "now": NOW,
}
HAND: Mapping[str, Any] = {"by": person("Bà Mẫu"), "now": NOW + timedelta(hours=2)}
"""Who changes stock and prices by hand, and when."""
PAPERS = (PaperKind.FOOD_SAFETY, PaperKind.DECLARATION)
NEW = "SP-00001-2"


async def keep(conn: AsyncConnection, **differences: Any) -> None:
    """Save one product and its producer."""
    item = make_product(**differences)
    await save(conn, [(item, make_producer())], by=Author("thử", NOW))


async def product_of(conn: AsyncConnection) -> Product:
    """Return the one product."""
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]


async def ledger(conn: AsyncConnection) -> list[tuple[str, str, str]]:
    """Return who changed which fact of whom, the latest last."""
    rows = await conn.execute(
        select(*PLACE, field_change.c.changed_by, actor.c.name)
        .outerjoin(act, act.c.n == field_change.c.act)
        .outerjoin(actor, actor.c.id == act.c.actor_id)
        .where(field_change.c.field.not_in(("name", "count", "price_vnd")))
        .order_by(field_change.c.n)
    )
    return [
        (by or name, where[1], fact_of(ChangedField(Entity(where[0]), *where[1:])))
        for *where, by, name in rows
    ]


async def moved(
    conn: AsyncConnection, act: Callable[[], Awaitable[object]]
) -> tuple[object, int]:
    """Return what *act* returns, and how many products got a new revision."""
    before = await reader.current_revision(conn)
    result = await act()
    return result, len(await reader.changed_since(conn, before, limit=99))


# Attesting


async def test_papers_of_one_product_are_attested(conn: AsyncConnection) -> None:
    await keep(conn, papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),))

    changed = await attest(conn, what=PAPERS, product_ids=["SP-00001"], **SAYS)

    assert changed == ["SP-00001"]
    assert (await product_of(conn)).papers == (
        Paper(kind=PaperKind.DECLARATION, held=WORD),
        Paper(kind=PaperKind.FOOD_SAFETY, held=WORD),
    )
    assert (await ledger(conn))[-2:] == [
        ("Bà Mẫu", "SP-00001", "declaration"),
        ("Bà Mẫu", "SP-00001", "food_safety"),
    ]


async def test_a_whole_source_is_attested_at_once(conn: AsyncConnection) -> None:
    names = [{"name": f"Món {n}", "producer_name": f"HTX {n % 2}"} for n in range(5)]
    await import_rows(conn, *names, source="bảng mẫu")
    await import_rows(conn, {**names[0], "name": "Món khác"}, source="bảng khác")

    what = (*PAPERS, ProducerFact.CONSENT)
    changed = await attest(conn, what=what, source="bảng mẫu", **SAYS)

    entries = [e async for page in reader.pages(conn) for e in page]
    assert [len(product.papers) for product, _ in entries] == [2, 2, 2, 2, 2, 0]
    assert {maker.consent for _, maker in entries if maker is not None} == {WORD}
    # The other source's product has the same producer, whose consent is new.
    assert len(changed) == 6


async def test_a_word_about_producers_reaches_them_and_their_products(
    conn: AsyncConnection,
) -> None:
    await keep(conn, papers=())
    what = (ProducerFact.IDENTITY_READY, PaperKind.AGE_GATE)
    await attest(conn, what=what, producer_ids=["CS-0001"], **SAYS)

    maker = (await reader.get_producers(conn, ["CS-0001"]))["CS-0001"]
    assert (maker.identity_ready, maker.consent) == (WORD, SEEN)
    assert [each.kind for each in (await product_of(conn)).papers] == ["age_gate"]


async def test_a_word_about_all_need_not_replace_a_word_about_one(
    conn: AsyncConnection,
) -> None:
    await keep(conn, papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),))
    scope: dict[str, Any] = {"product_ids": ["SP-00001"], "only_unknown": True}
    await attest(conn, what=PAPERS, **scope, **SAYS)

    held = [each.held for each in (await product_of(conn)).papers]
    assert held == [WORD, NOT_SO]


@pytest.mark.parametrize(
    ("given", "last"),
    [
        pytest.param(None, date(2026, 1, 1), id="the day known stays"),
        pytest.param(date(2029, 1, 1), date(2029, 1, 1), id="a new day"),
    ],
)
async def test_the_last_day_of_a_paper_is_kept_or_renewed(
    conn: AsyncConnection, given: date | None, last: date
) -> None:
    paper = make_paper(PaperKind.FOOD_SAFETY, SEEN, date(2026, 1, 1))
    await keep(conn, papers=(paper,))
    what = (PaperKind.FOOD_SAFETY,)
    await attest(conn, what=what, product_ids=["SP-00001"], expires_on=given, **SAYS)

    assert (await product_of(conn)).papers[0].expires_on == last


async def test_saying_the_same_again_changes_nothing(conn: AsyncConnection) -> None:
    await keep(conn)
    scope: dict[str, Any] = {"what": PAPERS, "product_ids": ["SP-00001"]}
    await attest(conn, **scope, **SAYS)
    said = len(await ledger(conn))

    result = await moved(conn, lambda: attest(conn, **scope, **SAYS))

    assert result == ([], 0)
    assert len(await ledger(conn)) == said


@pytest.mark.parametrize(
    "difference",
    [
        pytest.param({"by": person(" ")}, id="nobody"),
        pytest.param({"on": date(2026, 11, 25)}, id="tomorrow"),
        pytest.param({"source": "bảng mẫu"}, id="two scopes"),
        pytest.param({"product_ids": None}, id="no scope"),
    ],
)
async def test_a_word_needs_a_person_a_day_and_a_scope(
    conn: AsyncConnection, difference: dict[str, Any]
) -> None:
    await keep(conn)

    with pytest.raises(AttestationError):
        await attest(
            conn, **{**SAYS, "what": PAPERS, "product_ids": ["SP-00001"], **difference}
        )


@pytest.mark.parametrize(
    "scope",
    [{"product_ids": ["SP-9"]}, {"producer_ids": ["CS-9"]}, {"source": "không có"}],
)
async def test_a_word_about_what_is_not_there_is_refused(
    conn: AsyncConnection, scope: dict[str, Any]
) -> None:
    with pytest.raises(NotInCatalogError):
        await attest(conn, what=PAPERS, **scope, **SAYS)


# Stock and price


@pytest.mark.parametrize(
    ("later", "applied"),
    [
        pytest.param(timedelta(seconds=-1), False, id="older"),
        pytest.param(timedelta(0), True, id="the same instant"),
        pytest.param(timedelta(seconds=1), True, id="newer"),
    ],
)
async def test_a_count_never_goes_back_in_time(
    conn: AsyncConnection, later: timedelta, applied: bool
) -> None:
    counted_at = NOW - timedelta(hours=1)
    await keep(conn, variants=(make_variant(on_hand=20, counted_at=counted_at),))

    result = await moved(
        conn, lambda: set_stock(conn, "SP-00001-1", 3, counted_at + later, **HAND)
    )

    assert result == (applied, int(applied))
    assert (await product_of(conn)).variants[0].on_hand == (3 if applied else 20)


async def test_a_first_count_is_taken(conn: AsyncConnection) -> None:
    await keep(conn, variants=(make_variant(on_hand=None, counted_at=None),))

    assert await set_stock(conn, "SP-00001-1", 0, NOW, **HAND)
    assert (await product_of(conn)).variants[0].counted_at == NOW


@pytest.mark.parametrize(
    ("on_hand", "counted_at"),
    [
        pytest.param(-1, NOW, id="negative"),
        pytest.param(1, HAND["now"] + timedelta(hours=1), id="future"),
    ],
)
async def test_a_count_that_cannot_be_is_refused(
    conn: AsyncConnection, on_hand: int, counted_at: datetime
) -> None:
    await keep(conn)

    with pytest.raises(CatalogError, match="a count is"):
        await set_stock(conn, "SP-00001-1", on_hand, counted_at, **HAND)


async def test_a_price_is_set_once(conn: AsyncConnection) -> None:
    await keep(conn)
    first = await moved(conn, lambda: set_price(conn, "SP-00001-1", 50_000, **HAND))
    again = await moved(conn, lambda: set_price(conn, "SP-00001-1", 50_000, **HAND))

    assert (first, again) == ((True, 1), (False, 0))
    assert (await product_of(conn)).variants[0].price_vnd == 50_000


@pytest.mark.parametrize("price_vnd", [0, -1, 10**10])
async def test_no_price_is_refused(conn: AsyncConnection, price_vnd: int) -> None:
    with pytest.raises(CatalogError, match="not a price"):
        await set_price(conn, "SP-00001-1", price_vnd, **HAND)


async def test_an_unknown_sku_is_refused(conn: AsyncConnection) -> None:
    with pytest.raises(NotInCatalogError, match="SP-00001-9"):
        await set_price(conn, "SP-00001-9", 1, **HAND)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("act", "field"),
    [
        pytest.param(
            lambda conn: set_price(conn, "SP-00001-1", 50_000, **HAND),
            ("SP-00001-1", "price_vnd"),
            id="price",
        ),
        pytest.param(
            lambda conn: set_stock(conn, "SP-00001-1", 3, NOW, **HAND),
            ("SP-00001-1", "on_hand"),
            id="stock",
        ),
        pytest.param(
            lambda conn: pause(conn, "SP-00001", True, **HAND),
            ("", "paused"),
            id="pause",
        ),
    ],
)
async def test_who_changed_a_field_last_and_when_is_kept(
    conn: AsyncConnection,
    act: Callable[[AsyncConnection], Awaitable[object]],
    field: tuple[str, str],
) -> None:
    await keep(conn)

    await act(conn)

    known = await provenance_of(conn, ["SP-00001"])
    touch, first = known.of("SP-00001", *field), known.of("SP-00001", "", "description")
    assert touch is not None
    assert (touch.by, touch.at) == ("Bà Mẫu", HAND["now"])
    assert first is not None
    assert (first.by, first.at) == ("thử", NOW)


async def test_saving_keeps_who_changed_which_field(conn: AsyncConnection) -> None:
    await keep(conn)
    later = NOW + timedelta(days=1)
    changed = make_product(
        description="Khác", variants=(make_variant(weight_g=9), make_variant(sku=NEW))
    )
    await save(conn, [(changed, None)], by=Author("Ông Mẫu", later))

    known = await provenance_of(conn, ["SP-00001"])
    assert {
        field: touch.by
        for field in ("description", "pictures", "trace_url")
        if (touch := known.of("SP-00001", "", field))
    } == {"description": "Ông Mẫu", "pictures": "thử", "trace_url": "thử"}
    assert {
        (sku, field): touch.at
        for sku in ("SP-00001-1", NEW)
        for field in ("weight_g", "price_vnd")
        if (touch := known.of("SP-00001", sku, field))
    } == {
        ("SP-00001-1", "weight_g"): later,
        ("SP-00001-1", "price_vnd"): NOW,
        (NEW, "weight_g"): later,
        (NEW, "price_vnd"): later,
    }


@pytest.mark.parametrize("by", ["", " \u200b"])
async def test_a_price_or_a_count_of_nobody_is_refused(
    conn: AsyncConnection, by: str
) -> None:
    await keep(conn)

    with pytest.raises(AttestationError):
        await set_price(conn, "SP-00001-1", 50_000, by=person(by), now=NOW)
    with pytest.raises(AttestationError):
        await set_stock(conn, "SP-00001-1", 1, NOW, by=person(by), now=NOW)


# Stops and revocations


@pytest.mark.postgresql
async def test_a_pause_is_kept_and_recorded_once(conn: AsyncConnection) -> None:
    await keep(conn)

    def stop() -> Awaitable[object]:
        return pause(conn, "SP-00001", True, by=person("Ông Mẫu"), now=NOW)

    first, again = await moved(conn, stop), await moved(conn, stop)

    assert (first, again) == ((True, 1), (False, 0))
    assert (await product_of(conn)).paused
    assert (await ledger(conn)).count(("Ông Mẫu", "SP-00001", "paused")) == 1


async def test_a_pause_needs_a_person_and_a_product(conn: AsyncConnection) -> None:
    with pytest.raises(AttestationError):
        await pause(conn, "SP-00001", True, by=person(""), now=NOW)
    with pytest.raises(NotInCatalogError):
        await pause(conn, "SP-00001", True, by=person("Ông Mẫu"), now=NOW)


@pytest.mark.parametrize(
    ("certificate", "revoked"),
    [
        pytest.param({"decided_on": date(2025, 5, 1)}, True, id="in force"),
        pytest.param({"decided_on": date(2023, 11, 24)}, True, id="on its last day"),
        pytest.param({"decided_on": date(2023, 11, 23)}, False, id="ended yesterday"),
        pytest.param({"decided_on": date(2026, 11, 25)}, False, id="decided later"),
        pytest.param({"decided_on": None, "year": 2023}, True, id="perhaps in force"),
        pytest.param({"decided_on": None, "year": 2022}, False, id="year ended"),
        pytest.param({"decided_on": None}, True, id="no date at all"),
        pytest.param(
            {"decided_on": None, "year": 2026, "year_means": YearMeans.HELD},
            True,
            id="held this year",
        ),
    ],
)
async def test_a_revocation_takes_what_is_or_may_be_in_force(
    conn: AsyncConnection, certificate: dict[str, Any], revoked: bool
) -> None:
    await keep(conn, certificates=(make_certificate(**certificate),))

    result = await moved(
        conn,
        lambda: revoke_if_it_can_be(
            conn, ["SP-00001"], "9/QĐ", TODAY, by=person("Bà Mẫu"), now=NOW
        ),
    )

    found = (await product_of(conn)).certificates[0]
    assert result == (revoked, int(revoked))
    assert (found.revoked_by, found.revoked_on) == (
        ("9/QĐ", TODAY) if revoked else ("", None)
    )


async def test_an_earlier_certificate_cannot_stand_in_for_a_revoked_one(
    conn: AsyncConnection,
) -> None:
    three = make_certificate(stars=3, decided_on=date(2024, 5, 1), decision="1/QĐ")
    four = make_certificate(stars=4, decided_on=date(2025, 5, 1), decision="2/QĐ")
    await keep(conn, certificates=(three, four))
    await revoke(conn, ["SP-00001"], "9/QĐ", TODAY, by=person("Bà Mẫu"), now=NOW)

    found = (await product_of(conn)).certificates
    assert [each.revoked_by for each in found] == ["9/QĐ", "9/QĐ"]
    assert (await ledger(conn))[-1] == ("Bà Mẫu", "SP-00001", "certificate")


async def test_a_second_revocation_leaves_the_first(conn: AsyncConnection) -> None:
    await keep(conn, certificates=(make_certificate(decided_on=date(2025, 5, 1)),))
    await revoke(conn, ["SP-00001"], "9/QĐ", TODAY, by=person("Bà Mẫu"), now=NOW)
    with pytest.raises(CatalogError, match="9/QĐ"):
        await revoke(conn, ["SP-00001"], "10/QĐ", TODAY, by=person("Bà Mẫu"), now=NOW)

    assert (await product_of(conn)).certificates[0].revoked_by == "9/QĐ"


@pytest.mark.parametrize("number", ["", "Đang trình", "24/11/2026", "nt"])
async def test_a_revocation_needs_the_number_of_its_decision(
    conn: AsyncConnection, number: str
) -> None:
    await keep(conn)

    with pytest.raises(AttestationError, match="1114/QĐ-UBND"):
        await revoke(conn, ["SP-00001"], number, TODAY, by=person("Bà Mẫu"), now=NOW)
