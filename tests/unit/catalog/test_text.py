"""Vietnamese text: cleaning, folding and sorting; nothing of names or addresses."""

import re
import sqlite3
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import catalog.text
from catalog.text import clean, clean_lines, fold, fold_words, sort_key


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        pytest.param("Đồng\xa0Rui", "Đồng Rui", id="no-break space"),
        pytest.param("Trà\u200b hoa\ufeff vàng", "Trà hoa vàng", id="zero width"),
        pytest.param("  Chả \t mực \r\n Hạ Long ", "Chả mực Hạ Long", id="white space"),
        pytest.param("Mật\u00adong", "Mậtong", id="soft hyphen"),
        pytest.param("a\x00b\x1fc", "abc", id="control characters"),
        pytest.param("\ud83dx", "\ufffdx", id="half of a pair"),
        pytest.param("500 m² ½", "500 m² ½", id="no compatibility folding"),
    ],
)
def test_what_is_stored_shows_all_that_is_in_it(written: str, stored: str) -> None:
    assert clean(written) == stored


def test_two_encodings_of_a_name_are_one_name() -> None:
    decomposed = unicodedata.normalize("NFD", "Rượu nếp cái hoa vàng")

    assert decomposed != "Rượu nếp cái hoa vàng"
    assert clean(decomposed) == "Rượu nếp cái hoa vàng"


def test_lines_of_a_description_stay_lines() -> None:
    written = " Dòng\xa0một \r\n\r\n  dòng\t hai\u2028dòng ba \n"

    assert clean_lines(written) == "Dòng một\n\ndòng hai\ndòng ba"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đồng Rui", "dong rui"),
        ("NƯỚC MẮM", "nuoc mam"),
        ("hoà", "hoa"),
        ("hòa", "hoa"),
        ("Ưng  Ý", "ung y"),
    ],
)
def test_folding_forgets_accents_case_and_the_bar_of_d(text: str, folded: str) -> None:
    assert fold(text) == folded


LETTERS = st.text(
    st.characters() | st.sampled_from("aĐđéệ \n\u0323\u0301\u034f\u0591\ufe0f\u200b_-9")
)


@given(LETTERS)
def test_folding_takes_combining_characters_of_any_script(text: str) -> None:
    letters = unicodedata.normalize("NFD", clean(text).casefold().replace("đ", "d"))

    assert fold(text) == "".join(c for c in letters if not unicodedata.combining(c))


@given(LETTERS)
def test_folded_words_are_of_letters_and_digits(text: str) -> None:
    words = "".join(c if c.isalnum() else " " for c in fold(text)).split()

    assert fold_words(text).split(" ") == (words or [""])


@given(LETTERS)
def test_nothing_unseen_is_stored_whatever_stands_beside_it(text: str) -> None:
    one_by_one = [clean(f"x{each}x")[1:-1] for each in text]

    kept = "".join(each for each in clean(text) if not each.isspace())
    rest = unicodedata.normalize("NFC", "".join(one_by_one))

    assert kept == "".join(each for each in rest if not each.isspace())


@pytest.mark.parametrize(
    "ascending",
    [
        pytest.param(["An", "Ăn", "Ấm", "Ân", "Dừa", "Đường", "Ổi"], id="letters"),
        pytest.param(["ma", "mà", "mả", "mã", "má", "mạ"], id="tones"),
        pytest.param(["Chè", "Chẻ", "Chè Hằng", "Chèo"], id="space first"),
        pytest.param(["má An", "mà Ba", "mà Bi"], id="letters before tones"),
        pytest.param(["o", "ô", "ơ", "p", "u", "ư", "v"], id="marked vowels"),
        pytest.param(["Ruốc 1", "Ruốc 2", "Ruốc hàu"], id="digits before letters"),
        pytest.param(["Chè", "Chè A", "Chè (tươi)"], id="brackets as spaces"),
        pytest.param(["bún", "Bún", "bún bò"], id="case last"),
    ],
)
def test_keys_sort_as_vietnamese_does(ascending: list[str]) -> None:
    backwards = ascending[::-1]

    assert sorted(backwards, key=sort_key) == ascending


def test_punctuation_sorts_as_one_space() -> None:
    assert sort_key("Chè (tươi) - A") == sort_key("Chè tươi A")


def test_a_database_that_compares_bytes_sorts_the_same() -> None:
    names = ["Ổi", "Đường", "Dừa", "Ân", "Ấm", "Ăn", "An"]
    with sqlite3.connect(":memory:") as database:
        database.execute("create table n (name text, key text)")
        rows = [(name, sort_key(name)) for name in names]
        database.executemany("insert into n values (?, ?)", rows)
        found = [row[0] for row in database.execute("select name from n order by key")]
    database.close()

    assert found == list(reversed(names))


@given(st.text(alphabet="aàảãáạăắâậbdđeêoôơuưxyz AĐ-1", max_size=8))
def test_keys_of_vietnamese_are_printable_and_do_not_hang_on_the_encoding(
    text: str,
) -> None:
    key = sort_key(text)

    assert key.isascii()
    assert key.isprintable()
    assert sort_key(unicodedata.normalize("NFD", text)) == key


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_lines(text)

    assert clean_lines(once) == once
    assert clean(clean(text)) == clean(text)
    once.encode()


ODD = st.sampled_from(
    "\u034f\ufe0f\u200b\ufeff\ud800\ufffe\r\n\x0b\x85\u2028\u00a0 \tạa"
)


@example("g\u034fạo")
@example("gạo\ufe0f")
@example("gạo \u200b\x0b nếp")
@given(st.text(alphabet=st.one_of(st.characters(), ODD)))
def test_signs_that_are_looked_for_only_where_they_may_be_are_all_found(
    text: str,
) -> None:
    shown = catalog.text._BROKEN.sub("\ufffd", text)
    shown = unicodedata.normalize("NFC", catalog.text._UNSEEN.sub("", shown))
    broken = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", shown)
    lines = [re.sub(r"[^\S\n]+", " ", each).strip() for each in broken.split("\n")]

    assert clean(text) == " ".join(shown.split())
    assert clean_lines(text) == "\n".join(lines).strip()
