"""On SQLite, `serve` and `worker` exclude each other: each would sync by itself.

The lock is a file beside the database, and ends with its process, also where that is
killed. Workers share it, as they always could; `serve` has it alone. On PostgreSQL
several processes may serve and work.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from ocop_sync.cli.private_process import locked
from ocop_sync.settings import Settings
from ocop_sync.store.db.schema import sqlite_file

_ENDING: Final = ".serving"

_TAKEN: Final = (
    "đã có `ocop-sync serve` hoặc `ocop-sync worker` chạy trên tệp này: `serve` tự đồng"
    " bộ, nên chỉ chạy một; dừng cái kia trước, hoặc dùng PostgreSQL / an"
    " `ocop-sync serve` or `ocop-sync worker` runs on this file: `serve` syncs by"
    " itself, so one is enough; stop the other one first, or use PostgreSQL"
)

_RUNNING: Final = (
    "`ocop-sync serve` hoặc `ocop-sync worker` đang chạy trên tệp này: dừng trước khi"
    " khôi phục / an `ocop-sync serve` or `ocop-sync worker` runs on this file: stop it"
    " before you restore"
)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be the only process that serves or works on an SQLite database.

    Raises:
        ConfigurationError: There is another one.
    """
    with _locked(settings, shared=False):
        yield


@contextmanager
def stopped(settings: Settings) -> Iterator[None]:
    """Let nobody serve or work on an SQLite database meanwhile.

    Raises:
        ConfigurationError: Somebody does.
    """
    with _locked(settings, shared=False, why=_RUNNING):
        yield


@contextmanager
def beside_no_server(settings: Settings) -> Iterator[None]:
    """Work on an SQLite database that nobody serves.

    Raises:
        ConfigurationError: Somebody does.
    """
    with _locked(settings, shared=True):
        yield


def _locked(
    settings: Settings, *, shared: bool, why: str = _TAKEN
) -> AbstractContextManager[None]:
    file = sqlite_file(settings.database.url)
    if file is None:
        return nullcontext()
    taken = f"database.url: {file}: {why}"
    return locked(file.with_name(f"{file.name}{_ENDING}"), taken, shared=shared)
