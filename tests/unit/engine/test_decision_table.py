"""The decision table: the purpose of each row, and the invariants of every situation.

The examples are written by hand from the promises of the service, not read off the
table. How a situation comes about is tested in test_diff.py, and that only foreseen
ones do in test_transitions.py.
"""

from collections.abc import Callable, Collection
from functools import cache
from itertools import product
from typing import Any

import pytest

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.decision_table import TABLE, DecisionRow, beneath, decide
from ocop_sync.engine.terms import (
    Base,
    Decision,
    Differs,
    Found,
    Situation,
    Twin,
    Want,
)
from tests.unit.engine.examples import WRITES

ON_SALE = (Found.LIVE, Found.IN_REVIEW)
OFF_SALE = (Found.REFUSED, Found.DOWN_BY_US, Found.DOWN_BY_PERSON, Found.BANNED)
UNMADE = (Found.UNREAD, Found.ABSENT)
QUESTIONS = frozenset(
    {
        *(Hold.DOUBLED, Hold.OUT_OF_SCOPE, Hold.ORPHAN, Hold.UNKNOWN_FACT),
        *(Hold.TWIN, Hold.UNLIKE, Hold.MOVED, Hold.REFUSED, Hold.TAKEN_DOWN),
        *(Hold.BANNED, Hold.UNREADABLE, Hold.UNFORESEEN),
    }
)
"""Why the table asks a person."""
EVERYTHING: frozenset[Decision | Hold] = frozenset(Decision) | QUESTIONS
BOTH = (False, True)

NEW = Situation(want=Want.LISTED, found=Found.ABSENT, base=Base.NEVER_SENT)
OURS = Situation(want=Want.LISTED, found=Found.LIVE, base=Base.OURS)
LOST = Situation(want=Want.LISTED, found=Found.UNREAD, base=Base.UNANSWERED)


def example(
    name: str, start: Situation, expected: Decision | Hold, **differences: Any
) -> Any:
    """Return a case of the table below: *start* with *differences*."""
    given = {field: getattr(start, field) for field in Situation.__struct_fields__}
    return pytest.param(Situation(**given | differences), expected, id=name)


