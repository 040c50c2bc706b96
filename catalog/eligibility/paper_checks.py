"""The checks of rules on papers: E04, E05, E08, E12, E13 and E14."""

from typing import Final

from catalog.eligibility.case import EligibilityCase
from catalog.eligibility.rule import CONTENT, Reasons, Rule
from catalog.eligibility.verdict import Reason
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind

_FOOD_SAFETY: Final = (
    PaperKind.FOOD_SAFETY,
    PaperKind.FOOD_SAFETY_EXEMPTION,
    PaperKind.QUALITY_SYSTEM,
)


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
