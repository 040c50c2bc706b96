"""Errors of the service as problems: which, and what is told of them."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from catalog.errors import CatalogError, NotInCatalogError
from catalog.pictures.unfit import Unfit
from ocop_sync.api.problems import ALL, in_both_languages, problem_of
from ocop_sync.errors import (
    ConfigurationError,
    OcopSyncError,
    PlanError,
    StalePlanError,
    StorageError,
    SyncInProgressError,
    UnavailableError,
)
from tests.api.served import Served
from tests.world import entry


def heirs_of(kind: type[Exception]) -> Iterator[type[Exception]]:
    """Yield *kind* and all that are one of it."""
    yield kind
    for each in kind.__subclasses__():
        yield from heirs_of(each)


@pytest.mark.parametrize(
    "kind",
    sorted({*heirs_of(OcopSyncError), *heirs_of(CatalogError)}, key=str),
    ids=lambda kind: kind.__name__,
)
def test_every_error_of_the_service_is_a_problem_that_is_documented(
    kind: type[Exception],
) -> None:
    error = kind.__new__(kind)
    error.args = ("lời / words",)
    attributes = {
        **dict.fromkeys(("problems", "changed", "ids", "effects", "faults"), ()),
        **dict.fromkeys(("doubts", "questions"), ()),
        "run": 1,
        **dict.fromkeys(("before", "after", "left", "revision", "sku", "token"), 1),
        **dict.fromkeys(("names", "takes"), ()),
        **dict.fromkeys(("replaced", "taken"), 0),
        "why": ("lời", "words"),
        "unfit": Unfit.DAMAGED,
    }
    for name, value in attributes.items():
        setattr(error, name, value)

    problem = problem_of(error)

    assert problem is not None
    assert problem.kind in ALL


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (StorageError("x"), 503, "storage_unavailable"),
        (ConfigurationError("x"), 503, "misconfigured"),
        (StalePlanError("x"), 409, "stale"),
        (PlanError("x"), 409, "not_possible"),
        (SyncInProgressError("postmart", "may-1:77"), 409, "sync_in_progress"),
        (UnavailableError("x"), 503, "marketplace_unavailable"),
        (NotInCatalogError(["SP-1"]), 404, "not_found"),
        (ExceptionGroup("both", [PlanError("x"), StorageError("y")]), 409, None),
    ],
)
def test_an_error_has_a_status_by_the_way_to_recover(
    error: Exception, status: int, code: str | None
) -> None:
    problem = problem_of(error)

    assert problem is not None
    assert problem.kind.status == status
    assert code in (None, problem.kind.code)


@pytest.mark.parametrize(
    "error",
    [
        LookupError("x"),
        IntegrityError("INSERT", {"name": "Ng. Văn A"}, ValueError()),
        ExceptionGroup("both", [PlanError("x"), LookupError("y")]),
    ],
)
def test_any_other_error_is_unexpected(error: Exception) -> None:
    assert problem_of(error) is None


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("/etc/mat-khau: sai / wrong"),
        SyncInProgressError("postmart", "may-1:77"),
        StorageError("/data/mat-khau"),
    ],
)
def test_what_only_its_keeper_can_mend_is_told_in_general_words(
    error: Exception,
) -> None:
    problem = problem_of(error)

    assert problem is not None
    assert (problem.vi, problem.en) == (problem.kind.vi, problem.kind.en)


def test_words_for_people_are_told_in_both_languages() -> None:
    problem = problem_of(PlanError("không còn nhóm này / no such group any more"))

    assert problem is not None
    assert (problem.vi, problem.en) == ("không còn nhóm này", "no such group any more")
    assert in_both_languages("a / b / c") == ("a / b / c", "a / b / c")


async def test_a_failing_database_is_told_and_logged_without_any_value(
    served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: DBAPIError = OperationalError("SELECT", {"name": "Ng. Văn A"}, ValueError())
    lost.connection_invalidated = True

    def fail(*_: object) -> None:
        raise lost

    monkeypatch.setattr("ocop_sync.api.routes.marketplaces.installed_in", fail)
    with caplog.at_level(logging.INFO):
        answer = await served.call("GET", "/api/v1/marketplaces", "viewer")

    told = await answer.text()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert "Ng. Văn A" not in told
    (line,) = [each for each in caplog.records if each.message == "a call failed"]
    assert "database server" in line.reason  # type: ignore[attr-defined]
    assert not any("Ng. Văn A" in str(each.__dict__) for each in caplog.records)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "schedule-times", None),
        ("GET", "coverage?as_of=2000-01-01", None),
        ("GET", "coverage?day=2089-01-01", None),
        ("POST", "people", {"name": "Người Mẫu", "role": "producer"}),
        ("POST", "people", {"name": "Mẫu", "role": "viewer", "producers": ["CS-0001"]}),
        (
            "POST",
            "keys",
            {"name": "máy", "role": "viewer", "ends_at": "2000-01-01T00:00:00Z"},
        ),
        (
            "POST",
            "certificates/void",
            {
                "products": ["SP-00001"],
                "which": {"decision": "404/QĐ-MẪU"},
                "reason": "nhầm",
            },
        ),
    ],
)
async def test_a_refusal_names_no_option_of_the_command_line(
    served: Served, method: str, path: str, body: object
) -> None:
    await served.world.save(entry(1))

    answer = await served.call(method, f"/api/v1/{path}", "admin", json=body)

    problem = await answer.json()
    assert answer.status in {404, 409, 422}
    # A time that is missing is told at its field; all others are refusals.
    assert ("errors" in problem) is (path == "schedule-times")
    told = problem["detail_vi"] + problem["detail_en"] + str(problem.get("errors"))
    assert "--" not in told


async def test_a_day_in_another_form_is_refused_with_the_form_that_it_needs(
    served: Served,
) -> None:
    body = {
        "products": ["SP-00001"],
        "decision": "1/QĐ-MẪU",
        "day": "29/02/2024",
        "stars": 3,
    }

    answer = await served.call("POST", "/api/v1/certificates/grant", "admin", json=body)

    (fault,) = (await answer.json())["errors"]
    assert (fault["pointer"], fault["code"]) == ("/day", "wrong")
    assert fault["detail_vi"] == "phải là ngày NNNN-TT-NN"
