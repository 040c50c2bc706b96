"""Idempotency-Keys in the database: for a day, each with its answer."""

import math
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.api.key_quota import KeyQuota
from ocop_sync.api.typed.idempotency import KeptAnswer, KeyUse
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import (
    ANSWER_ERASED,
    ANSWER_SHOWN_ONCE,
    KEY_IN_USE,
    KEY_REUSED,
    KEYS_FULL,
    OUTCOME_UNKNOWN,
)
from ocop_sync.clock import Clock
from ocop_sync.service.deployment import Deployment
from ocop_sync.store import idempotency_keys
from ocop_sync.store.db.database import Database
from ocop_sync.store.idempotency_keys import KeyState, StoredKey

KEPT_FOR: Final = timedelta(hours=24)

_DEAD_AFTER: Final = timedelta(minutes=15)
"""A call that has been under way for longer has died with its process."""
_MOSTLY_OVER_AFTER: Final = timedelta(minutes=1)
_SOON: Final = timedelta(seconds=5)
"""After how long to ask again for a call that may be over any moment."""


class KeptKeys:
    """The keys of calls, and their answers, for 24 hours.

    Args:
        database: Where they are.
        clock: The present instant, in UTC.
        quota: How much is kept of each caller.
    """

    def __init__(
        self, database: Database, clock: Clock, quota: KeyQuota | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._quota = quota or KeyQuota()

    async def begin(self, use: KeyUse) -> KeptAnswer | None:
        """Take the key; return the answer that was given to it before, if one was.

        Raises:
            ProblemError: As of `IdempotencyKeys.begin`.
        """

        async def work(conn: AsyncConnection) -> StoredKey | None:
            now = self._clock()
            await idempotency_keys.forget_before(conn, now - KEPT_FOR)
            if await self._has_room(conn, use.scope):
                return await idempotency_keys.take(
                    conn, use.scope, use.key, use.fingerprint, now
                )
            found = await idempotency_keys.find(conn, use.scope, use.key)
            if found is None:
                raise self._full(use.scope)
            return found

        found = await self._database.write(work)
        if found is None:
            self._quota.add(use.scope, keys=1)
            return None
        return self._answer(found, use)

    async def _has_room(self, conn: AsyncConnection, scope: str) -> bool:
        now = self._clock()
        if self._quota.is_to_be_counted(scope, now):
            kept = await idempotency_keys.kept_of(conn, scope)
            self._quota.note(scope, kept, now)
        return not self._quota.is_full(scope)

    def _full(self, scope: str) -> ProblemError:
        wait_s = self._quota.room_in_s(scope, self._clock(), KEPT_FOR)
        return ProblemError(
            KEYS_FULL,
            more=self._quota.bounds(),
            headers={"Retry-After": str(wait_s)},
        )

    def _answer(self, found: StoredKey, use: KeyUse) -> KeptAnswer:
        if found.fingerprint != use.fingerprint:
            raise ProblemError(KEY_REUSED)
        if found.state is KeyState.SHOWN_ONCE:
            raise ProblemError(ANSWER_SHOWN_ONCE)
        if found.state is KeyState.ERASED:
            raise ProblemError(ANSWER_ERASED)
        lasted = self._clock() - found.begun_at
        if found.state is KeyState.UNDER_WAY and lasted <= _DEAD_AFTER:
            raise ProblemError(
                KEY_IN_USE, headers={"Retry-After": _until_known(lasted)}
            )
        if found.state is not KeyState.DONE or found.status is None:
            raise ProblemError(OUTCOME_UNKNOWN)
        return KeptAnswer(
            status=found.status,
            headers=found.headers or {},
            body=(found.body or "").encode(),
        )

    async def fail_all_under_way(self) -> int:
        """Note of every call under way that nobody knows what was done.

        For a process that begins, and is the only one that serves this database: the
        one before it has died with them. Returns how many there were.
        """
        return await self._database.write(idempotency_keys.fail_all_under_way)

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
        if answer is not None:
            self._quota.add(use.scope, text=len(answer.body))

    async def release(self, use: KeyUse) -> None:
        """Free the key: nothing was done."""
        await self._database.write(
            lambda conn: idempotency_keys.release(conn, use.scope, use.key)
        )
        self._quota.add(use.scope, keys=-1)

    async def fail(self, use: KeyUse) -> None:
        """Note that nobody knows what was done."""
        await self._database.write(
            lambda conn: idempotency_keys.settle(
                conn, use.scope, use.key, KeyState.FAILED
            )
        )


async def keys_at_start(deployment: Deployment) -> KeptKeys:
    """Return the keys for a process that begins to serve.

    On SQLite its lock leaves nobody else who serves: what is under way has died.
    """
    keys = KeptKeys(deployment.database, deployment.clock)
    if deployment.database.dialect == "sqlite":
        await keys.fail_all_under_way()
    return keys


def _until_known(lasted: timedelta) -> str:
    """Return the seconds until it is known what became of a call, as far as is known.

    At first it is likely to be answered soon. One that has lasted for longer than calls
    do has most likely died, which is certain after a while.
    """
    is_new = lasted <= _MOSTLY_OVER_AFTER
    left = _SOON if is_new else _DEAD_AFTER - lasted
    return str(math.floor(left.total_seconds()) + (0 if is_new else 1))
