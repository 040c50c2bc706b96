"""A visit of a page: who looks, in which language, and how the page is answered.

A page is a function that takes a `Visit` and returns what it shows; its row says who
may. Whoever is not signed in is led to the sign-in, and back afterwards.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from aiohttp import hdrs, web

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.browsers import Browsers
from ocop_sync.api.access.cookies import Cookies
from ocop_sync.api.access.forms import form_token
from ocop_sync.api.context import (
    DEPLOYMENT,
    KEPT_KEYS,
    LONG_WORK,
    SHOWS_PUBLIC,
    WRITTEN,
    LongWork,
)
from ocop_sync.api.typed.call import Upload
from ocop_sync.api.typed.form_parts import FilesRule, SentForm
from ocop_sync.api.typed.problem import Language
from ocop_sync.api.typed.reading import read_path, read_query
from ocop_sync.api.typed.values import Model
from ocop_sync.pages.navigation import HOME, PUBLIC, local_path
from ocop_sync.pages.rendering import LANGUAGE, Head, html_response, rendered
from ocop_sync.pages.sent_once import SentForms, use_of
from ocop_sync.service.deployment import Deployment

M = TypeVar("M", bound=Model)

REASON: Final = "reason"
"""The field of forms in which staff say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit that was admitted.

    Attributes:
        request: The request itself.
        asker: Who looks.
        language: The language that they read.
        token: The token of the forms on the page.
        form: The fields that were sent; empty where the page is only looked at.
        files: The files that were sent, by the names of their fields; on disk until
            the visit is answered.
    """

    request: web.Request
    asker: Asker
    language: Language
    token: str
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def deployment(self) -> Deployment:
        """Return what use cases work with."""
        return self.request.app[DEPLOYMENT]

    @property
    def long_work(self) -> LongWork:
        """Return who carries out what computes for long."""
        return self.request.app[LONG_WORK]

    @property
    def now(self) -> datetime:
        """Return the present instant."""
        return self.deployment.clock()

    @property
    def is_part(self) -> bool:
        """Say whether htmx asks, for a part of the page that is there."""
        return is_of_script(self.request)

    def query(self, model: type[M]) -> M:
        """Return the query of the address, read as a call of the API reads it.

        Raises:
            ProblemError: It is none.
        """
        found = read_query(self.request, model)
        assert found is not None  # noqa: S101  (there is a model)
        return found

    def path(self, model: type[M]) -> M:
        """Return the parameters in the address.

        Raises:
            ProblemError: They are none.
        """
        return read_path(self.request, model)

    def page(
        self,
        template: str,
        *,
        simulated: bool = False,
        status: int = 200,
        values: Mapping[str, Any] = MappingProxyType({}),
    ) -> web.Response:
        """Return a template as the answer.

        Args:
            template: Name of the file below `templates/`.
            simulated: Figures of a simulated marketplace stand there.
            status: The status.
            values: What the template shows.
        """
        head = Head(
            language=self.language,
            address=self.request.path_qs,
            asker=self.asker,
            token=self.token,
            simulated=simulated,
            public=PUBLIC if self.request.app[SHOWS_PUBLIC] else "",
        )
        more = {"now": self.now, **values}
        return html_response(
            self.request, rendered(template, head, more), status=status
        )


PageFunction = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page, or a form of one.

    Attributes:
        method: GET shows; POST takes a form.
        path: The address.
        allowed: The roles that may.
        function: What answers.
        files: The files that its form may hold; None if it holds none.
        makes: Its form makes something, which is made once however often it is sent.
        shown_once: A page that answers its form holds what was made, such as a secret.
    """

    method: str
    path: str
    allowed: frozenset[str]
    function: PageFunction
    files: FilesRule | None = None
    makes: bool = False
    shown_once: bool = False


def see(path: str) -> web.Response:
    """Return an answer that leads to a page of ours, which is asked for by GET."""
    return web.Response(status=303, headers={hdrs.LOCATION: path})


def is_of_script(request: web.Request) -> bool:
    """Say whether a script of a page asks, and not somebody who follows a link."""
    return request.headers.get("HX-Request") == "true"


_NOTHING: Final = SentForm(fields={}, files={})
_REFUSED: Final = 400
"""Answers from this status on have done nothing."""


def visited(route: PageRoute, browsers: Browsers, forms: SentForms) -> "Handler":
    """Return the handler of a page; *forms* are those that were sent lately."""

    async def handle(request: web.Request) -> web.StreamResponse:
        asker = await browsers.admit(request, route.allowed)
        if request.method != hdrs.METH_POST:
            return await answer(request, asker, _NOTHING)
        async with browsers.take_form(request, route.files) as sent:
            browsers.ensure_own(request, sent.fields)
            # Danger: reading may take long; who was shut out meanwhile must not act.
            why = sent.fields.get(REASON, "")
            asker = await browsers.admit(request, route.allowed, why)
            answered = await take(request, asker, sent)
        if answered.status < _REFUSED:
            request.app[WRITTEN]()
        return answered

    async def take(
        request: web.Request, asker: Asker, sent: SentForm
    ) -> web.StreamResponse:
        if not route.makes:
            return await answer(request, asker, sent)
        return await forms.once(
            use_of(request, f"{asker.actor.kind}:{asker.actor.ref}", sent),
            lambda: answer(request, asker, sent),
            keys=request.app[KEPT_KEYS],
            clock=request.app[DEPLOYMENT].clock,
            shown_once=route.shown_once,
        )

    async def answer(
        request: web.Request, asker: Asker, sent: SentForm
    ) -> web.StreamResponse:
        visit = Visit(
            request=request,
            asker=asker,
            language=browsers.cookies.language_in(request),
            token=form_token(browsers.cookies.session_in(request)),
            form=sent.fields,
            files=sent.files,
        )
        return await route.function(visit)

    return in_chosen_language(handle, browsers)


def in_chosen_language(handler: "Handler", browsers: Browsers) -> "Handler":
    """Return *handler*, but for addresses that choose a language: these lead on."""

    async def handle(request: web.Request) -> web.StreamResponse:
        leads_on = with_chosen_language(request, browsers.cookies)
        return await handler(request) if leads_on is None else leads_on

    return handle


def with_chosen_language(
    request: web.Request, cookies: Cookies
) -> web.StreamResponse | None:
    """Return the answer to an address that chooses a language; None to any other.

    It leads to the same address without that choice, which the browser keeps.
    """
    chosen = request.query.get(LANGUAGE)
    if chosen is None or request.method == hdrs.METH_POST:
        return None
    left = [each for each in request.query.items() if each[0] != LANGUAGE]
    # Danger: what is not there is answered here as well, and its address may begin
    # with two slashes: it would lead to any host.
    response = see(local_path(str(request.rel_url.with_query(left))) or HOME)
    cookies.set_language(response, "en" if chosen == "en" else "vi")
    return response


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
