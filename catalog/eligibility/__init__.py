"""Decide which products may be listed, and which may carry the OCOP claim.

`load_rules` reads the dated rules; `evaluate` applies them to one product at one
instant. The content of a listing is then decided in `ocop_sync.engine`.
"""

from catalog.eligibility.evaluation import Rules, evaluate
from catalog.eligibility.load import load_rules
from catalog.eligibility.outlook import Outlook
from catalog.eligibility.rule import Rule
from catalog.eligibility.verdict import (
    Finding,
    Outcome,
    Reason,
    Standing,
    Text,
    Verdict,
)

__all__ = [
    "Finding",
    "Outcome",
    "Outlook",
    "Reason",
    "Rule",
    "Rules",
    "Standing",
    "Text",
    "Verdict",
    "evaluate",
    "load_rules",
]
