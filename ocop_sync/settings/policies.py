"""Policies: what settings say first, and people of the department may say otherwise.

A policy has the name of its setting, and takes the values that its setting takes: the
same model checks both. Which one is in force is decided in
`ocop_sync.service.decisions.policies`.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ValidationError

from ocop_sync.settings.groups import DriftSettings, SafetySettings, Settings

PolicyValue = str | int | float
"""A value of a policy, as JSON has it."""

_GROUPS: Final[Mapping[str, type[BaseModel]]] = {
    "drift": DriftSettings,
    "safety": SafetySettings,
}
_OF_ONE_MARKETPLACE: Final = "at"
"""The key of `drift` that holds the same policies for single marketplaces."""

DRIFT_POLICIES: Final = tuple(
    f"drift.{field}"
    for field in DriftSettings.model_fields
    if field != _OF_ONE_MARKETPLACE
)
"""Those for edits by others: each account may have its own."""
SAFETY_POLICIES: Final = tuple(
    f"safety.{field}" for field in SafetySettings.model_fields
)
"""Those of the budget: it is counted over all accounts of a marketplace."""
POLICIES: Final = DRIFT_POLICIES + SAFETY_POLICIES
"""Every policy, by the name of its setting."""


class PolicyValueError(ValueError):
    """A value that the setting of that name does not take; it says what it takes."""


def checked(name: str, value: object) -> PolicyValue:
    """Return *value* as the setting *name* takes it: a text may be a number.

    Raises:
        PolicyValueError: It does not take it.
    """
    group, _, field = name.partition(".")
    try:
        found = _GROUPS[group].model_validate({field: value})
    except ValidationError as error:
        told = "; ".join(each["msg"] for each in error.errors())
        raise PolicyValueError(told) from error
    taken: PolicyValue = getattr(found, field)
    return taken


def named_by(settings: Settings) -> frozenset[tuple[str, str]]:
    """Return the policies that *settings* name, each with its marketplace, or ""."""
    named = {("", f"drift.{each}") for each in settings.drift.model_fields_set}
    named |= {("", f"safety.{each}") for each in settings.safety.model_fields_set}
    for marketplace, here in settings.drift.at.items():
        for field, value in here:
            if value is not None:
                named.add((marketplace, f"drift.{field}"))
    return frozenset(each for each in named if each[1] in POLICIES)
