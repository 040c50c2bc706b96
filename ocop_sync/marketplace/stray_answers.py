"""Keep the connections that all adapters share, and send nothing into a spoiled one.

Some servers and proxies answer a call twice. The second answer reaches a kept
connection while nobody is asking, and aiohttp would take it for the answer to the next
request: a write would look as if it had been applied.
"""

from collections.abc import Callable, Mapping

import aiohttp


class StrayAnswerError(aiohttp.ClientConnectionError):
    """Nothing was sent: the connection held an answer that nobody asked for."""


class CleanRequest(aiohttp.ClientRequest):
    """A request that is sent only where nothing has come in before."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        """Send it.

        Raises:
            StrayAnswerError: Nothing was sent; the connection is closed.
        """
        if conn.protocol is not None and conn.protocol.should_close:
            raise StrayAnswerError
        return await super().send(conn)


def open_session(
    hear: Callable[[str, Mapping[str, str]], None] | None = None,
) -> aiohttp.ClientSession:
    """Open the session that all adapters share; close it when done.

    It keeps no cookies, reads no proxy or password from the environment, and
    unpacks nothing. Must be called in a running event loop.

    Args:
        hear: Told of the host and the headers of each answer, whoever calls.
    """
    connector = aiohttp.TCPConnector(
        limit=256,
        limit_per_host=64,  # more connections to one host bought no speed
        # Many servers close an idle connection after 5 s. A write sent into
        # that moment would be lost, and its outcome unknown.
        keepalive_timeout=4,
    )
    return aiohttp.ClientSession(
        connector=connector,
        request_class=CleanRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "ocop-sync"},
        trust_env=False,
        auto_decompress=False,
        trace_configs=[] if hear is None else [_telling(hear)],
    )


def _telling(hear: Callable[[str, Mapping[str, str]], None]) -> aiohttp.TraceConfig:
    async def tell(
        session: aiohttp.ClientSession,
        context: object,
        answered: aiohttp.TraceRequestEndParams,
    ) -> None:
        del session, context
        hear(answered.url.host or "", answered.response.headers)

    config = aiohttp.TraceConfig()
    config.on_request_end.append(tell)
    return config
