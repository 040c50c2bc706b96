"""The checks of rules on certificates: E00 to E03.

A product without certified stars is E00's finding, one whose certificate is not in
force E02's, and one whose stars were revoked E03's: each fault is found once.
"""

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Final

from catalog.eligibility.product_facts import HeldCertificate, ProductFacts
from catalog.eligibility.rule import CONTENT, Reasons, Rule
from catalog.eligibility.verdict import NOT_KNOWN, Reason, Text
from catalog.model.certificate import Certificate
from catalog.model.fact import Fact
from catalog.text import fold

_OF_DECISION: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "decision": Text("số", "number"),
        "body": Text("cơ quan", "authority"),
        "decided_on": Text("ngày", "day"),
    }
)


def is_ocop_product(facts: ProductFacts, rule: Rule) -> Reasons:
    """E00: certified with 3 to 5 stars at some time, and not a service."""
    reasons: list[Reason] = []
    if facts.product.set_code in rule.sets:
        reasons += rule.found("service")
    elif facts.product_set is None:
        reasons += rule.missing("no_set", code=facts.product.set_code or NOT_KNOWN)
    if not facts.held and facts.certificates:
        most = max(each.stars or 0 for each in facts.certificates)
        reasons += rule.found("few_stars", stars=most)
    elif not facts.stars_stated:
        reasons += rule.missing("no_stars")
    return tuple(reasons)


def is_recognised_by_the_right_body(facts: ProductFacts, rule: Rule) -> Reasons:
    """E01: granted by the body that was right on the day of the decision."""
    certificate = facts.current.certificate if facts.current else None
    if certificate is None or certificate.decided_on is None or not certificate.body:
        return CONTENT
    bodies = facts.tables.bodies.at(certificate.decided_on)
    if bodies is None or certificate.stars is None:
        return CONTENT
    right = bodies[certificate.stars]
    if certificate.body == right or fold(certificate.body) == fold(right):
        return CONTENT
    return rule.found(
        "other_body",
        stars=certificate.stars,
        body=certificate.body,
        right=right,
        day=certificate.decided_on,
    )


def has_a_valid_certificate(facts: ProductFacts, rule: Rule) -> Reasons:
    """E02: a certificate of 3 to 5 stars is in force on the day.

    A decision of a day to come, beside others, changes nothing before its day.
    """
    if len(facts.held) == 1:
        return _in_force(facts, rule)
    return _in_force(facts, rule) + _ahead(facts, rule) + _twice(facts, rule)


def _in_force(facts: ProductFacts, rule: Rule) -> Reasons:
    if facts.certified is Fact.NO and facts.voided and facts.revoked is not Fact.YES:
        return _voided(facts.voided, rule)
    if facts.certified is Fact.YES or not facts.stars_stated:
        return CONTENT  # without stars, E00 speaks
    if facts.certified is Fact.NO:
        return CONTENT if facts.revoked is Fact.YES else _ended(facts, rule)
    if facts.revoked is not Fact.NO:
        return CONTENT  # E03 says what is not known
    unclear = next(held for held in facts.held if held.in_force is Fact.UNKNOWN)
    return _unclear(unclear, rule)


def is_not_revoked(facts: ProductFacts, rule: Rule) -> Reasons:
    """E03: no decision has revoked its stars; a proposal is a warning."""
    if facts.revoked is not Fact.NO:
        revoked = next(held for held in facts.held if held.revoked is facts.revoked)
        return _revoked(revoked, rule)
    for held in facts.held:
        if held.certificate.revocation_proposed and held.in_force is not Fact.NO:
            return rule.found("proposed", certificate=_name_of(held.certificate))
    return CONTENT


def _name_of(certificate: Certificate) -> Text:
    if certificate.decision:
        return Text(certificate.decision, certificate.decision)
    if certificate.year is not None:
        return Text(f"năm {certificate.year}", f"of {certificate.year}")
    return Text("chưa rõ số quyết định", "of unknown number")


def _ended(facts: ProductFacts, rule: Rule) -> Reasons:
    """Say that every certificate has ended, or is yet to begin."""
    terms = [held.term for held in facts.held if held.term is not None]
    begun = [term for term in terms if term.granted_from <= facts.day]
    if not begun:
        first = min(terms, key=lambda term: term.granted_from)
        return rule.found("not_yet", day=first.granted_from)
    return rule.found("ended", day=max(term.last for term in begun))


def _ahead(facts: ProductFacts, rule: Rule) -> Reasons:
    """Say that a decision beside others is of a day to come."""
    days = [held.certificate.decided_on for held in facts.held]
    coming = [day for day in days if day is not None and day > facts.day]
    if not coming or len(coming) == len(days):
        return CONTENT  # by themselves, they are not in force yet
    first = facts.held[days.index(min(coming))].certificate
    return rule.found("ahead", certificate=_name_of(first), day=min(coming))


def _twice(facts: ProductFacts, rule: Rule) -> Reasons:
    """Say that one decision is known with two days: one of them is wrong."""
    for held, other in combinations(facts.held, 2):
        one, two = held.certificate, other.certificate
        if one.decided_on != two.decided_on and one.may_be(two):
            days = tuple(sorted(filter(None, (one.decided_on, two.decided_on))))
            return rule.found("twice", certificate=_name_of(one), days=days)
    return CONTENT


def _voided(certificate: Certificate, rule: Rule) -> Reasons:
    """Say that the certificate was entered by mistake, as a person stated."""
    day = certificate.voided_on or NOT_KNOWN
    return rule.found("voided", certificate=_name_of(certificate), day=day)


def _unclear(held: HeldCertificate, rule: Rule) -> Reasons:
    """Say why it is not known whether *held* is in force."""
    certificate = held.certificate
    if not held.enough:
        name, lacks = _name_of(certificate), certificate.lacks
        if not lacks or len(lacks) == len(_OF_DECISION):
            return rule.missing("published", certificate=name)
        lacking = tuple(_OF_DECISION[each] for each in lacks)
        return rule.missing("incomplete", certificate=name, lacking=lacking)
    if held.term is None:
        return rule.missing("no_day", certificate=_name_of(certificate))
    if held.within is not Fact.UNKNOWN:
        return rule.missing("no_stars", certificate=_name_of(certificate))
    return rule.missing("year_only", year=certificate.year, last=held.term.last)


def _revoked(held: HeldCertificate, rule: Rule) -> Reasons:
    """Return the reason of a revocation, or its unknown part."""
    certificate = held.certificate
    number = certificate.revoked_by or NOT_KNOWN
    if held.revoked is Fact.YES and certificate.revoked_on is not None:
        return rule.found("revoked", number=number, day=certificate.revoked_on)
    if certificate.revoked_on is None:
        return rule.missing("no_day", number=number)
    return rule.missing("replaced_perhaps", number=number, day=certificate.revoked_on)
