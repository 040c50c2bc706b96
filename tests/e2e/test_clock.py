"""The time that commands go by, and the message about a wrong clock."""

from datetime import UTC, datetime, timedelta

from tests.e2e.served import Desk, good, today


def test_a_clock_that_differs_from_the_marketplaces_is_said_and_holds_what_is_new(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    there = datetime.now(UTC) - timedelta(days=400)
    desk.postmart.post("clock", now=there.isoformat())

    result = desk.run("sync")
    told = desk.run_json("sync")

    assert result.exit_code == 1
    assert "lệch với đồng hồ các sàn" in " ".join(result.stdout.split())
    assert "Chỉnh đồng hồ máy này" in told["clock"]["vi"]
    assert desk.postmart.ours() == {}


def test_a_wait_of_a_command_passes_in_the_time_that_it_is_given(desk: Desk) -> None:
    desk.import_(good(1))

    desk.run("sync")

    assert desk.time() - today() > timedelta(seconds=2)  # a create is looked up so late


def test_a_command_asks_the_time_that_it_is_given_what_day_it_is(desk: Desk) -> None:
    desk.import_(good(1))
    now = desk.run_json("eligibility")
    desk.time.pass_(days=4_000)

    later = desk.run_json("eligibility")

    assert later["as_of"] > now["as_of"]
    assert now["products"][0] != later["products"][0]  # its certificate has ended
