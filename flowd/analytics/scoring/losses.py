"""How far quantiles that were foretold are from what came: pinball loss, the score of a whole distribution, bands.

Sources: R. Koenker and G. Bassett, Regression Quantiles, Econometrica 46 (1978), for the pinball loss; T. Gneiting and
A. E. Raftery, Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102 (2007), sections 4.2 and 6, for
scoring a distribution by its quantiles: whoever says anything but what he believes loses on average.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: The quantiles that are kept of whatever is foretold.
LEVELS: Final = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
#: The stretch of levels that each stands for: from the middle between it and its neighbours, 0 and 1 at the ends.
WIDTHS: Final = (0.075, 0.10, 0.20, 0.25, 0.20, 0.10, 0.075)
#: Two amounts are the same that differ by less than this share: floats are not exact to the last cent of a million.
_SAME: Final = 1e-9


def pinball(quantiles: Array, actual: Array) -> Array:
    """Return the pinball loss of each quantile, shape (7, n): level x what it is too low, or (1 - level) x too high."""
    levels = np.array(LEVELS)[:, None]
    off = actual[None, :] - quantiles
    losses: Array = np.where(off >= 0, levels * off, (levels - 1) * off)
    return losses


def crps(losses: Array) -> Array:
    """Return the continuous ranked probability score, shape (n,), approximated from the `losses` of the quantiles.

    It is twice the integral of the pinball loss over all levels; each of the seven stands for the stretch around it.
    For a forecast without a band it is near the absolute error.
    """
    scores: Array = 2 * (np.array(WIDTHS)[:, None] * losses).sum(axis=0)
    return scores


def inside(low: Array, high: Array, actual: Array) -> Flags:
    """Whether what came is from `low` to `high`, both included."""
    slack = _SAME * np.maximum(np.abs(actual), 1.0)
    flags: Flags = (actual >= low - slack) & (actual <= high + slack)
    return flags


def share_off(actual: Array, said: Array) -> Array:
    """Return the absolute error as a share of what came, NaN where nothing came."""
    shares = np.full(len(actual), np.nan)
    np.divide(np.abs(actual - said), np.abs(actual), out=shares, where=np.abs(actual) > _SAME)
    return shares


def within(actual: Array, said: Array, share: float = 0.2) -> Flags:
    """Whether what came is at most a `share` of what was said away from it: what confidence foretells."""
    slack = _SAME * np.maximum(np.abs(actual), 1.0)
    flags: Flags = np.abs(actual - said) <= share * np.abs(said) + slack
    return flags
