"""The forms of producers: for staff, and for the producer itself.

Their places are among the values: nobody else is shown them.
"""

from typing import Annotated, Any, Final

from pydantic import Field, create_model

from catalog.commands.producers import PLACE_WORDS, PRODUCER_FIELDS
from catalog.feed.cells.cell import show
from catalog.model.fact import Fact
from ocop_sync.api.typed.values import Count, Model, Text
from ocop_sync.service.department.producers import ListedProducer

_NAMES: Final = (*PRODUCER_FIELDS, *PLACE_WORDS)
_NAMED: Final[dict[str, Any]] = dict.fromkeys(_NAMES, (Text, ""))
ProducerValues: Final = create_model(
    "ProducerValues",
    __base__=Model,
    __doc__="Values of a producer, by the names of sheets; a place by code or name.",
    **_NAMED,
)


class OneProducerForm(Model):
    """A producer."""

    id: str
    """Its code."""
    name: str
    """Its name."""
    values: dict[str, str]
    """Its values, by the names by which they are edited."""
    consent: Fact
    """Whether it consents to be listed."""
    products: Count
    """How many products it has."""


class ProducerEditForm(Model):
    """Values of a producer; those that are left out stay, an empty one is cleared."""

    values: ProducerValues
    """The values."""
    token: Annotated[str, Field(max_length=64, pattern="^[0-9a-f]*$")] = ""
    """Confirms an edit that was held: the token that came with the refusal."""


def one_producer_form(found: ListedProducer) -> OneProducerForm:
    """Return a producer as it is shown."""
    maker = found.producer
    values = {n: show(column.value_of(maker)) for n, column in PRODUCER_FIELDS.items()}
    return OneProducerForm(
        id=maker.id,
        name=maker.name,
        values=values,
        consent=maker.consent.value,
        products=found.products,
    )
