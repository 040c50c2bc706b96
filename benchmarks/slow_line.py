"""A line on the loopback on which every answer comes later: a network's latency.

    python -m benchmarks.slow_line http://127.0.0.1:9101 400

It is a process of its own, as its work is no part of what is measured. Requests pass at
once; each part of an answer is handed on so many milliseconds after it came, in order.
"""

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_MOST = 65_536
"""Bytes that are handed on at once."""


@contextmanager
def slow_line(url: str, latency_ms: int) -> Iterator[str]:
    """Open a line to *url*; yield the address of its near end."""
    command = [sys.executable, "-m", __name__, url, str(latency_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None  # noqa: S101  (it is a pipe)
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


async def _hand_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
) -> None:
    """Hand on all that comes, *delay_s* seconds later."""
    now = asyncio.get_running_loop().time
    parts: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            due, part = await parts.get()
            await asyncio.sleep(due - now())
            if not part:
                return
            writer.write(part)
            await writer.drain()

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        part = b"-"
        while part:
            part = await reader.read(_MOST)
            parts.put_nowait((now() + delay_s, part))
    writer.close()


async def serve(url: str, latency_s: float) -> None:
    """Serve the line until the process is ended."""
    there = urlsplit(url)

    async def connect(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        far = await asyncio.open_connection(there.hostname, there.port)
        with suppress(ExceptionGroup):  # one side has hung up
            async with asyncio.TaskGroup() as group:
                group.create_task(_hand_on(reader, far[1], 0))
                group.create_task(_hand_on(far[0], writer, latency_s))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("latency_ms", type=int)
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(given.url, given.latency_ms / 1000))


if __name__ == "__main__":
    main()
