"""One thing that waits for a person, and how each kind of finding becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from catalog.db.kept_reports import KeptReport
from catalog.eligibility import Text
from catalog.imports.kept_import import Outcome
from catalog.queries.worklists import Ended, Ending, Lack
from catalog.vietnam_time import start_of
from ocop_sync.engine.hold import HOLD_WORDS, Hold, named_in
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.marketplace.by_hand import DueDown
from ocop_sync.service.department.hand_batches import HandAccount
from ocop_sync.service.department.held_prices import MOST, SheetPrice
from ocop_sync.service.producer.erasure import AskedErasure
from ocop_sync.service.queries.account_status import AccountStatus
from ocop_sync.service.queries.coverage_outlook import ClaimShown
from ocop_sync.service.queries.explain import REFUSALS
from ocop_sync.service.queries.held import HeldGroup
from ocop_sync.service.run.overdue import Overdue
from ocop_sync.store.decisions.drift import DriftEntry
from ocop_sync.store.listings.held_products import HeldProduct

WAITING: Final = frozenset({Outcome.HELD.value, Outcome.ASKED.value})
"""What becomes of an import that waits whole."""


class WorkPlace(NamedTuple):
    """The place of a thing in the list: urgency, then time, then what it is about."""

    urgency: int
    at: str
    marketplace: str
    subject: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One thing that waits for a person.

    Attributes:
        kind: The kind of work.
        marketplace: Where; "" if it is about the catalog.
        subject: The product, account or producer that it is about; "" if it is of none.
        name: The name of the product or producer; "" where there is none.
        number: The number by which it is decided: of a group, drift, twin or report.
        size: How many products it is about.
        since: Since when it waits, in UTC; None if that is not known.
        due: When it has to be done, in UTC; None if it has no date.
        seen: The finding.
        todo: The advice.
        hold: Why the product is held; None where it is not.
        sku: The pack that it is about; "" if it is of none.
        producer: The code of the producer that it is about; "" if it is of none.
        commune: The code of its commune since 1 July 2025, or "".
        account: The account at which people do it by hand; "" elsewhere.
    """

    kind: WorkKind
    marketplace: str = ""
    subject: str = ""
    name: str = ""
    number: int | None = None
    size: int = 1
    since: datetime | None = None
    due: datetime | None = None
    seen: Text
    todo: Text
    hold: Hold | None = None
    sku: str = ""
    producer: str = ""
    commune: str = ""
    account: str = ""

    @property
    def place(self) -> WorkPlace:
        """Return its place in the list."""
        at = self.due or self.since
        return WorkPlace(
            urgency=self.kind.urgency,
            at=at.isoformat() if at else "",
            marketplace=self.marketplace,
            subject=f"{self.subject} {self.sku}" if self.sku else self.subject,
            number=self.number or 0,
        )


def item_of(kind: WorkKind, marketplace: str, subject: str, **more: Any) -> WorkItem:
    """Return a thing that waits, with the words of its kind where it has none."""
    words = {"seen": kind.words, "todo": kind.todo} | more
    return WorkItem(kind=kind, marketplace=marketplace, subject=subject, **words)


def of_overdue(kind: WorkKind, each: Overdue) -> WorkItem:
    """Return what is shown wrongly at a marketplace."""
    reason = each.reason
    return item_of(
        kind,
        each.marketplace,
        each.product_id,
        number=each.group,
        seen=reason.seen,
        todo=reason.todo,
        hold=Hold(reason.code) if reason.code in set(Hold) else None,
    )


def of_down(account: HandAccount, each: DueDown) -> WorkItem:
    """Return a listing that people have to take down, with its deadline."""
    return item_of(
        WorkKind.DOWN_BY_HAND,
        account.marketplace,
        each.client_ref,
        account=account.account,
        due=each.due_at,
    )


def of_claim(each: ClaimShown) -> WorkItem:
    """Return a claim that is shown though it has ended."""
    return item_of(WorkKind.CLAIM_ENDED, each.marketplace, each.product_id)


def of_drift(each: DriftEntry) -> WorkItem:
    """Return an edit there that a person is asked about."""
    words, named = HOLD_WORDS[Hold(each.asked)], each.product_id
    return item_of(
        WorkKind.DRIFT_ASKED,
        each.marketplace,
        each.product_id,
        number=each.id,
        since=each.first_seen_at,
        seen=words.seen,
        todo=named_in(words.todo, marketplace=each.marketplace, product=named),
        hold=Hold(each.asked),
    )


def of_held(
    each: HeldProduct, name: str = "", maker: tuple[str, str] = ("", "")
) -> WorkItem:
    """Return a held product, or a listing that the marketplace refuses.

    *maker* are the codes of its producer and of the commune of that one. There may be
    thousands of these: they are made once, with all that is known.
    """
    words, place = HOLD_WORDS[each.hold], each.marketplace
    is_refused = each.hold in REFUSALS
    return item_of(
        WorkKind.LISTING_REFUSED if is_refused else WorkKind.PRODUCT_HELD,
        place,
        each.product_id,
        seen=words.seen,
        todo=named_in(words.todo, marketplace=place, product=each.product_id),
        hold=each.hold,
        name=name,
        producer=maker[0],
        commune=maker[1],
    )


