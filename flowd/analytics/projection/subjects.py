"""What is said of one stream, a group or everything: quantiles per day, per month and of sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.api.studies import StreamInfo
from flowd.domain.json import Json
from flowd.domain.studied import ProjectionModel, Scope

Array = NDArray[np.float64]
Paths = NDArray[np.float32]
Subject = tuple[Scope, str]
TOTAL: Final[Subject] = (Scope.TOTAL, "")
#: The quantiles that are kept of whatever is foretold, as columns p05 to p95.
LEVELS: Final = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
#: Sums over so many days are kept, as far as the horizon reaches.
HORIZONS: Final = (7, 30, 60, 90, 120, 180, 365, 730)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """Quantiles of several quantities, shape (levels, quantities), and their means, shape (quantities,)."""

    quantiles: Array
    mean: Array

    def at(self, level: float) -> Array:
        """Return the quantile `level` (one of LEVELS) of each quantity."""
        found: Array = self.quantiles[LEVELS.index(level)]
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubjectOutlook:
    """What is foretold of one subject, in the outlook's currency.

    `daily` has one entry per day of the outlook, `monthly` per month that ends within it (what already came included;
    `so_far` is what came of the first one), `sums` per horizon: income from the first day on over so many days.
    `confidence` is None where `confidence_reason` says why; `parts` are its components.
    """

    scope: Scope
    name: str
    method: str
    reason: str
    short: bool
    daily: Spread
    monthly: Spread
    sums: Spread
    so_far: float
    confidence: float | None
    confidence_reason: str
    parts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """A joint projection: `days` from `made_on` on, the month ends among them, the horizons of sums, the streams.

    `cumulated` has, for the total and every subject asked for, income summed up from the first day on in each of the
    joint paths: shape (days, paths). `models` say how each was foretold and spare choosing again.
    `streams` includes what a change added.
    """

    currency: str
    made_on: date
    days: Sequence[date]
    months: Sequence[date]
    horizons: Sequence[int]
    streams: Sequence[StreamInfo]
    subjects: Mapping[Subject, SubjectOutlook]
    models: Mapping[Subject, ProjectionModel]
    cumulated: Mapping[Subject, Paths]

    @property
    def total(self) -> SubjectOutlook:
        """What is said of everything together."""
        return self.subjects[TOTAL]

    def horizon_day(self, horizon: int) -> date:
        """Return the last day of the sum over `horizon` days."""
        return self.made_on + timedelta(days=horizon - 1)


def group_subjects(streams: Sequence[StreamInfo]) -> list[Subject]:
    """Return the groups of `streams`, in order of their names."""
    return [(Scope.GROUP, group) for group in sorted({one.group for one in streams if one.group})]
