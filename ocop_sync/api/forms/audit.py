"""The audit, as it is shown: to the department alone."""

from catalog.db.acts import Recorded
from catalog.queries.audit import AuditFault, AuditVerification
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


class FaultyEntryForm(Model):
    """A fault, and where it shows."""

    n: int
    """The number of the entry."""
    fault: AuditFault
    """The fault."""


class AuditCheckForm(Model):
    """Whether the audit is as it was written, or a part of it."""

    whole: bool
    """Nothing is wrong in what was read, and the hash that was kept stands there."""
    entries: int
    """How many entries were read."""
    last: int
    """Number of the last one; 0 if there is none."""
    head: str
    """Its hash."""
    erased: int
    """Those whose actor was erased, or whose reason and origin were: no fault."""
    fault_count: int
    """How many faults there are."""
    faults: tuple[FaultyEntryForm, ...]
    """The first hundred."""
    has_expected: bool | None
    """An entry has the hash that was kept elsewhere; null if none was given."""
    is_end: bool
    """Nothing follows; else go on behind `last`, with `head`."""


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


def check_form(found: AuditVerification) -> AuditCheckForm:
    """Return what a check of the audit has found, as it is shown."""
    return AuditCheckForm(
        whole=found.whole,
        entries=found.entries,
        last=found.last,
        head=found.head,
        erased=found.erased,
        fault_count=found.fault_count,
        faults=tuple(FaultyEntryForm(n=e.n, fault=e.fault) for e in found.faults),
        has_expected=found.has_expected if found.expected else None,
        is_end=found.is_end,
    )
