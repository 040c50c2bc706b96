"""The pages by which people sign in and out, each a form without script.

Staff sign in by name and password, people of producers by a link. Messengers fetch
links: only the form on the link's page uses it up. What comes in is bounded, slowed and
taken from our own pages alone; nothing that was typed is shown again but the name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.admission import asker_of_signed_in, origin_of
from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.browsers import OLD_FORM, Browsers, device_of
from ocop_sync.api.access.client_address import site_of
from ocop_sync.api.access.forms import form_token
from ocop_sync.api.access.slow_sign_in import TooManyWaitingError
from ocop_sync.pages.navigation import LOGIN, LOGOUT, local_path, start_of
from ocop_sync.pages.rendering import NO_REFERRER, Head, html_response, rendered
from ocop_sync.pages.visit import Handler, in_chosen_language, see
from ocop_sync.service.identity.links import look_at_link, use_link
from ocop_sync.service.identity.people import sign_in_name
from ocop_sync.service.identity.sessions import (
    OpenedSession,
    believe_session,
    end_session,
    sign_in,
)

LINK: Final = "/link/{token}"
_MOST_BYTES: Final = 16_384
_LONGEST_NAME: Final = 200
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

_OLD: Final = Text(OLD_FORM.vi, OLD_FORM.en)
_WRONG: Final = Text(
    "Tên hoặc mật khẩu không đúng.", "Name and password do not belong together."
)


@dataclass(frozen=True, slots=True)
class SignInPages:
    """The pages to sign in by, and out.

    Attributes:
        browsers: What they believe browsers by.
    """

    browsers: Browsers

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of all pages."""
        return [
            web.get(LOGIN, self._limited(self.show_login)),
            web.post(LOGIN, self._limited(self.log_in)),
            web.post(LOGOUT, self._limited(self.log_out)),
            web.get(LINK, self._limited(self.show_link)),
            web.post(LINK, self._limited(self.log_in_by_link)),
        ]

    async def show_login(self, request: web.Request) -> web.StreamResponse:
        """Show the form, or who is signed in."""
        wanted = local_path(request.query.get("next", ""))
        token = self.browsers.cookies.session_in(request)
        found = await believe_session(self.browsers.identity, token)
        if found is None:
            return self._login_form(request, wanted=wanted)
        asker = asker_of_signed_in(found, "")
        head = self._head(request, form_token(token), asker)
        values = {"start": wanted or start_of(found.role), "login": LOGIN}
        return html_response(request, rendered("signed_in.html", head, values))

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """Sign a member of staff in."""
        form = await self.browsers.read_form(request, _MOST_BYTES)
        secret = self.browsers.cookies.form_in(request)
        wanted = local_path(form.get("next", ""))
        if not self.browsers.is_own(request, secret, form):
            return self._login_form(request, _OLD, wanted=wanted, status=403)
        name = form.get("name", "")[:_LONGEST_NAME]
        address = self.browsers.address_of(request)
        try:
            attempted = self.browsers.slow.attempt(sign_in_name(name), address)
            async with attempted as attempt:
                opened = await sign_in(
                    self.browsers.identity,
                    name=name,
                    password=form.get("password", ""),
                    device=device_of(request),
                    origin=address,
                )
                attempt.succeeded = opened is not None
        except TooManyWaitingError as error:
            return self._come_back(request, error.retry_after_s)
        if opened is None:
            return self._login_form(
                request, _WRONG, name=name, wanted=wanted, status=403
            )
        return await self._signed_in(request, opened, wanted)

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        """End the session of this browser."""
        form = await self.browsers.read_form(request, _MOST_BYTES)
        token = self.browsers.cookies.session_in(request)
        if not self.browsers.is_own(request, token, form):
            return self._login_form(request, _OLD, status=403)
        await self._end_session(request)
        response = see(LOGIN)
        self.browsers.cookies.drop_session(response)
        return response

    async def show_link(self, request: web.Request) -> web.StreamResponse:
        """Show for whom a link is; changes nothing, however often it is fetched."""
        token = request.match_info["token"]
        shown = await look_at_link(self.browsers.identity, token)
        if shown is None:
            return self._link_is_over(request)
        secret = self.browsers.form_secret(request)
        values = {"producer": shown.producer_name, "ends_at": shown.ends_at}
        response = self._link_page(request, "link.html", values, secret=secret)
        self.browsers.cookies.set_form(response, secret)
        return response

    async def log_in_by_link(self, request: web.Request) -> web.StreamResponse:
        """Use a link up, and sign its person in."""
        form = await self.browsers.read_form(request, _MOST_BYTES)
        secret = self.browsers.cookies.form_in(request)
        # Browsers state the origin "null" from a page that sends no referrer.
        if not self.browsers.is_own(request, secret, form, hides_origin=True):
            return self._link_page(request, "link_old.html", status=403)
        opened = await use_link(
            self.browsers.identity,
            request.match_info["token"],
            device=device_of(request),
            origin=self.browsers.address_of(request),
        )
        if opened is None:
            return self._link_is_over(request)
        return await self._signed_in(request, opened)

    def _limited(self, handler: Handler) -> Handler:
        async def limited(request: web.Request) -> web.StreamResponse:
            site = site_of(self.browsers.address_of(request))
            if wait_s := self.browsers.by_address.take(site):
                return self._come_back(request, wait_s)
            return await handler(request)

        return in_chosen_language(limited, self.browsers)

    async def _end_session(self, request: web.Request) -> None:
        """End the session of this browser, if there is one."""
        identity = self.browsers.identity
        token = self.browsers.cookies.session_in(request)
        found = await believe_session(identity, token)
        if found is not None and found.session_id is not None:
            origin = origin_of(request, self.browsers.address_of(request))
            by = found.actor(origin=origin)
            await end_session(identity, found.id, found.session_id, by=by)

    async def _signed_in(
        self, request: web.Request, opened: OpenedSession, wanted: str = ""
    ) -> web.StreamResponse:
        # Its cookie is replaced: nobody could end that one from this browser any more.
        await self._end_session(request)
        response = see(wanted or start_of(opened.role))
        lasts_s = int(opened.role.lifetime.total_seconds())
        self.browsers.cookies.set_session(response, opened.token, lasts_s)
        self.browsers.cookies.drop_form(response)
        return response

    def _login_form(
        self,
        request: web.Request,
        fault: Text | None = None,
        *,
        name: str = "",
        wanted: str = "",
        status: int = 200,
    ) -> web.StreamResponse:
        secret = self.browsers.form_secret(request)
        head = self._head(request, form_token(secret))
        values = {"fault": fault, "name": name, "wanted": wanted, "login": LOGIN}
        text = rendered("login.html", head, values)
        response = html_response(request, text, status=status)
        self.browsers.cookies.set_form(response, secret)
        return response

    def _head(
        self, request: web.Request, token: str = "", asker: Asker | None = None
    ) -> Head:
        # Danger: the address of a link signs somebody in; the switch leads to the
        # page itself then, without naming it.
        is_secret = request.path.startswith("/link/")
        return Head(
            language=self.browsers.cookies.language_in(request),
            address="" if is_secret else request.path_qs,
            asker=asker,
            token=token,
        )

    def _link_page(
        self,
        request: web.Request,
        template: str,
        values: Mapping[str, Any] = _NOTHING,
        *,
        secret: str = "",
        status: int = 200,
    ) -> web.Response:
        """Return a page whose address signs somebody in: it is told to no other."""
        head = self._head(request, form_token(secret) if secret else "")
        text = rendered(template, head, values)
        return html_response(request, text, status=status, headers=NO_REFERRER)

    def _link_is_over(self, request: web.Request) -> web.Response:
        return self._link_page(request, "link_over.html", status=404)

    def _come_back(self, request: web.Request, wait_s: int) -> web.StreamResponse:
        head = self._head(request)
        text = rendered("come_back.html", head, {"wait_s": wait_s})
        headers = {**NO_REFERRER, "Retry-After": str(wait_s)}
        return html_response(request, text, status=429, headers=headers)
