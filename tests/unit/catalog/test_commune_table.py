"""The table of communes that a deployment brings, and its faults."""

from pathlib import Path

import pytest

from catalog.errors import CommuneTableError
from catalog.places.commune import load_communes
from tests.communes import HEAD, ROWS, write_table

ROOT = Path(__file__).parents[3]


def refused(path: Path) -> list[str]:
    """Return what is wrong with a table."""
    with pytest.raises(CommuneTableError) as caught:
        load_communes(path)
    assert str(path) in str(caught.value)
    return list(caught.value.problems)


def test_a_table_of_another_province_is_read(tmp_path: Path) -> None:
    communes = load_communes(write_table(tmp_path))

    assert (communes.province, communes.province_name) == ("Tỉnh Mẫu", "Mẫu")
    assert sorted(communes.old) == ["90001", "90002", "90003"]
    assert [each.name for each in communes.split] == ["Xã Mẫu Đông"]
    assert [each.code for each in communes.became("90002")] == ["90001", "90004"]
    assert communes.present["90005"].name == "Đặc khu Mẫu Đảo"
    assert communes.old_named("Mẫu Tây", "huyện Mẫu Cũ") != ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_table_may_be_saved_as_spreadsheets_save_it(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = write_table(tmp_path, encoding=encoding, separator=separator)

    assert len(load_communes(path).old) == 3


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "FileNotFoundError" in refused(tmp_path / "khong-co.csv")[0]


def test_a_table_in_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    (found,) = refused(write_table(tmp_path, encoding="utf-16"))

    assert "CSV UTF-8" in found


def test_a_table_without_a_column_names_it(tmp_path: Path) -> None:
    head = HEAD.replace("new_commune_code", "ma")

    (found,) = refused(write_table(tmp_path, head=head))

    assert "thiếu cột new_commune_code" in found


def test_a_table_of_nothing_is_refused(tmp_path: Path) -> None:
    assert len(refused(write_table(tmp_path, rows=()))) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param(
            ("Tỉnh Mẫu,9001,Xã Một,Huyện Mẫu,,90001,Xã Một",),
            "dòng 2: old_commune_code “9001” phải là năm chữ số",
            id="a zero that was lost",
        ),
        pytest.param(
            ("Tỉnh Mẫu,90001,Một,Huyện Mẫu,,90001,Xã Một",),
            "dòng 2: old_commune “Một” phải ghi cả loại",
            id="a name without its kind",
        ),
        pytest.param(
            ("Tỉnh Mẫu,90001,Xã Một,Mẫu,,90001,Xã Một",),
            "dòng 2: old_district “Mẫu” phải ghi cả loại",
            id="a district without its kind",
        ),
        pytest.param(
            (",90001,Xã Một,Huyện Mẫu,,90001,Xã Một",),
            "dòng 2: province trống",
            id="no province",
        ),
        pytest.param(
            (*ROWS, "Tỉnh Khác,90009,Xã Chín,Huyện Mẫu,,90001,Xã Mẫu Một"),
            "nhiều hơn một tỉnh",
            id="two provinces",
        ),
        pytest.param((*ROWS, ROWS[0]), "90001 → 90001: có hai dòng", id="a row twice"),
        pytest.param(
            (*ROWS, "Tỉnh Mẫu,90009,Xã Chín,Huyện Mẫu,,90001,Xã Tên Khác"),
            "90001 Xã Tên Khác: mã của hai xã",
            id="a code of two communes",
        ),
        pytest.param(
            (*ROWS, "Tỉnh Mẫu,90009,XÃ MẪU ĐÔNG,Huyện Mẫu,,90001,Xã Mẫu Một"),
            "90009 XÃ MẪU ĐÔNG (Huyện Mẫu): trùng tên",
            id="two communes that nothing tells apart",
        ),
        pytest.param(
            ("Tỉnh Mẫu,,,,,90001,Xã Một",), "không có xã cũ nào", id="no old commune"
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line_in_both_languages(
    tmp_path: Path, rows: tuple[str, ...], said: str
) -> None:
    found = refused(write_table(tmp_path, rows=rows))

    assert [each for each in found if said in each]
    assert all(" / " in each for each in found)


def test_everything_is_named_at_once_up_to_a_bound(tmp_path: Path) -> None:
    rows = [f"Tỉnh Mẫu,{n},Xã M{n},Huyện Mẫu,,{n},Xã M{n}" for n in range(1000, 1030)]

    found = refused(write_table(tmp_path, rows=rows))

    assert len(found) == 11
    assert "50" in found[-1]


def test_the_example_in_the_documents_is_a_table(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "importing.md").read_text("utf-8")
    start = text.index(f"    {HEAD}\n")
    lines = text[start:].split("\n\n")[0].splitlines()
    path = tmp_path / "vi-du.csv"
    path.write_text("\n".join(line.strip() for line in lines), "utf-8")

    assert [each.name for each in load_communes(path).split] == ["Xã Mẫu Đông"]


def test_the_shipped_table_passes_its_own_check() -> None:
    assert load_communes().province == "Tỉnh Quảng Ninh"
    assert load_communes() is load_communes()
