"""What the department does with producers: adds and edits them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.consent import withdraw_consent
from catalog.commands.erasure import confirm_erasure
from catalog.commands.producers import ProducerEdit, add_producer, edit_producer
from catalog.db import reader
from catalog.db.acts import recorded_acts
from catalog.db.history import Author
from catalog.db.producer_changes import last_change_of
from catalog.db.writer import save
from catalog.errors import (
    AttestationError,
    ChangedMeanwhileError,
    FieldsError,
    HeldEditError,
    NotInCatalogError,
)
from catalog.model.producer import Producer, ProducerKind
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.service.department.producers import all_producers, producers_after
from tests.catalog_database import import_rows
from tests.factories import AT, make_producer, make_product, person

LATER = AT + timedelta(hours=2)
BY: Mapping[str, Any] = {"by": person("Lê Mẫu"), "now": LATER}


@pytest.fixture
async def catalog(conn: AsyncConnection) -> AsyncConnection:
    """A product of one producer."""
    await save(conn, [(make_product(), make_producer())], by=Author("thử", AT))
    return conn


async def producer(conn: AsyncConnection, id_: str = "CS-0001") -> Producer:
    return (await reader.get_producers(conn, [id_]))[id_]


async def revision(conn: AsyncConnection) -> int:
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0].revision


async def acts(conn: AsyncConnection) -> list[Any]:
    pages = [page async for page in recorded_acts(conn)]
    return [each.entry for page in pages for each in page]


def values(token: str = "", **texts: str) -> ProducerEdit:
    return ProducerEdit(values=texts, token=token)


def asked(error: FieldsError | HeldEditError) -> list[str]:
    problems = error.problems if isinstance(error, FieldsError) else error.questions
    return [each.field for each in problems]


@pytest.mark.postgresql
async def test_a_producer_is_added_with_the_commune_that_its_address_tells(
    catalog: AsyncConnection,
) -> None:
    id_ = await add_producer(
        catalog,
        values(
            producer_name=" HTX  Mẫu Hai",
            producer_kind="hợp tác xã",
            address="Thôn Mẫu, xã Đạp Thanh, huyện Ba Chẽ, tỉnh Quảng Ninh",
        ),
        **BY,
    )

    found = await producer(catalog, id_)
    assert (found.name, found.kind) == ("HTX Mẫu Hai", ProducerKind.COOPERATIVE)
    assert found.address.old_commune_code
    (act,) = await acts(catalog)
    assert (act.kind, act.subjects) == ("add_producer", [id_])
    page = await producers_after(catalog, "", limit=1)
    assert [(e.producer.id, e.products) for e in page.producers] == [("CS-0001", 1)]
    assert page.last == "CS-0001"
    every = [each.producer.id async for each in await all_producers(catalog)]
    assert every == ["CS-0001", id_]


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"address": "Phường Mẫu, tỉnh Hải Dương"}, "address"),
        ({"province": "Hải Dương"}, "province"),
        ({"new_commune": "Không Có"}, "new_commune"),
        ({"commune_code": "99999"}, "commune_code"),
        ({"producer_kind": "tập đoàn"}, "producer_kind"),
        ({"consent": "có"}, "consent"),
        ({"tax_code": "1"}, "tax_code"),
        ({"producer_name": ""}, "producer_name"),
    ],
)
async def test_a_value_that_a_sheet_could_not_bring_is_refused(
    catalog: AsyncConnection, texts: dict[str, str], field: str
) -> None:
    before = await producer(catalog)

    with pytest.raises(FieldsError) as edited:
        await edit_producer(catalog, "CS-0001", values(**texts), **BY)
    new = {"producer_name": "Cơ sở Mẫu mới", **texts}
    with pytest.raises(FieldsError) as added:
        await add_producer(catalog, values(**new), **BY)

    assert asked(edited.value) == asked(added.value) == [field]
    assert await producer(catalog) == before


async def test_a_producer_that_the_catalog_has_is_not_added_again(
    catalog: AsyncConnection,
) -> None:
    with pytest.raises(FieldsError) as refused:
        await add_producer(catalog, values(producer_name="CƠ SỞ MẪU 001"), **BY)

    assert "CS-0001" in refused.value.problems[0].en


@pytest.mark.postgresql
async def test_a_name_that_is_nearly_anothers_is_held_until_it_is_confirmed(
    catalog: AsyncConnection,
) -> None:
    with pytest.raises(HeldEditError) as held:
        await add_producer(catalog, values(producer_name="Cơ sở Mẫuu 001"), **BY)
    token = held.value.token

    id_ = await add_producer(
        catalog, values(token, producer_name="Cơ sở Mẫuu 001"), **BY
    )
    row = {"product_id": "SP-00002", "name": "Chè Mẫu", "producer_name": "HTX Mẫu"}
    await import_rows(catalog, row, now=LATER)
    assert (await producer(catalog, "CS-0003")).name == "HTX Mẫu"

    assert asked(held.value) == ["producer_name"]
    assert "CS-0001 (Cơ sở Mẫu 001)" in held.value.questions[0].vi
    assert (await producer(catalog, id_)).name == "Cơ sở Mẫuu 001"


async def test_a_legal_form_that_the_name_contradicts_is_held(
    catalog: AsyncConnection,
) -> None:
    new = {"producer_name": "Công ty TNHH Mẫu", "producer_kind": "HTX"}
    other = {"producer_name": "HTX Mẫu Ba", "producer_kind": "DN"}

    with pytest.raises(HeldEditError) as added:
        await add_producer(catalog, values(**new), **BY)
    with pytest.raises(HeldEditError) as edited:
        await edit_producer(catalog, "CS-0001", values(**other), **BY)
    await add_producer(catalog, values(added.value.token, **new), **BY)
    await edit_producer(catalog, "CS-0001", values(edited.value.token, **other), **BY)

    assert asked(added.value) == asked(edited.value) == ["producer_kind"]
    assert (await producer(catalog)).kind is ProducerKind.FIRM


async def test_an_address_whose_commune_nobody_knows_is_asked_about(
    catalog: AsyncConnection,
) -> None:
    edit = {"address": "Thôn Mẫu, xã Không Có"}

    with pytest.raises(HeldEditError) as held:
        await edit_producer(catalog, "CS-0001", values(**edit), **BY)
    await edit_producer(catalog, "CS-0001", values(held.value.token, **edit), **BY)

    assert asked(held.value) == ["address"]
    assert (await producer(catalog)).address.text == "Thôn Mẫu, xã Không Có"


@pytest.mark.postgresql
async def test_an_edit_gives_the_products_a_new_revision_and_stands_in_the_audit(
    catalog: AsyncConnection,
) -> None:
    before = await revision(catalog)
    edit = values(producer_name="Cơ sở Mẫu Một", address="Thôn Mẫu Hai")

    assert await edit_producer(catalog, "CS-0001", edit, **BY)
    assert not await edit_producer(catalog, "CS-0001", edit, **BY)

    found = await producer(catalog)
    assert (found.name, found.address.text) == ("Cơ sở Mẫu Một", "Thôn Mẫu Hai")
    assert found.consent == make_producer().consent
    assert await revision(catalog) > before
    (act,) = await acts(catalog)
    assert (act.kind, act.refs) == (
        "edit_producer",
        {"fields": "address producer_name"},
    )


async def test_a_name_that_another_producer_has_is_asked_about(
    catalog: AsyncConnection,
) -> None:
    other = make_producer(id="CS-0002", name="Cơ sở Mẫu 002")
    bare = make_product(
        id="SP-00002", name="Chè Mẫu", producer_id="CS-0002", variants=()
    )
    await save(catalog, [(bare, other)], by=Author("thử", AT))

    with pytest.raises(HeldEditError) as held:
        await edit_producer(
            catalog, "CS-0001", values(producer_name="Cơ sở Mẫu 002"), **BY
        )

    assert asked(held.value) == ["producer_name"]


@pytest.mark.postgresql
async def test_an_edit_is_compared_field_by_field_with_what_was_seen(
    catalog: AsyncConnection,
) -> None:
    seen = await last_change_of(catalog, "CS-0001")
    await edit_producer(catalog, "CS-0001", values(address="Thôn Mẫu Hai"), **BY)
    other = values(address="Thôn Mẫu Ba")

    with pytest.raises(ChangedMeanwhileError) as refused:
        await edit_producer(catalog, "CS-0001", other, seen=seen, **BY)
    with pytest.raises(ChangedMeanwhileError):
        await edit_producer(catalog, "CS-0001", other, seen=seen + 99, **BY)
    await edit_producer(
        catalog, "CS-0001", values(producer_name="Mẫu Một"), seen=seen, **BY
    )

    (changed,) = refused.value.changed
    assert changed == ("address", "Thôn Mẫu Hai", LATER)
    assert (await producer(catalog)).address.text == "Thôn Mẫu Hai"


async def test_what_was_erased_is_not_entered_again_without_consent(
    catalog: AsyncConnection,
) -> None:
    by = person("Lê Mẫu")
    await withdraw_consent(catalog, "CS-0001", reach=WHOLE_CATALOG, by=by, now=LATER)
    due = LATER + timedelta(hours=73)
    await confirm_erasure(catalog, "CS-0001", names=(), by=by, now=due)

    with pytest.raises(FieldsError) as refused:
        await edit_producer(catalog, "CS-0001", values(address="Thôn Mẫu"), **BY)

    assert asked(refused.value) == ["address"]


async def test_nobody_edits_what_is_not_there_or_without_a_name(
    catalog: AsyncConnection,
) -> None:
    edit = values(address="Thôn Mẫu")
    with pytest.raises(NotInCatalogError):
        await edit_producer(catalog, "CS-0009", edit, **BY)
    with pytest.raises(AttestationError):
        await edit_producer(catalog, "CS-0001", edit, **{**BY, "by": person(" ")})
    with pytest.raises(AttestationError):
        await add_producer(
            catalog, values(producer_name="Mẫu"), **{**BY, "by": person(" ")}
        )
