"""The policies as fields of a form: what each decides, and how its value is written.

Shares are written as percent, numbers with a comma or a point. An empty field lets go
of a policy: then what is said of more holds, or the settings.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from catalog.eligibility import Text
from ocop_sync.api.forms.policies import PolicyInForceForm, ScopeForm
from ocop_sync.pages.decision_forms import Fault

How = Literal["choice", "hours", "days", "products", "percent"]

CHOICES: Final[Mapping[str, Text]] = {
    "ask": Text("Hỏi người", "Ask a person"),
    "repair": Text("Ghi lại bản của ta", "Put ours back"),
    "accept": Text("Để như trên sàn", "Leave it as it is there"),
}
"""What may be done about an edit of others."""

FIELDS: Final[Mapping[str, tuple[How, Text]]] = {
    "drift.content": (
        "choice",
        Text(
            "Người khác sửa tên, mô tả, ảnh hoặc quy cách trên sàn",
            "Others edit titles, texts, pictures or packs there",
        ),
    ),
    "drift.price": (
        "choice",
        Text("Người khác sửa giá trên sàn", "Others edit prices there"),
    ),
    "drift.stock": (
        "choice",
        Text("Người khác hạ tồn kho trên sàn", "Others lower the stock there"),
    ),
    "drift.stars": (
        "choice",
        Text("Người khác sửa sao OCOP trên sàn", "Others edit the OCOP claim there"),
    ),
    "safety.share": (
        "percent",
        Text(
            "Được gỡ mà không hỏi: phần trăm số tin đang bán",
            "May be withdrawn without asking: percent of what is on sale",
        ),
    ),
    "safety.min_changes": (
        "products",
        Text(
            "Luôn được gỡ mà không hỏi: số sản phẩm",
            "May always be withdrawn without asking: products",
        ),
    ),
    "safety.window_h": (
        "hours",
        Text("Tính trong bao nhiêu giờ", "Counted over so many hours"),
    ),
    "safety.known_end_days": (
        "days",
        Text(
            "Ngày hết hạn phải biết trước bao nhiêu ngày thì mới gỡ mà không tính",
            "Days that an end must have been known to be outside of this",
        ),
    ),
    "safety.approval_h": (
        "hours",
        Text("Lần duyệt có hiệu lực bao nhiêu giờ", "Hours that an approval holds"),
    ),
    "safety.vanished_share": (
        "percent",
        Text(
            "Tin biến mất cùng lúc được đăng lại mà không hỏi: phần trăm",
            "Vanished listings that are made anew without asking: percent",
        ),
    ),
}
"""Each policy: how it is written, and what it decides."""

_FAULTS: Final[Mapping[How, Text]] = {
    "choice": Text("Chọn một mục trong danh sách.", "Choose one of the list."),
    "hours": Text(
        "Ghi số giờ, trên 0 và nhiều nhất 8784.", "Hours, above 0 and at most 8784."
    ),
    "days": Text("Ghi số ngày, từ 0 đến 3660.", "Days, from 0 to 3660."),
    "products": Text(
        "Ghi số sản phẩm, từ 0 đến 1000000.", "Products, from 0 to 1000000."
    ),
    "percent": Text("Ghi phần trăm, từ 0 đến 100.", "Percent, from 0 to 100."),
}
_LARGEST: Final[Mapping[How, float]] = {
    "hours": 8784,
    "days": 3660,
    "products": 1_000_000,
    "percent": 100,
}
_NUMBER: Final = re.compile(r"\d{1,7}(?:[.,]\d{1,4})?", re.ASCII)
_SOURCES: Final[Mapping[str, Text]] = {
    "default": Text("mặc định", "by default"),
    "settings": Text("theo thiết lập", "by the settings"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyField:
    """A policy as a field.

    Attributes:
        name: Its name in the form.
        words: What it decides.
        is_choice: It is one of `CHOICES`.
        value: The value in force, and where that comes from.
        own: The value that is set for this very scope, as it is written; "" if none.
    """

    name: str
    words: Text
    is_choice: bool
    value: Text
    own: str


def name_of(policy: str) -> str:
    """Return the name of a policy in a form."""
    return policy.replace(".", "-")


def field_of(policy: PolicyInForceForm, scope: ScopeForm) -> PolicyField:
    """Return a policy of *scope* as a field."""
    how, words = FIELDS[policy.name]
    decided = policy.decided
    is_own = decided is not None and decided.set_for == scope
    if decided is not None:
        source = Text(f"{decided.set_by} đặt", f"set by {decided.set_by}")
    else:
        source = _SOURCES[policy.source.value]
    written = written_of(policy.value, how)
    value = CHOICES.get(written, Text(f"{written} %", f"{written}%"))
    if how not in {"choice", "percent"}:
        value = Text(written, written)
    return PolicyField(
        name=name_of(policy.name),
        words=words,
        is_choice=how == "choice",
        value=Text(f"{value.vi} ({source.vi})", f"{value.en} ({source.en})"),
        own=written if is_own else "",
    )


def written_of(value: str | float, how: How) -> str:
    """Return a value as it stands in a field."""
    if isinstance(value, str):
        return value
    number = value * 100 if how == "percent" else value
    return f"{number:.4f}".rstrip("0").rstrip(".").replace(".", ",")


def read_values(
    form: Mapping[str, str], policies: Sequence[PolicyInForceForm], scope: ScopeForm
) -> tuple[dict[str, object], list[Fault]]:
    """Return what a form sets anew, and what is to be corrected.

    What stands there as it was is left out; None lets go of a policy.
    """
    values, faults = dict[str, object](), list[Fault]()
    for each in policies:
        how, _ = FIELDS[each.name]
        own = field_of(each, scope).own
        typed = form.get(name_of(each.name), own).strip()
        if typed.replace(".", ",") == own:
            continue
        if not typed:
            values[each.name] = None
        elif (value := _value(typed, how)) is None:
            faults.append((name_of(each.name), _FAULTS[how]))
        else:
            values[each.name] = value
    return values, faults


def _value(typed: str, how: How) -> str | float | None:
    if how == "choice":
        return typed if typed in CHOICES else None
    if not _NUMBER.fullmatch(typed):
        return None
    number = float(typed.replace(",", "."))
    if number > _LARGEST[how] or (how == "hours" and number == 0):
        return None
    if how == "products":
        return int(number) if number.is_integer() else None
    return number / 100 if how == "percent" else number
