"""The audit, as it is shown: to the department alone."""

from catalog.db.acts import Recorded
from ocop_sync.api.forms.actors import ActorForm, actor_form
from ocop_sync.api.typed.values import Instant, Model


class ActForm(Model):
    """An act as the audit holds it."""

    n: int
    """Its number."""
    at: Instant
    """When it was done."""
    kind: str
    """Which act."""
    subjects: tuple[str, ...]
    """The ids of what it was done to."""
    refs: dict[str, int | str]
    """Further numbers and references, by name."""
    by: ActorForm
    """Who has acted."""
    is_forgotten: bool
    """The name of who has acted was erased."""
    reason: str
    """The words of that person; empty if erased, or never given."""
    hash: str
    """The hash of the entry, over the hash of the one before."""


class AuditHeadForm(Model):
    """The last entry: to be kept elsewhere."""

    last: int
    """Its number; 0 if there is none."""
    head: str
    """Its hash."""


def act_form(found: Recorded) -> ActForm:
    """Return an act as it is shown."""
    entry = found.entry
    return ActForm(
        n=entry.n,
        at=entry.at,
        kind=entry.kind,
        subjects=tuple(entry.subjects),
        refs=dict(entry.refs),
        by=actor_form(found.by),
        is_forgotten=found.is_forgotten,
        reason=found.reason,
        hash=found.hash,
    )


def head_form(found: tuple[int, str]) -> AuditHeadForm:
    """Return the last entry as it is shown."""
    last, head = found
    return AuditHeadForm(last=last, head=head)
