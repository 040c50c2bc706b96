"""Read a verdict in the few words that the tables of these tests use."""

from catalog.eligibility import Outcome, Verdict


def deciding(verdict: Verdict) -> list[tuple[str, str, bool]]:
    """Return code, key and knownness of every reason that is not a warning."""
    return [
        (each.code, each.key, each.known)
        for each in verdict.reasons
        if each.outcome is not Outcome.WARN
    ]


def remarks(verdict: Verdict) -> list[tuple[str, str, bool]]:
    """Return code, key and knownness of every warning."""
    return [
        (each.code, each.key, each.known)
        for each in verdict.reasons
        if each.outcome is Outcome.WARN
    ]
