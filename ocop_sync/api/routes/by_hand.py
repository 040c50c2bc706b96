"""Accounts that people work: batches out, what they have done in, how it stands.

At the command line a batch is written into the folder of its account; here it is sent.
"""

from typing import Final

from catalog.values import replace
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, deployment_of, long_work_of
from ocop_sync.api.forms.closed_batches import (
    CalledOffForm,
    ClosedBatchForm,
    closed_batch_form,
)
from ocop_sync.api.forms.hand_batches import (
    HandAccountsForm,
    TakenForm,
    hand_account_form,
    taken_form,
)
from ocop_sync.api.problems import (
    FEED_REFUSED,
    MARKETPLACE_AWAY,
    MARKETPLACE_FAILED,
    NOT_POSSIBLE,
)
from ocop_sync.api.routes.accounts import AccountPath
from ocop_sync.api.routes.imports import CSV, MOST_BYTES, XLSX
from ocop_sync.api.routes.sheets import ZIP, made_file
from ocop_sync.api.typed.body import UploadRule
from ocop_sync.api.typed.call import Answer, Call, Upload
from ocop_sync.api.typed.file_sending import StoredFile
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Instant, Model, Number
from ocop_sync.marketplace.by_hand import Word
from ocop_sync.service.department.hand_batches import (
    call_off_batch,
    hand_accounts,
    tell_account,
)
from ocop_sync.service.department.hand_downloads import (
    close_batch,
    import_file,
    write_batch_pictures,
    write_batch_workbook,
)

TAG: Final = "by_hand"

_OF_THE_FOLDER: Final = (NOT_FOUND, MARKETPLACE_AWAY, MARKETPLACE_FAILED)
"""No such account or batch; its folder is in use too long, or of no use."""
_UNREAD: Final = "không đọc được / it cannot be read"


class BatchPath(AccountPath):
    """Which batch."""

    batch: Number
    """Its number at this account."""


class TellingQuery(Model):
    """What is said of a file."""

    as_of: Instant | None = None
    """When it was so; needed for the marketplace's own list, and now for a batch that
    comes back if left out."""
    correct: bool = False
    """Other answers replace those that were told before."""


class WordForm(Model):
    """What a person says of a whole account."""

    word: Word
    """Nothing is listed there; or what is known of it is all there is."""
    as_of: Instant | None
    """When it was so; null is now."""


@operation(
    "GET",
    "/api/v1/hand-accounts",
    summary="How the work of people stands, at accounts without an API",
    allowed=STAFF,
    tag=TAG,
)
async def list_hand_accounts(call: Call) -> HandAccountsForm:
    """Tell of each account what waits, what is out, and what must go down."""
    ensure_whole(asker_of(call))
    deployment = deployment_of(call)
    now, found = deployment.clock(), await hand_accounts(deployment)
    # Danger: why one cannot be read may name a folder.
    told = (replace(each, why=each.why and _UNREAD) for each in found)
    return HandAccountsForm(
        accounts=tuple(hand_account_form(each, now) for each in told)
    )


@operation(
    "POST",
    "/api/v1/accounts/{key}/batches",
    summary="Close what waits as a batch",
    allowed=STAFF,
    tag=TAG,
    status=201,
    problems=(*_OF_THE_FOLDER, NOT_POSSIBLE),
    takes_key=True,
)
async def close_account_batch(call: Call, path: AccountPath) -> Answer[ClosedBatchForm]:
    """Close the open rows of an account as a day's work of a person.

    What must go down comes first, on a sheet of its own.
    """
    asker = asker_of(call)
    ensure_whole(asker)
    batch = await close_batch(deployment_of(call), path.key, by=asker.actor)
    form = closed_batch_form(batch)
    return Answer(value=form, headers={"Location": form.workbook})


@operation(
    "GET",
    "/api/v1/accounts/{key}/batches/{batch}/workbook",
    summary="The workbook of a batch",
    allowed=STAFF,
    tag=TAG,
    media_types=(XLSX,),
    problems=_OF_THE_FOLDER,
)
async def get_batch_workbook(call: Call, path: BatchPath) -> StoredFile:
    """Return the sheets of a batch, to be carried out and filled in."""
    name, of = f"lo-{path.batch:04}", (path.key, path.batch)
    return await made_file(call, name, "xlsx", write_batch_workbook, *of)


@operation(
    "GET",
    "/api/v1/accounts/{key}/batches/{batch}/pictures",
    summary="The pictures of a batch",
    allowed=STAFF,
    tag=TAG,
    media_types=(ZIP,),
    problems=(*_OF_THE_FOLDER, NOT_POSSIBLE),
)
async def get_batch_pictures(call: Call, path: BatchPath) -> StoredFile:
    """Return the pictures of a batch as one ZIP, by the names that its rows give."""
    name, of = f"lo-{path.batch:04}-anh", (path.key, path.batch)
    return await made_file(call, name, "zip", write_batch_pictures, *of)


@operation(
    "POST",
    "/api/v1/accounts/{key}/batches/{batch}/call-off",
    summary="Let a batch be carried out by nobody",
    allowed=STAFF,
    tag=TAG,
    problems=_OF_THE_FOLDER,
    takes_key=True,
)
async def call_off_account_batch(call: Call, path: BatchPath) -> CalledOffForm:
    """Put the rows of a batch of which nothing was told into the next one.

    If it turns up all the same, its answers are taken.
    """
    asker = asker_of(call)
    ensure_whole(asker)
    again = await call_off_batch(
        deployment_of(call), path.key, path.batch, by=asker.actor
    )
    return CalledOffForm(account=path.key, number=path.batch, open_again=again)


@operation(
    "POST",
    "/api/v1/accounts/{key}/tellings",
    summary="Hand in a filled-in batch, or the marketplace's own list",
    allowed=STAFF,
    tag=TAG,
    upload=UploadRule(media_types=(XLSX, CSV), most_bytes=MOST_BYTES),
    problems=(*_OF_THE_FOLDER, NOT_POSSIBLE, FEED_REFUSED),
    takes_key=True,
)
async def tell_by_file(
    call: Call, path: AccountPath, query: TellingQuery, upload: Upload
) -> TakenForm:
    """Take what people have done, line by line; what has a fault is named, not guessed.

    The same file twice changes nothing. Other answers than were told before are taken
    with `correct` alone.
    """
    asker = asker_of(call)
    ensure_whole(asker)
    told = await long_work_of(call).do(
        import_file,
        upload.path,
        path.key,
        by=asker.actor,
        as_of=query.as_of,
        correct=query.correct,
    )
    return taken_form(told)


@operation(
    "POST",
    "/api/v1/accounts/{key}/word",
    summary="Give one's word for all that an account holds",
    allowed=STAFF,
    tag=TAG,
    problems=(*_OF_THE_FOLDER, NOT_POSSIBLE),
    takes_key=True,
)
async def tell_by_word(call: Call, path: AccountPath, body: WordForm) -> TakenForm:
    """Say, by name, that an account is empty, or that what is known of it is all."""
    asker = asker_of(call)
    ensure_whole(asker)
    told = await tell_account(
        deployment_of(call), path.key, body.word, by=asker.actor, as_of=body.as_of
    )
    return taken_form(told)


OPERATIONS: Final = (
    list_hand_accounts,
    close_account_batch,
    get_batch_workbook,
    get_batch_pictures,
    call_off_account_batch,
    tell_by_file,
    tell_by_word,
)
