"""An intent is stored by the columns that it changes, and by no others."""

import pytest

from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.plan.transitions import after_intent
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.store.listings.records import _INTENDED, Record, to_values
from tests.factories import AT
from tests.unit.engine.examples import make_change, make_listing, make_offer, make_state

NEW = facet_values(make_listing(variants=(make_offer(stock=3),)))
KINDS = sorted(set(Kind) - {Kind.PUT_SELLER, Kind.STOP_SELLER})


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_an_intent_changes_is_written_down(kind: Kind) -> None:
    before = make_state(
        found=Found.ABSENT, seller_ref="CS-0009", edited=facet_values(make_listing())
    )
    after = after_intent(before, make_change(kind), NEW, "tai-khoan", AT)
    was, is_ = to_values(Record(state=before)), to_values(Record(state=after))

    changed = {name for name in is_ if was[name] != is_[name]}
    # What stock shows is asked of what is live, and an answer writes it.
    assert changed - {"stock_shown"} <= {*_INTENDED}
