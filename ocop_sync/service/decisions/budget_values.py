"""The budget in the words of its settings, and back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ocop_sync.engine.approval.budget import Budget
from ocop_sync.settings import SafetySettings
from ocop_sync.settings.policies import PolicyValue


def budget_of(safety: SafetySettings) -> Budget:
    """Return the budget as settings say it."""
    return budget_from(safety.model_dump())


def budget_from(values: Mapping[str, Any]) -> Budget:
    """Return the budget of values that the keys of `SafetySettings` name."""
    return Budget(
        window=timedelta(hours=values["window_h"]),
        min_changes=values["min_changes"],
        share=values["share"],
        vanished_share=values["vanished_share"],
        known_end=timedelta(days=values["known_end_days"]),
        approval_lasts=timedelta(hours=values["approval_h"]),
    )


def values_of(budget: Budget) -> Mapping[str, PolicyValue]:
    """Return the values of a budget, by the keys of `SafetySettings`."""
    return {
        "window_h": budget.window / timedelta(hours=1),
        "min_changes": budget.min_changes,
        "share": budget.share,
        "known_end_days": budget.known_end / timedelta(days=1),
        "approval_h": budget.approval_lasts / timedelta(hours=1),
        "vanished_share": budget.vanished_share,
    }
