"""Ask the people of a mock for something, by name and with a JSON object.

The same acts are pages under `/_mock/` and may be tied to calls of the API, as
a fault that strikes while a client is at work.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ocop_sync.testing.mocks.staff import Staff
from ocop_sync.testing.mocks.state_file import Row

Body = dict[str, Any]
"""A JSON object that was sent."""

Act = Callable[[Body], Row]
"""Carries out the request in a body; raises `LookupError` or `ValueError`."""


_OF_TEXTS = {
    "approve": ("ref",),
    "refuse": ("ref", "reason"),
    "ban": ("ref", "reason"),
    "take_down": ("ref",),
    "delete": ("ref",),
    "end_tokens": (),
}
"""The acts that need texts of the body alone, by their names."""


def acts_of(staff: Staff) -> Mapping[str, Act]:
    """Return every act that *staff* can be asked for, by its name."""
    acts = _Acts(staff)
    return {
        **{name: _of_texts(staff, name, texts) for name, texts in _OF_TEXTS.items()},
        **{name: getattr(acts, name) for name in vars(_Acts) if name[0] != "_"},
    }


def _of_texts(staff: Staff, name: str, texts: Sequence[str]) -> Act:
    def act(body: Body) -> Row:
        getattr(staff, name)(*[text(body, each) for each in texts])
        return {}

    return act


class _Acts:
    """The other acts, each of which is a method."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    def edit(self, body: Body) -> Row:
        """Change fields as on the marketplace's own pages."""
        changes = body.get("changes")
        if not isinstance(changes, dict):
            message = "changes must be an object"
            raise ValueError(message)  # noqa: TRY004 - answered with 422
        for name, value in changes.items():
            if name.lower() == "variants" and not _is_rows(value):
                message = f"{name} must be a list of objects, each with its SKU"
                raise ValueError(message)
        self._staff.edit(text(body, "ref"), changes)
        return {}

    def sell(self, body: Body) -> Row:
        """Sell to a buyer."""
        quantity = int(body.get("quantity", 1))
        line = self._staff.sell(text(body, "ref"), text(body, "sku"), quantity)
        return {"order_line": line}

    def reserve(self, body: Body) -> Row:
        """Let running orders keep some."""
        quantity = int(body.get("quantity", 1))
        self._staff.reserve(text(body, "ref"), text(body, "sku"), quantity)
        return {}

    def hand_made(self, body: Body) -> Row:
        """Enter listings by hand."""
        code, names, skus = (
            body.get("code", ""),
            texts(body, "names"),
            texts(body, "skus"),
        )
        return {"refs": list(self._staff.hand_made(str(code), names, skus))}


def text(body: Body, name: str) -> str:
    """Return the text *name* of *body*, which may not be empty."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        message = f"{name} must be a text"
        raise ValueError(message)
    return value


def texts(body: Body, name: str) -> list[str]:
    """Return the list of texts *name* of *body*; none if it is missing."""
    values = body.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        message = f"{name} must be a list of texts"
        raise ValueError(message)
    return values


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
