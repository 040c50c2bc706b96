"""`ocop-sync papers`, as people and machines use it."""

from catalog.model.fact import UNATTESTED
from catalog.model.paper import PaperKind
from tests.e2e.served import Desk, good
from tests.factories import make_paper

BY = ("--by", "Bà Mẫu")
FOOD = ("food_safety", "--product", "SP-00001")
UNSEEN = (
    make_paper(PaperKind.FOOD_SAFETY, UNATTESTED),
    make_paper(PaperKind.DECLARATION),
)


def test_a_paper_that_is_recorded_puts_a_product_on_sale_and_its_end_takes_it_off(
    desk: Desk,
) -> None:
    desk.import_(good(1, papers=UNSEEN))
    desk.run("sync", "--follow", "60")
    before = desk.postmart.ours()
    days = ("--issued", "01/02/2024", "--valid-to", "31/12/2080")

    added = desk.run("papers", "add", *FOOD, "--number", "12/ATTP", *days, *BY)
    desk.run("sync", "--follow", "60")
    listed = desk.postmart.ours()
    why = ("--reason", "cơ quan cấp thu hồi")
    held = desk.run("papers", "end", *FOOD, *why, *BY)
    token = desk.run_json("papers", "end", *FOOD, *why, *BY)["held"]["token"]
    ended = desk.run("papers", "end", *FOOD, *why, *BY, "--confirm", token)
    desk.run("sync", "--follow", "60")

    assert (before, added.exit_code, "SP-00001" in listed) == ({}, 0, True)
    assert (held.exit_code, ended.exit_code) == (3, 0)
    assert f"--confirm {token}" in held.stdout
    assert "1 sản phẩm thôi bán" in held.stdout
    assert "thôi bán / taken off sale: 1" in ended.stdout
    assert desk.run_json("products", "why", "SP-00001")["marketplaces"][0]["state"] == (
        "not_eligible"
    )
    shown = desk.run("papers", "list", "--product", "SP-00001").stdout
    assert "số / number 12/ATTP, cấp / issued 01/02/2024" in shown
    (act,) = [
        each["reason"]
        for each in desk.run_json("audit", "list")["acts"]
        if each["kind"] == "end_paper"
    ]
    assert act == "cơ quan cấp thu hồi"


def test_papers_are_attested_in_bulk_as_missing_papers_lists_them(desk: Desk) -> None:
    desk.import_(good(1, papers=UNSEEN), good(2, papers=UNSEEN), good(3))
    all_ = ("papers", "attest", "food_safety", "seen", "--lacking", "unknown", *BY)

    told = desk.run(*all_)
    token = desk.run_json(*all_)["held"]["token"]
    done = desk.run(*all_, "--confirm", token)
    again = desk.run(*all_)

    assert (told.exit_code, done.exit_code, again.exit_code) == (3, 0, 0)
    assert "2 sản phẩm / products" in told.stdout
    assert "SP-00001, SP-00002" in done.stdout
    assert "đã như vậy" in again.stdout
    assert desk.run_json("missing-papers")["rows"] == []


def test_options_that_do_not_go_together_are_wrong_use(desk: Desk) -> None:
    desk.import_(good(1))
    issued = ("--issued", "01/02/2024", "--clear", "issued")

    tried = [
        desk.run("papers", "list", "--product", "SP-00001", "--producer", "CS-0001"),
        desk.run("papers", "attest", *FOOD, "seen", "--commune", "06652", *BY),
        desk.run("papers", "correct", *FOOD, *issued, *BY),
        desk.run("papers", "correct", *FOOD, *BY),
        desk.run("papers", "end", "food_safety", "--reason", "x", *BY),
    ]

    assert [each.exit_code for each in tried] == [2] * len(tried)


def test_a_day_of_a_paper_is_cleared(desk: Desk) -> None:
    desk.import_(good(1))
    desk.run("papers", "correct", *FOOD, "--valid-to", "31/12/2080", *BY)

    desk.run("papers", "correct", *FOOD, "--clear", "valid-to", *BY)

    (shown,) = desk.run_json("papers", "list")["products"]
    ends = {each["kind"]: each["expires_on"] for each in shown["papers"]}
    assert ends["food_safety"] is None
