"""Mappings and lists that go on on disk behave like dictionaries and lists."""

import gc
import resource
import tempfile

from hypothesis import given
from hypothesis import strategies as st

from catalog.db.moved_keys import MovedKeys
from catalog.db.overflow import Growing, Marked, Overflow, Pile, Several
from catalog.db.temporary import close_unkept
from catalog.feed.compare.survey import RowStatement, Survey
from catalog.feed.identify.identity import Identities
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import FeedRow
from catalog.model.product import Product
from tests.factories import make_product

KEYS = st.sampled_from(["", "a", "b", "Chè", "\ud800", "x\x1fy"])
VALUES = st.sampled_from([None, 0, "á", ("a", 1)])
SIZES = st.sampled_from([0, 1, 2, 100])


ACTS = st.sampled_from(["set", "del", "has", "len"])


@given(SIZES, st.lists(st.tuples(ACTS, KEYS, VALUES)))
def test_a_mapping_is_the_same_wherever_it_lies(
    most: int, acts: list[tuple[str, str, object]]
) -> None:
    kept, plain = Overflow[str, object](most), dict[str, object]()
    for act, key, value in acts:
        if act == "set":
            kept[key] = plain[key] = value
        elif act == "del":
            assert kept.pop(key, "-") == plain.pop(key, "-")
        elif act == "has":
            assert (key in kept) == (key in plain)
            assert kept.get(key, "-") == plain.get(key, "-")
        else:
            assert len(kept) == len(plain)

    assert dict(kept) == plain
    assert list(kept) == list(plain)
    assert list(kept.each()) == list(plain.items())
    kept.clear()
    assert dict(kept) == {}


def test_what_was_read_from_disk_is_read_anew_once_it_is_another() -> None:
    kept = Overflow[str, int](0)
    kept["a"] = 1
    assert (kept["a"], kept.get("a")) == (1, 1)
    kept["a"] = 2
    assert (kept["a"], kept.get("a")) == (2, 2)
    del kept["a"]
    assert (kept.get("a"), "a" in kept) == (None, False)
    kept["a"] = 3
    assert kept["a"] == 3
    kept.clear()
    kept["b"] = 4
    assert kept.get("a") is None


@given(SIZES, st.lists(st.tuples(st.booleans(), KEYS, VALUES)))
def test_several_values_come_in_their_order(
    most: int, acts: list[tuple[bool, str, object]]
) -> None:
    kept, plain = Several[str, object](most), dict[str, list[object]]()
    for adds, key, value in acts:
        there = plain.setdefault(key, [])
        if adds and value not in there:
            kept.add(key, value)
            there.append(value)
        elif not adds:
            kept.discard(key, value)
            there[:] = [each for each in there if each != value]

    for key, values in plain.items():
        assert kept.get(key) == tuple(values)
        assert kept.get(key, 2) == tuple(values[:2])
    assert sorted(map(repr, kept.groups())) == sorted(
        repr(tuple(values)) for values in plain.values() if len(values) > 1
    )


@given(SIZES, st.lists(st.integers()))
def test_what_was_marked_is_in_it(most: int, keys: list[int]) -> None:
    marked, plain = Marked[int](most), set[int]()
    for key in keys:
        assert (key in marked) == (key in plain)
        marked.add(key)
        plain.add(key)

    assert all(key in marked for key in plain)


def test_keys_are_found_that_are_equal_and_not_the_same() -> None:
    kept = Several[tuple[str, str], str](most=0)
    word = "chè"
    kept.add((word, word), "SP-1")

    assert kept.get((word, "chèx"[:3])) == ("SP-1",)


def test_a_key_that_was_moved_may_be_there_and_hardly_any_other() -> None:
    moved = MovedKeys()
    moved.add_all(("SP", n) for n in range(0, 100_000, 2))

    assert all(("SP", n) in moved for n in range(0, 100_000, 2))
    assert sum(("SP", n) in moved for n in range(1, 100_000, 2)) < 1_000  # of 50,000


def test_what_is_added_while_keys_are_read_is_read_at_most_once() -> None:
    kept = Overflow[int, int](most=2)
    for n in range(5):
        kept[n] = n

    read = []
    for key in kept:
        read.append(key)
        kept[key + 10] = key

    assert len(read) == len(set(read))
    assert set(range(5)) <= set(read)


def test_what_was_laid_down_is_found_in_any_order() -> None:
    pile = Pile[object]()
    places = [pile.lay(("Chè", n)) for n in range(50)]

    for n in reversed(range(50)):
        assert pile.look(places[n]) == ("Chè", n)
        pile.lay(n)


def test_what_does_not_fit_on_the_disk_is_not_told_again_at_the_end() -> None:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closing it is the test)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        file.write(b"x" * 100)
        close_unkept(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert file.closed


def test_a_mapping_of_any_size_holds_few_of_its_values() -> None:
    before = Big.alive
    kept = Overflow[str, "Big"](most=10)
    for n in range(200):
        kept[f"{n}"] = Big(n)

    assert Big.alive - before <= 11
    assert (len(kept), kept["7"].n) == (200, 7)


@given(SIZES, st.lists(VALUES), st.slices(6))
def test_a_list_is_the_same_wherever_it_lies(
    most: int, values: list[object], some: slice
) -> None:
    kept = Growing[object](values[:1], most=most)
    kept += values[1:]
    keys = [(repr(each), -n % 2) for n, each in enumerate(values)]

    assert kept == values
    assert kept[some] == values[some]
    assert list(kept.ordered(keys)) == [
        values[n] for n in sorted(range(len(values)), key=keys.__getitem__)
    ]
    assert kept != [*values, 1]


def test_a_list_of_any_size_holds_few_of_its_values_in_whatever_order() -> None:
    before = Big.alive
    kept = Growing(map(Big, range(200)), most=10)
    backwards = kept.ordered([-n for n in range(200)])

    assert Big.alive - before <= 11
    assert [each.n for each in backwards[:3]] == [199, 198, 197]
    assert sum(1 for _ in backwards) == 200
    assert Big.alive - before <= 11


def statements_in_memory() -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, RowStatement)]


def test_what_rows_say_is_laid_aside_until_it_is_compared() -> None:
    of_others = statements_in_memory()  # by tests before this one, and now by us
    seen = Survey(Identities())
    for n in range(100):
        cells = {"product_id": f"SP-{n:05}", "name": f"Chè mẫu {n}", "stars": "4"}
        row = FeedRow(number=n + 2, cells=cells)
        seen.add(row, read_values(row)[0])

    ids = {id(each) for each in of_others}
    held = [each for each in statements_in_memory() if id(each) not in ids]

    assert held == []
    (laid,) = seen.products()["SP-00007"]
    assert laid.said().given["name"] == "Chè mẫu 7"
    assert laid.where == ("", 9)


class Big:
    """A value that knows how many of its kind are in memory."""

    alive = 0

    def __init__(self, n: int) -> None:
        self.n = n
        Big.alive += 1

    def __del__(self) -> None:
        Big.alive -= 1

    def __reduce__(self) -> tuple[type["Big"], tuple[int]]:
        return Big, (self.n,)


def test_values_of_one_kind_come_back_as_they_were() -> None:
    made = {f"SP-{n}": make_product(id=f"SP-{n}") for n in range(5)}
    kept: Overflow[str, Product] = Overflow(most=2, kind=Product)

    kept.update(made)

    assert {id_: kept[id_] for id_ in made} == made
    assert kept.get("SP-0") == made["SP-0"]
