"""One product as the department sees it: its facts, and how it stands everywhere.

At each marketplace what is shown stands beside what should be, with every reason, whose
turn it is, and what the next sync would send. All of it is worked out as of now; no
marketplace is called.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.commands.certificate_history import HistoryLine, history_of
from catalog.eligibility import Text, Verdict
from catalog.model.product import Entry
from catalog.model.reach import WHOLE_CATALOG
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.reasons.for_producer import Doer, for_producer
from ocop_sync.engine.reasons.reason import HOLD, MAPPING_CODES, WAIT, Reason
from ocop_sync.engine.terms import Want
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.department.side_by_side import Item, side_by_side
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.case import Case, freshness_of
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.producer.products import one_product
from ocop_sync.service.producer.reminders import Reminders, reminders_of
from ocop_sync.service.producer.why import SaleState, state_of
from ocop_sync.service.queries.explain import Explained, explain
from ocop_sync.store.decisions import drift
from ocop_sync.store.decisions.drift import DriftEntry

_NOT_OF_PAGES = re.compile(r"`|\brules\.\w")
"""Is in an advice that names a command or a setting, which a page has not got."""
_PLAINLY = frozenset(
    {
        Hold.EDITED_THERE,
        Hold.FOUGHT,
        Hold.REFUSED,
        Hold.CHANGE_REFUSED,
        Hold.SELLER_REFUSED,
        Hold.BANNED,
        Hold.UNREADABLE,
    }
)
"""Holds whose details stand beside: what differs, and the marketplace's own words."""
_HOLD_OF = {code: hold for hold, code in MAPPING_CODES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonThere:
    """A reason why a product is not simply on sale, as staff read it on a page.

    Attributes:
        outcome: Its effect, as of `Reason`.
        known: False if a fact is missing.
        who: Whose turn it is.
        seen: The finding.
        todo: The advice for staff; None where it names a command or a setting.
        hold: The hold that it is; None if it is none.
        for_producer: The advice for the producer.
    """

    outcome: str
    known: bool
    who: Doer
    seen: Text
    todo: Text | None
    hold: Hold | None
    for_producer: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceThere:
    """A product at one marketplace.

    Attributes:
        marketplace: Its name.
        state: How the product stands there.
        is_shown: Buyers see it there.
        said: The marketplace's own words, where it has refused something.
        reasons: Every reason, the strongest first.
        items: What is shown beside what should be; empty where nothing is shown and
            nothing should be.
        is_wanted: A listing should be there.
        known_at: When the marketplace was last read for it, in UTC; None if never.
        group: The held group that it waits with; None if it waits with none.
        drift: The numbers of open differences that somebody made there.
        next: The kinds of change that the next sync would send, the most urgent first.
    """

    marketplace: str
    state: SaleState
    is_shown: bool
    said: Sequence[str]
    reasons: Sequence[ReasonThere]
    items: Sequence[Item]
    is_wanted: bool
    known_at: datetime | None
    group: int | None
    drift: Sequence[int]
    next: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenProduct:
    """A product, with all that stands of it.

    Attributes:
        entry: The product and its producer, if that is known.
        verdict: The catalog's verdict; None where no marketplace is set.
        certificates: Its certificates, each with its state today.
        reminders: Papers that it lacks, and certificates that end soon.
        places: One for each marketplace, by name.
    """

    entry: Entry
    verdict: Verdict | None
    certificates: Sequence[HistoryLine]
    reminders: Reminders
    places: Sequence[PlaceThere]

    @property
    def shown_at(self) -> list[str]:
        """Return the marketplaces at which buyers see it."""
        return [each.marketplace for each in self.places if each.is_shown]


async def seen_product(deployment: Deployment, code: str) -> SeenProduct:
    """Return a product; *code* is its id, or one of its SKUs.

    Raises:
        NotInCatalogError: There is none.
        ConfigurationError: A mapping cannot be read.
    """
    deployment = await as_decided(deployment)
    entry = await deployment.database.fetch(one_product, code, reach=WHOLE_CATALOG)
    cases, differences = await _cases(deployment, entry)
    explained = [
        (await explain(deployment, site.name, [entry]))[0] for site in deployment.sites
    ]
    today = day_in_vietnam(deployment.clock())
    return SeenProduct(
        entry=entry,
        verdict=explained[0].verdict if explained else None,
        certificates=history_of(entry[0], deployment.rules.tables.validity, today),
        reminders=await reminders_of(deployment, [entry]),
        places=[
            _place(each, cases[each.marketplace], differences[each.marketplace])
            for each in explained
        ],
    )


async def _cases(
    deployment: Deployment, entry: Entry
) -> tuple[Mapping[str, Case], Mapping[str, Sequence[DriftEntry]]]:
    """Evaluate a product at every marketplace; return the open drift there as well."""
    id_ = entry[0].id
    cases: dict[str, Case] = {}
    differences: dict[str, Sequence[DriftEntry]] = {}
    async with deployment.database.read() as conn:
        keys = [key for site in deployment.sites for key in site.accounts]
        freshness = await freshness_of(conn, keys)
        evaluator = Evaluator(deployment, freshness, deployment.clock())
        draft = evaluator.draft(entry)
        for site in deployment.sites:
            wanted = evaluator.placed(site, draft)
            found = await evaluator.cases(conn, site, [wanted], {id_: entry})
            (cases[site.name],) = found
            differences[site.name] = await drift.open_of(conn, site.name, [id_])
    return cases, differences


def _place(
    explained: Explained, case: Case, differences: Sequence[DriftEntry]
) -> PlaceThere:
    record, state = explained.record, case.state
    wanted = case.evaluation.wanted.values or {}
    is_shown = bool(explained.how.live)
    shown = (state.edited or state.confirmed or {}) if is_shown else {}
    return PlaceThere(
        marketplace=explained.marketplace,
        state=state_of(explained),
        is_shown=is_shown,
        said=[each.message for each in explained.said],
        reasons=list(map(_reason, explained.reasons)),
        items=side_by_side(wanted, shown) if wanted and shown else [],
        is_wanted=case.evaluation.wanted.want is Want.LISTED,
        known_at=state.read_at,
        group=record.held_group if record else None,
        drift=[each.id for each in differences],
        next=[each.change.kind.value for each in case.evaluation.everywhere],
    )


def _reason(reason: Reason) -> ReasonThere:
    told = for_producer(reason)
    # Danger: a wait may name the account that fails, with its address.
    seen = told if reason.outcome == WAIT else reason
    is_of_pages = not _NOT_OF_PAGES.search(seen.todo.vi + seen.todo.en)
    hold = None
    if reason.outcome == HOLD:
        hold = _HOLD_OF.get(reason.code) or Hold(reason.code)
    return ReasonThere(
        outcome=reason.outcome,
        known=reason.known,
        who=told.who,
        seen=HOLD_WORDS[hold].seen if hold in _PLAINLY else seen.seen,
        todo=seen.todo if is_of_pages else None,
        hold=hold,
        for_producer=told.todo,
    )
