"""Forecasts on the M3 competition's series, against the forecasts its participants made then.

    python -m bench.accuracy_forecast            all 1,502 series, about a minute
    python -m bench.accuracy_forecast 10         every tenth
    python -m bench.accuracy_forecast 5 statsforecast   the plugin's methods too, where they are installed

sMAPE is the competition's: 200 |came - said| / (|came| + |said|), the mean over all steps of all series; `per series`
is the mean of the series' means. Whatever is chosen is chosen on the training part only, as a projection does it.
"""

from __future__ import annotations

import csv
import gzip
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.forecasting.foretelling import forecast
from flowd.analytics.forecasting.method import Forecast, Method
from flowd.analytics.forecasting.methods import builtin_methods

Array = NDArray[np.float64]
DATA: Final = Path(__file__).parents[2] / "shared" / "data" / "forecasting" / "m3"
SEASONS: Final = {"YEARLY": 1, "QUARTERLY": 4, "MONTHLY": 12, "OTHER": 1}
RIVALS: Final = ("THETA", "COMB S-H-D", "ForecastPro", "NAIVE2")
#: The bands looked at: the central ones of 50, 80 and 90 %, by their places among the levels.
BANDS: Final = {"50 %": (2, 4), "80 %": (1, 5), "90 %": (0, 6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class M3Series:
    """One series of the competition: what participants were given, and what came."""

    name: str
    period: str
    train: Array
    test: Array


def series_of(every: int = 1) -> list[M3Series]:
    """Read every `every`-th series."""
    with gzip.open(DATA / "m3_series.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::every]
    return [
        M3Series(name=row["series"], period=row["period"], train=_numbers(row["train"]), test=_numbers(row["test"]))
        for row in rows
    ]


def rivals_of(names: Sequence[str] = RIVALS) -> dict[str, dict[str, Array]]:
    """Read what participants foretold, by participant and series."""
    found: dict[str, dict[str, Array]] = {name: {} for name in names}
    with gzip.open(DATA / "m3_forecasts.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["method"] in found:
                found[row["method"]][row["series"]] = _numbers(row["forecast"])
    return found


def _numbers(text: str) -> Array:
    return np.array([float(one) for one in text.split()])


def foretold(series: Sequence[M3Series], methods: Sequence[Method] | None = None) -> dict[str, Forecast]:
    """Foretell each series as a projection would; no series of the competition is ever below zero."""
    return {
        one.name: forecast(one.train, SEASONS[one.period], len(one.test), methods, nonnegative=True) for one in series
    }


def paths_of(said: Mapping[str, Forecast]) -> dict[str, Array]:
    """Return the points of each forecast."""
    return {name: one.points for name, one in said.items()}


def smape(series: Sequence[M3Series], said: Mapping[str, Array]) -> dict[str, float]:
    """Return the error by period, of all, and as the mean of the series' means (`per series`)."""
    errors = {}
    for one in series:
        path = said[one.name][: len(one.test)]
        errors[one.name] = 200 * np.abs(one.test - path) / (np.abs(one.test) + np.abs(path))
    found = {
        period: float(np.concatenate([errors[one.name] for one in series if one.period == period]).mean())
        for period in SEASONS
    }
    found["all"] = float(np.concatenate(list(errors.values())).mean())
    found["per series"] = float(np.mean([each.mean() for each in errors.values()]))
    return found


def coverage(series: Sequence[M3Series], said: Mapping[str, Forecast], band: tuple[int, int]) -> dict[str, float]:
    """Return the share of what came that lay within the band, by period and of all, in percent."""
    within = {
        one.name: (one.test >= said[one.name].quantiles[band[0]]) & (one.test <= said[one.name].quantiles[band[1]])
        for one in series
    }
    found = {
        period: 100 * float(np.concatenate([within[one.name] for one in series if one.period == period]).mean())
        for period in SEASONS
    }
    found["all"] = 100 * float(np.concatenate(list(within.values())).mean())
    return found


def _row(name: str, numbers: Mapping[str, float], digits: int = 2) -> str:
    return f"{name:34}" + "".join(f"{numbers[one]:12.{digits}f}" for one in numbers)


def main(every: int = 1, *, statsforecast: bool = False) -> None:
    """Print sMAPE and coverage by period, and what a night of daily streams costs."""
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not on this machine")
        return
    series, rivals = series_of(every), rivals_of()
    begun = time.perf_counter()
    ours = foretold(series)
    taken = time.perf_counter() - begun
    print(f"M3, {len(series):,} series, {taken:.0f} s ({1000 * taken / len(series):.0f} ms each)\n")
    print(f"{'sMAPE':34}" + "".join(f"{one:>12}" for one in (*SEASONS, "all", "per series")))
    print(_row("flowd, chosen per series", smape(series, paths_of(ours))))
    for rival, paths in rivals.items():
        print(_row(f"{rival} (1998)", smape(series, paths)))
    if statsforecast:
        _statsforecast(series)
    print(f"\n{'came within the band, %':34}" + "".join(f"{one:>12}" for one in (*SEASONS, "all")))
    covered = {name: coverage(series, ours, band) for name, band in BANDS.items()}
    for name, shares in covered.items():
        print(_row(f"central {name}", shares, 1))
    central = {period: share for period, share in covered["80 %"].items() if period != "all"}
    weakest = max(central, key=lambda period: abs(central[period] - 80))
    print(f"weakest frequency: {weakest} ({central[weakest]:.1f} for 80)")
    _night()


def _night() -> None:
    """Time what 100 daily streams with 730 days each cost, 180 days ahead."""
    dice = np.random.Generator(np.random.SFC64(1))
    begun = time.perf_counter()
    for _ in range(100):
        forecast(np.where(np.arange(730) % 7 < 5, dice.gamma(4, 25, 730), 0), 7, 180, nonnegative=True)
    print(f"100 streams x 730 days, 180 days ahead: {time.perf_counter() - begun:.1f} s of one core")


def _statsforecast(series: Sequence[M3Series]) -> None:
    """Print statsforecast's automatic models alone and together, and `auto-ets` among flowd's own methods."""
    if find_spec("statsforecast") is None or find_spec("flowd_forecast") is None:
        print("statsforecast: not installed (pip install 'flowd-forecast[statsforecast]')")
        return
    from statsforecast import models

    from flowd_forecast import METHODS

    every: list[dict[str, Array]] = []
    for name in ("AutoETS", "AutoCES", "AutoTheta", "AutoARIMA"):
        paths, begun = {}, time.perf_counter()
        for one in series:
            model = getattr(models, name)(season_length=SEASONS[one.period])
            paths[one.name] = np.asarray(model.forecast(y=one.train, h=len(one.test))["mean"])
        taken = 1000 * (time.perf_counter() - begun) / len(series)
        every.append(paths)
        print(_row(f"statsforecast {name} ({taken:.0f} ms)", smape(series, paths)))
    median = {one.name: np.median([of[one.name] for of in every], axis=0) for one in series}
    print(_row("the median of these four", smape(series, median)))
    print(_row("flowd with auto-ets", smape(series, paths_of(foretold(series, (*builtin_methods(), *METHODS))))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1, statsforecast="statsforecast" in sys.argv[2:])