EXAMPLES = [
    # Sent, and no outcome is known
    example("lost, too early to look", LOST, Decision.WAIT, lag_over=False),
    example("lost, shows by now", LOST, Decision.READ_BACK),
    example("lost, two there", LOST, Decision.READ_BACK, doubled=True),
    example("lost, then blocked", LOST, Decision.READ_BACK, want=Want.NOT_LISTED),
    example("lost while live", LOST, Decision.READ_BACK, found=Found.LIVE),
    example(
        "lost, and cannot be read",
        LOST,
        Hold.UNREADABLE,
        found=Found.UNREADABLE,
    ),
    # Two of ours
    example("two live", OURS, Hold.DOUBLED, doubled=True),
    example(
        "two of a blocked product",
        OURS,
        Hold.DOUBLED,
        want=Want.NOT_LISTED,
        doubled=True,
    ),
    # On sale, but no rule lets us decide
    example("service, live", OURS, Hold.OUT_OF_SCOPE, want=Want.OUT_OF_SCOPE),
    example(
        "service, in review",
        OURS,
        Hold.OUT_OF_SCOPE,
        want=Want.OUT_OF_SCOPE,
        found=Found.IN_REVIEW,
    ),
    example("orphan, live", OURS, Hold.ORPHAN, want=Want.NO_PRODUCT),
    example(
        "orphan, in review",
        OURS,
        Hold.ORPHAN,
        want=Want.NO_PRODUCT,
        found=Found.IN_REVIEW,
    ),
    # On sale under another producer
    example("moved, live", OURS, Hold.MOVED, moved=True),
    example(
        "moved, in review",
        OURS,
        Hold.MOVED,
        found=Found.IN_REVIEW,
        moved=True,
    ),
    example(
        "moved, a fact unknown",
        OURS,
        Hold.MOVED,
        want=Want.UNKNOWN,
        moved=True,
    ),
    example(
        "moved, and blocked",
        OURS,
        Decision.WITHDRAW,
        want=Want.NOT_LISTED,
        moved=True,
    ),
    example(
        "moved, and its claim ended",
        OURS,
        Hold.MOVED,
        want=Want.WITHOUT_CLAIM,
        differs=Differs.FROM_WANTED,
        moved=True,
    ),
    example(
        "moved, and vanished",
        OURS,
        Decision.CREATE_ANEW,
        found=Found.ABSENT,
        absent_twice=True,
        moved=True,
    ),
    # A fact is unknown
    example("unknown, new", NEW, Hold.UNKNOWN_FACT, want=Want.UNKNOWN),
    example(
        "unknown, nobody looked",
        NEW,
        Hold.UNKNOWN_FACT,
        want=Want.UNKNOWN,
        found=Found.UNREAD,
        read_whole=False,
    ),
    example("unknown, live as wanted", OURS, Decision.IN_SYNC, want=Want.UNKNOWN),
    example(
        "unknown, live and kept right",
        OURS,
        Decision.CHANGE,
        want=Want.UNKNOWN,
        differs=Differs.FROM_WANTED,
    ),
    example(
        "unknown, in review",
        OURS,
        Decision.FOLLOW,
        want=Want.UNKNOWN,
        found=Found.IN_REVIEW,
    ),
    example(
        "unknown, vanished",
        OURS,
        Hold.UNKNOWN_FACT,
        want=Want.UNKNOWN,
        found=Found.ABSENT,
        absent_twice=True,
    ),
    example(
        "unknown, banned",
        OURS,
        Hold.UNKNOWN_FACT,
        want=Want.UNKNOWN,
        found=Found.BANNED,
    ),
    # A verdict says no
    example("blocked, live", OURS, Decision.WITHDRAW, want=Want.NOT_LISTED),
    example(
        "blocked, in review",
        OURS,
        Decision.WITHDRAW,
        want=Want.NOT_LISTED,
        found=Found.IN_REVIEW,
    ),
    example(
        "blocked, edited there",
        OURS,
        Decision.WITHDRAW,
        want=Want.NOT_LISTED,
        differs=Differs.FROM_BOTH,
    ),
    # It need not be on sale, and is not
    example("blocked, new", NEW, Decision.NOTHING, want=Want.NOT_LISTED),
    example("service, new", NEW, Decision.NOTHING, want=Want.OUT_OF_SCOPE),
    example("without claim, new", NEW, Decision.NOTHING, want=Want.WITHOUT_CLAIM),
    example(
        "blocked, withdrawn",
        OURS,
        Decision.NOTHING,
        want=Want.NOT_LISTED,
        found=Found.DOWN_BY_US,
    ),
    example(
        "blocked, not found once",
        OURS,
        Decision.READ_AGAIN,
        want=Want.NOT_LISTED,
        found=Found.ABSENT,
    ),
    example(
        "without claim, vanished",
        OURS,
        Decision.NOTHING,
        want=Want.WITHOUT_CLAIM,
        found=Found.ABSENT,
        absent_twice=True,
    ),
    example(
        "orphan, refused",
        OURS,
        Decision.NOTHING,
        want=Want.NO_PRODUCT,
        found=Found.REFUSED,
    ),
    # Not ours
    example(
        "foreign",
        NEW,
        Decision.FOREIGN,
        want=Want.NO_PRODUCT,
        found=Found.LIVE,
    ),
    # New
    example("new, never looked", NEW, Decision.READ_WHOLE, read_whole=False),
    example("new, unread", NEW, Decision.READ_WHOLE, found=Found.UNREAD),
    example(
        "new, a likely twin, but read long ago",
        NEW,
        Decision.READ_WHOLE,
        twin=Twin.SURE,
        read_whole=False,
    ),
    example("new", NEW, Decision.CREATE),
    example("new, a twin", NEW, Hold.TWIN, twin=Twin.POSSIBLE),
    example("new, surely there", NEW, Decision.ADOPT, twin=Twin.SURE),
    example(
        "new, its reference on something else",
        NEW,
        Hold.UNLIKE,
        twin=Twin.UNLIKE,
    ),
    example(
        "blocked, its reference on something else",
        NEW,
        Hold.UNLIKE,
        want=Want.NOT_LISTED,
        twin=Twin.UNLIKE,
    ),
    example(
        "gone twice, its reference on something else",
        OURS,
        Hold.UNLIKE,
        found=Found.ABSENT,
        absent_twice=True,
        twin=Twin.UNLIKE,
    ),
    example(
        "live, not ours, a twin",
        NEW,
        Hold.TWIN,
        found=Found.LIVE,
        twin=Twin.POSSIBLE,
    ),
    # Ours, and gone
    example("gone once", OURS, Decision.READ_AGAIN, found=Found.ABSENT),
    example(
        "gone once, beside a sure twin",
        OURS,
        Decision.READ_AGAIN,
        found=Found.ABSENT,
        twin=Twin.SURE,
    ),
    example(
        "gone twice",
        OURS,
        Decision.CREATE_ANEW,
        found=Found.ABSENT,
        absent_twice=True,
    ),
    example(
        "gone twice, and made by hand",
        OURS,
        Hold.TWIN,
        found=Found.ABSENT,
        absent_twice=True,
        twin=Twin.POSSIBLE,
    ),
    example(
        "gone twice, and surely there",
        OURS,
        Decision.ADOPT,
        found=Found.ABSENT,
        absent_twice=True,
        twin=Twin.SURE,
    ),
    # In review
    example("in review", OURS, Decision.FOLLOW, found=Found.IN_REVIEW),
    example(
        "claim ended in the first review, which shows none",
        OURS,
        Decision.WITHDRAW,
        want=Want.WITHOUT_CLAIM,
        found=Found.IN_REVIEW,
        was_on_sale=False,
    ),
    example(
        "claim ended in the first review",
        OURS,
        Decision.WITHDRAW,
        want=Want.WITHOUT_CLAIM,
        found=Found.IN_REVIEW,
        differs=Differs.FROM_WANTED,
        was_on_sale=False,
    ),
    example(
        "claim ended while a change is in review",
        OURS,
        Decision.CHANGE,
        want=Want.WITHOUT_CLAIM,
        found=Found.IN_REVIEW,
        differs=Differs.FROM_WANTED,
    ),
    example(
        "claim taken off while a change is in review",
        OURS,
        Decision.FOLLOW,
        want=Want.WITHOUT_CLAIM,
        found=Found.IN_REVIEW,
    ),
    # Live
    example("in sync", OURS, Decision.IN_SYNC),
    example("wish changed", OURS, Decision.CHANGE, differs=Differs.FROM_WANTED),
    example("edited there", OURS, Decision.REPAIR, differs=Differs.FROM_BOTH),
    example(
        "claim ended",
        OURS,
        Decision.CHANGE,
        want=Want.WITHOUT_CLAIM,
        differs=Differs.FROM_WANTED,
    ),
    example(
        "claim ended, edited there",
        OURS,
        Decision.REPAIR,
        want=Want.WITHOUT_CLAIM,
        differs=Differs.FROM_BOTH,
    ),
    # Down
    example("we took it down", OURS, Decision.REPUBLISH, found=Found.DOWN_BY_US),
    example(
        "a person took it down",
        OURS,
        Hold.TAKEN_DOWN,
        found=Found.DOWN_BY_PERSON,
    ),
    example("banned", OURS, Hold.BANNED, found=Found.BANNED),
    example("cannot be read", OURS, Hold.UNREADABLE, found=Found.UNREADABLE),
    # Refused
    example("refused", OURS, Hold.REFUSED, found=Found.REFUSED),
    example(
        "refused, and cured", OURS, Decision.RESUBMIT, found=Found.REFUSED, cured=True
    ),
    # Foreseen by no row
    example(
        "answered, but never found",
        OURS,
        Hold.UNFORESEEN,
        found=Found.UNREAD,
    ),
]


