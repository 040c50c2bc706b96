"""The notes that are given once for all certificates of a feed."""

from datetime import UTC, datetime

import pytest

from catalog.eligibility import load_rules
from catalog.feed.merge.evidence import settle
from catalog.feed.merge.proofs import Proofs
from catalog.feed.merge.row_merge import draft
from catalog.feed.rows.row import FeedRow

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BODIES = load_rules().tables.bodies


def told(*rows: FeedRow) -> str:
    """Return what is said of rows that state stars and nothing else."""
    proofs = Proofs()
    for row in rows:
        said = draft({"name": "Chè mẫu", "stars": 4}, None, None, NOW)
        proofs.note(row, said, settle(said, BODIES), "SP-00001")
    return "\n".join(note.en for note in proofs.notes(NOW.date()))


@pytest.mark.parametrize(
    ("sheets", "named"),
    [
        (("", ""), "2 rows (2, 3)"),
        (("Một", "Một"), "2 rows (2, 3)"),
        (("Một", "Hai"), "2 rows (Một!2, Hai!3)"),
    ],
)
def test_rows_are_named_with_their_sheets_where_there_are_several(
    sheets: tuple[str, str], named: str
) -> None:
    rows = [FeedRow(number=n, cells={}, sheet=s) for n, s in enumerate(sheets, 2)]

    assert named in told(*rows)


def test_rows_of_one_number_in_two_sheets_are_two() -> None:
    rows = [FeedRow(number=2, cells={}, sheet=sheet) for sheet in ("Một", "Hai")]

    assert told(*rows).startswith("2 rows (Một!2, Hai!2)")


def test_of_many_rows_the_first_are_named() -> None:
    rows = [FeedRow(number=n, cells={}) for n in range(2, 40)]

    assert "38 rows (2, 3, 4, 5, 6, 7, 8, 9, …)" in told(*rows)
