"""What the department does with products: adds, edits, moves them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.add_product import NewProduct, add_pack, add_product
from catalog.commands.edit_text import TextEdit, edit_text
from catalog.commands.move_product import move_product
from catalog.db import reader
from catalog.db.acts import recorded_acts
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.eligibility import load_rules
from catalog.errors import (
    AttestationError,
    ChangedMeanwhileError,
    FieldsError,
    HeldEditError,
    NotInCatalogError,
)
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG, Reach
from tests.catalog_database import import_rows
from tests.factories import (
    AT,
    NOT_SO,
    make_producer,
    make_product,
    make_variant,
    person,
)

LATER = AT + timedelta(hours=2)
BY: Mapping[str, Any] = {"by": person("Lê Mẫu"), "now": LATER}
RULED: Mapping[str, Any] = {**BY, "rules": load_rules()}
EDITING: Mapping[str, Any] = {**RULED, "reach": WHOLE_CATALOG}
SERVICE = "VI"
"""A product set of services, which no marketplace sells."""


@pytest.fixture
async def catalog(conn: AsyncConnection) -> AsyncConnection:
    """A product of one producer, and another producer without any."""
    entries = [
        (make_product(), make_producer()),
        (
            make_product(
                id="SP-00002",
                name="Mật ong Mẫu",
                ocop_code="QN-0002",
                variants=(make_variant(sku="SP-00002-1", gtin=""),),
            ),
            None,
        ),
        (
            make_product(
                id="SP-00003", name="Chè Mẫu", producer_id="CS-0002", variants=()
            ),
            make_producer(id="CS-0002", name="Cơ sở Mẫu 002"),
        ),
    ]
    await save(conn, entries, by=Author("thử", AT))
    return conn


async def product(conn: AsyncConnection, id_: str) -> Product:
    return (await reader.get(conn, [id_]))[id_][0]


async def acts(conn: AsyncConnection) -> list[Any]:
    pages = [page async for page in recorded_acts(conn)]
    return [each.entry for page in pages for each in page]


def new(name: str, token: str = "", **more: Any) -> NewProduct:
    return NewProduct(
        producer_id=more.pop("producer", "CS-0001"),
        official={"name": name, **more.pop("official", {})},
        token=token,
        **more,
    )


def official(token: str = "", **values: str) -> TextEdit:
    return TextEdit(official=values, token=token)


def asked(error: FieldsError | HeldEditError) -> list[str]:
    problems = error.problems if isinstance(error, FieldsError) else error.questions
    return [each.field for each in problems]


# New products


@pytest.mark.postgresql
async def test_a_product_is_added_with_its_packs_and_stands_in_the_history(
    catalog: AsyncConnection,
) -> None:
    id_ = await add_product(
        catalog,
        new(
            "  Nước   mắm Mẫu ",
            official={"set_code": "Rau, củ, quả, hạt tươi", "source": ""},
            texts={"origin": "Cô Tô"},
            packs=[{"pack": "Chai 500 ml", "weight_g": "0,7 kg"}, {"pack": "Can 5 l"}],
        ),
        **BY,
    )

    found = await product(catalog, id_)
    assert (found.name, found.producer_id) == ("Nước mắm Mẫu", "CS-0001")
    assert found.set_code == "I.1.a"
    assert found.label.origin == "Cô Tô"
    packs = [(each.sku, each.pack, each.weight_g) for each in found.variants]
    assert packs == [(f"{id_}-1", "Chai 500 ml", 700), (f"{id_}-2", "Can 5 l", None)]
    assert found.revision > 0
    (act,) = await acts(catalog)
    assert (act.kind, act.subjects) == ("add_product", [id_])
    again = await add_product(catalog, new("Rượu Mẫu"), **BY)
    row = {"name": "Miến dong Mẫu", "producer_id": "CS-0001"}
    (imported,) = (await import_rows(catalog, row, now=LATER)).created
    assert id_ < again < imported


async def test_all_that_is_wrong_with_a_new_product_is_told_at_once(
    catalog: AsyncConnection,
) -> None:
    wrong = new(
        " ",
        official={"set_code": "không có"},
        texts={"stars": "5"},
        packs=[{"gtin": "123"}, {"pack": "Gói"}, {"pack": "gói"}],
    )

    with pytest.raises(FieldsError) as refused:
        await add_product(catalog, wrong, **BY)

    assert asked(refused.value) == [
        "name",
        "set_code",
        "stars",
        "0.gtin",
        "1.pack",
        "2.pack",
    ]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("MĂNG KHÔ MẪU", {}),
        ("Tên khác hẳn", {"official": {"ocop_code": "qn - 0002"}}),
    ],
)
async def test_a_product_that_the_catalog_has_is_not_added_again(
    catalog: AsyncConnection, name: str, more: dict[str, Any]
) -> None:
    with pytest.raises(FieldsError) as refused:
        await add_product(catalog, new(name, **more), **BY)

    (problem,) = refused.value.problems
    assert "SP-0000" in problem.vi
    assert "SP-0000" in problem.en


@pytest.mark.postgresql
async def test_a_name_that_is_nearly_anothers_is_held_until_it_is_confirmed(
    catalog: AsyncConnection,
) -> None:
    with pytest.raises(HeldEditError) as held:
        await add_product(catalog, new("Măng khô Mẩu"), **BY)
    token = held.value.token
    with pytest.raises(HeldEditError) as other:
        await add_product(catalog, new("Mật ong Mẫu hoa", token), **BY)

    id_ = await add_product(catalog, new("Măng khô Mẩu", token), **BY)

    assert asked(held.value) == ["name"]
    assert "SP-00001 (Măng khô Mẫu)" in held.value.questions[0].vi
    assert other.value.token != token
    assert (await product(catalog, id_)).name == "Măng khô Mẩu"


async def test_a_product_of_an_unknown_producer_is_not_added(
    catalog: AsyncConnection,
) -> None:
    with pytest.raises(NotInCatalogError):
        await add_product(catalog, new("Nước mắm Mẫu", producer="CS-0009"), **BY)


async def test_a_new_pack_has_a_name_of_its_own(catalog: AsyncConnection) -> None:
    sku = await add_pack(catalog, "SP-00001", {"pack": "Hộp 1 kg"}, **BY)
    for texts in ({"pack": "hộp 1 kg"}, {"price_vnd": "5000"}):
        with pytest.raises(FieldsError) as refused:
            await add_pack(catalog, "SP-00001", texts, **BY)
        assert asked(refused.value) == [*texts]

    assert sku == "SP-00001-2"
    assert [each.pack for each in (await product(catalog, "SP-00001")).variants] == [
        "Gói 500 g",
        "Hộp 1 kg",
    ]


# Official values


@pytest.mark.postgresql
async def test_staff_edit_official_values_beside_texts_as_one_act(
    catalog: AsyncConnection,
) -> None:
    edit = TextEdit(
        official={"name": "Măng  khô Mẫu hảo hạng", "ocop_code": "QN-0001"},
        product={"origin": "Ba Chẽ"},
    )

    assert await edit_text(catalog, "SP-00001", edit, **EDITING)
    assert not await edit_text(catalog, "SP-00001", edit, **EDITING)

    found = await product(catalog, "SP-00001")
    assert (found.name, found.ocop_code) == ("Măng khô Mẫu hảo hạng", "QN-0001")
    (act,) = await acts(catalog)
    assert (act.kind, act.refs["fields"]) == (
        "edit_product",
        "label.origin ocop_code name",
    )


async def test_only_the_department_edits_official_values(
    catalog: AsyncConnection,
) -> None:
    own = {**EDITING, "reach": Reach.of(["CS-0001"])}

    with pytest.raises(FieldsError) as refused:
        await edit_text(catalog, "SP-00001", official(name="Măng"), **own)

    assert asked(refused.value) == ["name"]
    assert "the department alone" in refused.value.problems[0].en


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "mật ong mẫu"}, "name"),
        ({"ocop_code": "QN-0002"}, "ocop_code"),
        ({"name": ""}, "name"),
        ({"ocop_code": ""}, "ocop_code"),
        ({"alcohol_percent": "101"}, "alcohol_percent"),
    ],
)
async def test_an_official_value_that_a_sheet_could_not_bring_is_refused(
    catalog: AsyncConnection, values: dict[str, str], field: str
) -> None:
    with pytest.raises(FieldsError) as refused:
        await edit_text(catalog, "SP-00001", official(**values), **EDITING)

    assert asked(refused.value) == [field]


@pytest.mark.postgresql
async def test_an_edit_that_ends_the_sale_is_told_first(
    catalog: AsyncConnection,
) -> None:
    with pytest.raises(HeldEditError) as held:
        await edit_text(catalog, "SP-00001", official(set_code=SERVICE), **EDITING)
    before = await product(catalog, "SP-00001")
    token = held.value.token
    more = official(token, set_code=SERVICE, ocop_code="QN-0001")
    with pytest.raises(HeldEditError):
        await edit_text(catalog, "SP-00001", more, **EDITING)

    await edit_text(catalog, "SP-00001", official(token, set_code=SERVICE), **EDITING)

    assert asked(held.value) == ["SP-00001"]
    assert "out of scope" in held.value.questions[0].en
    assert before.set_code == "I.3.c"
    assert (await product(catalog, "SP-00001")).set_code == SERVICE


async def test_an_official_value_that_changed_meanwhile_is_told(
    catalog: AsyncConnection,
) -> None:
    seen = (await product(catalog, "SP-00001")).revision
    await edit_text(catalog, "SP-00001", official(name="Măng Mẫu"), **EDITING)

    other = official(name="Măng nứa Mẫu")
    with pytest.raises(ChangedMeanwhileError) as refused:
        await edit_text(catalog, "SP-00001", other, seen=seen, **EDITING)
    await edit_text(catalog, "SP-00001", official(source="hồ sơ"), seen=seen, **EDITING)

    assert [(e.field, e.value) for e in refused.value.changed] == [("name", "Măng Mẫu")]


# Another producer


@pytest.mark.postgresql
async def test_a_product_moves_to_another_producer(catalog: AsyncConnection) -> None:
    before = (await product(catalog, "SP-00001")).revision

    assert await move_product(catalog, "SP-00001-1", "CS-0002", **RULED)
    assert not await move_product(catalog, "SP-00001", "CS-0002", **RULED)

    found = await product(catalog, "SP-00001")
    assert (found.producer_id, found.revision > before) == ("CS-0002", True)
    (act,) = await acts(catalog)
    assert (act.kind, act.subjects) == ("move_product", ["SP-00001"])
    assert act.refs == {"from": "CS-0001", "to": "CS-0002"}


async def test_a_move_that_ends_the_sale_is_told_first(
    catalog: AsyncConnection,
) -> None:
    refusing = make_producer(id="CS-0003", name="Cơ sở Mẫu 003", consent=NOT_SO)
    bare = make_product(
        id="SP-00004", name="Rượu Mẫu", producer_id="CS-0003", variants=()
    )
    await save(catalog, [(bare, refusing)], by=Author("thử", AT))

    with pytest.raises(HeldEditError) as held:
        await move_product(catalog, "SP-00001", "CS-0003", **RULED)
    await move_product(catalog, "SP-00001", "CS-0003", token=held.value.token, **RULED)

    assert "its sale ends everywhere" in held.value.questions[0].en
    assert (await product(catalog, "SP-00001")).producer_id == "CS-0003"


async def test_a_move_to_who_has_one_of_that_name_is_asked_about(
    catalog: AsyncConnection,
) -> None:
    twin = make_product(
        id="SP-00004", name="MĂNG KHÔ MẪU", producer_id="CS-0002", variants=()
    )
    await save(catalog, [(twin, None)], by=Author("thử", AT))

    with pytest.raises(HeldEditError) as held:
        await move_product(catalog, "SP-00001", "CS-0002", **RULED)

    assert asked(held.value) == ["name"]
    assert "SP-00004" in held.value.questions[0].vi


async def test_a_move_names_the_producer_that_it_was_made_from(
    catalog: AsyncConnection,
) -> None:
    seen = (await product(catalog, "SP-00001")).revision
    await move_product(catalog, "SP-00001", "CS-0002", **RULED)

    with pytest.raises(ChangedMeanwhileError):
        await move_product(catalog, "SP-00001", "CS-0001", seen=seen, **RULED)


@pytest.mark.parametrize("code", ["SP-00009", "CS-0001"])
async def test_what_the_catalog_lacks_is_moved_nowhere(
    catalog: AsyncConnection, code: str
) -> None:
    with pytest.raises(NotInCatalogError):
        await move_product(catalog, code, "CS-0002", **RULED)
    with pytest.raises(NotInCatalogError):
        await move_product(catalog, "SP-00001", "CS-0009", **RULED)


async def test_nobody_adds_edits_or_moves_a_product_without_a_name(
    catalog: AsyncConnection,
) -> None:
    unnamed = {**BY, "by": person(" ")}
    with pytest.raises(AttestationError):
        await add_product(catalog, new("Nước mắm Mẫu"), **unnamed)
    with pytest.raises(AttestationError):
        await add_pack(catalog, "SP-00001", {"pack": "Hộp"}, **unnamed)
    with pytest.raises(AttestationError):
        await move_product(
            catalog, "SP-00001", "CS-0002", rules=load_rules(), **unnamed
        )
