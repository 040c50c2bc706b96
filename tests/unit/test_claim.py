"""OCOP claims in text, and that none is left when they are cut.

The use of a claim (a listing that must be without, a name that holds one) is tested
with the engine's other parts.
"""

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocop_sync.engine.wanted.claim import has_claim, without_claims

DECISION = "377/QĐ-BNN-VPĐP"
ENDS_ON = date(2028, 1, 17)


def cases(block: str) -> list[str]:
    """Return the lines of *block*; a ⏎ in one stands for a line end."""
    return [line.replace("⏎", "\n") for line in block.strip().split("\n")]


NAMES = cases("""
OCOP
Sản phẩm ocop của tỉnh
O.C.O.P
o c o p
O-C-O-P.
#OCOPQuangNinh
#sanphamocopyenbai
SảnPhẩmOCOP
ＯＣＯＰ
🅞🅒🅞🅟
🅾🅲🅾🅿
🇴🇨🇴🇵
ОСОР
O\u200bC\u200bO\u200bP
O\u00adCO\ufeffP
Mỗi xã một sản phẩm
One Commune, One Product
""")

STARS = cases("""
4 sao
4sao
đạt 5 sao cấp tỉnh
hạng 3-sao
3\u2011sao
(4) sao
4 ngôi sao
hạng 5 cánh sao
４ ＳＡＯ
4\u00a0sao
④ sao
⑸ sao
4️⃣ sao
4 s\u200bao
4,5 sao
bốn sao
BỐN SAO
hạng bon sao
ba sao
năm sao
hạng năm-sao
nam sao
5 stars
a four-star product
★★★★
☆
3⭐
🌟
****
""")

DECISIONS = cases("""
377/QĐ-BNN-VPĐP
377 / QĐ - BNN - VPĐP
377/QĐ-⏎BNN-VPĐP
377/qd-bnn
377 QĐ BNN VPĐP
Quyết định số 377
Quyết định 377 ngày 17/1
Quyết định 377 ngày 28/2
QĐ số: 377
""")

DATES = cases("""
17/01/2028
17/1/2028
17-1-2028
17.01.2028
17/01/28
17 / 01 / 2028
2028-01-17
2028/1/17
ngày 17 tháng 1 năm 2028
ngày 17 tháng 01, 2028
17 tháng Giêng năm 2028
NGÀY 17 THÁNG 1 NĂM 2028
17 thg 1, 2028
ngày 17 tháng 1⏎năm 2028
""")

NO_CLAIMS = cases("""
Chè sao tay
Chè sao khô
bản sao công chứng
Vì sao nên dùng?
Trà được sao vàng hạ thổ
5 sào chè
3 sào ruộng
3 sảo
3 sạo
3 são
3 săo
cá bơn sao me
Cỡ XXL
cỡ 4X sao vàng
nấm sao khô
bà sao chè
bón sao cho đúng
13 sao
2 sao
6 sao
năm nay
mỗi năm sao hai lần
hai mươi năm sao chè
20 năm sao chè
nhiều năm sao chè
quanh năm sao chè
năm sao khô
Việt Nam sao vàng
sao 3 lần, mỗi lần 5 phút
3. Sao khô
5⏎⏎sao khô
vitamin E (tocopherol)
alpha-tocopheryl acetate
bản photocopy
cốp xe
ốc ốp lết
đóng gói 377 g
số 377
3770/QĐ-BNN
1377/QĐ-BNN
17/01/2027
17/1
7/1/2028
17 tháng 11 năm 2028
117/1/2028
2 * 3 = 6
**đậm**
* * *
******
5 saola
""")


STARS += ["5\r\nsao", "5\u2028sao"]
NO_CLAIMS += ["5\r\n\r\nsao", "5\u2028\u2028sao"]


def is_claimed(text: str) -> bool:
    return has_claim(text, decision=DECISION, ends_on=ENDS_ON)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", [*NAMES, *STARS, *DECISIONS, *DATES])
def test_a_claim_is_seen_in_every_spelling(text: str, form: str) -> None:
    spelled = unicodedata.normalize(form, text)  # type: ignore[arg-type] # by the table

    assert is_claimed(spelled)
    assert is_claimed(f"Sản phẩm, {spelled}!")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", NO_CLAIMS)
def test_what_only_looks_like_a_claim_is_left_alone(text: str, form: str) -> None:
    spelled = unicodedata.normalize(form, text)  # type: ignore[arg-type] # by the table

    assert without_claims(spelled, decision=DECISION, ends_on=ENDS_ON) == spelled


@pytest.mark.parametrize("text", [*DECISIONS, *DATES])
def test_decision_and_date_of_another_product_are_none(text: str) -> None:
    assert not has_claim(text)
    assert not has_claim(text, decision="378/QĐ-UBND", ends_on=date(2028, 1, 18))


@pytest.mark.parametrize(
    ("decision", "text", "expected"),
    [
        ("377", "377 g", False),
        ("377", "Quyết định số 377", True),
        ("12/NQ-HĐND", "12/NQ", False),
        ("12/NQ-HĐND", "12/NQ-HĐND", True),
        ("12/NQ", "12/NQ", True),
        (DECISION, "theo 377/QĐ", True),
        ("//", "// x", False),
        ("1(", "qd 1(", True),
    ],
)
def test_a_decision_of_any_form_is_looked_for(
    decision: str, text: str, expected: bool
) -> None:
    assert has_claim(text, decision=decision) is expected


