"""The version of the terms by which products are evaluated: all but the data.

Where it is equal, equal data give equal wanted listings until a verdict changes by
itself: the rules, the marketplace with its mapping, its capabilities and its policies,
whose account is where, and the code that works all of it out.
"""

import hashlib
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from catalog.turns import in_turns
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Deployment, Site

_EVALUATING: Final = (
    "catalog",
    "ocop_sync.engine",
    "ocop_sync.marketplace",
    "ocop_sync.service.evaluate",
    "ocop_sync.service.run",
)
"""The packages that evaluate a product, besides those of its adapter."""


async def terms_version(deployment: Deployment, site: Site) -> bytes:
    """Return the version of the terms at one marketplace, as people have decided."""
    packages = (*_EVALUATING, *_packages(site.adapter))
    terms = {
        "code": [_code_of(name) async for name in in_turns(packages)],
        "python": sys.version,
        "adapter": f"{site.adapter.__module__}.{site.adapter.__qualname__}",
        "rules": deployment.rules.version,
        "marketplace": site.name,
        "capabilities": site.conditions.capabilities,
        "mapping": site.conditions.mapping,
        "policy": site.policy,
        "policies": site.policies,
        "budget": deployment.budget_at(site.name),
        "accounts": [
            (each.name, each.adapter.capabilities.account_per_seller, key, a.seller_ref)
            for each in deployment.sites
            for key, a in each.accounts.items()
        ],
        "unusable": {
            key: (each.marketplace, each.seller_ref)
            for key, each in deployment.unusable.items()
        },
    }
    return hashlib.sha256(repr(_plain(terms)).encode()).digest()


def _plain(value: Any) -> Any:
    """Return *value* in a form that is written alike in every process."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return [
            (each.name, _plain(getattr(value, each.name))) for each in fields(value)
        ]
    if isinstance(value, Mapping):
        pairs = [(_plain(key), _plain(each)) for key, each in value.items()]
        return sorted(pairs, key=repr)
    if isinstance(value, AbstractSet):
        return sorted(map(_plain, value), key=repr)
    return [*map(_plain, value)] if isinstance(value, list | tuple) else value


def _packages(adapter: type[Marketplace]) -> list[str]:
    """Return the packages that the code of an adapter stands in."""
    found = {
        sys.modules[kind.__module__].__package__ or kind.__module__
        for kind in adapter.__mro__
    }
    return sorted(found - sys.stdlib_module_names)


@cache
def _code_of(package: str) -> bytes:
    """Return the digest of all files of a package, as they lie there now.

    Not its number: who works on the code changes it without one. It is asked once in a
    process, which goes on with the code that it began with.
    """
    digest = hashlib.sha256(package.encode())
    module = import_module(package)
    for folder in map(Path, getattr(module, "__path__", ())):
        for path in sorted(folder.rglob("*")):
            if "__pycache__" not in path.parts and path.is_file():
                content = path.read_bytes()
                digest.update(f"\n{path.relative_to(folder)} {len(content)}\n".encode())
                digest.update(content)
    return digest.digest()