def of_account(each: AccountStatus) -> WorkItem:
    """Return an account that does not work."""
    # Danger: the words and the advice of an error may name addresses and files.
    return item_of(
        WorkKind.ACCOUNT_FAILING, each.marketplace, each.key, since=each.failing_since
    )


def of_paused(each: AccountStatus) -> WorkItem:
    """Return an account that is paused."""
    since = each.pause.at if each.pause else None
    return item_of(WorkKind.ACCOUNT_PAUSED, each.marketplace, each.key, since=since)


def of_unread(each: AccountStatus) -> WorkItem:
    """Return an account that waits to be read after a restore."""
    since = each.restored_at
    return item_of(WorkKind.ACCOUNT_UNREAD, each.marketplace, each.key, since=since)


def of_old_list(each: AccountStatus) -> WorkItem:
    """Return an account of which a person is to bring a newer list."""
    since = each.read_whole_at
    return item_of(WorkKind.LIST_TOO_OLD, each.marketplace, each.key, since=since)


def of_group(each: HeldGroup) -> WorkItem:
    """Return a group above the budget."""
    group = each.group
    return item_of(
        WorkKind.GROUP_HELD,
        group.marketplace,
        "",
        number=group.id,
        size=each.left,
        since=group.opened_at,
        seen=each.why.seen,
    )


def rows_that_ask(each: KeptReport) -> int:
    """Return how many rows of an import ask; those of prices are told by themselves."""
    told: Mapping[str, int] = each.told or {}
    prices = min(told.get("rows_of_prices", 0), MOST)
    return max(0, told.get("rows_asked", 0) - prices)


def of_report(each: KeptReport) -> WorkItem:
    """Return an import that waits, or of which rows wait."""
    asked = rows_that_ask(each)
    is_waiting = each.outcome in WAITING
    return item_of(
        WorkKind.IMPORT_WAITS if is_waiting else WorkKind.IMPORT_ASKS,
        "",
        "",
        number=each.id,
        name=each.file,
        size=1 if is_waiting else asked,
        since=each.made_at,
    )


def of_price(each: SheetPrice) -> WorkItem:
    """Return a price of a sheet that waits."""
    return item_of(
        WorkKind.PRICE_HELD,
        "",
        each.product.id,
        number=each.report.id,
        name=each.product.name,
        since=each.report.made_at,
        seen=_slip(each.before, each.after),
        sku=each.sku,
        producer=each.product.producer_id or "",
        commune=each.commune,
    )


def _slip(before: int | None, after: int) -> Text:
    new, en = f"{after:,}".replace(",", "."), f"{after:,}"
    if before is None:
        return Text(f"Giá trong bảng: {new} đ", f"Price of the sheet: {en} đồng")
    old, was = f"{before:,}".replace(",", "."), f"{before:,}"
    return Text(
        f"Giá trong bảng: {new} đ, đang là {old} đ",
        f"Price of the sheet: {en} đồng, it is {was}",
    )


def of_erasure(each: AskedErasure) -> WorkItem:
    """Return an erasure that is due."""
    return item_of(
        WorkKind.ERASURE_DUE,
        "",
        each.producer_id,
        name=each.name,
        since=each.withdrawn_at,
        due=each.due_at,
        producer=each.producer_id,
    )


def of_end(each: Ending) -> WorkItem:
    """Return a certificate that ends soon."""
    kind = WorkKind.NOTICE_LATE if each.late else WorkKind.END_COMING
    return item_of(
        kind,
        "",
        each.product_id,
        name=each.product,
        due=start_of(each.ends_on),
        producer=each.producer_id,
        commune=each.commune,
    )


def of_ended(each: Ended) -> WorkItem:
    """Return a product without a certificate in force, as all have ended."""
    return item_of(
        WorkKind.CERTIFICATE_ENDED,
        "",
        each.product_id,
        name=each.product,
        since=start_of(each.ended_on + timedelta(days=1)),
        seen=each.seen,
        producer=each.producer_id,
        commune=each.commune,
    )


def of_lack(each: Lack, now: datetime) -> WorkItem:
    """Return a paper that is missing or not known at *now*."""
    kind = WorkKind.PAPER_BLOCKS if each.blocks else WorkKind.PAPER_UNKNOWN
    since = start_of(each.since) if each.since else None
    return item_of(
        kind,
        "",
        each.product_id,
        name=each.product,
        since=since if since and since <= now else None,
        seen=each.paper,
        todo=each.todo,
        producer=each.producer_id,
        commune=each.commune,
    )
