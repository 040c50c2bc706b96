"""Imports in words: what came of one, what it changes, what it takes from buyers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from catalog.eligibility import Text
from catalog.feed.headings.display import stored_in_words
from catalog.feed.headings.heading import heading_of
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.imports.kept_import import Outcome
from catalog.imports.many_effects import WORDS
from catalog.model.effect import EffectKind
from catalog.vietnam_time import moment
from ocop_sync.api.neutral_words import without_clauses_of_commands
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.notation import Notation

OUTCOMES: Final[Mapping[str, tuple[Text, Kind]]] = {
    Outcome.WRITTEN: (Text("Đã nạp", "Imported"), "done"),
    Outcome.UNCHANGED: (Text("Không có gì đổi", "Nothing changed"), "none"),
    Outcome.HELD: (Text("Giữ lại, chờ quyết định", "Held, to be decided"), "wrong"),
    Outcome.ASKED: (Text("Chờ câu trả lời", "Waits for an answer"), "waits"),
    Outcome.PREVIEWED: (Text("Mới xem trước", "Only previewed"), "waits"),
    Outcome.REFUSED: (Text("Không nhận", "Refused"), "none"),
}
"""What came of each attempt, with the kind of its state."""

PROBLEMS: Final[Mapping[ProblemKind, tuple[Text, Kind]]] = {
    ProblemKind.WRONG: (Text("Phải sửa", "To be corrected"), "wrong"),
    ProblemKind.QUESTION: (Text("Cần trả lời", "To be answered"), "waits"),
    ProblemKind.CONFLICT: (Text("Khác danh mục", "Differs"), "waits"),
}
"""What each kind of problem asks of a person."""

_SHOWN: Final = 80
_PRICE: Final = "price_vnd"
_VI: Final = Notation("vi")
_EN: Final = Notation("en")
_OF_CATALOG: Final[Mapping[tuple[str, str], str]] = {
    ("producer", "name"): "producer_name",
    ("producer", "kind"): "producer_kind",
    ("product", "producer_id"): "producer_id",
    ("certificate", "source"): "certificate_source",
}
"""Columns of sheets that are called otherwise than those of the catalog."""
_FIELDS: Final[Mapping[str, Text]] = {
    "stands": Text("còn hiệu lực", "stands"),
    "confirmed_in": Text("xác nhận ở lần nạp", "confirmed in import"),
    "held": Text("tình trạng", "status"),
    "held_by": Text("người xác nhận", "attested by"),
    "held_on": Text("ngày xác nhận", "attested on"),
    "expires_on": Text("hết hạn", "ends on"),
    "number": Text("số", "number"),
    "issued_on": Text("ngày cấp", "issued on"),
    "undone_import": Text("dấu của lần nạp đã hoàn tác", "mark of an undone import"),
}
_FACTS: Final[Mapping[Any, Text]] = {
    True: Text("có", "yes"),
    False: Text("không", "no"),
    "yes": Text("có", "yes"),
    "no": Text("không", "no"),
    "unknown": Text("chưa rõ", "unknown"),
}
NOTHING: Final = Text("–", "–")
ERASED: Final = Text(
    "đã xóa, vì có thể là dữ liệu cá nhân", "erased, as it may be of a person"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A value that changes.

    Attributes:
        subject: The product or the producer: its id.
        name: Its name; "" if it is new.
        what: The value.
        before: As it was, or is.
        after: As it is then.
    """

    subject: str
    name: str
    what: Text
    before: Text
    after: Text

    @property
    def is_naming(self) -> bool:
        """Whether it is no value: a source names the product, or no longer does."""
        return self.what is _NAMED


def change_rows(
    where: Sequence[str],
    before: Any,
    after: Any,
    names: Mapping[str, str],
    *,
    erased: bool = False,
) -> Iterator[ChangeRow]:
    """Yield a change value by value.

    Args:
        where: Kind of the thing, its id, the part, the field.
        before: A value, or values by column; None if there was none.
        after: The same as it is then.
        names: Names of products and producers by id.
        erased: Values of it are erased.
    """
    entity, subject, key, field = where

    def row(what: Text, old: Text, new: Text) -> ChangeRow:
        name = names.get(subject, "")
        return ChangeRow(subject=subject, name=name, what=what, before=old, after=new)

    part = _part(entity, key)
    if entity in {"product", "producer"} and not field:
        is_maker = entity == "producer"
        what = Text("Cơ sở mới", "New producer") if is_maker else _NEW_PRODUCT
        name = str((after or {}).get("name", ""))
        yield row(what, NOTHING, Text(name, name))
    elif entity == "naming":
        yield row(_NAMED, _naming(before), _naming(after))
    elif before is None and after is None and erased:
        yield row(_of(part, field_words(entity, field)), ERASED, ERASED)
    elif not field:
        yield row(part, _joined(entity, before), _joined(entity, after))
    else:
        old, new = _values(field, before), _values(field, after)
        for column in {**old, **new}:
            if old.get(column) != new.get(column):
                yield row(
                    _of(part, field_words(entity, column)),
                    value_words(entity, column, old.get(column)),
                    value_words(entity, column, new.get(column)),
                )


