"""Pages that say more than their items."""

from typing import Any

from ocop_sync.api.typed.values import Model


def page_with(*parts: Model) -> dict[str, Any]:
    """Return the values of a page that is made of *parts*, such as a head and items."""
    return {
        field.alias or name: getattr(part, name)
        for part in parts
        for name, field in type(part).model_fields.items()
    }
