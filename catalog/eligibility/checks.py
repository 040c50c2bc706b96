"""The checks of the rules: one small function per rule.

A check returns its finding; the outcome, its first day and its decree stand in the
rule's file. It returns nothing where it is content.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import MappingProxyType
from typing import Final

from catalog.eligibility.case import EligibilityCase, HeldCertificate
from catalog.eligibility.rule import Rule
from catalog.eligibility.verdict import NOT_KNOWN, Reason, Text
from catalog.model.certificate import Certificate
from catalog.model.effect import EffectKind
from catalog.model.fact import Fact
from catalog.model.gs1 import host_of, is_gtin
from catalog.model.paper import PaperKind
from catalog.model.picture_address import WHY, fault_of, is_here, shown
from catalog.model.producer import Producer
from catalog.text import fold

Reasons = tuple[Reason, ...]

CONTENT: Final[Reasons] = ()
"""The rule is met, or does not concern the product."""

_FOOD_SAFETY: Final = (
    PaperKind.FOOD_SAFETY,
    PaperKind.FOOD_SAFETY_EXEMPTION,
    PaperKind.QUALITY_SYSTEM,
)


def is_ocop_product(case: EligibilityCase, rule: Rule) -> Reasons:
    """E00: certified with 3 to 5 stars at some time, and not a service."""
    reasons: list[Reason] = []
    if case.product.set_code in rule.sets:
        reasons += rule.found("service")
    elif case.product_set is None:
        reasons += rule.missing("no_set", code=case.product.set_code or NOT_KNOWN)
    if not case.held and case.certificates:
        most = max(each.stars or 0 for each in case.certificates)
        reasons += rule.found("few_stars", stars=most)
    elif not case.stars_stated:
        reasons += rule.missing("no_stars")
    return tuple(reasons)


def is_recognised_by_the_right_body(case: EligibilityCase, rule: Rule) -> Reasons:
    """E01: granted by the body that was right on the day of the decision."""
    certificate = case.current.certificate if case.current else None
    if certificate is None or certificate.decided_on is None or not certificate.body:
        return CONTENT
    bodies = case.tables.bodies.at(certificate.decided_on)
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


def has_a_valid_certificate(case: EligibilityCase, rule: Rule) -> Reasons:
    """E02: a certificate of 3 to 5 stars is in force on the day.

    A decision of a day to come, beside others, changes nothing before its day.
    """
    if len(case.held) == 1:
        return _in_force(case, rule)
    return _in_force(case, rule) + _ahead(case, rule) + _twice(case, rule)


def _in_force(case: EligibilityCase, rule: Rule) -> Reasons:
    if case.certified is Fact.NO and case.voided and case.revoked is not Fact.YES:
        return _voided(case.voided, rule)
    if case.certified is Fact.YES or not case.stars_stated:
        return CONTENT  # without stars, E00 speaks
    if case.certified is Fact.NO:
        return CONTENT if case.revoked is Fact.YES else _ended(case, rule)
    if case.revoked is not Fact.NO:
        return CONTENT  # E03 says what is not known
    unclear = next(held for held in case.held if held.in_force is Fact.UNKNOWN)
    return _unclear(unclear, rule)


def is_not_revoked(case: EligibilityCase, rule: Rule) -> Reasons:
    """E03: no decision has revoked its stars; a proposal is a warning."""
    if case.revoked is not Fact.NO:
        revoked = next(held for held in case.held if held.revoked is case.revoked)
        return _revoked(revoked, rule)
    for held in case.held:
        if held.certificate.revocation_proposed and held.in_force is not Fact.NO:
            return rule.found("proposed", certificate=_name_of(held.certificate))
    return CONTENT


def has_food_safety(case: EligibilityCase, rule: Rule) -> Reasons:
    """E04: food safety certified, or exempt, or a quality system instead.

    An exemption counts where it is documented: nobody is taken to be exempt
    because nobody has said otherwise.
    """
    return _paper_for_sets(case, rule, _FOOD_SAFETY)


def is_declared(case: EligibilityCase, rule: Rule) -> Reasons:
    """E05: declared or registered as the law of the day asks."""
    needed = case.tables.declarations.at(case.day)
    if needed is None:
        return CONTENT
    return _paper_for_sets(case, rule, needed.for_set(case.product.set_code))


def has_a_complete_label(case: EligibilityCase, rule: Rule) -> Reasons:
    """E06: the catalog holds all fields of the printed label that are required."""
    if case.product_set is None:
        return CONTENT
    needed = case.tables.labels.get(case.product_set.sector, ())
    label, packs = case.product.label, [v.net_quantity for v in case.product.variants]
    lacking = [
        _LABEL_FIELDS[name]
        for name in needed
        if not getattr(label, name) and not (name == _OF_PACK and any(packs))
    ]
    said = label.net_quantity or any(packs)
    if _OF_PACK in needed and said and not all(packs):
        lacking.append(_OF_EACH_PACK)
    if case.producer is None or not _address_of(case.producer):
        lacking.append(_MAKER)
    return rule.missing("lacking", fields=tuple(lacking)) if lacking else CONTENT


def is_traceable(case: EligibilityCase, rule: Rule) -> Reasons:
    """E07: right GTINs, or a traceability page at a known host, and none wrong."""
    gtins = [variant.gtin for variant in case.product.variants if variant.gtin]
    page = case.product.trace_url
    if not gtins and not page:
        return rule.missing("no_code")
    reasons: list[Reason] = []
    for gtin in gtins:
        if not is_gtin(gtin):
            reasons += rule.found("bad_gtin", gtin=gtin)
    if page and (host := host_of(page)) not in case.tables.trace_hosts:
        if host is None:
            reasons += rule.found("bad_page", page=page)
        else:
            reasons += rule.found("unknown_host", host=host, page=page)
    return tuple(reasons)


def may_sell_alcohol(case: EligibilityCase, rule: Rule) -> Reasons:
    """E08: licence and age gate attested, and the strength known."""
    if case.product.set_code not in rule.sets:
        return CONTENT
    reasons: list[Reason] = []
    for kind in (PaperKind.ALCOHOL_LICENCE, PaperKind.AGE_GATE):
        reasons += _paper(case, rule, (kind,))
    if case.product.alcohol_percent is None:
        reasons += rule.missing("no_strength")
    return tuple(reasons)


def is_not_alive(case: EligibilityCase, rule: Rule) -> Reasons:
    """E09: no live plant or animal."""
    if case.product.set_code not in rule.sets or case.product_set is None:
        return CONTENT
    name = Text(case.product_set.name, case.product_set.name_en)
    return rule.found("alive", set=name)


def is_ready_to_be_identified(case: EligibilityCase, rule: Rule) -> Reasons:
    """E10: the seller can pass the marketplace's check of its identity."""
    if case.producer is None:
        return CONTENT  # E11 asks for the producer
    ready = case.producer.identity_ready.value
    if ready is Fact.YES:
        return CONTENT
    return rule.found("not_ready") if ready is Fact.NO else rule.missing("not_asked")


