"""What the department has entered by hand, when a sheet says otherwise later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.add_product import NewProduct, add_product
from catalog.commands.consent import withdraw_consent
from catalog.commands.edit_text import TextEdit, edit_text
from catalog.commands.erasure import confirm_erasure
from catalog.commands.move_product import move_product
from catalog.commands.producers import ProducerEdit, add_producer, edit_producer
from catalog.db import reader
from catalog.db.former_marks import former_mark_pages, former_names_of
from catalog.eligibility import load_rules
from catalog.errors import HeldEditError
from catalog.feed.rows.row import ProblemKind
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.model.product import Entry
from catalog.model.reach import WHOLE_CATALOG
from catalog.undo.undo import undo_import
from tests.catalog_database import NOW, import_rows
from tests.factories import person

ROW: Mapping[str, object] = {
    "product_id": "SP-00001",
    "name": "Trà hoa vàng Mẫu",
    "producer_id": "CS-0001",
    "producer_name": "Cơ sở Mẫu 001",
    "address": "Thôn Mẫu Một",
    "set_code": "I.3.a",
}
OTHER: Mapping[str, object] = {
    "product_id": "SP-00002",
    "name": "Chè dây Mẫu",
    "producer_id": "CS-0002",
    "producer_name": "Hợp tác xã Mẫu Hai",
}
LATER = NOW + timedelta(hours=1)
BY: Mapping[str, Any] = {
    "by": person("Lê Mẫu"),
    "now": LATER,
    "rules": load_rules(),
}
OLDER = NOW + timedelta(minutes=30)
"""The stamp of a sheet that was exported before the edit."""
NEWER = NOW + timedelta(minutes=90)


async def kept(conn: AsyncConnection, id_: str = "SP-00001") -> Entry:
    return (await reader.get(conn, [id_]))[id_]


async def edited(conn: AsyncConnection) -> None:
    """Import two rows, and edit the first product and its producer by hand."""
    if not await reader.get(conn, ["SP-00001"]):
        await import_rows(conn, ROW, OTHER)
    official = TextEdit(official={"name": "Trà Mẫu thượng hạng", "set_code": "I.3.c"})
    await edit_text(conn, "SP-00001", official, reach=WHOLE_CATALOG, **BY)
    values = {"producer_name": "Cơ sở Mẫu Một", "address": "Thôn Mẫu Ba"}
    edit = ProducerEdit(values=values)
    await edit_producer(conn, "CS-0001", edit, by=BY["by"], now=LATER)


async def import_later(
    conn: AsyncConnection, *rows: Mapping[str, object], **options: Any
) -> ImportReport:
    options = {"source": "bảng khác", **options}
    return await import_rows(conn, *rows, now=NOW + timedelta(hours=2), **options)


def conflicts(report: ImportReport) -> dict[str, str]:
    """Return what stays, by column; there are no other problems."""
    assert {each.kind for each in report.problems} <= {ProblemKind.CONFLICT}
    return {each.column: each.known for each in report.problems}


@pytest.mark.postgresql
@pytest.mark.parametrize("stamp", [None, OLDER], ids=["unstamped", "older"])
async def test_an_older_sheet_does_not_bring_back_what_was_edited_by_hand(
    conn: AsyncConnection, stamp: datetime | None
) -> None:
    await edited(conn)

    report = await import_later(conn, ROW, stamp=stamp)

    assert conflicts(report) == {
        "name": "Trà Mẫu thượng hạng",
        "set_code": "I.3.c",
        "producer_name": "Cơ sở Mẫu Một",
        "address": "Thôn Mẫu Ba",
    }
    assert "Lê Mẫu" in report.problems[0].vi
    item, maker = await kept(conn)
    assert (item.name, item.set_code) == ("Trà Mẫu thượng hạng", "I.3.c")
    assert maker is not None
    assert (maker.name, maker.address.text) == ("Cơ sở Mẫu Một", "Thôn Mẫu Ba")


async def test_the_sheet_that_brought_a_value_does_not_bring_it_back_either(
    conn: AsyncConnection,
) -> None:
    await edited(conn)

    report = await import_later(conn, ROW, OTHER, source="bảng mẫu")

    assert "name" in conflicts(report)


async def test_a_sheet_that_was_exported_since_may_change_it(
    conn: AsyncConnection,
) -> None:
    await edited(conn)

    report = await import_later(conn, ROW, stamp=NEWER)

    assert conflicts(report) == {}
    item, maker = await kept(conn)
    assert (item.name, item.set_code) == ("Trà hoa vàng Mẫu", "I.3.a")
    assert maker is not None
    assert maker.name == "Cơ sở Mẫu 001"


async def test_what_nobody_edited_by_hand_is_any_sheets_to_change(
    conn: AsyncConnection,
) -> None:
    await edited(conn)
    more = {"product_id": "SP-00001", "ocop_code": "QN-0001", "source": "hồ sơ"}
    other = {**OTHER, "set_code": "I.3.c", "address": "Thôn Mẫu Hai"}

    report = await import_later(conn, more, other)
    again = await import_later(conn, {**other, "set_code": "I.3.a"}, source="ba")

    assert conflicts(report) == conflicts(again) == {}
    assert (await kept(conn))[0].ocop_code == "QN-0001"
    assert (await kept(conn, "SP-00002"))[0].set_code == "I.3.a"


@pytest.mark.postgresql
async def test_a_product_that_was_moved_by_hand_stays_with_its_producer(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, ROW, OTHER)
    await move_product(conn, "SP-00001", "CS-0002", **BY)

    report = await import_later(conn, {**ROW, "set_code": "I.3.c"}, stamp=OLDER)
    newer = await import_later(conn, ROW, stamp=NEWER)

    assert conflicts(report) == {"producer_id": "CS-0002"}
    assert conflicts(newer) == {}
    item, _ = await kept(conn)
    assert item.producer_id == "CS-0001"


async def test_other_values_of_a_row_about_a_moved_product_go_in(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, ROW, OTHER)
    await move_product(conn, "SP-00001", "CS-0002", **BY)
    row = {**ROW, "set_code": "I.3.c", "address": "Thôn Mẫu Chín"}

    await import_later(conn, row)

    item, maker = await kept(conn)
    assert (item.producer_id, item.set_code) == ("CS-0002", "I.3.c")
    assert maker is not None
    assert maker.address.text != "Thôn Mẫu Chín"


LIST: Mapping[str, object] = {
    "name": "Trà hoa vàng Mẫu",
    "producer_name": "Cơ sở Mẫu 001",
    "set_code": "I.3.a",
}
"""A row of a list of the department's own, which has no ids."""


