"""The mapping of a marketplace: seen by staff, changed by administrators.

What becomes another is listed before it is saved, with the products that can be listed
no more by it; a form whose values have changed since they were listed, or that takes
other products by now, lists them again. Whoever comes second saves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Final, Literal
from urllib.parse import quote

from aiohttp import web

from catalog.eligibility import Text
from catalog.values import replace
from ocop_sync.api.access.reach import as_department, ensure_whole
from ocop_sync.api.access.roles import ADMINS, STAFF
from ocop_sync.api.forms.mappings import MappingForm, mapping_form
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.errors import HeldMappingError, StalePlanError
from ocop_sync.pages.decision_forms import Fault, reason_fault
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.mapping_fields import (
    NO,
    REQUIRED,
    YES,
    MappingField,
    all_fields,
    category_fields,
    read_mapping,
    required_field,
    size_fields,
)
from ocop_sync.pages.navigation import ACCOUNTS
from ocop_sync.pages.visit import REASON, PageRoute, Visit, see
from ocop_sync.service.decisions.mappings import (
    InForce,
    adapter_in,
    mapping_from,
    mapping_of,
)
from ocop_sync.service.department.mapping_entry import (
    MappingEntry,
    ensure_meant,
    enter_mapping,
)

MARKETPLACES: Final = "/marketplaces"


class MappingPath(Model):
    """Which marketplace."""

    marketplace: Identifier
    """Its name."""

    @property
    def address(self) -> str:
        """Return the address of its mapping."""
        return f"{MARKETPLACES}/{quote(self.marketplace, safe='')}/mapping"


class MappingQuery(Model):
    """What has just been done."""

    done: Literal["set", "same"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChange:
    """A value that becomes another."""

    words: Text
    before: Text
    after: Text


async def show_mapping(visit: Visit) -> web.Response:
    """Show the mapping in force."""
    ensure_whole(visit.asker)
    return await _page(visit)


async def change(visit: Visit) -> web.Response:
    """List what becomes another, or save it once that was listed."""
    by, path, form = as_department(visit.asker), visit.path(MappingPath), visit.form
    values, faults = read_mapping(form, path.marketplace)
    if (fault := reason_fault(form.get(REASON, "").strip())) is not None:
        faults.append((REASON, fault))
    if faults:
        return await _page(visit, faults=faults)
    found = await _found(visit)
    if form.get("version", "") != found.version:
        return await _page(visit, is_late=True)
    new = MappingForm.model_validate(values)
    if not (changes := _changes(found, new)):
        return see(f"{path.address}?done=same")
    entry = MappingEntry(
        marketplace=path.marketplace,
        new=mapping_from(values, path.marketplace),
        by=by,
        token=form.get("token", ""),
    )
    return await _list_or_save(visit, entry, found, changes)


async def _list_or_save(
    visit: Visit, entry: MappingEntry, found: InForce, changes: Sequence[MappingChange]
) -> web.Response:
    form, held = visit.form, None
    listed = blake2b(repr(changes).encode(), digest_size=8).hexdigest()
    try:
        if form.get("seen", "") == listed:
            await enter_mapping(visit.deployment, entry, partial(_ensure_seen, form))
            return see(f"{visit.path(MappingPath).address}?done=set")
        await ensure_meant(visit.deployment, replace(entry, token=""), found)
    except StalePlanError:
        return await _page(visit, is_late=True)
    except HeldMappingError as error:
        held = error
    return await _page(visit, changes=changes, seen=listed, held=held)


def _ensure_seen(form: Mapping[str, str], version: str) -> None:
    """See to it that the mapping in force is the one that was looked at."""
    if form.get("version", "") != version:
        raise StalePlanError(version)


async def _found(visit: Visit) -> InForce:
    name, deployment = visit.path(MappingPath).marketplace, visit.deployment
    return await mapping_of(deployment.database, name, adapter_in(deployment, name))


def _changes(found: InForce, new: MappingForm) -> list[MappingChange]:
    old = mapping_form(found).mapping
    return [
        MappingChange(words=a.words, before=_said(a), after=_said(b))
        for a, b in zip(all_fields(old), all_fields(new), strict=True)
        if a.value != b.value
    ]


def _said(field: MappingField) -> Text:
    if field.name == REQUIRED:
        return YES if field.value == "yes" else NO
    return Text(field.value, field.value) if field.value else _NOTHING


_NOTHING: Final = Text("không có", "none")


async def _page(
    visit: Visit,
    *,
    faults: Sequence[Fault] = (),
    changes: Sequence[MappingChange] = (),
    seen: str = "",
    held: HeldMappingError | None = None,
    is_late: bool = False,
) -> web.Response:
    path, query = visit.path(MappingPath), visit.query(MappingQuery)
    found = await _found(visit)
    shown = mapping_form(found)
    is_typed = bool(visit.form) and not is_late

    def typed(fields: Sequence[MappingField]) -> list[tuple[MappingField, str]]:
        get = visit.form.get
        return [(e, get(e.name, e.value) if is_typed else e.value) for e in fields]

    values = {
        "shown": shown,
        "place": place_words(visit.deployment, path.marketplace),
        "categories": typed(category_fields(shown.mapping)),
        "sizes": typed(size_fields(shown.mapping)),
        "required": typed([required_field(shown.mapping)])[0],
        "answers": [("yes", YES), ("no", NO)],
        "of_required": REQUIRED,
        "reason": visit.form.get(REASON, ""),
        "version": visit.form.get("version", "") if is_typed else found.version,
        "changes": changes,
        "seen": seen,
        "effects": [Text(vi, en) for vi, en in held.effects] if held else [],
        "token": held.token if held else "",
        "faults": faults,
        "is_late": is_late,
        "done": query.done if not visit.form else None,
        "address": path.address,
        "back": ACCOUNTS,
        "may_set": visit.asker.role in ADMINS,
    }
    status = 422 if faults else 409 if is_late else 200
    return visit.page(
        "mapping.html",
        simulated=visit.deployment.simulated,
        status=status,
        values=values,
    )


_AT: Final = f"{MARKETPLACES}/{{marketplace}}/mapping"
PAGES: Final = (
    PageRoute("GET", _AT, STAFF, show_mapping),
    PageRoute("POST", _AT, ADMINS, change),
)
