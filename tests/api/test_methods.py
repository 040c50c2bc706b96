"""An address says exactly which methods it takes."""

from collections import defaultdict

from ocop_sync.api.app import OPERATIONS
from tests.api.served import Served
from tests.api.test_roles import path_of


async def test_a_method_that_is_not_taken_is_answered_with_those_that_are(
    served: Served,
) -> None:
    methods = defaultdict[str, set[str]](set)
    for each in OPERATIONS:
        methods[path_of(each)] |= {each.method}
        methods[path_of(each)] |= {"HEAD"} if each.is_read else set()

    told = {}
    for path in methods:
        answer = await served.client.options(path)
        told[path] = set(answer.headers["Allow"].split(",")), answer.status

    assert told == {path: (taken, 405) for path, taken in methods.items()}
