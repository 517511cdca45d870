"""The time-weighted return tells what prices did, whatever money came or went."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.analytics.combining import day_return
from flowd.analytics.returns.dietz import Timing, modified_dietz, weights
from flowd.analytics.returns.twr import Chain, Link, chain, time_weighted
from flowd.analytics.rounding import decimal

NAN = np.nan


def twr(value: list[float], flow: list[float], timing: Timing = Timing.BY_SIGN) -> Chain:
    return chain(np.array(value, float), np.array(flow, float), timing)


@st.composite
def tracks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A price per day, units bought (at the day's start) and units sold (at its end, never all of them)."""
    count = draw(st.integers(2, 40))
    moves = draw(st.lists(st.floats(-0.4, 0.6), min_size=count, max_size=count))
    deals = draw(st.lists(st.floats(-0.95, 20), min_size=count, max_size=count))
    return np.cumprod(1 + np.array(moves)), np.array(deals), np.array(moves)


@given(tracks())
@settings(max_examples=200, deadline=None)
def test_unchanged_by_any_deposit_or_withdrawal_at_fair_value(track: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    price, deals, _ = track
    units = 100.0
    value, flow = [units * price[0]], [0.0]
    for yesterday, today, deal in zip(price, price[1:], deals[1:], strict=False):
        # a share of what is there: in at the price the day opens with, out at the price it closes with
        moved = deal * units
        units += moved
        value.append(units * today)
        flow.append(moved * (yesterday if deal > 0 else today))
    chained = twr(value, flow)
    assert chained.total == pytest.approx(price[-1] / price[0] - 1, rel=1e-9, abs=1e-12)
    assert chained.index() == pytest.approx(price / price[0], rel=1e-9)


@given(tracks())
@settings(max_examples=200, deadline=None)
def test_unchanged_by_flows_at_the_instant_of_a_valuation(track: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    price, deals, _ = track
    times = np.arange(len(price), dtype=float)
    units = 100 * np.cumprod(1 + deals)
    flows = np.diff(units, prepend=100.0) * price
    returns = time_weighted(times, units * price, times, flows)
    assert np.prod(1 + returns) == pytest.approx(price[-1] / price[0], rel=1e-9)


@given(st.lists(st.floats(-1e4, 1e6), min_size=3, max_size=20), st.floats(1, 1e6))
@settings(deadline=None)
def test_without_a_move_in_prices_no_flow_makes_a_return(flows: list[float], opening: float) -> None:
    values = [opening]
    for flow in flows:
        values.append(max(values[-1] + flow, 0.0))
    moved = np.diff(values, prepend=values[0])
    chained = twr(values, moved.tolist())
    returns = chained.returns[chained.spans > 0]
    assert np.all(np.abs(returns) < 1e-9)
    assert chained.broken is None


def test_a_split_changes_nothing() -> None:
    # ten times the pieces at a tenth of the price are the same value, and no flow
    pieces, price = np.array([5.0, 5, 50, 50]), np.array([200.0, 220, 22, 23.1])
    assert chain(pieces * price, np.zeros(4)).total == pytest.approx(0.155)


def test_from_zero_and_back_to_zero() -> None:
    # filled from nothing, grown by ten per cent, emptied: all of it is told
    chained = twr([0, 0, 1100, 1210, 0, 0], [0, 0, 1000, 0, -1210, 0])
    assert [Link(link) for link in chained.links] == [
        Link.OPENING,
        Link.IDLE,
        Link.LINKED,
        Link.LINKED,
        Link.LINKED,
        Link.IDLE,
    ]
    assert chained.total == pytest.approx(0.21)
    assert chained.index() == pytest.approx([1, 1, 1.1, 1.21, 1.21, 1.21])


def test_a_gap_is_one_longer_period_weighted_by_day() -> None:
    # four days unknown but the last; 100 came on the second of them, there for three of four days
    chained = twr([1000, NAN, NAN, NAN, 1150, 1150], [0, 0, 100, 0, 0, 0])
    assert chained.links.tolist() == [Link.OPENING, Link.UNKNOWN, Link.UNKNOWN, Link.UNKNOWN, Link.BRIDGED, Link.LINKED]
    assert chained.returns[4] == pytest.approx(50 / 1075)
    assert chained.spans.tolist() == [0, 0, 0, 0, 4, 1]
    assert np.isnan(chained.index()[1:4]).all()
    assert chained.total == pytest.approx(50 / 1075)


def test_what_leaves_in_a_gap_counts_until_its_day_ends() -> None:
    assert twr([1000, NAN, NAN, NAN, 900], [0, 0, -100, 0, 0]).returns[4] == 0
    assert twr([1000, NAN, NAN, NAN, 950], [0, 0, -100, 0, 0]).returns[4] == pytest.approx(50 / 950)


def test_a_day_without_capital_breaks_the_chain() -> None:
    chained = twr([100, -20, 10, 11], [0, 0, 0, 0])
    assert chained.links.tolist() == [Link.OPENING, Link.LINKED, Link.NO_BASE, Link.LINKED]
    assert chained.broken == 2
    assert np.isnan(chained.total)
    assert np.isnan(chained.index()).tolist() == [False, False, True, True]


def test_a_gain_out_of_nothing_breaks_the_chain() -> None:
    assert twr([0, 5], [0, 0]).links[1] == Link.NO_BASE


def test_a_flow_that_is_not_known_breaks_the_chain() -> None:
    assert twr([100, 110, 120], [0, NAN, 0]).links.tolist() == [Link.OPENING, Link.NO_FLOW, Link.LINKED]
    assert twr([100, NAN, 120], [0, NAN, 0]).links.tolist() == [Link.OPENING, Link.UNKNOWN, Link.NO_FLOW]


def test_a_total_loss_stays_one() -> None:
    chained = twr([100, 0, 50, 60], [0, 0, 50, 0])
    assert chained.total == -1
    assert chained.index().tolist() == [1, 0, 0, 0]


def test_more_than_everything_lost_ends_the_chain() -> None:
    # 50 are owed; 100 come and stay: there is capital again, but nothing to link its return to
    chained = twr([100, -50, 50, 60], [0, 0, 100, 0])
    assert chained.links.tolist() == [Link.OPENING, Link.LINKED, Link.NO_BASE, Link.LINKED]
    assert chained.returns[1] == -1.5
    assert np.isnan(chained.total)
    assert twr([100, -50], [0, 0]).total == -1.5


def test_unknown_values_at_both_ends() -> None:
    chained = twr([NAN, 100, 110, NAN], [5, 0, 0, 0])
    assert chained.links.tolist() == [Link.UNKNOWN, Link.OPENING, Link.LINKED, Link.UNKNOWN]
    assert chained.total == pytest.approx(0.1)
    assert np.isnan(chained.index()).tolist() == [True, False, False, True]
    nothing = twr([NAN, NAN], [0, 0])
    assert np.isnan(nothing.total)
    assert np.isnan(nothing.index()).all()


@pytest.mark.parametrize(
    ("timing", "expected"),
    [(Timing.START, 10 / 1100), (Timing.MIDDLE, 10 / 1050), (Timing.END, 10 / 1000), (Timing.BY_SIGN, 10 / 1100)],
)
def test_each_timing_has_its_base(timing: Timing, expected: float) -> None:
    assert twr([1000, 1110], [0, 100], timing).returns[1] == pytest.approx(expected)
    # a day as a longer sub-period with one day in it is the same
    assert twr([NAN, 1000, 1110], [0, 0, 100], timing).returns[2] == pytest.approx(expected)


def test_day_weights() -> None:
    flow = np.array([1.0, -1.0])
    day = np.array([15.0, 15.0])
    assert weights(day, 31, flow, Timing.END) == pytest.approx([16 / 31, 16 / 31])
    assert weights(day, 31, flow, Timing.START) == pytest.approx([17 / 31, 17 / 31])
    assert weights(day, 31, flow, Timing.BY_SIGN) == pytest.approx([17 / 31, 16 / 31])


def test_dietz_has_no_share_of_a_debt_and_none_of_nothing() -> None:
    zeros = np.zeros(3)
    found = modified_dietz(np.array([-10.0, 0, 0]), np.array([5.0, 0, 5]), zeros, zeros)
    assert np.isnan(found).tolist() == [True, False, True]
    assert found[1] == 0


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(-(10**9), 10**9)), min_size=2, max_size=30))
@settings(deadline=None)
def test_the_returns_of_days_are_those_of_the_daily_rows(cents: list[tuple[int, int]]) -> None:
    value, flow = [c / 100 for c, _ in cents], [f / 100 for _, f in cents]
    chained = twr(value, flow)
    for i in range(1, len(value)):
        opening, moved, closing = (decimal(number) for number in (value[i - 1], flow[i], value[i]))
        assert opening is not None
        assert moved is not None
        assert closing is not None
        said, _ = day_return(opening, moved, closing - opening - moved)
        assert (said is None) == bool(np.isnan(chained.returns[i]))
        if said is not None:
            assert chained.returns[i] == pytest.approx(float(said), rel=1e-6, abs=1e-9)


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match="one of each per day"):
        chain(np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="in order"):
        time_weighted(np.array([1.0, 1.0]), np.zeros(2), np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="after the last"):
        time_weighted(np.array([0.0, 1.0]), np.ones(2), np.array([2.0]), np.ones(1))
