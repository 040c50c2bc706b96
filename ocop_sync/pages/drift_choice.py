"""What stands at a marketplace otherwise than we left it: both versions, one chosen.

The form carries the difference as it was seen; after a change of either side, or a
decision of somebody else, it decides nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.errors import NoSuchDecisionError, StalePlanError
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.listing_words import FIELD_WORDS, NOTHING, OTHER, Shown
from ocop_sync.pages.navigation import WORKLIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.pages.words import filled
from ocop_sync.pages.worklist_addresses import DOUBLES, DRIFT
from ocop_sync.service.decisions.drift_decisions import decide_drift, print_of
from ocop_sync.service.queries.drift import NamedDrift, one_drift

_GONE: Final = f"{WORKLIST}?over=drift"


class Difference(NamedTuple):
    """One item that differs: what it is, ours, and that there."""

    what: Text
    ours: Shown
    there: Shown


_PRICE: Final = Text("Giá của {sku}", "Price of {sku}")
_STOCK: Final = Text("Tồn kho của {sku}", "Stock of {sku}")

_WHOLE: Final[Mapping[DriftKind, Text]] = {
    DriftKind.VANISHED: Text("không còn trên sàn", "no longer there"),
    DriftKind.TAKEN_DOWN: Text("đã bị gỡ", "taken down"),
    DriftKind.BANNED: Text("đã bị sàn khóa", "banned"),
    DriftKind.DOUBLED: Text("có hai tin", "listed twice"),
}
_CHOICES: Final[Mapping[DriftKind, tuple[Text, Text]]] = {
    DriftKind.EDITED: (
        Text("Ghi lại bản của ta ở {where}", "Put ours back at {where}"),
        Text("Để như trên sàn", "Leave it as found"),
    ),
    DriftKind.VANISHED: (
        Text("Đăng lại ở {where}", "List it anew at {where}"),
        Text("Không đăng lại", "Do not list it"),
    ),
    DriftKind.TAKEN_DOWN: (
        Text("Cho bán lại ở {where}", "Put it on sale again at {where}"),
        Text("Để tin ngừng bán", "Leave it off sale"),
    ),
}
"""Both answers; a kind without them is settled elsewhere."""
_ELSEWHERE: Final[Mapping[DriftKind, Text]] = {
    DriftKind.BANNED: Text(
        "Phải làm việc với sàn: ta không mở khóa được",
        "Talk to the marketplace: nobody else can lift a ban",
    ),
}


class DriftPath(Model):
    """Which difference."""

    drift: Number
    """Its number."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{DRIFT}/{self.drift}"


async def show_drift(visit: Visit) -> web.Response:
    """Show a difference; one that is gone leads to the worklist."""
    as_department(visit.asker)
    return await _page(visit, None)


async def choose(visit: Visit) -> web.Response:
    """Choose the version that is to stand there, with a reason."""
    by, path, form = as_department(visit.asker), visit.path(DriftPath), visit.form
    if (attempt := faulty(form)) is not None:
        return await _page(visit, attempt)
    ours, seen = form["answer"] == "approve", form.get("seen", "")
    try:
        await decide_drift(visit.deployment, path.drift, ours=ours, by=by, seen=seen)
    except StalePlanError:
        return await _page(visit, Attempt(status=409, kind="changed"))
    except NoSuchDecisionError:
        return see(_GONE)
    return see(path.address)


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    path, deployment = visit.path(DriftPath), visit.deployment
    try:
        found = await one_drift(deployment, path.drift)
    except NoSuchDecisionError:
        return see(_GONE)
    entry = found.entry
    if entry.kind is DriftKind.DOUBLED:  # a listing is chosen, under the same number
        return see(f"{DOUBLES}/{entry.id}")
    where = place_words(deployment, entry.marketplace)
    ours, theirs = _CHOICES.get(entry.kind, (None, None))
    values = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "entry": entry,
        "name": found.name or entry.product_id,
        "where": where,
        "why": HOLD_WORDS[Hold(entry.asked)].seen if entry.asked else None,
        "differences": list(differences_of(found)),
        "ours": ours and filled(ours, where=where),
        "theirs": theirs,
        "elsewhere": _ELSEWHERE.get(entry.kind),
        "print": print_of(entry),
        "address": path.address,
        "worklist": WORKLIST,
    }
    status = attempt.status if attempt else 200
    return visit.page(
        "drift.html", simulated=deployment.simulated, status=status, values=values
    )


def differences_of(found: NamedDrift) -> Iterator[Difference]:
    """Yield each item that differs, as people read it."""
    entry = found.entry
    ours, there = entry.expected, entry.found
    facet, _, name = entry.field.partition(".")
    if entry.kind is not DriftKind.EDITED:
        what = Text("Tin trên sàn", "Listing there")
        was = Text("như ta để lại", "as we left it")
        yield Difference(what, Shown("words", was), Shown("words", _WHOLE[entry.kind]))
    elif facet in {"price", "stock"}:
        words: Text = _PRICE if facet == "price" else _STOCK
        for sku in ours:
            how: Literal["dong", "number"] = "dong" if facet == "price" else "number"
            what = filled(words, sku=sku)
            yield Difference(what, Shown(how, ours[sku]), _counted(how, there, sku))
    elif facet == "stars" or name == "packs":
        yield from _parts(ours or {}, there or {}, is_of_packs=name == "packs")
    else:
        what = FIELD_WORDS.get(name, OTHER)
        yield Difference(what, _shown(name, ours), _shown(name, there))


def _counted(
    how: Literal["dong", "number"], values: Mapping[str, int] | None, sku: str
) -> Shown:
    return Shown(how, values[sku]) if values and sku in values else NOTHING


def _parts(
    ours: Mapping[str, Any], there: Mapping[str, Any], *, is_of_packs: bool
) -> Iterator[Difference]:
    """Yield the parts that differ, of stars or of packs."""
    if is_of_packs:
        for sku in dict.fromkeys([*ours, *there]):
            yield from (
                Difference(Text(f"{w.vi} {sku}", f"{w.en} {sku}"), one, other)
                for w, one, other in _parts(
                    ours.get(sku, {}), there.get(sku, {}), is_of_packs=False
                )
            )
        return
    for name in dict.fromkeys([*ours, *there]):
        one, other = ours.get(name), there.get(name)
        if one != other:
            what = FIELD_WORDS.get(name, OTHER)
            yield Difference(what, _shown(name, one), _shown(name, other))


def _shown(name: str, value: Any) -> Shown:
    if value is None or value in ("", [], {}):
        return NOTHING
    if name == "pictures":
        return Shown("number", len(value))
    if name == "valid_to":
        return Shown("day", date.fromisoformat(value))
    if isinstance(value, int):
        return Shown("number", value)
    if isinstance(value, list):
        return Shown("text", "; ".join(": ".join(map(str, each)) for each in value))
    return Shown("text", str(value))


PAGES: Final = (
    PageRoute("GET", f"{DRIFT}/{{drift}}", STAFF, show_drift),
    PageRoute("POST", f"{DRIFT}/{{drift}}", STAFF, choose),
)
