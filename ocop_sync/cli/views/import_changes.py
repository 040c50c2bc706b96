"""The changes of an import, in words and for machines."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from catalog.db.field_changes import WHOLE, Change, Entity
from catalog.feed.headings.display import stored_in_words
from catalog.feed.headings.heading import heading_of
from catalog.imports.many_effects import WORDS
from catalog.undo.effects import effect_of
from catalog.vietnam_time import moment
from ocop_sync.cli.views.tables import plain, shortened

_SHOWN_CHARACTERS = 60
_HEADINGS = {
    (Entity.PRODUCER, "name"): "producer_name",
    (Entity.PRODUCER, "kind"): "producer_kind",
    (Entity.PRODUCT, "producer_id"): "producer_id",
    (Entity.CERTIFICATE, "source"): "certificate_source",
}
"""Columns of sheets that are called otherwise than those of the catalog."""
_WORDS = {
    "missing_since": "vắng từ / missing since",
    "stands": "còn hiệu lực / stands",
    "confirmed_in": "xác nhận ở lần nạp / confirmed in import",
    "held": "có / held",
    "held_by": "người xác nhận / attested by",
    "held_on": "ngày xác nhận / attested on",
    "expires_on": "hết hạn / ends on",
    "number": "số / number",
    "issued_on": "ngày cấp / issued on",
    "delta": "nhập, xuất kho / adjusted by",
    "reason": "lý do / reason",
}
ERASED = "phần có thể là dữ liệu cá nhân đã xóa / what may be personal is erased"
"""What a change says of values that are gone."""
_NOT_KEPT = "giá trị không được lưu / its values were not kept"
_FACTS = {
    True: "có / yes",
    False: "không / no",
    "yes": "có / yes",
    "no": "không / no",
    "unknown": "chưa rõ / unknown",
}


def in_words(change: Change, names: Mapping[str, str]) -> str:
    """Return a change as people read it, with the *names* of its subject by id."""
    where = change.where
    name = names.get(where.subject, "")
    told = f"{where.subject} {name}: {change_in_words(change)}"
    return plain(told.replace("  ", " "))


def change_in_words(change: Change) -> str:
    """Return a change as people read it, without its subject."""
    where = change.where
    if where.field == WHOLE and where.entity in (Entity.PRODUCT, Entity.PRODUCER):
        return "mới / new"
    part = _part(change)
    if where.field == "adjustment":
        return f"{part}: {_joined(_texts(change, change.after))}"
    if change.before is None and change.after is None and where.field != WHOLE:
        rest = ERASED if change.erased else _NOT_KEPT
        return f"{part} {_heading(where.entity, where.field)}: {rest}".strip()
    rest = f"; {ERASED}" if change.erased else ""
    return _values(change, part) + rest


def _values(change: Change, part: str) -> str:
    where = change.where
    before, after = _texts(change, change.before), _texts(change, change.after)
    if change.before is None and where.field == WHOLE:
        return f"{part}: mới / new ({_joined(after)})"
    if change.after is None and where.field == WHOLE:
        return f"{part}: bỏ / gone ({_joined(before)})"
    changed = [
        f"{column} {before.get(column) or '-'} → {after.get(column) or '-'}"
        for column in {**before, **after}
        if (before.get(column) or "") != (after.get(column) or "")
    ]
    return f"{part}: {'; '.join(changed)}" if part else "; ".join(changed)


def _part(change: Change) -> str:
    where = change.where
    if where.entity is Entity.CERTIFICATE:
        # The place is not known of what was changed before there was a history.
        place = int(where.key) + 1 if where.key else ""
        return f"giấy chứng nhận / certificate {place}".rstrip()
    if where.entity is Entity.PAPER:
        return heading_of(where.key)
    if where.entity is Entity.NAMING:
        return f"nguồn / source {where.key}"
    if where.entity is Entity.EFFECT:
        (_, kind, about), number = effect_of(where.subject, where.key)
        vi, en = WORDS[kind]
        return f"lần nạp / import {number}: {vi} / {en} {about}".rstrip()
    return where.key


def _texts(change: Change, value: Any) -> dict[str, str]:
    """Return the values of a change as texts, by the names of their columns."""
    where = change.where
    if not isinstance(value, dict):
        value = {where.field: value}
    return {
        _heading(where.entity, name): _text(each, _column(where.entity, name))
        for name, each in value.items()
    }


def _column(entity: Entity, name: str) -> str:
    """Return our name of the column of a sheet that holds *name*."""
    return _HEADINGS.get((entity, name), name.removeprefix("label_"))


def _heading(entity: Entity, name: str) -> str:
    if name in _WORDS:
        return _WORDS[name]
    try:
        return heading_of(_column(entity, name))
    except KeyError:
        return name


def _text(value: Any, column: str) -> str:
    if value is None or value == "":
        return ""
    # A count of 1 equals True.
    if isinstance(value, bool | str) and value in _FACTS:
        return _FACTS[value]
    text = (
        stored_in_words(column, _dated(value)) if isinstance(value, str) else str(value)
    )
    return shortened(" ".join(text.split()), _SHOWN_CHARACTERS)


def _dated(text: str) -> str:
    """Return *text*, or the day or the instant that it is, as people write it."""
    with suppress(ValueError):
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    with suppress(ValueError):
        return moment(datetime.fromisoformat(text))
    return text


def _joined(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {text}" for name, text in texts.items() if text)
