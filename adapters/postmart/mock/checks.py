"""Read the fields of calls to Mock P, and collect their flaws.

Text is trimmed and brought to NFC here, so that the mock shows it like that.
Which fields a call has is decided in `content` and `bodies`.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from adapters.postmart.mock.refusal import Problem, RefusalError, problem

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]+", re.ASCII)
_MOST_FIELDS = 100
"""Of a form."""
_MOST_DIGITS = 15
"""Of a number in a query; far above any that means something."""


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in *body*; refuse anything else with 400.

    JSON is UTF-8 without a mark in front, and has no NaN and no Infinity.
    """
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise RefusalError(400, problem("bad_json", "Nội dung không phải JSON hợp lệ."))
    return value


def parse_form(body: bytes) -> dict[str, str]:
    """Return the form in *body*, of each field its first value."""
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        why = problem("bad_form", "Nội dung không phải biểu mẫu hợp lệ.")
        raise RefusalError(400, why) from None
    return dict(reversed(pairs))


def parse_number(query: Mapping[str, str], name: str, default: int, least: int) -> int:
    """Return the number *name* of a query, *default* if it is missing or empty."""
    text = query.get(name, "")
    if not text:
        return default
    if not _WHOLE.fullmatch(text):
        message = f"{name} phải là số nguyên."
        raise RefusalError(422, problem("invalid_type", message, name))
    if len(text) > _MOST_DIGITS or int(text) < least:
        message = f"{name} phải từ {least}, tối đa {_MOST_DIGITS} chữ số."
        raise RefusalError(422, problem("out_of_range", message, name))
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def refuse_if_any(problems: Sequence[Problem]) -> None:
    """Refuse a call whose body has *problems*."""
    if problems:
        raise RefusalError(422, *problems)


def is_reference(value: str) -> bool:
    """Tell whether *value* is letters, digits and .:_- , 64 of them at most."""
    return _REFERENCE.fullmatch(value) is not None


class Fields:
    """The fields of one object.

    A field that is wrong is noted and read as something harmless, so that all
    problems of a body are told at once.

    Args:
        body: The object.
        problems: Where problems are noted; shared with inner objects.
        prefix: Put in front of the names of fields in problems.
    """

    def __init__(
        self, body: Mapping[str, Any], problems: list[Problem], prefix: str = ""
    ) -> None:
        self._body = body
        self._problems = problems
        self._prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def complain(self, name: str, code: str, message: str) -> None:
        """Note a problem of field *name*."""
        self._problems.append(problem(code, message, f"{self._prefix}{name}"))

    def text(self, name: str, longest: int) -> str:
        """Return a text, trimmed and in NFC; "" if it is missing."""
        return self._clean(name, self._body.get(name, ""), longest)

    def texts(self, name: str, most: int, longest: int) -> list[str]:
        """Return a list of texts."""
        values = self._list(name, 0, most)
        return [self._clean(f"{name}[{n}]", v, longest) for n, v in enumerate(values)]

    def reference(self, name: str) -> str:
        """Return a reference, see `is_reference`."""
        value = self.text(name, 64)
        if not is_reference(value):
            message = f"{name} chỉ gồm chữ không dấu, số và .:_- , tối đa 64."
            self.complain(name, "invalid_format", message)
        return value

    def digits(self, name: str, lengths: Sequence[int]) -> str:
        """Return a text of digits, of one of *lengths*, or ""."""
        value = self.text(name, max(lengths))
        plain = value.isascii() and value.isdigit() and len(value) in lengths
        if value and not plain:
            self.complain(name, "invalid_format", f"{name} không đúng dạng.")
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """Return a whole number from *least* to *most*."""
        value = self._body.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            self.complain(name, "invalid_type", f"{name} phải là số nguyên.")
            return least
        if not least <= value <= most:
            self.complain(name, "out_of_range", f"{name} phải từ {least} đến {most}.")
        return value

    def optional_whole(self, name: str, least: int, most: int) -> int | None:
        """Return a whole number, or None if it is missing or null."""
        if self._body.get(name) is None:
            return None
        return self.whole(name, least, most)

    def day(self, name: str) -> str | None:
        """Return a day in ISO 8601, or None if it is missing or null."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _is_day(value):
            message = f"{name} phải là ngày yyyy-mm-dd."
            self.complain(name, "invalid_format", message)
            return None
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return one of *choices*."""
        value = self.text(name, 64)
        if value not in choices:
            self.complain(name, "invalid_value", f"{name} không có trong danh mục.")
        return value

    def objects(self, name: str, least: int, most: int) -> "list[Fields]":
        """Return the objects of a list."""
        values = self._list(name, least, most)
        if not all(isinstance(value, dict) for value in values):
            self.complain(name, "invalid_type", f"{name} phải gồm các đối tượng.")
            return []
        return [
            Fields(value, self._problems, f"{self._prefix}{name}[{n}].")
            for n, value in enumerate(values)
        ]

    def optional_object(self, name: str) -> "Fields | None":
        """Return an inner object, or None if it is missing or null."""
        value = self._body.get(name)
        if isinstance(value, dict):
            return Fields(value, self._problems, f"{self._prefix}{name}.")
        if value is not None:
            self.complain(name, "invalid_type", f"{name} phải là một đối tượng.")
        return None

    def _list(self, name: str, least: int, most: int) -> list[Any]:
        value = self._body.get(name, [])
        if not isinstance(value, list):
            self.complain(name, "invalid_type", f"{name} phải là danh sách.")
            return []
        if not least <= len(value) <= most:
            message = f"{name} phải là danh sách {least}-{most} mục."
            self.complain(name, "out_of_range", message)
            return []
        return value

    def _clean(self, name: str, value: object, longest: int) -> str:
        if not isinstance(value, str) or not _is_unicode(value):
            self.complain(name, "invalid_type", f"{name} phải là chữ.")
            return ""
        clean = unicodedata.normalize("NFC", value).strip()
        if len(clean) > longest:
            self.complain(name, "too_long", f"{name} dài quá {longest} ký tự.")
        return clean


def _is_day(value: str) -> bool:
    """Tell whether *value* is a day of the calendar, in this very form."""
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return _DAY.fullmatch(value) is not None


def _is_unicode(value: str) -> bool:
    """Tell whether *value* holds no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
