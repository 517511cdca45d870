"""A median that does not take one holiday or one new car for what a month costs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Makes the median absolute deviation of normal values their standard deviation.
NORMAL: Final = 1.482602218505602
#: What is farther from the median than so many of these is an outlier.
LIMIT: Final = 3.0


def hampel(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of `values` are kept: known, and within 3 * 1.4826 * MAD of their median.

    The identifier is applied to all values at once, not in a moving window: what is asked for is one typical month.
    Where more than half of the values are the same (MAD 0), nothing is taken for an outlier.

    Source: F. R. Hampel, "The Influence Curve and its Role in Robust Estimation", JASA 69 (1974); L. Davies and
    U. Gather, "The Identification of Multiple Outliers", JASA 88 (1993).
    """
    known = np.isfinite(values)
    if not known.any():
        return known
    median = float(np.median(values[known]))
    distance = np.abs(np.where(known, values, median) - median)
    mad = float(np.median(distance[known]))
    if mad == 0:
        return known
    kept: NDArray[np.bool_] = known & (distance <= LIMIT * NORMAL * mad)
    return kept


def typical(values: NDArray[np.float64]) -> float | None:
    """Return the median of what `hampel` keeps; None for fewer than three known values."""
    if int(np.isfinite(values).sum()) < 3:
        return None
    return float(np.median(values[hampel(values)]))
