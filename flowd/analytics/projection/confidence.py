"""How far a projection is to be trusted: the share of past projections that came near enough, with its components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from flowd.analytics.projection.rehearsal import REHEARSED, Said
from flowd.domain.json import Json

#: So many past projections of the longest sum are enough to count on; where there are fewer, shorter sums are counted.
ENOUGH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """A probability with its meaning, None where `reason` says why; `coverage` of the 80 per cent bands beside it."""

    value: float | None
    reason: str
    coverage: float | None = None
    error: float | None = None
    origins: int = 0
    parts: Mapping[str, Json] = field(default_factory=dict)


def counted(said: Sequence[Said]) -> Confidence:
    """Count the share of `said` (of one subject) that fell within 20 per cent of their median.

    Sums over 180 days count where there are six of them, else those over 90, else over 30. `error` is the mean absolute
    error of the median as a share of what came in the mean.
    """
    for horizon in reversed(REHEARSED):
        those = [one for one in said if one.horizon == horizon]
        if len(those) >= (ENOUGH if horizon > REHEARSED[0] else 1):
            break
    else:
        return Confidence(value=None, reason="there is too little history to have foretold any of it")
    near = sum(one.near for one in those)
    came = float(np.mean([abs(one.came) for one in those]))
    error = float(np.mean([abs(one.came - one.median) for one in those])) / came if came > 0 else None
    inside = [one.inside for one in said]
    by_horizon: dict[str, Json] = {}
    for length in REHEARSED:
        of_it = [one for one in said if one.horizon == length]
        if of_it:
            by_horizon[str(length)] = {
                "projections": len(of_it),
                "near": sum(one.near for one in of_it),
                "inside_80": sum(one.inside for one in of_it),
            }
    return Confidence(
        value=near / len(those),
        reason=f"{near} of {len(those)} past projections of {horizon} days came within 20 % of their median",
        coverage=float(np.mean(inside)),
        error=error,
        origins=len({one.origin for one in said}),
        parts={"horizon": horizon, "projections": len(those), "near": near, "by_horizon": by_horizon},
    )


def together(said: Sequence[Sequence[Said]]) -> list[Said]:
    """Return what would have been said of several streams together, from what was said of each.

    Means and variances add up. The median is the mean less the third moment over six variances (the first term of the
    expansion of E. A. Cornish and R. A. Fisher, 1938), and third moments add up too; so one stream alone keeps its own
    median. Streams that have no past at an origin are not counted there.
    """
    found: list[Said] = []
    keys = sorted({(one.origin, one.horizon) for many in said for one in many})
    for origin, horizon in keys:
        those = [one for many in said for one in many if one.origin == origin and one.horizon == horizon]
        mean = sum(one.mean for one in those)
        variance = sum(one.deviation**2 for one in those)
        skew = sum((one.mean - one.median) * one.deviation**2 for one in those) / variance if variance > 0 else 0.0
        deviation = float(np.sqrt(variance))
        if len(those) == 1:
            low, high = those[0].low, those[0].high
        else:
            low, high = mean - skew - 1.2816 * deviation, mean - skew + 1.2816 * deviation
        found.append(
            Said(
                origin=origin,
                horizon=horizon,
                mean=mean,
                median=mean - skew,
                deviation=deviation,
                low=low,
                high=high,
                came=sum(one.came for one in those),
            )
        )
    return found
