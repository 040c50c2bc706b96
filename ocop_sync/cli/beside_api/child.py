"""A process of this program that belongs to another one, which has started it.

It is in a process group of its own, so that Ctrl-C reaches the process at the terminal
alone; that one tells it over its life line, which is its standard input. It stays in
our session: Linux shares processors out by sessions, and it would get another's share.
Its log goes where ours goes.
"""

import asyncio
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress

from ocop_sync.cli.app.event_loop import own_group
from ocop_sync.cli.beside_api.frames import Partner
from ocop_sync.cli.beside_api.life_line import STOP, WAKE


class Child:
    """A process that was started.

    Attributes:
        partner: Whoever answers there.
    """

    def __init__(self, process: Process, partner: Partner) -> None:
        assert process.stdin is not None  # noqa: S101  (it is a pipe)
        self.partner = partner
        self._process = process
        self._line = process.stdin

    async def wait(self) -> int:
        """Wait for its end; return its exit code, that of a signal below 0."""
        return await self._process.wait()

    def wake(self) -> None:
        """Have it look for work; dropped while earlier words are unread."""
        if not self._line.transport.get_write_buffer_size():
            self._tell(WAKE)

    def stop(self) -> None:
        """Ask it to stop in order."""
        self._tell(STOP)

    def end(self) -> None:
        """End it there and then."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def _tell(self, word: bytes) -> None:
        if self._process.returncode is None and not self._line.is_closing():
            self._line.write(word)


@asynccontextmanager
async def started(*words: str) -> AsyncIterator[Child]:
    """Run this Python with *words*, in a process that has ended when the block has.

    Its last argument is the number of the socket by which it answers.
    """
    async with AsyncExitStack() as stack:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                # Danger: without -P a folder that is called as ours, where we were
                # started, would be run instead.
                *(sys.executable, "-P", *words, str(theirs.fileno())),
                stdin=PIPE,
                pass_fds=[theirs.fileno()],
                **own_group(),
            )
        partner = await stack.enter_async_context(aclosing(await Partner.at(ours)))
        child = Child(process, partner)
        stack.push_async_callback(child.wait)
        stack.callback(child.end)
        yield child
