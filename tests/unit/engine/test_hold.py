"""Every hold has words that advise a person."""

import re
from pathlib import Path

import pytest

import ocop_sync
from ocop_sync.engine.hold import HOLD_WORDS, Hold

VIETNAMESE = re.compile(
    "[ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữự]"
)


@pytest.mark.parametrize("hold", Hold)
def test_a_hold_is_worded_in_both_languages(hold: Hold) -> None:
    words = HOLD_WORDS[hold]

    for text in (words.seen, words.todo):
        assert VIETNAMESE.search(text.vi)
        assert not VIETNAMESE.search(text.en)
        assert not text.vi.endswith(".")
        assert not text.en.endswith(".")
    assert words.seen.vi[0].isupper()
    assert words.seen.en[0].isupper()


def test_no_two_holds_say_the_same() -> None:
    seen = [words.seen for words in HOLD_WORDS.values()]

    assert len({w.vi for w in seen}) == len({w.en for w in seen}) == len(Hold)


@pytest.mark.parametrize("words", HOLD_WORDS.values(), ids=lambda words: words.seen.en)
def test_the_words_name_nothing_of_the_program(words: object) -> None:
    assert not re.search(r"[_{}]|%s", str(words))


def test_every_hold_is_held_for_somewhere() -> None:
    package = Path(ocop_sync.__file__).parent
    sources = [path for path in package.rglob("*.py") if path.name != "hold.py"]
    code = "".join(path.read_text("utf-8") for path in sources)

    assert [hold.name for hold in Hold if f"Hold.{hold.name}" not in code] == []
