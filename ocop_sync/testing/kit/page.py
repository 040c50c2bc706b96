"""The page of what was proved of an adapter: one that can be handed over.

It is Markdown. What was not proved is named with its reason, before all that was.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from ocop_sync.marketplace.features import features_of
from ocop_sync.marketplace.port import PORT_VERSION, Marketplace

_WORDS: Final = {
    "failed": "Failed: the adapter does not do this",
    "skipped": "Skipped: nothing is known of this",
    "proved": "Proved",
}
_LONGEST: Final = 300


class Row(NamedTuple):
    """The outcome of one check of an adapter that claims so much."""

    claims: str
    needs: str
    check: str
    promise: str
    verdict: str
    words: str


def rows_by_adapter(
    told: Iterable[tuple[str, ...]],
) -> dict[str, list[Row]]:
    """Return the outcomes by the name of the adapter, each in the order it came."""
    found: dict[str, list[Row]] = {}
    for name, *rest in told:
        found.setdefault(name, []).append(Row(*rest))
    return found


def line(name: str, rows: Sequence[Row]) -> str:
    """Return the counts of an adapter in a line."""
    counts = ", ".join(f"{n} {verdict}" for verdict, n in _counts(rows).items())
    open_claims = ", ".join(unproved(rows))
    rest = f"; claimed, and proved by no check: {open_claims}" if open_claims else ""
    return f"{name}: {counts}{rest}"


def unproved(rows: Sequence[Row]) -> list[str]:
    """Return the claimed features of which no check has proved anything.

    A shop that can play more of the acts of people would let them be proved.
    """
    tried: dict[str, set[str]] = {}
    for row in rows:
        for feature in row.needs.split(", "):
            tried.setdefault(feature, set()).add(row.verdict)
    claims = rows[0].claims.split(", ")
    return [each for each in claims if tried.get(each, set()) == {"skipped"}]


def claims_of(adapter: type[Marketplace]) -> str:
    """Return the features that an adapter claims, by name."""
    has = features_of(adapter.capabilities)
    return ", ".join(name for name, is_so in has.items() if is_so)


def page(name: str, rows: Sequence[Row], day: str) -> str:
    """Return the page of one adapter, as tried on *day*."""
    counts = line(name, rows).removeprefix(f"{name}: ")
    lines = [f"# Conformance of {name}", "", f"{counts}.", ""]
    lines += [f"It claims: {rows[0].claims}.", ""]
    lines += [f"Tried on {day} with port version {PORT_VERSION} of ocop-sync.", ""]
    for verdict, words in _WORDS.items():
        some = [row for row in rows if row.verdict == verdict]
        if not some:
            continue
        lines += [f"## {words} ({len(some)})", ""]
        lines += _by_reason(some) if verdict == "skipped" else map(_entry, some)
        lines.append("")
    return "\n".join(lines)


def _by_reason(rows: Sequence[Row]) -> list[str]:
    """Return an entry for each reason, with the checks that it left out."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.words, []).append(f"`{row.check}`")
    return [f"- {reason}: {', '.join(names)}" for reason, names in found.items()]


def _entry(row: Row) -> str:
    why = " ".join(row.words.split())[:_LONGEST]
    return f"- `{row.check}`: {row.promise}" + (f" — {why}" if why else "")


def _counts(rows: Sequence[Row]) -> Mapping[str, int]:
    return {
        v: sum(row.verdict == v for row in rows)
        for v in ("proved", "skipped", "failed")
    }
