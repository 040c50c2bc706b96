"""What people read who call a command wrongly, in both languages."""

import click
import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.cli.usage import both
from ocop_sync.cli.values import Amount
from tests.e2e.served import Desk


@pytest.mark.parametrize(
    ("words", "vietnamese", "english"),
    [
        pytest.param(("--bad",), "không có tuỳ chọn '--bad'", "No such", id="option"),
        pytest.param(
            ("plan", "--jsn"), "ý là '--json'?", "Did you mean", id="like an option"
        ),
        pytest.param(("xyz",), "không có lệnh 'xyz'", "No such command", id="command"),
        pytest.param(("imprt",), "ý là 'import'?", "Did you mean", id="like a command"),
        pytest.param(
            ("held", "lst"), "không có lệnh 'lst'", "No such command", id="below"
        ),
        pytest.param(("import",), "thiếu 'FILE'", "Missing argument", id="argument"),
        pytest.param(
            ("held", "approve", "3"), "thiếu '--by'", "Missing option", id="required"
        ),
        pytest.param(
            ("mock",), "chọn một trong: postmart, voso", "Choose from", id="no choice"
        ),
        pytest.param(
            ("mock", "abc"),
            "'abc' không nằm trong 'postmart', 'voso'",
            "is not one of",
            id="bad choice",
        ),
        pytest.param(
            ("mock", "voso", "--port", "x"),
            "'x' không phải số nguyên",
            "not a valid integer",
            id="no integer",
        ),
        pytest.param(
            ("sync", "--follow", "x"), "'x' không phải số", "float", id="no number"
        ),
        pytest.param(
            ("sync", "--follow", "-1"), "ngoài khoảng", "not in the range", id="range"
        ),
        pytest.param(
            ("eligibility", "--as-of", "mai"),
            "'mai' không theo dạng 'YYYY-MM-DD'",
            "does not match the format 'YYYY-MM-DD'",
            id="no day",
        ),
        pytest.param(
            ("import", "khong.csv"), "không có tệp", "does not exist", id="no file"
        ),
        pytest.param(("import", "/"), "là thư mục", "is a directory", id="a folder"),
        pytest.param(
            ("demo", "--folder", __file__), "là tệp", "is a file", id="no folder"
        ),
        pytest.param(
            ("plan", "--limit"), "cần một giá trị", "requires an argument", id="nothing"
        ),
        pytest.param(
            ("plan", "--json=3"), "không nhận giá trị", "not take a value", id="a flag"
        ),
        pytest.param(("status", "x"), "thừa x", "unexpected extra", id="too much"),
        pytest.param(
            ("worker", "--every", "7d"), "cần dạng 60s", "such as 60s", id="our own"
        ),
    ],
)
def test_a_wrong_call_is_explained_in_both_languages(
    words: tuple[str, ...], vietnamese: str, english: str
) -> None:
    result = CliRunner().invoke(main, words)

    told = result.stderr.splitlines()[-1]
    assert result.exit_code == 2
    assert told.startswith("Lỗi / Error: ")
    assert vietnamese in told
    assert english in told


def test_how_a_command_is_called_is_said_in_both_languages() -> None:
    result = CliRunner().invoke(main, ["import"])

    assert result.stderr.splitlines()[:2] == [
        "Cách dùng / Usage: main import [OPTIONS] FILE",
        "Xem / See: main import --help",
    ]


def test_a_group_without_a_command_shows_its_help() -> None:
    result = CliRunner().invoke(main, ["held"])

    assert result.exit_code == 2
    assert "approve" in result.stderr
    assert "Lỗi" not in result.stderr


def test_our_own_words_are_left_as_they_are() -> None:
    assert both("ra.txt: sai / wrong") == "ra.txt: sai / wrong"


@pytest.mark.parametrize("command", ["sync", "plan"])
def test_without_an_account_people_are_told_how_to_set_one(
    desk: Desk, command: str
) -> None:
    desk.write_settings(postmart=False)

    result = desk.run(command)

    assert result.exit_code == 2
    assert "chưa có tài khoản nào ở sàn: thêm mục [[accounts]]" in result.stderr
    assert "no account at any marketplace: add [[accounts]]" in result.stderr
    assert "nothing to do" not in result.output


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_an_amount_is_a_number_that_can_be_waited_for(value: str) -> None:
    with pytest.raises(click.BadParameter, match="phải là số hữu hạn / must be finite"):
        Amount()(value)


def types_of(command: click.Command) -> set[str]:
    """Return the kinds of values that *command*, and all below it, take."""
    found = {type(each.type).__name__ for each in command.params}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return found.union(*map(types_of, below))


def test_every_kind_of_value_is_one_whose_complaints_are_known() -> None:
    known = {
        *("Amount", "BoolParamType", "Choice", "Day", "Duration"),
        *("IntParamType", "IntRange", "Path", "StringParamType"),
    }

    assert types_of(main) <= known
