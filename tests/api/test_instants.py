"""How instants are written, in UTC to the second as every command does, and days."""

import importlib
import pkgutil
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from ocop_sync import pages
from ocop_sync.api import forms, routes
from ocop_sync.api.typed.values import DATE, Date, Instant, Model


class Moment(Model):
    at: Instant
    until: Instant | None = None


def every(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        yield each
        yield from every(each)


def shown_models() -> list[type[Model]]:
    for package in (forms, routes, pages):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    return [each for each in every(Model) if each.__module__.startswith("ocop_sync.")]


def bare(annotation: object) -> bool:
    """Say whether a field is a time or a day that is no `Instant` and no `Date`."""
    if annotation in (datetime, date):
        return True
    if typing.get_origin(annotation) is typing.Annotated:
        kind, *rest = typing.get_args(annotation)
        return kind is date and DATE not in rest
    return any(map(bare, typing.get_args(annotation)))


def test_an_instant_is_written_in_utc_to_the_second() -> None:
    at = datetime(2026, 11, 24, 8, 30, 1, 999_999, tzinfo=timezone(timedelta(hours=7)))

    shown = Moment(at=at).json_form()

    assert shown == {"at": "2026-11-24T01:30:01Z", "until": None}
    assert Moment(at=at).at == at


def test_an_instant_that_is_sent_is_taken_to_its_fraction() -> None:
    sent = Moment.model_validate_json('{"at": "2026-11-24T08:30:00.25+07:00"}')

    assert sent.at == datetime(2026, 11, 24, 1, 30, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize("sent", ["0", "1700000000", "20261124", "2026-11-24T00:00Z"])
def test_a_day_is_taken_as_the_document_says_alone(sent: str) -> None:
    class Term(Model):
        ends_on: Date

    with pytest.raises(ValidationError):
        Term.model_validate_json(f'{{"ends_on": "{sent}"}}')
    assert Term.model_validate({"ends_on": "2026-11-24"}).ends_on == date(2026, 11, 24)


def test_no_form_has_a_time_of_another_kind() -> None:
    found = {
        (model.__name__, name)
        for model in shown_models()
        for name, hint in typing.get_type_hints(model, include_extras=True).items()
        if bare(hint)
    }

    assert found == set()