@pytest.mark.parametrize(("situation", "expected"), EXAMPLES)
def test_each_situation_has_its_decision(
    situation: Situation, expected: Decision | Hold
) -> None:
    assert decide(situation) is expected


def test_the_database_holds_these_words() -> None:
    assert [*Found] == [
        "unread",
        "absent",
        "in_review",
        "refused",
        "live",
        "down_by_us",
        "down_by_person",
        "banned",
        "unreadable",
    ]
    assert {decision: decision.name.lower() for decision in Decision} == {
        decision: decision.value for decision in Decision
    }


def test_each_row_is_a_sentence_of_its_own() -> None:
    sentences = [row.says for row in TABLE]

    assert len({*sentences}) == len(sentences)
    assert all(says[0].isupper() and says.endswith(".") for says in sentences)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_no_row_can_be_taken_out(row: DecisionRow) -> None:
    rest = tuple(other for other in TABLE if other is not row)

    missed = [
        case for case in EXAMPLES if decide(case.values[0], rest) is not case.values[1]
    ]
    assert missed


def test_every_decision_has_an_example() -> None:
    assert {case.values[1] for case in EXAMPLES} == EVERYTHING


@cache
def every_situation() -> dict[Situation, Decision | Hold]:
    """Decide each of the 248,832 situations that there are."""
    names = (
        *("doubled", "moved", "read_whole", "absent_twice"),
        *("lag_over", "cured", "was_on_sale"),
    )
    # What is being taken over is in none (test_taking_over.py).
    twins = [each for each in Twin if each is not Twin.TAKING_OVER]
    kinds = product(Want, Found, Base, Differs, twins)
    flags = [dict(zip(names, each, strict=True)) for each in product(BOTH, repeat=7)]
    situations = (
        Situation(want=w, found=f, base=b, differs=d, twin=t, **set_)
        for w, f, b, d, t in kinds
        for set_ in flags
    )
    return {situation: decide(situation) for situation in situations}