@pytest.mark.parametrize(
    "month", ["1", "01", "Giêng", "giêng", "một"], ids=lambda word: word
)
def test_every_month_has_its_words(month: str) -> None:
    assert has_claim(f"ngày 17 tháng {month} năm 2028", ends_on=ENDS_ON)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("7/1/2028", True), ("07/1/2028", True), ("17/1/2028", False)],
        *[("107/1/2028", False), ("7/11/2028", False), ("7/1/2029", False)],
    ],
)
def test_a_day_of_one_figure_is_no_part_of_another(text: str, expected: bool) -> None:
    assert has_claim(text, ends_on=date(2028, 1, 7)) is expected


@pytest.mark.parametrize(
    ("number", "word"),
    [
        *[(2, "hai"), (3, "ba"), (4, "tư"), (4, "bốn"), (5, "năm"), (6, "sáu")],
        *[(7, "bảy"), (8, "tám"), (9, "chín"), (10, "mười"), (11, "mười một")],
        *[(12, "mười hai"), (12, "chạp")],
    ],
)
def test_the_end_date_is_seen_with_its_month_in_words(number: int, word: str) -> None:
    assert has_claim(f"ngày 5 tháng {word} năm 2028", ends_on=date(2028, number, 5))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Chè ngon. Đạt OCOP 4 sao. Giao nhanh.", "Chè ngon. Giao nhanh."),
        ("Đạt OCOP.\nChè ngon.\n", "Chè ngon."),
        ("Chè ngon!\r\nĐạt 4 sao\r\nGiao nhanh", "Chè ngon!\r\nGiao nhanh"),
        ("Đạt 4\nsao. Chè ngon", "Chè ngon"),
        ("Ở TP. Hạ Long có OCOP. Hết.", "Hết."),
        ("1. Chè\n2. Đạt OCOP\n3. Sao khô", "1. Chè\n3. Sao khô"),
        ("Bước 5\nOCOP\nsao khô", "Bước 5\n\nsao khô"),
        ("Chè OCOP", ""),
    ],
)
def test_only_the_sentences_with_a_claim_go(text: str, left: str) -> None:
    assert without_claims(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Chè ngon. Hạn 17/01/2028. Giao nhanh.", "Chè ngon. Giao nhanh."),
        ("Chè ngon. Theo QĐ 377. Giao nhanh.", "Chè ngon. Giao nhanh."),
        ("Ngày 17/01\nOCOP\n2028 hộp", "Ngày 17/01\n\n2028 hộp"),
        ("Số 377\nOCOP\nQĐ 12", "Số 377\n\nQĐ 12"),
    ],
)
def test_decision_and_end_date_go_as_other_claims_do(text: str, left: str) -> None:
    assert without_claims(text, decision=DECISION, ends_on=ENDS_ON) == left


WORDS = """
3 4 5 ba bốn năm nấm viet sao SAO sào tay khô OCOP o c p O.C.O.P mỗi xã một sản phẩm
377 /QĐ- BNN quyết định số 17 /01/ 2028 tháng 1 ★ * *** . - ! ( ) : , TP. x
"""
SPACES = [" ", "\n", "\n\n", ". ", "\r\n", "\u200b", "\u0301", "\u2028", "\x85", "\xa0"]
PIECES = st.sampled_from([*WORDS.split(), *SPACES])
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


@given(TEXTS)
@example("năm sao\nOCOP\nkhô")
@example("5\n5\nOCOP\nsao\nsao")
def test_what_is_left_never_has_a_claim(text: str) -> None:
    left = without_claims(text, decision=DECISION, ends_on=ENDS_ON)

    assert not is_claimed(left)
    assert (left == text) is not is_claimed(text)


@given(TEXTS, st.text(max_size=30), st.dates())
def test_no_decision_or_date_is_too_strange(
    text: str, decision: str, ends_on: date
) -> None:
    left = without_claims(text, decision=decision, ends_on=ends_on)

    assert not has_claim(left, decision=decision, ends_on=ends_on)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_a_claim_is_seen_through_invisible_characters(text: str) -> None:
    hidden = "\u200b".join(text)

    assert is_claimed(hidden) or not is_claimed(text.replace("\u200b", ""))


@pytest.mark.parametrize(
    "piece",
    [
        "5 ",
        "5\n",
        "o.",
        "OCO",
        "*",
        "năm ",
        "quyết định số ",
        "mỗi xã một ",
        "17 tháng ",
        "377/QĐ-\n",
        "!\"'",
        "OCOP.\n",
        "sao\n5 ",
    ],
)
def test_long_and_nasty_text_is_worked_through(piece: str) -> None:
    # A regex that backtracks over this would not come to an end.
    for text in (piece * 20_000, piece + " " * 20_000, f"5{' ' * 20_000}{piece}"):
        left = without_claims(text, decision=DECISION, ends_on=ENDS_ON)

        assert not is_claimed(left)
