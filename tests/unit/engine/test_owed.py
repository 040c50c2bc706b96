"""Every hold times everything that a change can do to a listing on sale.

Under a hold about one listing or its data, stock is lowered all the same, a claim goes
and a listing is withdrawn by a known verdict, and nothing else happens. Each exception
stands in a table below, with its reason. That a hold stops nothing else of the account
is tested with the service.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product as pairs_of
from typing import Any, Final

import pytest

from catalog.eligibility import evaluate, load_rules
from catalog.model.paper import PaperKind
from catalog.model.product import Picture, Product, Size
from catalog.values import replace
from ocop_sync.engine.approval.budget import needs_approval
from ocop_sync.engine.facet import facet_values, fingerprint
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.plan.owed import (
    EVERYTHING,
    LESS_STOCK,
    OWED,
    WHILE_HELD,
    Act,
    goes_under,
)
from ocop_sync.engine.state.fingerprints import (
    fingerprint_of_facet,
    fingerprint_of_new,
    fingerprint_of_sent,
)
from ocop_sync.engine.state.quarantine import MOST, Failure, Way
from ocop_sync.engine.state.refusal import noted
from ocop_sync.engine.state.state import DriftHistory, State
from ocop_sync.engine.terms import Found, Twin, Want
from ocop_sync.engine.wanted.draft import Conditions
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.engine.wanted.wanted import Wanted, faulty, no_product
from ocop_sync.marketplace.change import (
    Create,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim
from ocop_sync.marketplace.mapping import PictureRules, TextRules
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_mapping,
    make_paper,
    make_producer,
    make_product,
    make_variant,
)
from tests.unit.engine.examples import evaluated, make_state

RULES: Final = load_rules()
PACK: Final = "SP-00001-1"
ASK: Final = dict.fromkeys(Facet, Policy.ASK)
REPAIR: Final = dict.fromkeys(Facet, Policy.REPAIR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A product that is on sale, what its marketplace shows, and what is new of it."""

    product: Product
    state: State
    mapping: dict[str, Any] = field(default_factory=dict)
    has_account: bool = True
    policy: dict[Facet, Policy] = field(default_factory=lambda: dict(REPAIR))
    is_lost: bool = False
    is_faulty: bool = False

    @property
    def wanted(self) -> Wanted:
        if self.is_faulty:
            return faulty(self.product.id)
        if self.is_lost:
            return no_product(self.product.id)
        verdict = evaluate(self.product, make_producer(), AT, RULES)
        place = Conditions(
            name="memory",
            capabilities=InMemoryMarketplace.capabilities,
            mapping=make_mapping(**self.mapping),
            canonical=InMemoryMarketplace.canonical,
        )
        draft = draft_wanted(self.product, verdict)
        return draft.at(place, ("memory",), has_account=self.has_account)

    def evaluated(self) -> Evaluation:
        return evaluated(self.wanted, self.state, policy=self.policy)


def a_pack(**differences: Any) -> Callable[[Product], Product]:
    def change(product: Product) -> Product:
        (pack,) = product.variants
        return replace(product, variants=(replace(pack, **differences),))

    return change


def of_product(**differences: Any) -> Callable[[Product], Product]:
    return lambda product: replace(product, **differences)


def a_certificate(**differences: Any) -> Callable[[Product], Product]:
    certificate = make_certificate(**differences)
    return of_product(certificates=(certificate,))


ENDED: Final = make_certificate().decided_on.replace(year=2020)  # type: ignore[union-attr]

NEWS: Final[dict[Act, Callable[[Product], Product]]] = {
    Act.WITHDRAW: of_product(papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)),
    Act.STOCK_TO_ZERO: a_pack(on_hand=0),
    Act.STOCK_DOWN: a_pack(on_hand=4),
    Act.CLAIM_OFF: a_certificate(decided_on=ENDED),
    Act.STARS_DOWN: a_certificate(stars=3),
    Act.STARS_UP: a_certificate(stars=5),
    Act.STOCK_UP: a_pack(on_hand=33),
    Act.PRICE: a_pack(price_vnd=50_000),
    Act.CONTENT: of_product(description="Măng khô đã rửa."),
}
"""What has changed in the catalog, by what a change would do because of it."""