@pytest.mark.postgresql
async def test_a_list_without_ids_finds_what_was_renamed_and_moved_by_hand(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, LIST, OTHER)
    await edited(conn)
    renamed = await import_later(conn, LIST)
    await move_product(conn, "SP-00001", "CS-0002", **BY)

    moved = await import_later(conn, LIST, source="danh sách")

    assert (renamed.created, moved.created) == ([], [])
    assert conflicts(renamed).keys() == {"name", "set_code"}
    assert conflicts(moved).keys() == {"name", "set_code", "producer_id"}
    assert (await kept(conn))[0].name == "Trà Mẫu thượng hạng"
    assert len(await reader.get_producers(conn, ["CS-0001", "CS-0002", "CS-0003"])) == 2


@pytest.mark.postgresql
async def test_a_list_without_ids_finds_what_another_sheet_has_renamed_and_moved(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, LIST, OTHER)
    ours = {"product_id": "SP-00001", "name": "Trà Mẫu thượng hạng"}
    for _ in range(2):  # there and back again, which is one former mark
        await import_later(conn, {**ours, "producer_id": "CS-0002"}, source="bảng")
        await import_later(conn, {**ours, "name": LIST["name"]}, source="bảng")
        await import_later(conn, {**ours, "producer_id": "CS-0001"}, source="bảng")

    report = await import_later(conn, LIST, source="danh sách")

    assert report.created == []
    assert (await kept(conn))[0].name == LIST["name"]
    marks = [row async for page in former_mark_pages(conn) for row in page]
    assert len(marks) == len({row[1:] for row in marks}) > 0


