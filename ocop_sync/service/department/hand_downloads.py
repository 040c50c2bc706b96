"""Work by hand for people at a distance: batches closed and downloaded, files taken in.

At the command line a batch is written into the folder of its account
(`ocop_sync.service.department.hand_batches`). From afar nobody sees that folder: here
its workbook and its pictures are files to be sent.
"""

import asyncio
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Final

from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG
from catalog.pictures.kept import hash_in
from ocop_sync.errors import PlanError
from ocop_sync.files import write_whole
from ocop_sync.marketplace.by_hand import Batch, Standing, Word
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.department.hand_account import (
    account_by_hand,
    accounts_by_hand,
    opened_by_hand,
    record_hand_act,
)
from ocop_sync.service.department.hand_batches import (
    Told,
    batch_workbook,
    import_told,
    tell_account,
)
from ocop_sync.service.department.hand_tables import read_tables
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.pictures.show import picture_for

MOST_PICTURE_BYTES: Final = 300_000_000
"""Bytes of all pictures of a batch that are sent in one file."""

ELSEWHERE: Final = "anh-o-dia-chi-khac.txt"
"""The file beside the pictures with the addresses of those that are not kept here."""


def is_by_hand(deployment: Deployment, key: str) -> bool:
    """Say whether people work the account *key*."""
    return any(each.key == key for each in accounts_by_hand(deployment))


async def hand_standing(deployment: Deployment, key: str) -> Standing:
    """Return how the work of people stands at an account.

    Raises:
        NoSuchAccountError: There is no such account by hand.
        MarketplaceError: The folder of the account is of no use.
    """
    account = account_by_hand(deployment, key)
    return await opened_by_hand(deployment, account).standing()


async def close_batch(deployment: Deployment, key: str, *, by: Actor) -> Batch:
    """Close the open rows of an account as a batch; no file is written.

    Raises:
        NoSuchAccountError: There is no such account by hand.
        PlanError: Nothing is open, or who does it is not named.
        MarketplaceError: The folder of the account is of no use.
    """
    ensure_named(by)
    account = account_by_hand(deployment, key)
    batch = await opened_by_hand(deployment, account).close_batch(by=by.name)
    if batch is None:
        message = (
            "chưa có việc nào chờ làm bằng tay ở tài khoản này / nothing waits to be"
            " done by hand at this account"
        )
        raise PlanError(message)
    refs = {"batch": str(batch.number)}
    await record_hand_act(deployment, "export_batch", by, account, refs)
    return batch


async def close_batch_once(
    deployment: Deployment, key: str, *, by: Actor, after: int
) -> bool:
    """Close the open rows, unless a batch has gone out since *after* was the last.

    So a form that is sent twice closes one batch. Say whether one was closed.

    Raises:
        PlanError: As of `close_batch`, and so the others.
    """
    if last_out(await hand_standing(deployment, key)) != after:
        return False
    await close_batch(deployment, key, by=by)
    return True


def last_out(standing: Standing) -> int:
    """Return the number of the last batch that is out; 0 if none is."""
    return max((each.number for each in standing.batches), default=0)


async def write_batch_workbook(
    deployment: Deployment, path: Path, key: str, number: int
) -> None:
    """Write the workbook of a batch to *path*, as it was handed out.

    Raises:
        NoSuchAccountError: There is no such account by hand.
        NoSuchBatchError: There is no batch of that number, or it was called off.
        NotWrittenError: The file cannot be written.
        MarketplaceError: The folder of the account is of no use.
    """
    content = await batch_workbook(deployment, key, number)
    with write_whole(path) as stream:
        stream.write(content)


async def write_batch_pictures(
    deployment: Deployment, path: Path, key: str, number: int
) -> None:
    """Write the pictures of a batch to *path*, as a ZIP with the names of its rows.

    They are read and written one by one. Those that are not kept here are named in
    `ELSEWHERE`, by their addresses.

    Raises:
        PlanError: They are more than `MOST_PICTURE_BYTES`.
        NoSuchAccountError: As of `write_batch_workbook`, and so the others.
    """
    account = account_by_hand(deployment, key)
    batch = await opened_by_hand(deployment, account).batch(number)
    left, elsewhere = MOST_PICTURE_BYTES, list[str]()
    with (
        write_whole(path) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed,
    ):
        for name, address in batch.pictures.items():
            hash_ = hash_in(address)
            kept = hash_ and await picture_for(
                deployment.database, hash_, WHOLE_CATALOG
            )
            if not kept:
                elsewhere.append(address)
                continue
            left -= len(kept)
            if left < 0:
                raise PlanError(_TOO_LARGE)
            await asyncio.to_thread(packed.writestr, name, kept)
        if elsewhere:
            packed.writestr(ELSEWHERE, "\n".join(dict.fromkeys(elsewhere)) + "\n")


async def import_file(
    deployment: Deployment,
    path: Path,
    key: str,
    *,
    by: Actor,
    as_of: datetime | None,
    correct: bool,
) -> Told:
    """Take the file *path* for an account: a filled-in batch, or the own export.

    Raises:
        FeedError: It is no such file, damaged, or too large.
        NoSuchAccountError: There is no such account by hand.
        UntakenWordError: When an export was made is not said, or cannot be so.
        PlanError: Who does it is not named.
        MarketplaceError: The folder of the account is of no use.
    """
    account_by_hand(deployment, key)
    with path.open("rb") as stream:
        tables = await asyncio.to_thread(read_tables, stream)
    return await import_told(
        deployment, key, tables, by=by, as_of=as_of, correct=correct
    )


def is_word(said: str) -> bool:
    """Say whether it is a word that a person may give for an account."""
    return said in set(Word)


async def take_word_said(
    deployment: Deployment, key: str, said: str, *, by: Actor, as_of: datetime | None
) -> Told:
    """Take the word *said*, which is one, for all that an account holds.

    Raises:
        NoSuchAccountError: As of `tell_account`, and so the others.
    """
    return await tell_account(deployment, key, Word(said), by=by, as_of=as_of)


_TOO_LARGE: Final = (
    "ảnh của lô này quá lớn để gửi trong một tệp: lấy trong thư mục của tài khoản"
    " / the pictures of this batch are too large for one file: take them from the"
    " folder of the account"
)
