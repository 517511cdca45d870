"""Foretells in this process what is not stored: other horizons and currencies, weeks, and what would be if."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from flowd.analytics.projection.changes import Add, Change, Delay, Scale, Without
from flowd.analytics.rounding import decimal
from flowd.domain.money import plain
from flowd.domain.studied import GoalOutlook, Projected, Scope
from flowd.edges.foretold import QUANTILES, Band, Bucket, Foretold, Subject, band_of, left_out, ways_of
from flowd.edges.tables import money

if TYPE_CHECKING:
    from flowd.analytics.projection.subjects import Outlook, Paths
    from flowd.api import History
    from flowd.config import Settings
    from flowd.plugins import Registry

_DAY: Final = timedelta(days=1)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A projection with changes beside the one without, on the same chances.

    `below` is how likely the sum with the changes is less than without them; `below_median` how likely it is less than
    the median without them; `goals` are the outlooks of each goal without and with them, where they were asked for.
    """

    base: Foretold
    changed: Foretold
    changes: Sequence[str]
    below: Decimal
    below_median: Decimal
    goals: Sequence[tuple[GoalOutlook, GoalOutlook]] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it with stable keys: the projection with the changes, the base case and the differences beside it."""
        differences = [
            {"first": one.first, "last": one.last, **_difference(one, two)}
            for one, two in zip(self.base.bands, self.changed.bands, strict=True)
        ]
        return {
            **self.changed.as_json(),
            "changes": list(self.changes),
            "base": {"sum": asdict(self.base.sum), "bands": [asdict(band) for band in self.base.bands]},
            "difference": {
                "sum": _difference(self.base.sum, self.changed.sum),
                "bands": differences,
                "below": self.below,
                "below_median": self.below_median,
            },
            "goals": [
                {
                    "goal": two.goal.goal,
                    "probability": two.probability,
                    "reached_p50": two.reached_p50,
                    "needed": two.needed,
                    "base": {"probability": one.probability, "reached_p50": one.reached_p50, "needed": one.needed},
                }
                for one, two in self.goals
            ],
        }


def outlooks(
    history: History,
    settings: Settings,
    registry: Registry,
    *,
    days: int,
    keep: Sequence[tuple[Scope, str]],
    changes: Sequence[Change] = (),
    most_paths: int | None = None,
) -> Iterator[Outlook]:
    """Yield the outlook as the study `projection` makes it, then, where there are some, the one with `changes`.

    The same settings, methods and chances: where the study reaches as far, the numbers are those that are stored.
    """
    from flowd.analytics.holidays import calendar
    from flowd.analytics.projection.outlook import outlook
    from flowd.analytics.projection.study import ProjectionConfig
    from flowd.config.binding import bind_studies

    config = bind_studies(settings, registry)[0].get("projection", ProjectionConfig())
    assert isinstance(config, ProjectionConfig)
    models = history.models
    for laid_upon in ((), changes) if changes else ((),):
        found = outlook(
            history,
            horizon_days=max(days, config.horizon),
            paths=min(config.paths, most_paths or config.paths),
            methods=list(registry.methods.values()),
            models=models,
            holidays=calendar(config.holidays),
            loss=config.loss,
            keep=keep,
            changes=laid_upon,
        )
        yield found
        # what is foretold how need not be chosen twice
        models = found.models


def goals_compared(
    history: History, settings: Settings, registry: Registry, changes: Sequence[Change]
) -> list[tuple[GoalOutlook, GoalOutlook]]:
    """Return what is said of each goal without and with `changes`, as the study counts it."""
    from flowd.analytics.projection.goals import goal_horizon, goal_outlooks, goal_subjects
    from flowd.analytics.projection.study import GOAL_PATHS

    if not history.goals:
        return []
    base, changed = (
        goal_outlooks(history, found)
        for found in outlooks(
            history,
            settings,
            registry,
            days=goal_horizon(history.goals),
            keep=goal_subjects(history.goals),
            changes=changes,
            most_paths=GOAL_PATHS,
        )
    )
    return list(zip(base, changed, strict=True))


def foretold_of(
    outlook: Outlook,
    rows: Sequence[Projected],
    subject: Subject,
    *,
    days: int,
    by: Bucket,
    labels: Mapping[str, str],
    accuracy: Sequence[Mapping[str, object]] = (),
) -> Foretold:
    """Return what an outlook says of a subject, in the shape in which stored projections are shown.

    `rows` are the outlook's own, so that computed and stored numbers are rounded in one place; the paths of the subject
    have to be kept in the outlook where `by` is week or its sums do not have `days`. ValueError where nothing is
    foretold of the subject.
    """
    key = (subject.scope, subject.name)
    if key not in outlook.subjects:
        raise ValueError(f"nothing can be foretold of {subject.label}: nothing is known of it yet")
    until = outlook.made_on + (days - 1) * _DAY
    own = [row for row in rows if (row.scope, row.name) == key and row.for_day <= until]
    first, ways = outlook.made_on, ways_of(outlook.models.values(), labels)
    whole = next((row for row in own if row.span == "sum" and row.for_day == until), None)
    if by == "week":
        bands = _weeks(outlook.cumulated[key], first, days)
    elif by == "month":
        bands = [band_of(row, row.for_day.replace(day=1)) for row in own if row.span == "month"]
        so_far = decimal(outlook.subjects[key].so_far, 8)
        if bands and first.day > 1 and bands[0].first < first:
            bands[0] = band_of(next(row for row in own if row.span == "month"), bands[0].first, so_far)
    else:
        bands = [band_of(row, row.for_day) for row in own if row.span == "day"]
    return Foretold(
        subject=subject,
        currency=outlook.currency,
        made_on=first,
        days=days,
        by=by,
        bands=bands,
        sum=band_of(whole, first)
        if whole
        else _quantiles(outlook.cumulated[key][days - 1 : days], [(first, until)])[0],
        ways=ways,
        left_out=left_out(labels, ways),
        accuracy=accuracy,
    )


def compared(
    base: Foretold,
    changed: Foretold,
    paths: tuple[Paths, Paths],
    changes: Sequence[str],
    goals: Sequence[tuple[GoalOutlook, GoalOutlook]] = (),
) -> Compared:
    """Compare two projections; `paths` are the joint paths of the subject's sums, before and with the changes."""
    before, after = (one[base.days - 1] for one in paths)
    return Compared(
        base=base,
        changed=changed,
        changes=changes,
        below=decimal(float((after < before).mean()), 4) or _ZERO,
        below_median=decimal(float((after < float(base.sum.p50)).mean()), 4) or _ZERO,
        goals=goals,
    )


