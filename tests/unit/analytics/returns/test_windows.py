"""What is said of one portfolio over each window, and what is not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from flowd.analytics.returns.windows import Track, WindowReturn, opening_value, windows

FIRST = date(2025, 1, 1)


def track(value: list[float], flow: list[float] | None = None, first: date = FIRST, quality: str = "exact") -> Track:
    moved = np.zeros(len(value)) if flow is None else np.array(flow, float)
    return Track(first=first, value=np.array(value, float), flow=moved, qualities=[quality] * len(value))


def one(found: list[WindowReturn], name: str) -> WindowReturn:
    return next(window for window in found if window.window == name)


def grown(days: int, rate: float = 0.0005) -> list[float]:
    return [1000 * (1 + rate) ** day for day in range(days)]


def test_seven_days_open_with_the_end_of_the_day_before_them() -> None:
    found = one(windows(track([100, 100, 110, 110, 110, 110, 110, 110, 121, 121]), FIRST + timedelta(9)), "7d")
    assert (found.since, found.until, found.days) == (date(2025, 1, 3), date(2025, 1, 10), 7)
    assert (found.opening, found.closing, found.pnl) == (110, 121, 11)
    assert found.twr == pytest.approx(0.1)
    assert found.mwr == pytest.approx(0.1)
    assert found.xirr == pytest.approx(1.1 ** (365 / 7) - 1)
    assert found.twr_annual is None
    assert found.quality == "exact"


def test_deposits_are_no_gain() -> None:
    found = one(windows(track([100, 1100, 1155], [0, 1000, 0]), FIRST + timedelta(2)), "total")
    assert (found.flow, found.pnl) == (1000, 55)
    assert found.twr == pytest.approx(0.05)
    assert found.pnl_pct == pytest.approx(55 / 1100)


def test_a_young_portfolio_has_no_long_windows_and_says_so() -> None:
    found = windows(track(grown(40)), FIRST + timedelta(39))
    assert one(found, "30d").twr == pytest.approx(1.0005**30 - 1)
    year = one(found, "365d")
    assert (year.twr, year.pnl, year.xirr) == (None, None, None)
    assert year.reason == "its value is known from 2025-01-01 on only, 39 days"
    assert one(found, "total").days == 39


def test_a_year_and_more_is_annual_and_less_is_not() -> None:
    found = windows(track(grown(731)), FIRST + timedelta(730))
    assert one(found, "365d").twr_annual == pytest.approx(1.0005**365 - 1)
    assert one(found, "total").twr == pytest.approx(1.0005**730 - 1)
    assert one(found, "total").twr_annual == pytest.approx(1.0005**365 - 1)
    assert one(found, "90d").twr_annual is None


def test_the_year_to_date_opens_with_the_end_of_the_year_before() -> None:
    found = one(windows(track(grown(400)), date(2026, 1, 20)), "ytd")
    assert (found.since, found.until, found.days) == (date(2025, 12, 31), date(2026, 1, 20), 20)
    begun = one(windows(track(grown(30), first=date(2026, 3, 1)), date(2026, 3, 30)), "ytd")
    assert begun.since == date(2026, 3, 1)


def test_values_not_known_at_the_end_make_it_stale() -> None:
    found = windows(track([*grown(20), np.nan, np.nan]), FIRST + timedelta(21))
    week = one(found, "7d")
    assert (week.until, week.quality) == (date(2025, 1, 20), "stale")
    assert "its value is not known since 2025-01-20" in week.reason
    assert week.twr == pytest.approx(1.0005**7 - 1)


def test_nothing_known_is_no_window_at_all() -> None:
    assert windows(track([np.nan, np.nan]), FIRST + timedelta(1)) == []
    assert windows(track([100.0, 110.0]), FIRST - timedelta(5)) == []


def test_one_value_makes_no_return() -> None:
    found = one(windows(track([100.0]), FIRST), "total")
    assert (found.days, found.twr, found.reason) == (0, None, "no value is known after 2025-01-01")


def test_a_gap_at_the_opening_is_divided_evenly() -> None:
    # ten days between 100 and 210, with 10 from outside on the third of them: 10 of gain a day
    value = [100, *[np.nan] * 9, 210, 210, 210, 210]
    flow = [0.0, 0, 0, 10, *[0.0] * 10]
    assert opening_value(np.array(value, float), np.array(flow, float), 6) == pytest.approx(100 + 10 + 60)
    found = one(windows(track(value, flow), FIRST + timedelta(13)), "7d")
    assert found.opening == pytest.approx(170)
    assert found.pnl == pytest.approx(40)
    assert found.twr == pytest.approx(210 / 170 - 1)
    assert found.quality == "spread"
    assert "opening: no value is known for 2025-01-07" in found.reason


def test_a_broken_chain_says_where() -> None:
    found = one(windows(track([100, -20, 10, 11]), FIRST + timedelta(3)), "total")
    assert found.twr is None
    assert found.pnl == -89
    assert "twr: the chain breaks on 2025-01-03: there was no capital above zero" in found.reason
    assert found.max_drawdown is None


def test_a_flow_that_is_not_known_leaves_no_gain() -> None:
    found = one(windows(track([100, 120, 130], [0, np.nan, 0]), FIRST + timedelta(2)), "total")
    assert (found.pnl, found.twr, found.xirr) == (None, None, None)
    assert "money that came or went on 2025-01-02 is not known" in found.reason
    assert found.closing == 130


def test_no_capital_has_no_share() -> None:
    found = one(windows(track([0, 5, 5]), FIRST + timedelta(2)), "total")
    assert (found.pnl, found.pnl_pct) == (5, None)
    assert "pnl_pct, xirr, mwr: the average capital is not above zero" in found.reason
    empty = one(windows(track([0, 0, 0]), FIRST + timedelta(2)), "total")
    assert (empty.pnl, empty.twr) == (0, None)
    assert "there was no capital to earn a return" in empty.reason


def test_a_debt_has_no_return() -> None:
    found = one(windows(track([-100, -105, -110]), FIRST + timedelta(2)), "total")
    assert (found.pnl, found.pnl_pct, found.twr, found.xirr, found.mwr) == (-10, None, None, None, None)
    assert "pnl_pct, xirr, mwr: the average capital is not above zero (-100.00)" in found.reason


def test_of_a_debt_that_was_repaid_there_is_no_share() -> None:
    """-300 was owed, 400 came in: 1000 gained are not 2,333 % of the 43 that were there on average."""
    value = [1000.0, -300, -100, 400, 800, 900, 700, 1000, 1100]
    found = one(windows(track(value, [0, 0, 0, 400, 0, 0, 0, 0, 0]), FIRST + timedelta(8)), "7d")
    assert (found.opening, found.pnl) == (-300, 1000)
    assert found.pnl_pct is found.mwr is found.xirr is None
    assert "pnl_pct, xirr, mwr: it began with a debt (-300.00), and there is no share of that" in found.reason


def test_a_loss_of_all_is_told_with_its_day() -> None:
    found = one(windows(track([100, 0, 50, 60], [0, 0, 50, 0]), FIRST + timedelta(3)), "total")
    assert found.twr == -1
    assert "twr: all was lost on 2025-01-02" in found.reason


def test_rates_beyond_reason_are_not_told() -> None:
    # out more than there was, and in again: every week's window has a second root somewhere
    found = one(windows(track([100, 0, 100, 101], [0, -101, 101, 0]), FIRST + timedelta(3)), "total")
    assert found.xirr is not None
    assert "other rates" not in found.reason


def test_few_returns_say_nothing_of_risk() -> None:
    found = one(windows(track(grown(10)), FIRST + timedelta(9)), "7d")
    assert (found.volatility, found.sharpe, found.sortino) == (None, None, None)
    assert "volatility, sharpe, sortino: 20 returns are needed" in found.reason


def test_risk_of_a_month() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    returns = random.normal(0.001, 0.02, 60)
    found = one(windows(track((100 * np.cumprod(1 + returns)).tolist()), FIRST + timedelta(59)), "30d")
    last = returns[-30:]
    assert found.volatility == pytest.approx(last.std(ddof=1) * 365**0.5)
    assert found.sharpe == pytest.approx(last.mean() / last.std(ddof=1) * 365**0.5)
    assert found.max_drawdown is not None
    assert found.max_drawdown < 0
    assert found.peak_day is not None
    assert found.trough_day is not None
    assert found.since <= found.peak_day < found.trough_day <= found.until


def test_the_worst_quality_of_its_days_counts() -> None:
    days = track(grown(10))
    qualities = ["partial", *["exact"] * 7, "estimated", "exact"]
    mixed = Track(first=FIRST, value=days.value, flow=days.flow, qualities=qualities)
    assert one(windows(mixed, FIRST + timedelta(9)), "7d").quality == "estimated"
    # the opening's own quality is not the window's: its value is
    assert one(windows(mixed, FIRST + timedelta(9)), "total").quality == "estimated"


def test_rates_that_fit_as_well_are_told() -> None:
    # 100 in, 230 out after 700 days, 130.50 in after 1000, worth nothing then: that changes its direction twice
    value = [*[100.0] * 700, *[0.0] * 301]
    flow = np.zeros(1001)
    flow[700], flow[1000] = -230, 130.5
    found = one(windows(track(value, flow.tolist()), FIRST + timedelta(1000)), "total")
    assert found.xirr is not None
    assert "the flows fit other rates as well" in found.reason
