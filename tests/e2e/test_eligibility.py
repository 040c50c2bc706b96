"""`ocop-sync eligibility`, as people and machines use it."""

from datetime import timedelta

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


def test_eligibility_explains_every_rule(desk: Desk) -> None:
    explained = desk.run_json("eligibility", "--explain-rules")

    codes = [rule["code"] for rule in explained["rules"]]
    assert codes == [f"E{number:02}" for number in range(16)]
    assert all(rule["basis"] for rule in explained["rules"])
