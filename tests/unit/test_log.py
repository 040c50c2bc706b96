"""How a line of the log is written, and that no secret gets into one."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ocop_sync.log import configure_log
from ocop_sync.redaction import HIDDEN

VALUE = "bi-mat-4711"


@pytest.fixture(autouse=True)
def keep_root_logger() -> Iterator[None]:
    """Put the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def lines(
    message: str = "Run finished", *, as_json: bool = True, **fields: Any
) -> list[str]:
    stream = io.StringIO()
    configure_log(as_json=as_json, stream=stream)
    logging.getLogger("ocop_sync.thử").info(message, extra=fields)
    return stream.getvalue().splitlines()


def test_a_line_is_json_with_its_fields() -> None:
    (line,) = lines(account="voso:CS-1", applied=3, day=date(2026, 11, 24))

    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "INFO",
        "logger": "ocop_sync.thử",
        "message": "Run finished",
        "account": "voso:CS-1",
        "applied": 3,
        "day": "2026-11-24",
    }


def test_a_line_is_text_for_people() -> None:
    (line,) = lines(as_json=False, account="voso:CS-1", note='Chè "ngon"\nX=1')

    assert line.endswith(
        "INFO ocop_sync.thử: Run finished"
        r' account=voso:CS-1 note="Chè \"ngon\"\nX=1"'
    )


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        *["secret", "client_secret", "token", "accessToken", "password", "passwd"],
        *["pwd", "mat_khau", "api_key", "apikey", "Authorization", "cookie"],
        *["signature", "sign", "x_sign", "private_key", "credentials"],
        *["phone", "dien_thoai", "email"],
    ],
)
def test_what_is_named_like_a_secret_is_hidden(name: str, as_json: bool) -> None:
    nested = {"deep": [{name: VALUE, "rest": "thấy"}], name: [VALUE]}
    fields: dict[str, Any] = {name: VALUE, "headers": nested}
    (line,) = lines(as_json=as_json, **fields)

    assert VALUE not in line
    assert HIDDEN in line
    assert "thấy" in line
    assert nested[name] == [VALUE]


@pytest.mark.parametrize("name", ["account", "design", "signed_in", "key", "sku"])
def test_ordinary_fields_are_not_hidden(name: str) -> None:
    fields: dict[str, Any] = {name: "thấy"}
    (line,) = lines(**fields)

    assert json.loads(line)[name] == "thấy"


@pytest.mark.parametrize("as_json", [True, False])
def test_nobody_can_forge_a_line(as_json: bool) -> None:
    assert len(lines("Xin\r\nchào", as_json=as_json, name_="A\nB")) == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_half_an_emoji_does_not_stop_the_log(as_json: bool) -> None:
    (line,) = lines(as_json=as_json, title="Chè \ud83c")

    assert r"\ud83c" in line


def test_a_field_named_like_a_column_of_the_log_is_kept_beside_it() -> None:
    (line,) = lines(level="5 sao", time="sáng")
    found = json.loads(line)

    assert (found["level"], found["level_"], found["time_"]) == (
        "INFO",
        "5 sao",
        "sáng",
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_is_written_with_where_it_happened(as_json: bool) -> None:
    stream = io.StringIO()
    configure_log(as_json=as_json, stream=stream)
    try:
        raise ValueError("hỏng")  # noqa: EM101, TRY301 - short on purpose
    except ValueError:
        logging.getLogger("x").exception("Run failed")

    assert "test_log.py" in stream.getvalue()
    assert "ValueError: hỏng" in stream.getvalue()
    assert (len(stream.getvalue().splitlines()) == 1) is as_json


def test_setting_up_again_writes_each_line_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure_log(stream=first)
    configure_log(stream=second, level="WARNING")
    logging.getLogger("x").info("Không thấy")
    logging.getLogger("x").warning("Thấy")

    assert first.getvalue() == ""
    assert second.getvalue().endswith("WARNING x: Thấy\n")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_secret_and_no_personal_data(as_json: bool) -> None:
    stream = io.StringIO()
    configure_log(as_json=as_json, stream=stream)
    error = ValueError("answer: 'api_key': 'a1b2c3d4e5', hotline 0912345678")
    logging.getLogger("t").error("an adapter failed", exc_info=error)

    assert "a1b2c3d4e5" not in stream.getvalue()
    assert "0912345678" not in stream.getvalue()
    assert "ValueError: answer" in stream.getvalue()
