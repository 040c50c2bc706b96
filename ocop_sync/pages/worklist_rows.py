"""Rows of the worklist: each thing that waits in sentences, with where it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote

from catalog.eligibility import Text
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.change_words import effect_words
from ocop_sync.pages.figure_words import CLAIMS_ENDED, COUNTED, ENDS, place_words
from ocop_sync.pages.hold_words import hold_advice
from ocop_sync.pages.navigation import ACCOUNTS, PRODUCTS
from ocop_sync.pages.words import filled
from ocop_sync.pages.worklist_addresses import (
    DOUBLES,
    DRIFT,
    GROUPS,
    IMPORTS,
    MAPPING,
    PAPERS,
    PRICES,
    REFUSED,
    TWINS,
)
from ocop_sync.pages.worklist_words import OVERDUE, WITH_GROUP, WORK_WORDS, seen_words
from ocop_sync.service.department.words_there import Subject, words_there
from ocop_sync.service.department.work_items import WorkItem
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import REFUSALS
from ocop_sync.service.queries.held import HeldGroup, held_groups

_LISTS: Final[Mapping[WorkKind, tuple[str, Text]]] = {
    WorkKind.ON_SALE_WRONGLY: (
        f"{COUNTED}?figure=live_not_listable&marketplace={{marketplace}}",
        Text("Xem mọi tin như vậy", "See all of these"),
    ),
    WorkKind.DOWN_BY_HAND: (
        f"{ACCOUNTS}/{{account}}/work",
        Text("Xem việc làm bằng tay", "See the work by hand"),
    ),
    WorkKind.CLAIM_ENDED: (
        CLAIMS_ENDED,
        Text("Xem mọi tin như vậy", "See all of these"),
    ),
    WorkKind.ACCOUNT_FAILING: (
        f"{ACCOUNTS}/{{subject}}",
        Text("Xem tài khoản", "See the account"),
    ),
    WorkKind.ACCOUNT_PAUSED: (
        f"{ACCOUNTS}/{{subject}}",
        Text("Xem tài khoản", "See the account"),
    ),
    WorkKind.ACCOUNT_UNREAD: (
        f"{ACCOUNTS}/{{subject}}",
        Text("Xem tài khoản", "See the account"),
    ),
    WorkKind.LIST_TOO_OLD: (
        f"{ACCOUNTS}/{{subject}}",
        Text("Xem tài khoản", "See the account"),
    ),
    WorkKind.GROUP_HELD: (
        f"{GROUPS}/{{number}}",
        Text("Xem rồi quyết định", "Look, then decide"),
    ),
    WorkKind.LISTING_REFUSED: (
        f"{REFUSED}?marketplace={{marketplace}}&product={{subject}}",
        Text("Xem lời của sàn", "See what it says"),
    ),
    WorkKind.PRODUCT_HELD: (
        f"{PRODUCTS}/{{subject}}",
        Text("Xem sản phẩm", "See the product"),
    ),
    WorkKind.IMPORT_WAITS: (
        f"{IMPORTS}/{{number}}",
        Text("Xem rồi trả lời", "Look, then answer"),
    ),
    WorkKind.IMPORT_ASKS: (
        f"{IMPORTS}/{{number}}",
        Text("Xem rồi trả lời", "Look, then answer"),
    ),
    WorkKind.PRICE_HELD: (
        f"{PRICES}/{{number}}/{{sku}}",
        Text("So hai giá rồi chọn", "Compare, then choose"),
    ),
    WorkKind.DOUBLED: (
        f"{DOUBLES}/{{number}}",
        Text("Chọn tin được giữ", "Choose which one stays"),
    ),
    WorkKind.DRIFT_ASKED: (
        f"{DRIFT}/{{number}}",
        Text("So hai bản rồi chọn", "Compare, then choose"),
    ),
    WorkKind.TWIN: (
        f"{TWINS}/{{number}}",
        Text("So hai bên rồi chọn", "Compare, then choose"),
    ),
    WorkKind.PAPER_BLOCKS: (
        PAPERS,
        Text("Xem phải hỏi ai", "See whom to ask"),
    ),
    WorkKind.PAPER_UNKNOWN: (
        f"{PAPERS}?state=unknown",
        Text("Xem phải hỏi ai", "See whom to ask"),
    ),
    WorkKind.NOTICE_LATE: (
        ENDS,
        Text("Xem mọi giấy sắp hết hạn", "See all that end soon"),
    ),
    WorkKind.CERTIFICATE_ENDED: (
        f"{PRODUCTS}/{{subject}}",
        Text("Xem sản phẩm", "See the product"),
    ),
    WorkKind.END_COMING: (
        ENDS,
        Text("Xem mọi giấy sắp hết hạn", "See all that end soon"),
    ),
}
"""The page on which a kind is decided or seen, and the words of the link."""

_EDIT: Final = f"{PRODUCTS}/{{subject}}/edit"
_HELD: Final[Mapping[Hold, tuple[str, Text]]] = {
    Hold.ORPHAN: (
        f"{PRODUCTS}?q={{subject}}",
        Text("Tìm trong danh mục", "Look for it in the catalog"),
    ),
    Hold.NO_ACCOUNT: (ACCOUNTS, Text("Xem các tài khoản", "See the accounts")),
    Hold.NO_CATEGORY: (MAPPING, Text("Xem bảng quy đổi của sàn", "See its mapping")),
    Hold.TITLE_TOO_LONG: (_EDIT, Text("Sửa tên", "Edit its name")),
    Hold.CLAIM_IN_NAME: (_EDIT, Text("Sửa tên", "Edit its name")),
    Hold.DESCRIPTION_TOO_LONG: (_EDIT, Text("Sửa mô tả", "Edit its description")),
}
"""The page on which the advice of a hold is followed, where it is not the product's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One thing that waits, in sentences.

    Attributes:
        item: The thing itself.
        tag: Its kind, in two or three words.
        state: What that means.
        title: The matter.
        why: Its reason.
        said: The marketplace's own words.
        follows: What comes of it once it is done.
        todo: The advice.
        due: The day on which it has to be done, if there is one.
        code: The code of its product; "" if it is about none.
        href: Where it is decided or seen; "" if no page does that.
        link: The words of that link.
    """

    item: WorkItem
    tag: Text
    state: Kind
    title: Text
    why: Text
    said: Sequence[str]
    follows: Text
    todo: Text
    due: date | None
    code: str
    href: str
    link: Text | None


async def rows_of(deployment: Deployment, shown: Sequence[WorkItem]) -> list[WorkRow]:
    """Return each thing as a row, in their order."""
    refused = [_subject(each) for each in shown if each.hold in REFUSALS]
    said = await words_there(deployment, refused) if refused else {}
    groups: dict[int, HeldGroup] = {}
    if any(each.kind is WorkKind.GROUP_HELD for each in shown):
        groups = {each.group.id: each for each in await held_groups(deployment)}
    return [
        _row(
            deployment, each, said.get(_subject(each), ()), groups.get(each.number or 0)
        )
        for each in shown
    ]


def _subject(each: WorkItem) -> Subject:
    return each.marketplace, each.subject


def _row(
    deployment: Deployment, item: WorkItem, said: Sequence[str], group: HeldGroup | None
) -> WorkRow:
    words, where = WORK_WORDS[item.kind], place_words(deployment, item.marketplace)
    values = {
        "name": item.name or item.subject,
        "where": where,
        "n": item.size,
        "seen": seen_words(item),
    }
    follows = filled(words.follows, **values)
    if item.kind is WorkKind.GROUP_HELD and group is not None:
        follows = effect_words(group.kinds, where)
    kind = WorkKind.GROUP_HELD if _waits_with_group(item) else item.kind
    href, link = _LISTS.get(kind, ("", None))
    if kind is WorkKind.PRODUCT_HELD and item.hold is not None:
        href, link = _HELD.get(item.hold, (href, link))
    return WorkRow(
        item=item,
        tag=words.tag,
        state=words.state,
        title=filled(words.title, **values),
        why=filled(words.why, **values),
        said=said,
        follows=follows,
        todo=_advice(item),
        due=day_in_vietnam(item.due) if item.due else None,
        code=item.subject if item.kind not in _OF_NO_PRODUCT else "",
        href=href.format(
            marketplace=item.marketplace,
            number=item.number,
            subject=quote(item.subject, safe=""),
            sku=quote(item.sku, safe=""),
            account=quote(item.account, safe=""),
        ),
        link=link,
    )


def _advice(item: WorkItem) -> Text:
    """Return what to do, without a command."""
    if _waits_with_group(item):
        return WITH_GROUP
    if (todo := WORK_WORDS[item.kind].todo) is not None:
        return todo
    return hold_advice(item.hold) if item.hold else item.todo


def _waits_with_group(item: WorkItem) -> bool:
    return item.kind in OVERDUE and item.number is not None


_OF_NO_PRODUCT: Final = frozenset(
    {
        WorkKind.ACCOUNT_FAILING,
        WorkKind.ACCOUNT_PAUSED,
        WorkKind.ACCOUNT_UNREAD,
        WorkKind.LIST_TOO_OLD,
        WorkKind.ERASURE_DUE,
    }
)
