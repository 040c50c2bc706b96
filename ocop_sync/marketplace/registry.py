"""Find the adapters that are installed, and open one for an account.

An adapter is found by the entry point group `ocop_sync.marketplaces`; nothing of the
service names one. A marketplace may ship a mock of itself, under the same name in the
group `ocop_sync.mocks`; the interface of a mock is in `ocop_sync.testing.mocks.mock`.
Which accounts exist is decided by the settings.
"""

import functools
import inspect
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

from pydantic import BaseModel

from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.features import lacking_methods
from ocop_sync.marketplace.http import is_loopback
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.port import PORT_VERSION, Context, Marketplace

GROUP = "ocop_sync.marketplaces"
MOCKS = "ocop_sync.mocks"
_LONGEST_REASON = 200


def available(
    points: Iterable[EntryPoint] | None = None,
) -> dict[str, type[Marketplace]]:
    """Return the installed adapters that can be used, by name, sorted by name.

    Args:
        points: Instead of the entry points that are installed.
    """
    return _survey(points)[0]


def unusable(points: Iterable[EntryPoint] | None = None) -> dict[str, str]:
    """Return why installed adapters cannot be used, by name, sorted by name.

    An adapter is unusable if it cannot be loaded, for any reason; is no adapter or
    lacks a part of one; was written for another version of the port; has another name
    than its entry point, or one that is taken; or promises what it lacks. It stops no
    other.

    Args:
        points: Instead of the entry points that are installed.
    """
    return _survey(points)[1]


def _survey(
    points: Iterable[EntryPoint] | None,
) -> tuple[dict[str, type[Marketplace]], dict[str, str]]:
    found: dict[str, type[Marketplace]] = {}
    failed: dict[str, str] = {}
    by_name = _by_name(_installed() if points is None else points)
    for name in sorted(by_name):
        try:
            found[name] = _load(by_name[name])
        except ConfigurationError as error:
            failed[name] = str(error)
    return found, failed


def open_marketplace(
    account: Account,
    context: Context,
    points: Iterable[EntryPoint] | None = None,
) -> Marketplace:
    """Open the adapter of *account*; it makes no call yet.

    Raises:
        ConfigurationError: It cannot be used, no adapter has that name, or it is
            simulated and the account's address is not on this computer.
    """
    by_name = _by_name(_installed() if points is None else points)
    if account.marketplace not in by_name:
        known = ", ".join(sorted(by_name)) or "-"
        message = (
            f"tài khoản {account.key}: không có sàn {account.marketplace!r}; đang có: "
            f"{known} / account {account.key}: no such marketplace; known: {known}"
        )
        raise ConfigurationError(message)
    adapter = _load(by_name[account.marketplace])
    if adapter.capabilities.simulated and not is_loopback(account.base_url):
        message = (
            f"tài khoản {account.key}: sàn mô phỏng chỉ được gọi trên máy này"
            f" / account {account.key}: a simulated marketplace is called on this"
            " computer only"
        )
        raise ConfigurationError(message)
    return adapter(account, context)


def mock_names(points: Iterable[EntryPoint] | None = None) -> list[str]:
    """Return the marketplaces that ship a mock, sorted; none is loaded.

    Args:
        points: Instead of the entry points that are installed.
    """
    return sorted(_by_name(_installed_mocks() if points is None else points))


def load_mock(name: str, points: Iterable[EntryPoint] | None = None) -> object:
    """Return the mock that marketplace *name* ships, of any type.

    Raises:
        ConfigurationError: It ships none, two, or one that cannot be loaded.
    """
    by_name = _by_name(_installed_mocks() if points is None else points)
    if name not in by_name:
        message = f"{name}: không có sàn mô phỏng / there is no mock of it"
        raise ConfigurationError(message)
    return _load_point(by_name[name])


@functools.cache
def _installed() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP))


@functools.cache
def _installed_mocks() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=MOCKS))


def _by_name(points: Iterable[EntryPoint]) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in points:
        # One package found under two paths states the same entry point twice.
        others = found.setdefault(point.name, [])
        if point.value not in [other.value for other in others]:
            others.append(point)
    return found


def _load(points: Sequence[EntryPoint]) -> type[Marketplace]:
    """Return the adapter of the one entry point that has its name."""
    point, adapter = points[-1], _load_point(points)
    if not (inspect.isclass(adapter) and issubclass(adapter, Marketplace)):
        raise _wrong(point, "không phải lớp Marketplace", "no class of Marketplace")
    if (version := getattr(adapter, "port_version", None)) != PORT_VERSION:
        raise _wrong(
            point,
            f"viết cho phiên bản {version}, cần {PORT_VERSION}",
            f"written for port version {version}, not {PORT_VERSION}",
        )
    if inspect.isabstract(adapter):
        missing = ", ".join(sorted(adapter.__abstractmethods__))
        raise _wrong(point, f"thiếu {missing}", f"lacks {missing}")
    if (name := getattr(adapter, "name", None)) != point.name:
        raise _wrong(point, f"tự gọi là {name}", f"calls itself {name}")
    if not isinstance(getattr(adapter, "capabilities", None), Capabilities):
        raise _wrong(point, "thiếu capabilities", "lacks capabilities")
    _ensure_has_what_it_says(point, adapter)
    model: object = adapter.options_model
    if not (model is None or (inspect.isclass(model) and issubclass(model, BaseModel))):
        raise _wrong(point, "options_model sai", "options_model is no pydantic model")
    if not isinstance(getattr(adapter, "mapping", None), ListingMapping):
        raise _wrong(point, "thiếu mapping", "lacks mapping")
    return adapter


def _load_point(points: Sequence[EntryPoint]) -> object:
    """Return the object behind the one entry point of its name."""
    point = points[-1]
    if len(points) > 1:
        raise _wrong(point, "tên bị trùng", "the name is taken twice")
    try:
        found: object = point.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
        vi, en = f"không nạp được ({why})", f"cannot be loaded ({why})"
        raise _wrong(point, vi, en) from error
    return found


def _ensure_has_what_it_says(point: EntryPoint, adapter: type[Marketplace]) -> None:
    """Refuse an adapter whose capabilities and methods contradict each other."""
    if left := ", ".join(lacking_methods(adapter)):
        raise _wrong(
            point,
            f"thiếu {left} mà capabilities nói là có",
            f"lacks {left}, which its capabilities promise",
        )
    if adapter.capabilities.tells_sales and not adapter.capabilities.has_events:
        vi, en = "tells_sales mà không có thông báo", "tells_sales, but has no events"
        raise _wrong(point, vi, en)


def _wrong(point: EntryPoint, vietnamese: str, english: str) -> ConfigurationError:
    return ConfigurationError(
        f"sàn {point.name} ({point.value}): {vietnamese}"
        f" / marketplace {point.name}: {english}"
    )
