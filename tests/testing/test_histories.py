"""The builder of histories for tests of studies: series end where they are said to, and nothing is left over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from flowd.testing.histories import UNTIL, make_history, make_portfolio, make_receipt


def test_a_stream_ends_on_the_last_whole_day() -> None:
    history = make_history(streams={"a/salary": [1.0, 2.0, 3.0]})
    assert history.until == UNTIL
    earned = history.income["a/salary"].earned
    assert (earned.first, earned.last) == (UNTIL - timedelta(days=2), UNTIL)
    assert history.income["a/salary"].received.values.tolist() == [1.0, 2.0, 3.0]
    assert [info.connection for info in history.streams] == ["a"]


def test_receipts_are_what_was_received() -> None:
    paid = [make_receipt(date(2026, 3, 30), "5"), make_receipt(date(2026, 3, 28), "7", "other")]
    history = make_history(streams={"salary": [1.0, 1.0]}, receipts={"salary": paid})
    assert history.income["salary"].received.values.tolist() == [7.0, 0.0, 5.0, 0.0]
    assert history.income["salary"].earned.values.tolist() == [0.0, 0.0, 1.0, 1.0]
    assert [row.day.day for row in history.receipts["salary"]] == [28, 30]
    assert history.streams[0].classes == {"salary"}


def test_the_digest_tells_histories_apart() -> None:
    one, same = make_history(streams={"a": [1.0, 2.0]}), make_history(streams={"a": [1.0, 2.0]})
    assert one.digests == same.digests
    assert make_history(streams={"a": [1.0, 2.5]}).digests != one.digests
    assert make_history(streams={"a": [1.0, 2.0]}, until=UNTIL + timedelta(days=1)).digests != one.digests


def test_a_portfolio_gains_what_no_flow_explains() -> None:
    portfolio = make_portfolio([100.0, 160.0, np.nan], flow=[100.0, 50.0, 0.0])
    assert portfolio.pnl[:2].tolist() == [0.0, 10.0]
    assert portfolio.price[1] == portfolio.pnl[1]
    assert portfolio.day_return[1] == 10.0 / 150.0
    assert list(portfolio.reasons) == ["", "", "not known"]


def test_rates_are_the_same_for_all_days() -> None:
    history = make_history(rates={("USD", "EUR"): Decimal("0.9")})
    assert history.rate("USD", "EUR", UNTIL) == Decimal("0.9")
    assert history.rate("EUR", "EUR", UNTIL) == 1
    assert history.rate("EUR", "USD", UNTIL) is None
