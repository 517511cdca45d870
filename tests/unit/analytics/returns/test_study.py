"""The study of returns: rows that add up exactly, and are the same from the same history."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from flowd.analytics.returns.study import Returns, ReturnsConfig
from flowd.api import About, History, Portfolio, Quality, ReturnWindow
from flowd.testing.histories import UNTIL, make_history, make_portfolio

CENTS = st.integers(1, 10**7).map(lambda cents: cents / 100)


def rows(*portfolios: Portfolio, config: ReturnsConfig | None = None) -> dict[tuple[str, str], ReturnWindow]:
    history = make_history(portfolios=portfolios)
    return {(row.name, row.window): row for row in study(history, config or ReturnsConfig())}


def study(history: History, config: ReturnsConfig) -> list[ReturnWindow]:
    return list(Returns().study(history, config))


def begun(portfolio: Portfolio) -> Portfolio:
    """The portfolio as flowd has it from its first reading: what was there came from outside."""
    flow = portfolio.flow.copy()
    flow[0] = portfolio.value[0]
    return replace(portfolio, flow=flow)


def test_every_portfolio_has_every_window() -> None:
    value = 1000 * 1.001 ** np.arange(400)
    found = rows(make_portfolio(value), make_portfolio(value, scope=About.CONNECTION, name="kraken"))
    assert {window for _, window in found} == {"7d", "30d", "90d", "365d", "ytd", "total"}
    assert {name for name, _ in found} == {"", "kraken"}
    month = found["kraken", "30d"]
    assert (month.scope, month.until, month.days) == (About.CONNECTION, UNTIL, 30)
    assert float(month.twr or 0) == pytest.approx(1.001**30 - 1)
    assert month.twr_annual is None
    assert float(found["", "365d"].twr_annual or 0) == pytest.approx(1.001**365 - 1)


def test_it_begins_with_money_from_outside() -> None:
    found = rows(begun(make_portfolio([1000.0, 1050.0])))["", "total"]
    assert (found.since, found.opening, found.flow, found.pnl) == (
        date(2026, 3, 29),
        Decimal(0),
        Decimal(1000),
        Decimal(50),
    )
    assert found.twr == Decimal("0.05")
    assert found.pnl_pct == Decimal("0.05")


@given(st.lists(st.tuples(CENTS, CENTS, CENTS, CENTS), min_size=3, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_parts_are_the_gain_to_the_last_digit(days: list[tuple[float, float, float, float]]) -> None:
    value, income, price, fx = (np.array(column) for column in zip(*days, strict=True))
    gain = np.diff(value, prepend=value[0])
    parts = {
        "income": income,
        "price": price,
        "fx": fx,
        "fees": -income / 3,
        "other": gain - income * 2 / 3 - price - fx,
    }
    for row in rows(make_portfolio(value, parts=parts)).values():
        if row.pnl is None:
            continue
        assert row.opening is not None
        assert row.closing is not None
        assert row.flow is not None
        assert row.pnl == row.closing - row.opening - row.flow
        told = [row.income, row.price, row.fx, row.fees, row.other]
        assert None not in told
        assert sum((part for part in told if part is not None), Decimal(0)) == row.pnl


def test_parts_that_are_not_known_leave_no_rest() -> None:
    value = np.full(10, 100.0)
    found = rows(make_portfolio(value, parts={"income": np.array([*[0.0] * 8, np.nan, 0])}))["", "7d"]
    assert (found.pnl, found.income, found.other) == (Decimal(0), None, None)
    assert "where it came from: not known of all days" in found.reason


def test_what_sharpe_and_sortino_compare_with_can_be_set() -> None:
    random = np.random.Generator(np.random.PCG64(2))
    portfolio = make_portfolio(100 * np.cumprod(1 + random.normal(0.001, 0.01, 200)))
    free = rows(portfolio)["", "90d"]
    compared = rows(portfolio, config=ReturnsConfig(risk_free=Decimal("0.05"), target=Decimal("0.05")))["", "90d"]
    assert free.sharpe is not None
    assert compared.sharpe is not None
    assert compared.sharpe < free.sharpe
    assert compared.sortino != free.sortino
    assert compared.twr == free.twr
    with pytest.raises(ValidationError):
        ReturnsConfig(risk_free=Decimal(-2))


def test_a_rate_too_large_to_be_of_use_is_said_to_be() -> None:
    found = rows(begun(make_portfolio([1000.0, 2000.0])))["", "total"]
    assert found.xirr is None
    assert found.mwr == 1
    assert "xirr: too large a rate per year" in found.reason


def test_values_not_known_make_stale_rows_and_none_no_rows() -> None:
    found = rows(make_portfolio([*[100.0] * 20, np.nan]))["", "7d"]
    assert found.quality is Quality.STALE
    assert "its value is not known since 2026-03-30" in found.reason
    assert rows(make_portfolio([np.nan, np.nan])) == {}


def test_the_same_history_gives_the_same_rows() -> None:
    random = np.random.Generator(np.random.PCG64(9))
    value = 1e4 * np.cumprod(1 + random.normal(0, 0.02, 500))
    value[100:110] = np.nan
    history = make_history(portfolios=[make_portfolio(value)])
    assert study(history, ReturnsConfig()) == study(history, ReturnsConfig())


def test_every_field_is_filled_by_something() -> None:
    random = np.random.Generator(np.random.PCG64(9))
    value = 1e4 * np.cumprod(1 + random.normal(0, 0.02, 500))
    row = rows(make_portfolio(value))["", "365d"]
    # a fall may last to the end
    unfilled = {field.name for field in fields(row) if getattr(row, field.name) is None}
    assert unfilled <= {"recovered_day"}
