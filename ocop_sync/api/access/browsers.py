"""What tells a browser of ours from others: cookies, forms, and how often it may ask.

Pages go by it; which pages there are stands in `ocop_sync.pages`.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from ocop_sync.api.access.admission import (
    asker_of_signed_in,
    caller_of,
    ensure_rate,
    origin_of,
)
from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.client_address import Proxies, site_of
from ocop_sync.api.access.cookies import Cookies
from ocop_sync.api.access.forms import FIELD, OwnForms
from ocop_sync.api.access.rates import Rates
from ocop_sync.api.access.slow_sign_in import SlowSignIn
from ocop_sync.api.typed.body import Pace, read_form
from ocop_sync.api.typed.form_parts import (
    PARTS,
    FilesRule,
    SentForm,
    receive_form,
)
from ocop_sync.api.typed.problem import ProblemError, ProblemKind
from ocop_sync.api.typed.problems import FORBIDDEN, UNAUTHENTICATED
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.sessions import believe_session
from ocop_sync.service.identity.tokens import is_token, new_token

OLD_FORM: Final = ProblemKind(
    "old_form",
    403,
    "Trang này đã cũ, hoặc được gửi từ trang khác. Hãy mở lại trang rồi thử lại.",
    "This page was too old, or was sent from another site. Open it anew, and try"
    " again.",
)
MOST_BYTES: Final = 65_536
"""The longest form that is taken, without a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsers:
    """What pages believe browsers by.

    Attributes:
        identity: Where people, links and sessions are.
        cookies: How sessions are kept in browsers.
        forms: Tells our own forms from others.
        slow: Lets failed attempts to sign in wait.
        proxies: The proxies that stand before the service.
        by_credential: The rates of sessions.
        by_address: The rates of addresses from which nobody is believed.
        of_open: The rates of addresses at each page that is open to everybody.
        pace: How fast a form must come.
    """

    identity: Identity
    cookies: Cookies
    forms: OwnForms
    slow: SlowSignIn
    proxies: Proxies
    by_credential: Rates
    by_address: Rates
    of_open: Rates
    pace: Pace

    async def admit(
        self, request: web.Request, allowed: frozenset[str], reason: str = ""
    ) -> Asker:
        """Return who is signed in by the cookie; *allowed* are the roles that may.

        Raises:
            ProblemError: Nobody is signed in, their role is none of these, or they
                have asked too often.
        """
        found = await believe_session(self.identity, self.cookies.session_in(request))
        if found is None:
            ensure_rate(self.by_address, site_of(self.address_of(request)))
            raise ProblemError(UNAUTHENTICATED)
        ensure_rate(self.by_credential, caller_of(found))
        if found.role not in allowed:
            raise ProblemError(FORBIDDEN)
        origin = origin_of(request, self.address_of(request))
        return asker_of_signed_in(found, origin, reason=reason)

    def let_in(self, request: web.Request) -> None:
        """Count a visit of a page that is open to everybody.

        Raises:
            ProblemError: There were too many from its address.
        """
        site = site_of(self.address_of(request))
        ensure_rate(self.of_open, f"{request.path} {site}")

    def address_of(self, request: web.Request) -> str:
        """Return the address that a browser asks from."""
        return self.proxies.address_of(request)

    def form_secret(self, request: web.Request) -> str:
        """Return the secret of forms before the sign-in: that of another tab, if any.

        Whoever shows such a form sets the cookie of it.
        """
        found = self.cookies.form_in(request)
        return found if is_token(found) else new_token(self.identity.random_bytes)

    async def read_form(
        self, request: web.Request, most_bytes: int = MOST_BYTES
    ) -> Mapping[str, str]:
        """Return the fields of a form, the last one of several of one name.

        Raises:
            ProblemError: It is none, too large or too slow.
        """
        sent = await read_form(request, most_bytes, self.pace)
        text = sent.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True))

    @asynccontextmanager
    async def take_form(
        self, request: web.Request, files: FilesRule | None
    ) -> AsyncIterator[SentForm]:
        """Take a form in, with the files that it may hold; None takes none.

        The files are on disk as long as the context is open.

        Raises:
            ProblemError: It is none, holds another file, is too large or too slow.
        """
        if files is None or request.content_type != PARTS:
            yield SentForm(fields=await self.read_form(request), files={})
            return
        async with receive_form(request, files, MOST_BYTES, self.pace) as sent:
            yield sent

    def is_own(
        self,
        request: web.Request,
        secret: str,
        form: Mapping[str, str],
        *,
        hides_origin: bool = False,
    ) -> bool:
        """Say whether a form was sent from a page of ours; as `OwnForms.is_own`."""
        token = form.get(FIELD, "")
        return self.forms.is_own(request, secret, token, hides_origin=hides_origin)

    def ensure_own(self, request: web.Request, form: Mapping[str, str]) -> None:
        """See to it that a form is of a page of ours, shown to this session.

        Raises:
            ProblemError: It is not.
        """
        if not self.is_own(request, self.cookies.session_in(request), form):
            raise ProblemError(OLD_FORM)


def device_of(request: web.Request) -> str:
    """Return a browser's own words on what it is."""
    return request.headers.get(hdrs.USER_AGENT, "")
