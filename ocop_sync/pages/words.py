"""The texts of pages: both languages stand where they are shown, in the template.

`say("Thoát", "Sign out")` is the one way to write a text; no text stands bare in a
template. Words that the rest of the service has are a `Text`, and shown by `words`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup, escape

from catalog.eligibility import Text
from ocop_sync.api.typed.problem import Language


def say_in(language: Language) -> Callable[..., Markup]:
    """Return `say` for templates in *language*.

    It takes the Vietnamese and the English text, with the values that both name; what
    is given is escaped, the text itself is the template's own.
    """

    def say(vi: str, en: str, **values: Any) -> Markup:
        text = Markup(vi if language == "vi" else en)  # noqa: S704  (a template's own)
        return text.format(**values) if values else text

    return say


Pairs = Iterable[tuple[Any, Text]]


def words_in(language: Language) -> Callable[[Text], str]:
    """Return what shows a `Text` in *language*."""
    return lambda text: text.vi if language == "vi" else text.en


def pairs_in(language: Language) -> Callable[[Pairs], list[tuple[Any, str]]]:
    """Return what shows the second of each pair in *language*.

    The pairs are faults of a form, by their field, or what may be chosen, by its value.
    """
    words = words_in(language)
    return lambda pairs: [(of, words(text)) for of, text in pairs]


def filled(text: Text, **values: Any) -> Text:
    """Return *text* with values; each is a `Text`, or alike in both languages."""
    vi = {k: v.vi if isinstance(v, Text) else v for k, v in values.items()}
    en = {k: v.en if isinstance(v, Text) else v for k, v in values.items()}
    return Text(text.vi.format(**vi), text.en.format(**en))


def linked(text: str, href: str) -> Markup:
    """Return a link, for a value of a text; `Markup.format` takes ten times as long."""
    return Markup(f'<a href="{escape(href)}">{escape(text)}</a>')  # noqa: S704


ROLES = {
    "admin": Text("Quản trị", "Administrator"),
    "operator": Text("Cán bộ", "Officer"),
    "viewer": Text("Người xem", "Viewer"),
    "producer": Text("Cơ sở", "Producer"),
}
"""Roles as people call them."""