def does(planned: Planned) -> Act | None:
    """Return what a change does to the only pack, its claim, its text or the sale."""
    change = planned.change
    found: Act | None = None
    match change:
        case Withdraw():
            found = Act.WITHDRAW
        case SetPrice():
            found = Act.PRICE
        case Update():
            found = Act.CONTENT
        case SetStars(stars=None):
            found = Act.CLAIM_OFF
        case SetStars(stars=StarClaim(stars=n)):
            found = Act.STARS_DOWN if n < 4 else Act.STARS_UP
        case SetStock(stocks=stocks):
            lowered = Act.STOCK_DOWN if stocks[PACK] else Act.STOCK_TO_ZERO
            found = Act.STOCK_UP if stocks[PACK] > 20 else lowered
    return found


def on_sale(product: Product | None = None) -> State:
    """Return the state in which all of *product* is on sale as the catalog has it."""
    return make_state(listing_of(product or make_product()), seller_ref="CS-0001")


def listing_of(product: Product) -> Listing:
    listing = Scene(product=product, state=make_state()).wanted.listing
    assert listing is not None
    return listing


def state_of(**differences: Any) -> Callable[[Scene, Act], Scene]:
    return lambda scene, _: replace(scene, state=replace(scene.state, **differences))


def mapped(**mapping: Any) -> Callable[[Scene, Act], Scene]:
    return lambda scene, _: replace(scene, mapping=mapping)


def with_product(change: Callable[[Product], Product]) -> Callable[[Scene, Act], Scene]:
    return lambda scene, _: replace(scene, product=change(scene.product))


def unknown(scene: Scene, act: Act) -> Scene:
    """A paper is not known, or just what would end the claim or the sale."""
    if act is Act.CLAIM_OFF:
        only_a_year = a_certificate(decided_on=None, year=2021)
        return replace(scene, product=only_a_year(scene.product))
    papers = (make_paper(PaperKind.DECLARATION),)
    return replace(scene, product=replace(scene.product, papers=papers))


EDITS: Final[dict[Act, tuple[Facet, dict[str, Any]]]] = {
    Act.STOCK_TO_ZERO: (Facet.STOCK, {PACK: 19}),
    Act.STOCK_DOWN: (Facet.STOCK, {PACK: 19}),
    Act.STOCK_UP: (Facet.STOCK, {PACK: 21}),
    Act.CLAIM_OFF: (Facet.STARS, {"stars": 4, "decision": "?", "valid_to": ""}),
    Act.STARS_DOWN: (Facet.STARS, {"stars": 4, "decision": "?", "valid_to": ""}),
    Act.STARS_UP: (Facet.STARS, {"stars": 4, "decision": "?", "valid_to": ""}),
    Act.PRICE: (Facet.PRICE, {PACK: 44_000}),
}


def edited(scene: Scene, act: Act) -> Scene:
    """Somebody has edited there just what is new in the catalog."""
    state = scene.state
    values = facet_values(listing_of(make_product()))
    facet, value = EDITS.get(
        act, (Facet.CONTENT, values["content"] | {"description": "Sửa."})
    )
    state = replace(state, edited={**values, facet.value: value})
    return replace(scene, state=state, policy=dict(ASK))


def fought(scene: Scene, act: Act) -> Scene:
    """It was put right three times, and edited again each time."""
    scene = edited(scene, act)
    fields = ["stock", "stars", "price", "content.description"]
    past = DriftHistory(repairs=dict.fromkeys(fields, 3))
    # The wish is as it was when it was put right last: then it is fought about.
    wanted = scene.wanted.values
    state = replace(scene.state, past=past)
    if wanted is not None and "content" in wanted:
        state = replace(state, confirmed=wanted, sent=wanted)
    return replace(scene, state=state, policy=dict(REPAIR))


def refused(scene: Scene, act: Act) -> Scene:
    """The marketplace has refused just what is new."""
    (planned,) = scene.evaluated().changes[:1]
    of, facet = "withdraw", planned.change.kind.value.removeprefix("set_")
    fingerprint_ = ""
    if act is Act.WITHDRAW:
        change = planned.change
        assert isinstance(change, Withdraw)
        fingerprint_ = fingerprint((change.ref, change.ticket, change.reason))
    else:
        of = "content" if facet == "update" else facet
        fingerprint_ = fingerprint_of_facet(Facet(of), planned.values)
    return replace(scene, state=replace(scene.state, refused={of: fingerprint_}))


def refused_whole(scene: Scene, act: Act) -> Scene:
    """The marketplace has refused the listing just as it is wanted."""
    del act
    fingerprint_ = fingerprint_of_new(scene.wanted.values or {})
    create = noted(fingerprint_, scene.wanted.mapping_version)
    state = replace(scene.state, found=Found.REFUSED, refused={"create": create})
    return replace(scene, state=state)


