"""Holds above the budget, as a person reads and decides them."""

import re
import shlex

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from catalog.vietnam_time import VIETNAM
from ocop_sync.cli.views import tables
from tests.e2e.served import Desk, good, today
from tests.factories import NOT_SO, make_paper

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))


def hold_eight(desk: Desk) -> str:
    """Have eight withdrawals held; return the number of their group."""
    products = [good(n) for n in range(1, 9)]
    desk.import_(*products)
    desk.run("sync")
    desk.enter(*[(replace(p, papers=UNSAFE), maker) for p, maker in products])
    desk.run("sync")
    return str(desk.run_json("held", "list")["groups"][0]["id"])


def test_a_group_above_the_budget_is_held_until_a_person_approves(desk: Desk) -> None:
    products = [good(n) for n in range(1, 9)]
    desk.import_(*products)
    desk.run("sync")
    desk.enter(*[(replace(p, papers=UNSAFE), maker) for p, maker in products])

    held, planned = desk.run("sync"), desk.run("plan")
    group = desk.run_json("held", "list")["groups"][0]
    on_sale = {row["state"] for row in desk.postmart.ours().values()}
    said = desk.run("held", "approve", str(group["id"]), "--by", "A", "--reason", "B")
    after = desk.run("sync")

    assert (held.exit_code, planned.exit_code) == (3, 3)
    assert "then decide by that command" in " ".join(planned.stdout.split())
    assert (group["size"], on_sale) == (8, {"live"})
    assert (said.exit_code, after.exit_code) == (0, 0)
    assert {row["state"] for row in desk.postmart.ours().values()} == {"down"}


def test_a_group_is_not_refused_twice(desk: Desk) -> None:
    products = [good(n) for n in range(1, 9)]
    desk.import_(*products)
    desk.run("sync")
    desk.enter(*[(replace(p, papers=UNSAFE), maker) for p, maker in products])
    desk.run("sync")
    id_ = str(desk.run_json("held", "list")["groups"][0]["id"])
    desk.run("held", "refuse", id_, "--by", "Bà Mẫu", "--reason", "nhập nhầm")

    again = desk.run("held", "refuse", id_, "--by", "Ông Mẫu", "--reason", "đúng")

    group = desk.run_json("held", "list")["groups"][0]
    assert again.exit_code == 2
    assert f"nhóm {id_} đã bị từ chối duyệt bởi Bà Mẫu lúc" in again.stderr
    day = f"{today().astimezone(VIETNAM):%d/%m/%Y}"
    assert re.search(rf"lúc {day} \d\d:\d\d \(nhập nhầm\)", again.stderr)
    assert (group["state"], group["decided_by"]) == ("refused", "Bà Mẫu")


def test_a_group_is_readable(desk: Desk) -> None:
    id_ = hold_eight(desk)

    said = desk.run("held", "list").stdout
    listed = desk.run_json("held", "list")

    (group,) = listed["groups"]
    assert listed["budgets"]["postmart"] == {
        "allowed": 5,
        "done": 0,
        "waiting": 8,
        "window_h": 24,
    }
    assert (group["size"], group["left"]) == (8, 8)
    assert group["kinds"] == [{"kinds": ["withdraw"], "products": 8}]
    assert group["why"]["code"] == "E04"
    assert group["why"]["basis"]
    for words in (
        f"Nhóm / Group {id_}",
        "SỐ LIỆU MÔ PHỎNG",
        "gỡ khỏi sàn / withdraw: 8",
        f"E04: {group['why']['seen']['vi']}",
        group["why"]["seen"]["en"],
        group["why"]["basis"][0],
        "được / allowed 5, đã / done 0, đang chờ duyệt / waiting 8",
        f"{today().astimezone(VIETNAM):%d/%m/%Y}",
        f"ocop-sync held approve {id_} --checksum {group['checksum']}",
    ):
        assert words in said


def test_the_command_that_is_shown_approves(desk: Desk) -> None:
    id_ = hold_eight(desk)
    shown = desk.run("held", "list").stdout
    found = re.search(r"ocop-sync (held approve [^\n]*)", shown)
    assert found is not None

    said = desk.run(*shlex.split(found[1]))

    assert said.exit_code == 0
    assert f"đã duyệt nhóm {id_}: 8 sản phẩm / group {id_} approved" in said.stdout
    assert "có hiệu lực đến / until" in said.stdout


def test_the_command_is_whole_on_a_narrow_terminal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_eight(desk)
    monkeypatch.setattr(tables, "_PIPED_WIDTH", 40)

    shown = desk.run("held", "list").stdout

    command = desk.run_json("held", "list")["groups"][0]["approve"]
    assert f"Duyệt / approve: {command}\n" in shown


def test_every_member_is_shown_with_its_name(desk: Desk) -> None:
    id_ = hold_eight(desk)

    said = desk.run("held", "show", id_).stdout
    shown = desk.run_json("held", "show", id_)

    assert shown["simulated"] is True
    assert shown["group"]["id"] == int(id_)
    assert [each["product"] for each in shown["members"]] == [
        f"SP-{n:05}" for n in range(1, 9)
    ]
    first = shown["members"][0]
    assert (first["name"], first["producer"]) == ("Măng khô Mẫu 1", "Cơ sở Mẫu 001")
    assert (first["kinds"], first["why"]["code"]) == (["withdraw"], "E04")
    for n in range(1, 9):
        assert f"SP-{n:05} Măng khô Mẫu {n} (Cơ sở Mẫu {n:03}): gỡ khỏi sàn" in said


def test_a_group_that_is_not_there_is_not_shown(desk: Desk) -> None:
    result = desk.run("held", "show", "7")

    assert result.exit_code == 2
    assert (
        "không có nhóm 7; xem: ocop-sync held list / there is no open group 7"
        in result.stderr
    )


def test_a_group_that_has_changed_since_it_was_seen_is_not_approved(
    desk: Desk,
) -> None:
    id_ = hold_eight(desk)

    result = desk.run(
        *("held", "approve", id_, "--checksum", "0" * 24, "--by", "A", "--reason", "B")
    )

    assert result.exit_code == 3
    assert f"xem lại nhóm đó (`ocop-sync held show {id_}`)" in result.stderr
    assert desk.run_json("held", "list")["groups"][0]["state"] == "open"


def test_what_is_not_as_approved_is_said(desk: Desk) -> None:
    id_ = hold_eight(desk)
    desk.run("held", "approve", id_, "--by", "A", "--reason", "B")
    expired = (
        make_paper(PaperKind.FOOD_SAFETY, expires_on=today().date().replace(year=2020)),
        make_paper(PaperKind.DECLARATION),
    )
    products = [good(n) for n in range(1, 9)]
    desk.enter(
        *[
            (replace(p, papers=expired if n == 2 else UNSAFE), maker)
            for n, (p, maker) in enumerate(products)
        ]
    )

    synced = desk.run("sync")

    said = desk.run("held", "list").stdout
    on_sale = [r for r in desk.postmart.ours().values() if r["state"] == "live"]
    again = desk.run("sync")
    assert (synced.exit_code, again.exit_code) == (3, 3)
    assert "không đúng như đã duyệt, chưa gửi: 1 sản phẩm đã khác" in synced.stdout
    assert "Không đúng như đã duyệt / not as approved: 1 đã khác" in said
    assert [row["client_ref"] for row in on_sale] == ["SP-00003"]
