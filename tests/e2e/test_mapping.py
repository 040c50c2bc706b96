"""A clerk takes a mapping out, edits it, puts it back, and undoes that."""

from pathlib import Path

import pytest

from ocop_sync.marketplace.registry import available
from tests.e2e.served import Desk, good


@pytest.fixture
def shown(desk: Desk) -> Path:
    """The mapping in force, in a file."""
    file = desk.folder / "bang.toml"
    file.write_text(desk.run("mapping", "show", "postmart").stdout, "utf-8")
    return file


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def put(desk: Desk, file: Path, by: str = "Ng. Văn A") -> str:
    result = desk.run("mapping", "set", "postmart", str(file), "--by", by)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_what_is_shown_can_be_set_as_it_is(desk: Desk, shown: Path) -> None:
    assert "nothing to do" in put(desk, shown)
    assert desk.run_json("mapping", "show", "postmart")["is_default"]


def test_what_is_shown_says_which_set_is_which(shown: Path) -> None:
    text = shown.read_text("utf-8")

    assert text.startswith("# mặc định, đi kèm chương trình / the default that ships")
    assert '"I.5.a" = "PM-1011"  # Chè tươi, chế biến' in text


def test_an_edited_mapping_is_in_force_until_it_is_undone(
    desk: Desk, shown: Path
) -> None:
    desk.import_(good(1))
    desk.run("sync", "--follow", "60")
    edit(shown, '"I.3.c" = "PM-1007"', '"I.3.c" = "PM-1006"')

    assert "categories.I.3.c: PM-1007 -> PM-1006" in put(desk, shown)
    found = desk.run_json("mapping", "show", "postmart")
    assert (found["is_default"], found["set_by"]) == (False, "Ng. Văn A")
    assert found["set_at"]
    assert found["mapping"]["categories"]["I.3.c"] == "PM-1006"
    assert "do người đặt / set by a person: Ng. Văn A" in (
        desk.run("mapping", "show", "postmart").stdout
    )
    changes = desk.run_json("plan")["marketplaces"]["postmart"]["changes"]
    assert [each["after"] for each in changes] == [{"category": "PM-1006"}]

    desk.run("mapping", "reset", "postmart", "--by", "Trần B")

    found = desk.run_json("mapping", "show", "postmart")
    assert (found["is_default"], found["set_by"]) == (True, "Trần B")
    assert desk.run_json("plan")["marketplaces"]["postmart"]["changes"] == []


def test_reasons_follow_the_mapping_that_is_in_force_now(
    desk: Desk, shown: Path
) -> None:
    desk.import_(good(1, name="M" * 151))
    desk.run("sync")

    def told() -> list[str]:
        (found,) = desk.run_json("status", "--products")["products"]
        return [reason["code"] for reason in found["reasons"]]

    before = told()
    edit(shown, "max_length = 150", "max_length = 151")
    put(desk, shown)

    assert "M02" in before
    assert "M02" not in told()


def test_a_wrong_mapping_is_refused_and_changes_nothing(
    desk: Desk, shown: Path
) -> None:
    edit(shown, "max_length = 150", "max_length = 0")

    result = desk.run("mapping", "set", "postmart", str(shown), "--by", "A")

    assert result.exit_code == 2
    assert f"{shown}: title.max_length: giá trị không hợp lệ" in result.stderr
    assert desk.run_json("mapping", "show", "postmart")["set_by"] is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "shopee"), f"no such marketplace; known: {', '.join(available())}"),
        (("reset", "shopee", "--by", "A"), "no such marketplace"),
        (("show", "voso:CS-1"), "the name of a marketplace is asked for: voso"),
        (("set", "shopee", "khong-co.toml", "--by", "A"), "no such marketplace"),
        (("set", "voso", "khong-co.toml", "--by", "A"), "khong-co.toml: không đọc"),
        (("set", "voso", "bang.toml", "--by", "A"), "of another marketplace: postmart"),
        (("reset", "voso", "--by", " "), "--by"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    desk: Desk, shown: Path, words: tuple[str, ...], says: str
) -> None:
    del shown  # it lies in the current folder

    result = desk.run("mapping", *words)

    assert result.exit_code == 2
    assert says in result.stderr


def test_a_mapping_by_which_products_can_be_listed_no_more_asks_for_its_token(
    desk: Desk, shown: Path
) -> None:
    desk.import_(good(1))
    desk.run("sync", "--follow", "60")
    edit(shown, '"I.3.c" = "PM-1007"  # ', "# ")
    words = ("mapping", "set", "postmart", str(shown), "--by", "Ng. Văn A")

    held = desk.run(*words)
    token = held.stderr.rsplit("token ", 1)[1].split()[0]
    done = desk.run(*words, "--confirm", token)

    assert (held.exit_code, done.exit_code) == (3, 0), held.output
    assert "1 sản phẩm không đăng được nữa, bị giữ lại: SP-00001" in held.stderr
    assert "categories.I.3.c: PM-1007 -> -" in done.stdout