def claimed_in_name(scene: Scene, act: Act) -> Scene:
    """Its name claims OCOP, and its certificate has ended or is about to."""
    name = of_product(name="Măng khô OCOP Mẫu")
    before, product = name(make_product()), name(scene.product)
    if act in (Act.CLAIM_OFF, Act.STARS_DOWN, Act.STARS_UP):
        return replace(scene, product=product, state=on_sale(before))
    over = a_certificate(decided_on=ENDED)
    return replace(scene, product=over(product), state=on_sale(over(before)))


def quarantined(scene: Scene, act: Act) -> Scene:
    """Just what is new is refused with its whole call, again and again."""
    del act
    (planned,) = scene.evaluated().changes[:1]
    version = scene.wanted.mapping_version
    failure = Failure(
        of=fingerprint_of_sent(planned.change, planned.values, version),
        error="?",
        way=Way.REFUSED,
        words="?",
        times=MOST,
        at=AT,
    )
    failures = {planned.change.kind: failure}
    return replace(scene, state=replace(scene.state, failures=failures))


HELD: Final[dict[Hold, Callable[[Scene, Act], Scene]]] = {
    Hold.DOUBLED: state_of(doubled_ref="M000002"),
    Hold.OUT_OF_SCOPE: with_product(of_product(set_code="VI")),
    Hold.ORPHAN: lambda scene, _: replace(scene, is_lost=True),
    Hold.UNKNOWN_FACT: unknown,
    Hold.TWIN: state_of(
        sent=None, confirmed=None, found=Found.ABSENT, ref="", twin=Twin.POSSIBLE
    ),
    Hold.UNLIKE: state_of(
        sent=None, confirmed=None, found=Found.ABSENT, ref="", twin=Twin.UNLIKE
    ),
    Hold.MOVED: state_of(seller_ref="CS-0002"),
    Hold.REFUSED: refused_whole,
    Hold.TAKEN_DOWN: state_of(found=Found.DOWN_BY_PERSON),
    Hold.BANNED: state_of(found=Found.BANNED),
    Hold.UNFORESEEN: state_of(found=Found.UNREAD),
    Hold.UNREADABLE: state_of(unreadable="state: unknown"),
    Hold.FAULT: lambda scene, _: replace(scene, is_faulty=True),
    Hold.EDITED_THERE: edited,
    Hold.FOUGHT: fought,
    Hold.LEFT: state_of(found=Found.DOWN_BY_PERSON),
    Hold.BUDGET: lambda scene, _: scene,
    Hold.VANISHED_MANY: state_of(found=Found.ABSENT, absent_reads=2),
    Hold.NO_ACCOUNT: lambda scene, _: replace(scene, has_account=False),
    Hold.NO_PRICE: with_product(a_pack(price_vnd=None)),
    Hold.NO_STOCK_COUNT: with_product(a_pack(on_hand=None)),
    Hold.NO_CATEGORY: mapped(categories={}),
    Hold.TITLE_TOO_LONG: mapped(title=TextRules(max_length=3)),
    Hold.DESCRIPTION_TOO_LONG: mapped(description=TextRules(max_length=3)),
    Hold.NO_PICTURE: lambda scene, _: replace(
        scene,
        product=replace(scene.product, pictures=()),
        mapping={"pictures": PictureRules(required=True, max_count=9)},
    ),
    Hold.PICTURE_TOO_SMALL: lambda scene, _: replace(
        scene,
        product=replace(
            scene.product,
            pictures=(Picture(url="https://mau.example/1.jpg", size=Size(1, 1)),),
        ),
        mapping={
            "pictures": PictureRules(
                required=True, max_count=9, min_width_px=2, min_height_px=2
            )
        },
    ),
    Hold.CLAIM_IN_NAME: claimed_in_name,
    Hold.SELLER_REFUSED: state_of(sent=None, confirmed=None, found=Found.ABSENT),
    Hold.CHANGE_REFUSED: refused,
    Hold.QUARANTINED: quarantined,
}
"""How each hold comes about."""

ABOUT_ONE: Final = OWED - {Act.STARS_DOWN}
"""What goes under a hold about one listing or its data: lower stock, claims off,
withdrawals. Fewer stars are a lower claim."""

_NOT_THERE = "nothing of it is on sale"
_COMPOSED = "all but what cannot be composed is kept right"

