"""The same producer, spelt in many ways; and those that are not the same."""

import unicodedata

import pytest

from catalog.names.producer_name import fold_producer_name

SAME = [
    (
        "Công ty TNHH MTV Thương mại và Dịch vụ Mẫu 001",
        "CÔNG TY TNHH MỘT THÀNH VIÊN THƯƠNG MẠI DỊCH VỤ MẪU 001",
        "Cty TNHH MTV TM&DV Mẫu 001",
        "C.ty TNHH 1 thành viên TMDV  mẫu 001",
        "cong ty trach nhiem huu han mtv tm - dv mau 001",
        "Cty. TNHH (MTV) TM và DV “Mẫu 001”",
        unicodedata.normalize("NFD", "Công ty TNHH MTV Thương mại Dịch vụ Mẫu 001"),
        "Công\u00a0ty TNHH\u200b MTV TM, DV Mẫu 001",
    ),
    ("Công ty Cổ phần Mẫu 002", "Công ty CP Mẫu 002", "CTCP MẪU-002", "Cty CP Mẫu 002"),
    ("Hợp tác xã Sản xuất kinh doanh Mẫu", "HTX SXKD Mẫu", "HTX SX và KD mẫu"),
    ("HTX dịch vụ nông nghiệp Mẫu 3", "HTX DVNN Mẫu 3", "Hợp tác xã DV-NN mẫu 3"),
    ("Hộ kinh doanh Mẫu 004", "HKD mẫu 004", "Hộ KD Mẫu 004"),
    ("Tổ hợp tác Mẫu 005", "THT Mẫu 005", "tổ hợp tác  Mẫu 005"),
    ("Công ty Xuất nhập khẩu Mẫu", "Cty XNK Mẫu"),
    (
        "Công ty TNHH MTV Mẫu 007",
        "C.ty T.N.H.H M.T.V mẫu 007",
        "Cty TNHH một TV Mẫu 007",
    ),
    ("Công ty cổ phần Mẫu 8", "C.ty CP Mẫu 8", "Cty C.P. Mẫu 8"),
    ("Hợp tác xã Mẫu 9", "H.T.X Mẫu 9"),
    ("Tổ hợp tác Mẫu 10", "T.H.T. Mẫu 10"),
    ("Hộ kinh doanh Mẫu 11", "H.K.D Mẫu 11"),
    ("Cơ sở sản xuất kinh doanh Mẫu 12", "cơ sở SXKD Mẫu 12"),
    ("Doanh nghiệp tư nhân Mẫu", "DNTN Mẫu", "DN tư nhân Mẫu"),
    ("Cơ sở sản xuất Mẫu 006", "CSSX Mẫu 006", "Cơ sở SX Mẫu 006"),
]


@pytest.mark.parametrize("names", SAME, ids=[names[0] for names in SAME])
def test_a_name_spelt_in_many_ways_is_one(names: tuple[str, ...]) -> None:
    assert len({fold_producer_name(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Công ty TNHH Mẫu", "Công ty Cổ phần Mẫu"),
        ("Công ty TNHH Mẫu", "Công ty TNHH MTV Mẫu"),
        ("HTX Mẫu 001", "HTX Mẫu 002"),
        ("HTX Mẫu", "THT Mẫu"),
        ("HTX Mẫu", "HTX sản xuất Mẫu"),
        ("Cơ sở Trà và Hoa Mẫu", "Cơ sở Trà Hoa Mẫu"),
        ("Cơ sở Dũng Mẫu", "Cơ sở Mẫu Dũng"),
        # The letters of an abbreviation inside a word are no abbreviation.
        ("Cơ sở Tmang", "Cơ sở Thương mại ang"),
        ("Hộ Cty Mẫu", "Hộ Công tyMẫu"),
    ],
)
def test_names_that_are_only_alike_stay_apart(one: str, other: str) -> None:
    assert fold_producer_name(one) != fold_producer_name(other)


def test_a_name_without_a_letter_folds_to_nothing() -> None:
    assert fold_producer_name(" — … ") == ""
