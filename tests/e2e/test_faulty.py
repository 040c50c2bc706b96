"""Commands name a product that the program fails to evaluate: the others go on."""

from typing import Any

import pytest

from catalog.eligibility import Verdict, evaluate
from catalog.model.product import Product
from ocop_sync.service.queries import explain
from tests.e2e.served import Desk, good

BAD = "SP-00002"


@pytest.fixture
def faulty(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Three products, of which one cannot be evaluated, and none has a paper."""

    def failing(product: Product, *args: Any) -> Verdict:
        if product.id == BAD:
            message = "hỏng"
            raise ZeroDivisionError(message)
        return evaluate(product, *args)

    desk.import_(*(good(n, papers=()) for n in (1, 2, 3)))
    monkeypatch.setattr(explain, "evaluate", failing)
    return desk


def test_eligibility_goes_on_and_names_it(faulty: Desk) -> None:
    told = faulty.run_json("eligibility")["products"]
    shown = faulty.run("eligibility")

    codes = {each["product"]: [r["code"] for r in each["reasons"]] for each in told}
    assert sorted(codes) == ["SP-00001", BAD, "SP-00003"]
    assert codes[BAD] == ["fault"]
    assert "fault" not in codes["SP-00001"] + codes["SP-00003"]
    assert shown.exit_code == 0
    assert BAD in shown.stdout


@pytest.mark.parametrize(
    "words", [["expiring", "--days", "3660"], ["missing-papers"]], ids=lambda w: w[0]
)
def test_worklists_go_on_and_name_it(faulty: Desk, words: list[str]) -> None:
    told = faulty.run_json(*words)
    shown = faulty.run(*words)

    assert {each["product"] for each in told["rows"]} == {"SP-00001", "SP-00003"}
    assert told["faulty"] == [BAD]
    assert shown.exit_code == 0
    assert f"all others were: {BAD}" in " ".join(shown.stdout.split())


def test_a_workbook_that_lacks_it_says_so(faulty: Desk) -> None:
    written = faulty.run("missing-papers", "--out", str(faulty.folder / "thieu.xlsx"))

    assert BAD in written.stdout
