"""What routes work with: it hangs on the application."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from aiohttp import web

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.typed.call import Call
from ocop_sync.api.typed.event_stream import Place, Streams
from ocop_sync.api.typed.idempotency import IdempotencyKeys
from ocop_sync.api.typed.under_way import CallsUnderWay
from ocop_sync.service.department.imports_under_way import ImportsUnderWay
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.take_push import PushCounts
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.notices.sender import Sender
from ocop_sync.service.pictures.thumbnails import Thumbnails
from ocop_sync.service.pictures.upload import Uploads
from ocop_sync.service.queries.known_worklists import KnownWorklists
from ocop_sync.service.requests.follow import RunNews

P = ParamSpec("P")
T = TypeVar("T")


class LongWork(Protocol):
    """Carries out use cases that compute for long, so that no other call waits."""

    async def do(
        self,
        use_case: Callable[Concatenate[Deployment, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return the result of *use_case*; what it raises is raised here.

        It may be carried out in another process, over a deployment of its own: it is a
        function of a module, and all that it takes and returns can be pickled.
        """
        ...


class InPlace:
    """Carries use cases out here: for one caller, as in tests."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    async def do(
        self,
        use_case: Callable[Concatenate[Deployment, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return the result of *use_case*."""
        return await use_case(self._deployment, *args, **named)


DEPLOYMENT: Final = web.AppKey("deployment", Deployment)
CALLS: Final = web.AppKey("calls", CallsUnderWay)
IDENTITY: Final = web.AppKey("identity", Identity)
PUBLIC_URL: Final = web.AppKey("public_url", str)
PUSHES: Final = web.AppKey("pushes", PushCounts)
UPLOADS: Final = web.AppKey("uploads", Uploads)
THUMBNAILS: Final = web.AppKey("thumbnails", Thumbnails)
WORKLISTS: Final = web.AppKey("worklists", KnownWorklists)
IMPORTS: Final = web.AppKey("imports", ImportsUnderWay)
RUN_NEWS: Final = web.AppKey("run_news", RunNews)
STREAMS: Final = web.AppKey("streams", Streams)
WRITTEN: Final[web.AppKey[Callable[[], None]]] = web.AppKey("written")
"""Told each time that something was written, such as a worker."""
LONG_WORK: Final[web.AppKey[LongWork]] = web.AppKey("long_work")
SHOWS_PUBLIC: Final = web.AppKey("shows_public", bool)
"""There are pages for everybody: settings say so."""
KEPT_KEYS: Final[web.AppKey[IdempotencyKeys]] = web.AppKey("kept_keys")
"""What keeps the keys of calls, and of forms that make something."""


SENDERS: Final[web.AppKey[tuple[Sender, ...]]] = web.AppKey("senders")


def deployment_of(call: Call) -> Deployment:
    """Return the deployment that a call is answered by."""
    return call.app[DEPLOYMENT]


def long_work_of(call: Call) -> LongWork:
    """Return who carries out what computes for long."""
    return call.app[LONG_WORK]


def worklists_of(call: Call) -> KnownWorklists:
    """Return what is known of worklists already."""
    return call.app[WORKLISTS]


def run_news_of(call: Call) -> RunNews:
    """Return what wakes whoever follows a run."""
    return call.app[RUN_NEWS]


def place_of(call: Call) -> Place:
    """Return the place of a call among the streams that go on."""
    actor = asker_of(call).actor
    return Place(call.app[STREAMS], f"{actor.kind}:{actor.ref or actor.name}")


def senders_of(call: Call) -> tuple[Sender, ...]:
    """Return the ways of notices that are set."""
    return call.app[SENDERS]


def public_url_of(call: Call) -> str:
    """Return the address under which the service is reached."""
    return call.app[PUBLIC_URL]


def pushes_of(call: Call) -> PushCounts:
    """Return the count of the pushes that came in."""
    return call.app[PUSHES]


def uploads_of(call: Call) -> Uploads:
    """Return what pictures are uploaded with."""
    return call.app[UPLOADS]


def identity_in(deployment: Deployment) -> Identity:
    """Return what the use cases of identity work with, in *deployment*."""
    return Identity(database=deployment.database, clock=deployment.clock)


def identity_of(call: Call) -> Identity:
    """Return where people, keys, links and sessions are."""
    return call.app[IDENTITY]


def asker_of(call: Call) -> Asker:
    """Return who asks; only operations that ask for a role have anybody."""
    assert isinstance(call.asker, Asker)  # noqa: S101  (as the roles were checked)
    return call.asker


def department_identity_of(call: Call) -> Identity:
    """Return where people and keys are, unless who asks acts for a producer.

    Raises:
        ProblemError: A member of staff acts for a producer.
    """
    ensure_whole(asker_of(call))
    return identity_of(call)
