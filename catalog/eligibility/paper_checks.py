"""The checks of rules on papers: E04, E05, E08, E12, E13 and E14."""

from typing import Final

from catalog.eligibility.product_facts import ProductFacts
from catalog.eligibility.rule import CONTENT, Reasons, Rule
from catalog.eligibility.verdict import Reason
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind

_FOOD_SAFETY: Final = (
    PaperKind.FOOD_SAFETY,
    PaperKind.FOOD_SAFETY_EXEMPTION,
    PaperKind.QUALITY_SYSTEM,
)


def has_food_safety(facts: ProductFacts, rule: Rule) -> Reasons:
    """E04: food safety certified, or exempt, or a quality system instead.

    An exemption counts where it is documented: nobody is taken to be exempt
    because nobody has said otherwise.
    """
    return _paper_for_sets(facts, rule, _FOOD_SAFETY)


def is_declared(facts: ProductFacts, rule: Rule) -> Reasons:
    """E05: declared or registered as the law of the day asks."""
    needed = facts.tables.declarations.at(facts.day)
    if needed is None:
        return CONTENT
    return _paper_for_sets(facts, rule, needed.for_set(facts.product.set_code))


def may_sell_alcohol(facts: ProductFacts, rule: Rule) -> Reasons:
    """E08: licence and age gate attested, and the strength known."""
    if facts.product.set_code not in rule.sets:
        return CONTENT
    reasons: list[Reason] = []
    for kind in (PaperKind.ALCOHOL_LICENCE, PaperKind.AGE_GATE):
        reasons += _paper(facts, rule, (kind,))
    if facts.product.alcohol_percent is None:
        reasons += rule.missing("no_strength")
    return tuple(reasons)


def may_sell_medicine(facts: ProductFacts, rule: Rule) -> Reasons:
    """E12: a pharmacy licence, unless it is registered as a supplement.

    The set holds supplements and medicines: a registration tells them apart.
    """
    if facts.product.set_code not in rule.sets:
        return CONTENT
    if facts.paper(PaperKind.SUPPLEMENT_REGISTRATION) is Fact.YES:
        return CONTENT
    return _paper(facts, rule, (PaperKind.PHARMACY_LICENCE,))


def is_notified_cosmetic(facts: ProductFacts, rule: Rule) -> Reasons:
    """E13: a cosmetic has its notification."""
    if facts.product.set_code not in rule.sets:
        return CONTENT
    return _paper(facts, rule, (PaperKind.COSMETIC_NOTIFICATION,))


def is_registered_supplement(facts: ProductFacts, rule: Rule) -> Reasons:
    """E14: a supplement has its registration and approved advertising text."""
    if facts.product.set_code not in rule.sets:
        return CONTENT
    if facts.paper(PaperKind.PHARMACY_LICENCE) is Fact.YES:
        return CONTENT  # a medicine, which E12 looks at
    reasons: list[Reason] = []
    for kind in (PaperKind.SUPPLEMENT_REGISTRATION, PaperKind.ADVERTISING_APPROVAL):
        reasons += _paper(facts, rule, (kind,))
    return tuple(reasons)


def _paper_for_sets(
    facts: ProductFacts, rule: Rule, kinds: tuple[PaperKind, ...]
) -> Reasons:
    """Look for one of *kinds* where the rule concerns the product's set.

    Where the set is not known, neither is whether the paper is needed.
    """
    if facts.product_set is not None:
        concerned = facts.product.set_code in rule.sets
        return _paper(facts, rule, kinds) if concerned else CONTENT
    if any(facts.paper(kind) is Fact.YES for kind in kinds):
        return CONTENT
    return rule.missing("not_attested", paper=facts.tables.papers[kinds[0]])


def _paper(facts: ProductFacts, rule: Rule, kinds: tuple[PaperKind, ...]) -> Reasons:
    """Look for a paper of one of *kinds*.

    The first is the one that the law asks for, and decides; the others stand in for it
    where somebody has attested one. The finding names all of them.
    """
    for kind in kinds:
        if facts.paper(kind) is Fact.YES:
            return CONTENT
    names = facts.tables.papers
    if facts.paper(kinds[0]) is Fact.UNKNOWN:
        return rule.missing("not_attested", paper=names[kinds[0]])
    ended = facts.last_ended(kinds)
    if ended is not None:
        day, kind = ended
        return rule.found("ended", paper=names[kind], day=day, kinds=kinds)
    return rule.found("none", paper=names[kinds[0]], kinds=kinds)