EXCEPTIONS: Final[dict[Hold, tuple[frozenset[Act], str]]] = {
    Hold.DOUBLED: (OWED, "which stays is open; a false claim of stars is not"),
    Hold.MOVED: (OWED, "never raised; a false claim of stars goes"),
    Hold.NO_ACCOUNT: (OWED, "never raised; a false claim of stars goes"),
    Hold.OUT_OF_SCOPE: (LESS_STOCK, "stock down only: the rest is a person's to say"),
    Hold.ORPHAN: (frozenset(), "absence is never a reason"),
    Hold.UNKNOWN_FACT: (
        EVERYTHING - {Act.WITHDRAW, Act.CLAIM_OFF},
        "the claim and being live stay, the rest is kept right",
    ),
    Hold.NO_PRICE: (
        (OWED | {Act.STARS_UP}),
        "the pack is held, not the claim of the listing",
    ),
    Hold.NO_STOCK_COUNT: (
        EVERYTHING - LESS_STOCK - {Act.STOCK_UP, Act.PRICE, Act.CONTENT},
        "there is no count to lower it to; the claim of the listing is not held",
    ),
    Hold.NO_CATEGORY: (EVERYTHING - {Act.CONTENT}, _COMPOSED),
    Hold.TITLE_TOO_LONG: (EVERYTHING - {Act.CONTENT}, _COMPOSED),
    Hold.DESCRIPTION_TOO_LONG: (EVERYTHING - {Act.CONTENT}, _COMPOSED),
    Hold.NO_PICTURE: (EVERYTHING - {Act.CONTENT}, _COMPOSED),
    Hold.PICTURE_TOO_SMALL: (EVERYTHING - {Act.CONTENT}, _COMPOSED),
    Hold.CLAIM_IN_NAME: (EVERYTHING, "only the official name is asked about"),
    Hold.CHANGE_REFUSED: (frozenset(), "outright refusals stay held"),
    Hold.QUARANTINED: (frozenset(), "refused with its whole call: held"),
    Hold.BUDGET: (
        EVERYTHING - {Act.WITHDRAW, Act.CLAIM_OFF},
        "what takes is held whole, what takes nothing goes",
    ),
    Hold.VANISHED_MANY: (frozenset(), "it is made anew as a whole, or not"),
    Hold.TWIN: (frozenset(), _NOT_THERE),
    Hold.UNLIKE: (frozenset(), _NOT_THERE),
    Hold.REFUSED: (frozenset(), _NOT_THERE),
    Hold.TAKEN_DOWN: (frozenset(), _NOT_THERE),
    Hold.LEFT: (frozenset(), _NOT_THERE),
    Hold.BANNED: (frozenset(), _NOT_THERE),
    Hold.SELLER_REFUSED: (frozenset(), _NOT_THERE),
    Hold.UNFORESEEN: (frozenset(), "nothing is known of what is there"),
    Hold.UNREADABLE: (frozenset(), "what stands there is not known"),
    Hold.FAULT: (frozenset(), "what is to stand there is not known"),
}
"""Where something else goes than lower stock, claims off and withdrawals, and why."""

WITH_THE_LISTING: Final = {
    (Hold.NO_PRICE, Act.CLAIM_OFF): Act.WITHDRAW,
    (Hold.NO_STOCK_COUNT, Act.CLAIM_OFF): Act.WITHDRAW,
    (Hold.NO_CATEGORY, Act.CLAIM_OFF): Act.WITHDRAW,
    (Hold.TITLE_TOO_LONG, Act.CLAIM_OFF): Act.WITHDRAW,
    (Hold.DESCRIPTION_TOO_LONG, Act.CLAIM_OFF): Act.WITHDRAW,
    (Hold.NO_PICTURE, Act.CLAIM_OFF): Act.WITHDRAW,
    (Hold.PICTURE_TOO_SMALL, Act.CLAIM_OFF): Act.WITHDRAW,
}
"""The claim in a text that cannot be composed anew goes with the listing."""


def passes(hold: Hold, evaluation: Evaluation, planned: Planned) -> bool:
    """Say whether a change passes those holds that are not the engine's."""
    if hold in (Hold.BUDGET, Hold.VANISHED_MANY):
        return not needs_approval(evaluation, planned)
    return hold is not Hold.SELLER_REFUSED or not isinstance(
        planned.change, Create | Republish
    )


def scene_of(hold: Hold, act: Act) -> Scene:
    news = NEWS[act](make_product())
    return HELD[hold](Scene(product=news, state=on_sale()), act)


def test_each_hold_has_a_row_a_scene_and_a_reason() -> None:
    assert WHILE_HELD.keys() == HELD.keys() == {*Hold}
    assert all(row.says.endswith(".") for row in WHILE_HELD.values())


