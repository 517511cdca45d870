"""The methods that come with flowd, each able to foretell many series at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowd.analytics.forecasting.intermittent import sparse, syntetos_boylan, teunter_syntetos_babai
from flowd.analytics.forecasting.method import Array, ManyMethod, Method
from flowd.analytics.forecasting.season import without_season
from flowd.analytics.forecasting.simple import drift, naive, seasonal_naive, window_mean
from flowd.analytics.forecasting.smoothing import damped, holt, simple_smoothing
from flowd.analytics.forecasting.theta import optimised_theta, theta

#: What is tried on streams where something comes on most days.
DENSE: Final = (
    ManyMethod("naive", without_season(naive)),
    ManyMethod("seasonal-naive", seasonal_naive),
    ManyMethod("drift", without_season(drift)),
    ManyMethod("smoothing", without_season(simple_smoothing)),
    ManyMethod("holt", without_season(holt)),
    ManyMethod("damped-trend", without_season(damped)),
    ManyMethod("theta", without_season(theta)),
    ManyMethod("optimised-theta", without_season(optimised_theta)),
)
#: What is tried where on most days nothing comes: lines through single receipts would lead nowhere.
SPARSE: Final = (
    ManyMethod("mean-28", window_mean(28)),
    ManyMethod("mean-91", window_mean(91)),
    ManyMethod("mean-365", window_mean(365)),
    ManyMethod("seasonal-naive", seasonal_naive),
    ManyMethod("smoothing", without_season(simple_smoothing)),
    ManyMethod("croston", syntetos_boylan),
    ManyMethod("fading-croston", teunter_syntetos_babai),
)


def builtin_methods() -> tuple[Method, ...]:
    """Return every method that comes with flowd, each once."""
    return (*DENSE, *(one for one in SPARSE if one.name not in {other.name for other in DENSE}))


def suited(values: Array, season: int, methods: Sequence[Method]) -> tuple[Method, ...]:
    """Return those of `methods` that make sense for `values`, shape (n,); one that flowd does not know always does."""
    known = {one.name for one in (*DENSE, *SPARSE)}
    right = {one.name for one in (SPARSE if sparse(values) else DENSE)}
    if season == 1:
        right.discard("seasonal-naive")  # it would be the naive one again, and count twice
    return tuple(one for one in methods if one.name in right or one.name not in known)
