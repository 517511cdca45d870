"""What streams do together, what-if, what is learnt again, and confidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from flowd.analytics.projection.changes import Add, Delay, Scale, Shock, Without
from flowd.analytics.projection.confidence import counted, together
from flowd.analytics.projection.outlook import outlook
from flowd.analytics.projection.rehearsal import Said
from flowd.analytics.projection.rows import projected
from flowd.analytics.projection.study import Projection, ProjectionConfig
from flowd.analytics.projection.subjects import TOTAL, Outlook, Spread, Subject
from flowd.api.studies import History
from flowd.domain.studied import Projected, ProjectionModel, Scope
from tests.unit.analytics.projection.made import TODAY, Made, monthly

PATHS = 400
NOISE = np.random.default_rng(4).normal(0, 50, 500)
WAGE: Subject = (Scope.STREAM, "wage")


def household() -> Made:
    random = np.random.default_rng(9)
    jobs = {
        TODAY - timedelta(days=int(back)): float(round(random.gamma(2, 100), 2))
        for back in np.flatnonzero(random.random(500) < 0.1) + 1
    }
    return (
        Made()
        .paid("wage", monthly(25, 2500, 15), group="work")
        .paid("jobs", jobs, group="work")
        .valued("trading", NOISE, group="play")
        .declared("rent", "310", "month on 1", date(2026, 1, 1))
    )


def said_of(history: History, **options: object) -> Outlook:
    return outlook(history, **{"horizon_days": 120, "paths": PATHS, **options})  # type: ignore[arg-type]


def width(spread: Spread) -> float:
    return float(spread.at(0.9)[-1] - spread.at(0.1)[-1])


def test_a_total_is_the_sum_of_its_streams_path_by_path() -> None:
    keep = [WAGE, *((Scope.STREAM, name) for name in ("jobs", "trading", "rent")), (Scope.GROUP, "work")]
    said = said_of(household().history(), keep=keep)
    parts = [said.cumulated[subject] for subject in keep]
    assert np.allclose(sum(parts[:4]), said.cumulated[TOTAL], rtol=1e-4, atol=0.5)
    assert np.allclose(parts[0] + parts[1], parts[4], rtol=1e-4, atol=0.5)
    assert np.allclose(said.total.sums.mean[-1], said.cumulated[TOTAL][-1].mean(dtype=np.float64), rtol=1e-5)


@pytest.mark.parametrize(("other", "factor"), [(NOISE, 2.0), (-NOISE, 0.0)], ids=["together", "against each other"])
def test_what_moved_together_keeps_moving_together(other: NDArray[np.float64], factor: float) -> None:
    alone = said_of(Made().valued("a", NOISE).history(), loss=False)
    both = said_of(Made().valued("a", NOISE).valued("b", other).history(), loss=False)
    assert width(both.total.sums) / width(alone.total.sums) == pytest.approx(factor, abs=0.1)


def test_the_month_that_began_has_what_came_already() -> None:
    paid = {**monthly(25, 2500, 12), date(2026, 7, 3): 123.0}
    said = said_of(Made().paid("wage", paid).history())
    assert said.total.so_far == pytest.approx(123)
    assert said.months[0] == date(2026, 7, 31)
    assert said.total.monthly.at(0.05)[0] >= 123 - 1e-3


def test_a_longer_look_ahead_says_the_same_of_the_days_before() -> None:
    near, far = said_of(household().history()), said_of(household().history(), horizon_days=300)
    assert np.allclose(near.total.sums.at(0.5)[:4], far.total.sums.at(0.5)[:4], rtol=0.02, atol=20)


def test_what_if_is_drawn_from_the_same_chances() -> None:
    history = household().history()
    keep = [WAGE, (Scope.STREAM, "jobs")]
    base = said_of(history, keep=keep)
    without = said_of(history, changes=[Without(stream="wage")], keep=keep)
    assert np.allclose(base.cumulated[TOTAL] - base.cumulated[WAGE], without.cumulated[TOTAL], rtol=1e-3, atol=1)
    half = said_of(history, changes=[Scale(stream="jobs", factor=0.5)], keep=keep)
    assert np.allclose(half.cumulated[keep[1]], base.cumulated[keep[1]] / 2, rtol=1e-4)
    late = said_of(history, changes=[Delay(stream="wage", days=30)], keep=keep)
    assert (late.cumulated[WAGE][:30] == 0).all()
    assert np.allclose(late.cumulated[WAGE][30:], base.cumulated[WAGE][:-30], rtol=1e-4)
    shock = Shock(factor=0.0, start=TODAY, days=60, subject=(Scope.GROUP, "work"))
    assert (said_of(history, changes=[shock], keep=keep).cumulated[WAGE][59] == 0).all()


def test_what_is_added_is_taken_at_its_word() -> None:
    history = household().history()
    base = said_of(history)
    more = said_of(history, changes=[Add(amount=Decimal(1200), currency="EUR", every="month on 1")])
    assert more.total.sums.mean[-1] - base.total.sums.mean[-1] == pytest.approx(4 * 1200, abs=0.5)
    assert more.subjects[Scope.STREAM, "added"].sums.at(0.05)[-1] == pytest.approx(4800)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Without(stream="wages"), "'wages'"),
        (Scale(stream="wage", factor=-1), "0 or more"),
        (Add(amount=Decimal(1), currency="EUR", every="month on blue"), "blue"),
        (Add(amount=Decimal(1), currency="XYZ", every="month on 1"), "no rate of XYZ"),
        (Shock(factor=1, start=TODAY, days=3, subject=(Scope.GROUP, "none")), "group 'none'"),
    ],
)
def test_a_change_of_nothing_is_refused(change: Without | Scale | Add | Shock, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        said_of(
            household().history(rate=lambda base, quote, _: Decimal(1) if base == quote else None), changes=[change]
        )


class Counting:
    """A method of a plugin that counts how often it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked = 0

    def forecast(self, values: NDArray[np.float64], season: int, horizon: int) -> NDArray[np.float64]:
        self.asked += 1
        return np.full(horizon, float(values.mean()))


