"""The form of the pages by which people sign in: Vietnamese first, without script.

Whatever is shown is escaped. The real pages come in a room of their own.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape
from types import MappingProxyType
from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.access.forms import FIELD

Field = tuple[str, str, str, str, str]
"""Of a form: name, label, type, meaning for password managers, value."""

_STYLE: Final = (
    'body{font:18px/1.55 "Segoe UI",Roboto,"Noto Sans",sans-serif;color:#1c211e;'
    "background:#fff;margin:0 auto;max-width:28rem;padding:20px}"
    "h1{font-size:30px}small{color:#4b524e}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input,button{padding:12px;margin:4px 0 20px;border:1px solid #4b524e}"
    "button{background:#14532d;color:#fff;border:0}"
    ".warn{color:#7a4f00;background:#fff9e8;padding:12px}"
)
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    hdrs.CACHE_CONTROL: "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none';"
    f" style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'",
    # Danger: with "no-referrer" browsers state the origin "null" when a form is sent,
    # and no form of such a page would be taken for our own.
    "Referrer-Policy": "same-origin",
}
NO_REFERRER: Final = {"Referrer-Policy": "no-referrer"}
"""For pages whose own address is a secret."""


@dataclass(frozen=True, slots=True)
class Html:
    """A sentence for people, in both languages."""

    vi: str
    en: str

    def __str__(self) -> str:
        """Return it as HTML."""
        english = f'<br><small lang="en">{escape(self.en)}</small>' if self.en else ""
        return f"{escape(self.vi)}{english}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its heading, and what stands below it."""

    vi: str
    en: str
    parts: tuple[str, ...] = ()

    def says(self, sentence: Html) -> "Page":
        """Return the page with a sentence more."""
        return self._with(f"<p>{sentence}</p>")

    def warns(self, sentence: Html) -> "Page":
        """Return the page with a sentence on what went wrong."""
        return self._with(f'<p class="warn" role="alert">{sentence}</p>')

    def asks(
        self, action: str, token: str, button: str, *, fields: tuple[Field, ...] = ()
    ) -> "Page":
        """Return the page with a form; without an *action* it is sent to the page."""
        to = f' action="{escape(action)}"' if action else ""
        inputs = "".join(_input(*each) for each in fields)
        return self._with(
            f'<form method="post"{to}>'
            f'<input type="hidden" name="{FIELD}" value="{escape(token)}">'
            f"{inputs}<button>{escape(button)}</button></form>"
        )

    def _with(self, part: str) -> "Page":
        return replace(self, parts=(*self.parts, part))

    def __str__(self) -> str:
        """Return it as HTML."""
        return (
            '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.vi)}</title><style>{_STYLE}</style></head><body><main>"
            f"<h1>{Html(self.vi, self.en)}</h1>{''.join(self.parts)}"
            "</main></body></html>"
        )


def page_response(
    page: Page, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})
) -> web.Response:
    """Return a page as an answer that nobody keeps; *headers* are further ones."""
    return web.Response(
        text=str(page),
        status=status,
        content_type="text/html",
        headers={**_HEADERS, **headers},
    )


def _input(name: str, label: str, kind: str, meaning: str, value: str) -> str:
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{meaning}"'
        f' value="{escape(value)}" required>'
    )
