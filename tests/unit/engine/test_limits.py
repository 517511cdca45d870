"""Turns under declared limits, and budgets that survive."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flowd.api import RateLimit, Scope
from flowd.engine.limits import RateLimits, Turn, counted, credential_of
from flowd.errors import DatabaseAway
from flowd.testing.fakes import FakeClock

SECOND = timedelta(seconds=1)


class Book:
    """Budgets as the database keeps them."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, datetime], int] = {}
        self.away = False

    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:
        if self.away:
            raise DatabaseAway("away")
        self.used[credential, period] = self.used.get((credential, period), 0) + count
        return self.used[credential, period]

    def used_budget(self, credential: str, period: datetime) -> int:
        return self.used.get((credential, period), 0)


def limits(clock: FakeClock, book: Book | None = None) -> RateLimits:
    return RateLimits(clock=clock, book=book or Book(), away=lambda: False)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 5))
def test_no_stretch_of_the_period_ever_holds_more_turns_than_allowed(pauses: list[float], calls: int) -> None:
    clock = FakeClock()
    rates = limits(clock)
    limit = RateLimit(calls=calls, per=SECOND)
    turns = []
    for pause in pauses:
        clock.advance(timedelta(seconds=pause))
        turn = rates.take("key", limit, left=1000)
        assert turn.refused is None
        turns.append(clock.monotonic() + turn.wait)
    for first, late in zip(turns, turns[calls:], strict=False):
        assert late - first >= 1 - 1e-6


def test_a_turn_that_would_come_too_late_is_refused_and_not_used_up() -> None:
    clock = FakeClock()
    rates = limits(clock)
    limit = RateLimit(calls=1, per=timedelta(minutes=1))
    assert rates.take("key", limit, left=10) == Turn(wait=0)
    late = rates.take("key", limit, left=10)
    assert late.refused is not None
    assert late.after == 60
    clock.advance(timedelta(minutes=1))
    assert rates.take("key", limit, left=10).wait == 0


def test_credentials_do_not_share_turns() -> None:
    clock = FakeClock()
    rates = limits(clock)
    limit = RateLimit(calls=1, per=SECOND)
    assert rates.take("one", limit, 10).wait == 0
    assert rates.take("two", limit, 10).wait == 0
    assert rates.take("one", limit, 10).wait == 1


def budget(calls: int) -> RateLimit:
    return RateLimit(calls=100, per=SECOND, budget=calls, budget_per=timedelta(days=1))


def test_a_budget_is_spent_once_whatever_restarts() -> None:
    clock, book = FakeClock(), Book()
    first = limits(clock, book)
    turns = [first.take("key", budget(4), 10) for _ in range(3)]
    assert [(turn.budget_left, turn.budget) for turn in turns] == [(3, 4), (2, 4), (1, 4)]
    second = limits(clock, book)
    assert second.take("key", budget(4), 10).budget_left == 0
    spent = second.take("key", budget(4), 10)
    assert spent.refused is not None
    # FakeClock starts at noon: the next day is twelve hours away.
    assert spent.after == 12 * 3600
    clock.advance(timedelta(hours=12))
    assert second.take("key", budget(4), 10).budget_left == 3


def test_a_clock_put_back_opens_no_budget_again() -> None:
    clock = FakeClock()
    rates = limits(clock)
    for _ in range(2):
        assert rates.take("key", budget(2), 10).refused is None
    clock.step(-timedelta(days=3))
    assert rates.take("key", budget(2), 10).refused is not None


def test_while_the_database_is_away_requests_are_counted_and_written_down_later() -> None:
    clock, book = FakeClock(), Book()
    rates = limits(clock, book)
    rates.take("key", budget(4), 10)
    book.away = True
    assert [rates.take("key", budget(4), 10).budget_left for _ in range(2)] == [2, 1]
    book.away = False
    assert rates.take("key", budget(4), 10).budget_left == 0
    assert list(book.used.values()) == [4]
    assert rates.take("key", budget(4), 10).refused is not None


