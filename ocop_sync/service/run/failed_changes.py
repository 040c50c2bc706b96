"""The changes of a run that came to nothing: which, why, in the marketplace's words.

A run notes each as its outcome comes in; names are looked up once, at its end.
Failures with the same reason are grouped for people, and for the log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.eligibility import Text
from catalog.values import replace
from ocop_sync.engine.hold import named_in
from ocop_sync.engine.reasons.remedy import todo_of
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem

LONGEST_WORDS = 500
"""Characters that are kept of a failed change's words."""


NAMED = 5
"""Products that people are shown of those that failed alike."""
_OF_SELLERS = (Kind.PUT_SELLER, Kind.STOP_SELLER)


class Failed(StrEnum):
    """In which way a change has failed."""

    REFUSED = "refused"
    """The marketplace said no."""
    REFUSED_IN_REVIEW = "refused_in_review"
    """The marketplace took it in, and said no after its review."""
    UNKNOWN = "unknown"
    """It was sent and has no answer: it is read back before it is sent again."""
    NOT_SENT = "not_sent"
    """It is known not to have been applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedChange:
    """One change that came to nothing.

    Attributes:
        subject: The product, or the producer of a seller.
        failed: In which way.
        words: The marketplace's words, or ours where it said nothing; at most 500
            characters.
        problems: The problems that it named, with code and field.
        name: The product's name; "" of a seller, and before `with_names`.
    """

    marketplace: str
    account: str
    subject: str
    kind: str
    failed: Failed
    words: str
    problems: tuple[Problem, ...] = ()
    name: str = ""
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Changes that have failed for the same reason.

    Attributes:
        failed: In which way.
        words: The words of the first of them.
        todo: The advice for it, where the problems give one.
        changes: All of them, in the order in which they failed.
    """

    marketplace: str
    kind: str
    failed: Failed
    words: str
    todo: Text | None
    changes: Sequence[FailedChange]


def groups_of(changes: Iterable[FailedChange]) -> list[FailureGroup]:
    """Group *changes* by reason, the largest group first.

    Words differ from product to product where they name a price or a title: where
    a marketplace gives codes, these alone are compared.
    """
    together: dict[tuple[object, ...], list[FailedChange]] = {}
    for each in changes:
        named = tuple((p.code, p.field) for p in each.problems if p.code)
        key = (each.marketplace, each.kind, each.failed, named or each.words)
        together.setdefault(key, []).append(each)
    found = [_group(members) for members in together.values()]
    return sorted(found, key=lambda group: -len(group.changes))


def _group(members: Sequence[FailedChange]) -> FailureGroup:
    first = members[0]
    todo = todo_of(first.problems, of_seller=first.kind in _OF_SELLERS)
    if todo is not None:
        some = " ".join(dict.fromkeys(each.subject for each in members[:NAMED]))
        todo = named_in(todo, marketplace=first.marketplace, product=some)
    return FailureGroup(
        marketplace=first.marketplace,
        kind=first.kind,
        failed=first.failed,
        words=first.words,
        todo=todo,
        changes=members,
    )


async def with_names(
    conn: AsyncConnection, changes: Sequence[FailedChange]
) -> list[FailedChange]:
    """Return *changes* with the names and SKUs of their products."""
    ids = sorted({each.subject for each in changes})
    named: dict[str, tuple[str, tuple[str, ...]]] = {}
    for some in chunks(ids):
        for id_, (product, _) in (await reader.get(conn, some)).items():
            skus = tuple(variant.sku for variant in product.variants)
            named[id_] = product.name, skus
    unknown: tuple[str, tuple[str, ...]] = ("", ())
    return [
        replace(each, name=name, skus=skus)
        for each in changes
        for name, skus in [named.get(each.subject, unknown)]
    ]
