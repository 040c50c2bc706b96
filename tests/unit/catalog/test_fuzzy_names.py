"""Names that are nearly the same, and names that only look so."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.feed.identify import name_places
from catalog.feed.identify.fuzzy_names import Names, is_part, is_slip
from catalog.names.name_tokens import Spelling, spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Trà hoa vàng túi lọc", "Trà hoa vàngg túi lọc", id="a letter"),
        pytest.param("Trà hoa vàng túi lọc", "tra hoa vag tui loc", id="no accents"),
        pytest.param("Trà hoa vàng túi lọc", "Hoa vàng trà túi lọc", id="order"),
        pytest.param("Miến dong hoà bình lý", "Miến dong hòa bình lý", id="tones"),
        pytest.param("Mật ong rừng 500", "Mật ongg rừng 500", id="same number"),
    ],
)
def test_a_slip_is_seen(one: str, other: str) -> None:
    assert is_slip(spelling(one), spelling(other))
    assert is_slip(spelling(other), spelling(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Trà hoa vàng túi lọc", "Trà hoa vàng sấy", id="another kind"),
        pytest.param("Mứt dừa", "Mứt dâu", id="accents tell them apart"),
        pytest.param("Chả mực giã tay", "Chả mực giã máy", id="one other word"),
        pytest.param("Nước mắm cốt loại A", "Nước mắm cốt loại B", id="letters"),
        pytest.param("Rượu mơ Mẫu 29 độ", "Rượu mơ Mẫu 39 độ", id="numbers"),
        pytest.param("Mật ong mẫu 017", "Mật ong mẫu 018", id="specimens"),
    ],
)
def test_another_name_is_no_slip(one: str, other: str) -> None:
    assert not is_slip(spelling(one), spelling(other))
    assert not is_part(spelling(one), spelling(other))


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        pytest.param("Trà hoa vàng", "Trà hoa vàng Ba Chẽ", True, id="its place"),
        pytest.param("Cao cà gai leo", "Cà gai leo", True, id="without its first word"),
        pytest.param("Gạo nếp", "Gạo nếp cái hoa vàng", False, id="too much more"),
        pytest.param("Trà", "Trà dây", False, id="a word says too little"),
        pytest.param("Rượu mơ 29", "Rượu mơ đậm 39", False, id="other numbers"),
        pytest.param("Trà dây", "Trà dây", False, id="the same"),
    ],
)
def test_a_name_is_a_part_of_another(one: str, other: str, part: bool) -> None:
    assert is_part(spelling(one), spelling(other)) is part
    assert is_part(spelling(other), spelling(one)) is part


def test_names_are_found_with_their_owners_alone_and_as_they_are_now() -> None:
    names = Names()
    names.put("1", "A", "Trà hoa vàng túi lọc")
    names.put("2", "B", "Trà hoa vàng túi lọc")
    names.put("3", "A", "Trà hoa vàng túi lọc Ba Chẽ")
    assert dict(names.sharing(["A"], "Trà hoa vàg túi lọc")) == {"1": True}

    names.put("1", "B", "Rượu mơ")
    names.put("3", "A", "Trà hoa vàng túi lọc")

    assert dict(names.sharing(["A"], "Trà hoa vàng túi lọc")) == {"3": True}
    assert dict(names.sharing(["A", "B"], "Rượu mơ đá")) == {"1": False}


def test_names_are_found_whoever_owns_them_and_as_they_are_now() -> None:
    names = Names()
    names.put("1", "A", "Trà hoa vàng túi lọc")
    names.put("2", "B", "Rượu mơ")
    assert not dict(names.sharing([""], "Rượu mơ đá"))
    assert dict(names.sharing(None, "Rượu mơ đá")) == {"2": False}

    names.put("2", "B", "Mật ong")

    assert not dict(names.sharing(None, "Rượu mơ đá"))
    assert dict(names.sharing(None, "Mật ong rừng")) == {"2": False}
    assert dict(names.sharing(None, "Trà hoa vàg túi lọc")) == {"1": True}


def test_names_of_an_owner_come_in_one_order_whether_few_or_many() -> None:
    few, many = Names(), Names()
    called = ["Trà xanh", "Trà xanh 20", "Xanh trà", "Trà xanh hoa", "Xanh 20"]
    for names in (few, many):
        for n, name in enumerate(called):
            names.put(str(n), "A", name)
    for n in range(60):
        many.put(f"x{n}", "A", f"Mật w{n:02}x")

    for asked in ("Trà xanh", "Xanh trà 20", "Trà"):
        assert list(many.sharing(["A"], asked)) == list(few.sharing(["A"], asked))
    assert len(list(many.sharing(["A"], "Trà xanh"))) > 1


def test_a_word_that_all_names_share_finds_nothing() -> None:
    names = Names()
    for n in range(51):
        names.put(str(n), "A", f"Trà w{n:02}x")

    assert list(names.sharing(["A"], "Trà")) == []
    assert dict(names.sharing(["A"], "Trà w07x")) == {"7": True}


def test_a_word_that_many_names_have_shared_finds_nothing_any_more() -> None:
    names = Names()
    for n in range(51):
        names.put(str(n), "A", f"Trà w{n:02}x")
    assert list(names.sharing(["A"], "Trà w99x ngon")) == []

    for n in range(20):
        names.put(str(n), "A", f"Mật w{n:02}x")

    assert dict(names.sharing(["A"], "Mật w19x")) == {"19": True}
    assert list(names.sharing(["A"], "Trà")) == []


def test_a_mark_that_many_names_share_leaves_their_other_words() -> None:
    names = Names()
    words = [f"{one}{other}na" for one in "bcdghklmnpt" for other in "aeouy"]
    for n, word in enumerate(words):
        names.put(str(n), "A", f"Trà {word} 20")

    assert dict(names.sharing(["A"], f"Trà {words[7]} 20")) == {"7": True}


WORDS = st.sampled_from(
    ["Trà", "trá", "hoa", "vàng", "hoavàng", "vàg", "20", "30", "A", "B", "g", "mật"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


OWNERS = st.sampled_from(["A", "B", ""])
CALLED = st.tuples(st.integers(0, 9), OWNERS, NAMES)


@given(st.lists(CALLED, max_size=30), st.lists(st.tuples(OWNERS, NAMES), min_size=1))
def test_the_same_are_found_as_by_comparing_each_with_each(
    called: list[tuple[int, str, str]], asked: list[tuple[str, str]]
) -> None:
    names = Names()
    known: dict[str, tuple[str, str]] = {}
    common = set[tuple[str, str]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_places, "_COMMON", 3)
        for n, (owner, name) in enumerate(asked):
            for id_, own, calls in called[n :: len(asked)]:
                names.put(str(id_), own, calls)
                known[str(id_)] = own, calls
                common |= in_many(known) if n else set()
            common |= in_many(known)
            theirs = {
                i: spelling(each) for i, (own, each) in known.items() if own == owner
            }
            expected = each_compared(theirs, name, {w for o, w in common if o == owner})
            assert dict(names.sharing([owner], name)) == expected


def in_many(known: Mapping[str, tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the words that stand in more than three names of one owner."""
    stand = Counter(
        (owner, word) for owner, name in known.values() for word in spelling(name).words
    )
    return {key for key, count in stand.items() if count > 3}


def each_compared(
    known: Mapping[str, Spelling], name: str, common: AbstractSet[str]
) -> dict[str, bool]:
    """Return those that are nearly called *name*, by a word not *common*: no index."""
    asked, expected = spelling(name), {}
    for id_, each in known.items():
        if not asked.words & each.words <= common:
            if is_slip(asked, each):
                expected[id_] = True
            elif is_part(asked, each):
                expected[id_] = False
    return expected