@pytest.mark.postgresql
async def test_a_list_without_ids_finds_a_producer_that_another_sheet_has_renamed(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, LIST)
    maker = {"producer_id": "CS-0001", "producer_name": "Hộ Mẫu Mới"}
    await import_later(conn, {**maker, "product_id": "SP-00001"}, source="bảng")

    report = await import_later(conn, LIST, source="danh sách")

    assert report.created == []
    assert len(await reader.get_producers(conn, ["CS-0001", "CS-0002"])) == 1


@pytest.mark.parametrize(
    "spelled", ["TRÀ HOÀ Mẫu", "Tra hoa mau", " trà  hòa mẫu "], ids=str.strip
)
async def test_a_list_that_spells_a_former_name_otherwise_finds_it_as_well(
    conn: AsyncConnection, spelled: str
) -> None:
    # As it found it before it was renamed.
    await import_rows(conn, {**LIST, "name": "Trà hòa Mẫu"})
    before = await import_later(conn, {**LIST, "name": spelled})
    await edited_alone(conn)

    report = await import_later(conn, {**LIST, "name": spelled}, source="danh sách")

    assert (before.created, report.created) == ([], [])


@pytest.mark.parametrize(
    "near", ["Kẹo dứa Mẫu", "Kẹo dừa Mẫuu", "Kẹo dừa Mẫu hộp"], ids=str.strip
)
async def test_a_name_nearly_the_former_one_is_asked_about_as_any_near_name(
    conn: AsyncConnection, near: str
) -> None:
    await import_rows(conn, {**LIST, "name": "Kẹo dừa Mẫu"})
    await edited_alone(conn)

    asked = await import_later(conn, {**LIST, "name": near})
    answered = await import_later(conn, {**LIST, "name": near, "product_id": "MỚI"})

    (question,) = asked.problems
    assert (question.kind, asked.created) == (ProblemKind.QUESTION, [])
    assert "gần giống tên trước đây của SP-00001" in question.vi
    assert "nearly the former name of SP-00001" in question.en
    assert answered.created == ["SP-00002"]


async def test_a_name_nearly_the_former_one_of_another_producer_is_new(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**LIST, "name": "Kẹo dừa Mẫu"})
    await edited_alone(conn)

    other = {**LIST, "name": "Kẹo dứa Mẫu", "producer_name": "HTX Khác"}
    report = await import_later(conn, other)

    assert report.created == ["SP-00002"]


async def test_a_producer_nearly_called_as_one_was_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**LIST, "producer_name": "HTX Hoa Vàng Mẫu"})
    values = ProducerEdit(values={"producer_name": "HTX Bình Minh"})
    await edit_producer(conn, "CS-0001", values, by=BY["by"], now=LATER)

    other = {**LIST, "name": "Bánh Mẫu", "producer_name": "HTX Hoa Vàn Mẫu"}
    report = await import_later(conn, other)

    (question,) = report.problems
    assert question.kind is ProblemKind.QUESTION
    assert "gần giống tên trước đây của CS-0001" in question.vi
    new = ProducerEdit(values={"producer_name": "HTX Hoa Vàn Mẫu"})
    with pytest.raises(HeldEditError) as held:
        await add_producer(conn, new, by=BY["by"], now=LATER)
    assert "tên trước đây của CS-0001" in held.value.questions[0].vi


async def test_a_product_entered_by_a_former_name_spelled_otherwise_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, LIST)
    await edited_alone(conn)
    new = NewProduct(producer_id="CS-0001", official={"name": "Tra hoa vang mau"})

    with pytest.raises(HeldEditError) as held:
        await add_product(conn, new, by=BY["by"], now=LATER)

    assert "SP-00001 (Trà Mẫu thượng hạng)" in held.value.questions[0].vi


