"""An import can be taken back: values that nobody has changed since go back.

The changes that each import keeps for it are tested in test_import_changes.py.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import attest, update
from catalog.commands.certificate_history import amendments_of
from catalog.commands.certify.which import Which
from catalog.commands.sell import record_sales
from catalog.db.field_changes import WHOLE, Change, ChangedField, Entity
from catalog.db.history import erase_values_of
from catalog.db.imports import list_imports
from catalog.db.kept_changes import changes_page
from catalog.db.provenance import provenance_of
from catalog.db.reader import current_revision, get, get_producers, pages, revisions
from catalog.db.retention import KEPT_FOR
from catalog.db.source_products import named_by
from catalog.db.tables import import_effect
from catalog.eligibility import Standing, evaluate, load_rules
from catalog.errors import AttestationError, PastImportError
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.model.effect import EffectKind
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Product, Variant
from catalog.model.sale import Sale
from catalog.queries.timeline import timeline_page
from catalog.undo.plan import in_fields
from catalog.undo.undo import UndoReport, undo_import
from catalog.values import replace
from tests.catalog_database import NOW, import_rows, open_catalog
from tests.certified import correct_day, revoke, void
from tests.factories import person

Row = Mapping[str, object]

TEA: Row = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001", "pack": "A"}
RICE: Row = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002", "pack": "A"}
HONEY: Row = {"name": "Mật ong Mẫu", "producer_name": "HTX Mẫu 002", "pack": "A"}
GRANTED = {
    "stars": 3,
    "decision": "1/QĐ-UBND",
    "body": "tỉnh",
    "decided_on": "2025-05-10",
}
LATER = NOW + timedelta(hours=1)
LAST = NOW + timedelta(hours=2)
RULES = load_rules()
BY = "Bà Mẫu"


@pytest.fixture
async def lite() -> AsyncIterator[AsyncConnection]:
    """A catalog on SQLite alone, for what no database does otherwise."""
    async with open_catalog() as conn:
        yield conn


async def look(conn: AsyncConnection, number: int, now: datetime = LAST) -> UndoReport:
    return await undo_import(conn, number, now=now, rules=RULES)


async def undo(conn: AsyncConnection, number: int, now: datetime = LAST) -> UndoReport:
    """Take an import back as a person does, who has read what it would do."""
    seen = await look(conn, number, now)
    word = Confirmation(token=seen.token, by=person(BY))
    report = await undo_import(conn, number, now=now, rules=RULES, confirmed=word)
    assert (report.written, report.stale) == (True, False)
    return report


async def state(conn: AsyncConnection) -> dict[str, Any]:
    """Return all that the catalog says of products, bar revisions and times of ours."""
    found: dict[str, Any] = {}
    async for page in pages(conn):
        for item, maker in page:
            effects = sorted((e.kind, e.key, e.confirmed) for e in item.effects)
            found[item.id] = (replace(item, revision=0), maker, effects)
    named = await named_by(conn, sorted(found))
    touches = (await provenance_of(conn, sorted(found))).by_product()
    touched = sorted(
        (*key, touch.by) for some in touches.values() for key, touch in some
    )
    return {"entries": found, "named": named, "touched": touched}


async def product_of(conn: AsyncConnection, id_: str = "SP-00001") -> Product:
    return (await get(conn, [id_]))[id_][0]


async def pack_of(conn: AsyncConnection, id_: str = "SP-00001") -> Variant:
    return (await product_of(conn, id_)).variants[0]


async def imported(conn: AsyncConnection, *rows: Row, **options: Any) -> ImportReport:
    report = await import_rows(conn, *rows, **{"now": LATER, **options})
    assert [str(each) for each in report.problems] == []
    assert report.written
    return report


FILLS: dict[str, tuple[Row, Row]] = {
    "nothing, a text": ({}, {"description": "Mới"}),
    "a text, another one": ({"description": "Cũ"}, {"description": "Mới"}),
    "a price": ({"price_vnd": 50_000}, {"price_vnd": 60_000}),
    "a price that is cleared": ({"price_vnd": 50_000}, {"price_vnd": "XÓA"}),
    "a first count": ({}, {"on_hand": 5, "counted_at": NOW.isoformat()}),
    "a count": (
        {"on_hand": 5, "counted_at": NOW.isoformat()},
        {"on_hand": 7, "counted_at": LATER.isoformat()},
    ),
    "none left": (
        {"on_hand": 5, "counted_at": NOW.isoformat()},
        {"on_hand": 0, "counted_at": LATER.isoformat()},
    ),
    "a paper": ({}, {"food_safety": "yes", "food_safety_by": BY}),
    "a paper that is taken": ({"food_safety": "yes"}, {"food_safety": "no"}),
    "the end of a paper": (
        {"food_safety": "yes", "food_safety_expires_on": "2027-01-01"},
        {"food_safety_expires_on": "2026-12-01"},
    ),
    "a first certificate": ({}, GRANTED),
    "another certificate": (
        GRANTED,
        {**GRANTED, "decision": "7/QĐ-UBND", "decided_on": "2026-05-10", "stars": 4},
    ),
    "stars": (GRANTED, {**GRANTED, "stars": 4}),
    "a corrected day": (
        GRANTED,
        {**GRANTED, "decided_on": "2025-06-10", "decision_is": "đính chính"},
    ),
    "a revocation": (
        GRANTED,
        {**GRANTED, "revoked_by": "9/QĐ-UBND", "revoked_on": "2026-11-20"},
    ),
    "a revocation that is cleared": (
        {**GRANTED, "revoked_by": "9/QĐ-UBND", "revoked_on": "2026-11-20"},
        {**GRANTED, "revoked_by": "XÓA", "revoked_on": "XÓA"},
    ),
    "a certificate that is voided": (
        GRANTED,
        {**GRANTED, "voided_by": BY, "void_reason": "ghi nhầm"},
    ),
    "consent": ({}, {"consent": "yes", "consent_by": BY, "consent_on": "2026-11-20"}),
    "consent that is taken back": ({"consent": "yes"}, {"consent": "no"}),
    "an address": ({"address": "Thôn Mẫu 1"}, {"address": "Thôn Mẫu 2"}),
    "a stop": ({}, {"paused": "yes"}),
    "a stop that is lifted": ({"paused": "yes"}, {"paused": "no"}),
    "pictures": ({}, {"pictures": "https://anh.example/1.jpg"}),
    "a net quantity": ({}, {"net_quantity": "500 g"}),
    "a set": ({"set_code": "I.1.a"}, {"set_code": "I.1.b"}),
    "a code": ({}, {"ocop_code": "OCOP-1"}),
    "a strength": ({"alcohol_percent": 29}, {"alcohol_percent": 30}),
}
"""Two rows about one product: what was there, and what the import makes of it."""


@pytest.mark.parametrize(("before", "after"), FILLS.values(), ids=FILLS)
async def test_what_an_import_has_changed_goes_back_and_comes_again(
    lite: AsyncConnection, before: Row, after: Row
) -> None:
    conn = lite
    await imported(conn, {**TEA, **before}, RICE, now=NOW)
    first = await state(conn)
    await imported(conn, {**TEA, **before, **after}, RICE)
    second = await state(conn)
    assert second != first

    report = await undo(conn, 2)
    back = await state(conn)

    assert report.stays == []
    taken = {key for key, n in report.takes.items() if n}
    back_effects = back["entries"]["SP-00001"][2]
    # What it takes is an effect of the undoing, of which nobody has a word.
    assert {kind for kind, _, confirmed in back_effects if not confirmed} >= taken
    assert _bare(back) == _bare(first)

    await imported(conn, {**TEA, **before, **after}, RICE, now=LAST)

    assert _bare(await state(conn)) == _bare(second)


def _bare(state: dict[str, Any]) -> dict[str, Any]:
    entries = {id_: entry[:2] for id_, entry in state["entries"].items()}
    return {**state, "entries": entries}


async def test_nothing_is_written_before_a_person_confirms_it(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    await imported(conn, {**TEA, "price_vnd": 60_000})
    before, revision = await state(conn), await current_revision(conn)

    report = await look(conn, 2)
    stale = await undo_import(
        conn,
        2,
        now=LAST,
        rules=RULES,
        confirmed=Confirmation(token="?", by=person(BY)),  # noqa: S106 (of another state)
    )

    (back,) = report.back
    assert (back.where.key, back.now, back.then) == ("SP-00001-1", 60_000, 50_000)
    assert not report.written
    assert (stale.written, stale.stale, stale.token) == (False, True, report.token)
    assert (await state(conn), await current_revision(conn)) == (before, revision)
    assert [each.id for each in await list_imports(conn, limit=9)] == [2, 1]


async def test_what_was_seen_and_is_otherwise_now_is_not_carried_out(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, RICE, now=NOW)
    prices = [{**TEA, "price_vnd": 60_000}, {**RICE, "price_vnd": 60_000}]
    await imported(conn, *prices)
    token = (await look(conn, 2)).token
    await update.set_price(conn, "SP-00001-1", 70_000, by=person(BY), now=LAST)

    word = Confirmation(token=token, by=person(BY))
    report = await undo_import(conn, 2, now=LAST, rules=RULES, confirmed=word)

    assert (report.written, report.stale) == (False, True)
    assert (await pack_of(conn, "SP-00002")).price_vnd == 60_000


async def test_an_undoing_has_a_number_and_says_who_and_what(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    await imported(conn, {**TEA, "price_vnd": 60_000}, file="giá.csv")

    report = await undo(conn, 2)

    undoing, undone, _ = await list_imports(conn, limit=9)
    assert (undoing.id, undoing.undoes, undoing.confirmed_by) == (3, 2, BY)
    assert (report.import_id, undone.undone_in, undoing.file) == (3, 3, "giá.csv")
    (change,) = await changes_page(conn, 3)
    assert (change.before, change.after) == (60_000, 50_000)


async def test_products_that_change_get_a_new_revision_and_no_others(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, RICE, now=NOW)
    await imported(conn, {**TEA, "description": "Mới"}, RICE)
    before = await revisions(conn, ["SP-00001", "SP-00002"])

    await undo(conn, 2)

    after = await revisions(conn, ["SP-00001", "SP-00002"])
    assert after["SP-00001"] > before["SP-00001"]
    assert after["SP-00002"] == before["SP-00002"]


# What stays


async def test_what_a_person_has_changed_since_stays_and_is_named(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000, "description": "Cũ"}, now=NOW)
    await imported(conn, {**TEA, "price_vnd": 60_000, "description": "Mới"})
    await update.set_price(conn, "SP-00001-1", 70_000, by=person("Ông Mẫu"), now=LAST)

    report = await undo(conn, 2)

    (stays,) = report.stays
    assert (stays.imported, stays.now) == (60_000, 70_000)
    assert stays.since is not None
    assert (stays.since.by, stays.since.at) == ("Ông Mẫu", LAST)
    item = await product_of(conn)
    assert (item.variants[0].price_vnd, item.description) == (70_000, "Cũ")


async def test_what_a_later_import_has_changed_stays_and_is_named(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "set_code": "I.1.a"}, now=NOW)
    await imported(conn, {**TEA, "set_code": "I.1.b"})
    await imported(conn, {**TEA, "set_code": "I.2.a"}, now=LAST, file="sau.csv")

    report = await undo(conn, 2)

    (stays,) = report.stays
    assert stays.since is not None
    assert stays.since.by == "lần nạp / import 3: sau.csv"
    assert report.later == [3]
    assert (await product_of(conn)).set_code == "I.2.a"


async def test_a_value_that_was_changed_there_and_back_stays(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "set_code": "I.1.a"}, now=NOW)
    for code in ("I.1.b", "I.2.a", "I.1.b"):
        await imported(conn, {**TEA, "set_code": code})

    report = await look(conn, 2)

    assert report.back == []
    assert [each.where.field for each in report.stays] == ["set_code"]


async def test_a_price_that_a_person_has_set_to_the_same_again_stays(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    await imported(conn, {**TEA, "price_vnd": 60_000})
    for price in (70_000, 60_000):
        await update.set_price(
            conn, "SP-00001-1", price, by=person("Ông Mẫu"), now=LAST
        )

    report = await look(conn, 2)

    assert [each.since and each.since.by for each in report.stays] == ["Ông Mẫu"]


async def test_what_is_as_before_already_is_not_spoken_of(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    await imported(conn, {**TEA, "price_vnd": 60_000})
    await update.set_price(conn, "SP-00001-1", 50_000, by=person(BY), now=LAST)

    report = await look(conn, 2)

    assert (report.back, report.stays) == ([], [])


@pytest.mark.parametrize("what", ["stop", "revocation", "consent", "paper", "void"])
async def test_what_a_person_says_too_is_that_persons_word_and_stays(
    conn: AsyncConnection, what: str
) -> None:
    await imported(conn, {**TEA, **GRANTED, "food_safety": "yes"}, now=NOW)
    revoked = {**GRANTED, "revoked_by": "9/QĐ-UBND", "revoked_on": "2026-11-20"}
    rows: dict[str, Row] = {
        "stop": {"paused": "yes"},
        "revocation": revoked,
        "consent": {"consent": "no"},
        "paper": {"food_safety": "no"},
        "void": {**GRANTED, "stars": 4},
    }
    await imported(conn, {**TEA, **rows[what]})
    said: dict[str, Any] = {"by": person("Ông Mẫu"), "now": LAST}
    if what == "stop":
        await update.pause(conn, "SP-00001", True, **said)
    elif what == "revocation":
        day = date(2026, 11, 20)
        await revoke(conn, ["SP-00001"], "9/QĐ-UBND", day, **said)
    elif what == "void":
        which = Which(decision="1/QĐ-UBND")
        await void(conn, "SP-00001", which, reason="nhầm", **said)
    else:
        fact: Any = (
            PaperKind.FOOD_SAFETY if what == "paper" else attest.ProducerFact.CONSENT
        )
        of: dict[str, Any] = {"product_ids": ["SP-00001"], "on": date(2026, 11, 24)}
        await attest.attest(conn, what=[fact], value=Fact.NO, **of, **said)
    before = await state(conn)

    report = await undo(conn, 2)

    if what == "void":  # the stars go back, the voiding stays
        (certificate,) = (await product_of(conn)).certificates
        assert (certificate.stars, certificate.voided_by) == (3, "Ông Mẫu")
        return
    assert [each.since and each.since.by for each in report.stays] == ["Ông Mẫu"]
    assert await state(conn) == before


async def test_a_count_stays_once_something_was_sold_or_counted_since(
    conn: AsyncConnection,
) -> None:
    count = {"on_hand": 5, "counted_at": NOW.isoformat()}
    more = {"on_hand": 9, "counted_at": LATER.isoformat()}
    rows = [{**each, **count} for each in (TEA, RICE, HONEY)]
    await imported(conn, *rows, now=NOW)
    await imported(conn, *[{**each, **more} for each in rows])
    sold = Sale(order_line="D-1", sku="SP-00001-1", quantity=1, sold_at=LAST)
    await record_sales(conn, "a-1", [sold], now=LAST)
    await update.set_stock(conn, "SP-00002-1", 9, LAST, by=person(BY), now=LAST)

    report = await undo(conn, 2)

    by = {each.where.key: each.since and each.since.by for each in report.stays}
    assert by == {"SP-00001-1": "bán hàng / sales", "SP-00002-1": BY}
    left = [(await pack_of(conn, f"SP-0000{n}")).on_hand for n in (1, 2, 3)]
    assert left == [9, 9, 5]


# Certificates, packs and products that it has added


@pytest.mark.postgresql
async def test_a_certificate_that_it_added_goes_and_the_others_keep_their_history(
    conn: AsyncConnection,
) -> None:
    second = {**GRANTED, "decision": "7/QĐ-UBND", "decided_on": "2026-05-10"}
    third = {**GRANTED, "decision": "8/QĐ-UBND", "decided_on": "2026-06-10"}
    revoked = {"revoked_by": "9/QĐ-UBND", "revoked_on": "2026-11-20"}
    await imported(conn, {**TEA, **GRANTED}, now=NOW)
    await imported(conn, {**TEA, **second, "stars": 4})
    await imported(conn, {**TEA, **third})
    await imported(conn, {**TEA, **third, **revoked}, file="sau.csv")
    assert (await product_of(conn)).effects[0].key == "2"

    await undo(conn, 2)

    item = await product_of(conn)
    assert [each.decision for each in item.certificates] == ["1/QĐ-UBND", "8/QĐ-UBND"]
    assert [(e.kind, e.key, e.import_id) for e in item.effects] == [
        (EffectKind.REVOKED, "1", 4)
    ]
    gone = (await amendments_of(conn, "SP-00001"))[-1]
    assert gone.who == f"{BY} (hoàn tác lần nạp / undo of import 2)"
    assert (gone.before["decision"], gone.after) == ("7/QĐ-UBND", {})
    # The later imports have changed what is at another place now.
    await undo(conn, 4)
    await undo(conn, 3)
    item = await product_of(conn)
    assert len(item.certificates) == 1
    # Without the third one it ends earlier: so the undoing takes that.
    assert [(each.kind, each.import_id) for each in item.effects] == [
        (EffectKind.ENDED, 7)
    ]


async def test_a_value_of_which_a_part_was_erased_stays_and_is_told(
    conn: AsyncConnection,
) -> None:
    said = {"consent": "yes", "consent_by": BY, "consent_on": "2026-11-20"}
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    await imported(conn, {**TEA, "price_vnd": 51_000, **said})
    await erase_values_of(conn, ["CS-0001"], LATER)

    report = await undo(conn, 2)

    assert [each.where.field for each in report.back] == ["price_vnd"]
    assert [each.where.field for each in report.stays] == ["consent"]
    maker = (await get_producers(conn, ["CS-0001"]))["CS-0001"]
    assert maker.consent.value is Fact.YES


async def test_the_history_of_a_certificate_that_moves_up_goes_with_it(
    conn: AsyncConnection,
) -> None:
    third = {**GRANTED, "decision": "8/QĐ-UBND", "decided_on": "2026-06-10"}
    await imported(conn, {**TEA, **GRANTED}, now=NOW)
    second = {"decision": "7/QĐ-UBND", "decided_on": "2026-05-10", "stars": 4}
    await imported(conn, {**TEA, **GRANTED, **second})
    await imported(conn, {**TEA, **third})
    which, day = Which(decision="8/QĐ-UBND"), date(2026, 6, 11)
    by_hand: Any = {"by": person(BY), "now": LATER}
    await correct_day(conn, "SP-00001", which, day, **by_hand)

    await undo(conn, 2)

    corrected = [
        each.change.where.key
        for each in (await timeline_page(conn, "SP-00001")).changes
        if each.kind == "correct_certificate"
    ]
    assert corrected == ["1"]


async def test_a_certificate_that_was_corrected_since_stays(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, now=NOW)
    await imported(conn, {**TEA, **GRANTED})
    which, day = Which(decision="1/QĐ-UBND"), date(2025, 5, 11)
    await correct_day(conn, "SP-00001", which, day, by=person("Ông Mẫu"), now=LAST)

    report = await undo(conn, 2)

    (stays,) = report.stays
    assert stays.since is not None
    assert stays.since.by == "Ông Mẫu"
    assert len((await product_of(conn)).certificates) == 1


async def test_a_pack_that_it_added_stays_without_what_makes_it_sell(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    count = {"on_hand": 5, "counted_at": NOW.isoformat()}
    new = {**TEA, "pack": "B", "price_vnd": 90_000, **count}
    await imported(conn, {**TEA, "price_vnd": 50_000}, new)

    await undo(conn, 2)

    _, pack = (await product_of(conn)).variants
    assert pack == Variant(sku="SP-00001-2", pack="B")

    await imported(conn, new, {**TEA, "price_vnd": 50_000}, now=LAST)

    _, pack = (await product_of(conn)).variants
    assert (pack.sku, pack.price_vnd, pack.on_hand) == ("SP-00001-2", 90_000, 5)


async def test_a_product_that_it_made_stays_marked_and_is_held_where_it_is_new(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, now=NOW)
    await imported(conn, TEA, {**RICE, **GRANTED, "price_vnd": 50_000})

    report = await undo(conn, 2)

    item, maker = (await get(conn, ["SP-00002"]))["SP-00002"]
    reasons = evaluate(item, maker, LAST, RULES).reasons
    (reason,) = [each for each in reasons if each.code == "E17"]
    assert report.created == ["SP-00002"]
    assert (item.undone_import, item.variants[0].price_vnd) == (2, 50_000)
    assert (reason.known, dict(reason.details)) == (False, {"number": 2})
    assert "lần nạp 2" in reason.seen.vi
    assert (await product_of(conn)).undone_import is None

    await imported(conn, RICE, source="khác", now=LAST)

    assert (await product_of(conn, "SP-00002")).undone_import is None


async def test_a_marked_product_is_known_to_be_wrong_by_no_rule(
    lite: AsyncConnection,
) -> None:
    made = {**TEA, **GRANTED, "set_code": "I.1.a", "food_safety": "yes"}
    made |= {"declaration": "yes", "consent": "yes", "identity_ready": "yes"}
    await imported(lite, RICE, now=NOW)
    await imported(lite, RICE, made)
    await undo(lite, 2)

    verdict = evaluate(*(await get(lite, ["SP-00002"]))["SP-00002"], LAST, RULES)

    assert verdict.standing is Standing.UNKNOWN
    assert verdict.decisive is not None
    assert verdict.decisive.code == "E17"
    assert (verdict.certified, verdict.stars) == (Fact.YES, 3)


async def test_a_product_that_another_import_names_too_is_not_marked(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, now=NOW)
    await imported(conn, TEA, RICE, HONEY)
    await imported(conn, RICE, {**RICE, "name": "Muối Mẫu"}, source="khác")

    report = await undo(conn, 2)

    assert (report.created, report.named) == (["SP-00003"], ["SP-00002"])
    assert (await product_of(conn, "SP-00002")).undone_import is None


async def test_a_source_names_what_it_named_before(conn: AsyncConnection) -> None:
    await imported(conn, TEA, RICE, HONEY, now=NOW)
    await imported(conn, RICE, HONEY, {**TEA, "name": "Trà Mẫu khác"})
    assert (await product_of(conn)).not_in_source_since is not None

    report = await undo(conn, 2)

    named = await named_by(conn, ["SP-00001", "SP-00002", "SP-00003", "SP-00004"])
    assert set(named) == {("bảng mẫu", f"SP-0000{n}") for n in (1, 2, 3)}
    assert set(named.values()) == {None}
    assert report.renamed == 2
    assert (await product_of(conn)).not_in_source_since is None


def test_a_pack_of_before_a_column_was_added_goes_back_by_the_others() -> None:
    where = ChangedField(Entity.VARIANT, "SP-00001", "SP-00001-1", WHOLE)
    change = Change(where, None, {"pack": "A", "price_vnd": 50_000})

    found = list(in_fields(Product(id="SP-00001", name=""), [change]))

    assert [(e.where.field, e.before, e.after) for e in found] == [
        ("price_vnd", None, 50_000)
    ]


# Several imports


@pytest.mark.postgresql
async def test_what_stood_on_an_import_that_was_undone_first_goes_back_to_the_start(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "set_code": "I.1.a", "price_vnd": 50_000}, now=NOW)
    first = await state(conn)
    await imported(
        conn, {**TEA, **GRANTED, "set_code": "I.1.b", "price_vnd": 60_000}, RICE
    )
    await imported(
        conn,
        {**TEA, **GRANTED, "stars": 4, "set_code": "I.2.a", "price_vnd": 70_000},
        RICE,
        {**TEA, "pack": "B", "price_vnd": 80_000},
    )

    await undo(conn, 2)
    assert (await product_of(conn, "SP-00002")).undone_import is None
    report = await undo(conn, 3)

    assert report.created == ["SP-00002"]
    item, rice = await product_of(conn), await product_of(conn, "SP-00002")
    assert (item.set_code, item.certificates) == ("I.1.a", ())
    assert item.variants == (
        first["entries"]["SP-00001"][0].variants[0],
        Variant(sku="SP-00001-2", pack="B"),
    )
    assert rice.undone_import == 2
    assert await named_by(conn, ["SP-00002"]) == {}


async def test_who_changed_a_field_last_is_who_did_before(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "price_vnd": 50_000}, now=NOW)
    await update.set_price(conn, "SP-00001-1", 55_000, by=person("Ông Mẫu"), now=NOW)
    stamped = {"source": "bảng xuất", "stamp": LATER}
    await imported(conn, {**TEA, "price_vnd": 60_000}, **stamped)
    await undo(conn, 2)

    # That sheet knows nothing of the price that Ông Mẫu has set.
    report = await import_rows(conn, {**TEA, "price_vnd": 58_000}, now=LAST)

    (problem,) = report.problems
    assert "Ông Mẫu" in problem.vi


# Effects


async def effects_of(conn: AsyncConnection) -> list[tuple[Any, ...]]:
    rows = await conn.execute(
        select(
            import_effect.c.kind,
            import_effect.c.import_id,
            import_effect.c.stands,
            import_effect.c.asks,
            import_effect.c.confirmed_in,
        ).order_by(import_effect.c.import_id)
    )
    return [tuple(row) for row in rows]


@pytest.mark.postgresql
async def test_what_the_import_took_ends_with_it(conn: AsyncConnection) -> None:
    await imported(conn, TEA, now=NOW)
    await imported(conn, {**TEA, "paused": "yes"})

    report = await undo(conn, 2)

    assert report.takes == {}
    assert await effects_of(conn) == [("stopped", 2, False, False, None)]
    assert (await product_of(conn)).effects == ()


async def test_what_the_undoing_takes_is_its_own_effect_that_nobody_has_confirmed(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, "paused": "yes"}, now=NOW)
    looked = await import_rows(conn, {**TEA, "paused": "no"}, now=LATER, check=True)
    assert looked.takes == {}
    await imported(conn, {**TEA, "paused": "no"})

    report = await undo(conn, 2)

    assert report.takes == {"stopped": 1}
    (effect,) = (await product_of(conn)).effects
    assert (effect.import_id, effect.confirmed) == (3, False)


async def test_an_effect_that_the_import_had_replaced_stands_again(
    conn: AsyncConnection,
) -> None:
    await imported(conn, {**TEA, **GRANTED}, now=NOW)
    moved = {**GRANTED, "decision_is": "đính chính"}
    await imported(conn, {**TEA, **moved, "decided_on": "2025-04-10"})
    await imported(conn, {**TEA, **moved, "decided_on": "2025-03-10"})
    assert (await product_of(conn)).effects[0].import_id == 3

    report = await undo(conn, 3)

    assert report.takes == {}
    (effect,) = (await product_of(conn)).effects
    assert (effect.kind, effect.import_id) == (EffectKind.ENDED, 2)


@pytest.mark.postgresql
async def test_what_the_import_confirmed_is_nobodys_word_again(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, now=NOW)
    stop = {**TEA, "paused": "yes"}
    await imported(conn, stop)
    looked = await import_rows(conn, stop, now=LATER, check=True)
    await imported(
        conn, stop, confirmed=Confirmation(token=looked.token, by=person(BY))
    )
    assert (await product_of(conn)).effects[0].confirmed
    before = await revisions(conn, ["SP-00001"])

    await undo(conn, 3)

    (effect,) = (await product_of(conn)).effects
    assert (effect.import_id, effect.confirmed) == (2, False)
    after = await revisions(conn, ["SP-00001"])
    assert after["SP-00001"] > before["SP-00001"]


async def test_a_stop_that_a_later_confirmed_import_says_too_stays(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, now=NOW)
    stop = {**TEA, "paused": "yes"}
    await imported(conn, stop)
    looked = await import_rows(conn, stop, now=LAST, check=True)
    await imported(
        conn,
        stop,
        now=LAST,
        confirmed=Confirmation(token=looked.token, by=person("Ông Mẫu")),
    )

    report = await undo(conn, 2)

    assert [each.where.field for each in report.stays] == ["paused"]
    item = await product_of(conn)
    assert item.paused
    assert [each.confirmed for each in item.effects] == [True]


async def test_undoing_what_lifted_a_stop_and_then_the_stop_lifts_it(
    conn: AsyncConnection,
) -> None:
    await imported(conn, TEA, now=NOW)
    await imported(conn, {**TEA, "paused": "yes"})
    await imported(conn, {**TEA, "paused": "no"})

    await undo(conn, 3)
    assert (await product_of(conn)).paused
    report = await undo(conn, 2)

    assert report.stays == []
    item = await product_of(conn)
    assert (item.paused, item.effects) == (False, ())


async def test_an_undone_import_counts_no_more_in_the_question_about_many(
    conn: AsyncConnection,
) -> None:
    rows = [{**TEA, "name": f"Trà Mẫu {n} bông"} for n in range(12)]
    await imported(conn, *rows, now=NOW)
    stopped = [{**each, "paused": "yes"} for each in rows]
    await imported(conn, *stopped[:4], *rows[4:])

    await undo(conn, 2)

    # Three more would be seven of twelve within a day.
    report = await import_rows(conn, *rows[:4], *stopped[4:7], *rows[7:], now=LAST)
    assert (report.held, report.takes) == ([], {"stopped": 3})


async def test_what_an_undoing_takes_is_not_asked_about_again(
    conn: AsyncConnection,
) -> None:
    rows = [{**TEA, "name": f"Trà Mẫu {n} bông"} for n in range(12)]
    stopped = [{**each, "paused": "yes"} for each in rows]
    await imported(conn, *stopped[:4], *rows[4:], now=NOW)
    await imported(conn, *[{**each, "paused": "no"} for each in rows[:4]], *rows[4:])

    report = await undo(conn, 2)

    assert report.takes == {"stopped": 4}
    again = await import_rows(conn, *stopped[:7], *rows[7:], now=LAST)
    assert (again.held, again.written) == ([], True)


async def test_a_refusal_that_goes_back_is_taken_from_all_products_of_the_producer(
    conn: AsyncConnection,
) -> None:
    no = [{**RICE, "consent": "no"}, {**HONEY, "consent": "no"}]
    await imported(conn, *no, now=NOW)
    yes = [{**each, "consent": "yes"} for each in no]
    await imported(conn, *yes)

    report = await undo(conn, 2)

    assert report.takes == {"consent": 2}
    maker = (await get_producers(conn, ["CS-0001"]))["CS-0001"]
    assert maker.consent.value is Fact.NO
    kinds = [
        [e.kind for e in (await product_of(conn, f"SP-0000{n}")).effects]
        for n in (1, 2)
    ]
    assert kinds == [[EffectKind.CONSENT], [EffectKind.CONSENT]]


# What cannot be undone


async def test_an_import_is_undone_once(conn: AsyncConnection) -> None:
    await imported(conn, TEA, now=NOW)
    await undo(conn, 1)

    with pytest.raises(PastImportError, match=f"lần nạp 1 đã được {BY} hoàn tác"):
        await look(conn, 1)


async def test_an_undoing_is_not_undone(conn: AsyncConnection) -> None:
    await imported(conn, TEA, now=NOW)
    await undo(conn, 1)

    with pytest.raises(PastImportError, match="muốn có lại thì nạp lại tệp"):
        await look(conn, 2)


async def test_after_thirty_days_nothing_is_undone(conn: AsyncConnection) -> None:
    await imported(conn, TEA, now=NOW)

    with pytest.raises(PastImportError, match="chỉ hoàn tác được trong 30 ngày"):
        await look(conn, 1, now=NOW + KEPT_FOR)
    assert (await look(conn, 1, now=NOW + KEPT_FOR - timedelta(seconds=1))).created


async def test_somebody_has_to_stand_for_it(conn: AsyncConnection) -> None:
    await imported(conn, TEA, now=NOW)
    token = (await look(conn, 1)).token

    word = Confirmation(token=token, by=person(" "))

    with pytest.raises(AttestationError):
        await undo_import(conn, 1, now=LAST, rules=RULES, confirmed=word)
