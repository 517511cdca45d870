"""How often a credential may be used: counted in the daemon, over all connections and runs that share it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Protocol

from pydantic import SecretStr

from flowd.api import RateLimit, Scope
from flowd.domain.time import tick_at_or_before
from flowd.engine.clock import Clock
from flowd.errors import DatabaseAway, DatabaseUnusable

#: Weights are added up as floats: what is over by less than this is not over.
_HAIR: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was decided about one request: wait so many seconds, or (with `refused`) come back after so many."""

    wait: float = 0.0
    refused: str | None = None
    after: float = 0.0
    budget_left: int | None = None
    budget: int = 0


class BudgetBook(Protocol):
    """Where used budgets are written down, so that they survive a restart."""

    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:
        """Add `count` requests to a period and return how many there are now."""

    def used_budget(self, credential: str, period: datetime) -> int:
        """Return how many requests a period has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLeft:
    """What is left of a budget: so many requests of so many, and when there are all of them again."""

    left: int
    of: int
    renewed_at: datetime


@dataclass(slots=True)
class _Budget:
    period: datetime
    used: int = 0
    unsaved: int = 0


class _Window:
    """The turns given under one limit: when each is, and how much it weighs."""

    def __init__(self, limit: RateLimit) -> None:
        self._calls = float(limit.calls)
        self._per = limit.per.total_seconds()
        self._turns: deque[tuple[float, float]] = deque()
        self._weight = 0.0

    def next(self, weight: float, now: float) -> float:
        """Return when a turn of `weight` may be, at the earliest: after the turns given before."""
        at = max(now, self._turns[-1][0]) if self._turns else now
        while self._turns and self._turns[0][0] + self._per <= at:
            self._weight -= self._turns.popleft()[1]
        used = self._weight if self._turns else 0.0
        # What is too heavy for the whole window gets it to itself.
        room = max(0.0, self._calls - weight)
        for given, weighs in self._turns:
            if used <= room + _HAIR:
                break
            used -= weighs
            at = max(at, given + self._per)
        return at

    def give(self, weight: float, at: float) -> None:
        """Take note of a turn."""
        self._turns.append((at, weight))
        # Begun anew where it can be, so that rounding does not add up.
        self._weight = weight if len(self._turns) == 1 else self._weight + weight


class RateLimits:
    """Hands out turns, so that nobody makes requests of more than `calls` in any stretch of `per`."""

    def __init__(self, *, clock: Clock, book: BudgetBook, away: Callable[[], bool]) -> None:
        self._clock = clock
        self._book = book
        self._away = away
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = {}
        self._budgets: dict[str, _Budget] = {}

    def take(self, credential: str, limit: RateLimit, left: float, weight: float = 1) -> Turn:
        """Reserve a turn for a run that has `left` seconds; a turn that would come too late is not used up."""
        return self.take_all([(credential, limit)], left, weight)

    def take_all(self, limits: Sequence[tuple[str, RateLimit]], left: float, weight: float = 1) -> Turn:
        """Reserve a turn that keeps to all of `limits`, each counted under its name."""
        with self._lock:
            now = at = self._clock.monotonic()
            windows = [self._windows.setdefault(name, _Window(limit)) for name, limit in limits]
            for (_, limit), window in zip(limits, windows, strict=True):
                at = max(at, window.next(weight, now))
                if at - now > left:
                    return Turn(refused=f"{limit.calls} requests in {limit.per} are allowed, and made", after=at - now)
            budget_left: int | None = None
            budget = 0
            for name, limit in limits:
                if limit.budget is not None:
                    after, still = self._spend(name, limit.budget, limit.budget_per)
                    if after is not None:
                        refused = f"the budget of {limit.budget} requests in {limit.budget_per} is used up"
                        return Turn(refused=refused, after=after.total_seconds(), budget_left=0, budget=limit.budget)
                    if budget_left is None or still < budget_left:
                        budget_left, budget = still, limit.budget
            for window in windows:
                window.give(weight, at)
            return Turn(wait=at - now, budget_left=budget_left, budget=budget)

    def left(self, limits: Sequence[tuple[str, RateLimit]]) -> BudgetLeft | None:
        """Return what is left of the tightest budget among `limits`, spending nothing; None where there is no budget.

        Raises DatabaseAway where nobody knows what was spent before.
        """
        with self._lock:
            found = [
                self._look(name, limit.budget, limit.budget_per) for name, limit in limits if limit.budget is not None
            ]
        return min(found, key=lambda one: one.left, default=None)

    def _look(self, credential: str, budget: int, per: timedelta) -> BudgetLeft:
        period = tick_at_or_before(self._clock.now(), per)
        known = self._budgets.get(credential)
        if known is not None and known.period >= period:
            period, used = known.period, known.used
        else:
            used = self._book.used_budget(credential, period)
        return BudgetLeft(left=max(0, budget - used), of=budget, renewed_at=period + per)

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


def credential_of(connector: str, secrets: Iterable[SecretStr], linked: str = "") -> str:
    """Return a name for the credential a connection uses, which does not tell it; without secrets, the connector's.

    `linked` names the connection where it has tokens of its own beside its secrets.
    """
    digest = blake2b(f"{connector}{linked and f'/{linked}'}".encode(), digest_size=16)
    for secret in sorted(secret.get_secret_value() for secret in secrets):
        digest.update(f"{len(secret)}:{secret}".encode())
    return f"{connector}:{digest.hexdigest()}"


def counted(connector: str, credential: str, limits: Sequence[RateLimit], host: str) -> Sequence[tuple[str, RateLimit]]:
    """Return the names under which a request to `host` is counted, one for each limit of its connector."""
    named = [(f"{connector}@{host}" if limit.scope is Scope.HOST else credential, limit) for limit in limits]
    return [(name if place == 0 else f"{name}#{place}", limit) for place, (name, limit) in enumerate(named)]
