"""Chooses what foretells a series: a combination in which each method weighs by how well it did on the past.

Sources: J. M. Bates and C. W. J. Granger, The combination of forecasts, Operational Research Quarterly 20 (1969);
S. Makridakis and M. Hibon, The M3-Competition, International Journal of Forecasting 16 (2000): a combination is more
accurate than its members. What is measured is the mean over the steps so far, because what people ask for are totals:
a method that says nothing every day would have the smallest daily error of a stream that pays once a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from flowd.analytics.forecasting.method import Array, Backtest, Choice

#: A method whose weight would be smaller than this part of the greatest is left out.
NEGLIGIBLE: Final = 0.05


def score(errors: Array) -> float:
    """Return the mean absolute error of the mean over the steps so far; `errors`, (origins, steps), NaN if unknown."""
    known = ~np.isnan(errors)
    count = np.cumsum(known, axis=1)
    running = np.abs(np.cumsum(np.where(known, errors, 0.0), axis=1)) / np.maximum(count, 1)
    per_step = np.where(known, running, 0.0).sum(axis=0)
    rows = known.sum(axis=0)
    measured = rows > 0
    return float((per_step[measured] / rows[measured]).mean()) if measured.any() else float("nan")


def combined(errors: Mapping[str, Array], weights: Mapping[str, float]) -> Array:
    """Return the errors, shape (origins, steps), of the combination: those of its members, by weight."""
    return np.asarray(np.sum([weight * errors[name] for name, weight in weights.items()], axis=0))


def choose(backtest: Backtest) -> Choice:
    """Weigh each method by the inverse square of its score; raise ValueError where none was tried."""
    if not backtest.errors:
        raise ValueError("no method was tried: the series is too short for a backtest, or every method failed")
    raw = {name: score(errors) for name, errors in backtest.errors.items()}
    least = min(raw.values())
    if least <= 1e-9 * backtest.scale:
        inverse = {name: float(one <= 1e-9 * backtest.scale) for name, one in raw.items()}
    else:
        inverse = {name: (least / one) ** 2 for name, one in raw.items()}
    kept = {name: one for name, one in inverse.items() if one >= NEGLIGIBLE}
    total = sum(kept.values())
    weights = {name: one / total for name, one in kept.items()}
    scores = {name: one / backtest.scale for name, one in raw.items()}
    best = min(scores, key=lambda name: scores[name])
    if len(weights) == 1:
        return Choice(name=best, weights=weights, scores=scores, reason=f"{best} was by far the best on the past")
    name = "combination"
    scores[name] = score(combined(backtest.errors, weights)) / backtest.scale
    first = sorted(weights, key=lambda one: -weights[one])[:3]
    reason = (
        f"{len(weights)} methods weighed by their errors from {len(backtest.origins)} moments of the past, most of all "
        + ", ".join(f"{one} ({weights[one]:.0%})" for one in first)
        + f"; error {scores[name]:.2f} against {scores[best]:.2f} of the best alone ({best})"
    )
    return Choice(name=name, weights=weights, scores=scores, reason=reason)