def _difference(one: Band, two: Band) -> dict[str, Decimal]:
    return {"p50": Decimal(plain(two.p50 - one.p50)), "mean": Decimal(plain(two.mean - one.mean))}


def in_words(change: Change) -> str:
    """Say a change as people would."""
    match change:
        case Without():
            return f"without {change.stream}"
        case Scale():
            return f"{change.stream} times {change.factor:g}"
        case Delay():
            return f"{change.stream} {change.days} days later"
        case Add():
            # its own period may say from when it counts
            start = f" from {change.start}" if change.start and "from" not in change.every else ""
            end = f" until {change.end}" if change.end else ""
            return f"{money(change.amount)} {change.currency} {change.every}{start}{end} more ({change.name})"
        case _:
            scope, name = change.subject
            what = {Scope.TOTAL: "everything", Scope.GROUP: f"group {name}"}.get(scope, name)
            return f"{what} times {change.factor:g} from {change.start} for {change.days} days"


def _weeks(cumulated: Paths, first: date, days: int) -> list[Band]:
    """Return a band per calendar week; the first and the last one may be cut."""
    import numpy as np

    ends = [number for number in range(days) if (first + number * _DAY).weekday() == 6 or number == days - 1]
    starts = [0, *(end + 1 for end in ends[:-1])]
    sums = np.diff(cumulated[ends], axis=0, prepend=np.zeros_like(cumulated[:1]))
    return _quantiles(sums, [(first + one * _DAY, first + two * _DAY) for one, two in zip(starts, ends, strict=True)])


def _quantiles(sums: Paths, spans: Sequence[tuple[date, date]]) -> list[Band]:
    from flowd.analytics.projection.rows import PLACES
    from flowd.analytics.projection.summing import spread_of

    spread = spread_of(sums.copy())
    bands = []
    for number, (first, last) in enumerate(spans):
        values = [*spread.quantiles[:, number], spread.mean[number]]
        amounts = [decimal(float(value), PLACES) or _ZERO for value in values]
        numbers = dict(zip((*QUANTILES, "mean"), amounts, strict=True))
        bands.append(Band(first=first, last=last, **numbers))
    return bands
