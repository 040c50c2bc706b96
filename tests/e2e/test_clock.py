"""What a person is told when this computer's clock is wrong."""

from datetime import UTC, datetime, timedelta

from tests.e2e.served import Desk, good


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
