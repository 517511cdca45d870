"""Lays changes upon the paths of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from flowd.analytics.projection.changes import Add, Change, Delay, Scale, Shock, Without
from flowd.analytics.projection.payments import Known
from flowd.analytics.projection.subjects import TOTAL, Paths, Subject
from flowd.analytics.projection.window import Window
from flowd.api.studies import History, StreamInfo
from flowd.domain.periods import parse_period
from flowd.domain.results import Method, ScheduleTerm
from flowd.domain.studied import Scope


def checked(changes: Sequence[Change], streams: Sequence[StreamInfo]) -> None:
    """Raise ValueError for a change of something that is not there, or that makes no sense."""
    names = {one.stream for one in streams} | {change.name for change in changes if isinstance(change, Add)}
    groups = {one.group for one in streams}
    for change in changes:
        if isinstance(change, Without | Scale | Delay) and change.stream not in names:
            raise _missing("stream", change.stream, names)
        if isinstance(change, Shock):
            scope, name = change.subject
            if scope is Scope.STREAM and name not in names:
                raise _missing("stream", name, names)
            if scope is Scope.GROUP and name not in groups:
                raise _missing("group", name, groups)
        if isinstance(change, Scale | Shock) and not (np.isfinite(change.factor) and change.factor >= 0):
            raise ValueError(f"factor {change.factor}: it must be 0 or more")
        if isinstance(change, Delay) and change.days < 0:
            raise ValueError(f"delay of {change.days} days: it must be 0 or more")
        if isinstance(change, Add):
            parse_period(change.every)


def _missing(what: str, name: str, there: set[str]) -> ValueError:
    known = ", ".join(sorted(one for one in there if one)) or "none"
    return ValueError(f"{what} {name!r}: there is none of that name; there are: {known}")


def added(changes: Sequence[Change], history: History) -> dict[str, Known]:
    """Return the streams that changes add, by name; one that is there already is told apart by a number."""
    names = {one.stream for one in history.streams}
    found: dict[str, Known] = {}
    for change in changes:
        if not isinstance(change, Add):
            continue
        if history.last_rate(change.currency, history.currency, history.until) is None:
            raise ValueError(f"no rate of {change.currency} in {history.currency} is near enough to {history.until}")
        name, number = change.name, 2
        while name in names:
            name, number = f"{change.name} {number}", number + 1
        names.add(name)
        term = ScheduleTerm(
            stream=name,
            amount=change.amount,
            currency=change.currency,
            every=change.every,
            start=change.start or _begin(change.every, history.today),
            end=change.end,
        )
        info = StreamInfo(stream=name, method=Method.SCHEDULE, connection="", name=name, group="")
        found[name] = Known(
            info=info,
            first=history.today,
            until=history.until,
            daily=np.empty(0),
            terms=[term],
            signed=change.amount < 0,
            may_end=False,
        )
    return found


def _begin(every: str, today: date) -> date:
    """Return the first day of the period that is paid next: what is added is paid whole from its next due day on."""
    period = parse_period(every)
    span = period.span(today)
    return span.first if period.due(span) >= today else span.last + timedelta(days=1)


def applied(changes: Sequence[Change], info: StreamInfo, window: Window, paths: Paths) -> None:
    """Change `paths`, shape (days, paths), of one stream in place, in the order of `changes`."""
    for change in changes:
        if isinstance(change, Without) and change.stream == info.stream:
            paths[:] = 0
        elif isinstance(change, Scale) and change.stream == info.stream:
            paths *= np.float32(change.factor)
        elif isinstance(change, Delay) and change.stream == info.stream and change.days:
            kept = max(window.days - change.days, 0)
            paths[window.days - kept :] = paths[:kept].copy()
            paths[: window.days - kept] = 0
        elif isinstance(change, Shock) and _concerns(change.subject, info):
            low = (change.start - window.made_on).days
            high = (change.start + timedelta(days=change.days) - window.made_on).days
            paths[max(low, 0) : max(high, 0)] *= np.float32(change.factor)


def _concerns(subject: Subject, info: StreamInfo) -> bool:
    return subject == TOTAL or subject in {(Scope.STREAM, info.stream), (Scope.GROUP, info.group)}
