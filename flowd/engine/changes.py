"""What changed in the raw logs since rows were last derived, as the writer noted it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flowd.domain.time import day_of
from flowd.engine.windows import Windows

_DAY: Final = timedelta(days=1)

#: A row of ops.pending: id, connection, what, since, until.
Pending = tuple[int, str, str, datetime | None, datetime | None]


@dataclass(slots=True, kw_only=True)
class Changes:
    """Days of changed transactions and readings by connection, of rates, of events by type, and what else is new."""

    ids: list[int] = field(default_factory=list)
    transactions: Windows = field(default_factory=Windows)
    readings: Windows = field(default_factory=Windows)
    rates: Windows = field(default_factory=Windows)
    events: Windows = field(default_factory=Windows)
    schedules: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    #: Days of changed trades by connection.
    trades: Windows = field(default_factory=Windows)
    #: Days of changed statement balances by connection, and of what decisions are about.
    balances: Windows = field(default_factory=Windows)
    decisions: Windows = field(default_factory=Windows)


def read_changes(rows: Iterable[Pending], zone: ZoneInfo) -> Changes:
    """Sort what is pending by what has to be done about it.

    A transaction of which the source states only the day is noted at noon UTC, which may be another day in `zone`:
    its window gets a day more on both sides.
    """
    changes = Changes()
    for number, connection, what, since, until in rows:
        changes.ids.append(number)
        first, last = _day(since, zone), _day(until, zone)
        if what == "transaction":
            changes.transactions.add(connection, first and first - _DAY, last and last + _DAY)
        elif what == "snapshot":
            changes.readings.add(connection, first, last)
        elif what == "balance":
            changes.balances.add(connection, first and first - _DAY, last and last + _DAY)
        elif what == "decision":
            changes.decisions.add("", first and first - _DAY, last and last + _DAY)
        elif what == "rate":
            changes.rates.add("", first, last)
        elif what == "schedule":
            changes.schedules.add(connection)
        elif what == "account":
            changes.accounts.add(connection)
        else:
            if what == "trade":
                changes.trades.add(connection, first, last)
            changes.events.add(what, first, last)
    return changes


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return None if at is None else day_of(at, zone)
