"""Worklists for people: certificates that end, papers that lack.

The recognising decision is a paper, too: without its number, authority and day a
certificate proves nothing.

Pure: the facts of each product, and the verdict on it, are arguments.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from catalog.db.provenance import Provenance
from catalog.eligibility import Outcome, Standing, Verdict
from catalog.eligibility.verdict import Reason, Text
from catalog.model.paper import PaperKind
from catalog.model.product import Entry, Product
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam

NOTICE: Final = timedelta(days=30)
"""The producer is told at least so long before the end (Decision 148/QĐ-TTg)."""

_DAY: Final = timedelta(days=1)
_LACK: Final = {"none": "missing", "ended": "expired", "not_attested": "unknown"}
"""The meaning of the findings of rules about papers."""
_DECISION: Final = frozenset({"incomplete", "published"})
"""Findings about a recognising decision that is unknown, or half known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A certificate that ends soon.

    Attributes:
        ends_on: Last day, in Vietnam, of the claim.
        days_left: Days after today up to it; 0 on the last day.
        notify_by: Last day on which the producer is told in time.
        late: Whether that day has passed.
        product: Its name; that of its *producer*, and the *decision*, may be "".
        producer_id: The producer.
        commune: The code of its commune since 1 July 2025, or "".
    """

    ends_on: date
    days_left: int
    notify_by: date
    late: bool
    product_id: str
    product: str
    producer: str
    skus: tuple[str, ...]
    stars: int
    decision: str
    producer_id: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A product whose certificates have ended, and none is in force.

    Attributes:
        ended_on: The last day, in Vietnam, of the latest one.
        product: Its name.
        producer_id: The producer.
        commune: The code of its commune since 1 July 2025, or "".
        seen: The finding.
        todo: The advice for it.
    """

    ended_on: date
    product_id: str
    product: str
    producer_id: str
    commune: str
    seen: Text
    todo: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A paper for want of which a product is held or blocked.

    Attributes:
        product: Its name; that of its *producer* may be "".
        rule: Code of the rule that asks for the paper.
        paper: The name of the paper, and its missing part.
        state: "missing" (known not to be there), "expired", or "unknown".
        blocks: Whether the product may not be on sale; else its new listing waits.
        since: Its first day: the one after the end of the paper, the one of the last
            word on it, or the one on which the product came into the catalog; None
            if there is no trace.
        todo: The advice for it.
        producer_id: The producer.
        commune: The code of its commune since 1 July 2025, or "".
    """

    product_id: str
    product: str
    producer: str
    skus: tuple[str, ...]
    rule: str
    paper: Text
    state: str
    blocks: bool
    since: date | None
    todo: Text
    producer_id: str = ""
    commune: str = ""


def ending(entry: Entry, verdict: Verdict, today: date, days: int) -> Ending | None:
    """Return the certificate of a product if it ends within *days* days."""
    last = verdict.claim_ends_on
    if last is None or verdict.certificate is None or verdict.stars is None:
        return None
    days_left = (last - today).days
    if not 0 <= days_left <= days:
        return None
    product, producer = entry
    return Ending(
        ends_on=last,
        days_left=days_left,
        notify_by=last - NOTICE,
        late=today > last - NOTICE,
        product_id=product.id,
        product=product.name,
        producer=producer.name if producer else "",
        skus=_skus(product),
        stars=verdict.stars,
        decision=verdict.certificate.decision,
        producer_id=product.producer_id or "",
        commune=_commune(entry),
    )


def as_of(end: Ending, today: date) -> Ending:
    """Return *end* as it is told on another day, on which the verdict is the same."""
    days_left = (end.ends_on - today).days
    if days_left == end.days_left:
        return end
    return replace(end, days_left=days_left, late=today > end.notify_by)


def ended(entry: Entry, verdict: Verdict) -> Ended | None:
    """Return the end of a product's certificates if none of them is in force now."""
    product = entry[0]
    for reason in verdict.reasons:
        day = dict(reason.details).get("day")
        is_end = reason.about_end and reason.known and reason.key == "ended"
        if is_end and isinstance(day, date):
            return Ended(
                ended_on=day,
                product_id=product.id,
                product=product.name,
                producer_id=product.producer_id or "",
                commune=_commune(entry),
                seen=reason.seen,
                todo=reason.todo,
            )
    return None


def _commune(entry: Entry) -> str:
    producer = entry[1]
    return producer.address.commune_code if producer else ""


def in_order(found: Iterable[Ending]) -> list[Ending]:
    """Return *found*, the earliest end first."""
    return sorted(found, key=lambda each: (each.ends_on, each.product_id))


def lacks(
    entry: Entry,
    verdict: Verdict,
    provenance: Provenance,
    names: Mapping[PaperKind, Text],
) -> Iterator[Lack]:
    """Return the papers for want of which a product is held or blocked.

    A product that is no goods for a marketplace needs none.
    """
    product, producer = entry
    if verdict.standing is Standing.OUT_OF_SCOPE:
        return
    for reason in verdict.reasons:
        paper = _paper_of(reason)
        if reason.outcome is Outcome.WARN or paper is None:
            continue
        yield Lack(
            product_id=product.id,
            product=product.name,
            producer=producer.name if producer else "",
            skus=_skus(product),
            rule=reason.code,
            paper=paper,
            state=_LACK.get(reason.key, "unknown"),
            blocks=reason.known,
            since=_since(entry, reason, provenance, names),
            todo=reason.todo,
            producer_id=product.producer_id or "",
            commune=_commune(entry),
        )


def _paper_of(reason: Reason) -> Text | None:
    """Return which paper a reason asks for; None if it is about something else."""
    details = dict(reason.details)
    paper = details.get("paper")
    if isinstance(paper, Text):
        return paper
    if not reason.about_end or reason.key not in _DECISION:
        return None
    form = _HALF_KNOWN if "lacking" in details else _NOT_KNOWN
    return form.filled(reason.details)


_NOT_KNOWN: Final = Text(
    "quyết định công nhận ({certificate})", "recognising decision ({certificate})"
)
_HALF_KNOWN: Final = Text(
    "quyết định công nhận ({certificate}): thiếu {lacking}",
    "recognising decision ({certificate}): lacks {lacking}",
)


def _skus(product: Product) -> tuple[str, ...]:
    return tuple(variant.sku for variant in product.variants)


def _since(
    entry: Entry,
    reason: Reason,
    provenance: Provenance,
    names: Mapping[PaperKind, Text],
) -> date | None:
    product, details = entry[0], dict(reason.details)
    last = details.get("day")
    if isinstance(last, date):
        return last + _DAY
    for paper in product.papers:
        if names[paper.kind] == details.get("paper") and paper.held.on is not None:
            return paper.held.on
    first = provenance.of(product.id, "", "")
    return None if first is None else day_in_vietnam(first.at)
