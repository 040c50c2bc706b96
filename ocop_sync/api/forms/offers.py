"""What became of prices and stock of many packs, as it is shown."""

from catalog.commands.offers import OfferOutcome, OfferResult
from catalog.errors import CatalogError, ChangedPriceError, HeldPriceError
from ocop_sync.api.problems import problem_of
from ocop_sync.api.typed.values import Model


class OfferRefusalForm(Model):
    """Why an item was not taken."""

    code: str
    """The kind of problem, as a call of this item alone would have it."""
    detail_vi: str
    """What is the matter, in Vietnamese."""
    detail_en: str
    """The same in English."""
    before: int | None
    """Of a held price, or one that was changed meanwhile: the price that stays."""
    token: str
    """Of a held price: confirms it; empty for all else."""


class OfferResultForm(Model):
    """What became of one item."""

    sku: str
    """The code of the pack."""
    outcome: OfferOutcome
    """What became of it."""
    problem: OfferRefusalForm | None
    """Why it was not taken; null if it was."""


class OfferResultsForm(Model):
    """What became of each item."""

    items: tuple[OfferResultForm, ...]
    """In the order of the items that were sent."""


def offer_result_form(result: OfferResult) -> OfferResultForm:
    """Return what became of one item, as it is shown."""
    return OfferResultForm(
        sku=result.sku, outcome=result.outcome, problem=_refusal(result)
    )


def _refusal(result: OfferResult) -> OfferRefusalForm | None:
    if result.error is None:
        return None
    problem = problem_of(result.error)
    assert problem is not None  # noqa: S101  (every error of the catalog has one)
    error = result.error
    # Danger: values that are not taken are told field by field, and not by the kind.
    vi = "; ".join(each.vi for each in problem.errors) or problem.vi
    en = "; ".join(each.en for each in problem.errors) or problem.en
    if isinstance(error, ChangedPriceError):
        vi, en = error.vi, error.en
    return OfferRefusalForm(
        code=problem.kind.code,
        detail_vi=vi,
        detail_en=en,
        before=_standing(error),
        token=error.token if isinstance(error, HeldPriceError) else "",
    )


def _standing(error: CatalogError) -> int | None:
    if isinstance(error, ChangedPriceError):
        return error.stands
    return error.before if isinstance(error, HeldPriceError) else None