def settled(s: Situation) -> bool:
    """Say whether what was sent has its outcome, and stands alone."""
    return s.base is not Base.UNANSWERED and not s.doubled


def ours(s: Situation, *found: Found) -> bool:
    return settled(s) and s.base is Base.OURS and s.found in found


def may_create(s: Situation) -> bool:
    """Say whether nothing of ours, or like it, is there for certain."""
    return (
        s.want is Want.LISTED
        and settled(s)
        and s.base is Base.NEVER_SENT
        and s.found is Found.ABSENT
        and s.read_whole
        and s.twin is Twin.NONE
    )


def is_missed(s: Situation) -> bool:
    """Say whether a listing of ours was not found, by one look only."""
    return ours(s, Found.ABSENT) and not s.absent_twice


def is_missing(s: Situation) -> bool:
    """Say whether a listing of ours was never made, or is gone for certain."""
    gone = ours(s, Found.ABSENT) and s.absent_twice
    return (settled(s) and s.base is Base.NEVER_SENT) or gone


def may_create_anew(s: Situation) -> bool:
    gone = ours(s, Found.ABSENT) and s.absent_twice
    return s.want is Want.LISTED and gone and s.twin is Twin.NONE


def may_withdraw(s: Situation) -> bool:
    blocked = s.want is Want.NOT_LISTED and ours(s, *ON_SALE)
    return blocked or (unclaims_in_review(s) and not s.was_on_sale)


def unclaims_in_review(s: Situation) -> bool:
    is_there = ours(s, Found.IN_REVIEW) and not s.moved
    return s.want is Want.WITHOUT_CLAIM and is_there


def is_kept(s: Situation) -> bool:
    """Say whether it is live, of ours and this producer, and to be kept right."""
    stays = s.want in (Want.LISTED, Want.WITHOUT_CLAIM, Want.UNKNOWN)
    return stays and ours(s, Found.LIVE) and not s.moved


def unclaims(s: Situation) -> bool:
    return s.want is Want.WITHOUT_CLAIM and ours(s, Found.LIVE) and not s.moved


def _may_be_read_back(s: Situation) -> bool:
    return s.base is Base.UNANSWERED and s.found is not Found.UNREADABLE


