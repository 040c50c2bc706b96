"""A clerk's acts stand in the audit, and a change of it shows at the command line."""

import asyncio
import socket
import sqlite3

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import actors_of, erase_actor, record_act
from catalog.model.act import Act
from catalog.model.actor import Actor, ActorKind
from ocop_sync.store.db.database import Database
from tests.e2e.served import Desk, good, today


def act(desk: Desk) -> None:
    """Import a sheet, put a certificate right, and take it back."""
    desk.import_(good(1))
    which = ("SP-00001", "--decision", "001/QĐ-MẪU")
    for command in ("void", "restore"):
        said = ("--by", "Ng. Văn A", "--reason", "nhầm")
        run = desk.confirm if command == "void" else desk.run
        done = run("certificates", command, *which, *said)
        assert done.exit_code == 0, done.output


def test_who_did_what_and_why_is_listed_with_the_computers_user(desk: Desk) -> None:
    act(desk)

    made, voided, _ = desk.run_json("audit", "list")["acts"]
    assert (made["kind"], made["by"]["name"]) == ("import", "")
    assert (voided["kind"], voided["by"]["name"]) == ("void_certificate", "Ng. Văn A")
    assert voided["by"]["os_user"]
    assert (voided["subjects"], voided["reason"]) == (["SP-00001"], "nhầm")
    shown = desk.run("audit", "list", "--after", "1").stdout
    assert "void_certificate" in shown
    assert "import 1" not in shown


def test_from_where_a_command_was_given_is_listed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 51234 192.0.2.1 22")
    act(desk)

    for each in desk.run_json("audit", "list")["acts"]:
        assert each["by"]["origin"].startswith(socket.gethostname())
        assert each["by"]["origin"].endswith("ssh:192.0.2.7")
    assert "192.0.2.7" in desk.run("audit", "list").stdout
    assert desk.run("audit", "verify").exit_code == 0


def test_an_untouched_audit_fits_the_head_that_was_kept(desk: Desk) -> None:
    act(desk)
    kept = desk.run("audit", "head").stdout.strip()
    assert desk.run_json("audit", "head") == {"last": 3, "head": kept}

    found = desk.run("audit", "verify", "--head", kept)

    assert found.exit_code == 0
    assert "sổ còn nguyên / nothing was changed" in found.stdout


def test_a_changed_audit_is_told_with_the_number_of_the_entry(desk: Desk) -> None:
    act(desk)
    with sqlite3.connect(desk.folder / "ocop.db") as db:
        db.execute("UPDATE act SET kind = 'pause' WHERE n = 2")
    db.close()

    found = desk.run("audit", "verify")

    assert found.exit_code == 1
    assert "mục / entry 2: đã bị sửa / was changed" in found.stdout


def test_a_head_that_is_no_hash_is_wrong_use(desk: Desk) -> None:
    found = desk.run("audit", "verify", "--head", "abc")

    assert found.exit_code == 2
    assert "64" in found.stderr


def test_who_has_no_name_is_told_by_the_reference_and_whether_it_was_erased(
    desk: Desk,
) -> None:
    unnamed = Actor(kind=ActorKind.PERSON, ref="NV-00001")
    erased = Actor(kind=ActorKind.PERSON, ref="NV-00002", name="Lê B")

    async def act_as_both(conn: AsyncConnection) -> None:
        for each in (unnamed, erased):
            done = Act(kind="pause", at=today(), by=each, subjects=("SP-00001",))
            await record_act(conn, done)
        known = await actors_of(conn, erased.ref, ActorKind.PERSON)
        await erase_actor(conn, known)

    async def store() -> None:
        database = Database(f"sqlite:///{desk.folder}/ocop.db")
        try:
            await database.write(act_as_both)
        finally:
            await database.close()

    asyncio.run(store())

    shown = " ".join(desk.run("audit", "list").stdout.replace("│", " ").split())
    assert "NV-00001 không ghi tên / unnamed" in shown
    assert "NV-00002 tên đã xóa / name erased" in shown
    assert "?" not in shown
    found = desk.run_json("audit", "list")["acts"]
    assert [each["is_forgotten"] for each in found] == [False, True]
