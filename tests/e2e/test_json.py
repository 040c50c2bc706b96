"""How commands write days and instants for machines: one way for all of them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.cli.views.tables import write_json
from tests.e2e.served import Desk, good
from tests.factories import NOT_SO, make_paper

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def said(value: object, capsys: pytest.CaptureFixture[str]) -> object:
    write_json(value)
    return json.loads(capsys.readouterr().out)


def test_an_instant_is_said_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    vietnam = timezone(timedelta(hours=7))

    assert said(datetime(2026, 11, 24, 0, 30, tzinfo=vietnam), capsys) == (
        "2026-11-23T17:30:00Z"
    )
    assert said(datetime(2026, 11, 24, 1, 2, 3, 4, tzinfo=UTC), capsys) == (
        "2026-11-24T01:02:03Z"
    )


def test_a_day_is_said_as_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert said({"on": date(2026, 11, 24)}, capsys) == {"on": "2026-11-24"}


def test_what_has_no_form_in_json_is_refused(desk: Desk) -> None:
    with pytest.raises(TypeError, match="Desk"):
        write_json(desk)


def times(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text that begins like a date, with its key."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from times(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from times(each, name)
    elif isinstance(value, str) and DAY.match(value):
        yield name, value


def test_commands_agree_on_how_times_are_written(desk: Desk) -> None:
    unsafe = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    products = [good(n) for n in range(1, 9)]
    desk.import_(*products)
    desk.run("sync")
    desk.enter(*[(replace(p, papers=unsafe), maker) for p, maker in products])
    reports = [desk.run_json("sync")]
    id_ = str(desk.run_json("held", "list")["groups"][0]["id"])
    desk.run("held", "approve", id_, "--by", "A", "--reason", "B")
    desk.postmart.post("edit", ref="SP-00001", changes={"name": "Sửa"})
    reports.append(desk.run_json("reconcile", "--report-only"))
    row = str(desk.run_json("drift", "list")["drift"][0]["id"])
    desk.run("drift", "theirs", row, "--by", "A")

    reports.append(desk.run_json("held", "show", id_))
    reports += [
        desk.run_json(*words)
        for words in (
            ("held", "list"),
            ("drift", "list"),
            ("status",),
            ("plan",),
            ("eligibility",),
            ("eligibility", "--as-of", "2026-12-31"),
            ("eligibility", "--explain-rules"),
            ("expiring", "--days", "3660"),
            ("missing-papers",),
        )
    ]

    found = [each for report in reports for each in times(report)]
    instants = [each for each in found if each[0].endswith(("_at", "as_of", "until"))]
    days = [each for each in found if each not in instants]
    assert {name for name, _ in instants} == {
        *("as_of", "opened_at", "asked_at", "decided_at", "approved_until"),
        *("changes_at", "first_seen_at", "last_seen_at", "said_at"),
        *("first_at", "last_at", "began_at", "ended_at", "worked_at"),
        *("read_whole_at", "sales_known_at", "oldest_count_at", "oldest_read_at"),
    }
    assert [each for each in instants if not INSTANT.fullmatch(each[1])] == []
    assert "claim_ends_on" in {name for name, _ in days}
    assert [each for each in days if not DAY.fullmatch(each[1])] == []


def test_a_sync_says_each_figure_once(desk: Desk) -> None:
    desk.import_(good(1, papers=()))

    report = desk.run_json("sync")

    assert set(report) == {
        *("writes", "failed", "stopped", "busy", "not_as_approved", "ended"),
        *("failures", "run"),
        *("skipped", "unheard", "unread", "todo", "events", "look_ups", "doubled"),
        *("counts", "as_of", "not_withdrawn", "not_lowered", "unreadable", "clock"),
        *("unlike", "read_ages", "dropped", "unmarked", "paused", "long_way"),
        "passed_over",
    }
    assert report["counts"]["postmart"]["held"] == 1


def test_a_reconciliation_says_what_it_found_at_each_marketplace(desk: Desk) -> None:
    desk.import_(good(1))

    report = desk.run_json("reconcile")

    (found,) = report["findings"]
    assert (report["report_only"], report["report"]["writes"]) == (False, 2)
    assert (found["marketplace"], found["simulated"]) == ("postmart", True)
    assert {"read", "equal", "drift", "healed", "asked", "vanished", "doubled"} < set(
        found
    )
