"""Communes of Quảng Ninh before and since 1 July 2025."""

import pytest

from catalog.model.producer import Address
from catalog.places.commune import load_communes

COMMUNES = load_communes()


def test_171_communes_became_54() -> None:
    assert len(COMMUNES.old) == 171
    assert len(COMMUNES.present) == 54
    assert COMMUNES.successors.keys() == COMMUNES.old.keys()


def test_the_present_communes_are_30_wards_22_communes_and_2_zones() -> None:
    kinds = [each.name.split()[0] for each in COMMUNES.present.values()]

    assert [kinds.count(kind) for kind in ("Phường", "Xã", "Đặc")] == [30, 22, 2]


def test_twelve_old_communes_were_split() -> None:
    split = {
        COMMUNES.old[code].name.split(maxsplit=1)[1]
        for code, successors in COMMUNES.successors.items()
        if len(successors) > 1
    }

    assert split == {
        "Vô Ngại",
        "Quảng Long",
        "Đại Dực",
        "Đông Ngũ",
        "Hải Lạng",
        "Yên Than",
        "Hải Hòa",
        "Đức Chính",
        "Hà Khẩu",
        "Đồng Lâm",
        "Trưng Vương",
        "Liên Hòa",
    }


@pytest.mark.parametrize(
    ("address", "name"),
    [
        pytest.param({"commune_code": "06652"}, "Phường Hà Tu", id="present"),
        pytest.param({"old_commune_code": "06664"}, "Phường Hà Tu", id="merged"),
        pytest.param(
            {"old_commune_code": "06655", "commune_code": "06706"},
            "Phường Tuần Châu",
            id="split, and a person has said",
        ),
        pytest.param({"old_commune_code": "06655"}, None, id="split"),
        pytest.param({"text": "Phường Hà Tu"}, None, id="text is not read"),
        pytest.param({"commune_code": "99999"}, None, id="unknown"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_an_address_is_placed_only_where_it_leaves_no_doubt(
    address: dict[str, str], name: str | None
) -> None:
    found = COMMUNES.place(Address(**address))

    assert (found.name if found else None) == name


@pytest.mark.parametrize("name", ["Phường Hạ Long", "hạ long", "PHUONG HA LONG"])
def test_a_present_commune_is_found_by_name(name: str) -> None:
    assert [each.code for each in COMMUNES.named(name)] == ["06688"]


def test_an_old_commune_keeps_its_district() -> None:
    assert COMMUNES.old["06664"].district == "Thành phố Hạ Long"
    assert COMMUNES.became("06664")[0].district == ""
    assert COMMUNES.became("?") == ()
