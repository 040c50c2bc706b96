"""The next sync as it would be at all marketplaces, and accounts that it leaves out.

Its JSON form is written piece by piece: a plan may have a change for each product of
a province.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.progress import Count
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.decisions.pauses import pauses_at
from ocop_sync.service.deployment import Deployment, Unusable
from ocop_sync.service.json.writer import JsonObject
from ocop_sync.service.plan.plan import Plan, plan
from ocop_sync.service.plan.scope import PlanScope, names_of
from ocop_sync.service.run.run_rating import RunRating
from ocop_sync.service.run.unlike import AllUnlike, all_unlike
from ocop_sync.store.runs.pauses import Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The next sync as it would be, with the accounts that it cannot work with.

    `unlike` are listings that it leaves alone: they do not resemble the product whose
    reference they carry. `pauses` are those of accounts there: nothing of it is sent.
    """

    made_at: datetime
    plans: Sequence[Plan]
    unusable: Sequence[Unusable]
    unlike: AllUnlike
    pauses: Sequence[Pause]

    @property
    def rating(self) -> RunRating:
        """Return how the sync would end as far as is known before it."""
        if any(each.held for each in self.plans):
            return RunRating.HELD
        return RunRating.FAILED if self.unusable else RunRating.DONE

    def write_json(self, document: JsonObject, count: Count) -> None:
        """Write its JSON form, and call *count* for each change."""
        with document.nested("marketplaces") as by_name:
            for each in self.plans:
                with by_name.nested(each.marketplace) as inner:
                    _write(each, inner, count)
        document.put("unusable", {each.key: each.why for each in self.unusable})
        document.put("unlike", self.unlike)
        document.put("paused", {each.account: each for each in self.pauses})


def _write(made: Plan, document: JsonObject, count: Count) -> None:
    document.put("simulated", made.simulated)
    document.put("calls", made.calls)
    document.put("reads", made.reads)
    document.put("minutes", made.minutes)
    document.put("accounts", made.costs)
    document.put("unread", made.unread)
    document.put("holds", made.holds)
    with document.rows("changes") as write_row:
        for line in made.lines:
            write_row(line)
            count(1)
    document.put("held", made.held)


async def preview(deployment: Deployment, scope: PlanScope, count: Count) -> Preview:
    """Work out a sync, as far as it is in *scope*.

    Raises:
        ConfigurationError, PlanError: As of `plan`.
    """
    made_at = deployment.clock()
    names = names_of(deployment, scope)
    lost = [e for e in deployment.unusable_at(names) if scope.has_account(e.key)]
    return Preview(
        made_at=made_at,
        plans=await plan(deployment, scope, count),
        unusable=lost,
        unlike=await all_unlike(await as_decided(deployment), names),
        pauses=await pauses_at(deployment, names),
    )
