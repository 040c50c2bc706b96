"""What an import has made is known by its id or SKU, and nothing else is."""

from catalog.feed.merge.fresh_ids import FreshIds


def test_the_packs_of_a_new_product_are_new_without_being_told() -> None:
    fresh = FreshIds()
    fresh.products["SP-00007"] = None
    fresh.add("SP-00007-1")
    fresh.add("SP-00001-2")
    fresh.add("MAU-CS-0003")

    known = [
        key
        for key in ("SP-00007", "SP-00007-1", "SP-00007-2", "SP-00001-2", "MAU-CS-0003")
        if key in fresh
    ]
    assert len(known) == 5
    assert not [
        key
        for key in ("SP-00001", "SP-00001-1", "SP-00071-1", "CS-0003", "SP")
        if key in fresh
    ]
    assert fresh.others == {"SP-00001-2", "MAU-CS-0003"}  # the rest is told by its id