INVARIANTS: dict[
    str, tuple[Callable[[Situation], bool], Collection[Decision | Hold]]
] = {
    "what has no outcome waits for its lag": (
        lambda s: _may_be_read_back(s) and not s.lag_over,
        {Decision.WAIT},
    ),
    "what has no outcome is then read back": (
        lambda s: _may_be_read_back(s) and s.lag_over,
        {Decision.READ_BACK},
    ),
    "only what has no outcome is waited for": (
        lambda s: s.base is not Base.UNANSWERED,
        EVERYTHING - {Decision.WAIT, Decision.READ_BACK},
    ),
    "what cannot be read is held, whatever else is so": (
        lambda s: s.found is Found.UNREADABLE,
        {Hold.UNREADABLE},
    ),
    "two of ours are held, whatever else is so": (
        lambda s: (
            s.doubled
            and s.base is not Base.UNANSWERED
            and s.found is not Found.UNREADABLE
        ),
        {Hold.DOUBLED},
    ),
    "one of ours is not held as two": (
        lambda s: not s.doubled,
        EVERYTHING - {Hold.DOUBLED},
    ),
    "unknown facts and absence from the catalog withdraw nothing": (
        lambda s: s.want in (Want.UNKNOWN, Want.NO_PRODUCT, Want.OUT_OF_SCOPE),
        EVERYTHING - {Decision.WITHDRAW},
    ),
    "what a verdict blocks is withdrawn": (
        lambda s: s.want is Want.NOT_LISTED and ours(s, *ON_SALE),
        {Decision.WITHDRAW},
    ),
    "a claim that has ended does not stay in a first review": (
        lambda s: unclaims_in_review(s) and not s.was_on_sale,
        {Decision.WITHDRAW},
    ),
    "what was on sale stays when its claim ends in a review": (
        lambda s: unclaims_in_review(s) and s.was_on_sale,
        {Decision.CHANGE, Decision.FOLLOW},
    ),
    "a claim that is in review with a change is taken off": (
        lambda s: (
            unclaims_in_review(s) and s.was_on_sale and s.differs is not Differs.EQUAL
        ),
        {Decision.CHANGE},
    ),
    "nothing else is withdrawn": (
        lambda s: not may_withdraw(s),
        EVERYTHING - {Decision.WITHDRAW},
    ),
    "nothing is created unless nothing like it is there": (
        lambda s: not may_create(s),
        EVERYTHING - {Decision.CREATE},
    ),
    "what is new is created": (may_create, {Decision.CREATE}),
    "nothing is created anew unless it was missed twice": (
        lambda s: not may_create_anew(s),
        EVERYTHING - {Decision.CREATE_ANEW},
    ),
    "what is not to be listed is not brought on sale": (
        lambda s: s.want is not Want.LISTED,
        EVERYTHING
        - {
            Decision.CREATE,
            Decision.CREATE_ANEW,
            Decision.RESUBMIT,
            Decision.REPUBLISH,
            Decision.ADOPT,
        },
    ),
    "what a person or the marketplace took down is never written to": (
        lambda s: s.found in (Found.DOWN_BY_PERSON, Found.BANNED),
        (EVERYTHING - WRITES) | {Decision.ADOPT},  # which writes to another listing
    ),
    "what is not ours is never written to, but to make or adopt it": (
        lambda s: s.base is Base.NEVER_SENT,
        (EVERYTHING - WRITES) | {Decision.CREATE, Decision.ADOPT},
    ),
    "what is not in the catalog, or out of scope, is never written to": (
        lambda s: s.want in (Want.NO_PRODUCT, Want.OUT_OF_SCOPE),
        EVERYTHING - WRITES,
    ),
    "only what we took down is republished": (
        lambda s: not ours(s, Found.DOWN_BY_US),
        EVERYTHING - {Decision.REPUBLISH},
    ),
    "what was refused goes again only when cured": (
        lambda s: not (ours(s, Found.REFUSED) and s.cured),
        EVERYTHING - {Decision.RESUBMIT},
    ),
    "what is live and as wanted is left alone": (
        lambda s: is_kept(s) and s.differs is Differs.EQUAL,
        {Decision.IN_SYNC},
    ),
    "what somebody edited is left to the policy": (
        lambda s: is_kept(s) and s.differs is Differs.FROM_BOTH,
        {Decision.REPAIR},
    ),
    "what is live and not as wanted is changed": (
        lambda s: is_kept(s) and s.differs is Differs.FROM_WANTED,
        {Decision.CHANGE},
    ),
    "a claim that has ended goes, even if it was edited there": (
        lambda s: unclaims(s) and s.differs is not Differs.EQUAL,
        {Decision.CHANGE, Decision.REPAIR},
    ),
    "what stands under another producer is not brought on sale": (
        lambda s: s.moved and s.base is Base.OURS and s.found is not Found.ABSENT,
        EVERYTHING - {Decision.REPUBLISH, Decision.RESUBMIT},
    ),
    "only what stands there under another producer is held for that": (
        lambda s: (
            not (
                s.moved
                and settled(s)
                and s.base is Base.OURS
                and s.found is not Found.ABSENT
            )
        ),
        EVERYTHING - {Hold.MOVED},
    ),
    "what is on sale under another producer is held": (
        lambda s: (
            s.moved
            and s.want in (Want.LISTED, Want.WITHOUT_CLAIM, Want.UNKNOWN)
            and ours(s, *ON_SALE)
        ),
        {Hold.MOVED},
    ),
    "what is live and out of every rule's reach is held": (
        lambda s: s.want in (Want.OUT_OF_SCOPE, Want.NO_PRODUCT) and ours(s, *ON_SALE),
        {Hold.OUT_OF_SCOPE, Hold.ORPHAN},
    ),
    "what need not be on sale, and is not, is no item for a person": (
        lambda s: (
            s.want not in (Want.LISTED, Want.UNKNOWN)
            and ours(s, Found.ABSENT, *OFF_SALE)
            and not is_missed(s)
        ),
        {Decision.NOTHING},
    ),
    "what only lacks a fact is held where it is not on sale": (
        lambda s: (
            s.want is Want.UNKNOWN
            and ours(s, Found.ABSENT, *OFF_SALE)
            and not is_missed(s)
        ),
        {Hold.UNKNOWN_FACT},
    ),
    "what was not found once is looked for again, whatever is wanted": (
        is_missed,
        {Decision.READ_AGAIN},
    ),
    "what blocks or is out of scope makes no work of what was never made": (
        lambda s: (
            s.want in (Want.NOT_LISTED, Want.OUT_OF_SCOPE, Want.WITHOUT_CLAIM)
            and settled(s)
            and s.base is Base.NEVER_SENT
            and s.found in UNMADE
            and s.twin is not Twin.UNLIKE
        ),
        {Decision.NOTHING},
    ),
    "what carries our reference and is not like it is a person's to say": (
        lambda s: (
            s.twin is Twin.UNLIKE
            and settled(s)
            and s.base is Base.NEVER_SENT
            and s.want is not Want.NO_PRODUCT
            and s.found is not Found.UNREADABLE
        ),
        {Hold.UNLIKE},
    ),
    "foreign listings are those of no product": (
        lambda s: s.want is not Want.NO_PRODUCT or s.base is not Base.NEVER_SENT,
        EVERYTHING - {Decision.FOREIGN},
    ),
    "what has vanished is created anew": (may_create_anew, {Decision.CREATE_ANEW}),
    "nothing is created beside what may be the same": (
        lambda s: s.twin is not Twin.NONE,
        EVERYTHING - {Decision.CREATE, Decision.CREATE_ANEW},
    ),
    "twins are looked at only for what is to be listed": (
        lambda s: s.want is not Want.LISTED,
        EVERYTHING - {Hold.TWIN},
    ),
    "a twin is adopted only where nothing of ours is": (
        lambda s: s.twin is not Twin.SURE or not is_missing(s),
        EVERYTHING - {Decision.ADOPT},
    ),
}


