"""Options that narrow a plan: `--account`, `--product`, `--facet`."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from ocop_sync.cli.app.param_types import CODE
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.plan.scope import PlanScope


def scoped(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the marketplaces of a plan, and the options that narrow it."""
    for add in reversed(_PARTS):
        command = add(command)
    return command


_PARTS = (
    click.argument("marketplaces", type=CODE, nargs=-1),
    click.option(
        "--account",
        "accounts",
        type=CODE,
        multiple=True,
        help="Chỉ ở tài khoản này / at this account alone.",
    ),
    click.option(
        "--product",
        "products",
        type=CODE,
        multiple=True,
        help="Chỉ sản phẩm này / of this product alone.",
    ),
    click.option(
        "--facet",
        "facets",
        type=click.Choice([each.value for each in Facet]),
        multiple=True,
        help="Chỉ phần này của tin đang có, không đăng mới, không gỡ"
        " / of this facet of listings that are there: no creates, no withdrawals.",
    ),
)


def scope_of(
    *,
    marketplaces: Sequence[str],
    accounts: Sequence[str],
    products: Sequence[str],
    facets: Sequence[str],
) -> PlanScope:
    """Return what a plan is of, as a person has named it."""
    return PlanScope(
        marketplaces=tuple(marketplaces),
        accounts=tuple(dict.fromkeys(accounts)),
        products=tuple(dict.fromkeys(products)),
        facets=tuple(dict.fromkeys(map(Facet, facets))),
    )
