"""Several held groups decided at once: each with its effect, one reason for all.

The form carries each group as it was seen. One that has changed, or on which somebody
else was first, is left alone and shown as it stands now; the others are decided.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.errors import NoSuchDecisionError, PlanError, StalePlanError
from ocop_sync.pages.change_words import effect_words
from ocop_sync.pages.decision_forms import FIELD, Fault, faulty
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.worklist_addresses import GROUPS
from ocop_sync.service.decisions.approvals import approve, refuse
from ocop_sync.service.queries.held import HeldGroup, cause_in_words, held_groups

_MOST: Final = 50
"""Groups that are decided at once."""
_UNDECIDED: Final = frozenset({"open", "ended"})


class GroupsQuery(Model):
    """Which groups."""

    group: Annotated[tuple[Number, ...], Field(max_length=_MOST)] = ()
    """Their numbers."""

    @property
    def address(self) -> str:
        """Return the address of just these."""
        return f"{GROUPS}?{urlencode([('group', each) for each in self.group])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsAttempt:
    """A form that did not decide all of the groups.

    Attributes:
        status: The status of the page that says so.
        faults: What is to be corrected; nothing was decided then.
        decided: The groups that were decided.
        second: Those on which somebody else was first.
        changed: Those that have changed since they were seen.
        gone: Those that wait no longer.
    """

    status: int
    faults: tuple[Fault, ...] = ()
    decided: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group in sentences: what its approval does, where it comes from."""

    found: HeldGroup
    effect: Text
    cause: Text | None
    address: str

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it."""
        return self.found.state in _UNDECIDED


async def show_groups(visit: Visit) -> web.Response:
    """Show the chosen groups, and what the approval of all of them does."""
    as_department(visit.asker)
    return await _page(visit, None)


async def decide_groups(visit: Visit) -> web.Response:
    """Approve or refuse the groups as they were seen, with one reason."""
    by, query, form = as_department(visit.asker), visit.query(GroupsQuery), visit.form
    if (wrong := faulty(form)) is not None:
        attempt = GroupsAttempt(status=422, faults=wrong.faults)
        return await _page(visit, attempt)
    decide = approve if form["answer"] == "approve" else refuse
    attempt = GroupsAttempt(status=409)
    for number in query.group:
        try:
            await decide(
                visit.deployment,
                number,
                by=by,
                reason=form[FIELD].strip(),
                checksum=form.get(f"checksum-{number}", ""),
                seen=form.get(f"seen-{number}", ""),
            )
        except StalePlanError:
            attempt.changed.append(number)
        except NoSuchDecisionError:
            attempt.gone.append(number)
        except PlanError:
            attempt.second.append(number)
        else:
            attempt.decided.append(number)
    if len(attempt.decided) == len(query.group):
        return see(f"{WORKLIST}?done=groups")
    return await _page(visit, attempt)


async def _page(visit: Visit, attempt: GroupsAttempt | None) -> web.Response:
    query, deployment = visit.query(GroupsQuery), visit.deployment
    found = {each.group.id: each for each in await held_groups(deployment)}
    rows = [_row(visit, found[n]) for n in sorted(set(query.group)) if n in found]
    if not rows:
        return see(f"{WORKLIST}?over=group" if query.group else WORKLIST)
    open_rows = [each for each in rows if each.waits]
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "rows": rows,
        "open_rows": open_rows,
        "effect": _all_effects(visit, open_rows),
        "address": GroupsQuery(
            group=tuple(each.found.group.id for each in open_rows)
        ).address,
        "worklist": WORKLIST,
    }
    return visit.page(
        "held_groups.html",
        simulated=deployment.simulated,
        status=attempt.status if attempt else 200,
        values=values,
    )


def _row(visit: Visit, found: HeldGroup) -> GroupRow:
    where = place_words(visit.deployment, found.group.marketplace)
    return GroupRow(
        found=found,
        effect=effect_words(found.kinds, where),
        cause=cause_in_words(found.import_) if found.import_ else None,
        address=f"{GROUPS}/{found.group.id}",
    )


def _all_effects(visit: Visit, rows: list[GroupRow]) -> Text:
    """Return what the approval of all does, each marketplace once."""
    there: dict[str, Counter[tuple[str, ...]]] = {}
    for each in rows:
        name = each.found.group.marketplace
        there.setdefault(name, Counter()).update(each.found.kinds)
    told = [
        effect_words(kinds, place_words(visit.deployment, name))
        for name, kinds in there.items()
    ]
    return Text("; ".join(e.vi for e in told), "; ".join(e.en for e in told))


PAGES: Final = (
    PageRoute("GET", GROUPS, STAFF, show_groups),
    PageRoute("POST", GROUPS, STAFF, decide_groups),
)
