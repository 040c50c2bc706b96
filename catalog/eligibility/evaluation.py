"""Apply every rule to a product: the verdict, and when it next changes."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from catalog.eligibility.product_facts import HeldCertificate, ProductFacts, facts_of
from catalog.eligibility.rule import Rule, Tables
from catalog.eligibility.verdict import STRENGTH, Reason, Verdict, weigh
from catalog.model.gs1 import shown_page
from catalog.model.producer import Producer
from catalog.model.product import Product
from catalog.vietnam_time import day_in_vietnam, start_of

_DAY: Final = timedelta(days=1)

Step = tuple[date, Callable[[ProductFacts, Rule], tuple[Reason, ...]], Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules and tables, as loaded by `catalog.eligibility.load_rules`.

    Attributes:
        version: Fingerprint of the files' content and of the settings: equal
            versions give equal verdicts.
        accept_published: Whether a public report is evidence enough.
        rules: The rules by code, in order.
        tables: The tables that they look things up in.
        steps: Each rule, in order, with its check and the day it starts on.
        dated_steps: Those of them that may find something else on another day.
        lasting: The codes of all others.
        boundaries: The days from which a rule or a table may decide otherwise,
            ascending.
    """

    version: str
    accept_published: bool
    rules: Mapping[str, Rule]
    tables: Tables
    steps: tuple[Step, ...]
    dated_steps: tuple[Step, ...]
    lasting: frozenset[str]
    boundaries: tuple[date, ...]


def evaluate(
    product: Product,
    producer: Producer | None,
    at: datetime,
    rules: Rules,
    *,
    earlier: Verdict | None = None,
) -> Verdict:
    """Decide on the sale of *product*, with every reason.

    Args:
        product: The product.
        producer: Its producer, if known.
        at: An aware instant; its day in Vietnam counts.
        rules: The rules.
        earlier: The verdict of another instant on the same facts by the same rules:
            whatever hangs on no day is taken from it.
    """
    day = day_in_vietnam(at)
    facts = facts_of(
        product, producer, day, rules.tables, accept_published=rules.accept_published
    )
    reasons = _reasons(facts, rules, earlier)
    if earlier is not None:
        trace_page = earlier.trace_page
    else:
        trace_page = shown_page(product.trace_url, rules.tables.trace_hosts)
    current = facts.current
    return Verdict(
        product_id=product.id,
        standing=weigh(reasons),
        reasons=reasons,
        certified=facts.certified,
        stars_stated=facts.stars_stated,
        stars=current.certificate.stars if current else None,
        certificate=current.certificate if current else None,
        claim_ends_on=_claim_ends_on(current) if current else None,
        trace_page=trace_page,
        changes_at=_changes_at(facts, rules),
    )


def _reasons(
    facts: ProductFacts, rules: Rules, earlier: Verdict | None
) -> tuple[Reason, ...]:
    found: list[Reason] = []
    day, steps = facts.day, rules.steps
    if earlier is not None:
        found = [each for each in earlier.reasons if each.code in rules.lasting]
        steps = rules.dated_steps
    for since, look, rule in steps:
        if since <= day:
            found += look(facts, rule)
    if len(found) > 1:
        found.sort(key=_rank)
    return tuple(found)


def _rank(reason: Reason) -> tuple[int, str, bool]:
    return STRENGTH[reason.outcome], reason.code, not reason.known


def _claim_ends_on(current: HeldCertificate) -> date | None:
    """Return the last day of the certificate in force, if it is known."""
    if current.term is None or not current.term.known:
        return None
    revoked_on = current.certificate.revoked_on
    last = current.term.last
    return last if revoked_on is None else min(last, revoked_on - _DAY)


def _changes_at(facts: ProductFacts, rules: Rules) -> datetime | None:
    """Return the start, in UTC, of the next day that may decide otherwise."""
    place = bisect_right(rules.boundaries, facts.day)
    coming = rules.boundaries[place : place + 1]
    own = facts.next_boundary()
    if own is not None:
        coming = (own, *coming)
    return start_of(min(coming)).astimezone(UTC) if coming else None
