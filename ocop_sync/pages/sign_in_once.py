"""Addresses of the demonstration that sign somebody in once, without a password.

They are in memory alone, and only for whoever sits at this computer. No other service
has these routes.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.browsers import Browsers, device_of
from ocop_sync.api.access.forms import form_token
from ocop_sync.pages.navigation import start_of
from ocop_sync.pages.rendering import NO_REFERRER, Head, html_response, rendered
from ocop_sync.pages.visit import Handler, in_chosen_language, see
from ocop_sync.service.identity.sessions import open_for

ADDRESS: Final = "/once/{token}"


class SignInOnce:
    """The pages behind addresses that sign in once.

    Args:
        browsers: What they believe browsers by.
        people: Who signs in by which token, and in which role.
    """

    def __init__(
        self, browsers: Browsers, people: Mapping[str, tuple[str, Text]]
    ) -> None:
        self._browsers = browsers
        self._people = dict(people)

    def routes(self) -> list[web.RouteDef]:
        """Return their routes."""
        return [
            web.get(ADDRESS, self._here_alone(self.show)),
            web.post(ADDRESS, self._here_alone(self.use)),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show as whom the address signs in; changes nothing."""
        found = self._people.get(request.match_info["token"])
        if found is None:
            return self._is_over(request)
        secret = self._browsers.form_secret(request)
        text = rendered(
            "sign_in_once.html",
            self._head(request, form_token(secret)),
            {"role": found[1]},
        )
        response = html_response(request, text, headers=NO_REFERRER)
        self._browsers.cookies.set_form(response, secret)
        return response

    async def use(self, request: web.Request) -> web.StreamResponse:
        """Use the address up, and sign its person in."""
        browsers, token = self._browsers, request.match_info["token"]
        form = await browsers.read_form(request)
        secret = browsers.cookies.form_in(request)
        is_own = browsers.is_own(request, secret, form, hides_origin=True)
        found = self._people.pop(token, None) if is_own else None
        if found is None:
            return self._is_over(request)
        opened = await open_for(
            browsers.identity,
            found[0],
            device=device_of(request),
            origin=browsers.address_of(request),
        )
        if opened is None:
            return self._is_over(request)
        response = see(start_of(opened.role))
        lasts_s = int(opened.role.lifetime.total_seconds())
        browsers.cookies.set_session(response, opened.token, lasts_s)
        browsers.cookies.drop_form(response)
        return response

    def _here_alone(self, handler: Handler) -> Handler:
        async def asked(request: web.Request) -> web.StreamResponse:
            # Danger: whoever has such an address needs no password.
            if not _is_this_computer(request.remote or ""):
                raise web.HTTPNotFound
            return await handler(request)

        return in_chosen_language(asked, self._browsers)

    def _is_over(self, request: web.Request) -> web.Response:
        text = rendered("sign_in_once_over.html", self._head(request), {})
        return html_response(request, text, status=404, headers=NO_REFERRER)

    def _head(self, request: web.Request, token: str = "") -> Head:
        language = self._browsers.cookies.language_in(request)
        return Head(language=language, address="", token=token)


def _is_this_computer(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False
