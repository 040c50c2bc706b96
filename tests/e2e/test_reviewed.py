"""A plan as a file: `plan --out`, read by a person, then `sync --plan`."""

import json
from pathlib import Path

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from tests.e2e.served import Desk, good
from tests.factories import NOT_SO, make_paper

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))


def planned(desk: Desk) -> str:
    """Write a plan as things are now; return its file."""
    path = desk.folder / "ke-hoach.json"
    assert desk.run("plan", "--out", str(path)).exit_code in (0, 3)
    return str(path)


def test_what_was_reviewed_is_sent_and_nothing_else(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    path = desk.folder / "kế hoạch.json"

    said = desk.run("plan", "--out", str(path))
    desk.import_(good(1), good(2), good(3))
    report = desk.run_json("sync", "--plan", str(path))

    assert said.exit_code == 0
    assert (
        f"đã ghi 4 thay đổi vào {path}; gửi bằng: ocop-sync sync --plan '{path}' / "
        in said.stdout
    )
    assert json.loads(path.read_text("utf-8"))["simulated"] is True
    assert "SỐ LIỆU MÔ PHỎNG" in path.read_text("utf-8")
    assert (report["writes"], report["skipped"]) == (4, [])
    assert set(desk.postmart.ours()) == {"SP-00001", "SP-00002"}


def test_what_no_longer_fits_is_named(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    path = planned(desk)
    desk.import_(good(1), good(2, description="Bản khác."))

    result = desk.run("sync", "--plan", path)

    assert result.exit_code == 0
    assert "Bỏ qua 2 thay đổi trong kế hoạch" in result.stdout
    assert "postmart: SP-00002: đăng mới / create: không còn đúng" in result.stdout
    assert set(desk.postmart.ours()) == {"SP-00001"}


def test_a_stale_plan_sends_nothing(desk: Desk) -> None:
    desk.import_(good(1))
    path = planned(desk)
    desk.run("sync", "--plan", path)
    writes = desk.postmart.writes

    result = desk.run("sync", "--plan", path)

    assert result.exit_code == 3
    assert "2 trên 2 thay đổi trong kế hoạch không còn đúng" in result.stderr
    assert "nothing was sent" in result.stderr
    assert desk.postmart.writes == writes


def test_a_plan_that_takes_too_much_sends_nothing(desk: Desk) -> None:
    products = [good(n) for n in range(1, 9)]
    desk.import_(*products)
    desk.run("sync")
    blocked = [
        (replace(product, papers=UNSAFE), maker) for product, maker in products[:5]
    ]
    desk.import_(*blocked, *products[5:])
    path = planned(desk)
    desk.write_settings(more="[safety]\nmin_changes = 2")
    writes = desk.postmart.writes

    result = desk.run("sync", "--plan", path)

    assert result.exit_code == 3
    assert "takes more than the budget (postmart: 5 products)" in result.stderr
    assert desk.postmart.writes == writes


def test_what_is_held_is_shown_in_the_file_and_stays_held(desk: Desk) -> None:
    products = [good(n) for n in range(1, 9)]
    desk.import_(*products)
    desk.run("sync")
    desk.enter(*[(replace(p, papers=UNSAFE), maker) for p, maker in products])

    path = planned(desk)
    result = desk.run("sync", "--plan", path)

    made = json.loads(Path(path).read_text("utf-8"))["marketplaces"]["postmart"]
    assert made["changes"] == []
    assert [(each["cause"], len(each["products"])) for each in made["held"]] == [
        ("E04", 8)
    ]
    assert result.exit_code == 0
    assert {row["state"] for row in desk.postmart.ours().values()} == {"live"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"SP-00001"', '"SP-00002"', "wrong checksum"),
        ('"version": 1', '"version": 2', "not a whole one (version); make it anew"),
        ("{", "", "lập lại bằng: ocop-sync plan --out TỆP / not a plan file"),
    ],
    ids=["another product", "a later version", "no JSON"],
)
def test_a_file_that_was_tampered_with_is_refused(
    desk: Desk, old: str, new: str, words: str
) -> None:
    desk.import_(good(1))
    path = Path(planned(desk))
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    result = desk.run("sync", "--plan", str(path))

    assert result.exit_code == 2
    assert words in result.stderr
    assert desk.postmart.writes == 0


def test_a_plan_of_another_marketplace_is_refused(desk: Desk) -> None:
    desk.write_settings(producers=["CS-0001"])
    desk.import_(good(1))
    path = desk.folder / "voso.json"
    desk.run("plan", "voso", "--out", str(path))

    asked = desk.run("sync", "postmart", "--plan", str(path))
    desk.write_settings()
    unset = desk.run("sync", "--plan", str(path))

    assert (asked.exit_code, unset.exit_code) == (2, 2)
    assert "kế hoạch lập cho sàn voso, không phải postmart" in asked.stderr
    assert "no account at voso" in unset.stderr


def test_a_plan_that_is_not_there_is_wrong_use(desk: Desk) -> None:
    result = desk.run("sync", "--plan", str(desk.folder / "khong-co.json"))

    assert result.exit_code == 2


def test_a_folder_that_cannot_be_written_to_is_wrong_use(desk: Desk) -> None:
    desk.import_(good(1))

    result = desk.run("plan", "--out", str(desk.folder / "khong-co" / "a.json"))

    assert result.exit_code == 2
    assert "không ghi được / cannot be written" in result.stderr
