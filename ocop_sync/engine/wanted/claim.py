"""Find the OCOP claim in text, and leave it out.

A claim is the word OCOP or the programme's full name, a number from 3 to 5 (or
its word) before "sao" or "star", a star sign, the number of the recognising
decision, and the last day of the certificate. "Sao" alone also means roasted,
"sào" is a measure of land, and a tocopherol is a vitamin: these are no claims.

Whether a product may carry the claim is decided by the catalog's rules; the treatment
of a claim within an official name, in `ocop_sync.engine.wanted.from_verdict`.
Everything here takes time in proportion to the length of the text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby

_STAR_SIGNS = "★☆⋆⍟⚝✩✪✫✬✭✮✯✰⭐⭑⭒⯪⯫🌟🌠🟉🟊🟌🟍"
_LOOK_ALIKES = str.maketrans("đосрορ", "docpop")  # Cyrillic о с р, Greek ο ρ
_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_LETTER_SIGNS = (0x1F150, 0x1F170, 0x1F1E6)  # 🅞, 🅾, 🇴: no letters to Unicode
_MOST_FOLDS = 10_000

# A gap is any white space within one paragraph; an empty line ends it. All of
# these are possessive: a long run of spaces is walked through only once.
_GAP = r"[^\S\n]*+(?:\n[^\S\n]*+)?+"
_SIGNS = r"[^a-z0-9\n]{0,3}+(?:\n[^a-z0-9\n]{0,3}+)?+"
_APART = r"[^a-z0-9\n]{1,3}+"
_TO_SAO = rf"(?:-|{_GAP})(?P<star>sao)(?![a-z])"
_STARS = rf"(?:-|{_GAP})(?:(?:(?:ngoi|canh){_GAP})?(?P<star>sao)|stars?)(?![a-z])"
_NO_YEAR = (
    r"(?<![a-z]...)(?<!viet ...)(?<![0-9] ...)(?<!muoi ...)"
    r"(?<!moi ...)(?<!nhieu ...)(?<!quanh ...)"
)
_NOT_ROASTED = r"(?![^\S\n]++(?:tay|tam|kho|say|suot|chep|cho)(?![a-z]))"

# Each begins with a letter or a figure, and looks back only after that: so the regex
# engine skips at once all letters that cannot begin a claim.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"ocop(?:(?<!tocop)|(?!her|y|ie))",  # not tocopherol, not photocopy
        rf"o(?<![a-z0-9].){_APART}c{_APART}o{_APART}p(?![a-z0-9])",
        rf"moi{_GAP}xa{_GAP}mot{_GAP}san{_GAP}pham",
        rf"one{_GAP}commune{_GAP}(?:,{_GAP})?+one{_GAP}product",
        r"[★*](?:(?<=★)|(?<!\*.)\*{2,4}+(?!\*))",
        rf"[345](?<![0-9].){_STARS}",
        rf"\([345]\){_STARS}",
        rf"(?P<number>ba)(?<![a-z]..){_TO_SAO}",
        rf"(?P<number>bon)(?<![a-z]...){_TO_SAO}",
        # "Năm" is also a year: "20 năm sao chè", "mỗi năm sao khô hai lần".
        rf"(?P<number>nam){_NO_YEAR}{_TO_SAO}{_NOT_ROASTED}",
        rf"three(?<![a-z].....){_STARS}",
        rf"four(?<![a-z]....){_STARS}",
        rf"five(?<![a-z]....){_STARS}",
    )
)
_MONTHS = ["gieng|mot", "hai", "ba", "tu|bon", "nam", "sau", "bay", "tam", "chin"]
_MONTHS += ["muoi", "muoi\\smot", "muoi\\shai|chap"]

_GRAVE, _ACUTE, _CIRCUMFLEX, _TILDE = "\u0300", "\u0301", "\u0302", "\u0303"
_BREVE, _HOOK, _HORN, _DOT = "\u0306", "\u0309", "\u031b", "\u0323"
_MARKS = frozenset((_GRAVE, _ACUTE, _CIRCUMFLEX, _TILDE, _BREVE, _HOOK, _HORN, _DOT))
_SPELLINGS = {
    "sao": [set[str]()],
    "ba": [set[str]()],
    "bon": [set[str](), {_CIRCUMFLEX, _ACUTE}],
    "nam": [set[str](), {_BREVE}],
}
"""The diacritics that a word may have and still mean a number, or a star."""

# A sentence ends at a stop before white space, but not after "TP." or "2.".
_SEGMENT_END = re.compile(
    rf"[\n{_LINE_ENDS}]\s*+"
    r"|(?:[!?…]|(?<!\b[A-ZĐ])(?<!\b[A-ZĐ]{2})(?<!\b\d)(?<!\b\d\d)\.)[\"')\]”’]*+\s++"
)


def has_claim(text: str, *, decision: str = "", ends_on: date | None = None) -> bool:
    """Say whether *text* claims OCOP stars, in any spelling.

    Capitals, diacritics, full-width or spaced-out letters, zero-width characters and
    look-alike letters of other scripts make no difference, but where a diacritic tells
    "năm sao" from "nấm sao" it is respected. It may be Vietnamese or English.
    *decision* is the recognising one, such as "377/QĐ-BNN-VPĐP", and *ends_on* the last
    day of the certificate, in Vietnam.
    """
    return next(_spans(text, decision, ends_on), None) is not None


def without_claims(
    text: str, *, decision: str = "", ends_on: date | None = None
) -> str:
    """Return *text* without the sentences and lines that carry a claim.

    Text without a claim is returned as it is. The rest never has a claim; it may be
    empty. Arguments as for `has_claim`.
    """
    spans = list(_spans(text, decision, ends_on))
    if not spans:
        return text
    runs = _runs_without(text, spans)
    joined = "".join(runs).strip()
    if not has_claim(joined, decision=decision, ends_on=ends_on):
        return joined
    # Separate runs became a claim ("Bước 5", "OCOP", "Sao khô", a line each). No claim
    # reaches across an empty line.
    return "\n\n".join(run.strip() for run in runs)


def _spans(text: str, decision: str, ends_on: date | None) -> Iterator[tuple[int, int]]:
    """Yield where in *text* claims begin and end, in no particular order."""
    plain = text.translate(_FOLD)
    origin: list[int] = []
    for pattern in _patterns(*_possible(plain, decision, ends_on)):
        for match in pattern.finditer(plain):
            origin = origin or _origin(text)
            if _is_said(text, match, origin):
                yield origin[match.start()], origin[match.end()]


def _possible(
    plain: str, decision: str, ends_on: date | None
) -> tuple[str, date | None]:
    """Leave out names that cannot be in *plain*: each costs new patterns."""
    number, *rest = _tokens(decision) or ("", "")
    is_told = "quyet" in plain or "qd" in plain or any(t in plain for t in rest[:1])
    named = number and number in plain and is_told
    dated = ends_on is not None and all(
        part in plain for part in (f"{ends_on.year % 100:02}", str(ends_on.day))
    )
    return decision if named else "", ends_on if dated else None


@lru_cache(maxsize=1024)
def _tokens(decision: str) -> Sequence[str]:
    return tuple(re.findall("[a-z0-9]+", decision.translate(_FOLD)))


def _patterns(decision: str, ends_on: date | None) -> Iterator[re.Pattern[str]]:
    yield from _PATTERNS
    yield from _of_decision(decision)
    if ends_on is not None:
        yield from _of_day(ends_on)


# Apart: products share decisions, and days, in many pairs.
@lru_cache(maxsize=1024)
def _of_decision(decision: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, _decision_patterns(decision)))


@lru_cache(maxsize=1024)
def _of_day(day: date) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, _date_patterns(day)))


def _decision_patterns(decision: str) -> list[str]:
    tokens = _tokens(decision)
    if not tokens:
        return []
    number = tokens[0]
    told = rf"{_GAP}(?:so{_GAP})?+(?::{_GAP})?+{number}(?![a-z0-9])"
    patterns = [rf"quyet{_GAP}dinh{told}", f"qd{told}"]
    if len(tokens) > 1:
        # "377/QĐ" is as good as the whole.
        rest = tokens[1:2] if tokens[1].startswith("qd") else tokens[1:]
        alone = f"{number}(?<![a-z0-9]{'.' * len(number)})"
        patterns.append(_SIGNS.join([alone, *rest]))
    return patterns


def _date_patterns(day: date) -> list[str]:
    figures = "." * len(str(day.day))
    first = f"{day.day}(?<![1-9]{figures})(?<![0-9][0-9]{figures})"
    month = rf"(?:0?{day.month}(?![0-9])|(?:{_MONTHS[day.month - 1]})(?![a-z]))"
    year = f"(?:{day.year}|{day.year % 100:02})(?![0-9])"
    to_month = rf"{_GAP}(?:[/.-]|thang|thg\.?+){_GAP}{month}"
    to_year = rf"{_GAP}(?:(?:[/.,-]|nam){_GAP})?+{year}"
    dash = rf"{_GAP}[/.-]{_GAP}0?"
    return [
        f"{first}{to_month}{to_year}",
        rf"{day.year}(?<![0-9]....){dash}{day.month}{dash}{day.day}(?![0-9])",
    ]


def _is_said(text: str, match: re.Match[str], origin: list[int]) -> bool:
    """Check the diacritics of "sao" and of a number's word, if there are any."""
    for group, word in match.groupdict().items():
        if word:
            said = text[origin[match.start(group)] : origin[match.end(group)]]
            marks = _MARKS.intersection(unicodedata.normalize("NFD", said))
            if marks not in _SPELLINGS[word]:
                return False
    return True


