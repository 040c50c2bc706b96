"""Every text of a template stands in both languages, by `say` alone."""

import re
from string import Formatter

import pytest
from jinja2 import nodes

from ocop_sync.pages.rendering import TEMPLATES, Head, environment_in, rendered

NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
SHOWN_ATTRIBUTES = r'(?:aria-label|title|placeholder|alt|data-label)="[^"]*\w[^"]*"'


def source_of(name: str) -> str:
    """Return a template without comments, statements and expressions."""
    text = (TEMPLATES / name).read_text("utf-8")
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_no_text_stands_bare_in_a_template(name: str) -> None:
    source = source_of(name)

    bare = re.sub(r"<[^>]*>", "", source)
    assert re.findall(r"\w+", bare) == []
    assert re.findall(SHOWN_ATTRIBUTES, source) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_text_has_two_languages_that_name_the_same_values(name: str) -> None:
    environment = environment_in("vi")
    tree = environment.parse((TEMPLATES / name).read_text("utf-8"))
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name != "say":
            continue
        assert all(isinstance(each, nodes.Const) for each in call.args), call.lineno
        vi, en = (each.as_const() for each in call.args)
        assert vi
        assert en
        assert vi != en or not re.search(r"[a-z]", vi), call.lineno
        given = {each.key for each in call.kwargs}
        assert _named(vi) == _named(en) == given, call.lineno


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", NAMES)
def test_no_template_has_what_the_policy_forbids(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")

    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", text)
    assert "| safe" not in text
    assert "|safe" not in text
    for script in re.findall(r"<script[^>]*>[^<]*", text):
        assert re.fullmatch(r"<script src=\"\{\{ static\('\S+'\) \}\}\" defer>", script)


def test_a_value_cannot_hide_what_all_templates_know() -> None:
    head = Head(language="vi", address="/")

    with pytest.raises(TypeError, match="day would be hidden"):
        rendered("link_over.html", head, {"day": 1})
