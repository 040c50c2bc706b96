"""What has happened to a product: every change of it, with who and why.

It is the timeline of the catalog (`catalog.queries.timeline`), and what was sent to
marketplaces (`ocop_sync.service.queries.history`), as staff read them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.feed.headings.display import author_in_words
from catalog.model.actor import ActorKind
from catalog.model.reach import WHOLE_CATALOG
from catalog.queries.timeline import TimelinePage, timeline_page
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.sent import ledger_page
from ocop_sync.store.runs.run_history import Which


class Doer(StrEnum):
    """How who has made a change is known."""

    NAMED = "named"
    """By a name."""
    FORGOTTEN = "forgotten"
    """The name was erased."""
    SERVICE = "service"
    """The service itself, by a rule."""
    AUTHOR = "author"
    """By the name under which it was kept, without an act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One change.

    Attributes:
        n: Its number in the history.
        at: Its instant, in UTC.
        entity: What was changed: "product", "variant", "certificate" and so on.
        key: Which of its parts, such as the SKU of a pack; "" of the whole.
        field: Which field; "" for all of a new or gone thing.
        before: As it was, by column; None if there was nothing, or it is not known.
        after: The same since.
        erased: Values of it are erased.
        doer: How who has made it is known.
        who: The name of who has made it, or "".
        acts_for: The producer for whom that was done, or "".
        reason: The words that came with it, or "".
        file: The file of the import that made it, or "".
        undoes: It takes that import back.
    """

    n: int
    at: datetime
    entity: str
    key: str
    field: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    erased: bool
    doer: Doer
    who: str
    acts_for: str
    reason: str
    file: str
    undoes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Some changes of a product or producer, the latest first.

    Attributes:
        of: Its id.
        name: Its name.
        lines: The changes.
        next: The number before which the next page goes on; None if none follows.
        is_whole: On the last page: they reach back to when it was made.
    """

    of: str
    name: str
    lines: Sequence[StoryLine]
    next: int | None
    is_whole: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """One change that was sent to a marketplace.

    Attributes:
        at: When it was sent, in UTC.
        marketplace: Where.
        kind: The kind of change.
        why: Why, in the service's words.
        outcome: What has come of it; "" if nobody knows yet.
        words: The marketplace's words on it, or "".
    """

    at: datetime
    marketplace: str
    kind: str
    why: str
    outcome: str
    words: str


async def story_of(
    deployment: Deployment, code: str, *, before: int | None = None, size: int
) -> Story:
    """Return the *size* changes of a product or producer before the number *before*.

    Raises:
        NotInCatalogError: There is no such code.
    """
    found: TimelinePage = await deployment.database.fetch(
        timeline_page, code, reach=WHOLE_CATALOG, before=before, size=size
    )
    return Story(
        of=found.of.id,
        name=found.of.name,
        lines=_lines(found),
        next=found.next,
        is_whole=found.is_whole,
    )


def _lines(page: TimelinePage) -> list[StoryLine]:
    found = []
    for each in page.changes:
        where, by = each.change.where, each.by
        doer, who = Doer.AUTHOR, author_in_words(each.author)
        if by is not None:
            doer, who = Doer.NAMED, by.name or by.ref or by.os_user
            if each.is_forgotten:
                doer, who = Doer.FORGOTTEN, ""
            elif by.kind is ActorKind.SERVICE:
                doer = Doer.SERVICE
        line = StoryLine(
            n=each.n,
            at=each.at,
            entity=where.entity.value,
            key=where.key,
            field=where.field,
            before=_by_column(where.field, each.change.before),
            after=_by_column(where.field, each.change.after),
            erased=each.change.erased,
            doer=doer,
            who=who,
            acts_for=by.acts_for if by else "",
            reason=each.reason,
            file=each.file,
            undoes=each.kind == "undo_import",
        )
        found.append(line)
    return found


def _by_column(field: str, value: Any) -> Mapping[str, Any] | None:
    """Return a value, or values by column, as values by column."""
    if isinstance(value, dict):
        return value
    return None if value is None else {field: value}


async def sent_of(
    deployment: Deployment, product_id: str, *, size: int
) -> Sequence[SentLine]:
    """Return the last *size* changes of a product that were sent, the latest first.

    Raises:
        NoSuchRunError: Nobody knows the product.
    """
    which = Which(subjects=[product_id])
    found = await ledger_page(deployment, which, after=None, size=size)
    return [
        SentLine(
            at=each.change.sent_at,
            marketplace=each.change.marketplace,
            kind=each.change.kind,
            why=each.change.why,
            outcome=each.change.outcome or "",
            words=each.change.words,
        )
        for each in found.changes.rows
    ]
