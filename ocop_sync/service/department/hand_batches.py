"""Accounts that people work: batches out, what they have done in, how it stands.

Batches and what is told of an account are kept by its adapter, in the folder of the
account (`ocop_sync.marketplace.by_hand`). The files are written here, beside that, and
never over one that is there: somebody may be filling it in. Each act is in the audit.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from catalog.db.reader import names_of
from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG
from catalog.pictures.kept import hash_in
from ocop_sync.errors import (
    MarketplaceError,
    NotWrittenError,
)
from ocop_sync.files import write_whole
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.by_hand import (
    Batch,
    ByHand,
    Standing,
    Table,
    Taken,
    Word,
)
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.department.hand_account import (
    account_by_hand,
    accounts_by_hand,
    opened_by_hand,
    record_hand_act,
)
from ocop_sync.service.department.hand_workbook import sellers_of, write_batch
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.pictures.show import picture_for

_PLAIN: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_MOST_COPIES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAccount:
    """How an account by hand stands.

    Attributes:
        account: Its key.
        marketplace: Its marketplace.
        standing: How the work of people stands; None if that cannot be read.
        why: Why it cannot; "" if it can.
    """

    account: str
    marketplace: str
    standing: Standing | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWritten:
    """A batch that was handed out.

    Attributes:
        marketplace: At which marketplace.
        batch: The batch.
        file: Its workbook.
        pictures: Where its pictures are; None if it has none that are kept here.
        written: How many of them.
        elsewhere: The addresses of pictures that are not kept here: people get them
            there.
    """

    marketplace: str
    batch: Batch
    file: Path
    pictures: Path | None
    written: int
    elsewhere: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of a file or a word for an account."""

    account: str
    marketplace: str
    taken: Taken


async def hand_accounts(deployment: Deployment) -> list[HandAccount]:
    """Return how the accounts stand that people work, by key."""
    return [await _standing(deployment, each) for each in accounts_by_hand(deployment)]


async def _standing(deployment: Deployment, account: Account) -> HandAccount:
    try:
        standing = await opened_by_hand(deployment, account).standing()
    except MarketplaceError as error:
        return HandAccount(
            account=account.key,
            marketplace=account.marketplace,
            standing=None,
            why=str(error),
        )
    return HandAccount(
        account=account.key, marketplace=account.marketplace, standing=standing
    )


async def export_batch(
    deployment: Deployment, key: str, *, by: Actor, number: int = 0
) -> BatchWritten | None:
    """Close the open rows of an account as a batch, and write it.

    With a *number*, or if nothing is open, a batch is written once more as it was
    closed: the last one without a number.

    Returns:
        None if nothing is open, and nothing was ever closed.

    Raises:
        NoSuchAccountError: There is no such account by hand.
        NoSuchBatchError: There is no batch of that number, or it was called off.
        NotWrittenError: Its files cannot be written; the batch is closed all the same.
        PlanError: Who does it is not named.
        MarketplaceError: The folder of the account is of no use.
    """
    ensure_named(by)
    account = account_by_hand(deployment, key)
    opened = opened_by_hand(deployment, account)
    batch = None if number else await opened.close_batch(by=by.name)
    if batch is None:
        if not number and not await _has_any(opened):
            return None
        batch = await opened.batch(number)
    await record_hand_act(
        deployment, "export_batch", by, account, {"batch": str(batch.number)}
    )
    return await _written(deployment, account, batch)


async def _has_any(opened: ByHand) -> bool:
    return bool((await opened.standing()).batches)


async def batch_workbook(deployment: Deployment, key: str, number: int) -> bytes:
    """Return the workbook of a batch, as it was handed out.

    Raises:
        NoSuchAccountError: There is no such account by hand.
        NoSuchBatchError: There is no batch of that number, or it was called off.
        MarketplaceError: The folder of the account is of no use.
    """
    opened = opened_by_hand(deployment, account_by_hand(deployment, key))
    return await _workbook(deployment, await opened.batch(number))


async def call_off_batch(
    deployment: Deployment, key: str, number: int, *, by: Actor
) -> int:
    """Let a batch be carried out by nobody; return how many rows are open again.

    Raises:
        NoSuchAccountError: There is no such account by hand.
        NoSuchBatchError: There is no batch of that number, or it was called off.
        PlanError: Who does it is not named.
        MarketplaceError: The folder of the account is of no use.
    """
    ensure_named(by)
    account = account_by_hand(deployment, key)
    again = await opened_by_hand(deployment, account).call_off(number, by=by.name)
    await record_hand_act(
        deployment, "call_off_batch", by, account, {"batch": str(number)}
    )
    return again


