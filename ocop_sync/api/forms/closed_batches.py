"""A batch that was closed over the API, and one that was called off, as they are shown.

How batches stand, and what came of a file, is in `ocop_sync.api.forms.hand_batches`.
"""

from urllib.parse import quote

from ocop_sync.api.typed.values import Count, Instant, Model, Number
from ocop_sync.marketplace.by_hand import Batch


class ClosedBatchForm(Model):
    """A batch that was closed."""

    account: str
    """Key of the account."""
    number: Number
    """Its number at this account."""
    closed_at: Instant
    """When it was closed."""
    closed_by: str
    """By whom."""
    rows: Count
    """How many rows it has."""
    downs: Count
    """How many of them take a listing down: their sheet comes first."""
    pictures: Count
    """How many pictures belong to it."""
    workbook: str
    """The address of its workbook over the API."""
    pictures_file: str | None
    """The address of its pictures, as one ZIP; null if it has none."""


class CalledOffForm(Model):
    """What came of calling a batch off."""

    account: str
    """Key of the account."""
    number: Number
    """The number of the batch."""
    open_again: Count
    """How many of its rows go into the next batch."""


def closed_batch_form(batch: Batch) -> ClosedBatchForm:
    """Return a batch that was closed, as it is shown."""
    place = f"/api/v1/accounts/{quote(batch.account, safe='')}/batches/{batch.number}"
    return ClosedBatchForm(
        account=batch.account,
        number=batch.number,
        closed_at=batch.closed_at,
        closed_by=batch.closed_by,
        rows=batch.rows,
        downs=batch.downs,
        pictures=len(batch.pictures),
        workbook=f"{place}/workbook",
        pictures_file=f"{place}/pictures" if batch.pictures else None,
    )
