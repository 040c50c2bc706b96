"""The command `coverage`: figures of any day, their lists, and what is ahead."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.vietnam_time import day_in_vietnam
from tests.e2e.served import Desk, good


@pytest.fixture
def sent(desk: Desk) -> Desk:
    """Two products on sale, and one that its producer has paused."""
    desk.import_(good(1), good(2), good(3, paused=True))
    desk.run("sync")
    return desk


def by_name(cell: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in cell["figures"]}


def test_figures_are_told_with_the_list_that_each_counts(sent: Desk) -> None:
    told = sent.run_json("coverage")
    shown = sent.run("coverage").stdout

    (cell,) = told["cells"]
    assert (cell["marketplace"], cell["simulated"]) == ("postmart", True)
    figures = by_name(cell)
    listed = figures["listed"]
    assert (listed["value"], listed["of"], listed["share"]) == (2, 3, 0.6667)
    assert listed["list"].endswith("/products?marketplace=postmart&figure=listed")
    assert figures["blocked"]["value"] == 1
    assert all(each["definition"].keys() == {"vi", "en"} for each in cell["figures"])
    assert told["claims_ended"]["value"] == 0
    published = sent.run_json("coverage", "--published")["published"]
    assert [each["of"] for each in published] == [267, 334, 334]
    assert "66.7%" in shown
    assert "SỐ LIỆU MÔ PHỎNG" in shown
    assert "177/267" in shown


def test_a_list_names_what_its_figure_counts(sent: Desk) -> None:
    (cell,) = sent.run_json("coverage", "--by", "stars")["cells"]
    asked = ("coverage", "--list", "listed", "--by", "stars", "--part")
    told = sent.run_json(*asked, str(cell["part"]))
    shown = sent.run("coverage", "postmart", "--list", "blocked").stdout

    found = [(each["marketplace"], each["product"]) for each in told["products"]]
    assert found == [("postmart", "SP-00001"), ("postmart", "SP-00002")]
    assert len(found) == by_name(cell)["listed"]["value"]
    assert "SP-00003" in shown
    assert "blocked:E15, E15" in shown
    assert "total: 1" in shown


def test_what_is_ahead_is_told(sent: Desk) -> None:
    day = (day_in_vietnam(sent.time()) + timedelta(days=3600)).isoformat()

    told = sent.run_json("coverage", "--as-of", day)
    shown = sent.run("coverage", "--as-of", day).stdout
    ends = sent.run_json("coverage", "--ends")

    assert told["drops_out_count"] == 2
    assert told["drops_out"][0]["on_sale_at"] == ["postmart"]
    assert "SP-00001" in shown
    assert [each["days"] for each in ends["within"]] == [30, 60, 90]
    assert "90 ngày / days: 0" in sent.run("coverage", "--ends").stdout


def test_a_day_of_which_nothing_is_known_is_no_day_of_nought(sent: Desk) -> None:
    day = (day_in_vietnam(sent.time()) - timedelta(days=3)).isoformat()

    told = sent.run_json("coverage", "--day", day)

    assert (told["cells"], told["not_known"]) == ([], ["postmart"])
    assert "không rõ / not known" in sent.run("coverage", "--day", day).stdout


def test_what_has_no_figure_of_its_own_is_told_to_people_too(sent: Desk) -> None:
    today = day_in_vietnam(sent.time()).isoformat()

    assert "177/267" in sent.run("coverage", "--published").stdout
    assert ": 0" in sent.run("coverage", "--claims-ended").stdout
    assert "66.7%" in sent.run("coverage", "--history", today, today).stdout


def test_it_is_told_how_long_changes_took_to_show(sent: Desk) -> None:
    told = sent.run_json("coverage", "--freshness")
    shown = sent.run("coverage", "--freshness").stdout

    (one,) = told["marketplaces"]
    assert one["taken"]["count"] + one["confirmed"]["count"] + one["open"] > 0
    assert "superseded 0" in shown
    assert "SỐ LIỆU MÔ PHỎNG" in shown


@pytest.mark.parametrize(
    "words",
    [
        ("--day", "31/12/2089"),
        ("--as-of", "31/12/2010"),
        ("--as-of", "31/12/2089", "--ends"),
        ("--part", "06733"),
        ("--freshness", "--published"),
        ("--freshness", "91"),
        ("--list", "listed", "--by", "stars", "--part", "x"),
    ],
)
def test_a_question_without_an_answer_is_wrong_use(
    desk: Desk, words: tuple[str, ...]
) -> None:
    said = desk.run("coverage", *words)

    assert said.exit_code == 2
    assert " / " in said.stderr


def test_a_department_without_a_marketplace_sees_who_is_certified(desk: Desk) -> None:
    desk.import_(good(1), good(2, paused=True))
    desk.write_settings(postmart=False)

    (cell,) = desk.run_json("coverage")["cells"]
    shown = desk.run("coverage").stdout
    of = desk.run("coverage", "--list", "certified").stdout

    values = {each["name"]: each["value"] for each in cell["figures"]}
    assert (cell["marketplace"], cell["simulated"]) == ("-", False)
    assert (values["certified"], values["listable"], values["listed"]) == (2, 1, 0)
    assert "chưa có sàn" in shown
    assert "SP-00001" in of
    assert "SP-00002" in of
