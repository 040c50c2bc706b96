"""Cookies of sessions, of forms and of the language.

Over https they are `__Host-` cookies: no other host of the domain can set them, and no
plain connection carries them. Over http, which is for this computer alone, browsers
refuse that prefix and `Secure` (Safari does, also for localhost): there they go without
both, under other names, so that none is ever mistaken for a secure one.
"""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from ocop_sync.api.typed.problem import Language

_SESSION: Final = "ocop"
_FORM: Final = "ocop-form"
_FORM_LASTS_S: Final = 3600
_LANGUAGE: Final = "ocop-language"
_LANGUAGE_LASTS_S: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies of a service whose public address is https, or not."""

    is_secure: bool

    def session_in(self, request: web.Request) -> str:
        """Return the token of the session; "" if there is none."""
        return request.cookies.get(self._name(_SESSION), "")

    def form_in(self, request: web.Request) -> str:
        """Return the secret of a form before the sign-in; "" if there is none."""
        return request.cookies.get(self._name(_FORM), "")

    def language_in(self, request: web.Request) -> Language:
        """Return the language of pages that was chosen: Vietnamese unless English."""
        chosen = request.cookies.get(self._name(_LANGUAGE), "")
        return "en" if chosen == "en" else "vi"

    def set_language(self, response: web.StreamResponse, language: Language) -> None:
        """Let the browser keep the language for a year."""
        self._set(response, _LANGUAGE, language, _LANGUAGE_LASTS_S, "Lax")

    def set_session(
        self, response: web.StreamResponse, token: str, lasts_s: int
    ) -> None:
        """Let the browser keep a session."""
        # Lax, not Strict: a link in a message must find who is signed in.
        self._set(response, _SESSION, token, lasts_s, "Lax")

    def set_form(self, response: web.StreamResponse, secret: str) -> None:
        """Let the browser keep the secret of a form for an hour."""
        self._set(response, _FORM, secret, _FORM_LASTS_S, "Strict")

    def drop_session(self, response: web.StreamResponse) -> None:
        """Let the browser forget the session."""
        self._set(response, _SESSION, "", 0, "Lax")

    def drop_form(self, response: web.StreamResponse) -> None:
        """Let the browser forget the secret of a form."""
        self._set(response, _FORM, "", 0, "Strict")

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.is_secure else name

    def _set(
        self,
        response: web.StreamResponse,
        name: str,
        value: str,
        lasts_s: int,
        same_site: str,
    ) -> None:
        response.set_cookie(
            self._name(name),
            value,
            max_age=lasts_s,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite=same_site,
        )
