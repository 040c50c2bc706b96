"""Work that one process of this program has done by another: how it goes over a socket.

The one that asks has a `Partner`; the other answers (`answer_all`) over what it has
opened itself, a deployment mostly, by turns, as on any event loop. Danger: what is
unpickled can do anything. Both ends are this program, and nothing that callers send is
unpickled: it is within the values, as text.
"""

import asyncio
import logging
import pickle
import socket
import traceback
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import count
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from catalog.errors import CatalogError
from ocop_sync.errors import LongWorkDiedError, OcopSyncError
from ocop_sync.redaction import redact
from ocop_sync.subject import about, subject

P = ParamSpec("P")
T = TypeVar("T")

_HEAD: Final = 8

_log = logging.getLogger(__name__)


def frame_of(value: object) -> bytes:
    """Return *value* as it goes over the socket.

    Raises:
        Exception: It cannot be pickled.
    """
    content = pickle.dumps(value)
    return len(content).to_bytes(_HEAD) + content


async def receive(reader: StreamReader) -> Any:
    """Return the next value.

    Raises:
        asyncio.IncompleteReadError: The other end is gone.
    """
    length = int.from_bytes(await reader.readexactly(_HEAD))
    return pickle.loads(await reader.readexactly(length))  # noqa: S301  (ours)


class Raised:
    """An error that a use case has raised, as it goes over the socket.

    Errors are made without their constructors: those need not take what `args` holds.
    """

    def __init__(self, error: BaseException) -> None:
        self._kind = type(error)
        self._args = error.args
        self._more = dict(error.__dict__)

    def error(self) -> BaseException:
        """Return the error."""
        made = self._kind.__new__(self._kind, *self._args)
        made.args = self._args
        made.__dict__.update(self._more)
        return made


class Partner:
    """The other process, as long as it answers."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = count()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def at(cls, ours: socket.socket) -> Self:
        """Return the one at the other end of a socket, which is closed with it."""
        return cls(*await asyncio.open_connection(sock=ours))

    @property
    def has_gone(self) -> bool:
        """Say whether it answers no more."""
        return self._listening.done()

    def tell(self, value: object) -> None:
        """Hand over what it receives before any work."""
        self._writer.write(frame_of(value))

    async def do(
        self,
        use_case: Callable[Concatenate[Any, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return the result of *use_case*, carried out there over what is opened there.

        Raises:
            LongWorkDiedError: It has gone: nobody knows what was done.
            Exception: What the use case has raised.
        """
        number = next(self._numbers)
        work = partial(_work, dict(subject()), use_case, args, named)
        content = frame_of((number, work))
        answered = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            if self.has_gone:
                raise LongWorkDiedError
            self._writer.write(content)
            found: T = await answered
            return found
        finally:
            del self._asked[number]

    async def aclose(self) -> None:
        """Close the socket; what is under way there is not awaited."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._writer.close()

    async def _listen(self) -> None:
        try:
            while True:
                number, result = await receive(self._reader)
                answered = self._asked.get(number)
                if answered is None or answered.done():
                    continue  # who asked has gone
                if isinstance(result, Raised):
                    answered.set_exception(result.error())
                else:
                    answered.set_result(result)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for each in self._asked.values():
                if not each.done():
                    each.set_exception(LongWorkDiedError())


async def _work(
    subject: Mapping[str, str],
    use_case: Callable[..., Awaitable[T]],
    args: Any,
    named: Any,
    opened: object,
) -> T:
    """Carry *use_case* out: over there what is opened is put before its arguments.

    What is logged there has the subject that it has here.
    """
    with about(**subject):
        return await use_case(opened, *args, **named)


async def answer_all(
    opened: object, reader: StreamReader, writer: StreamWriter
) -> None:
    """Do all that is asked for over *opened*, until the socket is closed."""
    under_way = set[asyncio.Task[None]]()
    while True:
        try:
            asked = await receive(reader)
        except asyncio.IncompleteReadError:
            break
        task = asyncio.create_task(_answer(opened, writer, *asked))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way, return_exceptions=True)


async def _answer(
    opened: object,
    writer: StreamWriter,
    number: int,
    work: Callable[[Any], Awaitable[object]],
) -> None:
    try:
        content = frame_of((number, await work(opened)))
    except Exception as error:  # noqa: BLE001  (raised again where it was asked for)
        content = _of_error(number, error)
    writer.write(content)
    await writer.drain()


def _of_error(number: int, error: Exception) -> bytes:
    """Return *error* for the other end, with the place where a defect showed."""
    if not isinstance(error, OcopSyncError | CatalogError):
        error.add_note(redact("".join(traceback.format_exception(error))))
    try:
        return frame_of((number, Raised(error)))
    except Exception:  # noqa: BLE001  (whoever waits for an answer gets one)
        _log.exception("an error cannot be handed on")
        return frame_of((number, Raised(RuntimeError(type(error).__name__))))
