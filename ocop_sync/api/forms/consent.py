"""The consent of a producer, and the erasures that wait, as they are shown."""

from collections.abc import Sequence

from catalog.commands.consent import Consent
from catalog.commands.erasure import GOES, STAYS
from catalog.model.erasure import ErasureEnd
from catalog.model.fact import Fact
from ocop_sync.api.forms.words import WordsForm
from ocop_sync.api.typed.values import Date, Instant, Model
from ocop_sync.service.producer.erasure import AskedErasure


class ErasureForm(Model):
    """An erasure that withdrawn consent asks for."""

    withdrawn_at: Instant
    """When consent was withdrawn."""
    due_at: Instant
    """From when on staff may confirm it; until then consent may be given anew."""
    ended_at: Instant | None
    """When it ended; null as long as it is open."""
    ended: ErasureEnd
    """How; empty as long as it is open."""


class ConsentForm(Model):
    """The consent of a producer."""

    producer: str
    """Its code."""
    consent: Fact
    """The answer that is known."""
    on: Date | None
    """The day of it."""
    erasure: ErasureForm | None
    """The last erasure that was asked for; null if none ever was."""


class AskedErasureForm(Model):
    """An erasure that waits for a person to confirm it."""

    producer: str
    """The producer's code."""
    name: str
    """Its name."""
    withdrawn_at: Instant
    """When consent was withdrawn."""
    due_at: Instant
    """From when on it may be confirmed."""
    is_due: bool
    """That has come."""
    goes: tuple[WordsForm, ...]
    """What a confirmation erases."""
    stays: tuple[WordsForm, ...]
    """What it does not erase, and why."""


class AskedErasures(Model):
    """All erasures that wait for a person."""

    erasures: tuple[AskedErasureForm, ...]
    """The first due one first."""


class ErasuresPage(AskedErasures):
    """A page of the erasures that wait for a person."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class ErasedForm(Model):
    """An erasure that was confirmed."""

    producer: str
    """The producer's code."""
    people: int
    """How many people it was of whom nothing is left."""


def consent_form(found: Consent) -> ConsentForm:
    """Return the consent of a producer as it is shown."""
    asked = found.erasure
    return ConsentForm(
        producer=found.producer_id,
        consent=found.value,
        on=found.on,
        erasure=None
        if asked is None
        else ErasureForm(
            withdrawn_at=asked.withdrawn_at,
            due_at=asked.due_at,
            ended_at=asked.ended_at,
            ended=asked.ended,
        ),
    )


def erasures_form(found: Sequence[AskedErasure]) -> AskedErasures:
    """Return the erasures that wait, as they are shown."""
    goes, stays = (
        tuple(WordsForm(vi=vi, en=en) for vi, en in told) for told in (GOES, STAYS)
    )
    return AskedErasures(
        erasures=tuple(
            AskedErasureForm(
                producer=each.producer_id,
                name=each.name,
                withdrawn_at=each.withdrawn_at,
                due_at=each.due_at,
                is_due=each.is_due,
                goes=goes,
                stays=stays,
            )
            for each in found
        ),
    )
