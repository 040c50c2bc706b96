"""The API as an application: every route there is, and what all of them share."""

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from typing import Final

from aiohttp import hdrs, web

from catalog.pictures import reencoder
from catalog.pictures.reencoder import Reencoder
from catalog.values import replace
from ocop_sync.api.access.reason import PARAMETER
from ocop_sync.api.call_subject import about_call
from ocop_sync.api.context import (
    CALLS,
    DEPLOYMENT,
    IDENTITY,
    IMPORTS,
    KEPT_KEYS,
    LONG_WORK,
    PUBLIC_URL,
    PUSHES,
    RUN_NEWS,
    SENDERS,
    SHOWS_PUBLIC,
    STREAMS,
    THUMBNAILS,
    UPLOADS,
    WORKLISTS,
    WRITTEN,
    InPlace,
    LongWork,
    identity_in,
)
from ocop_sync.api.documents import add_documents
from ocop_sync.api.kept_keys import KeptKeys
from ocop_sync.api.links import LINKS
from ocop_sync.api.problems import (
    MISCONFIGURED,
    STOPPING,
    STORAGE,
    problem_of,
)
from ocop_sync.api.routes import (
    accounts,
    by_hand,
    certificate_decisions,
    certificates,
    consent,
    coverage,
    drift,
    eligibility,
    health,
    held,
    history,
    imports,
    keys,
    links,
    mappings,
    marketplaces,
    me,
    notices,
    offers,
    packs,
    papers,
    past_imports,
    people,
    pictures,
    plans,
    policies,
    producers,
    products,
    public,
    pushes,
    runs,
    schedules,
    sheets,
    status,
    worklist,
)
from ocop_sync.api.typed.assemble import assemble
from ocop_sync.api.typed.body import Pace
from ocop_sync.api.typed.call import Access
from ocop_sync.api.typed.event_stream import Streams
from ocop_sync.api.typed.frame import Framing, OnAnswered, ProblemPage
from ocop_sync.api.typed.handling import Means
from ocop_sync.api.typed.idempotency import IdempotencyKeys
from ocop_sync.api.typed.openapi import About
from ocop_sync.api.typed.operation import Operation
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import TOO_MANY_CALLS
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

OPERATIONS: Final[tuple[Operation, ...]] = (
    *health.OPERATIONS,
    *pushes.OPERATIONS,
    *marketplaces.OPERATIONS,
    *accounts.OPERATIONS,
    *by_hand.OPERATIONS,
    *policies.OPERATIONS,
    *mappings.OPERATIONS,
    *products.OPERATIONS,
    *packs.OPERATIONS,
    *offers.OPERATIONS,
    *pictures.OPERATIONS,
    *certificates.OPERATIONS,
    *certificate_decisions.OPERATIONS,
    *producers.OPERATIONS,
    *consent.OPERATIONS,
    *papers.OPERATIONS,
    *coverage.OPERATIONS,
    *imports.OPERATIONS,
    *past_imports.OPERATIONS,
    *history.OPERATIONS,
    *worklist.OPERATIONS,
    *sheets.OPERATIONS,
    *status.OPERATIONS,
    *people.OPERATIONS,
    *keys.OPERATIONS,
    *links.OPERATIONS,
    *eligibility.OPERATIONS,
    *held.OPERATIONS,
    *drift.OPERATIONS,
    *plans.OPERATIONS,
    *runs.OPERATIONS,
    *schedules.OPERATIONS,
    *notices.OPERATIONS,
    *me.OPERATIONS,
)
"""Every operation of the API that is always there."""

PUBLIC_OPERATIONS: Final[tuple[Operation, ...]] = public.OPERATIONS
"""Those that are there while `serve.public_figures` is on."""

HERE: Final = "http://127.0.0.1:8080"
"""The address of a service that is reached from this computer alone."""

TYPES_AT: Final = "/docs#"
"""The page that tells what problems mean; the code of one is an anchor there."""

_TAGS: Final = {
    health.TAG: "Whether the service lives.",
    pushes.TAG: "Pushes of marketplaces.",
    marketplaces.TAG: "The marketplaces that there are.",
    accounts.TAG: "Our accounts at marketplaces: how they stand; checked, paused.",
    by_hand.TAG: "Accounts that people work: batches out, what they have done in.",
    policies.TAG: "Policies of accounts: in force, and set by admins.",
    mappings.TAG: "How products are shown at a marketplace.",
    products.TAG: "Products: their values, prices and stock; where they are on sale.",
    pictures.TAG: "Pictures of products: uploaded, in order, served.",
    certificates.TAG: "Certificates of products: decided, and how they were changed.",
    consent.TAG: "Producers: who they are, and their consent.",
    papers.TAG: "Papers of products: recorded, corrected, ended, attested.",
    coverage.TAG: "Figures of any day, and the products that each counts.",
    past_imports.TAG: "Imports that were made: what they changed; one taken back.",
    history.TAG: "What was changed, by whom and why; every act.",
    imports.TAG: "Sheets: imported, reported, given back annotated.",
    eligibility.TAG: "Which products may be listed, and why.",
    held.TAG: "What is held at marketplaces: seen, approved, refused, sent again.",
    drift.TAG: "Drift, possible twins and doubles: seen and decided.",
    plans.TAG: "Plans: made, decided on, carried out.",
    runs.TAG: "Runs, and each change that was sent.",
    notices.TAG: "What was told by webhook and e-mail, and what waits.",
    worklist.TAG: "What waits for a person.",
    status.TAG: "How everything stands, and what is wrong.",
    sheets.TAG: "Files: the catalog, worklists, a sheet to fill in.",
    people.TAG: "People who may sign in: for admins.",
    keys.TAG: "Keys of programs: for admins.",
    links.TAG: "Links by which people of producers sign in.",
    schedules.TAG: "Work at set times.",
    public.TAG: "Figures and products for everybody, without a key.",
    me.TAG: "Who asks, and where that person is signed in.",
}


