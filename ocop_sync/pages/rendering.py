"""Templates as HTML: one environment for each language, and the headers of a page.

What is not known is an error, and whatever is shown is escaped.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.forms import FIELD
from ocop_sync.api.typed.problem import Language
from ocop_sync.pages.navigation import HOME, NavigationEntry, entries_of, start_of
from ocop_sync.pages.notation import Notation
from ocop_sync.pages.static_files import address_of, takes_gzip
from ocop_sync.pages.words import ROLES, linked, pairs_in, say_in, words_in

TEMPLATES: Final = Path(__file__).parent / "templates"

HEADERS: Final = {
    hdrs.CACHE_CONTROL: "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; script-src 'self';"
    " style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
    " form-action 'self'; frame-ancestors 'none'",
    # Danger: with "no-referrer" browsers state the origin "null" when a form is sent,
    # and no form of such a page would be taken for our own.
    "Referrer-Policy": "same-origin",
}
"""The headers of every page; nobody keeps one."""
NO_REFERRER: Final = {"Referrer-Policy": "no-referrer"}
"""For pages whose own address is a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the frame of a page shows, whatever stands in it.

    Attributes:
        language: The language of the page.
        address: Its own address, for the switch of languages.
        asker: Who looks; None if nobody is signed in.
        token: The token of its forms; "" if it has none.
        simulated: Figures of a simulated marketplace stand on it.
        home: Where somebody begins who is not signed in.
        public: The page for everybody; "" if there is none.
    """

    language: Language
    address: str
    asker: Asker | None = None
    token: str = ""
    simulated: bool = False
    home: str = HOME
    public: str = ""

    @property
    def entries(self) -> tuple[NavigationEntry, ...]:
        """Return the pages that this reader may go to."""
        return entries_of(self.asker)

    @property
    def start(self) -> str:
        """Return the page at which this reader begins."""
        return start_of(self.asker.role) if self.asker else self.home

    @property
    def other_language(self) -> Language:
        """Return the language that the switch leads to."""
        return "en" if self.language == "vi" else "vi"

    @property
    def switch(self) -> str:
        """Return the address of this page in the other language."""
        joint = "&" if "?" in self.address else "?"
        return f"{self.address}{joint}{LANGUAGE}={self.other_language}"

    def is_at(self, entry: NavigationEntry) -> bool:
        """Say whether the page belongs to *entry*."""
        path = self.address.partition("?")[0]
        is_below = entry.path != HOME and path.startswith(f"{entry.path}/")
        return path == entry.path or is_below


LANGUAGE: Final = "lang"
"""The parameter by which any page changes its language."""


@cache
def environment_in(language: Language) -> Environment:
    """Return the environment of all templates in *language*."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    notation = Notation(language)
    environment.globals |= {
        "say": say_in(language),
        "words": words_in(language),
        "in_words": pairs_in(language),
        "static": address_of,
        "roles": ROLES,
        "form_field": FIELD,
        "number": notation.number,
        "dong": notation.dong,
        "decimal": notation.decimal,
        "percent": notation.percent,
        "day": notation.day,
        "day_and_month": notation.day_and_month,
        "clock": notation.clock,
        "moment": notation.moment,
        "ago": notation.ago,
        "counted": notation.counted,
        "lasting": notation.lasting,
        "linked": linked,
    }
    return environment


def rendered(template: str, head: Head, values: Mapping[str, Any]) -> str:
    """Return a template as HTML.

    Raises:
        TypeError: A value is called as what all templates know, and would hide it.
    """
    environment = environment_in(head.language)
    if hidden := values.keys() & environment.globals.keys():
        message = f"{template}: {', '.join(sorted(hidden))} would be hidden"
        raise TypeError(message)
    return environment.get_template(template).render(page=head, **values)


def html_response(
    request: web.Request,
    text: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> web.Response:
    """Return HTML as an answer that nobody keeps; *headers* are further ones."""
    body, sent = text.encode(), {**HEADERS, hdrs.VARY: hdrs.ACCEPT_ENCODING, **headers}
    if takes_gzip(request):
        body = gzip.compress(body, 6, mtime=0)
        sent[hdrs.CONTENT_ENCODING] = "gzip"
    sent[hdrs.CONTENT_TYPE] = "text/html; charset=utf-8"
    return web.Response(body=body, status=status, headers=sent)
