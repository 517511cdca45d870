"""What is foretold of one stream: its days, amounts, ends, and never what cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.analytics.holidays import Calendar
from flowd.analytics.projection.declared import due
from flowd.analytics.projection.outlook import outlook
from flowd.analytics.projection.subjects import Outlook, SubjectOutlook
from flowd.analytics.scheduled import scheduled
from flowd.api.studies import History
from flowd.domain.results import ScheduleTerm
from flowd.domain.studied import Scope
from flowd.testing.facts import FactsView
from tests.unit.analytics.projection.made import DAY, TODAY, Made, monthly

PATHS = 500


def foretold(history: History, days: int = 180, *, loss: bool = False, calendar: Calendar | None = None) -> Outlook:
    return outlook(history, horizon_days=days, paths=PATHS, loss=loss, holidays=calendar or Calendar())


def stream(said: Outlook, name: str) -> SubjectOutlook:
    return said.subjects[Scope.STREAM, name]


def test_a_schedule_is_known_to_the_day_and_the_cent() -> None:
    said = foretold(Made().declared("rent", "310.55", "month on 25", date(2025, 1, 1), date(2026, 9, 30)).history())
    paid = {day: amount for day, amount in zip(said.days, stream(said, "rent").daily.mean, strict=True) if amount}
    assert {day: round(amount, 2) for day, amount in paid.items()} == {
        date(2026, 7, 25): 310.55,
        date(2026, 8, 25): 310.55,
        date(2026, 9, 25): 310.55,
    }
    one = stream(said, "rent")
    assert np.allclose(one.sums.quantiles, one.sums.mean)
    assert one.confidence is None
    assert "declared" in one.confidence_reason


@settings(max_examples=60, deadline=None)
@given(
    every=st.sampled_from(["month on 25", "month on L", "week on fri", "quarter on 1", "month on 15W", "day"]),
    start=st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    length=st.one_of(st.none(), st.integers(0, 200)),
)
def test_a_schedule_pays_what_income_will_say_it_paid(every: str, start: date, length: int | None) -> None:
    end = None if length is None else start + timedelta(days=length)
    term = ScheduleTerm(stream="x", amount=Decimal("1000"), currency="EUR", every=every, start=start, end=end)
    first, last = date(2026, 5, 5), date(2026, 12, 31)
    view = FactsView(today=last)
    rows = {row.day: row.received for row in scheduled(view, "x", [term], first, last) if row.received}
    assert due(term, first, last) == rows


def test_a_schedule_may_end_by_chance_only_where_that_is_asked_for() -> None:
    history = Made().declared("rent", "300", "month on 25", date(2025, 1, 1)).history()
    sure, unsure = foretold(history), foretold(history, loss=True)
    assert stream(sure, "rent").sums.at(0.05)[-1] == pytest.approx(1800)
    assert 1500 < stream(unsure, "rent").sums.mean[-1] < 1800


def test_a_wage_comes_on_its_day_and_is_the_usual_amount() -> None:
    said = foretold(Made().paid("wage", monthly(25, 2500, 14)).history())
    one = stream(said, "wage")
    busy = {day for day, middle in zip(said.days, one.daily.at(0.5), strict=True) if middle > 0}
    assert busy == {date(2026, month, 25) for month in (7, 8, 9, 10, 11, 12)}
    assert one.monthly.at(0.5) == pytest.approx([2500] * 6, rel=0.02)
    assert one.confidence == 1.0


def test_a_raise_is_followed_when_it_was_paid_twice() -> None:
    paid = monthly(25, 2500, 14)
    for day in sorted(paid)[-2:]:
        paid[day] = 2900
    assert stream(foretold(Made().paid("wage", paid).history()), "wage").monthly.at(0.5)[0] == pytest.approx(
        2900, rel=0.02
    )


def test_a_thirteenth_salary_of_last_december_is_expected_again() -> None:
    paid = monthly(25, 2500, 15)
    paid[date(2025, 12, 25)] = 5000
    one = stream(foretold(Made().paid("wage", paid).history(), 200), "wage")
    december = [day.month for day in foretold(Made().paid("wage", paid).history(), 200).months].index(12)
    assert one.monthly.at(0.5)[december] == pytest.approx(5000, rel=0.05)
    assert one.monthly.at(0.5)[december - 1] == pytest.approx(2500, rel=0.05)


def test_small_change_among_it_does_not_hide_a_wage() -> None:
    paid = monthly(25, 2500, 12)
    odd = np.random.default_rng(3)
    for _ in range(15):
        paid.setdefault(TODAY - timedelta(days=int(odd.integers(5, 330))), float(odd.integers(5, 60)))
    one = stream(foretold(Made().paid("wage", paid).history()), "wage")
    assert one.sums.at(0.1)[-1] > 0.9 * 6 * 2500


def test_a_wage_that_stopped_is_hardly_counted_on() -> None:
    ended = {day: amount for day, amount in monthly(25, 2500, 14).items() if day < date(2026, 3, 1)}
    running = stream(foretold(Made().paid("wage", monthly(25, 2500, 14)).history(), loss=True), "wage")
    gone = stream(foretold(Made().paid("wage", ended).history(), loss=True), "wage")
    assert gone.sums.mean[-1] < 0.1 * running.sums.mean[-1]


def test_what_is_two_days_late_is_still_to_come() -> None:
    paid = monthly(8, 2500, 12)
    del paid[date(2026, 7, 8)]
    one = stream(foretold(Made().paid("wage", paid).history()), "wage")
    assert one.sums.at(0.5)[0] == pytest.approx(2500, rel=0.02)  # within the first seven days


def test_lumps_are_never_below_zero_and_most_days_stay_empty() -> None:
    random = np.random.default_rng(5)
    paid = {
        TODAY - timedelta(days=int(back)): float(round(random.gamma(2, 100), 2))
        for back in np.flatnonzero(random.random(700) < 0.08) + 1
    }
    one = stream(foretold(Made().paid("jobs", paid).history()), "jobs")
    assert one.daily.quantiles.min() >= 0
    assert (one.daily.at(0.5) == 0).all()
    per_day = sum(paid.values()) / 700
    assert one.sums.mean[-1] == pytest.approx(180 * per_day, rel=0.25)
    assert one.sums.at(0.1)[-1] < 180 * per_day < one.sums.at(0.9)[-1]


def test_a_trend_of_values_is_not_made_up_and_losses_are_possible() -> None:
    values = np.random.default_rng(2).normal(1.0, 50.0, 400)
    one = stream(foretold(Made().valued("trading", values).history()), "trading")
    assert one.sums.mean[-1] == pytest.approx(180 * values.mean(), abs=150)
    assert one.sums.at(0.05)[-1] < 0 < one.sums.at(0.95)[-1]
    assert one.daily.mean[:30].mean() == pytest.approx(one.daily.mean[-30:].mean(), abs=15)


def test_reversals_stay_below_zero() -> None:
    paid = {TODAY - timedelta(days=back): (-20.0 if back % 4 == 0 else 5.0) for back in range(1, 300, 3)}
    assert stream(foretold(Made().paid("fees", paid).history()), "fees").sums.at(0.5)[-1] < 0


def test_many_customers_are_foretold_by_their_sum() -> None:
    made, random = Made(), np.random.default_rng(6)
    booked = [
        (TODAY - timedelta(days=back), f"customer {number}")
        for number in range(60)
        for back in range(int(random.integers(100, 600)), 0, -30)
    ]
    days: dict[date, float] = {}
    for day, _ in booked:
        days[day] = days.get(day, 0.0) + 10.0
    made.paid("shop", days)
    made.receipts["shop"] = [replace(made.receipts["shop"][0], day=day, payer=who) for day, who in sorted(booked)]
    made.receipts["shop"] = [replace(one, amount=Decimal(10)) for one in made.receipts["shop"]]
    one = stream(foretold(made.history()), "shop")
    assert "monthly" not in one.method
    assert one.sums.at(0.5)[1] == pytest.approx(600, rel=0.15)  # 60 customers in 30 days


@pytest.mark.parametrize("days_ago", [1, 9, 29])
def test_a_first_payment_does_not_come_every_day_from_now_on(days_ago: int) -> None:
    said = foretold(Made().paid("new", {TODAY - days_ago * DAY: 3000.0}).history(), days=30, loss=True)
    sums = stream(said, "new").sums
    assert sums.mean[-1] == pytest.approx(3000, rel=0.15)
    assert sums.at(0.9)[-1] < 10000


def test_a_short_history_says_so() -> None:
    one = stream(foretold(Made().paid("new", {TODAY - timedelta(days=38): 100.0, TODAY - DAY: 80.0}).history()), "new")
    assert one.short
    assert one.reason.startswith("38 days of history")
    assert one.confidence is None
    assert one.confidence_reason
    assert one.sums.at(0.9)[-1] > 1.5 * one.sums.at(0.1)[-1]


def test_what_banks_would_book_on_a_holiday_comes_on_the_next_working_day() -> None:
    paid = {
        day: 10.0 for back in range(1, 400) if (day := TODAY - timedelta(days=back)).weekday() < 5 and back % 2 == 0
    }
    closed = {date(2026, 8, 5), date(2026, 8, 6)}
    history = Made().paid("shop", paid).history()
    said = foretold(history, 60, calendar=Calendar(name="made", is_holiday=lambda day: day in closed))
    plain = foretold(history, 60)
    at = said.days.index(date(2026, 8, 5))
    assert stream(said, "shop").daily.mean[at] == stream(said, "shop").daily.mean[at + 1] == 0
    assert stream(plain, "shop").daily.mean[at] > 0
    assert stream(said, "shop").sums.mean[-1] == pytest.approx(stream(plain, "shop").sums.mean[-1], rel=1e-4)


@pytest.mark.parametrize("days", [1, 31, 365, 730])
@pytest.mark.parametrize(
    "values",
    [
        np.zeros(100),
        np.full(3, np.nan),
        np.array([1e15]),
        np.r_[np.full(50, np.nan), np.ones(50), np.full(5, np.nan)],
        np.r_[np.zeros(400), 5.0],
        np.full(800, -3.0),
    ],
    ids=["nothing", "unknown", "one huge day", "gaps", "one late day", "only losses"],
)
def test_odd_histories_give_finite_rising_quantiles(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], days: int
) -> None:
    said = foretold(Made().valued("odd", values).history(), days, loss=True)
    for one in said.subjects.values():
        for spread in (one.daily, one.monthly, one.sums):
            assert np.isfinite(spread.quantiles).all()
            assert (np.diff(spread.quantiles, axis=0) >= 0).all()


@pytest.mark.parametrize("every", [1, 7])
def test_what_came_while_no_rate_was_known_is_not_taken_for_missed(every: int) -> None:
    days = [TODAY - timedelta(days=back) for back in range(1, 400, every)]
    priced = TODAY - timedelta(days=16)
    made = Made().paid("abroad", dict.fromkeys(days, 500.0))
    made.receipts["abroad"] = [replace(one, asset="USD") for one in made.receipts["abroad"]]
    earned = made.income["abroad"].earned.values
    earned[:] = np.where(earned > 0, 450.0, 0.0)
    earned[(priced - min(days)).days + 1 :][earned[(priced - min(days)).days + 1 :] > 0] = np.nan
    said = foretold(made.history(rate=lambda base, _, day: Decimal("0.9") if day <= priced else None))
    one = stream(said, "abroad")
    assert one.sums.at(0.5)[-1] == pytest.approx(450 * 180 / every, rel=0.05)
    assert "at the last rate known" in said.models[Scope.STREAM, "abroad"].method
    too_old = foretold(made.history(rate=lambda base, _, day: Decimal("0.9") if day <= TODAY - 90 * DAY else None))
    assert (Scope.STREAM, "abroad") not in too_old.subjects
    assert "without abroad: no rate is known" in too_old.total.reason


def test_what_has_no_rate_is_left_out_and_that_is_said() -> None:
    made = Made().declared("rent", "300", "month on 25", date(2025, 1, 1)).paid("wage", monthly(25, 2500, 14))
    made.terms = [replace(made.terms[0], currency="XYZ")]
    made.receipts["wage"] = [*made.receipts["wage"], replace(made.receipts["wage"][-1], asset="XYZ")]
    said = foretold(made.history(rate=lambda base, quote, day: Decimal(1) if base == quote else None))
    assert (Scope.STREAM, "rent") not in said.subjects
    assert "without rent: no rate is known" in said.total.reason
    assert "without 1 receipt for" in stream(said, "wage").method
    assert stream(said, "wage").sums.at(0.5)[-1] == pytest.approx(15000, rel=0.02)


def test_nobody_earns_anything() -> None:
    said = foretold(Made().history())
    assert said.total.sums.mean.tolist() == [0] * len(said.horizons)
    assert said.total.confidence is None


def test_a_horizon_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="0 days"):
        foretold(Made().history(), 0)
