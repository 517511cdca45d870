"""Which methods foretell a level: chosen once on all of a stream's past, then applied as often as needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np

from flowd.analytics.forecasting.choosing import choose
from flowd.analytics.forecasting.method import Method
from flowd.analytics.forecasting.rolling import backtest
from flowd.analytics.projection.subjects import Array
from flowd.domain.json import Json

#: So many numbers are needed before methods are compared.
LEAST: Final = 8
#: A level is foretold at most this many times the largest number seen: a trend does not go on for ever.
_MOST: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Methods by weight, the backtest's error of each that was tried, and how many days one number stands for."""

    weights: Mapping[str, float]
    scores: Mapping[str, float] = field(default_factory=dict)
    grain: int = 0
    reason: str = ""

    @property
    def words(self) -> str:
        """Name the one method, or the combination by weight."""
        if len(self.weights) == 1:
            return next(iter(self.weights))
        return "combination of " + ", ".join(sorted(self.weights, key=lambda name: (-self.weights[name], name))[:3])

    def as_json(self) -> dict[str, Json]:
        """Return what is kept of it."""
        return {
            "weights": {name: f"{weight:.8g}" for name, weight in self.weights.items()},
            "scores": {name: f"{score:.8g}" for name, score in self.scores.items()},
            "grain": self.grain,
            "reason": self.reason,
        }


def chosen_from(data: Mapping[str, Json]) -> Chosen:
    """Return what was kept; KeyError where it was kept in another form."""
    return Chosen(
        weights={name: float(cast("str", one)) for name, one in cast("Mapping[str, Json]", data["weights"]).items()},
        scores={name: float(cast("str", one)) for name, one in cast("Mapping[str, Json]", data["scores"]).items()},
        grain=int(cast("int", data["grain"])),
        reason=str(data["reason"]),
    )


def compare(
    values: Array, steps: int, methods: Sequence[Method], *, grain: int = 0, nonnegative: bool
) -> Chosen | None:
    """Compare methods on a series, shape (n,); None where it is too short or none of them can."""
    if len(values) < LEAST:
        return None
    season = _season(values, grain)
    tried = backtest(values, season, max(1, min(steps, len(values) // 2)), methods, nonnegative=nonnegative)
    if not tried.errors:
        return None
    choice = choose(tried)
    return Chosen(weights=choice.weights, scores=choice.scores, grain=grain, reason=choice.reason)


def apply(chosen: Chosen, values: Array, steps: int, methods: Sequence[Method], *, nonnegative: bool) -> Array | None:
    """Return what the methods foretell, shape (steps,); None where one of them is not there any more or fails."""
    by_name = {method.name: method for method in methods}
    if not len(values) or not set(chosen.weights) <= by_name.keys():
        return None
    season = _season(values, chosen.grain)
    path = np.zeros(steps)
    for name, weight in chosen.weights.items():
        try:
            path += weight * np.asarray(by_name[name].forecast(values, season, steps), dtype=np.float64)
        except Exception:
            return None
    if not np.isfinite(path).all():
        return None
    most = _MOST * float(np.abs(values).max())
    return np.clip(path, 0.0 if nonnegative else -most, most)


def _season(values: Array, grain: int) -> int:
    """A year of months, where two of them were seen; weeks have none that is worth its noise."""
    return 12 if grain in {0, 30} and len(values) >= 26 else 1
