"""The changes of doubles of ours.

Pure. One listing stays, and is kept right as any. The others stop selling as long as
that one is on sale: nothing is taken from buyers by that, so it passes outside the
budget. If a verdict ends the sale, it ends at all of them, counted once for the
product. Once a person has said which one stays, the others are withdrawn. Changes at
other accounts are planned with it, and sent by the runs of those.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from catalog.values import replace
from ocop_sync.engine.facet import Values, differing_facets, differing_fields
from ocop_sync.engine.plan.doubles import (
    double_name,
    fingerprint_there,
    kept_ref,
    refused_as,
    sells,
)
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.owed import claims
from ocop_sync.engine.plan.planned_changes import CHANGE_OF, stock_change, withdrawal
from ocop_sync.engine.state.state import Double, State
from ocop_sync.engine.terms import ON_SALE, Want
from ocop_sync.marketplace.change import Withdraw
from ocop_sync.marketplace.listing import Facet

_NOTHING_THERE = frozenset({Want.NO_PRODUCT})
"""Without a word from the catalog nothing is written: absence is never a reason."""


def offers_more(state: State) -> bool:
    """Say whether a double offers something, or may do so."""
    return any(
        double.pending
        or not double.values
        or any(double.values.get(Facet.STOCK, {}).values())
        for double in (*state.doubles, *state.other_account_doubles)
    )


def changes_there(evaluation: Evaluation) -> list[Planned]:
    """Return the changes of a product's doubles, at its account."""
    return [planned for _, planned in _changes(evaluation, evaluation.state.doubles)]


def other_account_changes(evaluation: Evaluation) -> list[tuple[Double, Planned]]:
    """Return the changes of those at other accounts, each with its listing."""
    return [
        (double, replace(planned, account=double.account))
        for double, planned in _changes(
            evaluation, evaluation.state.other_account_doubles
        )
    ]


def _changes(
    evaluation: Evaluation, doubles: Iterable[Double]
) -> Iterator[tuple[Double, Planned]]:
    if evaluation.wanted.want in _NOTHING_THERE:
        return
    for double in doubles:
        if double.pending:
            continue
        for planned in _at(evaluation, double):
            if not _was_refused(double, planned):
                yield double, planned


def _was_refused(double: Double, planned: Planned) -> bool:
    refused = double.refused.get(refused_as(planned.change))
    return refused == fingerprint_there(planned.change, planned.values)


def _at(evaluation: Evaluation, double: Double) -> Iterator[Planned]:
    there = replace(evaluation, state=_state_of(evaluation.state, double), changes=())
    if evaluation.wanted.want is Want.NOT_LISTED:
        yield withdrawal(there)
        return
    if not _may_stop(evaluation.state, double):
        # The next look-up goes on with the other one; or nobody knows which one still
        # sells.
        return
    if kept_ref(evaluation.state) == evaluation.state.ref:
        yield _settled(there, evaluation.state.ref)
        return
    stock = double.values.get(Facet.STOCK, {})
    if any(stock.values()):
        yield replace(stock_change(there, dict.fromkeys(stock, 0)), removes=False)
    if evaluation.wanted.want is Want.WITHOUT_CLAIM:
        yield from _unclaimed(there)


def _may_stop(state: State, double: Double) -> bool:
    """Say whether a double may stop selling, as the one that stays goes on."""
    if not double.account:
        return state.found in ON_SALE and not state.unreadable
    is_chosen = kept_ref(state) == double_name(double.account, double.ref)
    return sells(state) and bool(double.values) and not is_chosen


def _settled(there: Evaluation, kept: str) -> Planned:
    """Return the withdrawal of a listing that a person has not chosen."""
    planned = withdrawal(there)
    reason = f"Tin trùng, đã chọn giữ tin {kept}"
    change = replace(cast(Withdraw, planned.change), reason=reason)
    return replace(planned, change=change, removes=False)


def _unclaimed(there: Evaluation) -> Iterator[Planned]:
    """Yield the changes that take the claim off, in every part of the listing."""
    values, shown = there.wanted.values, there.state.shown
    if values is None:
        return
    differ = differing_facets(values, shown)
    if Facet.STARS in differ:
        yield CHANGE_OF[Facet.STARS](there, values[Facet.STARS])
    if Facet.CONTENT not in differ:
        return
    content, was = values[Facet.CONTENT], shown.get(Facet.CONTENT, {})
    over = [
        name
        for name in differing_fields(content, was)
        if claims(was, frozenset({name}), shown.get(Facet.STARS, {}))
    ]
    if over:
        value = {**was, **{name: content[name] for name in over}}
        yield CHANGE_OF[Facet.CONTENT](there, value)


def _state_of(state: State, double: Double) -> State:
    """Return the state of a double, as if it were the only one."""
    values: Values = double.values
    return replace(
        state,
        ref=double.ref,
        ticket="",
        version="",
        found=double.found,
        sent=values,
        confirmed=values,
        edited=None,
        refused=double.refused,
        doubled_ref="",
        doubles=(),
        other_account_doubles=(),
    )