def has_consent(case: EligibilityCase, rule: Rule) -> Reasons:
    """E11: its producer is known and agrees to be listed."""
    if case.producer is None:
        return rule.missing("no_producer")
    consent = case.producer.consent.value
    if consent is Fact.YES:
        return CONTENT
    return rule.found("refused") if consent is Fact.NO else rule.missing("not_asked")


def may_sell_medicine(case: EligibilityCase, rule: Rule) -> Reasons:
    """E12: a pharmacy licence, unless it is registered as a supplement.

    The set holds supplements and medicines: a registration tells them apart.
    """
    if case.product.set_code not in rule.sets:
        return CONTENT
    if case.paper(PaperKind.SUPPLEMENT_REGISTRATION) is Fact.YES:
        return CONTENT
    return _paper(case, rule, (PaperKind.PHARMACY_LICENCE,))


def is_notified_cosmetic(case: EligibilityCase, rule: Rule) -> Reasons:
    """E13: a cosmetic has its notification."""
    if case.product.set_code not in rule.sets:
        return CONTENT
    return _paper(case, rule, (PaperKind.COSMETIC_NOTIFICATION,))


def is_registered_supplement(case: EligibilityCase, rule: Rule) -> Reasons:
    """E14: a supplement has its registration and approved advertising text."""
    if case.product.set_code not in rule.sets:
        return CONTENT
    if case.paper(PaperKind.PHARMACY_LICENCE) is Fact.YES:
        return CONTENT  # a medicine, which E12 looks at
    reasons: list[Reason] = []
    for kind in (PaperKind.SUPPLEMENT_REGISTRATION, PaperKind.ADVERTISING_APPROVAL):
        reasons += _paper(case, rule, (kind,))
    return tuple(reasons)