@pytest.mark.parametrize("name", INVARIANTS)
def test_it_holds_of_every_situation(name: str) -> None:
    applies, allowed = INVARIANTS[name]
    found = [(s, then) for s, then in every_situation().items() if applies(s)]

    assert found
    assert [(s, then) for s, then in found if then not in allowed][:3] == []


def test_every_situation_has_a_decision() -> None:
    decisions = every_situation().values()

    assert len(decisions) == 248_832
    assert set(decisions) == EVERYTHING


@pytest.mark.parametrize("flag", ["doubled", "moved"])
def test_what_a_person_is_asked_about_hides_what_would_be_done(flag: str) -> None:
    hold = Hold[flag.upper()]
    found = [s for s, then in every_situation().items() if then is hold]
    hidden = [beneath(s) for s in found]

    assert all(hold in asked and then is not hold for asked, then in hidden)
    assert [
        (s, then)
        for s, (asked, then) in zip(found, hidden, strict=True)
        if asked == {hold} and then is not decide(settled_as(s, **{flag: False}))
    ][:3] == []


def settled_as(s: Situation, **differences: Any) -> Situation:
    given = {field: getattr(s, field) for field in Situation.__struct_fields__}
    return Situation(**given | differences)


def test_out_of_scope_hides_what_is_not_to_be_listed() -> None:
    live = settled_as(OURS, want=Want.OUT_OF_SCOPE)

    scope = Hold.OUT_OF_SCOPE
    twice = settled_as(live, doubled=True)
    both = frozenset({Hold.DOUBLED, scope})
    assert beneath(live) == (frozenset({scope}), Decision.WITHDRAW)
    assert beneath(twice) == (both, Decision.WITHDRAW)


