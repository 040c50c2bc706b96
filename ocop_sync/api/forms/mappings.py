"""The mapping of a marketplace, as it is shown and set.

It has the keys and the bounds of `ocop_sync.marketplace.mapping`, as a document says
them: a test holds both against each other.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from ocop_sync.api.typed.values import WHOLE, Instant, Model
from ocop_sync.marketplace.mapping import SET_CODES, Category
from ocop_sync.service.decisions.mappings import InForce

_SetCode = Literal[SET_CODES]  # type: ignore[valid-type]
_Size = Annotated[int, Field(ge=1, le=100_000), WHOLE]


class TextRulesForm(Model):
    """The rules for a title or a description."""

    max_length: _Size
    """Most characters; a longer text is held for a person, never cut."""


class PictureRulesForm(Model):
    """The rules for pictures."""

    required: bool = False
    """Nothing is listed without a picture."""
    max_count: Annotated[int, Field(ge=1, le=100), WHOLE]
    """Most pictures; of more, the first ones are shown."""
    min_width_px: _Size = 1
    """Least width."""
    min_height_px: _Size = 1
    """Least height."""


class MappingForm(Model):
    """The mapping of a marketplace, whole."""

    marketplace: Annotated[str, Field(max_length=64)]
    """The marketplace, so that none is taken for another's."""
    mapping_version: Annotated[int, Field(ge=1, le=1_000_000_000), WHOLE]
    """Raised to have all evaluated anew, and what was refused submitted again."""
    title: TextRulesForm
    """The rules for titles."""
    description: TextRulesForm
    """The rules for descriptions."""
    pictures: PictureRulesForm
    """The rules for pictures."""
    fallback_category: Category | None = None
    """The category of a product whose set is not known; null holds it."""
    categories: dict[_SetCode, Category]
    """The category for each product set that the marketplace has a place for."""


class MappingInForceForm(Model):
    """The mapping that is in force."""

    marketplace: str
    """The marketplace."""
    is_default: bool
    """It is the one that ships with the program."""
    set_by: str | None
    """Who decided on it last; null if nobody ever did."""
    set_at: Instant | None
    """When."""
    mapping: MappingForm
    """The mapping."""


def mapping_form(found: InForce) -> MappingInForceForm:
    """Return a mapping as it is shown."""
    values: dict[str, Any] = found.mapping.model_dump()
    placed = found.placed
    return MappingInForceForm(
        marketplace=found.marketplace,
        is_default=found.is_own,
        set_by=None if placed is None else placed.by,
        set_at=None if placed is None else placed.at,
        mapping=MappingForm.model_validate(values),
    )
