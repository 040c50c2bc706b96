"""Cells that say "as above" about a decision."""

import re

import pytest

from catalog.feed.cells.value_words import read_body
from catalog.feed.rows.ditto import Dittos, says_ditto
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.row import FeedRow
from tests.catalog_database import as_csv

DECISION = {"decision": "1114/QĐ-UBND", "decided_on": "2021-04-06", "body": "tỉnh"}


def resolved(*rows: dict[str, str]) -> list[FeedRow]:
    dittos = Dittos()
    return [
        dittos.resolve(FeedRow(number=n, cells=cells))
        for n, cells in enumerate(rows, start=2)
    ]


@pytest.mark.parametrize(
    "cell", ["nt", "NT", "n.t", "-nt-", "như trên", "Như dòng trên", '"', "''", "-//-"]
)
def test_ditto_is_the_decision_of_the_row_above_with_its_day_and_authority(
    cell: str,
) -> None:
    rows = resolved(DECISION, {"decision": cell, "name": "Chè mẫu"})

    assert rows[1].cells == {**DECISION, "name": "Chè mẫu"}
    assert rows[1].problems == ()


def test_ditto_runs_down_a_column() -> None:
    rows = resolved(DECISION, {"decision": "nt"}, {"decision": "nt"})

    assert [row.cells for row in rows] == [DECISION, DECISION, DECISION]


def test_a_day_of_its_own_stays_beside_a_ditto() -> None:
    rows = resolved(DECISION, {"decision": "nt", "decided_on": "2022-01-01"})

    assert rows[1].cells == {**DECISION, "decided_on": "2022-01-01"}


@pytest.mark.parametrize(
    "above", [{}, {"decision": ""}, {"decision": "Đang trình"}, {"decision": "nt"}]
)
def test_ditto_below_nothing_is_a_problem(above: dict[str, str]) -> None:
    rows = resolved(above, {"decision": "nt"})

    assert [each.column for each in rows[1].problems] == ["decision"]
    assert "decision" not in rows[1].cells


@pytest.mark.parametrize("cell", ["", "Đang trình", "-", "như quyết định năm 2021"])
def test_other_words_are_no_ditto(cell: str) -> None:
    assert not says_ditto(cell)


def test_how_many_cells_were_dittos_is_said_once_for_each_column() -> None:
    feed = open_feed(
        as_csv(
            {"name": "Chè mẫu", **DECISION},
            {"name": "Gạo mẫu", "decision": "nt", "decided_on": "nt"},
            {"name": "Mật mẫu", "decision": "nt"},
        )
    )

    rows = list(feed.rows)

    assert [row.cells["decision"] for row in rows] == ["1114/QĐ-UBND"] * 3
    assert [re.split(" were | was ", note.en)[0] for note in feed.notes] == [
        '2 cells "nt" (ditto) in the column for the number of the decision',
        '1 cell "nt" (ditto) in the column for the day of the decision',
    ]


@pytest.mark.parametrize("cell", ["nt", "N:T", "như trên", "Tương tự", "idem", '"'])
def test_a_cell_that_means_the_one_above_names_no_authority_itself(cell: str) -> None:
    assert says_ditto(cell)
    assert read_body(cell) is None