def test_an_orphan_hides_nothing() -> None:
    orphan = settled_as(OURS, want=Want.NO_PRODUCT)

    asked, then = beneath(settled_as(orphan, doubled=True))
    assert beneath(orphan) == (frozenset(), Hold.ORPHAN)
    assert (asked, then) == (frozenset({Hold.DOUBLED}), Hold.ORPHAN)


UNFORESEEN: dict[str, Callable[[Situation], bool]] = {
    # Every answer and every read says what was found of the listing: an
    # outcome of which nothing is known but that it came does not exist.
    "ours, with an outcome, and yet never found": lambda s: ours(s, Found.UNREAD),
    # What is there and is not ours counts as the product's only as its twin:
    # for a product that was never sent, nothing is found but absence.
    "on sale, of the product, and neither ours nor its twin": lambda s: (
        s.base is Base.NEVER_SENT
        and s.found in ON_SALE
        and s.want is not Want.NO_PRODUCT
        and (s.twin is Twin.NONE or s.want is not Want.LISTED)
    ),
    "off sale, of a listable product, and neither ours nor its twin": lambda s: (
        s.base is Base.NEVER_SENT
        and s.found in OFF_SALE
        and s.want is Want.LISTED
        and s.twin is Twin.NONE
    ),
}
"""What no row foresees, and why it does not come about."""


@pytest.mark.parametrize("why", UNFORESEEN)
def test_what_is_unforeseen_is_held_for_a_person(why: str) -> None:
    found = [then for s, then in every_situation().items() if UNFORESEEN[why](s)]

    assert set(found) <= QUESTIONS
    assert Hold.UNFORESEEN in found


def test_all_else_is_foreseen() -> None:
    unforeseen = [s for s, then in every_situation().items() if then is Hold.UNFORESEEN]

    assert [s for s in unforeseen if not any(is_(s) for is_ in UNFORESEEN.values())][
        :3
    ] == []


def test_other_listings_and_whole_reads_are_nothing_to_what_of_ours_is_there() -> None:
    found = every_situation()

    assert not [
        s
        for s, then in found.items()
        if ours(s, *Found)
        and s.found is not Found.ABSENT
        and found[_alone(s)] is not then
    ][:3]


def _alone(s: Situation) -> Situation:
    given = {field: getattr(s, field) for field in Situation.__struct_fields__}
    return Situation(**given | {"twin": Twin.NONE, "read_whole": True})


def test_no_decision_is_called_as_a_hold() -> None:
    assert {each.value for each in Decision}.isdisjoint(each.value for each in Hold)
