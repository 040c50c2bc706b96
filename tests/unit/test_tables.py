"""A marketplace's text is shown, and never obeyed; and can be read."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from rich.console import Console
from rich.table import Table

from catalog.eligibility import Text
from catalog.queries.worklists import Ending, Lack
from ocop_sync.cli.drift import drift_table
from ocop_sync.cli.plan import lines_table
from ocop_sync.cli.twins import twins_table
from ocop_sync.cli.views.tables import coverage_table, plain
from ocop_sync.cli.views.worklists import expiring_table, missing_table
from ocop_sync.engine.approval.review import Why
from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.wanted.origin import Cause
from ocop_sync.service.plan.cost import Cost
from ocop_sync.service.plan.plan import Plan, PlanLine
from ocop_sync.service.queries.twins import NamedRow
from ocop_sync.store.decisions.drift import DriftEntry
from ocop_sync.store.decisions.possible_twins import TwinRow
from ocop_sync.store.listings.coverage import Coverage


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b]52;c;Z2lh\x07",
        "\x1b[2J",
        "\x9b31m",
        "a\rb",
        "\x00",
        "gi\u202eá",
        "[red]đỏ[/red]",
    ],
)
def test_a_text_commands_no_terminal(sent: str) -> None:
    out = io.StringIO()

    Console(file=out, force_terminal=True, color_system=None).print(plain(sent))

    shown = out.getvalue().rstrip("\n")
    assert shown.isprintable()
    assert shown == sent or "\N{REPLACEMENT CHARACTER}" in shown


def test_letters_and_lines_stay() -> None:
    assert plain("Mật ong\n\t🌸 5 sao") == "Mật ong\n\t🌸 5 sao"


def test_drift_can_be_read_on_80_columns() -> None:
    at = datetime(2026, 11, 24, 2, tzinfo=UTC)
    row = DriftEntry(
        id=12345,
        marketplace="voso",
        account="voso:QN-CS-04",
        product_id="MAU-00007",
        kind=DriftKind.EDITED,
        field="content.title",
        expected="Măng khô Mẫu 1",
        found="Tên sửa tay " * 20,
        first_seen_at=at,
        last_seen_at=at,
        times=3,
        recurred=2,
        healed_at=None,
        healed_by="",
        decision="theirs",
        decided_by="N" * 500,
        decided_at=at,
        outlook="left",
    )
    out = Console(width=80, file=io.StringIO(), record=True)

    out.print(drift_table([row], "SỐ LIỆU MÔ PHỎNG"))

    said = out.export_text()
    assert max(map(len, said.splitlines())) <= 80
    whole = ("12345", "MAU-00007", "edited", "content.title", "Măng", "24/11/2026")
    more = ("3 (+2)", "theirs:", "stays")
    assert [word for word in (*whole, *more) if word not in said] == []
    assert len(said.splitlines()) < 24


_COUNTED = Coverage(
    simulated=True,
    share=0.6955,
    certified=243_000,
    listable=199_000,
    listed=169_000,
    in_review=11,
    refused=22,
    held=30_000,
    pending=33,
    unconfirmed=44,
    blocked={"E04": 12_000, "E15": 4},
    validity_unknown=19,
    out_of_stock=5,
    live_not_listable=10,
    foreign=40,
)


def test_coverage_is_whole_on_80_columns() -> None:
    figures = {"postmart": _COUNTED, "voso": replace(_COUNTED, blocked={"E09": 7})}
    out = Console(width=80, file=io.StringIO(), record=True)

    out.print(coverage_table(figures, "23:14 26/11/2026", whole=True))

    lines = out.export_text().splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    assert any("postmart" in line and "voso" in line for line in lines)
    assert ["công nhận / certified", "243000", "243000"] in rows
    assert ["chưa xác nhận / unconfirmed", "44", "44"] in rows
    assert ["tỷ lệ lên sàn / share", "69.5%", "69.5%"] in rows
    assert ["bị chặn / blocked E09", "0", "7"] in rows
    assert ["tin của người khác / listings of others", "40", "40"] in rows
    assert "SỐ LIỆU MÔ PHỎNG" in lines[-1]


def on_80_columns(table: Table) -> str:
    """Return what a table looks like there, once it fits."""
    out = Console(width=80, file=io.StringIO(), record=True)
    out.print(table)
    said = out.export_text()
    assert max(map(len, said.splitlines())) <= 80
    assert "…" not in said
    return said


def test_what_ends_soon_is_whole_on_80_columns() -> None:
    row = Ending(
        ends_on=date(2026, 12, 15),
        days_left=119,
        notify_by=date(2026, 11, 15),
        late=True,
        product_id="MAU-00199",
        product="Xôi nếp cẩm lá dứa mẫu 199",
        producer="Hợp tác xã Mẫu 160",
        skus=("MAU-00199-1",),
        stars=4,
        decision="MẪU-349/QĐ-UBND",
    )

    said = on_80_columns(expiring_table([row]))

    whole = ("15/12/2026", "119 ngày/days", "15/11/2026", "trễ / late", "MAU-00199")
    assert [word for word in (*whole, "MẪU-349/QĐ-UBND") if word not in said] == []


def test_papers_that_lack_are_whole_on_80_columns() -> None:
    row = Lack(
        product_id="MAU-00004",
        product="Củ cải khô mẫu 004",
        producer="Cơ sở Mẫu 004",
        skus=("MAU-00004-1",),
        rule="E04",
        paper=Text("giấy chứng nhận an toàn thực phẩm", "food-safety certificate"),
        state="expired",
        blocks=True,
        since=date(2026, 11, 26),
        todo=Text("Xin giấy mới", "Ask for a new one"),
    )

    said = on_80_columns(missing_table([row]))

    whole = ("MAU-00004", "(Cơ sở Mẫu 004)", "expired", "26/11/2026", "blocked")
    assert [word for word in (*whole, "Ask for") if word not in said] == []


def test_coverage_after_a_sync_is_short() -> None:
    out = Console(width=80, file=io.StringIO(), record=True)

    out.print(coverage_table({"voso": replace(_COUNTED, share=None)}, "23:14"))

    said = out.export_text()
    assert ("E04" in said, "others" in said, "certified" in said) == (
        False,
        False,
        True,
    )
    assert "│ tỷ lệ lên sàn / share         │          - │" in said


def test_twins_are_whole_on_80_columns() -> None:
    row = TwinRow(
        id=12345,
        marketplace="voso",
        product_id="MAU-00007",
        account="voso:MAU-CS-0101",
        ref="V000012345",
        agrees_on=("sku:MAU-00007-1", "gtin:8930000000017", "maker"),
        score=100,
        title="Tương mẫu 007 loại đặc biệt của nhà làm",
        seller_name="Cửa hàng Mẫu",
        state="open",
    )
    named = NamedRow(
        row=row, product_name="Tương mẫu 007", producer_name="Hợp tác xã Mẫu 007"
    )

    said = on_80_columns(twins_table([named], "SỐ LIỆU MÔ PHỎNG"))

    whole = ("12345", "MAU-00007", "voso:MAU-CS-0101", "V000012345", "8930000000017")
    assert [word for word in (*whole, "100/100") if word not in said] == []


def test_the_changes_of_a_plan_are_whole_on_80_columns() -> None:
    line = PlanLine(
        marketplace="voso",
        account="voso:MAU-CS-0101",
        product_id="MAU-CS-0101",
        name="Cơ sở Mẫu 101",
        kind="put_seller",
        urgency=Urgency.SELLER,
        removes=False,
        cause=Cause("catalog"),
        before=None,
        after=None,
        why=Why(code="catalog", seen=Text("Danh mục đổi", "The catalog has changed")),
        fingerprint="0" * 24,
    )
    costs = [
        Cost(account=f"voso:MAU-CS-010{n}", calls=1, reads=1, minutes=0.1)
        for n in (1, 2)
    ]
    one = Plan(marketplace="voso", simulated=True, lines=[line], costs=costs[:1])
    several = Plan(marketplace="voso", simulated=True, lines=[line], costs=costs)

    alone, beside = (on_80_columns(lines_table(p, [line])) for p in (one, several))

    assert ("voso:MAU-CS-0101" in alone, "voso:MAU-CS-0101" in beside) == (False, True)
    for said in (alone, beside):
        assert "Cơ sở Mẫu 101" in said
        assert "put_seller" in said
