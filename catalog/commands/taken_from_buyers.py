"""What an edit of the department takes from buyers, told before it counts.

Verdicts before and after are compared, by the rules of the deployment. A verdict that
is no worse than before asks nothing, whatever its reasons are. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from catalog.eligibility import Rules, Standing, Verdict, evaluate
from catalog.errors import FieldProblem
from catalog.model.product import Entry

_STRENGTH: Final[Mapping[Standing, int]] = {
    Standing.LISTED: 0,
    Standing.UNKNOWN: 0,  # it takes nothing from what is on sale
    Standing.WITHOUT_CLAIM: 1,
    Standing.NOT_LISTED: 2,
    Standing.OUT_OF_SCOPE: 3,
}
_WORDS: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.WITHOUT_CLAIM: (
        "tin đang bán sẽ bỏ hết nội dung OCOP",
        "what is on sale loses its OCOP claim",
    ),
    Standing.NOT_LISTED: ("sẽ ngừng bán ở mọi sàn", "its sale ends everywhere"),
    Standing.OUT_OF_SCOPE: (
        "không còn thuộc diện được bán, tin đang có phải chờ người xử lý",
        "it is out of scope, and a listing of it waits for a person",
    ),
}


def taken_from_buyers(
    changed: Iterable[tuple[Entry, Entry]], now: datetime, rules: Rules
) -> list[FieldProblem]:
    """Return what changes of products take from buyers, by their ids.

    Args:
        changed: Each product as it is, and as it will be.
        now: The present instant.
        rules: The rules.
    """
    found: list[FieldProblem] = []
    for before, after in changed:
        was, then = evaluate(*before, now, rules), evaluate(*after, now, rules)
        if _STRENGTH[then.standing] > _STRENGTH[was.standing]:
            found.append(_told(after, then))
    return found


def _told(entry: Entry, verdict: Verdict) -> FieldProblem:
    product, (vi, en) = entry[0], _WORDS[verdict.standing]
    why = verdict.decisive
    assert why is not None  # noqa: S101  (no such standing is without a reason)
    return FieldProblem(
        product.id,
        f"{product.id} {product.name}: {vi}, vì {why.seen.vi}",
        f"{product.id} {product.name}: {en}, as {why.seen.en}",
    )
