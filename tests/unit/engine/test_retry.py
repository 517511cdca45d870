"""What follows from how a run ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowd.engine.retry import Health, News, Outcome, State, pause_after, step

AT = datetime(2026, 3, 1, tzinfo=UTC)
NEW = Health(state=State.NEW, since=AT)


def pause(outcome: Outcome, failures: int = 1, after: timedelta | None = None, chance: float = 0.0) -> timedelta | None:
    return pause_after(outcome, failures, after=after, chance=chance)


def test_success_goes_on_at_the_next_tick() -> None:
    assert pause(Outcome.DONE) is None
    assert pause(Outcome.INTERRUPTED) is None


def test_a_run_that_flowds_own_limit_ended_goes_on_as_soon_as_there_is_more() -> None:
    assert pause(Outcome.DONE, after=timedelta(minutes=3)) == timedelta(minutes=3)
    assert pause(Outcome.PARTIAL, after=timedelta(minutes=3)) is None


def test_pauses_double_up_to_fifteen_minutes() -> None:
    found = [pause(Outcome.FAILED, failures) for failures in range(1, 12)]
    assert found[:4] == [timedelta(seconds=seconds) for seconds in (5, 10, 20, 40)]
    assert found[-1] == timedelta(minutes=15)
    assert pause(Outcome.RETRY, 10_000) == timedelta(minutes=15)


def test_chance_spreads_pauses_but_never_shortens_what_the_source_asked_for() -> None:
    assert pause(Outcome.RETRY, 2, chance=0.99) < timedelta(seconds=10)  # type: ignore[operator]
    asked = timedelta(hours=3)
    for chance in (0.0, 0.5, 0.999):
        found = pause(Outcome.RETRY, 1, asked, chance)
        assert found is not None
        assert asked <= found <= asked + timedelta(minutes=3)


def test_what_waits_for_a_person_is_tried_hourly() -> None:
    assert pause(Outcome.AUTH) == timedelta(hours=1)
    assert pause(Outcome.CONFIG) == timedelta(hours=1)


def test_a_source_cannot_ask_for_more_than_two_days() -> None:
    found = pause(Outcome.RETRY, 1, timedelta(days=4000))
    assert found is not None
    assert found <= timedelta(days=2, minutes=3)


def test_a_hiccup_is_no_news_but_three_failures_are_told_once() -> None:
    health = step(NEW, Outcome.DONE, at=AT).health
    told = []
    for _ in range(5):
        now = step(health, Outcome.RETRY, at=AT, reason="busy")
        told.append(now.news)
        health = now.health
    assert told == [News.NONE, News.NONE, News.LOST, News.NONE, News.NONE]
    assert health.failures == 5
    back = step(health, Outcome.DONE, at=AT)
    assert back.news is News.BACK
    assert back.health == Health(state=State.HEALTHY, since=AT, last_success=AT)
    assert step(back.health, Outcome.DONE, at=AT).news is News.NONE


def test_a_hiccup_that_passes_tells_nobody_anything() -> None:
    health = step(NEW, Outcome.RETRY, at=AT).health
    assert step(health, Outcome.DONE, at=AT).news is News.NONE


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.AUTH, State.NEEDS_REAUTH), (Outcome.CONFIG, State.MISCONFIGURED)]
)
def test_what_a_person_must_mend_is_told_at_once_and_once(outcome: Outcome, state: State) -> None:
    first = step(NEW, outcome, at=AT, reason="no")
    assert (first.health.state, first.changed, first.news) == (state, True, News.LOST)
    second = step(first.health, outcome, at=AT + timedelta(hours=1), reason="no")
    assert (second.changed, second.news) == (False, News.NONE)
    assert second.health.since == AT
    assert step(second.health, Outcome.DONE, at=AT).news is News.BACK


def test_failing_that_turns_into_a_refused_key_is_news_again() -> None:
    health = NEW
    for _ in range(3):
        health = step(health, Outcome.RETRY, at=AT).health
    assert step(health, Outcome.AUTH, at=AT).news is News.LOST


def test_a_feed_that_lacks_something_is_told_after_three_runs_and_is_back_when_whole() -> None:
    health, told = NEW, []
    for minute in range(5):
        now = step(health, Outcome.PARTIAL, at=AT + timedelta(minutes=minute), reason="earn: 503")
        told.append(now.news)
        health = now.health
    assert told == [News.NONE, News.NONE, News.LOST, News.NONE, News.NONE]
    assert (health.state, health.reason, health.failures) == (State.PARTIAL, "earn: 503", 5)
    # What could be read is as fresh as can be.
    assert (health.since, health.last_success) == (AT, AT + timedelta(minutes=4))
    assert pause(Outcome.PARTIAL, 5) is None
    assert step(health, Outcome.DONE, at=AT).news is News.BACK


def test_lacking_something_and_failing_are_two_troubles() -> None:
    health, told = NEW, []
    for outcome in [*[Outcome.FAILED] * 3, *[Outcome.PARTIAL] * 4, *[Outcome.RETRY] * 4]:
        now = step(health, outcome, at=AT)
        told.append(now.news is News.LOST)
        health = now.health
    assert [number for number, one in enumerate(told) if one] == [2, 5, 9]
    assert health.failures == 4
    hiccup = step(step(NEW, Outcome.PARTIAL, at=AT).health, Outcome.FAILED, at=AT + timedelta(hours=1))
    assert (hiccup.health.failures, hiccup.health.last_success, hiccup.news) == (1, AT, News.NONE)


def test_an_interrupted_run_changes_nothing() -> None:
    health = step(NEW, Outcome.RETRY, at=AT).health
    assert step(health, Outcome.INTERRUPTED, at=AT).health is health
