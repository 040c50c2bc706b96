"""Make arguments of the engine: valid by default, one keyword per difference.

By default a product is wanted as it is shown, live and known: nothing is to do.
"""

from datetime import date
from typing import Any, Final

from catalog.eligibility import Finding, Outcome, Reason, Text
from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.evaluate import evaluate_listing
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import LISTABLE, Decision, Found, Want
from ocop_sync.engine.wanted.origin import CATALOG, Cause
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.marketplace.change import (
    Change,
    Create,
    Kind,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Update,
    Withdraw,
)
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    StarClaim,
    Variant,
)
from tests.factories import AT

CLAIM: Final = StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=date(2026, 5, 10))
WORDS: Final = (Problem(code="mau", message="Ảnh mờ", field="pictures"),)
"""What a marketplace says when it refuses."""


WRITES = frozenset(
    {
        *(Decision.CREATE, Decision.CREATE_ANEW, Decision.RESUBMIT, Decision.ADOPT),
        *(Decision.CHANGE, Decision.REPAIR, Decision.WITHDRAW, Decision.REPUBLISH),
    }
)
"""The decisions that write to the marketplace, where nobody is asked."""


def make_offer(**differences: Any) -> Variant:
    """Return a pack of which 10 are on sale at 45,000 đồng."""
    return replace(
        Variant(sku="SP-00001-1", pack="Gói 500 g", price_vnd=45_000, stock=10),
        **differences,
    )


def make_listing(**differences: Any) -> Listing:
    """Return a listing that claims 4 stars."""
    listing = Listing(
        client_ref="SP-00001",
        seller_ref="CS-0001",
        title="Măng khô Mẫu",
        description="Măng khô để thử phần mềm.",
        category="C-I.3.c",
        variants=(make_offer(),),
        attributes=(("Thành phần", "Măng tươi"), ("Xuất xứ", "Việt Nam")),
        pictures=("https://mau.example/1.jpg",),
        trace_url="https://mau.example/truy-xuat/1",
        stars=CLAIM,
    )
    return replace(listing, **differences)


def packs(**stocks: int) -> Listing:
    """Return a listing with a pack for each name, and so many of it."""
    return make_listing(
        variants=tuple(make_offer(sku=sku, stock=n) for sku, n in stocks.items())
    )


def make_reason(code: str = "E04", **differences: Any) -> Reason:
    """Return a known reason to withdraw."""
    text = Text("Không có giấy mẫu", "Has no sample paper")
    finding = Finding(
        outcome=Outcome.BLOCK, seen=text, todo=text, about_end=code == "E02"
    )
    reason = Reason(code, Outcome.BLOCK, True, "none", (), finding)
    return replace(reason, **differences)


def make_wanted(listing: Listing | None = None, **differences: Any) -> Wanted:
    """Return the wish for *listing*, by default `make_listing()`."""
    listing = listing or make_listing()
    wanted = Wanted(
        product_id=listing.client_ref,
        seller_ref=listing.seller_ref,
        want=Want.LISTED,
        values=facet_values(listing),
        listing=listing,
        problem=None,
        reason=None,
        cause=CATALOG,
        counted=LISTABLE,
        ends_on="2026-05-10",
        stars=listing.stars,
        until=None,
        by_person=False,
        uncounted=frozenset(),
        fingerprint="0" * 24,
    )
    if "cause" in differences:
        differences["cause"] = Cause(differences["cause"])
    return replace(wanted, **differences)


def unwanted(want: Want = Want.NOT_LISTED, **differences: Any) -> Wanted:
    """Return the wish for a product that is not to be shown, because of E04."""
    given = {
        "want": want,
        "values": None,
        "listing": None,
        "reason": make_reason(),
        "cause": "E04",
    }
    return make_wanted(**given | differences)


def make_state(shown: Listing | None = None, **differences: Any) -> State:
    """Return a state in which *shown* is live, ours and confirmed."""
    listing = shown or make_listing()
    values = facet_values(listing)
    state = State(
        product_id=listing.client_ref,
        marketplace="memory",
        account="memory",
        seller_ref=listing.seller_ref,
        ref="M000001",
        version="1",
        found=Found.LIVE,
        read_at=AT,
        sent=values,
        confirmed=values,
    )
    return replace(state, **differences)


def edited_there(edit: Listing, **differences: Any) -> State:
    """Return the state after somebody has made a listing of ours show *edit*."""
    return make_state(edited=facet_values(edit), **differences)


def never_sent(**differences: Any) -> State:
    """Return the state of a product that was never sent."""
    return replace(State(product_id="SP-00001", marketplace="memory"), **differences)


def make_remote(shown: Listing | None = None, **differences: Any) -> RemoteListing:
    """Return a live listing as a read finds it."""
    remote = RemoteListing(
        ref="M000001",
        state=RemoteState.LIVE,
        shown=shown or make_listing(),
        version="1",
    )
    return replace(remote, **differences)


def make_change(kind: Kind, listing: Listing | None = None) -> Change:
    """Return a change of that kind to *listing*."""
    listing, ref = listing or make_listing(), "M000001"
    mine = listing.client_ref
    changes: list[Change] = [
        Create(client_ref=mine, listing=listing, key="k"),
        Update(client_ref=mine, ref=ref, listing=listing, fields=frozenset({"title"})),
        SetPrice(client_ref=mine, ref=ref, prices={"SP-00001-1": 45_000}),
        SetStock(client_ref=mine, ref=ref, stocks={"SP-00001-1": 10}),
        SetStars(client_ref=mine, ref=ref, stars=listing.stars),
        Withdraw(client_ref=mine, ref=ref, reason="Mẫu"),
        Republish(client_ref=mine, ref=ref),
    ]
    return next(change for change in changes if change.kind is kind)


def evaluated(wanted: Wanted, state: State, **differences: Any) -> Evaluation:
    """Evaluate with the account read and every lag over."""
    given: dict[str, Any] = {"read_whole": True, "lag_over": True, "now": AT}
    return evaluate_listing(wanted, state, **given | differences)


def kinds_of(evaluation: Evaluation) -> list[str]:
    """Return the kinds of the changes of an evaluation, in order."""
    return [planned.change.kind.value for planned in evaluation.changes]
