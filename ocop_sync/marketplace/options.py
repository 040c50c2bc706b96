"""An adapter's own settings of an account: read by the model that it names.

No message holds a value: one may be a secret that was put in the wrong place. Where
a setting stands, in which file or variable, is said by whoever reads settings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ocop_sync.marketplace.port import Marketplace

_UNKNOWN = "không có tùy chọn này", "no such option"


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """The fault of one option.

    Attributes:
        path: Its name, and its place in the options that hold it.
        vi: The fault, in Vietnamese.
        en: The same in English.
    """

    path: tuple[str | int, ...]
    vi: str
    en: str


class OptionsError(Exception):
    """Options of an account are unknown, missing or wrong.

    Attributes:
        problems: All of them.
    """

    def __init__(self, problems: list[OptionProblem]) -> None:
        super().__init__(", ".join(str(each.path[0]) for each in problems if each.path))
        self.problems = problems


def read_options(
    adapter: type[Marketplace], values: Mapping[str, Any]
) -> BaseModel | None:
    """Return the options of an account at *adapter*; None if it takes none.

    Raises:
        OptionsError: They are unknown, missing or wrong.
    """
    model = adapter.options_model
    known = set() if model is None else set(_names(model))
    allows = model is not None and model.model_config.get("extra") == "allow"
    unknown = [] if allows else sorted(values.keys() - known)
    problems = [OptionProblem((name,), *_UNKNOWN) for name in unknown]
    if model is None and not problems:
        return None
    known_values = {k: v for k, v in values.items() if k not in unknown}
    options, wrong = _validated(model, known_values) if model else (None, [])
    if problems + wrong:
        raise OptionsError(problems + wrong)
    return options


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for alias in (field.alias, field.validation_alias):
            if isinstance(alias, str):
                yield alias


def _validated(
    model: type[BaseModel], values: Mapping[str, Any]
) -> tuple[BaseModel | None, list[OptionProblem]]:
    try:
        return model.model_validate(values), []
    except ValidationError as error:
        return None, [
            OptionProblem(each["loc"], *_words(each["type"], each["msg"]))
            for each in error.errors(include_url=False, include_input=False)
        ]


def _words(kind: str, message: str) -> tuple[str, str]:
    if kind == "extra_forbidden":
        return _UNKNOWN
    vi = "chưa khai báo" if kind == "missing" else "giá trị không hợp lệ"
    return vi, message.removeprefix("Value error, ")
