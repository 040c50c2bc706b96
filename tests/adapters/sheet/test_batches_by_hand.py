"""Batches that are lost, doubled, torn, late, or filled in wrongly."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sheet.examples import PostmartSheet, VosoSheet
from ocop_sync.errors import (
    FatalError,
    NoSuchBatchError,
    UnavailableError,
    UntakenWordError,
)
from ocop_sync.marketplace.by_hand import Table, TableLine, Word
from ocop_sync.marketplace.change import Republish, SetStock
from ocop_sync.marketplace.folder import Folder
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.options import OptionsError, read_options
from ocop_sync.marketplace.port import Applied, Refused, Submitted, Unknown
from ocop_sync.testing.kit import samples
from tests.adapters.sheet.hand_bench import (
    BY,
    HandBench,
    is_applied,
    is_refused,
    only,
    price,
    withdrawal,
)


@pytest.fixture
def bench(tmp_path: Path) -> HandBench:
    return HandBench(tmp_path)


def edited(table: Table, line: int, **cells: str) -> Table:
    """Return a filled-in sheet with other text in some of our columns of a line."""
    names = {text: n for n, text in table.lines[0].cells.items()}
    own = PostmartSheet.template.own.model_dump()
    lines = list(table.lines)
    typed = {names[own[name]]: text for name, text in cells.items()}
    merged = {k: v for k, v in {**lines[line].cells, **typed}.items() if v}
    lines[line] = TableLine(lines[line].number, merged)
    return Table(table.name, lines)


async def handed(bench: HandBench, *numbers: int) -> list[Table]:
    """Ask for listings, hand them out, and have them carried out."""
    for each in numbers:
        await bench.asked(each)
    batch = await bench.market.close_batch(by=BY)
    assert batch is not None
    return bench.staff.fill(batch.sheets)


# What is asked twice


async def test_what_is_asked_again_has_the_same_ticket(bench: HandBench) -> None:
    first = await bench.asked(1)
    again = replace(bench.create(1), key="another")

    (second,) = await bench.opened().create([again])

    assert second == first
    assert (await bench.market.standing()).open == 1


async def test_an_unseen_row_has_the_values_of_now(bench: HandBench) -> None:
    ref = await bench.listed(1)
    (first,) = await bench.market.set_price([price(1, ref, 151_000)])

    (second,) = await bench.market.set_price([price(1, ref, 152_000)])
    await bench.day()

    assert first == second
    assert (await bench.shown(ref)).shown.variants[0].price_vnd == 152_000


async def test_a_row_that_was_seen_stands_and_the_difference_is_another(
    bench: HandBench,
) -> None:
    ref = await bench.listed(1)
    (first,) = await bench.market.set_price([price(1, ref, 151_000)])
    late = await bench.market.close_batch(by=BY)
    (second,) = await bench.market.set_price([price(1, ref, 152_000)])

    assert late is not None
    assert first != second
    await bench.take(bench.staff.fill(late.sheets))
    assert (await bench.shown(ref)).shown.variants[0].price_vnd == 151_000
    await bench.day()
    assert (await bench.shown(ref)).shown.variants[0].price_vnd == 152_000


async def test_a_product_that_is_listed_is_not_asked_for_once_more(
    bench: HandBench,
) -> None:
    await bench.listed(1)

    (result,) = await bench.market.create([bench.create(1)])

    assert isinstance(result, Unknown)


# Withdrawals


async def test_a_row_that_nobody_has_seen_is_taken_back(bench: HandBench) -> None:
    asked = await bench.asked(1)

    (result,) = await bench.market.withdraw([withdrawal(1, "", asked.ticket)])

    assert result == Applied(asked.ref, state=RemoteState.DOWN)
    assert await bench.market.close_batch(by=BY) is None
    (again,) = await bench.market.republish(
        [Republish(client_ref=samples.client_ref(1), ref=asked.ref)]
    )
    assert isinstance(again, Submitted)
    await bench.day()
    assert (await bench.shown(asked.ref)).state is RemoteState.LIVE


async def test_a_row_that_was_seen_must_go_down_though_nobody_told_of_it(
    bench: HandBench,
) -> None:
    asked = await bench.asked(1)
    first = await bench.market.close_batch(by=BY)
    assert first is not None
    (result,) = await bench.market.withdraw([withdrawal(1, asked.ref, asked.ticket)])
    assert isinstance(result, Submitted)
    listed = bench.staff.fill(first.sheets)
    second = await bench.market.close_batch(by=BY)
    assert second is not None
    await bench.take(listed)
    assert (await bench.shown(asked.ref)).state is RemoteState.LIVE

    (down,) = (await bench.market.standing()).downs

    assert down.address
    bench.staff.there[down.address].state = RemoteState.DOWN
    table = bench.staff.fill(second.sheets)
    await bench.take(table)
    assert (await bench.shown(asked.ref)).state is RemoteState.DOWN
    assert (await bench.market.standing()).downs == ()


async def test_a_row_of_a_lost_batch_is_not_handed_out_beside_its_withdrawal(
    bench: HandBench,
) -> None:
    asked = await bench.asked(1)
    await bench.market.close_batch(by=BY)
    await bench.market.call_off(1, by=BY)  # somebody may have carried it out
    (down,) = await bench.market.withdraw([withdrawal(1, asked.ref, asked.ticket)])

    batch = await bench.market.close_batch(by=BY)

    assert isinstance(down, Submitted)
    assert batch is not None
    assert [[row[0] for row in each.rows] for each in batch.sheets] == [[down.ticket]]
    await bench.take(bench.staff.fill(batch.sheets))
    assert (await bench.market.standing()).open == 0
    assert (await bench.shown(asked.ref)).state is RemoteState.DOWN


async def test_of_one_file_what_takes_down_counts_last(bench: HandBench) -> None:
    asked = await bench.asked(1)
    first = await bench.market.close_batch(by=BY)
    await bench.market.withdraw([withdrawal(1, asked.ref, asked.ticket)])
    second = await bench.market.close_batch(by=BY)
    assert first is not None
    assert second is not None
    listed = bench.staff.fill(first.sheets)

    taken = await bench.take([*bench.staff.fill(second.sheets), *listed])

    assert (taken.done, taken.faults) == (2, [])
    assert (await bench.shown(asked.ref)).state is RemoteState.DOWN


async def test_a_withdrawal_that_cannot_be_done_leaves_it_on_sale_as_of_then(
    bench: HandBench,
) -> None:
    ref = await bench.listed(1)
    (asked,) = await bench.market.withdraw([withdrawal(1, ref)])
    assert isinstance(asked, Submitted)
    before = bench.now
    bench.staff.refuses[asked.ticket] = "sàn đang bảo trì"

    await bench.day()

    shown = await bench.shown(ref)
    assert shown.state is RemoteState.LIVE
    assert shown.read_at is not None
    assert shown.read_at > before
    (again,) = await bench.market.withdraw([withdrawal(1, ref)])
    assert isinstance(again, Submitted)
    assert again.ticket != asked.ticket


async def test_withdrawals_need_no_room_and_come_first(bench: HandBench) -> None:
    refs = [await bench.listed(n) for n in (1, 2)]
    small = bench.opened(rows_a_day=1)
    await small.create([bench.create(3)])

    full = await small.create([bench.create(4)])
    downs = await small.withdraw([withdrawal(n, refs[n - 1]) for n in (1, 2)])

    assert isinstance(full[0], Refused)
    assert full[0].for_now
    assert all(isinstance(each, Submitted) for each in downs)
    batch = await small.close_batch(by=BY)
    assert batch is not None
    assert (batch.rows, batch.downs) == (3, 2)
    assert [len(each.rows) for each in batch.sheets] == [2, 1]
    assert batch.sheets[0].name == "Phải gỡ"


async def test_new_listings_keep_no_change_of_another_waiting(bench: HandBench) -> None:
    refs = [await bench.listed(n) for n in (1, 2)]
    small = bench.opened(rows_a_day=1)
    await small.create([bench.create(3)])
    sku = samples.pack(1).sku
    none = SetStock(client_ref=samples.client_ref(1), ref=refs[0], stocks={sku: 0})

    (result,) = await small.set_stock([none])
    batch = await small.close_batch(by=BY)

    assert isinstance(result, Submitted)
    assert batch is not None
    assert [row[0] for row in batch.sheets[0].rows] == [result.ticket]
    assert (await small.standing()).open == 1  # the new one is in the next batch


# Batches that come back


async def test_half_a_batch_leaves_the_other_half_waiting(bench: HandBench) -> None:
    (table,) = await handed(bench, 1, 2, 3)
    head, one, *others = table.lines

    taken = await bench.take([Table(table.name, [head, *reversed(others)])])
    assert (taken.done, taken.faults) == (2, [])
    (batch,) = (await bench.market.standing()).batches
    assert (batch.rows, batch.waiting) == (3, 1)
    taken = await bench.take([Table(table.name, [head, one])])

    assert taken.done == 1
    assert (await bench.market.standing()).batches == ()


async def test_a_moved_column_and_added_lines_are_no_matter(bench: HandBench) -> None:
    (table,) = await handed(bench, 1)
    head, row = table.lines
    moved = [
        TableLine(each.number, {n + 3: text for n, text in each.cells.items()})
        for each in (head, row)
    ]
    more = TableLine(9, {0: "ghi chú", 1: "của tôi"})

    taken = await bench.take([Table(table.name, [TableLine(1, {}), *moved, more])])

    assert (taken.done, taken.faults) == (1, [])


async def test_a_blank_row_waits_and_a_called_off_batch_is_taken_all_the_same(
    bench: HandBench,
) -> None:
    (table,) = await handed(bench, 1)
    blank = edited(table, 1, result="", address="")
    assert (await bench.take([blank])).blank == 1

    assert await bench.market.call_off(1, by=BY) == 1
    with pytest.raises(NoSuchBatchError):
        await bench.market.batch(1)
    taken = await bench.take([table])

    assert taken.done == 1
    assert await bench.market.close_batch(by=BY) is None


async def test_what_contradicts_itself_is_named_by_its_cell(bench: HandBench) -> None:
    (table,) = await handed(bench, 1)
    names = {text: n for n, text in table.lines[0].cells.items()}
    own = PostmartSheet.template.own
    cases = {
        "result": {"result": "có lẽ"},
        "why": {"why": "ảnh mờ"},
        "address": {"address": ""},
        "ticket": {"ticket": "ZZZZ-00001"},
    }
    for column, cells in cases.items():
        fault = only(await bench.take([edited(table, 1, **cells)]))
        assert (fault.sheet, fault.line) == ("Việc phải làm", 3)
        assert fault.column == names[getattr(own, column)]
        assert fault.vi != fault.en
    bare = edited(table, 1, result="", address="", why="hỏng")
    assert only(await bench.take([bare])).column == names[own.result]
    refused = edited(table, 1, result="không được", address="")
    assert only(await bench.take([refused])).column == names[own.why]
    assert (await bench.take([table])).done == 1


async def test_another_answer_is_told_and_taken_only_as_a_correction(
    bench: HandBench,
) -> None:
    asked = await bench.asked(1)
    batch = await bench.market.close_batch(by=BY)
    assert batch is not None
    (table,) = bench.staff.fill(batch.sheets)
    await bench.take([table])
    other = edited(table, 1, result="không được", why="nhầm", address="")

    assert "--correct" in only(await bench.take([other])).vi
    assert is_applied(await bench.follow(asked.ticket))
    assert (await bench.take([other], correct=True)).corrected == 1

    assert is_refused(await bench.follow(asked.ticket))
    assert (await bench.shown(asked.ref)).state is RemoteState.REFUSED
    assert (await bench.take([table], correct=True)).corrected == 1
    assert (await bench.shown(asked.ref)).state is RemoteState.LIVE


async def test_an_address_of_another_listing_is_a_slip(bench: HandBench) -> None:
    ref = await bench.listed(1)
    (there,) = bench.staff.there
    (table,) = await handed(bench, 2)

    fault = only(await bench.take([edited(table, 1, address=there)]))

    assert "tin khác" in fault.vi
    assert (await bench.shown(ref)).state is RemoteState.LIVE


async def test_a_row_of_another_account_is_not_taken(
    bench: HandBench, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = HandBench(tmp_path / "other")
    (table,) = await handed(other, 1)

    assert not await bench.market.knows([table])
    assert await other.market.knows([table])
    assert "no ticket of hand" in only(await bench.take([table])).en


# Whole tellings


async def test_an_export_ends_the_rows_that_it_shows_to_be_done(
    bench: HandBench,
) -> None:
    asked = await bench.asked(1)
    batch = await bench.market.close_batch(by=BY)
    assert batch is not None
    (table,) = bench.staff.fill(batch.sheets)  # and the sheet is lost

    told = (await bench.tell()).told

    assert told is not None
    assert told.listings == 1
    assert is_applied(await bench.follow(asked.ticket))
    assert (await bench.take([table])).again == 1


async def test_an_answer_from_before_an_export_changes_nothing_of_it(
    bench: HandBench,
) -> None:
    ref = await bench.listed(1)
    await bench.market.set_price([price(1, ref, 151_000)])
    batch = await bench.market.close_batch(by=BY)
    assert batch is not None
    earlier = bench.clock()
    table = bench.staff.fill(batch.sheets)
    (there,) = bench.staff.there.values()
    (pack,) = there.shown.variants
    there.shown = replace(there.shown, variants=(replace(pack, price_vnd=160_000),))
    await bench.tell()

    await bench.take(table, as_of=earlier)

    assert (await bench.shown(ref)).shown.variants[0].price_vnd == 160_000


async def test_an_export_from_before_an_answer_changes_nothing_of_it(
    bench: HandBench,
) -> None:
    ref = await bench.listed(1)
    earlier, export = bench.clock(), bench.staff.export()
    await bench.market.set_price([price(1, ref, 151_000)])
    await bench.day()

    told = (await bench.take([export], as_of=earlier)).told

    assert told is not None
    assert told.as_of == earlier
    assert (await bench.shown(ref)).shown.variants[0].price_vnd == 151_000


async def test_what_an_export_does_not_show_is_gone(bench: HandBench) -> None:
    ref = await bench.listed(1)
    await bench.market.set_price([price(1, ref, 151_000)])
    bench.staff.there.clear()

    await bench.tell()

    assert list(await bench.market.read([ref])) == [None]
    assert (await bench.market.standing()).open == 0


async def test_a_listing_made_twice_shows_twice(bench: HandBench) -> None:
    await bench.listed(1)
    (there,) = bench.staff.there.values()
    address = bench.staff.new_address()
    bench.staff.there[address] = replace(there, address=address)
    await bench.tell()

    page = await bench.market.page(None)

    assert [each.shown.client_ref for each in page.items] == ["SP-00001"] * 2


async def test_a_line_without_an_address_spoils_an_export(bench: HandBench) -> None:
    ref = await bench.listed(1)
    table = bench.staff.export()
    head, row = table.lines
    bare = TableLine(row.number, {n: t for n, t in row.cells.items() if n})

    taken = await bench.take([Table("", [head, bare])], as_of=bench.clock())

    assert taken.told is None
    assert (only(taken).line, only(taken).column) == (2, 0)
    assert (await bench.shown(ref)).state is RemoteState.LIVE


async def test_when_an_export_was_made_is_asked_for_and_goes_forward(
    bench: HandBench,
) -> None:
    early = bench.clock()
    await bench.tell()
    table = [bench.staff.export()]
    for wrong in (None, early, bench.now.replace(year=2030)):
        with pytest.raises(UntakenWordError):
            await bench.take(table, as_of=wrong)


async def test_nobody_says_that_an_account_with_listings_is_empty(
    bench: HandBench,
) -> None:
    await bench.listed(1)

    with pytest.raises(UntakenWordError):
        await bench.tell_empty()
    told = await bench.market.take_word(Word.COMPLETE, by=BY, as_of=bench.clock())

    assert told.told is not None
    assert told.told.listings == 1


# The folder


async def test_what_was_answered_long_ago_takes_little_room(bench: HandBench) -> None:
    asked = await bench.asked(1)
    await bench.day()
    await bench.asked(2)
    bench.now += timedelta(days=61)
    kept = bench.folder / "state.json"
    before = kept.read_text("utf-8").count("Mật ong hoa rừng mẫu 1")

    await bench.day()

    assert kept.read_text("utf-8").count("Mật ong hoa rừng mẫu 1") == before - 1
    assert is_applied(await bench.follow(asked.ticket))
    await bench.asked(3)
    bench.now += timedelta(days=400)
    await bench.day()
    assert isinstance(await bench.follow(asked.ticket), Unknown)


async def test_a_crash_between_batch_and_state_leaves_the_rows_open(
    bench: HandBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.asked(1)
    write = Folder.write

    def die(folder: Folder, name: str, content: bytes) -> None:
        if name == "state.json":
            message = "đĩa đầy / full"
            raise UnavailableError(message)
        write(folder, name, content)

    with monkeypatch.context() as broken:
        broken.setattr(Folder, "write", die)
        with pytest.raises(UnavailableError):
            await bench.market.close_batch(by=BY)

    assert (await bench.market.standing()).open == 1
    batch = await bench.market.close_batch(by=BY)
    assert batch is not None
    assert (batch.number, batch.rows) == (1, 1)


async def test_a_folder_is_of_one_account_and_a_damaged_one_is_not_begun_anew(
    bench: HandBench,
) -> None:
    await bench.asked(1)
    with pytest.raises(FatalError, match="another account"):
        await bench.opened("another").standing()

    (bench.folder / "state.json").write_text("{", "utf-8")

    with pytest.raises(FatalError, match="damaged"):
        await bench.opened().standing()


async def test_two_processes_at_once_give_out_each_ticket_once(
    bench: HandBench,
) -> None:
    import asyncio  # noqa: PLC0415 - here alone

    opened = [bench.opened() for _ in range(4)]
    results = await asyncio.gather(
        *(opened[n % 4].create([bench.create(n)]) for n in range(1, 13))
    )

    tickets = {each.ticket for (each,) in results if isinstance(each, Submitted)}
    assert len(tickets) == 12
    assert (await bench.market.standing()).open == 12


async def test_what_another_process_has_written_is_seen_and_nothing_is_read_twice(
    bench: HandBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await bench.listed(1)
    await bench.shown(ref)
    reads = list[str]()
    read = Folder.read

    def noted(folder: Folder, name: str, longest: int) -> bytes | None:
        reads.append(name)
        return read(folder, name, longest)

    monkeypatch.setattr(Folder, "read", noted)
    await bench.market.page(None)
    assert reads == []

    await bench.opened().set_price([price(1, ref, 151_000)])
    reads.clear()

    assert (await bench.market.standing()).open == 1
    assert reads == ["state.json"]


# Templates are data


def test_a_template_of_the_department_takes_the_place_of_the_one_that_ships(
    tmp_path: Path,
) -> None:
    shipped = (Path("adapters/sheet/templates/voso_sheet.toml")).read_text("utf-8")
    own = tmp_path / "that.toml"
    own.write_text(
        shipped.replace('"Giá"', '"Giá niêm yết"').replace("is_example = true", ""),
        "utf-8",
    )
    options = read_options(
        VosoSheet, {"folder": str(tmp_path), "template": str(own), "rows_a_day": 7}
    )
    assert options is not None
    headings = [e.heading for e in options.in_force.columns]  # type: ignore[attr-defined]
    assert "Giá niêm yết" in headings

    own.write_text(shipped.replace('value = "stock"', 'value = "gtin"', 1), "utf-8")
    with pytest.raises(OptionsError) as wrong:
        read_options(VosoSheet, {"folder": str(tmp_path), "template": str(own)})
    assert "+gtin, -stock" in wrong.value.problems[0].en


@pytest.mark.parametrize("folder", ["lo", "/khong/co/o/dau"])
def test_a_folder_must_be_there_and_named_whole(folder: str) -> None:
    with pytest.raises(OptionsError) as wrong:
        read_options(PostmartSheet, {"folder": folder})

    assert "folder: " in wrong.value.problems[0].en
