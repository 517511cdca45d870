"""The plugin's method foretells soundly where statsforecast is installed, and says what is missing where it is not."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from flowd.analytics.forecasting.foretelling import forecast
from flowd.analytics.forecasting.methods import builtin_methods
from flowd.plugins import load_plugins
from flowd.testing import MethodSuite
from flowd_forecast import METHODS
from flowd_forecast.ets import AutoEts

INSTALLED = find_spec("statsforecast") is not None
heavy = pytest.mark.skipif(not INSTALLED, reason="the extra flowd-forecast[statsforecast] is not installed")


def chance(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


@pytest.mark.skipif(INSTALLED, reason="statsforecast is installed")
def test_without_its_extra_it_is_a_line_in_the_list_that_names_the_fix() -> None:
    registry = load_plugins(["forecast"])
    [broken] = registry.broken
    assert broken.name == "forecast"
    assert "pip install 'flowd-forecast[statsforecast]'" in str(broken.error)
    assert not registry.methods


def test_the_daemon_imports_no_numpy_for_it() -> None:
    code = "import flowd_forecast, sys; sys.exit('numpy' in sys.modules or 'statsforecast' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_name_of_its_own() -> None:
    assert {one.name for one in METHODS}.isdisjoint(one.name for one in builtin_methods())


def test_with_hardly_anything_known_the_last_value_goes_on() -> None:
    assert AutoEts().forecast(np.array([3.0, 4.0]), 7, 3).tolist() == [4, 4, 4]


@heavy
def test_with_its_extra_it_is_registered() -> None:
    registry = load_plugins(["forecast"])
    assert registry.broken == []
    assert list(registry.methods) == ["auto-ets"]


@heavy
def test_seasons_come_back() -> None:
    week = np.array([100.0, 120, 110, 90, 150, 20, 10])
    values = np.tile(week, 20) + chance(1).normal(0, 1, 140)
    assert AutoEts().forecast(values, 7, 7) == pytest.approx(week, abs=5)


@heavy
class TestAutoEts(MethodSuite):
    method = AutoEts()


@heavy
def test_it_takes_part_in_the_choice() -> None:
    values = 100 + 10 * np.sin(np.arange(60)) + chance(4).normal(0, 2, 60)
    found = forecast(values, 1, 6, [*builtin_methods(), *METHODS])
    assert "auto-ets" in found.scores
    assert "failed" not in found.reason
