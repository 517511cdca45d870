"""Ways to foretell sparse streams: on most days nothing comes, so how often and how much are smoothed apart.

Sources: J. D. Croston, Forecasting and stock control for intermittent demands, Operational Research Quarterly 23
(1972); A. A. Syntetos and J. E. Boylan, The accuracy of intermittent demand estimates, International Journal of
Forecasting 21 (2005); R. H. Teunter, A. A. Syntetos and M. Z. Babai, Intermittent demand: linking forecasting to
inventory obsolescence, European Journal of Operational Research 214 (2011).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from flowd.analytics.forecasting.method import Array
from flowd.analytics.forecasting.simple import starts

#: Sparse is what has, on average, more than so many days from one receipt to the next (Syntetos and Boylan).
SPARSE: Final = 1.32
_ALPHAS: Final = np.array([0.05, 0.1, 0.15])
_BETAS: Final = np.array([0.02, 0.05, 0.1])


def sparse(values: Array) -> bool:
    """Return whether on so many days nothing comes that the series is better seen as single receipts."""
    receipts = int(np.count_nonzero(values))
    return receipts > 0 and len(values) / receipts > SPARSE


def syntetos_boylan(values: Array, _season: int, horizon: int) -> Array:
    """Repeat the rate: smoothed size over smoothed interval, less the bias of Croston's ratio."""
    series, length = values.shape
    begin = starts(values)
    size, interval = np.zeros((series, len(_ALPHAS))), np.ones((series, len(_ALPHAS)))
    squares = np.zeros_like(size)
    waited = np.ones(series)
    seen = np.zeros(series, dtype=np.bool_)
    for now in range(length):
        live, value = now >= begin, np.nan_to_num(values[:, now])
        came = live & (value != 0)
        rate = (1 - _ALPHAS / 2) * size / interval
        squares += np.where((live & seen)[:, None], (value[:, None] - rate) ** 2, 0.0)
        first, later = (came & ~seen)[:, None], (came & seen)[:, None]
        size = np.where(first, value[:, None], np.where(later, size + _ALPHAS * (value[:, None] - size), size))
        gap = waited[:, None]
        interval = np.where(first, gap, np.where(later, interval + _ALPHAS * (gap - interval), interval))
        waited = np.where(came, 1.0, waited + live)
        seen |= came
    rate = (1 - _ALPHAS / 2) * size / interval
    return _least(rate, squares, horizon)


def teunter_syntetos_babai(values: Array, _season: int, horizon: int) -> Array:
    """Repeat size times chance, the chance falling on every day without a receipt: a stream that ended fades out."""
    series, length = values.shape
    begin = starts(values)
    alpha, beta = np.repeat(_ALPHAS, len(_BETAS)), np.tile(_BETAS, len(_ALPHAS))
    known = np.nan_to_num(values)
    # The chance begins as the share of the days known, as good as any guess and forgotten soon.
    share = (known != 0).sum(axis=1) / np.maximum(length - begin, 1)
    chance, size = np.repeat(share[:, None], len(alpha), axis=1), np.zeros((series, len(alpha)))
    squares = np.zeros_like(size)
    seen = np.zeros(series, dtype=np.bool_)
    for now in range(length):
        live, value = (now >= begin)[:, None], known[:, now, None]
        came = live & (value != 0)
        squares += np.where(live & seen[:, None], (value - chance * size) ** 2, 0.0)
        size = np.where(came, np.where(seen[:, None], size + alpha * (value - size), value), size)
        chance = np.where(live, chance + beta * (came - chance), chance)
        seen |= came[:, 0]
    return _least(chance * size, squares, horizon)


def _least(rate: Array, squares: Array, horizon: int) -> Array:
    """Repeat, for each series, the rate whose parameters left the least squares."""
    best = rate[np.arange(len(rate)), np.argmin(squares, axis=1)]
    return np.repeat(best[:, None], horizon, axis=1)
