"""What another policy will do, in words with numbers, before it is done.

A policy protects less if more is taken from buyers without being asked, if what others
have edited is written over or left without a question, or if an edited OCOP claim
stays. These are its effects; a policy that only asks more often has none.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.counted import counted
from catalog.eligibility import Text
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.decisions.policies import budget_at, in_force
from ocop_sync.service.deployment import Deployment
from ocop_sync.settings.policies import PolicyValue
from ocop_sync.store.decisions import drift_counts, held_groups
from ocop_sync.store.decisions.policies import Scope, SetPolicies
from ocop_sync.store.listings import coverage
from ocop_sync.store.runs import ledger

_FACETS: Final = {
    Facet.CONTENT: Text("tên, mô tả, ảnh, quy cách", "titles, texts, pictures, packs"),
    Facet.PRICE: Text("giá", "prices"),
    Facet.STOCK: Text("tồn kho", "stock"),
    Facet.STARS: Text("sao OCOP", "the OCOP claim"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A policy whose value in force becomes another somewhere.

    Attributes:
        scope: Where: a marketplace, or an account with a policy of its own.
        name: The policy.
        before: The value before.
        after: The value from the next run on.
    """

    scope: Scope
    name: str
    before: PolicyValue
    after: PolicyValue

    @property
    def where(self) -> str:
        """Return the name of the account or the marketplace."""
        return self.scope.account or self.scope.marketplace


def changes_between(
    deployment: Deployment,
    scopes: Sequence[Scope],
    names: Sequence[str],
    before: SetPolicies,
    after: SetPolicies,
) -> list[PolicyChange]:
    """Return the policies of *scopes* whose value becomes another."""
    found = []
    for scope in scopes:
        for name in names:
            old = in_force(deployment, scope, name, before).value
            new = in_force(deployment, scope, name, after).value
            if old != new:
                found.append(
                    PolicyChange(scope=scope, name=name, before=old, after=new)
                )
    return found


async def effects_of(
    conn: AsyncConnection,
    deployment: Deployment,
    changes: Sequence[PolicyChange],
    before: SetPolicies,
    after: SetPolicies,
) -> list[Text]:
    """Return what *changes* will do that protects less; none if nothing does."""
    found = list[Text]()
    for name in sorted({each.scope.marketplace for each in changes}):
        here = [each for each in changes if each.scope.marketplace == name]
        drift = [each for each in here if each.name.startswith("drift.")]
        if drift:
            found += await _drift_effects(conn, deployment, drift, after)
        if len(drift) < len(here):
            old = budget_at(deployment, name, before)
            new = budget_at(deployment, name, after)
            found += await _budget_effects(conn, deployment, name, old, new)
    return found


async def _drift_effects(
    conn: AsyncConnection,
    deployment: Deployment,
    changes: Sequence[PolicyChange],
    after: SetPolicies,
) -> list[Text]:
    """Return the effects of *changes* at one marketplace."""
    marketplace = changes[0].scope.marketplace
    edits = await drift_counts.open_edits(conn, marketplace)
    found = list[Text]()
    for each in changes:
        facet = Facet(each.name.partition(".")[2])
        keys = {each.scope.account}
        if not each.scope.account:
            apart = {e.scope for e in changes if e.name == each.name}
            apart |= {scope for scope, name in after if name == each.name}
            accounts = deployment.site(marketplace).accounts
            keys = {key for key in accounts if Scope(marketplace, key) not in apart}
        found += _words_of_drift(each, facet, _count(edits, keys, facet))
    return found


def _count(
    edits: Mapping[tuple[str, str], int], keys: Collection[str], facet: Facet
) -> int:
    """Return how many edits of *facet* stand at accounts *keys*."""
    return sum(
        n
        for (key, field), n in edits.items()
        if key in keys and field.partition(".")[0] == facet.value
    )


