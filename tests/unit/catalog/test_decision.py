import pytest

from catalog.model.decision import Office, read_number, same_number


@pytest.mark.parametrize(
    ("text", "kept", "office"),
    [
        ("1114/QĐ-UBND", "1114/QĐ-UBND", Office.COMMITTEE),
        (" 1114 / QĐ - UBND ", "1114/QĐ-UBND", Office.COMMITTEE),
        ("1114/qd-ubnd", "1114/qd-ubnd", Office.COMMITTEE),
        ("1114-QĐ/UBND", "1114-QĐ/UBND", Office.COMMITTEE),
        ("Số: 1114/QĐ-UBND.", "1114/QĐ-UBND", Office.COMMITTEE),
        ("QĐ 1114/QĐ-UBND", "1114/QĐ-UBND", Office.COMMITTEE),
        ("Quyết định số 12/2021/QĐ-UBND", "12/2021/QĐ-UBND", Office.COMMITTEE),
        ("Quyet dinh so 1114/QD-UBND", "1114/QD-UBND", Office.COMMITTEE),
        ("1114/Q\u00d0-UBND", "1114/QĐ-UBND", Office.COMMITTEE),
        ("377/QĐ-BNN-VPĐP", "377/QĐ-BNN-VPĐP", Office.CENTRAL),
        ("12/QĐ-BNNMT", "12/QĐ-BNNMT", Office.CENTRAL),
        ("148/QĐ-TTg", "148/QĐ-TTg", Office.CENTRAL),
        ("7/QĐ-SNN", "7/QĐ-SNN", Office.OTHER),
        ("7/QĐ-UBNDX", "7/QĐ-UBNDX", Office.OTHER),
        ("1/QĐ", "1/QĐ", Office.OTHER),
        ("MẪU-349/QĐ-UBND", "MẪU-349/QĐ-UBND", Office.COMMITTEE),
    ],
)
def test_reads_numbers_of_decisions(text: str, kept: str, office: Office) -> None:
    number = read_number(text)

    assert number is not None
    assert (number.text, number.office) == (kept, office)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "nt",
        "như trên",
        "Đang trình",
        "chưa có",
        "QĐ",
        "/QĐ-UBND",
        "…/QĐ-UBND",
        "1114",
        "2023",
        "44292",
        "06/4/2021",
        "12/2021",
        "2021-04-06",
        "12/TTr-SNN",
        "12/TB-UBND",
        "1114/QĐ-UBND; 1200/QĐ-UBND",
        "1114/QĐ-UBND ngày 06/4/2021",
        "1114/QĐ-UBND chưa ký",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_a_number_may_name_its_year() -> None:
    with_year, without = read_number("12/2021/QĐ-UBND"), read_number("12/QĐ-UBND")

    assert with_year is not None
    assert without is not None
    assert (with_year.year, without.year) == (2021, None)
    assert with_year.key != without.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1114/QĐ-UBND", "1114/qd-ubnd"),
        ("1114/QĐ-UBND", "01114-QĐ/UBND"),
        ("1114/QĐ-UBND", "QĐ số 1114 / QĐ-UBND"),
        ("Đang trình", "đang trình"),
    ],
)
def test_one_number_in_two_spellings_is_one(one: str, other: str) -> None:
    assert same_number(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1114/QĐ-UBND", "1114/QĐ-BNN"),
        ("1114/QĐ-UBND", "1115/QĐ-UBND"),
        ("MẪU-1/QĐ-UBND", "1/QĐ-UBND"),
        ("12/2021/QĐ-UBND", "12/2022/QĐ-UBND"),
        ("1114/QĐ-UBND", ""),
    ],
)
def test_other_numbers_are_others(one: str, other: str) -> None:
    assert not same_number(one, other)
