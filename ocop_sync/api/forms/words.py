"""Texts in both languages, as they are shown."""

from catalog.eligibility import Text
from ocop_sync.api.typed.values import Model


class WordsForm(Model):
    """A text in both languages."""

    vi: str
    """Vietnamese."""
    en: str
    """English."""


def words_form(text: Text) -> WordsForm:
    """Return *text* as it is shown."""
    return WordsForm(vi=text.vi, en=text.en)