async def test_a_product_entered_by_a_name_nearly_a_former_one_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**LIST, "name": "Kẹo dừa Mẫu"})
    await edited_alone(conn)
    new = NewProduct(producer_id="CS-0001", official={"name": "Kẹo dứa Mẫu"})

    with pytest.raises(HeldEditError) as held:
        await add_product(conn, new, by=BY["by"], now=LATER)

    assert held.value.questions[0].vi.startswith(
        "gần giống tên trước đây của SP-00001 (Trà Mẫu thượng hạng): "
    )


async def test_a_name_that_another_product_has_now_means_that_one(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, LIST, OTHER)
    await edited(conn)
    new = NewProduct(producer_id="CS-0001", official={"name": "Trà hoa vàng Mẫu"})
    by = {"by": BY["by"], "now": LATER}
    with pytest.raises(HeldEditError) as held:
        await add_product(conn, new, **by)
    id_ = await add_product(conn, replace(new, token=held.value.token), **by)

    report = await import_later(conn, {**LIST, "source": "hồ sơ"})

    assert "SP-00001 (Trà Mẫu thượng hạng)" in held.value.questions[0].vi
    assert conflicts(report) == {}
    assert (await kept(conn, id_))[0].source == "hồ sơ"


@pytest.mark.parametrize("more", [{"ocop_code": "QN-0002"}, {"product_id": "MỚI"}])
async def test_a_former_name_with_another_code_or_told_to_be_new_means_no_known_one(
    conn: AsyncConnection, more: dict[str, str]
) -> None:
    await import_rows(conn, {**LIST, "ocop_code": "QN-0001"})
    await edited_alone(conn)

    report = await import_later(conn, {**LIST, **more})

    assert (report.created, conflicts(report)) == (["SP-00002"], {})


async def edited_alone(conn: AsyncConnection) -> None:
    """Rename the first product by hand."""
    official = TextEdit(official={"name": "Trà Mẫu thượng hạng"})
    await edit_text(conn, "SP-00001", official, reach=WHOLE_CATALOG, **BY)


async def test_a_former_name_without_a_producer_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, LIST)
    await edited_alone(conn)

    report = await import_later(conn, {"name": LIST["name"], "set_code": "I.3.a"})

    (asked,) = report.problems
    assert (asked.kind, report.created) == (ProblemKind.QUESTION, [])
    assert "SP-00001" in asked.vi


@pytest.mark.postgresql
@pytest.mark.parametrize(("kind", "left"), [("HO", set()), ("HTX", {"HTX Mẫu"})])
async def test_a_former_name_of_who_may_be_a_person_is_erased_with_the_rest(
    conn: AsyncConnection, kind: str, left: set[str]
) -> None:
    row = {**LIST, "producer_name": "HTX Mẫu" if kind == "HTX" else "Nguyễn Văn Mẫu"}
    await import_rows(conn, {**row, "producer_kind": kind})
    values = ProducerEdit(values={"producer_name": "Cơ sở Mẫu Mới"})
    by: Mapping[str, Any] = {"by": BY["by"], "now": LATER}
    await edit_producer(conn, "CS-0001", values, **by)
    await withdraw_consent(conn, "CS-0001", reach=WHOLE_CATALOG, **by)
    due = LATER + timedelta(hours=73)

    await confirm_erasure(conn, "CS-0001", names=(), by=BY["by"], now=due)

    assert await former_names_of(conn, "CS-0001") == left


@pytest.mark.postgresql
async def test_an_undone_import_lets_the_edit_by_hand_stand_again(
    conn: AsyncConnection,
) -> None:
    await edited(conn)
    made = await import_later(conn, ROW, stamp=NEWER)
    assert made.import_id is not None
    at: Mapping[str, Any] = {"now": NOW + timedelta(hours=3), "rules": BY["rules"]}
    told = await undo_import(conn, made.import_id, **at)
    confirmed = Confirmation(token=told.token, by=person("Lê Mẫu"))
    await undo_import(conn, made.import_id, confirmed=confirmed, **at)

    report = await import_later(conn, ROW, stamp=OLDER)

    assert conflicts(report).keys() == {"name", "set_code", "producer_name", "address"}
