"""The commands for the history: `runs list`, `runs show`, `ledger`."""

import re

import pytest

from catalog.values import replace
from tests.e2e.served import Desk, good


@pytest.fixture
def sent(desk: Desk) -> Desk:
    """Two products on sale, and a third that the marketplace takes no call for."""
    desk.import_(good(1), good(2))
    desk.run("sync")
    return desk


def test_runs_are_listed_and_one_is_shown(sent: Desk) -> None:
    (found,) = sent.run_json("runs", "list")["runs"]
    listed = sent.run("runs", "list")
    shown = sent.run("runs", "show", found["run"])
    told = sent.run_json("runs", "show", found["run"].partition(":")[0])

    assert (found["account"], found["outcome"]) == ("postmart", "done")
    assert found["changes"] == {"applied": 2, "submitted": 2}
    assert found["run"] in listed.stdout
    assert "xong / done" in shown.stdout
    assert (told["simulated"], told["runs"], told["failed"]) == (True, [found], [])


def test_a_run_that_is_not_there_is_said_with_what_to_do(sent: Desk) -> None:
    said = sent.run("runs", "show", "khong-co")

    assert said.exit_code == 2
    assert "ocop-sync runs list" in said.stderr


def test_the_ledger_tells_who_sent_what_when_and_why(sent: Desk) -> None:
    said = sent.run("ledger", "--product", "SP-00001-1")
    told = sent.run_json("ledger", "--kind", "create", "--since", "1h")

    line, why = said.stdout.splitlines()[1:3]
    assert re.match(r"\d\d/\d\d/\d{4} \d\d:\d\d postmart SP-00001 Măng khô Mẫu 1", line)
    assert "đăng mới / create: chờ duyệt / submitted" in line
    assert "vì / why: " in why
    assert {each["subject"] for each in told["changes"]} == {"SP-00001", "SP-00002"}
    assert {each["name"] for each in told["changes"]} == {
        "Măng khô Mẫu 1",
        "Măng khô Mẫu 2",
    }


def test_the_ledger_of_a_product_names_the_imports_that_have_changed_it(
    sent: Desk,
) -> None:
    item, maker = good(1)
    packs = [replace(each, price_vnd=50_000, pack="Túi") for each in item.variants]
    sent.import_((replace(item, variants=tuple(packs)), maker), good(2))
    sent.run("sync")

    said = sent.run("ledger", "--product", "SP-00001").stdout
    told = sent.run_json("ledger", "--product", "SP-00001")["imports"]
    other = sent.run_json("ledger", "--product", "SP-00002")["imports"]
    by_kind = sent.run_json("ledger", "--product", "SP-00001", "--kind", "create")
    changes = sent.run_json("ledger", "--product", "SP-00001")["changes"]
    prices = [each for each in changes if each["kind"] == "set_price"]

    assert {each["last_import"] for each in by_kind["changes"]} == {1}
    assert {each["last_import"] for each in prices} == {2}
    assert "the last import that had changed it: 2 “" in said
    assert "there was no listing" in by_kind["changes"][0]["why"]
    assert "the price there was not the catalog's" in prices[0]["why"]
    assert [(each["import"], each["changed"]) for each in told] == [
        (2, ["variant"]),
        (1, ["product"]),
    ]
    assert [each["import"] for each in other] == [1]
    assert by_kind["imports"] == []
    assert "lần nạp / import 2" in said
    assert "ocop-sync import show 2" in said
    assert "50000" not in said.partition("imports that have changed it")[2]


def test_what_failed_is_shown_by_sync_by_runs_show_and_by_the_ledger(
    sent: Desk,
) -> None:
    sent.postmart.post(
        "faults", operation="PATCH /v1/products/*/prices", fault="too_long", size=1
    )
    packs = [replace(pack, price_vnd=50_000) for pack in good(1)[0].variants]
    sent.import_(good(1, variants=tuple(packs)), good(2))
    report = sent.run_json("sync")

    run_id = f"{report['run']}:postmart"
    shown = sent.run("runs", "show", run_id).stdout
    told = sent.run_json("ledger", "--run", report["run"], "--outcome", "failed")

    assert [each["subject"] for each in report["failures"]] == ["SP-00001"]
    assert [each["subject"] for each in told["changes"]] == ["SP-00001"]
    assert told["changes"][0]["words"] == report["failures"][0]["words"]
    assert "SP-00001 Măng khô Mẫu 1: đổi giá / set_price" in shown


def test_people_see_the_first_rows_and_that_there_are_more(sent: Desk) -> None:
    said = sent.run("ledger", "--limit", "1").stdout
    none = sent.run("ledger", "--kind", "withdraw").stdout

    assert said.count("vì / why") == 1
    assert "còn nữa / and more: --limit 10" in said
    assert "không có thay đổi nào / no change" in none


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--since", "hôm qua"], id="no moment"),
        pytest.param(["--since", "2026-11-24T02:00:00"], id="no time zone"),
        pytest.param(["--kind", "delete"], id="no kind"),
        pytest.param(["--product", "SP-99999"], id="no product"),
        pytest.param(["--run", "khong-co"], id="no run"),
    ],
)
def test_what_nobody_can_look_up_is_wrong_use(sent: Desk, words: list[str]) -> None:
    said = sent.run("ledger", *words)

    assert said.exit_code == 2
    assert said.stdout == ""


@pytest.mark.parametrize("command", [["ledger"], ["runs", "list"]])
def test_an_account_that_nobody_has_heard_of_is_named_with_those_that_there_are(
    sent: Desk, command: list[str]
) -> None:
    said = sent.run(*command, "--account", "postmart", "--account", "khong-co")
    as_json = sent.run(*command, "--account", "khong-co", "--json")

    assert (said.exit_code, as_json.exit_code) == (2, 2)
    assert (said.stdout, as_json.stdout) == ("", "")
    assert "no account khong-co; there are: postmart" in said.stderr


def test_the_history_of_an_account_that_is_no_longer_set_up_is_shown(
    sent: Desk,
) -> None:
    settings = sent.settings.read_text("utf-8")
    sent.settings.write_text(settings.replace('"postmart"', '"khac"', 1), "utf-8")

    told = sent.run_json("ledger", "--account", "postmart")
    listed = sent.run_json("runs", "list", "--account", "postmart")

    assert 'key = "khac"' in sent.settings.read_text("utf-8")
    assert (len(told["changes"]), len(listed["runs"])) == (4, 1)
