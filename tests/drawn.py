"""Let the draws of Hypothesis depend on the tests alone.

Among what it draws Hypothesis mixes the numbers and short texts that stand in the
modules of the project that happen to be imported. A test that draws anew each
time finds more by that. One that promises the same examples in each run draws
others as soon as any number in the source changes, or another test was first in
its process: a machine of rules draws by a number below 255 which rules take part.
No setting of Hypothesis leaves these constants out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants


@contextmanager
def drawing_no_constants() -> Iterator[None]:
    """Have none of the project's constants drawn."""
    # What may be drawn was kept with the constants of before.
    providers.CONSTANTS_CACHE.cache.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", Constants)
        yield
    providers.CONSTANTS_CACHE.cache.clear()
