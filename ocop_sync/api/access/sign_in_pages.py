"""The pages by which people sign in and out, each a form without script.

Staff sign in by name and password, people of producers by a link. Messengers fetch
links: only the form on the link's page uses it up. What comes in is bounded, slowed and
taken from our own pages alone; nothing that was typed is shown again but the name.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from ocop_sync.api.access.admission import origin_of
from ocop_sync.api.access.client_address import Proxies, site_of
from ocop_sync.api.access.cookies import Cookies
from ocop_sync.api.access.forms import FIELD, OwnForms, form_token
from ocop_sync.api.access.html import NO_REFERRER, Html, Page, page_response
from ocop_sync.api.access.rates import Rates
from ocop_sync.api.access.slow_sign_in import SlowSignIn, TooManyWaitingError
from ocop_sync.api.typed.body import Pace, read_form
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.links import look_at_link, use_link
from ocop_sync.service.identity.people import sign_in_name
from ocop_sync.service.identity.sessions import (
    OpenedSession,
    believe_session,
    end_session,
    sign_in,
)
from ocop_sync.service.identity.tokens import is_token, new_token

LOGIN: Final = "/login"
_MOST_BYTES: Final = 16_384
_LONGEST_NAME: Final = 200

_OLD_FORM: Final = Html(
    "Trang này đã cũ, hoặc được gửi từ trang khác. Hãy thử lại.",
    "This page was too old, or was sent from another site. Try again.",
)
_WRONG: Final = Html(
    "Tên hoặc mật khẩu không đúng.", "Name and password do not belong together."
)
_TOO_MANY: Final = Html(
    "Nhiều lần thử quá. Hãy đợi một lúc rồi thử lại.",
    "Too many attempts. Wait a while, then try again.",
)
_LINK_OVER: Final = Html(
    "Liên kết này không còn dùng được: đã dùng rồi, đã quá 7 ngày, hoặc đã có liên kết"
    " mới. Hãy xin Sở một liên kết khác.",
    "This link is of no use any more: it was used, is over 7 days old, or there is a"
    " new one. Ask the department for another.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPages:
    """The pages, and what they work with.

    Attributes:
        identity: Where people, links and sessions are.
        cookies: How sessions are kept in browsers.
        forms: Tells our own forms from others.
        slow: Lets failed attempts wait.
        proxies: The proxies that stand before the service.
        by_address: The rates of addresses.
        pace: How fast a form must come.
    """

    identity: Identity
    cookies: Cookies
    forms: OwnForms
    slow: SlowSignIn
    proxies: Proxies
    by_address: Rates
    pace: Pace

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of all pages."""
        return [
            web.get(LOGIN, self._limited(self.show_login)),
            web.post(LOGIN, self._limited(self.log_in)),
            web.post("/logout", self._limited(self.log_out)),
            web.get("/link/{token}", self._limited(self.show_link)),
            web.post("/link/{token}", self._limited(self.log_in_by_link)),
        ]

    async def show_login(self, request: web.Request) -> web.StreamResponse:
        """Show the form, or who is signed in."""
        token = self.cookies.session_in(request)
        found = await believe_session(self.identity, token)
        if found is None:
            return self._login_form(request)
        return page_response(
            Page("Đã đăng nhập", "Signed in")
            .says(Html(found.name or found.id, f"{found.id}, {found.role}"))
            .asks("/logout", form_token(token), "Đăng xuất / Sign out")
        )

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """Sign a member of staff in."""
        form = await self._form(request)
        secret = self.cookies.form_in(request)
        if not self._is_own(request, secret, form):
            return self._login_form(request, _OLD_FORM, status=403)
        name, address = form.get("name", "")[:_LONGEST_NAME], self._address(request)
        try:
            attempted = self.slow.attempt(sign_in_name(name), address)
            async with attempted as attempt:
                opened = await sign_in(
                    self.identity,
                    name=name,
                    password=form.get("password", ""),
                    device=_device(request),
                    origin=address,
                )
                attempt.succeeded = opened is not None
        except TooManyWaitingError as error:
            return _come_back(error.retry_after_s)
        if opened is None:
            return self._login_form(request, _WRONG, name=name, status=403)
        return await self._signed_in(request, opened)

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        """End the session of this browser."""
        form, token = await self._form(request), self.cookies.session_in(request)
        if not self._is_own(request, token, form):
            return self._login_form(request, _OLD_FORM, status=403)
        await self._end_session(request)
        response = _see(LOGIN)
        self.cookies.drop_session(response)
        return response

    async def show_link(self, request: web.Request) -> web.StreamResponse:
        """Show for whom a link is; changes nothing, however often it is fetched."""
        shown = await look_at_link(self.identity, request.match_info["token"])
        if shown is None:
            return _link_page(_link_is_over(), 404)
        secret = self._form_secret(request)
        response = _link_page(
            Page("Đăng nhập", "Sign in")
            .says(Html(shown.producer_name, ""))
            .says(
                Html(
                    "Liên kết này dùng được một lần, trên máy này.",
                    "This link is used once, on this device.",
                )
            )
            .asks("", form_token(secret), "Vào trang của cơ sở / Sign in")
        )
        self.cookies.set_form(response, secret)
        return response

    async def log_in_by_link(self, request: web.Request) -> web.StreamResponse:
        """Use a link up, and sign its person in."""
        form, secret = await self._form(request), self.cookies.form_in(request)
        # Browsers state the origin "null" from a page that sends no referrer.
        if not self._is_own(request, secret, form, hides_origin=True):
            return _link_page(Page("Đăng nhập", "Sign in").says(_OLD_FORM), 403)
        opened = await use_link(
            self.identity,
            request.match_info["token"],
            device=_device(request),
            origin=self._address(request),
        )
        if opened is None:
            return _link_page(_link_is_over(), 404)
        return await self._signed_in(request, opened)

    def _limited(self, handler: "Handler") -> "Handler":
        async def limited(request: web.Request) -> web.StreamResponse:
            if wait_s := self.by_address.take(site_of(self._address(request))):
                return _come_back(wait_s)
            return await handler(request)

        return limited

    async def _end_session(self, request: web.Request) -> None:
        """End the session of this browser, if there is one."""
        token = self.cookies.session_in(request)
        found = await believe_session(self.identity, token)
        if found is not None and found.session_id is not None:
            by = found.actor(origin=origin_of(request, self._address(request)))
            await end_session(self.identity, found.id, found.session_id, by=by)

    async def _signed_in(
        self, request: web.Request, opened: OpenedSession
    ) -> web.StreamResponse:
        # Its cookie is replaced: nobody could end that one from this browser any more.
        await self._end_session(request)
        response = _see(LOGIN)
        lasts_s = int(opened.role.lifetime.total_seconds())
        self.cookies.set_session(response, opened.token, lasts_s)
        self.cookies.drop_form(response)
        return response

    def _login_form(
        self,
        request: web.Request,
        fault: Html | None = None,
        *,
        name: str = "",
        status: int = 200,
    ) -> web.StreamResponse:
        secret = self._form_secret(request)
        page = Page("Đăng nhập", "Sign in")
        if fault is not None:
            page = page.warns(fault)
        response = page_response(
            page.asks(
                LOGIN,
                form_token(secret),
                "Đăng nhập / Sign in",
                fields=(
                    ("name", "Tên / Name", "text", "username", name),
                    (
                        "password",
                        "Mật khẩu / Password",
                        "password",
                        "current-password",
                        "",
                    ),
                ),
            ),
            status,
        )
        self.cookies.set_form(response, secret)
        return response

    def _form_secret(self, request: web.Request) -> str:
        """Return the secret of this browser's forms: that of another tab, if any."""
        found = self.cookies.form_in(request)
        return found if is_token(found) else new_token(self.identity.random_bytes)

    async def _form(self, request: web.Request) -> Mapping[str, str]:
        sent = await read_form(request, _MOST_BYTES, self.pace)
        pairs = parse_qsl(
            sent.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=None
        )
        return dict(pairs)

    def _is_own(
        self,
        request: web.Request,
        secret: str,
        form: Mapping[str, str],
        *,
        hides_origin: bool = False,
    ) -> bool:
        token = form.get(FIELD, "")
        return self.forms.is_own(request, secret, token, hides_origin=hides_origin)

    def _address(self, request: web.Request) -> str:
        return self.proxies.address_of(request)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _see(path: str) -> web.Response:
    """Return an answer that leads to a page of ours, which is asked for by GET."""
    return web.Response(status=303, headers={hdrs.LOCATION: path})


def _device(request: web.Request) -> str:
    return request.headers.get(hdrs.USER_AGENT, "")


def _link_page(page: Page, status: int = 200) -> web.Response:
    """Return a page whose address signs somebody in: it is told to no other page."""
    return page_response(page, status, NO_REFERRER)


def _link_is_over() -> Page:
    return Page("Liên kết hết dùng được", "The link is of no use").says(_LINK_OVER)


def _come_back(wait_s: int) -> web.StreamResponse:
    headers = {**NO_REFERRER, "Retry-After": str(wait_s)}
    return page_response(Page("Đăng nhập", "Sign in").warns(_TOO_MANY), 429, headers)