async def import_told(
    deployment: Deployment,
    key: str,
    tables: Sequence[Table],
    *,
    by: Actor,
    as_of: datetime | None = None,
    correct: bool = False,
) -> Told:
    """Take a filled-in batch, or the marketplace's export, for an account.

    Args:
        deployment: What there is.
        key: The account; "" for the one that the tickets of the file are of, or the
            only one there is.
        tables: The file (`ocop_sync.service.department.hand_tables`).
        by: Who hands it in.
        as_of: When it was so; needed for an export.
        correct: Other answers replace those that were told before.

    Raises:
        NoSuchAccountError: There is no such account by hand, or it is not clear which.
        UntakenWordError: When an export was made is not said, or cannot be so.
        PlanError: Who does it is not named.
        MarketplaceError: The folder of the account is of no use.
    """
    ensure_named(by)
    account = await _meant(deployment, key, tables)
    taken = await opened_by_hand(deployment, account).take_in(
        tables, by=by.name, as_of=as_of, correct=correct
    )
    refs = {
        "done": str(taken.done),
        "refused": str(taken.refused),
        "corrected": str(taken.corrected),
        "faults": str(len(taken.faults)),
    }
    await record_hand_act(deployment, "import_batch", by, account, refs)
    return Told(account=account.key, marketplace=account.marketplace, taken=taken)


async def tell_account(
    deployment: Deployment, key: str, word: Word, *, by: Actor, as_of: datetime | None
) -> Told:
    """Take a person's word for all that an account holds; without *as_of*, now.

    Raises:
        NoSuchAccountError: There is no such account by hand, or it is not clear which.
        UntakenWordError: It cannot be so.
        PlanError: Who says so is not named.
        MarketplaceError: The folder of the account is of no use.
    """
    ensure_named(by)
    account = await _meant(deployment, key, ())
    at = as_of or deployment.clock()
    taken = await opened_by_hand(deployment, account).take_word(
        word, by=by.name, as_of=at
    )
    refs = {"word": word.value, "as_of": at.isoformat()}
    await record_hand_act(deployment, "tell_account", by, account, refs)
    return Told(account=account.key, marketplace=account.marketplace, taken=taken)


async def _written(
    deployment: Deployment, account: Account, batch: Batch
) -> BatchWritten:
    """Write the workbook of a batch and its pictures."""
    name = f"{_PLAIN.sub('-', batch.account)}-lo-{batch.number:04}"
    content = await _workbook(deployment, batch)
    file = _free(batch.folder, name)
    with write_whole(file) as stream:
        stream.write(content)
    folder, written, elsewhere = batch.folder / f"{name}-anh", 0, list[str]()
    for picture, address in batch.pictures.items():
        # One by one: all pictures of a batch at once are some hundred megabytes.
        hash_ = hash_in(address)
        kept = hash_ and await picture_for(deployment.database, hash_, WHOLE_CATALOG)
        if not kept:
            elsewhere.append(address)
            continue
        _make(folder)
        with write_whole(folder / picture) as stream:
            stream.write(kept)
        written += 1
    return BatchWritten(
        marketplace=account.marketplace,
        batch=batch,
        file=file,
        pictures=folder if written else None,
        written=written,
        elsewhere=list(dict.fromkeys(elsewhere)),
    )


async def _workbook(deployment: Deployment, batch: Batch) -> bytes:
    sellers = sellers_of(batch)
    async with deployment.database.read() as conn:
        names: Mapping[str, str] = await names_of(conn, sellers) if sellers else {}

    def write() -> bytes:
        stream = BytesIO()
        write_batch(stream, batch, names)
        return stream.getvalue()

    return await asyncio.to_thread(write)


def _free(folder: Path, name: str) -> Path:
    """Return a file that is not there yet: what people fill in is never replaced."""
    for n in range(1, _MOST_COPIES):
        file = folder / (f"{name}.xlsx" if n == 1 else f"{name}-ban-{n}.xlsx")
        if not file.exists():
            return file
    message = f"{folder}: quá nhiều bản của {name} / too many copies of it"
    raise NotWrittenError(message)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        message = f"{folder}: không tạo được / cannot be made: {error.strerror}"
        raise NotWrittenError(message) from error


async def _meant(deployment: Deployment, key: str, tables: Sequence[Table]) -> Account:
    """Return the account that is meant: by its key, or by the tickets of a file."""
    there = accounts_by_hand(deployment)
    if not key and tables and len(there) > 1:
        for each in there:
            if await opened_by_hand(deployment, each).knows(tables):
                return each
    return account_by_hand(deployment, key)
