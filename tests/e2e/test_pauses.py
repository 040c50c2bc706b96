"""`ocop-sync marketplaces pause` and `resume`, and who names a paused account."""

from tests.e2e.served import Desk, good

PAUSED = "TẠM DỪNG từ / PAUSED since"
WHO = ("--by", "Bà Mẫu", "--reason", "sàn bảo trì")


def test_a_paused_account_is_named_by_all_commands_until_it_goes_on(
    desk: Desk,
) -> None:
    desk.write_settings()
    desk.import_(good(1))

    paused = desk.run("marketplaces", "pause", "postmart", *WHO)
    synced = desk.run("sync")
    told = desk.run_json("sync")
    shown = [
        desk.run(*words)
        for words in (
            ("plan",),
            ("status",),
            ("eligibility", "--marketplace", "postmart"),
            ("status", "--monitor"),
        )
    ]

    assert (paused.exit_code, synced.exit_code) == (0, 0)
    assert "đã tạm dừng / paused: postmart" in paused.stdout
    assert desk.postmart.writes == 0
    for each in (paused, synced, *shown[:3]):
        assert PAUSED in each.output
        assert "Bà Mẫu: sàn bảo trì" in " ".join(each.output.split())
    assert "beyond the usual bound of freshness" in " ".join(synced.stdout.split())
    assert told["paused"]["postmart"]["reason"] == "sàn bảo trì"
    assert desk.run_json("plan")["paused"]["postmart"]["by"] == "Bà Mẫu"
    (account,) = desk.run_json("status")["accounts"]
    assert account["paused"]["by"] == "Bà Mẫu"
    assert shown[3].exit_code == 1
    assert "postmart đang tạm dừng / paused" in shown[3].stdout

    gone_on = desk.run("marketplaces", "resume", "postmart", *WHO)
    desk.run("sync")

    assert "cho chạy tiếp / goes on: postmart" in gone_on.stdout
    assert desk.postmart.writes > 0


def test_an_account_that_is_not_there_cannot_be_paused(desk: Desk) -> None:
    desk.write_settings()

    refused = desk.run("marketplaces", "pause", "voso:CS-0009", *WHO)

    assert refused.exit_code == 2
    assert "there is no account voso:CS-0009; there are: postmart" in refused.stderr