def test_a_credential_is_named_without_being_told() -> None:
    key = SecretStr("abcdefgh")
    name = credential_of("blofin", [key])
    assert "abcdefgh" not in name
    assert name == credential_of("blofin", [SecretStr("abcdefgh")])
    assert name != credential_of("binance", [key])
    assert credential_of("ecb", []) == credential_of("ecb", [])


def test_requests_weigh_what_they_are_said_to_weigh() -> None:
    clock = FakeClock()
    rates = limits(clock)
    limit = RateLimit(calls=10, per=SECOND)
    assert rates.take("key", limit, 10, weight=6).wait == 0
    assert rates.take("key", limit, 10, weight=4).wait == 0
    clock.advance(timedelta(seconds=0.25))
    assert rates.take("key", limit, 10, weight=0.5).wait == 0.75
    assert rates.take("key", limit, 10, weight=50).wait == 1.75


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0.1, 7)), min_size=1, max_size=60), st.integers(7, 12))
def test_no_stretch_of_the_period_ever_weighs_more_than_allowed(asked: list[tuple[float, float]], calls: int) -> None:
    clock = FakeClock()
    rates = limits(clock)
    limit = RateLimit(calls=calls, per=SECOND)
    turns: list[tuple[float, float]] = []
    for pause, weight in asked:
        clock.advance(timedelta(seconds=pause))
        turns.append((clock.monotonic() + rates.take("key", limit, 1000, weight).wait, weight))
    for at, _ in turns:
        assert sum(weight for other, weight in turns if at <= other < at + 1 - 1e-6) <= calls + 1e-6


def test_a_turn_keeps_to_every_limit_and_is_not_used_up_where_one_refuses() -> None:
    clock = FakeClock()
    rates = limits(clock)
    second, minute = RateLimit(calls=1, per=SECOND), RateLimit(calls=2, per=timedelta(minutes=1))
    both = [("key", second), ("key#1", minute)]
    assert [rates.take_all(both, 10).wait for _ in range(2)] == [0, 1]
    assert rates.take_all(both, 10).refused is not None
    assert rates.take("key", second, 10).wait == 2


def test_connections_that_ask_one_host_share_its_limit() -> None:
    per_host = RateLimit(calls=1, per=SECOND, scope=Scope.HOST)
    per_key = RateLimit(calls=1, per=SECOND)
    one = counted("exchange", "exchange:aaa", [per_host, per_key], "api.example")
    other = counted("exchange", "exchange:bbb", [per_host, per_key], "api.example")
    assert [name for name, _ in one] == ["exchange@api.example", "exchange:aaa#1"]
    assert one[0] == other[0]
    assert one[1] != other[1]


def test_what_is_left_of_a_budget_is_told_without_spending_it() -> None:
    clock, book = FakeClock(), Book()
    rates = limits(clock, book)
    day, hour = timedelta(days=1), timedelta(hours=1)
    tight = RateLimit(calls=100, per=SECOND, budget=4, budget_per=day)
    wide = RateLimit(calls=100, per=SECOND, budget=900, budget_per=hour)
    free = RateLimit(calls=100, per=SECOND)
    named = [("a", tight), ("a#1", wide), ("a#2", free)]
    for _ in range(3):
        rates.take_all(named, left=10)
    assert (rates.left([("a#2", free)]), rates.left([])) == (None, None)
    found = rates.left(named)
    assert found is not None
    assert (found.left, found.of, found.renewed_at > clock.now()) == (1, 4, True)
    # Another process knows it from the book, and a new day has it all again.
    assert limits(clock, book).left(named) == found
    clock.step(day)
    anew = rates.left(named)
    assert anew is not None
    assert anew.left == 4
    assert book.used["a", found.renewed_at - day] == 3


def test_linked_connections_of_one_application_are_counted_apart() -> None:
    app = [SecretStr("the-application")]
    assert credential_of("bank", app, "mine") != credential_of("bank", app, "yours")
    assert credential_of("bank", app, "mine") == credential_of("bank", app, "mine")
    assert credential_of("bank", app) == credential_of("bank", app, "")
