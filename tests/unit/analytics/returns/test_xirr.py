"""The money-weighted return is a rate at which the flows are worth nothing, or there is none and it is said why."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowd.analytics.returns.roots import by_day, find_roots
from flowd.analytics.returns.xirr import NoRate, xirr, xirr_batch, xnpv

MONEY = st.floats(-1e6, 1e6).filter(lambda amount: abs(amount) > 0.01)
FLOWS = st.lists(st.tuples(st.integers(0, 6000), MONEY), min_size=2, max_size=30)


def split(flows: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([day for day, _ in flows]), np.array([amount for _, amount in flows])


def test_a_year_of_five_per_cent() -> None:
    found = xirr(np.array([0, 365]), [-1000, 1050])
    assert found.rate == pytest.approx(0.05, abs=1e-12)
    assert found.period == pytest.approx(0.05, abs=1e-12)
    assert found.others == ()


def test_two_years_and_unordered() -> None:
    found = xirr(np.array([730, 0, 365]), [660, -1000, 550])
    assert found.rate is not None
    assert -1000 + 550 / (1 + found.rate) + 660 / (1 + found.rate) ** 2 == pytest.approx(0, abs=1e-9)
    assert found.period == pytest.approx((1 + found.rate) ** 2 - 1)


@pytest.mark.parametrize(
    ("days", "amounts", "why"),
    [
        ([], [], NoRate.NO_FLOWS),
        ([0, 5], [0, 0], NoRate.NO_FLOWS),
        ([0, 5], [-100, -1], NoRate.ONE_WAY),
        ([3, 3], [-100, 101], NoRate.ONE_DAY),
        ([0, 0, 9, 9], [5, -5, 7, -7], NoRate.NO_FLOWS),
        ([0, 5], [-100, np.nan], NoRate.UNKNOWN),
        ([0, 365, 730], [100, -200, 101], NoRate.NO_ROOT),
        ([0, 1], [-1, 100], NoRate.TOO_LARGE),
    ],
)
def test_there_is_none_and_it_is_said_why(days: list[int], amounts: list[float], why: NoRate) -> None:
    found = xirr(np.array(days, dtype=np.int64), amounts)
    assert (found.rate, found.why) == (None, why)
    assert why.words
    rates, whys = xirr_batch(np.array(days, dtype=np.int64), np.array(amounts, float), np.array([0, len(days)]))
    assert np.isnan(rates[0])
    assert whys[0] == why


def test_a_rate_too_large_for_a_year_is_still_known_over_the_day() -> None:
    assert xirr(np.array([0, 1]), [-1, 100]).period == pytest.approx(99)


def test_several_rates_are_all_told() -> None:
    # 10 % and 20 % both fit: (x - 1.1)(x - 1.2) turned into flows
    found = xirr(np.array([0, 365, 730]), [-100, 230, -132])
    assert found.rate is not None
    assert sorted([found.rate, *found.others]) == pytest.approx([0.1, 0.2], abs=1e-9)


def test_two_roots_close_together_are_both_found() -> None:
    flows = by_day(np.array([0, 365, 730]), np.array([-1.0, 2.201, -1.1 * 1.101]))
    growths = [root.log_growth / 2 for root in find_roots(flows)]
    assert np.expm1(growths) == pytest.approx([0.1, 0.101], abs=1e-8)
    assert [root.falling for root in find_roots(flows)] == [False, True]


def test_money_that_is_always_invested_has_one_rate() -> None:
    # deposits and withdrawals in turn change the sign many times, but the balance never does
    days = np.arange(0, 700, 7)
    amounts = np.where(np.arange(100) % 2, 40.0, -50.0)
    amounts[-1] += 600
    assert xirr(days, amounts).others == ()


@pytest.mark.parametrize("rate", [-0.9999999, -0.99, -0.5, -1e-9, 0.0, 1e-9, 3.0, 5000.0])
def test_extreme_rates(rate: float) -> None:
    days = np.array([0, 10, 200, 730])
    amounts = np.array([-1000.0, -200.0, -50.0, 0.0])
    amounts[3] = -np.sum(amounts * (1 + rate) ** ((730 - days) / 365))
    found = xirr(days, amounts)
    assert found.rate == pytest.approx(rate, rel=1e-7, abs=1e-11)


@given(FLOWS)
@settings(max_examples=150, deadline=None)
def test_at_the_rate_the_flows_are_worth_nothing(flows: list[tuple[int, float]]) -> None:
    days, amounts = split(flows)
    found = xirr(days, amounts)
    assume(found.rate is not None and found.rate > -0.999999)
    assert found.rate is not None
    years = (days - days.min()) / 365
    size = np.sum(np.abs(amounts) * (1 + found.rate) ** -years)
    assert abs(xnpv(found.rate, days, amounts)) <= 1e-7 * size


@given(FLOWS)
@settings(max_examples=150, deadline=None)
def test_none_means_that_the_value_never_passes_zero(flows: list[tuple[int, float]]) -> None:
    days, amounts = split(flows)
    if xirr(days, amounts).why is not NoRate.NO_ROOT:
        return
    merged = by_day(days, amounts)
    growths = np.linspace(-300, 300, 4001)[:, None]
    values = np.exp(-growths * merged.share - np.maximum(0, -growths)) @ merged.amount
    known = values[values != 0]
    assert np.all(known > 0) or np.all(known < 0)


@given(st.lists(FLOWS, min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_batch_is_each_alone_in_any_order(portfolios: list[list[tuple[int, float]]], random: object) -> None:
    random.shuffle(portfolios)  # type: ignore[attr-defined]
    offsets = np.concatenate(([0], np.cumsum([len(flows) for flows in portfolios])))
    days, amounts = split([flow for flows in portfolios for flow in flows])
    rates, whys = xirr_batch(days, amounts, offsets)
    for flows, rate, why in zip(portfolios, rates, whys, strict=True):
        alone = xirr(*split(flows))
        assert alone.why == why
        assert (alone.rate is None) == bool(np.isnan(rate))
        if alone.rate is not None:
            assert rate == pytest.approx(alone.rate, rel=1e-6, abs=1e-9)


def test_a_thousand_investments_as_the_reference_has_them() -> None:
    random = np.random.Generator(np.random.PCG64(7))
    count, width = 1000, 20
    days = np.sort(random.integers(738000, 740000, (count, width)), axis=1)
    amounts = -random.gamma(2, 500, (count, width))
    amounts[:, -1] = -amounts[:, :-1].sum(axis=1) * np.exp(random.normal(0, 0.4, count))
    rates, _ = xirr_batch(days.ravel(), amounts.ravel(), np.arange(count + 1) * width)
    said = [
        pyxirr.xirr([date.fromordinal(int(day)) for day in row], money.tolist())
        for row, money in zip(days, amounts, strict=True)
    ]
    assert np.max(np.abs(rates - np.array(said, dtype=float))) < 1e-6


def test_offsets_have_to_fit() -> None:
    with pytest.raises(ValueError, match="offsets have to begin with 0"):
        xirr_batch(np.array([1, 2]), np.array([1.0, 2.0]), np.array([0, 1]))


def test_a_value_at_a_loss_of_all_is_refused() -> None:
    with pytest.raises(ValueError, match="above -1"):
        xnpv(-1.0, np.array([0]), np.array([1.0]))