def test_what_is_unchanged_is_not_learnt_again_and_gives_the_same_rows() -> None:
    method, history, config = Counting(), household().history(), ProjectionConfig(paths=300, horizon=60)
    study = Projection().with_methods([method])
    rows = list(study.study(history, config))
    learning = method.asked
    models = {(row.scope, row.name): row for row in rows if isinstance(row, ProjectionModel)}
    again = list(study.study(replace(history, models=models), config))
    assert again == rows
    assert learning > 5 * (method.asked - learning)
    # a night later, when nothing came, the method choice is still the same one
    tomorrow = household()
    tomorrow.today += timedelta(days=1)
    before = method.asked
    list(study.study(replace(tomorrow.history(), models=models), config))
    assert method.asked - before < learning / 5


def test_a_method_that_breaks_spoils_nothing() -> None:
    class Broken:
        name = "broken"

        def forecast(self, values: NDArray[np.float64], season: int, horizon: int) -> NDArray[np.float64]:
            raise RuntimeError("no")

    assert said_of(household().history(), methods=[Broken()]).total.sums.mean[-1] > 0


def test_rows_are_sane_and_each_is_there_once() -> None:
    rows = list(projected(said_of(household().history(), horizon_days=90)))
    keys = {(row.scope, row.name, row.span, row.for_day) for row in rows}
    assert len(keys) == len(rows)
    per_subject = 90 + 3 + 4  # days, ends of July to September, and sums over 7, 30, 60 and 90 days
    assert len(rows) == per_subject * 7  # four streams, two groups and the total
    for row in rows:
        assert isinstance(row, Projected)
        assert row.p05 <= row.p10 <= row.p25 <= row.p50 <= row.p75 <= row.p90 <= row.p95
        assert row.made_on == TODAY


def said_once(median: float, came: float, horizon: int = 180, *, deviation: float = 10.0, month: int = 1) -> Said:
    return Said(
        origin=date(2025, month, 1),
        horizon=horizon,
        mean=median + 5,
        median=median,
        deviation=deviation,
        low=median - 13,
        high=median + 13,
        came=came,
    )


def test_confidence_is_the_share_that_came_near_and_none_without_a_past() -> None:
    said = [said_once(100, came, month=month) for month, came in enumerate((81, 119, 121, 60, 100, 110), 1)]
    found = counted(said)
    assert found.value == pytest.approx(4 / 6)
    assert found.parts["near"] == 4
    assert "4 of 6" in found.reason
    assert counted([]).value is None


def test_longer_sums_count_only_where_there_are_enough_of_them() -> None:
    said = [said_once(100, 200), *(said_once(100, 100, 90, month=month) for month in range(1, 7))]
    assert counted(said).value == 1.0


def test_one_stream_together_with_none_keeps_its_own_median() -> None:
    alone = [said_once(100, 90)]
    assert together([alone]) == alone
    both = together([alone, [said_once(50, 60, deviation=1.0)]])
    assert both[0].came == 150
    assert both[0].median == pytest.approx(105 + 55 - 5)
    assert both[0].deviation == pytest.approx(np.sqrt(101))
