"""People's view of hundreds of accounts, and a monitor's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ocop_sync.cli.views.accounts import show_accounts
from ocop_sync.service.queries.account_status import (
    AccountStatus,
    oldest_count,
    oldest_read,
)
from ocop_sync.store.runs.last_runs import Ending, LastRun
from tests.factories import AT


def account(n: int, *, error: str = "", never: bool = False) -> AccountStatus:
    last = LastRun(
        run_id="r",
        began_at=AT - timedelta(minutes=1),
        ended_at=AT,
        ending=Ending.FAILED if error else Ending.DONE,
        error=error,
        todo=None,
        writes=n,
        failed=0,
        unread="",
        sales_unread="",
    )
    return AccountStatus(
        key=f"voso:CS-{n:04}",
        marketplace="voso",
        unusable="",
        last_run=None if never else last,
        failing_since=AT - timedelta(hours=3) if error else None,
        worked_at=None if never else AT,
        read_whole_at=AT,
        sales_known_at=AT,
    )


def test_of_hundreds_those_that_fail_are_shown_and_the_rest_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    well = [account(n) for n in range(300)]
    bad = account(300, error="sai mật khẩu")
    never = account(301, never=True)

    show_accounts([*well, bad, never], AT)

    said = capsys.readouterr().out
    assert "Tài khoản / accounts: 302" in said
    assert "voso:CS-0300: 01/03/2024 11:59 – 01/03/2024 12:00: lỗi / failed" in said
    assert "sai mật khẩu" in said
    assert "lỗi từ / failing since 01/03/2024 09:00" in said
    assert "voso:CS-0301: chưa chạy lần nào / never ran" in said
    assert "300 tài khoản khác chạy tốt / others run well" in said
    assert "voso:CS-0007" not in said


def test_of_hundreds_that_fail_the_first_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_accounts([account(n, error="bảo trì") for n in range(300)], AT)

    said = capsys.readouterr().out
    assert "… +280 (--json)" in said
    assert len(said.splitlines()) < 80


def test_a_few_accounts_are_shown_one_by_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_accounts([account(1), account(2)], AT + timedelta(hours=3))

    said = capsys.readouterr().out
    assert "voso:CS-0001: 01/03/2024 11:59 – 01/03/2024 12:00: xong / done" in said
    assert "SỐ LIỆU CÓ THỂ CŨ / COUNTS MAY BE OLD: 2 tài khoản" in said
    assert "Số liệu cũ nhất / oldest figures: 01/03/2024 12:00" in said


def test_of_hundreds_those_that_wait_for_a_read_after_a_restore_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    well = [account(n) for n in range(300)]
    waits = replace(account(300), restored_at=AT)

    show_accounts([*well, waits], AT)

    said = " ".join(capsys.readouterr().out.split())
    assert "voso:CS-0300" in said
    assert "khôi phục / restored 01/03/2024 12:00: không ghi gì lên đó" in said


def test_the_oldest_moments_are_of_no_account_that_was_never_counted() -> None:
    later = replace(account(2), worked_at=AT + timedelta(hours=1))
    never = replace(account(3, never=True), read_whole_at=None)

    assert oldest_count([later, account(1)]) == AT
    for found in ([later, never], []):
        assert (oldest_count(found), oldest_read(found)) == (None, None)
