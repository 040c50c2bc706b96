"""Who calls the API is told what to do, and no command for it."""

import pytest

from ocop_sync.api.forms.runs import request_form
from ocop_sync.api.neutral_words import without_commands
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
