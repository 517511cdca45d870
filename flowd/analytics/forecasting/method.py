"""What a way to foretell a series is, and what comes out of trying, choosing and applying several of them.

All of it works on one regular series of numbers, oldest first, of any frequency: `season` is how many values make one
season (7 for days of a week, 12 for months of a year, 1 for none). What a value stands for is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.api import ProjectionMethod

Array = NDArray[np.float64]
#: The quantiles of what is to come that are kept of every projection.
LEVELS: Final = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


#: One way to foretell a series, as plugins bring them too: `name`, and `forecast(values, season, horizon)`, which gives
#: the most likely path, shape (horizon,), after `values`, shape (n,), n >= 1, all finite.
Method = ProjectionMethod


@dataclass(frozen=True, slots=True)
class ManyMethod:
    """A method that foretells many series at once, which is what makes a backtest over many origins cheap.

    `forecast_many` gives paths, shape (series, horizon), after `values`, shape (series, n): series end together, and
    those that began later have NaN before their first value.
    """

    name: str
    forecast_many: Callable[[Array, int, int], Array]

    def forecast(self, values: Array, season: int, horizon: int) -> Array:
        """Foretell one series."""
        path: Array = self.forecast_many(values[None, :], season, horizon)[0]
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What each method would have said in the past, against what came: a rolling-origin evaluation.

    `origins[i]` is how many values were known when row i was foretold. `errors[method][i, h]` is what came minus what
    was foretold, h + 1 steps ahead; NaN where the history ends before that step. `scale` is the mean absolute change
    from one value (or season) to the next, so that errors of several series compare. `failed` says of methods that
    raised or gave something that is not finite what they did; they have no errors.
    """

    origins: tuple[int, ...]
    errors: Mapping[str, Array]
    scale: float
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What foretells: the mean of methods by `weights` (one alone with weight 1), and the numbers that decided.

    `scores` has each method's error in the backtest: the absolute error of the mean over the steps so far, in units of
    `scale`, averaged over steps and origins. Lower is better; the combination's own stands under its `name`.
    """

    name: str
    weights: Mapping[str, float]
    scores: Mapping[str, float]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """How far off a forecast may be: `offsets[l, h]` plus the point h + 1 steps ahead is the quantile `levels[l]`."""

    levels: tuple[float, ...]
    offsets: Array
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is said of a series: where it goes, how sure that is, by which method and why.

    Shapes: `points` (horizon,), `quantiles` (levels, horizon), rising with the level and never NaN, `errors` (origins,
    horizon): of the method chosen, in time order, for joint resampling; row i was foretold when `origins[i]` values
    were known. Errors are NaN where the history ends before the step; there may be no rows at all. `short` says that
    the history is too short to have been tested on: the bands are then a wide guess.
    """

    points: Array
    levels: tuple[float, ...]
    quantiles: Array
    errors: Array
    origins: tuple[int, ...]
    method: str
    reason: str
    scores: Mapping[str, float]
    short: bool
