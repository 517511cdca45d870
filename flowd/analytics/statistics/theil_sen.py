"""The slope of a line that outliers do not bend: the median of the slopes between all pairs of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def theil_sen(times: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return (slope per unit of time, value at time 0) of the line through points; None for fewer than two times.

    The slope is the median over all pairs with different times, the intercept the median of what the slope leaves. All
    pairs at once: 730 points are 266,085 slopes, a few milliseconds.

    Sources: H. Theil, "A rank-invariant method of linear and polynomial regression analysis", Proc. Kon. Ned. Akad.
    Wetensch. A 53 (1950); P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968).
    """
    known = np.isfinite(values)
    times, values = times[known], values[known]
    first, second = np.triu_indices(len(values), k=1)
    apart = times[second] - times[first]
    pairs = apart != 0
    if not pairs.any():
        return None
    slope = float(np.median((values[second] - values[first])[pairs] / apart[pairs]))
    return slope, float(np.median(values - slope * times))
