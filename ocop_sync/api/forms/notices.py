"""Notices as they are shown: in words, with how far each has got."""

from collections.abc import Iterable
from typing import Any, Literal

from ocop_sync.api.typed.values import Count, Instant, Model, Page
from ocop_sync.service.notices.log import NoticeEntry, Tried
from ocop_sync.store.notices import Delivery, DeliveryState


class DeliveryForm(Model):
    """How far a notice has got by one way."""

    sender: str
    """The way: `webhook` or `mail`."""
    state: Literal["waiting", "sent", "dead"]
    """Whether it waits, was sent, or was given up."""
    attempts: Count
    """How often it was tried."""
    next_at: Instant | None
    """When it is tried next; null if it is not."""
    sent_at: Instant | None
    """When it was sent; null if it was not."""
    error: str
    """The kind of the last error, or empty."""


class NoticeForm(Model):
    """What was told, or is to be told."""

    id: int
    """Its number."""
    message_id: str
    """Its name for receivers: the same at each attempt."""
    kind: str
    """What it is about, such as `account_down`."""
    part: Literal["begun", "ended"]
    """Whether its thing has begun to stand, or has ended."""
    made_at: Instant
    """When that was."""
    ended_at: Instant | None
    """When its thing has ended; null while it stands."""
    simulated: bool
    """It is about a simulated marketplace."""
    title_vi: str
    """It in one line, in Vietnamese."""
    title_en: str
    """The same in English."""
    text_vi: str
    """More of it, and where to look, in Vietnamese."""
    text_en: str
    """The same in English."""
    details: dict[str, Any]
    """The ids, numbers and days that it tells."""
    deliveries: tuple[DeliveryForm, ...]
    """How far it has got, by each way that was set then."""


class NoticePage(Page[NoticeForm]):
    """A page of notices, the newest first."""


class NoticeList(Model):
    """Notices, the newest first."""

    notices: tuple[NoticeForm, ...]
    """The notices."""


def notice_form(entry: NoticeEntry) -> NoticeForm:
    """Return a notice as it is shown."""
    notice, message = entry.notice, entry.message
    return NoticeForm(
        id=notice.id,
        message_id=notice.message_id,
        kind=notice.kind,
        part=notice.part.value,
        made_at=notice.made_at,
        ended_at=notice.ended_at,
        simulated=notice.simulated,
        title_vi=message.title.vi,
        title_en=message.title.en,
        text_vi=message.text.vi,
        text_en=message.text.en,
        details=dict(notice.details),
        deliveries=tuple(map(_delivery_form, entry.deliveries)),
    )


def _delivery_form(each: Delivery) -> DeliveryForm:
    is_waiting = each.state is DeliveryState.WAITING
    return DeliveryForm(
        sender=each.sender,
        state=each.state.value,
        attempts=each.attempts,
        next_at=each.next_at if is_waiting else None,
        sent_at=each.sent_at,
        error=each.error,
    )


class TriedWayForm(Model):
    """A way by which a notice was tried."""

    sender: str
    """Its name."""
    error: str | None
    """The kind of its error; null if the notice has arrived."""


class TriedForm(Model):
    """What became of a notice that was sent to try."""

    ways: tuple[TriedWayForm, ...]
    """Each way that is set."""


def tried_form(found: Iterable[Tried]) -> TriedForm:
    """Return what became of a notice that was sent to try, as it is shown."""
    return TriedForm(
        ways=tuple(TriedWayForm(sender=e.sender, error=e.error or None) for e in found)
    )
