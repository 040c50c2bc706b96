"""Worklists of any length are written page by page."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rich.table import Table

from catalog.queries.worklist_tables import ENDS
from catalog.queries.worklists import Ending
from ocop_sync.api.forms.outlook import end_form
from ocop_sync.cli.views.worklists import Form, expiring_table, give
from ocop_sync.service.json.writer import json_text
from ocop_sync.service.queries.worklists import Worklist

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


def ending(n: int) -> Ending:
    return Ending(
        ends_on=date(2026, 12, 15),
        days_left=21,
        notify_by=date(2026, 11, 15),
        late=True,
        product_id=f"SP-{n:05}",
        product=f"Món Mẫu {n}",
        producer="Cơ sở Mẫu 001",
        skus=(f"SP-{n:05}-1",),
        stars=4,
        decision="1/QĐ-MẪU",
    )


def give_all(found: Sequence[Ending], *, as_json: bool) -> list[int]:
    """Write *found*; return how many rows each table has that was shown."""
    shown: list[int] = []

    def table(some: Sequence[Ending]) -> Table:
        shown.append(len(some))
        return expiring_table(some[:1])

    form: Form[Ending] = Form(ENDS, table, end_form)
    worklist = Worklist(AT, found, ["SP-9"])
    give(form, worklist, now=AT, out=None, as_json=as_json)
    return shown


def test_a_long_list_is_shown_in_tables_of_a_thousand() -> None:
    found = [ending(n) for n in range(2_001)]

    assert give_all(found, as_json=False) == [1_000, 1_000, 1]


def test_nothing_in_a_list_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert give_all([], as_json=False) == []
    assert "SP-9" in capsys.readouterr().out


def test_a_list_for_a_machine_makes_no_table_and_is_the_same_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [ending(n) for n in range(3)]

    assert give_all(found, as_json=True) == []

    whole: dict[str, Any] = {
        "as_of": AT,
        "faulty": ["SP-9"],
        "rows": list(map(end_form, found)),
    }
    assert capsys.readouterr().out == json_text(whole) + "\n"
