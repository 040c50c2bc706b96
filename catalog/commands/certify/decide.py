"""Carry an act on certificates out: upon all of its products, or upon none.

First it is planned, which changes nothing: what becomes of each product, and what is
doubtful. What it takes from buyers is then told and confirmed by whoever calls
(`ocop_sync.service.decisions.certificates`). Functions over a connection in a
transaction of the caller; none of them commits.
"""

from asyncio import to_thread
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.doubts import Ground, RefusedActError, counting
from catalog.counted import counted
from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.decided import decisions_of_year, stand_for_ends
from catalog.db.field_changes import same_revocations
from catalog.db.history import Author, keep_changes
from catalog.db.imports import lift_effects
from catalog.db.reader import get, products_by_sku
from catalog.db.writer import lock, revise, save
from catalog.eligibility import Rules, Verdict, evaluate
from catalog.eligibility.effects import Comparison, compare
from catalog.eligibility.verdict import Text
from catalog.errors import AttestationError, CatalogError, NotInCatalogError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.certificate import Validity
from catalog.model.decision import read_number
from catalog.model.effect import EffectKind, Key
from catalog.model.product import Entry, Product
from catalog.text import clean
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam

MOST_PRODUCTS: Final = 2000
"""Products in one act; one of a whole province names some hundred."""
SHOWN: Final = 20
"""Products that are named where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """What an act makes of one product.

    Attributes:
        before: The product and its producer as they are.
        after: The product as it would be; the same, if nothing of it changes.
        was: The verdict on it now.
        will: The verdict on it then, at the same instant.
        effects: What it takes from buyers, and what it gives back, by the dates.
    """

    before: Entry
    after: Product
    was: Verdict
    will: Verdict
    effects: Comparison

    @property
    def id(self) -> str:
        """Return its code."""
        return self.after.id

    @property
    def changes(self) -> bool:
        """Say whether anything of it changes."""
        return self.after.certificates != self.before[0].certificates

    @property
    def ends_earlier(self) -> bool:
        """Say whether its certificates end earlier than they did, or begin later."""
        ends = [e for e in self.effects.entered if e.kind is EffectKind.ENDED]
        return any(each.asks for each in ends)

    @property
    def is_revoked_earlier(self) -> bool:
        """Say whether a revocation takes it from an earlier day on than before."""
        return any(e.kind is EffectKind.REVOKED for e in self.effects.entered)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAct:
    """An act and what it would do.

    Attributes:
        act: The act.
        products: Each product that it names, by code.
        doubts: What is doubtful, each with the codes of the products; none where it is
            the decision itself.
        ground: What it was weighed by.
    """

    act: CertificateAct
    products: Sequence[ProductChange]
    doubts: Mapping[Text, Sequence[str]]
    ground: Ground

    @property
    def changed(self) -> list[ProductChange]:
        """Return the products that change."""
        return [each for each in self.products if each.changes]

    @property
    def said_again(self) -> list[ProductChange]:
        """Return the products that a sheet has revoked as the act does.

        Nobody has confirmed that: now a person stands for it.
        """
        if self.act.kind != "revoke":
            return []
        same = [each for each in self.products if not each.changes]
        return [each for each in same if _doubtful(each.before[0])]


async def plan_act(
    conn: AsyncConnection,
    act: CertificateAct,
    codes: Collection[str],
    *,
    rules: Rules,
    by: Actor,
    now: datetime,
) -> PlannedAct:
    """Return what *act* would do to the products *codes*; lock all other writers out.

    *codes* are ids of products, or SKUs.

    Raises:
        NotInCatalogError: There is no such product.
        AttestationError: Who acts is missing, or the number of the decision.
        CatalogError: It cannot be, upon at least one of them: each is named.
    """
    ground = Ground(tables=rules.tables, today=day_in_vietnam(now), who=_named(by, act))
    await lock(conn)
    entries = await _entries(conn, codes)
    # Five hundred products take a tenth of a second: away from the event loop.
    found, doubts = await to_thread(_weigh, act, entries, ground, rules, now)
    for told in await _other_days(conn, act, {each.id for each in found}):
        doubts[told] = []
    return PlannedAct(act=act, products=found, doubts=doubts, ground=ground)


def _weigh(
    act: CertificateAct,
    entries: Iterable[Entry],
    ground: Ground,
    rules: Rules,
    now: datetime,
) -> tuple[list[ProductChange], dict[Text, list[str]]]:
    """Return what becomes of each product, and what is doubtful of which.

    Raises:
        CatalogError: The act cannot be, upon at least one of them.
    """
    found: list[ProductChange] = []
    doubts: dict[Text, list[str]] = {}
    refused: dict[str, RefusedActError] = {}
    for entry in entries:
        try:
            applied = act.apply(entry[0], ground)
        except RefusedActError as error:
            refused[entry[0].id] = error
            continue
        for each in applied.doubts:
            doubts.setdefault(each, []).append(entry[0].id)
        after = replace(entry[0], certificates=applied.certificates)
        found.append(_change(entry, after, rules, now))
    if refused:
        raise _refusal(refused)
    return found, doubts


def _named(by: Actor, act: CertificateAct) -> str:
    if (who := clean(by.name)) and (act.reason or not act.needs_reason):
        return who
    message = "phải ghi tên người và lý do / say who, and why"
    raise AttestationError(message)


async def _entries(conn: AsyncConnection, codes: Collection[str]) -> list[Entry]:
    """Return the products of *codes* with their producers, each once, by code."""
    asked = sorted(set(codes))
    if len(asked) > MOST_PRODUCTS:
        message = (
            f"một lần ghi nhiều nhất {MOST_PRODUCTS} sản phẩm, đang có {len(asked)}"
            f" / {MOST_PRODUCTS} products at once at most, not {len(asked)}"
        )
        raise CatalogError(message)
    by_sku = await products_by_sku(conn, asked)
    ids = sorted({by_sku.get(each, each) for each in asked})
    found: dict[str, Entry] = {}
    for some in chunks(ids):
        found |= await get(conn, some)
    if missing := [c for c in asked if by_sku.get(c, c) not in found]:
        raise NotInCatalogError(missing)
    return [found[each] for each in ids]


def _change(entry: Entry, after: Product, rules: Rules, now: datetime) -> ProductChange:
    product, maker = entry
    was = evaluate(product, maker, now, rules)
    if after.certificates == product.certificates:
        nothing = Comparison([], [])
        return ProductChange(
            before=entry, after=after, was=was, will=was, effects=nothing
        )
    day = day_in_vietnam(now)
    return ProductChange(
        before=entry,
        after=after,
        was=was,
        will=evaluate(after, maker, now, rules),
        effects=compare(entry, (after, maker), day, rules),
    )


def _refusal(refused: Mapping[str, RefusedActError]) -> CatalogError:
    """Return one error for all products upon which an act cannot be."""
    first = list(refused.items())[:SHOWN]
    more = len(refused) - len(first)
    rest_vi = f"; … và {more} sản phẩm nữa" if more else ""
    rest_en = f"; … and {more} more" if more else ""
    vi = "; ".join(f"{id_}: {each.vi}" for id_, each in first)
    en = "; ".join(f"{id_}: {each.en}" for id_, each in first)
    return CatalogError(
        f"chưa ghi gì. {vi}{rest_vi} / nothing is entered. {en}{rest_en}"
    )


async def _other_days(
    conn: AsyncConnection, act: CertificateAct, ids: Collection[str]
) -> list[Text]:
    """Return the doubt about a number that is known with another day of the year.

    The certificates of the products *ids* are left out: the act is about them.
    """
    if act.decided is None:
        return []
    text, day = act.decided
    number = read_number(text)
    days: dict[date, list[str]] = {}
    for id_, known, on in await decisions_of_year(conn, day.year):
        other = read_number(known)
        is_same = other is not None and number is not None and other.key == number.key
        if is_same and on != day and id_ not in ids:
            days.setdefault(on, []).append(id_)
    return [
        Text(
            f"số {text} đã ghi với ngày {on:%d/%m/%Y} cho {len(them)} sản phẩm khác"
            f" ({some_of(them)}), lần này là ngày {day:%d/%m/%Y}",
            f"the number {text} is known with the day {on} of"
            f" {counted(len(them), 'other product')} ({some_of(them)}), and not with"
            f" {day}",
        )
        for on, them in sorted(days.items())
    ]


def some_of(ids: Collection[str]) -> str:
    """Name the first few of *ids*."""
    first = sorted(ids)[:SHOWN]
    more = len(ids) - len(first)
    return ", ".join(first) + (f" … +{more}" if more else "")


async def carry_out(
    conn: AsyncConnection,
    planned: PlannedAct,
    *,
    by: Actor,
    now: datetime,
    confirmed: bool,
) -> int | None:
    """Enter a planned act, in the transaction in which it was planned.

    *confirmed* says that whoever acts was told what it does: then a person stands for
    an end that it moves to an earlier day.

    Returns:
        Its number in the audit; None if there was nothing to do.
    """
    act, ground = planned.act, planned.ground
    changed = planned.changed
    said = {each.id: each.before[0] for each in planned.said_again}
    subjects = sorted({each.id for each in changed} | said.keys())
    if not subjects:
        return None
    await lift_effects(conn, _lifted(planned))
    done = Act(
        by=by,
        kind=act.kind,
        at=now,
        subjects=subjects,
        refs=act.refs,
        reason=act.reason,
    )
    number = await record_act(conn, done)
    author = Author(ground.who, now, number)
    for some in chunks(changed):
        await save(conn, [(each.after, None) for each in some], by=author)
    await revise(conn, said)
    words = [each for item in said.values() for each in same_revocations(item)]
    await keep_changes(conn, words, author)
    if confirmed:
        earlier = [each for each in changed if each.ends_earlier]
        ends = {each.id: end_of(each.after, ground) for each in earlier}
        await stand_for_ends(conn, ends)
    return number


def _doubtful(known: Product) -> list[Key]:
    """Return the revocations by a sheet that nobody has confirmed."""
    return [
        (known.id, effect.kind, effect.key)
        for effect in known.effects
        if effect.kind is EffectKind.REVOKED and not effect.confirmed
    ]


def _lifted(planned: PlannedAct) -> list[Key]:
    """Return the effects of sheets that end: a person stands for these facts now."""
    found: list[Key] = []
    is_revocation = planned.act.kind == "revoke"
    for each in planned.products:
        known = each.before[0]
        if is_revocation:
            found += _doubtful(known)
        elif each.changes:
            ends = [e for e in known.effects if e.kind is EffectKind.ENDED]
            found += [(known.id, e.kind, e.key) for e in ends]
            found += [(known.id, kind, key) for kind, key in each.effects.lifted]
    return found


def end_of(product: Product, ground: Ground) -> str:
    """Return the last day of its certificates that have begun, as text; "" if none.

    It is the day by which an end is asked about (`ocop_sync.engine.wanted.origin`).
    """
    last = _last_day(product, ground.validity, ground.today)
    return "" if last is None else last.isoformat()


def _last_day(product: Product, validity: Validity, today: date) -> date | None:
    terms = [validity.of(each) for each in counting(product.certificates)]
    begun = [term.last for term in terms if term and term.granted_from <= today]
    return max(begun, default=None)
