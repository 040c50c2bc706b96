"""Whose products who asks may reach, and as whom they act.

One place decides that for every route. What is out of reach is not found.
"""

from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.roles import PRODUCER
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import FORBIDDEN
from ocop_sync.service.producer.changes import Doing


def reach_of(asker: Asker) -> Reach:
    """Return the products that *asker* may reach.

    People and keys of producers reach their own; staff who act for a producer reach
    that one's; all others, every product.
    """
    if asker.role == PRODUCER:
        return Reach.of(asker.producers)
    if asker.actor.acts_for:
        return Reach.of([asker.actor.acts_for])
    return WHOLE_CATALOG


def ensure_whole(asker: Asker) -> None:
    """Do nothing unless *asker* acts for a producer: what is of all is out of reach.

    Raises:
        ProblemError: A member of staff acts for a producer.
    """
    if asker.actor.acts_for:
        raise ProblemError(
            FORBIDDEN,
            vi="Đang làm thay một cơ sở: bỏ Acts-For để làm việc chung của Sở",
            en="You act for a producer: leave Acts-For out for what is of all",
        )


def as_department(asker: Asker) -> Actor:
    """Return who acts for the department, and for no producer.

    Raises:
        ProblemError: A member of staff acts for a producer.
    """
    ensure_whole(asker)
    return asker.actor


def doing_of(asker: Asker) -> Doing:
    """Return who acts, within their reach.

    People of producers need no name, and go by their id then.
    """
    actor = asker.actor
    by = actor if actor.name else replace(actor, name=actor.ref)
    return Doing(by=by, reach=reach_of(asker))
