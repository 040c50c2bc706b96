"""The command `coverage`: figures of any day, their lists, and what is ahead."""

from datetime import timedelta

import pytest

from tests.e2e.served import Desk, good


@pytest.fixture
def sent(desk: Desk) -> Desk:
    """Two products on sale, and one that its producer has paused."""
    desk.import_(good(1), good(2), good(3, paused=True))
    desk.run("sync")
    return desk


def test_figures_are_told_with_the_list_that_each_counts(sent: Desk) -> None:
    told = sent.run_json("coverage")
    shown = sent.run("coverage").stdout

    (cell,) = told["cells"]
    assert (cell["marketplace"], cell["simulated"]) == ("postmart", True)
    figures = cell["figures"]
    assert figures["listed"] == {
        "value": 2,
        "of": 3,
        "share": 0.6667,
        "list": {"marketplace": "postmart", "figure": "listed"},
    }
    assert figures["blocked"]["value"] == 1
    assert told["definitions"].keys() == figures.keys()
    assert told["claims_ended"]["value"] == 0
    assert [each["of"] for each in told["published"]] == [267, 334, 334]
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
    assert len(found) == cell["figures"]["listed"]["value"]
    assert "SP-00003" in shown
    assert "blocked:E15, E15" in shown
    assert "total: 1" in shown


def test_what_is_ahead_is_told(sent: Desk) -> None:
    day = (sent.time().date() + timedelta(days=3600)).isoformat()

    told = sent.run_json("coverage", "--as-of", day)
    shown = sent.run("coverage", "--as-of", day).stdout
    ends = sent.run_json("coverage", "--ends")

    assert told["drops_out_count"] == 2
    assert told["drops_out"][0]["on_sale_at"] == ["postmart"]
    assert "SP-00001" in shown
    assert set(ends["within"]) == {"30", "60", "90"}
    assert "90 ngày / days: 0" in sent.run("coverage", "--ends").stdout


def test_a_day_of_which_nothing_is_known_is_no_day_of_nought(sent: Desk) -> None:
    day = (sent.time().date() - timedelta(days=3)).isoformat()

    told = sent.run_json("coverage", "--day", day)

    assert (told["cells"], told["not_known"]) == ([], ["postmart"])
    assert "không rõ / not known" in sent.run("coverage", "--day", day).stdout


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
        ("--list", "listed", "--by", "stars", "--part", "x"),
    ],
)
def test_a_question_without_an_answer_is_wrong_use(
    desk: Desk, words: tuple[str, ...]
) -> None:
    said = desk.run("coverage", *words)

    assert said.exit_code == 2
    assert " / " in said.stderr
