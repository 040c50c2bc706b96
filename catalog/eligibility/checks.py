"""The checks of the rules: one small function per rule.

A check returns its finding; the outcome, its first day and its decree stand in the
rule's file. It returns nothing where it is content. Here are the checks on the rest of
a product, its producer and its pack, and the table of all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from catalog.eligibility.certificate_checks import (
    has_a_valid_certificate,
    is_not_revoked,
    is_ocop_product,
    is_recognised_by_the_right_body,
)
from catalog.eligibility.paper_checks import (
    has_food_safety,
    is_declared,
    is_notified_cosmetic,
    is_registered_supplement,
    may_sell_alcohol,
    may_sell_medicine,
)
from catalog.eligibility.product_facts import ProductFacts
from catalog.eligibility.rule import CONTENT, Reasons, Rule
from catalog.eligibility.verdict import Reason, Text
from catalog.model.effect import EffectKind
from catalog.model.fact import Fact
from catalog.model.gs1 import host_of, is_gtin
from catalog.model.picture_address import WHY, fault_of, is_here, shown
from catalog.model.producer import Producer
from catalog.values import replace

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


def has_a_complete_label(facts: ProductFacts, rule: Rule) -> Reasons:
    """E06: the catalog holds all fields of the printed label that are required."""
    if facts.product_set is None:
        return CONTENT
    needed = facts.tables.labels.get(facts.product_set.sector, ())
    label, packs = facts.product.label, [v.net_quantity for v in facts.product.variants]
    lacking = [
        _LABEL_FIELDS[name]
        for name in needed
        if not getattr(label, name) and not (name == _OF_PACK and any(packs))
    ]
    is_stated = label.net_quantity or any(packs)
    if _OF_PACK in needed and is_stated and not all(packs):
        lacking.append(_OF_EACH_PACK)
    if facts.producer is None or not _address_of(facts.producer):
        lacking.append(_MAKER)
    return rule.missing("lacking", fields=tuple(lacking)) if lacking else CONTENT


def is_traceable(facts: ProductFacts, rule: Rule) -> Reasons:
    """E07: right GTINs, or a traceability page at a known host, and none wrong."""
    gtins = [variant.gtin for variant in facts.product.variants if variant.gtin]
    page = facts.product.trace_url
    if not gtins and not page:
        return rule.missing("no_code")
    reasons: list[Reason] = []
    for gtin in gtins:
        if not is_gtin(gtin):
            reasons += rule.found("bad_gtin", gtin=gtin)
    if page and (host := host_of(page)) not in facts.tables.trace_hosts:
        if host is None:
            reasons += rule.found("bad_page", page=page)
        else:
            reasons += rule.found("unknown_host", host=host, page=page)
    return tuple(reasons)


def is_not_alive(facts: ProductFacts, rule: Rule) -> Reasons:
    """E09: no live plant or animal."""
    if facts.product.set_code not in rule.sets or facts.product_set is None:
        return CONTENT
    name = Text(facts.product_set.name, facts.product_set.name_en)
    return rule.found("alive", set=name)


def is_ready_to_be_identified(facts: ProductFacts, rule: Rule) -> Reasons:
    """E10: the seller can pass the marketplace's check of its identity."""
    if facts.producer is None:
        return CONTENT  # E11 asks for the producer
    ready = facts.producer.identity_ready.value
    if ready is Fact.YES:
        return CONTENT
    return rule.found("not_ready") if ready is Fact.NO else rule.missing("not_asked")


def has_consent(facts: ProductFacts, rule: Rule) -> Reasons:
    """E11: its producer is known and agrees to be listed."""
    if facts.producer is None:
        return rule.missing("no_producer")
    consent = facts.producer.consent.value
    if consent is Fact.YES:
        return CONTENT
    return rule.found("refused") if consent is Fact.NO else rule.missing("not_asked")


def is_not_paused(facts: ProductFacts, rule: Rule) -> Reasons:
    """E15: its producer has not stopped its sale."""
    return rule.found("paused") if facts.product.paused else CONTENT


def has_public_pictures(facts: ProductFacts, rule: Rule) -> Reasons:
    """E16: everybody can open its pictures, as far as their addresses say."""
    reasons: list[Reason] = []
    for picture in facts.product.pictures:
        fault = fault_of(picture.url)
        if is_here(picture.url):
            reasons += rule.found("here", picture=shown(picture.url))
        elif fault is not None:
            why = Text(*WHY[fault])
            reasons += rule.found("not_public", why=why, picture=shown(picture.url))
    return tuple(reasons)


def is_not_undone(facts: ProductFacts, rule: Rule) -> Reasons:
    """E17: the import that made it was not undone.

    Whether there is such a product is not known, then: it gets no new listing, and a
    live one is not withdrawn.
    """
    number = facts.product.undone_import
    return CONTENT if number is None else rule.missing("undone", number=number)


def _address_of(producer: Producer) -> str:
    return producer.address.text or producer.certified_address.text


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
        lasting: It finds the same on every day, as long as the facts are the same.
    """

    look: Callable[[ProductFacts, Rule], Reasons]
    findings: Mapping[str, frozenset[str]]
    effects: Mapping[str, EffectKind] = field(default_factory=dict)
    about_end: bool = False
    lasting: bool = False

    def entered(self, **effects: EffectKind) -> "Check":
        """Return it with the entries of a sheet that lead to its findings."""
        return replace(self, effects=effects)

    def of_end(self, *findings: str) -> "Check":
        """Return it as one about the end of certificates, which *findings* find."""
        effects = dict.fromkeys(findings, EffectKind.ENDED)
        return replace(self, effects=effects, about_end=True)


def _lasting(look: Callable[[ProductFacts, Rule], Reasons], **findings: str) -> Check:
    """Pair a check that asks for no day with its findings, as `_check` does."""
    return replace(_check(look, **findings), lasting=True)


def _check(look: Callable[[ProductFacts, Rule], Reasons], **findings: str) -> Check:
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
        "E06": _lasting(has_a_complete_label, lacking="fields"),
        "E07": _lasting(
            is_traceable,
            bad_gtin="gtin",
            bad_page="page",
            unknown_host="host page",
            no_code="",
        ),
        "E08": _check(may_sell_alcohol, no_strength="", **_PAPER),
        "E09": _lasting(is_not_alive, alive="set"),
        "E10": _lasting(is_ready_to_be_identified, not_ready="", not_asked=""),
        "E11": _lasting(has_consent, no_producer="", refused="", not_asked="").entered(
            refused=EffectKind.CONSENT
        ),
        "E12": _check(may_sell_medicine, **_PAPER),
        "E13": _check(is_notified_cosmetic, **_PAPER),
        "E14": _check(is_registered_supplement, **_PAPER),
        "E15": _lasting(is_not_paused, paused="").entered(paused=EffectKind.STOPPED),
        "E16": _lasting(has_public_pictures, not_public="why picture", here="picture"),
        "E17": _lasting(is_not_undone, undone="number"),
    }
)
"""The check of each rule, by its code."""


def rules_about(kind: EffectKind) -> frozenset[str]:
    """Return the rules that find just what an entry of that kind leads to."""
    return frozenset(
        code for code, check in CHECKS.items() if set(check.effects.values()) == {kind}
    )