def is_not_paused(case: EligibilityCase, rule: Rule) -> Reasons:
    """E15: its producer has not stopped its sale."""
    return rule.found("paused") if case.product.paused else CONTENT


def is_not_undone(case: EligibilityCase, rule: Rule) -> Reasons:
    """E17: the import that made it was not undone.

    Whether there is such a product is not known, then: it gets no new listing, and a
    live one is not withdrawn.
    """
    number = case.product.undone_import
    return CONTENT if number is None else rule.missing("undone", number=number)


@dataclass(frozen=True, slots=True)
class Check:
    """A check and the findings that its rule's file must word.

    Attributes:
        look: The function.
        findings: All that it can find, each with the values that its texts may
            mention.
        effects: The entry of a sheet that leads to a finding, by finding; for papers
            their kinds tell it.
        about_end: It is about the day on which certificates end: each is a cause
            of its own.
    """

    look: Callable[[EligibilityCase, Rule], Reasons]
    findings: Mapping[str, frozenset[str]]
    effects: Mapping[str, EffectKind] = field(default_factory=dict)
    about_end: bool = False

    def entered(self, **effects: EffectKind) -> "Check":
        """Return it with the entries of a sheet that lead to its findings."""
        return replace(self, effects=effects)

    def of_end(self, *findings: str) -> "Check":
        """Return it as one about the end of certificates, which *findings* find."""
        effects = dict.fromkeys(findings, EffectKind.ENDED)
        return replace(self, effects=effects, about_end=True)


def has_public_pictures(case: EligibilityCase, rule: Rule) -> Reasons:
    """E16: everybody can open its pictures, as far as their addresses say."""
    reasons: list[Reason] = []
    for picture in case.product.pictures:
        fault = fault_of(picture.url)
        if is_here(picture.url):
            reasons += rule.found("here", picture=shown(picture.url))
        elif fault is not None:
            why = Text(*WHY[fault])
            reasons += rule.found("not_public", why=why, picture=shown(picture.url))
    return tuple(reasons)


def _check(look: Callable[[EligibilityCase, Rule], Reasons], **findings: str) -> Check:
    """Pair a check with its findings; each names its values, with spaces between."""
    return Check(
        look, {key: frozenset(values.split()) for key, values in findings.items()}
    )


_PAPER: Final = {"none": "paper", "ended": "paper day", "not_attested": "paper"}

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "E00": _check(
            is_ocop_product, service="", no_set="code", few_stars="stars", no_stars=""
        ),
        "E01": _check(
            is_recognised_by_the_right_body, other_body="stars body right day"
        ),
        "E02": _check(
            has_a_valid_certificate,
            ended="day",
            not_yet="day",
            no_day="certificate",
            no_stars="certificate",
            year_only="year last",
            published="certificate",
            incomplete="certificate lacking",
            voided="certificate day",
            ahead="certificate day",
            twice="certificate days",
        ).of_end("ended", "not_yet", "voided"),
        "E03": _check(
            is_not_revoked,
            revoked="number day",
            no_day="number",
            replaced_perhaps="number day",
            proposed="certificate",
        ).entered(revoked=EffectKind.REVOKED),
        "E04": _check(has_food_safety, **_PAPER),
        "E05": _check(is_declared, **_PAPER),
        "E06": _check(has_a_complete_label, lacking="fields"),
        "E07": _check(
            is_traceable,
            bad_gtin="gtin",
            bad_page="page",
            unknown_host="host page",
            no_code="",
        ),
        "E08": _check(may_sell_alcohol, no_strength="", **_PAPER),
        "E09": _check(is_not_alive, alive="set"),
        "E10": _check(is_ready_to_be_identified, not_ready="", not_asked=""),
        "E11": _check(has_consent, no_producer="", refused="", not_asked="").entered(
            refused=EffectKind.CONSENT
        ),
        "E12": _check(may_sell_medicine, **_PAPER),
        "E13": _check(is_notified_cosmetic, **_PAPER),
        "E14": _check(is_registered_supplement, **_PAPER),
        "E15": _check(is_not_paused, paused="").entered(paused=EffectKind.STOPPED),
        "E16": _check(has_public_pictures, not_public="why picture", here="picture"),
        "E17": _check(is_not_undone, undone="number"),
    }
)
"""The check of each rule, by its code."""

