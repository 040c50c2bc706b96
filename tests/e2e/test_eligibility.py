"""`ocop-sync eligibility`, as people and machines use it."""

from datetime import timedelta

from catalog.eligibility.load import RULES_FOLDER
from tests.e2e.served import Desk, good, today


def test_eligibility_says_why_on_any_day(desk: Desk) -> None:
    desk.import_(good(1))
    later = today() + timedelta(days=4 * 365)

    now = desk.run_json("eligibility", "--sku", "SP-00001-1")
    then = desk.run_json("eligibility", "--as-of", f"{later:%Y-%m-%d}")

    assert [each["standing"] for each in now["products"]] == ["listed"]
    assert then["counts"] == {"without_claim": 1}
    assert then["products"][0]["reasons"][0]["code"] == "E02"


def test_eligibility_takes_product_ids_and_skus_side_by_side(desk: Desk) -> None:
    desk.import_(good(1), good(2), good(3))
    codes = ("--sku", "SP-00003", "--sku", "SP-00001-1", "--sku", "SP-00001")

    found = desk.run_json("eligibility", *codes)

    assert [each["product"] for each in found["products"]] == ["SP-00003", "SP-00001"]


def test_eligibility_names_every_code_that_it_does_not_know(desk: Desk) -> None:
    desk.import_(good(1))
    codes = ("--sku", "SP-00001", "--sku", "SP-00009", "--sku", "X-1")

    result = desk.run("eligibility", *codes)

    assert result.exit_code == 2
    assert result.stderr.endswith("not in the catalog, check: SP-00009, X-1\n")


def test_eligibility_adds_the_reasons_of_a_marketplace(desk: Desk) -> None:
    desk.import_(good(1), good(2, papers=(), name="M" * 151))
    at = ("eligibility", "--marketplace", "postmart")

    before = desk.run_json(*at)
    desk.run("sync", "--follow", "60")
    after = desk.run_json(*at)

    assert (before["marketplace"], before["simulated"]) == ("postmart", True)
    found = {
        each["product"]: [r["code"] for r in each["reasons"]]
        for each in before["products"]
    }
    assert found["SP-00001"] == ["pending"]
    assert found["SP-00002"][:3] == ["E04", "E05", "M02"]
    assert [each["counted"] for each in before["products"]] == [None, None]
    assert [each["counted"] for each in after["products"]] == ["listed", "held"]
    text = desk.run(*at).stdout
    assert text.startswith("SỐ LIỆU MÔ PHỎNG")
    assert "M02: Tên dài hơn sàn cho phép (151 > 150). Cần người rút gọn tên" in text


def test_eligibility_elsewhere_says_nothing_of_marketplaces(desk: Desk) -> None:
    desk.import_(good(1))

    found = desk.run_json("eligibility")

    assert (found["marketplace"], found["simulated"]) == (None, None)
    assert found["products"][0]["counted"] is None


def test_eligibility_at_a_marketplace_without_an_account_is_refused(desk: Desk) -> None:
    result = desk.run("eligibility", "--marketplace", "voso")

    assert result.exit_code == 2
    assert "no account at voso" in result.stderr


def test_the_same_reasons_are_told_wherever_there_are_reasons(desk: Desk) -> None:
    desk.import_(good(1, papers=(), name="M" * 151))
    desk.run("sync")

    (asked,) = desk.run_json("eligibility", "--marketplace", "postmart")["products"]
    (listed,) = desk.run_json("status", "--products")["products"]
    (held,) = desk.run_json("held", "list")["products"]

    assert asked["reasons"] == listed["reasons"] == held["reasons"]
    assert listed == held
    assert (listed["counted"], listed["hold"]) == ("held", "title_too_long")
    assert set(listed["reasons"][0]) == {"code", "outcome", "known", "seen", "todo"}
    assert "products" not in desk.run_json("status")


def test_eligibility_explains_every_rule(desk: Desk) -> None:
    explained = desk.run_json("eligibility", "--explain-rules")

    codes = [rule["code"] for rule in explained["rules"]]
    assert codes == sorted(file.stem for file in RULES_FOLDER.glob("E*.toml"))
    assert all(rule["basis"] for rule in explained["rules"])
