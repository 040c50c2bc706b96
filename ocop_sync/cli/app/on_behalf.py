"""Staff who do for a producer what it would do for itself: `--for PRODUCER`.

It is recorded so, and reaches that producer's products alone.
"""

import click

from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from ocop_sync.cli.app.param_types import CODE

FOR = click.option(
    "--for",
    "producer",
    type=CODE,
    metavar="PRODUCER",
    help="Làm thay cơ sở này, và chỉ với sản phẩm của cơ sở đó / on behalf of this"
    " producer, and of its products alone.",
)


def on_behalf(by: Actor, producer: str | None) -> tuple[Actor, Reach]:
    """Return who acts, and the products that they reach; None is of every producer."""
    reach = Reach.of([producer]) if producer else WHOLE_CATALOG
    return replace(by, acts_for=producer or ""), reach