_OF_DECISION: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "decision": Text("số", "number"),
        "body": Text("cơ quan", "authority"),
        "decided_on": Text("ngày", "day"),
    }
)
_MAKER: Final = Text("tên và địa chỉ cơ sở", "maker and address")
_OF_PACK: Final = "net_quantity"
_OF_EACH_PACK: Final = Text("định lượng của từng quy cách", "net quantity of each pack")
_LABEL_FIELDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "net_quantity": Text("định lượng", "net quantity"),
        "ingredients": Text("thành phần", "ingredients"),
        "origin": Text("xuất xứ", "origin"),
        "dates": Text("ngày sản xuất, hạn sử dụng", "dates"),
        "use_and_storage": Text("hướng dẫn sử dụng, bảo quản", "use and storage"),
        "warnings": Text("thông tin cảnh báo", "warnings"),
    }
)


def _address_of(producer: Producer) -> str:
    """Return where a producer is, as of now or as certified, or ""."""
    return producer.address.text or producer.certified_address.text


def _name_of(certificate: Certificate) -> Text:
    """Return how a certificate is called in a text."""
    if certificate.decision:
        return Text(certificate.decision, certificate.decision)
    if certificate.year is not None:
        return Text(f"năm {certificate.year}", f"of {certificate.year}")
    return Text("chưa rõ số quyết định", "of unknown number")


def _ended(case: EligibilityCase, rule: Rule) -> Reasons:
    """Say that every certificate has ended, or is yet to begin."""
    terms = [held.term for held in case.held if held.term is not None]
    begun = [term for term in terms if term.granted_from <= case.day]
    if not begun:
        first = min(terms, key=lambda term: term.granted_from)
        return rule.found("not_yet", day=first.granted_from)
    return rule.found("ended", day=max(term.last for term in begun))


def _ahead(case: EligibilityCase, rule: Rule) -> Reasons:
    """Say that a decision beside others is of a day to come."""
    days = [held.certificate.decided_on for held in case.held]
    coming = [day for day in days if day is not None and day > case.day]
    if not coming or len(coming) == len(days):
        return CONTENT  # by themselves, they are not in force yet
    first = case.held[days.index(min(coming))].certificate
    return rule.found("ahead", certificate=_name_of(first), day=min(coming))


def _twice(case: EligibilityCase, rule: Rule) -> Reasons:
    """Say that one decision is known with two days: one of them is wrong."""
    for held, other in combinations(case.held, 2):
        one, two = held.certificate, other.certificate
        if one.decided_on != two.decided_on and one.may_be(two):
            days = tuple(sorted(filter(None, (one.decided_on, two.decided_on))))
            return rule.found("twice", certificate=_name_of(one), days=days)
    return CONTENT


def _voided(certificate: Certificate, rule: Rule) -> Reasons:
    """Say that the certificate was entered by mistake, by a person's word."""
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


def _paper_for_sets(
    case: EligibilityCase, rule: Rule, kinds: tuple[PaperKind, ...]
) -> Reasons:
    """Look for one of *kinds* where the rule concerns the product's set.

    Where the set is not known, neither is whether the paper is needed.
    """
    if case.product_set is not None:
        concerned = case.product.set_code in rule.sets
        return _paper(case, rule, kinds) if concerned else CONTENT
    if any(case.paper(kind) is Fact.YES for kind in kinds):
        return CONTENT
    return rule.missing("not_attested", paper=case.tables.papers[kinds[0]])


def _paper(case: EligibilityCase, rule: Rule, kinds: tuple[PaperKind, ...]) -> Reasons:
    """Look for a paper of one of *kinds*.

    The first is the one that the law asks for, and decides; the others stand in for it
    where somebody has attested one. The finding names all of them.
    """
    for kind in kinds:
        if case.paper(kind) is Fact.YES:
            return CONTENT
    names = case.tables.papers
    if case.paper(kinds[0]) is Fact.UNKNOWN:
        return rule.missing("not_attested", paper=names[kinds[0]])
    ended = case.last_ended(kinds)
    if ended is not None:
        day, kind = ended
        return rule.found("ended", paper=names[kind], day=day, kinds=kinds)
    return rule.found("none", paper=names[kinds[0]], kinds=kinds)
