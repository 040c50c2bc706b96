"""Every page there is, as routes of the service."""

from typing import Final

from aiohttp import hdrs, web

from ocop_sync.api.access.browsers import Browsers
from ocop_sync.pages import (
    account,
    account_work,
    accounts,
    attested_papers,
    components,
    counted_lists,
    double_choice,
    drift_choice,
    held_group,
    held_groups,
    import_going,
    import_report,
    import_undo,
    imports,
    keys,
    leaders,
    mapping,
    missing_papers,
    own_pictures,
    own_product,
    own_products,
    own_progress,
    own_trace,
    people,
    people_serving,
    person,
    plan,
    plans,
    policies,
    price_choice,
    producer,
    producer_links,
    product,
    product_certificate,
    product_certify,
    product_edit,
    product_papers,
    products,
    refused_listings,
    report,
    run,
    runs,
    schedule,
    schedules,
    twin_choice,
    worklist,
)
from ocop_sync.pages.public import PublicPages
from ocop_sync.pages.sent_once import SentForms
from ocop_sync.pages.sign_in import SignInPages
from ocop_sync.pages.static_files import ADDRESS, serve_static
from ocop_sync.pages.visit import PageRoute, visited

PAGES: Final[tuple[PageRoute, ...]] = (
    *leaders.PAGES,
    *report.PAGES,
    *worklist.PAGES,
    *held_groups.PAGES,
    *held_group.PAGES,
    *double_choice.PAGES,
    *drift_choice.PAGES,
    *price_choice.PAGES,
    *refused_listings.PAGES,
    *twin_choice.PAGES,
    *missing_papers.PAGES,
    *attested_papers.PAGES,
    *counted_lists.PAGES,
    *products.PAGES,
    *product.PAGES,
    *product_certify.PAGES,
    *product_certificate.PAGES,
    *product_edit.PAGES,
    *product_papers.PAGES,
    *producer.PAGES,
    *producer_links.PAGES,
    *imports.PAGES,
    *import_going.PAGES,
    *import_report.PAGES,
    *import_undo.PAGES,
    *own_products.PAGES,
    *own_product.PAGES,
    *own_pictures.PAGES,
    *own_trace.PAGES,
    *accounts.PAGES,
    *account.PAGES,
    *account_work.PAGES,
    *policies.PAGES,
    *mapping.PAGES,
    *plans.PAGES,
    *plan.PAGES,
    *runs.PAGES,
    *run.PAGES,
    *schedules.PAGES,
    *schedule.PAGES,
    *people.PAGES,
    *people_serving.PAGES,
    *person.PAGES,
    *keys.PAGES,
    *components.PAGES,
)
"""Every page for those who are signed in. A new module of pages is added here."""

FILES: Final[tuple[PageRoute, ...]] = (
    *own_products.FILES,
    *imports.FILES,
    *import_report.FILES,
    *report.FILES,
    *counted_lists.FILES,
    *products.FILES,
    *worklist.FILES,
    *missing_papers.FILES,
    *plans.FILES,
    *runs.FILES,
    *schedules.FILES,
    *people.FILES,
    *accounts.FILES,
    *account_work.FILES,
    *keys.FILES,
    *run.FILES,
    *plan.FILES,
)
"""What pages refer to, and is no page."""


def page_routes(
    browsers: Browsers, *, shows_public: bool = False
) -> list[web.RouteDef]:
    """Return the routes of all pages, and of the files that they refer to.

    *shows_public* says whether there are pages for everybody: settings say so.
    """
    forms = SentForms()
    return [
        *SignInPages(browsers).routes(),
        *(PublicPages(browsers).routes() if shows_public else ()),
        web.get(ADDRESS, serve_static),
        *(
            _route(each, browsers, forms)
            for each in (*PAGES, *own_progress.PARTS, *FILES)
        ),
    ]


def _route(page: PageRoute, browsers: Browsers, forms: SentForms) -> web.RouteDef:
    handler = visited(page, browsers, forms)
    if page.method == hdrs.METH_GET:
        return web.get(page.path, handler)  # and HEAD
    return web.route(page.method, page.path, handler)
