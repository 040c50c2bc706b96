"""What is held, and what is on sale wrongly, as it is shown to the department."""

from typing import Any

from pydantic import Field

from catalog.db.imports import Import
from ocop_sync.api.forms.words import WordsForm, words_form
from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.reason import Reason
from ocop_sync.service.queries.held import (
    AllHeld,
    GroupAndMembers,
    GroupPart,
    HeldGroup,
    HeldProduct,
    NamedMember,
    Spent,
    cause_in_words,
)
from ocop_sync.service.run.overdue import Overdue


class StaffReasonForm(Model):
    """A reason, with the advice for the department."""

    code: str
    """The rule, hold or wait; it never changes."""
    outcome: str
    """Its effect."""
    known: bool
    """False if a fact is missing."""
    seen: WordsForm
    """The finding."""
    todo: WordsForm
    """The advice, with the command for it."""


class OverdueForm(Model):
    """A listing that is on sale as it should not be."""

    marketplace: str
    """Where."""
    product: str
    """The product's code."""
    title: str
    """The listing's title there, as far as it is known."""
    reason: StaffReasonForm
    """Why it still is so."""


class BudgetForm(Model):
    """How much of a marketplace's budget for removals is spent."""

    allowed: Count
    """From how many products something may be taken in the window."""
    done: Count
    """From how many it was."""
    waiting: Count
    """How many wait in groups on which nobody has decided."""
    window_h: float
    """The window, in hours."""


class CauseImportForm(Model):
    """The import that a group comes from."""

    id: int
    """Its number."""
    source: str
    """Its source."""
    file: str
    """Its file."""
    imported_at: Instant
    """When it was made."""
    words: WordsForm
    """How it is called."""


class GroupWhyForm(Model):
    """Why a group would take something from buyers."""

    code: str
    """The rule, or the hold."""
    seen: WordsForm
    """The finding, of one member."""
    asks: WordsForm
    """The question of the rule, or the other reason behind it."""
    basis: tuple[str, ...]
    """The decrees and decisions of the rule."""
    confirmed: bool | None
    """The legal office has confirmed the rule; null if it is none."""


class KindsForm(Model):
    """How many members need which kinds of change."""

    kinds: tuple[str, ...]
    """The kinds of change."""
    products: Count
    """How many members."""


class GroupForm(Model):
    """A group of removals by one cause, for a person to decide on."""

    id: int
    """Its number."""
    marketplace: str
    """Where."""
    cause: str
    """A rule, a day, an import, a mapping."""
    import_: CauseImportForm | None = Field(alias="import")
    """The import that it comes from, if it does."""
    hold: Hold
    """Which gate holds it."""
    state: str
    """"open", "approved", "ended" (its approval) or "refused"."""
    why: GroupWhyForm
    """Why it would take something."""
    kinds: tuple[KindsForm, ...]
    """The kinds of change."""
    size: Count
    """How many products it has."""
    left: Count
    """How many of them still wait."""
    not_as_approved: dict[str, int]
    """How many members are not as they were approved, by why."""
    first_products: tuple[str, ...]
    """The first members, by code."""
    checksum: str
    """Stands for the group as it is: an approval names it."""
    opened_at: Instant
    """Since when it is held."""
    decided_by: str
    """Who has decided, or empty."""
    decided_at: Instant | None
    """When."""
    reason: str
    """That person's reason, or empty."""
    approved_until: Instant | None
    """When the approval ends."""
    approve: str
    """The command that approves it as it was seen."""


class MemberWhyForm(Model):
    """Why a change of a member is made."""

    code: str
    """The rule, or the hold."""
    seen: WordsForm
    """The finding."""


class MemberForm(Model):
    """A member of a group."""

    product: str
    """The product's code."""
    name: str
    """Its name; empty where the catalog has none."""
    producer: str
    """Its producer's name, or empty."""
    kinds: tuple[str, ...]
    """The kinds of change that wait."""
    why: MemberWhyForm
    """Why they are made."""
    print: str
    """The fingerprint of all that is shown of it."""
    not_as_approved: str | None
    """Why a person is asked once more, if so."""
    asked_at: Instant
    """Since when it waits."""


class HeldProductForm(Model):
    """A product that is held at a marketplace."""

    product: str
    """The product's code."""
    name: str
    """Its name."""
    producer: str | None
    """Its producer's name; null if not known."""
    marketplace: str
    """Where."""
    counted: str | None
    """How it is counted there; null if no sync has counted it yet."""
    hold: Hold | None
    """Why it is held, as the last sync left it."""
    reasons: tuple[StaffReasonForm, ...]
    """Every reason, the strongest first."""


