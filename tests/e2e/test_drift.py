"""Acts of people at a real mock, as a person sees them: drift, and decisions on it."""

import unicodedata
from typing import Any

import pytest

from tests.e2e.served import Desk, good


@pytest.fixture
def listed(desk: Desk) -> Desk:
    """Three products on sale at Postmart."""
    desk.import_(good(1), good(2), good(3))
    result = desk.run("sync")
    assert result.exit_code == 0, result.output
    return desk


def edit(desk: Desk, product_id: str, **changes: object) -> None:
    desk.postmart.post("edit", ref=product_id, changes=changes)


def shown(desk: Desk, product_id: str = "SP-00001") -> dict[str, Any]:
    return desk.postmart.ours()[product_id]


def findings(desk: Desk, *words: str) -> dict[str, Any]:
    (found,) = desk.run_json("reconcile", *words)["findings"]
    assert isinstance(found, dict)
    return found


def test_where_nothing_drifts_a_reconciliation_writes_nothing(listed: Desk) -> None:
    before = listed.postmart.writes

    result = listed.run("reconcile")

    assert result.exit_code == 0, result.output
    assert listed.postmart.writes == before
    assert "SỐ LIỆU MÔ PHỎNG" in result.stdout
    assert listed.run("drift", "list").stdout.strip().endswith("nothing drifts")


def test_what_was_edited_is_reported_listed_and_decided_on(listed: Desk) -> None:
    name = shown(listed)["title"]
    edit(listed, "SP-00001", name="Tên của tôi")
    before = listed.postmart.writes

    found = findings(listed, "--report-only")

    assert listed.postmart.writes == before
    assert (found["simulated"], found["read"], found["equal"]) == (True, 3, 2)
    assert found["drift"] == {"edited": {"content.title": 1}}
    assert (found["asked"], found["healed"]) == (1, {})

    listed.run("reconcile")
    said = listed.run_json("drift", "list", "postmart")
    (row,) = said["drift"]
    assert said["simulated"] is True
    assert (row["expected"], row["found"]) == (name, "Tên của tôi")
    assert row["asked"] == "edited_there"
    assert "SỐ LIỆU MÔ PHỎNG" in listed.run("drift", "list").stdout

    result = listed.run("drift", "ours", str(row["id"]), "--by", "Lan")
    assert result.exit_code == 0, result.output
    assert "(postmart, SP-00001, bị sửa / edited, content.title)" in result.stdout
    listed.run("sync")
    assert shown(listed)["title"] == name
    assert listed.run_json("drift", "list")["drift"] == []


def test_theirs_stays_on_the_marketplace(listed: Desk) -> None:
    edit(listed, "SP-00001", name="Tên của tôi")
    listed.run("reconcile")
    (row,) = listed.run_json("drift", "list")["drift"]

    listed.run("drift", "theirs", str(row["id"]), "--by", "Lan")
    listed.run("reconcile")

    assert shown(listed)["title"] == "Tên của tôi"
    (row,) = listed.run_json("drift", "list")["drift"]
    assert (row["said"], row["said_by"], row["asked"]) == ("theirs", "Lan", "")
    assert "Lan" in listed.run("drift", "list").stdout


def test_what_was_taken_down_goes_up_again_by_a_word_alone(listed: Desk) -> None:
    listed.postmart.post("take_down", ref="SP-00002")
    listed.run("reconcile")
    assert shown(listed, "SP-00002")["state"] == "down"

    (row,) = listed.run_json("drift", "list")["drift"]
    listed.run("drift", "ours", str(row["id"]), "--by", "Lan")
    listed.run("sync")

    assert shown(listed, "SP-00002")["state"] == "live"


def test_what_has_vanished_is_made_anew_and_counted(listed: Desk) -> None:
    listed.postmart.post("delete", ref="SP-00003")

    found = findings(listed)

    assert (found["vanished"], found["healed"]) == (1, {"us": 1})
    assert shown(listed, "SP-00003")["state"] == "live"


def test_so_much_vanished_that_nothing_is_made(listed: Desk) -> None:
    listed.import_(*(good(n) for n in range(1, 9)))
    listed.run("sync")
    for n in range(1, 7):
        listed.postmart.post("delete", ref=f"SP-{n:05}")

    result = listed.run("reconcile")

    assert result.exit_code == 3
    assert "nothing of it is created" in " ".join(result.stdout.split())
    assert len(listed.postmart.ours()) == 2


def test_what_only_looks_otherwise_at_either_marketplace_is_no_drift(
    desk: Desk,
) -> None:
    """Somebody there pads a name, decomposes its letters, or sorts backwards."""
    desk.write_settings(producers=("CS-0001",))
    desk.import_(good(1))
    desk.run("sync")
    name = desk.postmart.ours()["SP-00001"]["title"]
    attributes = desk.postmart.ours()["SP-00001"]["own"]["attributes"]
    untidy = f"  {unicodedata.normalize('NFD', name)} "
    edit(desk, "SP-00001", name=untidy, attributes=attributes[::-1])
    desk.voso.post("edit", ref="SP-00001", changes={"NAME": f"  {name} \r\n"})
    assert desk.voso.ours()["SP-00001"]["title"] != name  # or nothing is proven
    assert desk.postmart.ours()["SP-00001"]["title"] != name
    writes = desk.postmart.writes, desk.voso.writes

    report = desk.run_json("reconcile")

    assert [(each["equal"], each["drift"]) for each in report["findings"]] == [
        (1, {}),
        (1, {}),
    ]
    assert (desk.postmart.writes, desk.voso.writes) == writes


def test_a_policy_of_the_settings_holds_at_its_marketplace(listed: Desk) -> None:
    name = shown(listed)["title"]
    listed.write_settings(more='drift.at.postmart.content = "repair"')
    edit(listed, "SP-00001", name="Tên của tôi")

    listed.run("reconcile")

    assert shown(listed)["title"] == name


@pytest.mark.parametrize("words", [("reconcile", "--report-only"), ("reconcile",)])
def test_why_an_account_cannot_be_read_is_said_with_what_to_do(
    listed: Desk, words: tuple[str, ...]
) -> None:
    fault = {"fault": "maintenance", "retry_after": None, "count": None}
    listed.postmart.post("faults", operation="*", **fault)
    listed.write_settings(more="retry.attempts = 1")

    result = listed.run(*words)
    report = listed.run_json(*words)

    said = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "503" in said
    assert "Phải làm / to do: Chờ sàn chạy lại" in said
    assert "the table does not speak of: postmart" in said
    (found,) = report["findings"]
    assert "503" in found["unread"]["postmart"]
    assert set(report["report"]["todo"]["postmart"]) == {"vi", "en"}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ("drift", "ours", "99", "--by", "Lan"),
            2,
            "ocop-sync drift list / there is no open drift 99",
        ),
        (("drift", "ours", "1"), 2, "--by"),
        (("drift", "ours", "1", "--by", "N" * 200), 2, "no open drift 1"),
        (("drift", "ours", "1", "--by", "N" * 201), 2, "200 characters at most"),
        (("drift", "list", "khac"), 2, "khac"),
        (("reconcile", "khac"), 2, "khac"),
    ],
)
def test_what_cannot_be_decided_is_said(
    listed: Desk, words: tuple[str, ...], code: int, says: str
) -> None:
    result = listed.run(*words)

    assert (result.exit_code, says in result.output) == (code, True)