def _origin(text: str) -> list[int]:
    """Return for each folded character, and for the end, its place in *text*."""
    places = [i for i, c in enumerate(text) for _ in _FOLD[ord(c)]]
    return [*places, len(text)]


def _runs_without(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return the rest of *text*, neighbouring sentences in one piece."""
    cuts = [0, *(match.end() for match in _SEGMENT_END.finditer(text)), len(text)]
    touched = set[int]()
    for start, end in spans:
        first, last = bisect_right(cuts, start), bisect_right(cuts, end - 1)
        touched.update(range(first - 1, last))
    runs = []
    for kept, group in groupby(range(len(cuts) - 1), lambda n: n not in touched):
        if kept:
            numbers = list(group)
            runs.append(text[cuts[numbers[0]] : cuts[numbers[-1] + 1]])
    return runs


class _Fold(dict[int, str]):
    """Maps a character to plain small letters, and learns as it goes.

    Character by character, so that each folded one can be traced back.
    """

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _MOST_FOLDS:
            self[code] = folded
        return folded


def _fold(character: str) -> str:
    if character in _STAR_SIGNS:
        return "★"
    if character in _LINE_ENDS:
        return "\n"
    for first in _LETTER_SIGNS:
        if first <= ord(character) < first + 26:
            return chr(ord("a") + ord(character) - first)
    small = unicodedata.normalize("NFKD", character).casefold()
    parts = unicodedata.normalize("NFKD", small).translate(_LOOK_ALIKES)
    return "".join(
        "-" if unicodedata.category(part) == "Pd" else part
        for part in parts
        if unicodedata.category(part) not in {"Mn", "Me", "Cf"}
    )


_FOLD = _Fold()
