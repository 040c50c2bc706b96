"""What a run leaves to later is gone on with when its time has come, and once."""

from ocop_sync.service.run.left_to_later import LeftToLater


def test_a_product_that_is_taken_up_is_left_to_the_next_run_no_more() -> None:
    later = LeftToLater()
    later.defer(["SP-00001", "SP-00002"])

    later.take_up(["SP-00001"])

    assert later.deferred == {"SP-00002"}


def test_what_was_postponed_is_taken_up_once() -> None:
    later = LeftToLater()
    later.postpone("SP-00002", ["memory"])
    later.postpone("SP-00001", ["memory"])
    later.defer(["SP-00001", "SP-00002", "SP-00003"])

    assert later.take_up_postponed() == ["SP-00001", "SP-00002"]
    assert later.take_up_postponed() == []
    assert later.deferred == {"SP-00003"}


def test_what_is_read_again_is_asked_for_once() -> None:
    later = LeftToLater()
    later.reread_first(["SP-00002", "SP-00001"])

    assert later.pop_must_reread() == ["SP-00001", "SP-00002"]
    assert later.pop_must_reread() == []


def test_stock_that_is_as_it_was_left_again_is_no_shortfall() -> None:
    later = LeftToLater()
    later.note_shortfalls(evaluated=(), short_of_stock=["SP-00001", "SP-00002"])

    later.note_shortfalls(evaluated=["SP-00001"], short_of_stock=())

    assert later.stock_shortfalls == {"SP-00002"}


def test_that_stock_was_raised_is_told_once() -> None:
    later = LeftToLater()
    later.note_raised()

    assert [later.pop_raised(), later.pop_raised()] == [True, False]