def _words_of_drift(each: PolicyChange, facet: Facet, count: int) -> Iterator[Text]:
    where, of = each.where, _FACETS[facet]
    if each.after == Policy.REPAIR:
        yield Text(
            f"{where}: {of.vi} người khác sửa trên sàn sẽ bị ghi đè bằng bản của ta;"
            f" hiện có {count} chỗ sửa",
            f"{where}: {of.en} that others edit there are written over by ours; there"
            f" {_edits(count)} now",
        )
    elif each.after == Policy.ACCEPT:
        yield Text(
            f"{where}: {of.vi} người khác sửa trên sàn được giữ nguyên, không hỏi ai;"
            f" hiện có {count} chỗ sửa",
            f"{where}: {of.en} that others edit there stay so, and nobody is asked;"
            f" there {_edits(count)} now",
        )
    elif facet is Facet.STARS:
        yield Text(
            f"{where}: {of.vi} người khác sửa trên sàn cứ để đó đến khi có người quyết"
            f" định; hiện có {count} chỗ sửa",
            f"{where}: {of.en} that others edit there stays until somebody decides;"
            f" there {_edits(count)} now",
        )


def _edits(n: int) -> str:
    return f"{'is' if n == 1 else 'are'} {counted(n, 'edit')}"


async def _budget_effects(
    conn: AsyncConnection,
    deployment: Deployment,
    name: str,
    old: Budget,
    new: Budget,
) -> list[Text]:
    start = deployment.clock() - new.window
    live = await coverage.live_at(conn, name, start)
    before, after = old.allowance(live), new.allowance(live)
    found = list[Text]()
    if after > before or new.window < old.window or _grows(old, new):
        taken = await ledger.removals_since(conn, name, start)
        waiting = (await held_groups.waiting_at(conn)).get(name, 0)
        allowed = _words_of_allowance(name, (before, old), (after, new))
        stands = Text(
            f" ({live} tin đang bán; đã gỡ {taken}, đang chờ người duyệt {waiting})",
            f" ({counted(live, 'listing')} on sale; {taken} were taken, {waiting}"
            " wait for a"
            " person)",
        )
        found.append(Text(allowed.vi + stands.vi, allowed.en + stands.en))
    return [*found, *_words_of_times(name, old, new)]


def _grows(old: Budget, new: Budget) -> bool:
    """Say whether it allows more at any number of listings."""
    return new.share > old.share or new.min_changes > old.min_changes


def _words_of_allowance(
    name: str, old: tuple[int, Budget], new: tuple[int, Budget]
) -> Text:
    (before, earlier), (after, later) = old, new
    return Text(
        f"{name}: không hỏi ai vẫn gỡ được {after} sản phẩm trong {_hours(later):g}"
        f" giờ, trước là {before} trong {_hours(earlier):g} giờ",
        f"{name}: {counted(after, 'product')} may be taken from sale in"
        f" {_hours(later):g} h"
        f" without asking, before it was {before} in {_hours(earlier):g} h",
    )


def _words_of_times(name: str, old: Budget, new: Budget) -> Iterator[Text]:
    if new.vanished_share > old.vanished_share:
        yield Text(
            f"{name}: tin biến mất cùng lúc được đăng lại mà không hỏi ai đến"
            f" {new.vanished_share:.0%} số tin, trước là {old.vanished_share:.0%}",
            f"{name}: listings that vanish at once are made anew without asking up to"
            f" {new.vanished_share:.0%} of all, before it was {old.vanished_share:.0%}",
        )
    if new.known_end < old.known_end:
        yield Text(
            f"{name}: hết hạn đã biết trước {_days(new):g} ngày là gỡ, không tính vào"
            f" mức được gỡ; trước là {_days(old):g} ngày",
            f"{name}: an end that was known for {_days_en(new)} takes off sale"
            f" outside the budget, before it was {_days_en(old)}",
        )
    if new.approval_lasts > old.approval_lasts:
        after = new.approval_lasts / timedelta(hours=1)
        before = old.approval_lasts / timedelta(hours=1)
        yield Text(
            f"{name}: lần duyệt từ nay có hiệu lực {after:g} giờ, trước là {before:g}",
            f"{name}: an approval from now on holds for {after:g} h, before it was"
            f" {before:g}",
        )


def _hours(budget: Budget) -> float:
    return budget.window / timedelta(hours=1)


def _days(budget: Budget) -> float:
    return budget.known_end / timedelta(days=1)


def _days_en(budget: Budget) -> str:
    return counted(_days(budget), "day")
