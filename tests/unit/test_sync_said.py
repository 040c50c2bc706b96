"""The text of `sync` on look-ups: since when they are due, or from when to when."""

from datetime import timedelta

import pytest

from catalog.eligibility import Text
from ocop_sync.cli.sync import _when, show_report
from ocop_sync.engine.reasons.reason import Wait, of_wait
from ocop_sync.service.run.overdue import AllOverdue, Overdue
from ocop_sync.service.run.report import Report
from tests.factories import AT

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (-SECOND, -SECOND, "due since 11:59:59"),
        (-2 * DAY, -SECOND, "due since 28/02/2024 12:00"),
        (-DAY, SECOND, "some due since 29/02/2024 12:00, the others until 12:00:01"),
        (SECOND, SECOND, "at 12:00:01"),
        (SECOND, 2 * SECOND, "from 12:00:01 to 12:00:02"),
    ],
    ids=["past", "long past", "partly past", "one moment", "to come"],
)
def test_nothing_is_announced_for_the_past_nor_from_a_moment_to_the_same(
    first: timedelta, last: timedelta, said: str
) -> None:
    # AT is 12:00 in Vietnam.
    assert _when(AT + first, AT + last, AT)[1] == said


def test_that_the_clock_is_doubted_comes_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    late = Overdue(
        marketplace="memory",
        product_id="SP-00001",
        title="Măng khô Mẫu",
        reason=of_wait(Wait.PENDING),
    )
    report = Report(
        clock=Text("Đồng hồ sai", "The clock is wrong"),
        overdue=AllOverdue(not_withdrawn=[late]),
    )

    show_report(report)

    said = capsys.readouterr().out
    assert said.startswith("Đồng hồ sai / The clock is wrong")
    assert "STILL ON SALE" in said