class HeldForm(Model):
    """What waits for a person at marketplaces; held products stand beside."""

    simulated: bool
    """A marketplace is a mock."""
    not_withdrawn: tuple[OverdueForm, ...]
    """Listings that may not be on sale at all."""
    not_lowered: tuple[OverdueForm, ...]
    """Others that show more stock, or a higher claim, than they should."""
    budgets: dict[str, BudgetForm]
    """The budget of each marketplace."""
    groups: tuple[GroupForm, ...]
    """The groups above the budget, by number."""


class HeldPage(HeldForm):
    """The same with a page of held products."""

    products: tuple[HeldProductForm, ...]
    """Products that are held, by marketplace and code."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


class GroupHeadForm(Model):
    """A group; its members stand beside."""

    simulated: bool
    """A marketplace is a mock."""
    group: GroupForm
    """The group."""


class GroupPage(GroupHeadForm):
    """A group with a page of its members."""

    members: tuple[MemberForm, ...]
    """Its members, by product."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


def held_form(found: AllHeld) -> HeldForm:
    """Return what waits at marketplaces, as it is shown, without held products."""
    return HeldForm(
        simulated=found.simulated,
        not_withdrawn=tuple(map(overdue_form, found.overdue.not_withdrawn)),
        not_lowered=tuple(map(overdue_form, found.overdue.not_lowered)),
        budgets={name: _budget(each) for name, each in found.budgets.items()},
        groups=tuple(map(group_form, found.groups)),
    )


def group_head_form(found: GroupAndMembers | GroupPart) -> GroupHeadForm:
    """Return a group as it is shown, without its members."""
    return GroupHeadForm(simulated=found.simulated, group=group_form(found.group))


def group_form(found: HeldGroup) -> GroupForm:
    """Return a group as it is shown."""
    group, why = found.group, found.why
    made: dict[str, Any] = {"import": found.import_ and _import(found.import_)}
    return GroupForm(
        id=group.id,
        marketplace=group.marketplace,
        cause=str(group.cause),
        hold=group.hold,
        state=found.state,
        why=GroupWhyForm(
            code=why.code,
            seen=words_form(why.seen),
            asks=words_form(found.question),
            basis=found.basis,
            confirmed=found.confirmed,
        ),
        kinds=tuple(
            KindsForm(kinds=kinds, products=count)
            for kinds, count in found.kinds.items()
        ),
        size=group.size,
        left=found.left,
        not_as_approved=dict(found.not_as_approved),
        first_products=tuple(each.product_id for each in found.first),
        checksum=group.checksum,
        opened_at=group.opened_at,
        decided_by=group.decided_by,
        decided_at=group.decided_at,
        reason=group.reason,
        approved_until=group.approved_until,
        approve=found.approve_command,
        **made,
    )


def member_form(found: NamedMember) -> MemberForm:
    """Return a member of a group as it is shown."""
    member = found.member
    reask = member.reask_reason
    return MemberForm(
        product=member.product_id,
        name=found.name,
        producer=found.producer,
        kinds=member.kinds,
        why=MemberWhyForm(code=member.why.code, seen=words_form(member.why.seen)),
        print=member.fingerprint,
        not_as_approved=None if reask is None else reask.value,
        asked_at=member.asked_at,
    )


def held_product_form(found: HeldProduct) -> HeldProductForm:
    """Return a held product as it is shown."""
    return HeldProductForm(
        product=found.product_id,
        name=found.name,
        producer=found.producer,
        marketplace=found.marketplace,
        counted=found.counted or None,
        hold=found.hold,
        reasons=tuple(map(staff_reason_form, found.reasons)),
    )


def overdue_form(found: Overdue) -> OverdueForm:
    """Return a listing that is on sale wrongly, as it is shown."""
    return OverdueForm(
        marketplace=found.marketplace,
        product=found.product_id,
        title=found.title,
        reason=staff_reason_form(found.reason),
    )


def staff_reason_form(reason: Reason) -> StaffReasonForm:
    """Return a reason with the advice for the department, as it is shown."""
    return StaffReasonForm(
        code=reason.code,
        outcome=reason.outcome,
        known=reason.known,
        seen=words_form(reason.seen),
        todo=words_form(reason.todo),
    )


def _budget(spent: Spent) -> BudgetForm:
    return BudgetForm(
        allowed=spent.allowed,
        done=spent.done,
        waiting=spent.waiting,
        window_h=spent.window_h,
    )


def _import(made: Import) -> CauseImportForm:
    return CauseImportForm(
        id=made.id,
        source=made.source,
        file=made.file,
        imported_at=made.imported_at,
        words=words_form(cause_in_words(made)),
    )
