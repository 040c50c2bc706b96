"""One line and an exit code for a monitor: `ocop-sync status --monitor`.

Every error on the way is an answer, too: a database that cannot be reached is critical,
a fault of the program unknown.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import click

from catalog.errors import CatalogError
from catalog.vietnam_time import moment
from ocop_sync.api.forms.status import health_form
from ocop_sync.cli.app.app import run
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_deployment
from ocop_sync.cli.views.tables import plain_line, write_json
from ocop_sync.errors import OcopSyncError
from ocop_sync.service.queries.monitor import (
    Alarm,
    AlarmCode,
    Health,
    Level,
    watch,
)
from ocop_sync.settings import Settings
from ocop_sync.store.db.outage import DATABASE_ERRORS

PATIENCE_S = 20
"""Seconds after which a database that does not answer counts as unreachable."""

WORDS: Final[Mapping[AlarmCode, str]] = {
    "clock": "đồng hồ máy này sai / this computer's clock is wrong",
    "not_withdrawn": "CÒN BÁN DÙ KHÔNG ĐƯỢC BÁN / still on sale though it may not be",
    "not_lowered": "chưa hạ được tồn kho hay chứng nhận / not lowered yet",
    "unusable": "không dùng được / cannot be used",
    "failing": "chạy lỗi / failing",
    "changes_failing": "có thay đổi không thành / changes fail",
    "counts_old": "số liệu có thể cũ / counts may be old",
    "read_old": "lâu chưa đọc hết / not read whole for long",
    "group_waits": "chờ người duyệt / waits for a person",
    "paused": "đang tạm dừng / paused",
    "restored": "chờ đọc lại sau khôi phục / waits to be read after a restore",
    "moved": "cơ sở dữ liệu đã chuyển chỗ / the database was moved",
    "no_account": "chưa có tài khoản nào ở sàn / no account at any marketplace",
}
"""The name of each alarm."""

_NAMED = 5
_LONGEST = 200


def show_monitor(
    settings_of: Callable[[], Settings],
    *,
    longer_than: timedelta,
    old_after: timedelta,
    as_json: bool,
) -> Level:
    """Show the state of the deployment in one line; return its level."""
    health = _watched(settings_of, longer_than, old_after)
    if as_json:
        write_json(health_form(health, shows_words=True))
    else:
        said = health.error or _line(health)
        click.echo(plain_line(f"{health.level.name}: {said}"))
    return health.level


def _watched(
    settings_of: Callable[[], Settings], longer_than: timedelta, old_after: timedelta
) -> Health:
    try:
        return run(_watch(settings_of(), longer_than, old_after))
    except (OcopSyncError, CatalogError, *DATABASE_ERRORS, OSError) as found:
        error = first_line(found)
        return Health(error=error, error_level=Level.CRITICAL)
    except Exception as found:  # noqa: BLE001  (a monitor is told whatever it is)
        error = f"{type(found).__name__}: {first_line(found)}"
        return Health(error=error, error_level=Level.UNKNOWN)


async def _watch(
    settings: Settings, longer_than: timedelta, old_after: timedelta
) -> Health:
    query = partial(watch, longer_than=longer_than, old_after=old_after)
    async with for_so_long():
        return await in_deployment(settings, query, makes_tables=False)


@asynccontextmanager
async def for_so_long() -> AsyncIterator[None]:
    """Give whoever asks the database `PATIENCE_S` seconds.

    Raises:
        OSError: It has not answered by then.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield
    except TimeoutError:
        message = (
            f"cơ sở dữ liệu không trả lời trong {PATIENCE_S} giây"
            f" / the database does not answer within {PATIENCE_S} seconds"
        )
        raise OSError(message) from None


def first_line(error: Exception) -> str:
    """Return the message of *error*, in one line of some length."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][: 2 * _LONGEST]


def _line(health: Health) -> str:
    """Return all that is wrong in one line, the first of many by name."""
    counts = "".join(f" {code}={n}" for code, n in sorted(health.counts.items()))
    figures = f"accounts={health.accounts}{counts}"
    if not health.alarms and health.failing:
        return (
            f"{health.accounts - health.failing}/{health.accounts} tài khoản chạy tốt,"
            f" {health.failing} đang lỗi, chưa đủ lâu để báo động / accounts run well,"
            f" {health.failing} failing, not for long enough to alarm | {figures}"
        )
    if not health.alarms:
        return f"{health.accounts} tài khoản chạy tốt / accounts run well | {figures}"
    now = present()
    said = [_alarm_line(each, now) for each in health.alarms[:_NAMED]]
    left = len(health.alarms) - _NAMED
    more = f"; … +{left} (status --monitor --json)" if left > 0 else ""
    return f"{'; '.join(said)}{more} | {figures}"


def _alarm_line(alarm: Alarm, now: datetime) -> str:
    since = ""
    if alarm.since is not None:
        minutes = int((now - alarm.since).total_seconds() // 60)
        since = f" từ / since {moment(alarm.since)} ({minutes} min)"
    why = f": {alarm.why[:_LONGEST]}" if alarm.why else ""
    # A monitor takes the text behind "|" for figures.
    said = f"{alarm.where} {WORDS[alarm.code]}{since}{why}".strip()
    return re.sub(r"\s*\|\s*", " ", said)
