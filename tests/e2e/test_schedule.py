"""Schedules at the command line: made, edited, listed."""

from tests.e2e.served import SECRETS, Desk

NIGHTLY = ("--cron", "30 2 * * mon-sat")


def test_a_schedule_is_added_and_edited_with_its_next_runs(desk: Desk) -> None:
    add = ("schedule", "add", "dem", "--kind", "reconcile", *NIGHTLY, "--by", "Lê B")
    edit = ("schedule", "edit", "dem", "--cron", "0 3 * * sun", "--by", "Lê B")
    assert desk.run(*add).exit_code == 0

    shown = desk.run(*edit, "--check")
    before = desk.run_json("schedule", "list")["schedules"][0]
    edited = desk.run(*edit)
    again = desk.run_json(*edit)
    (after,) = desk.run_json("schedule", "list")["schedules"]
    unknown = desk.run("schedule", "edit", "khac", *NIGHTLY, "--by", "Lê B")

    assert "dem: chưa đổi, chỉ xem / not changed" in shown.stdout
    assert "dem: đã đổi / changed" in edited.stdout
    assert "03:00, chủ nhật / Sun" in edited.stdout
    assert shown.stdout.splitlines()[1:] == edited.stdout.splitlines()[1:]
    assert (before["cron"], after["cron"]) == (NIGHTLY[1], "0 3 * * sun")
    assert (again["edited"], again["next"][:3]) == (False, after["next"])
    assert unknown.exit_code == 2


def test_a_backup_is_scheduled_once_there_is_a_folder_for_it(desk: Desk) -> None:
    add = ("schedule", "add", "sao-luu", "--kind", "backup", *NIGHTLY, "--by", "Lê B")

    refused = desk.run(*add)
    folder = {"OCOP_SYNC_DATABASE__BACKUP_FOLDER": str(desk.folder / "giu")}
    added = desk.run(*add, secrets=SECRETS | folder)

    assert refused.exit_code == 2
    assert "database.backup_folder is not set" in refused.stderr
    assert added.exit_code == 0, added.stderr