@cache
def about() -> About:
    """Return the words of the document about the whole API."""
    return About(
        title="ocop-sync",
        version=version("ocop-sync"),
        description="Keeps certified OCOP products correctly on sale on marketplaces."
        " Times are UTC (RFC 3339), money is whole đồng, and faults are"
        " `application/problem+json` (RFC 9457) in Vietnamese and English"
        " (`Accept-Language`). By the header `Acts-For`, with the id of a producer,"
        " staff act for that one and reach its products alone."
        " By the header `Reason` each change may say why.",
        security_schemes={
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key that the department has made.",
            }
        },
        limited=(TOO_MANY_CALLS, STORAGE, STOPPING, MISCONFIGURED),
        tags=_TAGS,
        links=LINKS,
        of_changes=(PARAMETER,),
    )


def make_app(
    deployment: Deployment,
    access: Access,
    *,
    identity: Identity | None = None,
    public_url: str = HERE,
    pages: Iterable[web.RouteDef] = (),
    page_of: ProblemPage | None = None,
    is_secure: bool = False,
    on_written: Callable[[], None] = lambda: None,
    pace: Pace | None = None,
    keys: IdempotencyKeys | None = None,
    shows_public: bool = False,
    on_answered: OnAnswered | None = None,
    long_work: LongWork | None = None,
    run_news: RunNews | None = None,
    senders: Iterable[Sender] = (),
) -> web.Application:
    """Return the application.

    Args:
        deployment: What the use cases work with.
        access: Knows who asks, and who may.
        identity: Where people, keys, links and sessions are; those of the deployment.
        public_url: The address under which the service is reached.
        pages: Routes that are none of the API's: pages for people.
        page_of: As of `Framing`: shows problems to people.
        is_secure: Everything goes over https.
        on_written: Told each time that something was written, such as a worker.
        pace: How fast bodies must come; by default by the deployment's time.
        keys: Where Idempotency-Keys are kept; by default in the database.
        shows_public: Everybody may read figures and products: settings say so.
        on_answered: As of `Framing`: counts what is answered.
        long_work: Carries out what computes for long; by default this process.
        run_news: Wakes whoever follows a run; by default they only look now and then.
        senders: The ways of notices, to be tried.
    """
    kept_keys = keys or KeptKeys(deployment.database, deployment.clock)
    means = Means(
        access=access,
        pace=pace or Pace(seconds=deployment.time, sleep=deployment.sleep),
        keys=kept_keys,
        problem_of=problem_of,
        on_written=on_written,
    )
    framing = Framing(
        problem_of=problem_of,
        types_at=TYPES_AT,
        seconds=deployment.time,
        server="ocop-sync",
        is_secure=is_secure,
        quiet=[each.path for each in health.OPERATIONS],
        about=about_call,
    )
    if on_answered is not None:
        framing = replace(framing, on_answered=on_answered)
    if page_of is not None:
        framing = replace(framing, page_of=page_of)
    operations = OPERATIONS
    if shows_public:
        operations += PUBLIC_OPERATIONS
    app = assemble(operations, means, framing)
    app.add_routes(pages)
    calls = app[CALLS] = _calls(deployment)
    app.middlewares.append(calls.middleware)
    app[DEPLOYMENT] = deployment
    app[IDENTITY] = identity or identity_in(deployment)
    deployment.database.write_back_apart()
    app.on_cleanup.append(_finish_last_uses)
    app[PUBLIC_URL] = public_url
    app[WRITTEN] = on_written
    app[PUSHES] = PushCounts()
    app[LONG_WORK] = long_work or InPlace(deployment)
    app[KEPT_KEYS] = kept_keys
    app[SHOWS_PUBLIC] = shows_public
    app[WORKLISTS] = KnownWorklists()
    app[IMPORTS] = ImportsUnderWay()
    app.on_cleanup.append(_end_imports)
    app[RUN_NEWS] = run_news or RunNews()
    app[SENDERS] = tuple(senders)
    app[STREAMS] = Streams()
    app[UPLOADS] = Uploads(decoder=Reencoder(), public_url=public_url)
    app[THUMBNAILS] = Thumbnails(
        Reencoder(command=reencoder.THUMBNAILS, most_waiting=50)
    )
    add_documents(app, operations, about())
    return app


def _calls(deployment: Deployment) -> CallsUnderWay:
    """Return the calls under way: none is begun once the service was told to stop."""

    def refusal() -> ProblemError | None:
        if not deployment.stop.reason:
            return None
        return ProblemError(STOPPING, headers={hdrs.RETRY_AFTER: "60"})

    return CallsUnderWay(refusal, spared=[each.path for each in health.OPERATIONS])


async def _end_imports(app: web.Application) -> None:
    """End the imports that pages have begun and nobody waits for any more."""
    await app[IMPORTS].aclose()


async def _finish_last_uses(app: web.Application) -> None:
    """Wait for what is stored beside calls, as the database may be closed next."""
    await app[IDENTITY].last_use.finished()
