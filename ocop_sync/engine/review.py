"""What a person is shown before a decision, and whether it is still that.

A print stands for all that the person has seen of one product: what is done, why,
and what buyers will see or lose. It never stands for stock: sales go on while
somebody reads, and stock is read when it is sent. Pure; whose prints were approved
is remembered in `ocop_sync.store.groups`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.eligibility import Text
from ocop_sync.engine.decide import Decision
from ocop_sync.engine.diff import Judgement, Planned
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet

VANISHED = "vanished"
"""The cause of creating anew what has vanished."""

_TAKEN = {Kind.WITHDRAW: "sale", Kind.SET_STOCK: "stock", Kind.CREATE: "listing"}
"""What a kind of change takes; all others take a claim."""
_SHOWN = (Facet.CONTENT.value, Facet.STARS.value)
_GONE = Text("Tin đã biến mất khỏi sàn", "The listing has vanished there")
_UNCOUNTED = Text(
    "Danh mục ghi đã hết hàng, mà không có thời điểm kiểm đếm",
    "The catalog says that none is left, without the time of a count",
)


class Anew(StrEnum):
    """Why a product is asked about again after a person has decided."""

    CHANGED = "changed"
    """It is no longer what the person saw."""
    NEW = "new"
    """It was not there when the person decided."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is done.

    Attributes:
        code: Of the rule, or the name of a hold or of another cause.
        seen: What was seen.
    """

    code: str
    seen: Text


def why_of(judgement: Judgement) -> Why:
    """Return why *judgement* takes something from buyers, or makes it anew."""
    wanted, reason = judgement.wanted, judgement.wanted.reason
    if judgement.decision is Decision.CREATE_ANEW:
        return Why(VANISHED, _GONE)
    if wanted.problem is not None and wanted.cause == wanted.problem.value:
        return Why(wanted.problem.value, HOLD_WORDS[Hold(wanted.problem)].seen)
    if reason is not None:
        return Why(reason.code, reason.seen)
    return Why(wanted.cause, _UNCOUNTED)


def print_of_taking(judgement: Judgement, takes: Iterable[Planned]) -> str:
    """Return what stands for all that *judgement* takes from buyers of a product.

    A claim comes off in several changes; what is left of them stands for the
    same. Stock stands for nothing where something else is taken as well: a sale
    must not undo an approval.

    Args:
        judgement: It takes something, or creates anew what has vanished.
        takes: Its changes that do so.
    """
    taken = {_TAKEN.get(each.change.kind, "claim") for each in takes}
    return _print(
        [
            judgement.wanted.product_id,
            sorted(taken - {"stock"} or taken),
            _reasons(judgement),
            _seen_by_buyers(judgement),
        ]
    )


def _reasons(judgement: Judgement) -> list[str]:
    wanted, why = judgement.wanted, why_of(judgement)
    reason = wanted.reason
    said = [reason.outcome.value, reason.key, reason.seen.vi] if reason else []
    return [why.code, wanted.cause, *said]


def _seen_by_buyers(judgement: Judgement) -> dict[str, Any]:
    """Return what is shown afterwards, or what is lost if nothing is."""
    values = judgement.wanted.values
    if values is None or judgement.decision is Decision.WITHDRAW:
        values = judgement.state.shown
    return {name: values.get(name) for name in _SHOWN}


def checksum(prints: Iterable[str]) -> str:
    """Return what stands for *prints*, in that order."""
    return fingerprint(list(prints))


def _print(data: object) -> str:
    """Return what stands for plain *data*, in whatever order its keys were set."""
    return fingerprint(json.dumps(data, sort_keys=True))
