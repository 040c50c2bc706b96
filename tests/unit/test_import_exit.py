"""The exit code of an import, in every situation."""

from dataclasses import replace
from itertools import product

import pytest

from catalog.feed.merge.bulk_change_check import ImportHold
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.feed.rows.table import Note
from catalog.imports.import_report import ImportReport
from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.feeds import exit_of_import

NOTHING = ImportReport(
    source="bang.csv",
    written=True,
    rows=1,
    created=[],
    changed=[],
    unchanged=1,
    missing=[],
    returned=[],
    ignored_counts=0,
    sick=False,
    held=[],
    takes={},
    import_id=None,
    confirmed_by="",
    token="",
    problems=[],
)
HOLD = ImportHold(column="stars", changed=10, of=20, examples=())


def problem(kind: ProblemKind, row: int) -> Problem:
    """Return a problem of *row*, or of the whole sheet."""
    return Problem(row=row, vi="sai", en="wrong", kind=kind)


@pytest.mark.parametrize(
    ("kinds", "of_rows", "held"),
    [
        pytest.param(kinds, of_rows, held)
        for kinds, of_rows, held in product(
            [(), *((kind,) for kind in ProblemKind), tuple(ProblemKind)],
            (True, False),
            (True, False),
        )
    ],
)
def test_only_a_bad_row_makes_an_import_fail(
    kinds: tuple[ProblemKind, ...], of_rows: bool, held: bool
) -> None:
    report = replace(
        NOTHING,
        problems=[problem(kind, 2 if of_rows else 0) for kind in kinds],
        held=[HOLD] if held else [],
        written=not held,
    )

    waits = held or {ProblemKind.QUESTION, ProblemKind.CONFLICT}.intersection(kinds)
    expected = Exit.HELD if waits else Exit.FAILED if kinds and of_rows else Exit.DONE
    assert exit_of_import(report) is expected


@pytest.mark.parametrize(
    "said",
    [
        {"notes": [Note(vi="ẩn", en="hidden")]},
        {"ignored_counts": 3},
        {"missing": ["SP-00001"], "returned": ["SP-00002"]},
        {"takes": {"revoked": 1}, "token": "x"},
        {"created": ["SP-00001"], "import_id": 1},
        {"written": False},
    ],
    ids=["a note", "old counts", "absence", "taken", "new", "checked"],
)
def test_what_is_only_said_makes_no_exit_code(said: dict[str, object]) -> None:
    assert exit_of_import(replace(NOTHING, **said)) is Exit.DONE  # type: ignore[arg-type]
