"""The places of names of people in our own tables: see `catalog.db.erased_names`."""

import re
from typing import Final

from catalog.db.erased_names import NamePlaces, renamed
from ocop_sync.store.plan_tables import plan
from ocop_sync.store.tables import (
    account,
    change,
    drift,
    held,
    mapping,
    policy,
    retry,
    run,
    twin,
)

_APPROVED: Final = r"\((nhóm \d+), {name} duyệt: .*\)$"
"""By whom a removal was approved, and why, as the ledger says it."""


def _approval(sentence: str, name: str, ref: str) -> str:
    """Return why a change was sent, without who approved it, nor that person's why."""
    pattern = _APPROVED.format(name=re.escape(name))
    short = re.sub(pattern, r"(\1)", sentence, flags=re.DOTALL)
    return renamed(short, name, ref)


IN_STORE: Final = NamePlaces(
    names={
        account.c.cancelled_by: (),
        account.c.paused_by: (account.c.pause_reason,),
        drift.c.healed_by: (),
        drift.c.decided_by: (),
        held.c.decided_by: (held.c.reason,),
        mapping.c.set_by: (),
        plan.c.made_by: (),
        plan.c.decided_by: (plan.c.reason,),
        policy.c.set_by: (policy.c.reason,),
        retry.c.asked_by: (),
        twin.c.decided_by: (),
    },
    sentences={change.c.why: _approval, run.c.detail: renamed},
)
"""The places in the tables of our runs and decisions."""
