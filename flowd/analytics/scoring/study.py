"""The study `scores`: every sum that was foretold is held against what came, once its days are over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pydantic import Field

from flowd.api import Config, History, Metric, ProjectionScore
from flowd.domain.studied import Scope
from flowd.domain.time import day_start

if TYPE_CHECKING:
    from flowd.analytics.scoring.accuracy import Accuracy, Scored

#: The numbers kept per subject, horizon and month, each with its unit; None stands for the currency.
MEASURES: Final = {
    "scored": "projections",
    "coverage_50": "share",
    "coverage_80": "share",
    "coverage_90": "share",
    "within_20": "share",
    "mape": "share",
    "median_ape": "share",
    "bias": "share",
    "crps": None,
    "skill": "share",
}


class ScoringConfig(Config):
    """How long single scores are kept."""

    days: int = Field(
        400, ge=30, le=36_500, description="single scores are kept for so many days; monthly figures for ever"
    )


class Scoring:
    """Scores what was foretold: a row per projection whose days are over, and figures per month and horizon.

    What came is what is known of it now: a receipt that is entered late changes the scores of its days. A projection
    with a day of which nothing is known has no score until it is known.
    """

    name = "scores"
    config: type[Config] = ScoringConfig
    reads: Sequence[str] = ("raw.projection", "derived.income_daily", "derived.stream")
    writes: Sequence[str] = ("derived.projection_score", "derived.metric")

    def study(self, history: History, config: ScoringConfig) -> Iterator[ProjectionScore | Metric]:
        """Yield the scores of the last `config.days` days, then the figures of all months."""
        from flowd.analytics.scoring.accuracy import accuracy, scored
        from flowd.analytics.scoring.came import Came

        said = history.said
        if said is None:
            return
        scores = scored(
            subject=said.subject,
            made_on=said.made_on,
            for_day=said.for_day,
            quantiles=said.quantiles,
            actual=Came(history).sums(said),
        )
        yield from _rows(scores, said.subjects, history.until.toordinal() - config.days)
        yield from _metrics(accuracy(scores), said.subjects, history)


def _rows(scores: Scored, subjects: Sequence[tuple[Scope, str]], after: int) -> Iterator[ProjectionScore]:
    from flowd.analytics.rounding import decimal
    from flowd.analytics.scoring.losses import share_off, within

    middle = scores.said[3]
    off, near = share_off(scores.actual, middle), within(scores.actual, middle)
    bands = scores.inside(2, 4), scores.inside(1, 5), scores.inside(0, 6)
    for at in (scores.for_day > after).nonzero()[0]:
        scope, name = subjects[scores.subject[at]]
        p50, actual = decimal(middle[at]), decimal(scores.actual[at])
        pinball = decimal(scores.losses[:, at].mean())
        if p50 is None or actual is None or pinball is None:  # nobody earns that much
            continue
        yield ProjectionScore(
            scope=scope,
            name=name,
            made_on=date.fromordinal(int(scores.made_on[at])),
            horizon=int(scores.for_day[at] - scores.made_on[at]) + 1,
            for_day=date.fromordinal(int(scores.for_day[at])),
            p50=p50,
            actual=actual,
            error=actual - p50,
            ape=decimal(off[at], 6),
            pinball=pinball,
            inside_50=bool(bands[0][at]),
            inside_80=bool(bands[1][at]),
            inside_90=bool(bands[2][at]),
            within_20=bool(near[at]),
        )


def _metrics(figures: Iterable[Accuracy], subjects: Sequence[tuple[Scope, str]], history: History) -> Iterator[Metric]:
    from flowd.analytics.rounding import decimal

    for row in figures:
        scope, name = subjects[row.subject]
        for measure, unit in MEASURES.items():
            number = getattr(row, measure)
            yield Metric(
                subject="total" if scope is Scope.TOTAL else f"{scope.value}:{name}",
                name=measure,
                window=f"{row.horizon}d",
                at=day_start(row.month, history.zone),
                value=Decimal(number) if isinstance(number, int) else decimal(number, 6 if unit else 8),
                unit=unit or history.currency,
            )
