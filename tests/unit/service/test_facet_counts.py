"""What a run has sent, by the part of listings that it writes."""

from dataclasses import astuple

from ocop_sync.marketplace.change import Kind
from ocop_sync.service.run.facet_counts import RunFacet, counted_by_facet
from ocop_sync.store.runs.ledger import Answer


def test_what_was_sent_is_counted_by_facet_and_nothing_of_it_is_lost() -> None:
    found = counted_by_facet(
        {
            "set_price": {"applied": 3, "refused": 1, "unknown": 1, "open": 2},
            "create": {"applied": 2, "submitted": 4},
            "withdraw": {"not_sent": 1},
            "put_seller": {"applied": 1},
        }
    )

    assert [astuple(each) for each in found] == [
        (RunFacet.LISTING, 7, 2, 4, 1, 0),
        (RunFacet.PRICE, 7, 3, 0, 2, 2),
        (RunFacet.SELLER, 1, 1, 0, 0, 0),
    ]


def test_each_kind_and_each_outcome_has_its_place() -> None:
    changes = {kind.value: {each.value: 1 for each in Answer} for kind in Kind}

    found = counted_by_facet(changes)

    assert [each.facet for each in found] == list(RunFacet)
    assert sum(each.sent for each in found) == len(Kind) * len(Answer)
    assert all(e.sent == e.applied + e.in_review + e.failed for e in found)
