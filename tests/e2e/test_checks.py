"""The output of `ocop-sync marketplaces`: on marketplaces, and on accounts."""

import json

from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.cli.marketplaces import row_of
from ocop_sync.service.queries.installed import described
from tests.e2e.served import SECRETS, Desk
from tests.simple_marketplace import SimpleMarketplace

WRONG, NONE = "sai-4711", ""


def run(desk: Desk, *words: str, password: str | None = None) -> tuple[int, str]:
    """Run a command, perhaps with another password at Postmart."""
    there = {} if password is None else {"THU_POSTMART_CLIENT_SECRET": password}
    runner = CliRunner(env={**SECRETS, **there})
    result = runner.invoke(main, ["--settings", str(desk.settings), *words])
    return result.exit_code, result.output


def test_accounts_that_work_are_said_to_and_nothing_is_written(desk: Desk) -> None:
    desk.write_settings(producers=["CS-0001"])

    code, shown = run(desk, "marketplaces", "check")
    told = json.loads(run(desk, "marketplaces", "check", "--json")[1])["accounts"]

    assert code == 0
    assert shown.count("dùng được / ok") == 2
    assert "SIMULATED" in shown
    assert told["postmart"] == {
        "marketplace": "postmart",
        "simulated": True,
        "result": "ok",
        "why": "",
        "todo": "",
    }
    assert (desk.postmart.writes, desk.voso.writes) == (0, 0)


def test_wrong_credentials_of_one_account_are_named_and_no_secret_is_shown(
    desk: Desk,
) -> None:
    desk.write_settings(producers=["CS-0001"])

    code, shown = run(desk, "marketplaces", "check", password=WRONG)

    assert code == 1
    assert "wrong credentials" in shown
    assert "dùng được / ok" in shown
    assert "Phải làm / to do" in shown
    assert WRONG not in shown


def test_where_no_account_can_be_used_as_it_is_set_up_the_exit_code_is_2(
    desk: Desk,
) -> None:
    wrong = run(desk, "marketplaces", "check", "postmart", password=WRONG)
    missing = run(desk, "marketplaces", "check", "--json", password=NONE)
    unknown = run(desk, "marketplaces", "check", "khong-co")

    assert (wrong[0], missing[0], unknown[0]) == (1, 2, 2)
    told = json.loads(missing[1])["accounts"]["postmart"]
    assert told["result"] == "misconfigured"
    assert "THU_POSTMART_CLIENT_SECRET" in told["why"]
    assert "khong-co" in unknown[1]


def test_a_marketplace_that_is_not_there_is_unreachable(desk: Desk) -> None:
    text = desk.settings.read_text("utf-8")
    desk.settings.write_text(
        text.replace(desk.postmart.url, "http://127.0.0.1:9"), "utf-8"
    )

    code, shown = run(desk, "marketplaces", "check")

    assert code == 1
    assert "unreachable" in shown


def test_marketplaces_alone_lists_them_as_it_always_did(desk: Desk) -> None:
    alone = desk.run("marketplaces", "--json")
    listed = desk.run("marketplaces", "list", "--json")

    assert alone.exit_code == listed.exit_code == 0
    assert json.loads(alone.stdout) == json.loads(listed.stdout)
    found = {each["name"]: each for each in json.loads(alone.stdout)["marketplaces"]}
    assert all(found["postmart"]["offers"].values())


def test_what_is_not_offered_and_not_known_is_said() -> None:
    told = described(SimpleMarketplace, 1)

    assert told.offers["events"] is told.offers["stars"] is False
    row = row_of("simple", told)
    assert "thông báo / events" in row[-1]
    assert "giá / prices" not in row[-1]
    assert "chưa rõ / unknown" in row


def test_where_every_option_is_wrong_each_account_is_still_told(desk: Desk) -> None:
    text = desk.settings.read_text("utf-8")
    desk.settings.write_text(f'{text}\noptions.khong_co = "x"', "utf-8")

    code, shown = run(desk, "marketplaces", "check")
    told = json.loads(run(desk, "marketplaces", "check", "--json")[1])["accounts"]

    assert code == 2
    assert "thiết lập sai / misconfigured" in shown
    assert told["postmart"]["result"] == "misconfigured"
    assert "khong_co" in told["postmart"]["why"]
