"""Compile each statement once for all databases of this process.

A service opens one database and compiles a statement the first time that it is
sent. A test opens a database of its own, and would compile all of them anew,
which took more time than anything else.
"""

from typing import Any

from sqlalchemy import Engine


class _Compiled(dict[Any, Any]):
    """What statements compile to, by the kind of the dialect and not the object."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_any_engine(key), value)


def _of_any_engine(key: Any) -> tuple[Any, ...]:
    dialect, *rest = key
    return type(dialect), *rest


def share_compiled_statements() -> None:
    """Let every engine of this process use what another one has compiled.

    An event of engines would do as well, but any that is listened to makes each
    statement slower.
    """
    compiled = _Compiled()
    Engine._compiled_cache = property(lambda _: compiled, lambda *_: None)  # type: ignore[assignment]
