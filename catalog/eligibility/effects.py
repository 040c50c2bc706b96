"""The effects of a change of a product on buyers, fact by fact.

Each fact that takes something begins to do so on a day. Two states of a product are
compared: a fact that takes earlier than before, or at all, is an effect of the import
that made the change. Pure. A new product takes nothing: it is not on sale.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import NamedTuple

from catalog.eligibility import Outcome, Rules, evaluate
from catalog.model.certificate import Certificate, Validity
from catalog.model.effect import EffectKind
from catalog.model.fact import Fact
from catalog.model.paper import Paper
from catalog.model.product import Entry, Product, Variant
from catalog.vietnam_time import start_of

_DAY = timedelta(days=1)
_NEVER = date.max
_TERMS = frozenset({EffectKind.ENDED, EffectKind.PAPER})
"""The kinds with an end from the start: to enter one for the first time asks nothing.
"""
_LACKING = frozenset({"none", "ended"})
"""The findings of rules where a paper is known not to be held."""

_Fact = tuple[EffectKind, str]
"""A kind of effect, and its subject within the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An effect that an import enters.

    Attributes:
        product_id: Of which product.
        name: Its name.
        kind: The kind of the effect.
        key: Its subject within the product.
        decision: Number of the decision that is behind it, or "".
        asks: It counts towards the question about many. A first decision that
            is still in force takes nothing yet, and does not.
    """

    product_id: str
    name: str
    kind: EffectKind
    key: str = ""
    decision: str = ""
    asks: bool = True


class Comparison(NamedTuple):
    """The effects that one change of a product enters, and those that it lifts."""

    entered: list[Entered]
    lifted: list[_Fact]


def compare(before: Entry, after: Entry, day: date, rules: Rules) -> Comparison:
    """Return the effects that a change enters, and those that it lifts."""
    validity = rules.tables.validity
    was, now = dict(_begins(before, validity, day)), dict(_begins(after, validity, day))
    # Packs that are new were never offered.
    skus = {each.sku for each in before[0].variants}
    doubtful = {
        (each.kind, each.key) for each in before[0].effects if not each.confirmed
    }
    found = Comparison([], [])
    for fact in sorted(was.keys() | now.keys()):
        old, new = was.get(fact, _NEVER), now.get(fact, _NEVER)
        if old == new or (fact[0] is EffectKind.EMPTIED and fact[1] not in skus):
            continue
        if new < old and old > day:
            asks = new <= day or old != _NEVER or fact[0] not in _TERMS
            if fact[0] is EffectKind.PAPER and not (
                asks and _is_needed(before, after, max(new, day), rules)
            ):
                continue
            found.entered.append(_entered(before, after, fact, asks=asks))
        elif new == _NEVER or (new > day and fact[0] is EffectKind.PAPER):
            found.lifted.extend(_all_keys(before, fact))
        elif new > old and fact in doubtful:
            # Moved to a later day, and still by a sheet that nobody has confirmed.
            found.entered.append(_entered(before, after, fact, asks=False))
    old_stars, new_stars = _stars(before[0], validity), _stars(after[0], validity)
    if old_stars and new_stars and old_stars != new_stars:
        stars = _entered(before, after, (EffectKind.STARS, ""), asks=True)
        found.entered.append(stars)
    return found


def begins_later(entry: Entry, fact: _Fact, day: date, rules: Rules) -> bool:
    """Say whether a fact of a product takes nothing yet on *day*, but later."""
    begins = dict(_begins(entry, rules.tables.validity, day)).get(fact)
    return begins is not None and begins > day


def facts_with_effect(entry: Entry, day: date, rules: Rules) -> set[_Fact]:
    """Return the facts that take a product from buyers, or will."""
    return {fact for fact, _ in _begins(entry, rules.tables.validity, day)}


def _entered(before: Entry, after: Entry, fact: _Fact, *, asks: bool) -> Entered:
    product, (kind, key) = after[0], fact
    if kind is EffectKind.CONSENT and before[0].producer_id == product.producer_id:
        key = product.producer_id or ""
    return Entered(
        product_id=product.id,
        name=product.name,
        kind=kind,
        key=key,
        decision=_decision(before[0], product, kind, key),
        asks=asks,
    )


def _all_keys(before: Entry, fact: _Fact) -> list[_Fact]:
    """Return *fact*; where its producer is meant, under both of its keys."""
    if fact[0] is not EffectKind.CONSENT:
        return [fact]
    return [fact, (fact[0], before[0].producer_id or "")]


def _begins(
    entry: Entry, validity: Validity, day: date
) -> Iterator[tuple[_Fact, date]]:
    """Yield from which day each fact of a product takes it from buyers."""
    product, producer = entry
    if product.paused:
        yield (EffectKind.STOPPED, ""), date.min
    if producer is not None and producer.consent.value is Fact.NO:
        yield (EffectKind.CONSENT, ""), date.min
    for n, certificate in enumerate(product.certificates):
        if certificate.revoked_on is not None and not certificate.voided:
            yield (EffectKind.REVOKED, str(n)), certificate.revoked_on
    end = _first_day_without(product.certificates, validity, day)
    if end is not None:
        yield (EffectKind.ENDED, ""), end
    for paper in product.papers:
        if (over := _over(paper)) is not None:
            yield (EffectKind.PAPER, paper.kind.value), over
    for variant in product.variants:
        if not _is_offered(variant):
            yield (EffectKind.EMPTIED, variant.sku), date.min


def _first_day_without(
    certificates: Collection[Certificate], validity: Validity, day: date
) -> date | None:
    """Return from which day no certificate is in force; None if that is not known.

    A voided certificate was never there. Revocations aside: they are facts of their
    own.
    """
    starred = [each for each in certificates if each.starred is not Fact.NO]
    if starred and all(each.voided for each in starred):
        return date.min
    starred = [each for each in starred if not each.voided]
    terms = [term for each in starred if (term := validity.of(each)) is not None]
    if not terms or len(terms) < len(starred):
        return None
    if all(term.granted_from > day for term in terms):
        return date.min  # none has begun
    return max(term.last for term in terms) + _DAY


def _over(paper: Paper) -> date | None:
    """Return from which day *paper* is known not to be held; None if it is not."""
    if paper.held.value is Fact.NO:
        return date.min
    last = paper.expires_on
    if paper.held.value is Fact.UNKNOWN or last is None or last == _NEVER:
        return None
    return last + _DAY


def _is_offered(variant: Variant) -> bool:
    """Say whether any of *variant* is there to be sold, sales aside."""
    return (variant.on_hand or 0) - variant.reserved - variant.buffer > 0


def _is_needed(before: Entry, after: Entry, day: date, rules: Rules) -> bool:
    """Say whether a rule misses a paper on *day* that it did not miss before."""
    return bool(_missed(after, day, rules) - _missed(before, day, rules))


def _missed(entry: Entry, day: date, rules: Rules) -> set[tuple[str, object]]:
    """Return which rules miss which paper on *day*, if they do more than warn."""
    verdict = evaluate(*entry, start_of(day).astimezone(UTC), rules)
    return {
        (reason.code, dict(reason.details).get("paper"))
        for reason in verdict.reasons
        if reason.known
        and reason.key in _LACKING
        and reason.outcome is not Outcome.WARN
    }


def _stars(product: Product, validity: Validity) -> int | None:
    """Return the stars of the certificate that was granted last, if it has some.

    Of two on one day the one with fewer: so does the claim.
    """
    stated = [
        each
        for each in product.certificates
        if each.stars is not None and not each.voided
    ]
    if not stated:
        return None
    return max(stated, key=lambda each: _rank(each, validity)).stars


def _rank(certificate: Certificate, validity: Validity) -> tuple[date, int]:
    term = validity.of(certificate)
    granted = term.granted_from if term else date.min
    return granted, -(certificate.stars or 0)


def _decision(before: Product, now: Product, kind: EffectKind, key: str) -> str:
    """Return the number of the decision behind an effect, or ""."""
    if kind is EffectKind.REVOKED:
        return now.certificates[int(key)].revoked_by
    if kind not in (EffectKind.ENDED, EffectKind.STARS):
        return ""
    # Histories keep the order in which they were entered, not that of their days.
    changed = [each for each in now.certificates if each not in before.certificates]
    return changed[-1].decision if changed else ""
