"""Texts are data: each file is read whole, and what is wrong with it is named."""

import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest

import ocop_sync.engine
from ocop_sync.engine.texts.files import (
    TEXTS_FOLDER,
    TextFileError,
    TextTable,
    Worded,
    every,
    read_texts,
)

FILES = sorted(TEXTS_FOLDER.glob("*.toml"))
CODE = [
    path.read_text("utf-8")
    for path in Path(ocop_sync.engine.__path__[0]).rglob("*.py")
    if path.parent != TEXTS_FOLDER
]


class Weather(StrEnum):
    RAIN = "rain"
    SUN = "sun"


class Form(TextTable):
    weather: Annotated[dict[Weather, Worded], every(Weather)]
    place: Worded


RIGHT = """
[weather]
rain = {vi = "mưa", en = "rain"}
sun = {vi = "nắng", en = "sun"}

[place]
vi = "ở {place}"
en = "at {place}"
"""


def read(folder: Path, content: str) -> Form:
    (folder / "weather.toml").write_text(content, "utf-8")
    return read_texts("weather.toml", Form, values=["place"], folder=folder)


def texts_of(table: Any) -> Iterator[dict[str, str]]:
    """Yield every text below *table*."""
    if isinstance(table, list):
        for each in table:
            yield from texts_of(each)
    elif isinstance(table, dict):
        if "vi" in table:
            yield table
        else:
            for each in table.values():
                yield from texts_of(each)


def test_a_file_is_read_as_its_form_says(tmp_path: Path) -> None:
    found = read(tmp_path, RIGHT)

    assert found.weather[Weather.SUN].vi == "nắng"
    assert found.place.filled((("place", "Huế"),)).en == "at Huế"


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        pytest.param(', en = "sun"', "", "weather.sun: .*lacks en", id="no English"),
        pytest.param('"nắng"', '" "', "weather.sun: .*lacks vi", id="empty"),
        pytest.param('"nắng"', "3", "weather.sun: .*lacks vi", id="a number"),
        pytest.param(
            ', en = "sun"', ', en = "sun", fr = "soleil"', "language: fr", id="French"
        ),
        pytest.param("sun =", "snow =", "weather.snow", id="a key that is not known"),
        pytest.param("sun =", "# sun =", "weather: .*lacks sun", id="a key that lacks"),
        pytest.param("[place]", "[spot]", "place: Field required", id="a table lacks"),
        pytest.param(
            "[place]",
            '[spot]\nvi = "ở"\nen = "at"\n[place]',
            "spot: Extra inputs",
            id="a table that nobody asks for",
        ),
        pytest.param(
            'vi = "ở {place}"\nen = "at {place}"',
            'vi = "ở {town}"\nen = "at {town}"',
            "place: .*no such value: town",
            id="a value that is not given",
        ),
        pytest.param(
            '"at {place}"', '"there"', "not in both languages: place", id="one-sided"
        ),
        pytest.param(
            'vi = "ở {place}"\nen = "at {place}"',
            'vi = "ở"\nen = "at"',
            "no text names place",
            id="a value that no text names",
        ),
        pytest.param('"at {place}"', '"at {place"', "place: ", id="half a value"),
        pytest.param("[place]", "[place", "weather.toml: ", id="no TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(
    tmp_path: Path, was: str, becomes: str, problem: str
) -> None:
    assert was in RIGHT

    with pytest.raises(TextFileError, match=problem) as caught:
        read(tmp_path, RIGHT.replace(was, becomes))

    assert caught.value.file == "weather.toml"


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextFileError, match=r"weather\.toml"):
        read_texts("weather.toml", Form, folder=tmp_path)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_text_is_worded_twice_and_has_no_full_stop(file: Path) -> None:
    texts = list(texts_of(tomllib.loads(file.read_text("utf-8"))))

    assert texts
    for text in texts:
        assert text["vi"] != text["en"]
        assert not {text["vi"][-1], text["en"][-1]} & set(".;:")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_file_is_read_by_one_module_which_says_all_its_tables(file: Path) -> None:
    (code,) = (each for each in CODE if f'read_texts("{file.name}"' in each)
    tables = tomllib.loads(file.read_text("utf-8"))

    unsaid = [name for name in tables if not re.search(rf"\.{name}_?\b", code)]
    assert unsaid == []
