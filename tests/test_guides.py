"""The guides name what stands on the pages, in the very words, and show pictures."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jinja2 import nodes
from PIL import Image

from ocop_sync.pages.rendering import TEMPLATES, environment_in
from tests.pages.guide_pictures import PICTURES
from tests.pages.screenshots import LINK, SHOTS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDES = ("huong-dan-can-bo.md", "huong-dan-chu-the.md")
EXPLAINED = {"đậm", "SỐ LIỆU MÔ PHỎNG"}
"""What stands in bold and is the words of no button: the word for bold itself, and the
notice that `tests/pages` sees on the pages."""
HEADINGS = {
    "Đồng bộ ngay",
    "Xem trước rồi mới gửi",
    "Thêm một người của Sở",
    "Đổi, khóa, cho vào lại",
    "Khóa cho một chương trình",
}
"""Bold lines that stand alone, as small headings."""
FEWEST = 4
"""Letters beside its values that a text needs to be told from others."""
MOST_BYTES = 1_500_000


def bold_of(guide: str) -> list[str]:
    text = (DOCS / guide).read_text("utf-8")
    found = (
        " ".join(each.split()) for each in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)
    )
    return sorted(set(found) - EXPLAINED - HEADINGS)


def texts_of_templates() -> Iterator[str]:
    environment = environment_in("vi")
    for path in TEMPLATES.rglob("*.html"):
        tree = environment.parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "say":
                yield call.args[0].as_const()


def texts_of_modules() -> Iterator[str]:
    for path in TEMPLATES.parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                parts = (getattr(each, "value", "") for each in node.values)
                yield "".join(p if isinstance(p, str) else "{value}" for p in parts)


@cache
def shown() -> tuple[str, ...]:
    return tuple({*texts_of_templates(), *texts_of_modules()})


def stands_on_a_page(words: str) -> bool:
    """Say whether *words* are a text of a page, its values filled in or its beginning.

    A text with values may be named by what stands before the first of them: a button
    `Duyệt {n} thay đổi` is the button `Duyệt`. A sentence may be one of several.
    """
    for text in shown():
        if words == text or words == text.partition("{")[0].strip():
            return True
        if words.endswith((".", "?")) and words in text:
            return True
        if "{" in text:
            parts = re.split(r"\{\w+\}", text)
            if len(
                "".join(re.findall(r"\w", "".join(parts)))
            ) >= FEWEST and re.fullmatch(".+".join(map(re.escape, parts)), words):
                return True
    return False


@pytest.mark.parametrize("guide", GUIDES)
def test_what_is_bold_stands_on_a_page(guide: str) -> None:
    bold = bold_of(guide)

    assert len(bold) > 20
    assert [each for each in bold if not stands_on_a_page(each)] == []


def test_a_button_that_no_page_has_is_noticed() -> None:
    assert not stands_on_a_page("Gửi bảng đã sửa rồi")
    assert not stands_on_a_page("Lưu lại")
    assert not stands_on_a_page("Send the sheet")


def test_every_picture_is_taken_by_the_script_and_shown_by_a_guide() -> None:
    pictures = {each.stem for each in (DOCS / "images").iterdir()}
    told = "".join((DOCS / each).read_text("utf-8") for each in GUIDES)

    assert pictures == {*SHOTS, LINK, *PICTURES}
    assert {*PICTURES, LINK} <= set(re.findall(r"images/([\w-]+)\.png", told))


def test_pictures_are_small_and_as_wide_as_the_screens_they_show() -> None:
    paths = list((DOCS / "images").iterdir())

    assert sum(each.stat().st_size for each in paths) < MOST_BYTES
    for path in paths:
        with Image.open(path) as picture:
            assert picture.width in {360, 1366}, path.name


@pytest.mark.parametrize("guide", GUIDES)
def test_the_readme_leads_to_a_guide_which_says_that_its_figures_are_simulated(
    guide: str,
) -> None:
    text = (DOCS / guide).read_text("utf-8")

    assert f"(docs/{guide})" in (ROOT / "README.md").read_text("utf-8")
    assert "**SỐ LIỆU MÔ PHỎNG**" in text[: text.index("\n## ")]
