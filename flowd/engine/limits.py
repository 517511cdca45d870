"""How often a credential may be used: counted in the daemon, over all connections and runs that share it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from pydantic import SecretStr

from flowd.api import RateLimit
from flowd.domain.time import tick_at_or_before
from flowd.engine.clock import Clock
from flowd.errors import DatabaseAway, DatabaseUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was decided about one request: wait so many seconds, or (with `refused`) come back after so many."""

    wait: float = 0.0
    refused: str | None = None
    after: float = 0.0
    budget_left: int | None = None


class BudgetBook(Protocol):
    """Where used budgets are written down, so that they survive a restart."""

    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:
        """Add `count` requests to a period and return how many there are now."""


@dataclass(slots=True)
class _Budget:
    period: datetime
    used: int = 0
    unsaved: int = 0


class RateLimits:
    """Hands out turns, so that no credential makes more than `calls` requests in any stretch of `per`."""

    def __init__(self, *, clock: Clock, book: BudgetBook, away: Callable[[], bool]) -> None:
        self._clock = clock
        self._book = book
        self._away = away
        self._lock = threading.Lock()
        self._turns: dict[str, deque[float]] = {}
        self._budgets: dict[str, _Budget] = {}

    def take(self, credential: str, limit: RateLimit, left: float) -> Turn:
        """Reserve a turn for a run that has `left` seconds; a turn that would come too late is not used up."""
        per = limit.per.total_seconds()
        with self._lock:
            turns = self._turns.setdefault(credential, deque(maxlen=limit.calls))
            now = self._clock.monotonic()
            at = max(now, turns[0] + per) if len(turns) == limit.calls else now
            wait = at - now
            if wait > left:
                return Turn(refused=f"{limit.calls} requests in {limit.per} are allowed, and made", after=wait)
            budget_left: int | None = None
            if limit.budget is not None:
                after, budget_left = self._spend(credential, limit.budget, limit.budget_per)
                if after is not None:
                    refused = f"the budget of {limit.budget} requests in {limit.budget_per} is used up"
                    return Turn(refused=refused, after=after.total_seconds(), budget_left=0)
            turns.append(at)
            return Turn(wait=wait, budget_left=budget_left)

    def _spend(self, credential: str, budget: int, per: timedelta) -> tuple[timedelta | None, int]:
        """Count one request; return when there is more if there is none left, and how many are left."""
        now = self._clock.now()
        period = tick_at_or_before(now, per)
        known = self._budgets.get(credential)
        # A clock that was put back does not open a budget again.
        if known is None or period > known.period:
            known = self._budgets[credential] = _Budget(period=period)
        if known.used >= budget:
            return known.period + per - now, 0
        count = known.unsaved + 1
        try:
            if self._away():
                raise DatabaseAway("the database is away")
            known.used = self._book.take_budget(credential, known.period, count)
            known.unsaved = 0
        except (DatabaseAway, DatabaseUnusable):
            # Counted here until it can be written down.
            known.used += 1
            known.unsaved = count
        if known.used > budget:
            return known.period + per - now, 0
        return None, budget - known.used


def credential_of(connector: str, secrets: Iterable[SecretStr]) -> str:
    """Return a name for the credential a connection uses, which does not tell it; without secrets, the connector's."""
    digest = blake2b(connector.encode(), digest_size=16)
    for secret in sorted(secret.get_secret_value() for secret in secrets):
        digest.update(f"{len(secret)}:{secret}".encode())
    return f"{connector}:{digest.hexdigest()}"
