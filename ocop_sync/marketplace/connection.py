"""Send nothing into a connection on which an answer is waiting already.

Some servers and proxies answer a call twice. The second answer reaches a kept
connection while nobody is asking, and aiohttp would take it for the answer to the next
request: a write would look as if it had been applied.
"""

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
