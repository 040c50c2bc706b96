"""A whole telling: the marketplace's export, or a person's word for all that is there.

What people have said of rows since then stands beside it: of two tellings of a listing
the later one counts. A listing that is missing in it is gone, unless something later
was told of it, or it was never made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace as with_fields
from datetime import date, datetime
from typing import Any, Final

from msgspec.structs import replace

from adapters.sheet.answers import answer
from adapters.sheet.carried_out import carried_out
from adapters.sheet.reading import Filled, number_of
from adapters.sheet.state import Answer, Kept, Row, State, WholeTold
from adapters.sheet.template import OF_PACK, Template, folded
from ocop_sync.errors import UntakenWordError
from ocop_sync.marketplace.by_hand import HandFault, Word
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Listing, RemoteState, StarClaim, Variant

_GONE: Final = "tin không còn trên sàn / the listing is no longer there"
_NUMBERS: Final = frozenset({"price_vnd", "stock", "weight_g", "stars"})
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4})")
_STANDS: Final = (RemoteState.LIVE, RemoteState.BANNED)


def ensure_when(state: State, as_of: datetime | None, now: datetime) -> datetime:
    """Return as of when a whole telling is.

    Raises:
        UntakenWordError: It is not said, in the future, or before an earlier telling.
    """
    if as_of is None:
        message = "bản xuất này của lúc nào? thêm --as-of / of when is it? add --as-of"
        raise UntakenWordError(message)
    if as_of > now:
        message = "thời điểm còn ở tương lai / that moment is in the future"
        raise UntakenWordError(message)
    if state.told is not None and as_of < state.told.as_of:
        message = (
            f"cũ hơn lần báo trước (của {state.told.as_of:%Y-%m-%d %H:%M} UTC)"
            " / older than what was told before"
        )
        raise UntakenWordError(message)
    return as_of


def take_export(
    state: State,
    lines: Sequence[Filled],
    template: Template,
    *,
    by: str,
    as_of: datetime,
    now: datetime,
) -> list[HandFault]:
    """Take the marketplace's export; return the faults of its lines.

    If a line does not say of which listing it is, nothing is taken of the file: that
    one might be any that seems to be missing.
    """
    faults: list[HandFault] = []
    groups: dict[str, list[Filled]] = {}
    for line in lines:
        address = line.text("address")
        if not address or line.is_odd("address"):
            faults.append(line.fault("chưa có địa chỉ tin", "no address", "address"))
            continue
        groups.setdefault(address, []).append(line)
    if faults:
        return faults
    refs = _refs(state, groups)
    waiting: dict[str, list[Row]] = {}
    for row in state.waiting():
        waiting.setdefault(row.ref, []).append(row)
    for address, of_listing in groups.items():
        before = state.listings.get(refs[address])
        there = before or _new(refs[address], as_of)
        there = replace(there, address=address)
        kept, fault = _read(there, of_listing, template, as_of)
        if fault is not None:
            faults.append(fault)
        if before is None or before.at <= as_of or not before.was_made:
            state.keep(_named(state, kept))
            rows = waiting.get(refs[address], [])
            _settle(state, refs[address], rows, by=by, at=as_of)
    _miss(state, set(refs.values()), template, by=by, as_of=as_of)
    state.told = WholeTold(
        as_of=as_of, told_at=now, by=by, word=None, listings=len(groups)
    )
    return faults


def take_word(
    state: State, word: Word, *, by: str, as_of: datetime, now: datetime
) -> None:
    """Take the word of a person.

    Raises:
        UntakenWordError: The account is said to be empty, and listings are known.
    """
    there = [k for k in state.listings.values() if k.was_made]
    on_sale = [k for k in there if k.state is not RemoteState.DOWN]
    if word is Word.EMPTY and on_sale:
        message = (
            f"đang biết {len(on_sale)} tin ở đó ({on_sale[0].shown.title}…): nạp bản"
            " xuất của sàn, hoặc báo từng việc"
            f" / {len(on_sale)} listings are known there: import the export instead"
        )
        raise UntakenWordError(message)
    for kept in there:
        if kept.at < as_of:
            state.keep(replace(kept, at=as_of))
    state.told = WholeTold(
        as_of=as_of, told_at=now, by=by, word=word, listings=len(there)
    )


def _refs(state: State, groups: Mapping[str, Sequence[Filled]]) -> dict[str, str]:
    """Return the name of each listing of an export, by its address.

    One whose address is not known yet, and whose packs are those of a row that waits,
    is the listing that the row has made.
    """
    known = {k.address: k.ref for k in state.listings.values() if k.address}
    unmade = {
        pack.sku: kept.ref
        for kept in state.listings.values()
        if not kept.was_made
        for pack in kept.shown.variants
    }
    refs: dict[str, str] = {}
    for address, lines in groups.items():
        skus = [line.text("sku") for line in lines]
        made = next((unmade[s] for s in skus if s in unmade), None)
        if address in known:
            refs[address] = known[address]
        elif made is not None and made not in refs.values():
            refs[address] = made
        else:
            refs[address] = address
    return refs


def _new(ref: str, as_of: datetime) -> Kept:
    """Return a listing of which nothing is known yet."""
    empty = Listing(
        client_ref="",
        seller_ref="",
        title="",
        description="",
        category="",
        variants=(),
    )
    return Kept(ref=ref, client_ref="", state=RemoteState.LIVE, shown=empty, at=as_of)


def _read(
    before: Kept, lines: Sequence[Filled], template: Template, as_of: datetime
) -> tuple[Kept, HandFault | None]:
    """Return a listing as an export has it; with a fault if it cannot be read."""
    known = before.shown
    odd: HandFault | None = None
    values, state = dict[str, Any](), RemoteState.LIVE
    packs: list[Variant] = []
    for line in lines:
        found = _values(line)
        if isinstance(found, HandFault):
            odd = odd or found
            continue
        stated = _state(line, template)
        if isinstance(stated, HandFault):
            odd = odd or stated
        else:
            state = stated
        of_pack = {k: v for k, v in found.items() if k in OF_PACK}
        values |= {k: v for k, v in found.items() if k not in OF_PACK and v != ""}
        if of_pack.get("sku"):
            packs.append(_pack(of_pack, known))
    claim = _claim(values, known, template)
    own = {k: v for k, v in values.items() if k in ("title", "description", "category")}
    shown = with_fields(known, **own, stars=claim)
    if packs:
        shown = with_fields(
            shown, variants=tuple(sorted(packs, key=lambda each: each.sku))
        )
    client_ref = before.client_ref or str(values.get("reference", ""))
    kept = replace(
        before,
        client_ref=client_ref,
        state=state,
        shown=with_fields(shown, client_ref=client_ref),
        at=as_of,
        problems=(),
        odd="" if odd is None else f"{odd.vi} / {odd.en}",
    )
    return kept, odd


def _values(line: Filled) -> dict[str, Any] | HandFault:
    """Return the values of a line; of a cell without one, that there is none."""
    found: dict[str, Any] = {}
    for name in line.columns:
        if name in ("address", "state"):
            continue
        if line.is_odd(name):
            return line.fault("ô không có giá trị", "the cell has no value", name)
        text = line.text(name)
        if name not in _NUMBERS:
            found[name] = text
            continue
        number = number_of(text) if text else 0
        if number is None:
            return line.fault(f"“{text}” không phải số", f"“{text}” is no number", name)
        found[name] = number
    return found


def _state(line: Filled, template: Template) -> RemoteState | HandFault:
    if "state" not in line.columns:
        return RemoteState.LIVE
    said = folded(line.text("state"))
    for state, words in template.export.states.items():
        if said in map(folded, words):
            return state
    return line.fault(
        f"không hiểu trạng thái “{line.text('state')}”",
        f"the state “{line.text('state')}” is not understood",
        "state",
    )


def _pack(values: Mapping[str, Any], known: Listing) -> Variant:
    there = {pack.sku: pack for pack in known.variants}
    before = there.get(
        values["sku"], Variant(sku=values["sku"], pack="", price_vnd=0, stock=0)
    )
    return with_fields(before, **{k: v for k, v in values.items() if v != ""})


def _claim(
    values: Mapping[str, Any], known: Listing, template: Template
) -> StarClaim | None:
    """Return the claim that shows; as it is known where the export has none of it."""
    if "stars" not in {each.value for each in template.export.columns}:
        return known.stars
    stars = int(values.get("stars") or 0)
    if not stars:
        return None
    before = known.stars or StarClaim(stars=stars)
    found: dict[str, Any] = {"stars": stars}
    if "decision" in values:
        found["decision"] = values["decision"]
    if (until := _day(str(values.get("valid_to", "")))) is not None:
        found["valid_to"] = until
    return with_fields(before, **found)


def _day(text: str) -> date | None:
    match = _DAY.match(text)
    if match is None:
        return None
    year, month, day, d, m, y = match.groups()
    try:
        return date(int(year or y), int(month or m), int(day or d))
    except ValueError:
        return None


def _named(state: State, kept: Kept) -> Kept:
    """Return a listing with our reference, where one of its packs is ours."""
    if kept.client_ref or kept.ref in state.listings:
        return kept
    skus = {pack.sku for pack in kept.shown.variants}
    for other in state.listings.values():
        if other.client_ref and skus & {p.sku for p in other.shown.variants}:
            shown = with_fields(kept.shown, client_ref=other.client_ref)
            return replace(kept, client_ref=other.client_ref, shown=shown)
    return kept


def _settle(
    state: State, ref: str, rows: Sequence[Row], *, by: str, at: datetime
) -> None:
    """End those of the *rows* of a listing that an export shows to be done."""
    kept = state.listings[ref]
    for row in rows:
        if row.made_at <= at and row.batch and not kept.odd and _is_done(kept, row):
            said = Answer(done=True, address=kept.address, at=at, by=by)
            state.put(replace(row, answer=said))


def _is_done(kept: Kept, row: Row) -> bool:
    if row.kind is Kind.WITHDRAW:
        return kept.state not in _STANDS
    if row.kind in (Kind.CREATE, Kind.REPUBLISH):
        return kept.state is RemoteState.LIVE
    return carried_out(kept.shown, row) == kept.shown


def _miss(
    state: State, seen: set[str], template: Template, *, by: str, as_of: datetime
) -> None:
    """Forget the listings that an export does not show."""
    for kept in list(state.listings.values()):
        is_older = kept.was_made and kept.at <= as_of and kept.ref not in seen
        stays = kept.state is RemoteState.DOWN and not template.export.shows_down
        if not is_older or stays:
            continue
        for row in list(state.waiting(kept.ref)):
            is_off = row.kind is Kind.WITHDRAW
            said = Answer(done=is_off, why="" if is_off else _GONE, at=as_of, by=by)
            answer(state, row, said)
        del state.listings[kept.ref]