_NEW_PRODUCT: Final = Text("Sản phẩm mới", "New product")
_NAMED: Final = Text("Có tên trong bảng của nguồn này", "Named by this source")


def _naming(state: Mapping[str, Any] | None) -> Text:
    if state is None:
        return Text("chưa có", "not yet")
    if (since := state.get("missing_since")) is None:
        return Text("có", "yes")
    told = _dated(str(since))
    return Text(f"vắng từ {told}", f"missing since {told}")


def _part(entity: str, key: str) -> Text:
    if entity == "certificate":
        place = f" {int(key) + 1}" if key else ""
        return Text(f"Giấy chứng nhận{place}", f"Certificate{place}")
    if entity == "paper":
        return _heading(key)
    if entity == "effect":
        kind = key.split(" ", maxsplit=1)[0]
        vi, en = WORDS[EffectKind(kind)]
        return Text(f"Điều lần nạp trước lấy đi: {vi}", f"Taken before: {en}")
    return Text(key, key)


def _of(part: Text, field: Text) -> Text:
    if not part.vi:
        return field
    return Text(f"{part.vi}: {field.vi}", f"{part.en}: {field.en}")


def _values(field: str, value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {field: value}


def _joined(entity: str, values: Mapping[str, Any] | None) -> Text:
    """Return all values of a part, which is new or gone, on one line."""
    if values is None:
        return NOTHING
    told = [
        (field_words(entity, name), value_words(entity, name, value))
        for name, value in values.items()
        if value not in (None, "", [], False)
    ]
    return Text(
        "; ".join(f"{what.vi} {value.vi}" for what, value in told) or "–",
        "; ".join(f"{what.en} {value.en}" for what, value in told) or "–",
    )


def field_words(entity: str, name: str) -> Text:
    """Return what a column of the catalog is called."""
    return _FIELDS.get(name) or _heading(_column(entity, name))


def _column(entity: str, name: str) -> str:
    return _OF_CATALOG.get((entity, name), name.removeprefix("label_"))


def _heading(column: str) -> Text:
    english = column.replace("_", " ")
    try:
        return Text(heading_of(column), english)
    except KeyError:
        return Text(english, english)


def value_words(entity: str, name: str, value: Any) -> Text:
    """Return a stored value as people read it."""
    if value is None or value == "":
        return NOTHING
    # A count of 1 equals True.
    if isinstance(value, bool | str) and value in _FACTS:
        return _FACTS[value]
    if isinstance(value, int) and name == _PRICE:
        return Text(_VI.dong(value), _EN.dong(value))
    if not isinstance(value, str):
        text = f"{value:,}".replace(",", ".") if isinstance(value, int) else str(value)
        return Text(text, f"{value:,}" if isinstance(value, int) else text)
    shown = _short(_dated(value))
    return Text(_short(stored_in_words(_column(entity, name), shown)), shown)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _dated(text: str) -> str:
    """Return *text*, or the day or the instant that it is, as people write it."""
    with suppress(ValueError):
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    with suppress(ValueError):
        return moment(datetime.fromisoformat(text))
    return text


def day_words(stored: str) -> Text:
    """Return a stored day."""
    return Text(_dated(stored), _dated(stored))


def effect_name(kind: str) -> Text:
    """Return what an effect on buyers is called."""
    vi, en = WORDS[EffectKind(kind)]
    return Text(vi, en)


def takes_words(counts: Mapping[str, int]) -> Text:
    """Return how many products lose what."""
    told = [(effect_name(kind), n) for kind, n in counts.items() if n]
    return Text(
        "; ".join(f"{words.vi}: {n} sản phẩm" for words, n in told),
        "; ".join(f"{words.en}: {n}" for words, n in told),
    )


def told_words(vi: str, en: str) -> Text:
    """Return words that the command line tells as well: the page offers the act."""
    return Text(without_clauses_of_commands(vi), without_clauses_of_commands(en))


_BY_TOKEN: Final = (
    ("nạp lại với mã xác nhận", "xác nhận ở đầu trang này"),
    ("import again with the token", "confirm at the top of this page"),
)
"""What is done by a token elsewhere, a page asks by itself."""


def problem_words(problem: Problem) -> Text:
    """Return what is wrong, and what to do."""
    told = told_words(problem.vi, problem.en)
    vi, en = told.vi, told.en
    for elsewhere, here in _BY_TOKEN:
        vi, en = vi.replace(elsewhere, here), en.replace(elsewhere, here)
    return Text(vi, en)


def is_about_heading(problem: Problem) -> bool:
    """Say whether a problem asks what a heading means."""
    is_asked = problem.kind is ProblemKind.QUESTION and not problem.row
    return is_asked and bool(problem.column and problem.place.letter)


def meaning_words(column: str) -> Text:
    """Return what a column of sheets means."""
    return _heading(column)
