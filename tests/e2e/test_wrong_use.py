"""The messages for people who call a command wrongly, in both languages."""

import unicodedata

import click
import pytest
from click.testing import CliRunner

from ocop_sync.cli import main
from ocop_sync.cli.app.group_beside import GroupBeside
from ocop_sync.cli.app.param_types import NAME, REASON, Amount
from ocop_sync.cli.app.usage_errors import both
from ocop_sync.marketplace.registry import mock_names
from tests.e2e.served import Desk

CHOICES = ", ".join(mock_names())


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
            ("mock",), f"chọn một trong: {CHOICES}", "Choose from", id="no choice"
        ),
        pytest.param(
            ("mock", "abc"),
            f"'abc' không nằm trong {', '.join(map(repr, mock_names()))}",
            "is not one of",
            id="bad choice",
        ),
        pytest.param(
            ("mock", "voso", "--port", "x"),
            "'x' không phải số nguyên",
            "'x' is not a valid integer.",
            id="no integer",
        ),
        pytest.param(
            ("sync", "--follow", "x"), "'x' không phải số", "float", id="no number"
        ),
        pytest.param(
            ("sync", "--follow", "-1"), "ngoài khoảng", "not in the range", id="range"
        ),
        pytest.param(
            ("sync", "--full", "--plan", __file__),
            "--full và --plan không đi cùng nhau",
            "--full and --plan do not go together",
            id="two ways of a sync",
        ),
        pytest.param(
            ("eligibility", "--as-of", "mai"),
            "mai: cần một ngày có thật từ năm 2000 đến 2090, như 31/12/2026",
            "is needed, such as 31/12/2026 or 2026-12-31",
            id="no day",
        ),
        pytest.param(
            ("schedule", "add", "x", "--kind", "sync", "--cron", "0 2 * * 1"),
            "thứ phải viết bằng tên",
            "days of the week are named",
            id="a number of a day",
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
        pytest.param(
            ("sheet", "import", "--by", "Lan"),
            "cần FILE, hoặc một trong --empty, --complete",
            "FILE is needed, or one of",
            id="neither a file nor a word",
        ),
        pytest.param(("status", "x"), "thừa x", "unexpected extra", id="too much"),
        pytest.param(
            ("drift", "ours", "1", "--by", " \u00a0"), "trống", "is empty", id="no name"
        ),
        pytest.param(
            ("held", "approve", "1", "--by", "Lan", "--reason", "vì " * 400),
            "dài 1199 ký tự, nhiều nhất 1000 ký tự",
            "1000 characters at most",
            id="a long reason",
        ),
        pytest.param(
            ("import", __file__, "--confirm", "x", "--by", "N" * 201),
            "nhiều nhất 200 ký tự",
            "200 characters at most",
            id="a long name",
        ),
        pytest.param(
            ("eligibility", "--sku", "\udcff\udcfe"),
            "không phải UTF-8",
            "no UTF-8",
            id="bytes that are no text",
        ),
        pytest.param(
            ("held", "refuse", "1", "--by", "Lan", "--reason", "a\ue000b"),
            "có ký tự không phải chữ",
            "no text",
            id="no letters",
        ),
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


@pytest.mark.parametrize(
    "words",
    [
        *(("sync",), ("plan",), ("reconcile",), ("cancel", "--by", "Lan")),
        *(
            ("held", "list"),
            ("held", "show", "1"),
            ("drift", "list"),
            ("twins", "list"),
        ),
        ("held", "retry", "voso", "SP-00001", "--by", "Lan"),
    ],
    ids=" ".join,
)
def test_without_an_account_people_are_told_how_to_set_one(
    desk: Desk, words: tuple[str, ...]
) -> None:
    """Such as in the wrong folder: there it is not true that nothing waits."""
    desk.write_settings(postmart=False)

    result = desk.run(*words)

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
    kinds = [each.type for each in command.params]
    kinds += [
        part for each in kinds if isinstance(each, click.Tuple) for part in each.types
    ]
    found = {type(each).__name__ for each in kinds} - {"Tuple"}
    below = list(command.commands.values()) if isinstance(command, click.Group) else []
    if isinstance(command, GroupBeside):
        below.append(command.itself)
    return found.union(*map(types_of, below))


def test_a_line_of_text_is_taken_as_the_catalog_takes_a_cell() -> None:
    said = unicodedata.normalize("NFD", " Nguyễn\u00a0 Thị\tẢnh\x1b\n")

    assert NAME(said) == "Nguyễn Thị Ảnh"
    assert REASON("ẫ" * 1_000) == "ẫ" * 1_000


def test_every_kind_of_value_is_one_whose_complaints_are_known() -> None:
    """So each text has its bounds: a plain string has none."""
    known = {
        *("Amount", "BoolParamType", "CellText", "Choice", "Cron", "Day"),
        "Duration",
        *("FreeText", "Hash", "IntParamType", "IntRange", "Moment", "NamedActor"),
        "Path",
    }

    assert types_of(main) <= known