@pytest.mark.parametrize("act", Act)
def test_everything_goes_where_nobody_is_asked(act: Act) -> None:
    evaluation = Scene(product=NEWS[act](make_product()), state=on_sale()).evaluated()

    assert evaluation.hold is None
    assert [does(planned) for planned in evaluation.changes] == [act]


@pytest.mark.parametrize(("hold", "act"), [*pairs_of(Hold, Act)])
def test_under_a_hold_goes_what_is_owed_and_nothing_else(hold: Hold, act: Act) -> None:
    goes, _ = EXCEPTIONS.get(hold, (ABOUT_ONE, ""))
    evaluation = scene_of(hold, act).evaluated()

    going = [
        does(planned)
        for planned in evaluation.changes
        if passes(hold, evaluation, planned)
    ]

    expected = WITH_THE_LISTING.get((hold, act), act)
    assert going == ([expected] if act in goes else [])


ALONE: Final = {
    Hold.BUDGET,
    Hold.VANISHED_MANY,
    Hold.SELLER_REFUSED,
    Hold.LEFT,
}
"""Holds that a gate, a seller or a person's word makes of an evaluation."""


@pytest.mark.parametrize("hold", [each for each in Hold if each not in ALONE])
def test_a_hold_is_named_while_something_goes(hold: Hold) -> None:
    scene = scene_of(hold, Act.STOCK_DOWN)

    evaluation = scene.evaluated()

    named = evaluation.hold or scene.wanted.problem
    unknown = scene.wanted.want is Want.UNKNOWN
    assert named is hold or (hold is Hold.UNKNOWN_FACT and unknown)


@pytest.mark.parametrize("act", [Act.WITHDRAW, Act.STOCK_TO_ZERO, Act.CLAIM_OFF])
@pytest.mark.parametrize("hold", [Hold.DOUBLED, Hold.MOVED, Hold.OUT_OF_SCOPE])
def test_the_budget_counts_what_goes_under_a_hold(hold: Hold, act: Act) -> None:
    scene = scene_of(hold, act)
    slip = replace(
        scene,
        product=replace(
            scene.product,
            variants=(replace(scene.product.variants[0], counted_at=None),),
        ),
    )

    evaluation = slip.evaluated()

    assert all(needs_approval(evaluation, planned) for planned in evaluation.changes)


def test_two_holds_let_through_what_each_of_them_does() -> None:
    assert goes_under([]) == EVERYTHING
    assert goes_under([Hold.DOUBLED, Hold.OUT_OF_SCOPE]) == LESS_STOCK
    assert goes_under([Hold.NO_PRICE]) == EVERYTHING


def test_of_two_that_are_out_of_scope_stock_is_lowered_and_neither_withdrawn() -> None:
    scene = scene_of(Hold.OUT_OF_SCOPE, Act.STOCK_DOWN)
    doubled = replace(scene, state=replace(scene.state, doubled_ref="M000002"))

    evaluation = doubled.evaluated()

    assert evaluation.decision is Hold.DOUBLED
    assert [does(planned) for planned in evaluation.changes] == [Act.STOCK_DOWN]


def test_a_claim_in_a_text_goes_though_the_listing_is_anothers_now() -> None:
    text = "Đạt 4 sao OCOP, rửa sạch."
    news = a_certificate(decided_on=ENDED)(
        make_product(description=text, variants=(make_variant(price_vnd=50_000),))
    )
    state = replace(on_sale(make_product(description=text)), seller_ref="CS-0002")

    evaluation = Scene(product=news, state=state).evaluated()

    assert evaluation.hold is Hold.MOVED
    assert {does(planned) for planned in evaluation.changes} == {
        Act.CLAIM_OFF,
        Act.CONTENT,
    }
    (update,) = [p.change for p in evaluation.changes if isinstance(p.change, Update)]
    assert update.fields == {"description"}


@pytest.mark.parametrize("counted", [True, False])
def test_a_zero_that_nobody_counted_waits_with_the_withdrawal(*, counted: bool) -> None:
    blocked = NEWS[Act.WITHDRAW](make_product())
    pack = make_variant(on_hand=0, counted_at=AT if counted else None)

    evaluation = Scene(
        product=replace(blocked, variants=(pack,)), state=on_sale()
    ).evaluated()

    zero = [Act.STOCK_TO_ZERO] if counted else []
    assert [does(each) for each in evaluation.changes] == [Act.WITHDRAW, *zero]
