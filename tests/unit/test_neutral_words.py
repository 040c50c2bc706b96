"""Who calls the API is told what to do, and no command for it."""

import pytest

from ocop_sync.api.forms.runs import request_form
from ocop_sync.api.neutral_words import (
    of_sheets,
    without_clauses_of_commands,
    without_commands,
)
from ocop_sync.api.problems import problem_of
from ocop_sync.errors import PlanError, RunRequestedError
from ocop_sync.service.queries.requests import SeenRequest
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind, RunRequest
from tests.factories import AT


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("xem lại (`ocop-sync held show 1`)", "xem lại"),
        ("nói rõ (`ocop-sync db restored`, `ocop-sync db moved`): chờ", "nói rõ: chờ"),
        ("a (`ocop-sync x`) / b (`ocop-sync y`)", "a / b"),
        ("giữ nguyên (mã kiểm abc)", "giữ nguyên (mã kiểm abc)"),
    ],
)
def test_commands_in_brackets_are_left_out_and_nothing_else(
    text: str, left: str
) -> None:
    assert without_commands(text) == left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (
            "nguồn mới “x”, gọi theo tên tệp (đặt tên khác: --source)",
            "nguồn mới “x”, gọi theo tên tệp",
        ),
        ('Sửa ô; hoặc nạp lại với --column "a=-"', "Sửa ô"),
        ("Sai - sửa thành 4 (bốn) sao.", "Sai - sửa thành 4 (bốn) sao."),
        ("Mã cũ. Xem: ocop-sync missing-papers", "Mã cũ."),
    ],
)
def test_clauses_that_name_a_command_are_left_out(said: str, left: str) -> None:
    assert without_clauses_of_commands(said) == left


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('nạp lại với --column "a=-"', 'nạp lại với `columns` "a=-"'),
        ("nhiều trang, chọn bằng --sheet", "nhiều trang, chọn bằng `sheets`"),
        (
            "thiếu; xem ocop-sync template / lacks it; see that",
            "thiếu / lacks it; see that",
        ),
        ("dấu ghi “x” / the stamp says “x”", "dấu ghi “x” / the stamp says “x”"),
    ],
)
def test_what_is_said_of_a_sheet_names_parameters_of_a_call_and_no_command(
    said: str, told: str
) -> None:
    assert of_sheets(said) == told


def test_a_refusal_says_what_to_do_and_the_command_line_how() -> None:
    error = RunRequestedError("5a0f")

    problem = problem_of(error)

    assert "`ocop-sync runs show 5a0f`" in str(error)
    assert problem is not None
    assert problem.vi == "lần chạy 5a0f ở đó chưa xong: chờ, hoặc xem và hủy nó"
    assert problem.en == (
        "the run 5a0f there has not ended: wait, or see and cancel it"
    )


def test_why_a_run_failed_is_told_in_the_same_way() -> None:
    error = PlanError("quá nhiều: chia nhỏ (`ocop-sync plan`) / too much: split it")
    request = RunRequest(
        id="5a0f",
        kind=RunKind.PLAN,
        marketplaces=(),
        asked_at=AT,
        ended_at=AT,
        outcome=RequestOutcome.FAILED,
        reason=str(error),
    )

    told = request_form(SeenRequest(request)).reason

    assert told == "quá nhiều: chia nhỏ / too much: split it"
