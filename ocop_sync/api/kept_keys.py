"""Idempotency-Keys in the database: for a day, each with its answer."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.api.typed.idempotency import KeptAnswer, KeyUse
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import (
    ANSWER_SHOWN_ONCE,
    KEY_IN_USE,
    KEY_REUSED,
    OUTCOME_UNKNOWN,
)
from ocop_sync.clock import Clock
from ocop_sync.store import idempotency_keys
from ocop_sync.store.db.database import Database
from ocop_sync.store.idempotency_keys import KeyState, StoredKey

KEPT_FOR: Final = timedelta(hours=24)

_DEAD_AFTER: Final = timedelta(minutes=15)
"""A call that has been under way for longer has died with its process."""


class KeptKeys:
    """The keys of calls, and their answers, for 24 hours.

    Args:
        database: Where they are.
        clock: The present instant, in UTC.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, use: KeyUse) -> KeptAnswer | None:
        """Take the key; return the answer that was given to it before, if one was.

        Raises:
            ProblemError: As of `IdempotencyKeys.begin`.
        """

        async def work(conn: AsyncConnection) -> StoredKey | None:
            now = self._clock()
            await idempotency_keys.forget_before(conn, now - KEPT_FOR)
            return await idempotency_keys.take(
                conn, use.scope, use.key, use.fingerprint, now
            )

        found = await self._database.write(work)
        return None if found is None else self._answer(found, use)

    def _answer(self, found: StoredKey, use: KeyUse) -> KeptAnswer:
        if found.fingerprint != use.fingerprint:
            raise ProblemError(KEY_REUSED)
        if found.state is KeyState.SHOWN_ONCE:
            raise ProblemError(ANSWER_SHOWN_ONCE)
        is_dead = self._clock() - found.begun_at > _DEAD_AFTER
        if found.state is KeyState.UNDER_WAY and not is_dead:
            raise ProblemError(KEY_IN_USE, headers={"Retry-After": "5"})
        if found.state is not KeyState.DONE or found.status is None:
            raise ProblemError(OUTCOME_UNKNOWN)
        return KeptAnswer(
            status=found.status,
            headers=found.headers or {},
            body=(found.body or "").encode(),
        )

    async def finish(self, use: KeyUse, answer: KeptAnswer | None) -> None:
        """Keep the answer; None for one that is shown once."""

        async def work(conn: AsyncConnection) -> None:
            if answer is None:
                await idempotency_keys.settle(
                    conn, use.scope, use.key, KeyState.SHOWN_ONCE
                )
                return
            await idempotency_keys.settle(
                conn,
                use.scope,
                use.key,
                KeyState.DONE,
                status=answer.status,
                headers=answer.headers,
                body=answer.body.decode(),
            )

        await self._database.write(work)

    async def release(self, use: KeyUse) -> None:
        """Free the key: nothing was done."""
        await self._database.write(
            lambda conn: idempotency_keys.release(conn, use.scope, use.key)
        )

    async def fail(self, use: KeyUse) -> None:
        """Note that nobody knows what was done."""
        await self._database.write(
            lambda conn: idempotency_keys.settle(
                conn, use.scope, use.key, KeyState.FAILED
            )
        )
