"""Health: one case per rule, and which of two rules wins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from flowd.analytics.statistics.coming import Coming, coming
from flowd.analytics.statistics.health import Condition, Health, Signs, health, together
from flowd.analytics.statistics.trend import MONTHS, WEEKS, trend
from flowd.api import Series

DAY = date(2026, 3, 9)
NOW = datetime(2026, 3, 10, tzinfo=UTC)
NAN = float("nan")
MONTHLY = Coming(last=date(2026, 2, 25), usual=30.0, longest=32, patience=45)


def judged(days: NDArray[np.float64], **more: Any) -> Health:
    step = more.pop("step", WEEKS)
    values: dict[str, Any] = {"as_of": DAY, "now": NOW, "currency": "EUR", "coming": MONTHLY, **more}
    return health(Signs(days=days, step=step, trend=trend(days, step, "EUR"), **values))


def steady(count: int = 200) -> NDArray[np.float64]:
    return 100 + np.random.Generator(np.random.PCG64(1)).standard_normal(count)


def test_stable_says_how_much_and_how_steadily() -> None:
    found = judged(steady())
    assert found.condition is Condition.STABLE
    assert "EUR a day; its weeks differ by 0." in found.reason


def test_growing_and_declining_are_the_trends() -> None:
    assert judged(steady() + np.arange(200)).condition is Condition.GROWING
    assert judged(steady() + np.arange(200)[::-1]).condition is Condition.DECLINING


def test_a_source_that_is_not_read_is_stale_whatever_else_is_so() -> None:
    found = judged(steady() + np.arange(200), read_at=NOW - timedelta(days=3))
    assert found == Health(
        condition=Condition.STALE, reason="its source was last read 3 days ago: `flowd status` says why"
    )
    assert judged(steady(), read_at=NOW - timedelta(days=2)).condition is Condition.STABLE
    hours = judged(steady(), read_at=NOW - timedelta(hours=5), fresh=timedelta(hours=1))
    assert "5 hours ago" in hours.reason


def test_a_value_that_is_not_known_any_more_is_stale() -> None:
    days = steady()
    days[-3:] = NAN
    assert judged(days, valued=True).condition is Condition.STALE
    assert "not known for 3 days" in judged(days, valued=True).reason
    assert judged(days).condition is Condition.STABLE
    assert judged(np.full(9, NAN), valued=True).condition is Condition.STALE


def test_a_pause_that_is_too_long_is_stalled() -> None:
    late = Coming(last=DAY - timedelta(days=46), usual=30.0, longest=32, patience=45)
    found = judged(steady(), coming=late)
    assert found == Health(
        condition=Condition.STALLED,
        reason="something last came in 46 days ago (2026-01-22); usually every 30 days, at most 32 days apart",
    )
    just = Coming(last=DAY - timedelta(days=45), usual=30.0, longest=32, patience=45)
    assert judged(steady(), coming=just).condition is Condition.STABLE


def test_of_days_that_no_file_tells_about_nobody_knows_what_came() -> None:
    late = Coming(last=DAY - timedelta(days=60), usual=30.0, longest=32, patience=45)
    assert judged(steady(), coming=late, told=DAY - timedelta(days=20)).condition is Condition.STABLE
    assert judged(steady(), coming=late, told=DAY - timedelta(days=10)).reason.startswith(
        "something last came in 50 days"
    )
    found = judged(steady(), coming=late, told=DAY - timedelta(days=46))
    assert found.condition is Condition.STALE
    assert found.reason == "its files tell nothing after 2026-01-22 (46 days ago): import newer ones"


def test_a_declared_end_is_stalled() -> None:
    assert judged(steady(), ended=date(2026, 2, 28)).reason == "declared to end on 2026-02-28"
    assert judged(steady(), ended=DAY).condition is Condition.STABLE


def test_never_anything_is_stalled_after_a_while() -> None:
    never = Coming(last=None, usual=None, longest=None, patience=60)
    assert judged(np.zeros(61), coming=never).reason == "nothing came in for 61 days"
    assert judged(np.zeros(20), coming=never).condition is Condition.UNKNOWN


def test_volatile_is_what_swings_or_often_loses() -> None:
    random = np.random.Generator(np.random.PCG64(2))
    swings = np.repeat(random.permutation([0.0, 200.0] * 6), 30)
    found = judged(swings, step=MONTHS)
    assert found.condition is Condition.VOLATILE
    assert "its months differ by 104 % of their mean" in found.reason
    loses = np.repeat(random.permutation([-1.0] * 4 + [3.0] * 8), 30)
    assert judged(loses, step=MONTHS).reason == "it lost money in 4 of 12 months"
    zero_sum = np.repeat(random.permutation([-1.0, 1.0] * 6), 30)
    assert judged(zero_sum, step=MONTHS).reason == "it lost money in 6 of 12 months"


def test_what_costs_the_same_every_month_is_stable() -> None:
    found = judged(np.full(360, -3.0), step=MONTHS)
    assert found.condition is Condition.STABLE
    assert found.reason.startswith("-3.00 EUR a day")


def test_too_young_is_unknown() -> None:
    found = judged(steady(20))
    assert found == Health(condition=Condition.UNKNOWN, reason="2 weeks known so far: 4 weeks are needed to tell")


@pytest.mark.parametrize(
    ("pauses", "usual", "longest", "patience"),
    [
        ([30] * 12, 30, 30, 45),
        ([1] * 50, 1, 1, 7),
        ([10, 40, 3, 60, 25], 25, 60, 63),
        # one sabbatical in forty receipts is not what one waits for again
        ([7] * 39 + [200], 7, 7, 11),
    ],
)
def test_patience_comes_from_the_pauses(pauses: list[int], usual: float, longest: int, patience: int) -> None:
    days = np.zeros(sum(pauses) + 1)
    days[np.cumsum([0, *pauses])] = 50
    first = DAY - timedelta(days=len(days) - 1)
    found = coming(Series(first=first, values=days), DAY)
    assert (found.last, found.usual, found.longest, found.patience) == (DAY, usual, longest, patience)


def test_once_is_no_rhythm() -> None:
    found = coming(Series(first=DAY, values=np.array([5.0])), DAY)
    assert (found.last, found.usual, found.patience) == (DAY, None, 60)
    assert coming(Series(first=DAY, values=np.array([np.nan])), DAY).last is None


def test_a_sum_is_lost_only_when_all_of_it_is() -> None:
    fine = Health(condition=Condition.STABLE, reason="fine")
    stalled = Health(condition=Condition.STALLED, reason="gone")
    assert together([fine, stalled], fine).reason == "fine (1 stalled of 2 streams)"
    assert together([stalled, stalled], fine) == Health(condition=Condition.STALLED, reason="all of it is stalled")
    assert together([stalled], fine) == stalled
    assert together([], fine) == fine
