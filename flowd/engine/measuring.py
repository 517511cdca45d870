"""Keeps the numbers that analytics derive beside income (derived.metric), each analytic's rows apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flowd.api import Analytic, Metric, View
from flowd.domain.time import day_bounds
from flowd.engine.windows import EARLIEST, LATEST
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: The table an analytic names in `writes` to have its metrics kept.
TABLE = "derived.metric"
#: The table an analytic names in `reads` to be computed anew when events change.
EVENTS = "raw.event"


def reads_events(analytic: Analytic) -> bool:
    """Say whether an analytic depends on what plugins state as events."""
    return EVENTS in analytic.reads


def reads_streams(analytic: Analytic) -> bool:
    """Say whether an analytic depends on anything else: streams, transactions, readings, rates."""
    return any(table != EVENTS for table in analytic.reads) or not analytic.reads


def by_connection(analytic: Analytic) -> bool:
    """Say whether what an analytic says of a connection depends on that connection only."""
    return bool(getattr(analytic, "by_connection", False))


def measure(
    session: Session,
    tenant: int,
    analytics: Iterable[Analytic],
    view: View,
    since: date,
    until: date,
    *,
    subject: str | None = None,
) -> int:
    """Have every analytic that writes metrics compute what the days from `since` to `until` reach; store what changed.

    Returns how many rows changed. What an analytic no longer gives for those days is dropped; of `subject` only, where
    one is named.
    """
    sql = statements("metrics")
    changed = 0
    for analytic in analytics:
        if TABLE not in analytic.writes:
            continue
        reached = analytic.reach(view, since, until)
        first, last = max(min(since, reached[0]), EARLIEST), min(max(until, reached[1]), LATEST)
        rows = [row for row in analytic.compute(view, first, last) if isinstance(row, Metric)]
        session.execute(sql["work"])
        session.execute(sql["clear"])
        with session.cursor() as cursor, cursor.copy(sql["copy"]) as copy:
            for row in rows:
                copy.write_row((row.subject, row.name, row.window, row.at, row.value, row.unit))
        bounds = {"since": _start(first, view.zone), "until": _start(last + timedelta(days=1), view.zone)}
        fields = {"tenant": tenant, "analytic": analytic.name, "subject": subject, **bounds}
        changed += session.execute(sql["delete_gone"], fields).rowcount
        changed += session.execute(sql["upsert"], fields).rowcount
    return changed


def _start(day: date, zone: ZoneInfo) -> object:
    return day_bounds(day, zone)[0]
