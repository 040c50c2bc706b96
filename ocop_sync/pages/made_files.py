"""Files that are made for one visit: written to disk elsewhere, then sent in pieces."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from aiohttp import web

from ocop_sync.api.problems import NOT_POSSIBLE
from ocop_sync.api.routes.imports import CSV, XLSX
from ocop_sync.api.routes.sheets import ZIP
from ocop_sync.api.typed.file_sending import StoredFile, send_file
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.pages.visit import Visit

TYPES: Final = {"xlsx": XLSX, "csv": CSV, "zip": ZIP}
"""The kinds of files, and the type of each."""


async def send_made(
    visit: Visit,
    name: str,
    kind: str,
    write: Callable[..., Awaitable[object]],
    *args: Any,
) -> web.StreamResponse:
    """Send the file that *write* writes; it has no name any more on disk.

    Args:
        visit: Who asks.
        name: What browsers save it as, without its ending.
        kind: Its ending, one of `TYPES`.
        write: A function of a module: it takes a deployment, the path and *args*.
        args: What can be pickled.

    Raises:
        ProblemError: *write* has returned False: it was too much for one file.
    """
    with NamedTemporaryFile(prefix="ocop-sync-list-") as named_file:
        path = Path(named_file.name)
        if await visit.long_work.do(write, path, *args) is False:
            raise ProblemError(
                NOT_POSSIBLE,
                vi="Danh sách quá dài để tải: hãy lọc bớt, rồi tải lại.",
                en="The list is too long to download: narrow it, then try again.",
            )
        stored = StoredFile.at(path, TYPES[kind], f"{name}.{kind}")
    return await send_file(stored, visit.request)
