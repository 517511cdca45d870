"""Bands hold what they promise, and a forecast is sound whatever the history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flowd.analytics.forecasting.calibrating import calibrate
from flowd.analytics.forecasting.foretelling import forecast
from flowd.analytics.forecasting.method import LEVELS, Array
from flowd.analytics.forecasting.methods import builtin_methods


def chance(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def test_many_independent_errors_give_their_own_quantiles() -> None:
    bands = calibrate(chance(1).normal(0, 10, (400, 5)), 5, LEVELS, span=400)
    normal = 10 * np.array([-1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645])
    assert bands.offsets == pytest.approx(np.repeat(normal[:, None], 5, axis=1), abs=1)


def test_errors_all_alike_make_wider_bands_than_independent_ones() -> None:
    loose = chance(2).normal(0, 10, (12, 8))
    alike = np.repeat(loose[:, :1], 8, axis=1) * np.std(loose) / np.std(loose[:, 0])
    one, two = calibrate(alike, 8, LEVELS, span=12), calibrate(loose, 8, LEVELS, span=12)
    assert one.offsets[-1, -1] > 1.3 * two.offsets[-1, -1]


def test_bands_keep_the_shape_of_the_errors() -> None:
    """Mostly nothing comes, now and then a lot: the band is lopsided as the errors are."""
    errors = np.where(chance(3).random((200, 10)) < 0.12, 90.0, -10.0)
    bands = calibrate(errors, 10, LEVELS, span=400)
    assert bands.offsets[1, 0] > -25
    assert bands.offsets[-1, 0] > 60


def test_never_wrong_makes_no_band_and_nothing_known_is_an_error() -> None:
    assert not calibrate(np.zeros((5, 3)), 4, LEVELS).offsets.any()
    with pytest.raises(ValueError, match="no error is known"):
        calibrate(np.full((2, 3), np.nan), 3, LEVELS)


def test_spread_grows_with_the_step_as_it_did() -> None:
    walk = np.cumsum(chance(4).normal(0, 1, (300, 40)), axis=1)
    bands = calibrate(walk, 60, LEVELS, span=300)
    assert bands.offsets[-1, 39] / bands.offsets[-1, 9] == pytest.approx(2, rel=0.25)
    assert bands.offsets[-1, 59] > bands.offsets[-1, 39]


@pytest.mark.parametrize("kind", ["noise", "payouts", "weekdays"])
def test_bands_of_daily_income_hold(kind: str) -> None:
    inside = []
    for seed in range(8):
        dice = chance(seed)
        values = dice.lognormal(3, 0.7, 480)
        if kind == "payouts":
            values = np.where(dice.random(480) < 0.4, values, 0.0)
        if kind == "weekdays":
            values = np.where(np.arange(480) % 7 < 5, values, 0.0)
        found = forecast(values[:400], 7, 80, nonnegative=True)
        inside.append((values[400:] >= found.quantiles[1]) & (values[400:] <= found.quantiles[5]))
    assert 0.74 < np.mean(inside) < 0.94  # a band from zero on has nothing below it


def sound(values: Array, season: int, horizon: int, *, nonnegative: bool) -> None:
    found = forecast(values, season, horizon, nonnegative=nonnegative)
    assert found.points.shape == (horizon,)
    assert found.quantiles.shape == (len(LEVELS), horizon)
    assert np.isfinite(found.points).all()
    assert np.isfinite(found.quantiles).all()
    assert (np.diff(found.quantiles, axis=0) >= 0).all()
    assert found.errors.shape == (len(found.origins), horizon)
    assert found.reason
    assert "failed" not in found.reason, "no method of our own may fail, nor warn"
    if nonnegative:
        assert found.points.min() >= 0
        assert found.quantiles.min() >= 0


numbers = st.one_of(
    st.floats(-1e12, 1e12), st.integers(-100, 100).map(float), st.just(0.0), st.just(float("nan")), st.just(1e-9)
)


@settings(max_examples=60, deadline=None)
@given(
    values=arrays.arrays(np.float64, st.integers(0, 45), elements=numbers),
    season=st.sampled_from([1, 2, 7, 12]),
    horizon=st.sampled_from([1, 5, 40]),
    nonnegative=st.booleans(),
)
@example(values=np.where(np.arange(300) % 40 == 0, 50.0, 0.0), season=7, horizon=40, nonnegative=True)
@example(values=np.zeros(30), season=7, horizon=10, nonnegative=True)
@example(values=np.full(30, np.nan), season=7, horizon=10, nonnegative=True)
@example(values=np.full(100, 1e300), season=7, horizon=10, nonnegative=False)
@example(values=np.full(100, 5e-324), season=7, horizon=10, nonnegative=False)
@example(values=np.array([5.0] * 30 + [500.0] * 30), season=7, horizon=90, nonnegative=True)
@example(values=np.array([3.0]), season=1, horizon=3, nonnegative=True)
@example(values=2.0 ** np.arange(40), season=1, horizon=300, nonnegative=True)
def test_a_forecast_is_sound_whatever_the_history(values: Array, season: int, horizon: int, nonnegative: bool) -> None:
    sound(values, season, horizon, nonnegative=nonnegative)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.sampled_from([1e-6, 0.01, 100.0, 1e9]))
def test_the_unit_of_money_does_not_matter(seed: int, factor: float) -> None:
    values = chance(seed).lognormal(2, 1, 60)
    one, two = forecast(values, 7, 15, nonnegative=True), forecast(values * factor, 7, 15, nonnegative=True)
    assert two.quantiles == pytest.approx(one.quantiles * factor, rel=1e-6)
    assert two.method == one.method


def test_the_same_history_says_the_same() -> None:
    values = chance(9).lognormal(2, 1, 200)
    assert np.array_equal(forecast(values, 7, 30).quantiles, forecast(values, 7, 30).quantiles)


@pytest.mark.parametrize("length", [0, 1, 2, 7])
def test_a_short_history_says_so_and_is_wide(length: int) -> None:
    found = forecast(np.linspace(90, 110, length), 1, 5, nonnegative=True)
    assert found.short
    assert found.method == "mean"
    assert "too short" in found.reason
    if length:
        assert found.quantiles[-1, 0] - found.quantiles[0, 0] > 100


def test_far_beyond_what_was_tested_is_short_and_level() -> None:
    found = forecast(50 + 5.0 * np.arange(20) + chance(5).normal(0, 1, 20), 1, 180)
    assert found.short
    assert "16 of 180 steps" in found.reason
    assert np.ptp(found.points[16:]) == 0
    assert found.points[15] > found.points[0] > 100


def test_a_history_that_moved_is_foretold_from_where_it_is() -> None:
    values = np.concatenate([chance(6).normal(50, 3, 200), chance(7).normal(150, 3, 120)])
    found = forecast(values, 7, 30)
    assert found.points == pytest.approx(np.full(30, 150), rel=0.1)
    assert not found.short


def test_a_method_of_a_plugin_takes_part() -> None:
    class Interest:
        name = "interest"

        def forecast(self, values: Array, season: int, horizon: int) -> Array:
            return np.asarray(values[-1] * 1.05 ** np.arange(1, horizon + 1))

    found = forecast(np.asarray(1.05 ** np.arange(100), dtype=np.float64), 1, 30, [*builtin_methods(), Interest()])
    assert found.method == "interest"
    assert found.points == pytest.approx(1.05 ** np.arange(100, 130))


@pytest.mark.parametrize(
    ("values", "season", "horizon"), [([1.0, np.inf], 1, 1), ([1.0], 0, 1), ([1.0], 1, 0), ([[1.0]], 1, 1)]
)
def test_misuse_is_an_error(values: object, season: int, horizon: int) -> None:
    with pytest.raises(ValueError, match=r"are 1 or more|one row of finite"):
        forecast(np.array(values), season, horizon)
