"""Rolls readings up per hour and day, and says what they were worth in base currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flowd.domain.time import day_of, day_start
from flowd.engine.rates import RateTable
from flowd.engine.view import Facts
from flowd.engine.windows import EARLIEST, LATEST, Windows
from flowd.storage.connections import Session
from flowd.storage.statements import statements

_DAY: Final = timedelta(days=1)
#: Longer stretches of days are rolled up in pieces of so many.
_PIECE: Final = timedelta(days=32)
#: Seconds that one piece may take.
_STEP: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollups:
    """The rollups of one tenant within one transaction."""

    session: Session
    facts: Facts

    def roll(self, readings: Windows) -> Windows:
        """Roll up the readings of `readings` (days by connection); return the days whose values that may change."""
        reached = Windows()
        for (first, last), connections in self._together(readings).items():
            fields = {**self._fields("", first, last), "connections": connections}
            # whole days, so that hours and days see the same readings; days that were not touched change nothing
            self.session.execute(statements("rollup")["hours"], fields)
            self.session.execute(statements("rollup")["days"], fields)
            self.session.prolong(_STEP)
        for connection, first, last in readings:
            fields = self._fields(connection, first, last)
            row = self.session.execute(statements("rollup")["reach"], fields).fetchone()
            until = row[0] if row is not None and row[0] is not None else last
            reached.add(connection, first, max(last, until))
        return reached

    def _together(self, readings: Windows) -> dict[tuple[date, date], list[str]]:
        """Return the stretches of days to be rolled up, each with its connections.

        Readings of one moment lie together, whoever they are of: years of many connections are rolled up month after
        month, all of them at once, so that each is read from the disk once.
        """
        wide = sorted({name for name, first, last in readings if last - first >= _PIECE})
        bounds = {}
        if wide:
            fields = {"tenant": self.facts.tenant, "connections": wide}
            for name, since, until in self.session.execute(statements("rollup")["first_and_last"], fields).fetchall():
                bounds[name] = (day_of(since, self.facts.zone), day_of(until, self.facts.zone))
        found: dict[tuple[date, date], list[str]] = {}
        for name, first, last in readings:
            if last - first < _PIECE:
                found.setdefault((first, last), []).append(name)
                continue
            if name not in bounds:
                continue
            begin, until = max(first, bounds[name][0]), min(last, bounds[name][1])
            while begin <= until:
                # pieces end on the same days for all, so that they are shared
                end = min(date.fromordinal((begin.toordinal() // _PIECE.days + 1) * _PIECE.days - 1), until)
                found.setdefault((begin, end), []).append(name)
                begin = end + _DAY
        return dict(sorted(found.items()))

    def price(self, windows: Windows, rates: RateTable) -> None:
        """Set what the last readings of `windows` (days by connection) were worth at the end of their day.

        Rates that are missing for balances nobody reads are noted down, so that they are fetched.
        """
        sql = statements("rollup")
        for connection, first, last in windows:
            fields = self._fields(connection, first, last)
            wanted = self.session.execute(sql["to_price"], fields).fetchall()
            rates.prepare(first, min(last, self.facts.today))
            self.session.execute(sql["clear_prices"])
            rates.take_missing()
            for asset, day in sorted({(asset, day) for _, asset, day, read in wanted if not read}):
                rates.rate(asset, self.facts.base_currency, day)
            self._note(f"{connection}/balance", first, last, rates.take_missing())
            # all of them before the COPY, during which no rate could be read
            prices = [
                (series, day, rates.rate(asset, self.facts.base_currency, day)) for series, asset, day, _ in wanted
            ]
            with self.session.cursor() as cursor, cursor.copy(sql["copy_prices"]) as copy:
                for price in prices:
                    copy.write_row(price)
            fields["series"] = sorted({series for series, _, _, _ in wanted})
            self.session.execute(sql["price_days"], fields)
            self.session.execute(sql["price_hours"], fields)
            self.session.prolong(_STEP)

    def _note(self, name: str, first: date, last: date, missing: Iterable[tuple[str, str, date]]) -> None:
        """Lay the rates aside that are missing for the balances of some days; no stream is called so."""
        base_currency = self.facts.base_currency
        gaps = [(name, *gap) for gap in sorted(missing) if gap[1] == base_currency and first <= gap[2] <= last]
        for statement, rows in (("copy_windows", [(name, first, last)]), ("copy_gaps", gaps)):
            with self.session.cursor() as cursor, cursor.copy(statements("derived")[statement]) as copy:
                for row in rows:
                    copy.write_row(row)

    def _fields(self, connection: str, first: date, last: date) -> dict[str, Any]:
        since, until = max(first, EARLIEST), min(last, LATEST)
        zone = self.facts.zone
        return {
            "tenant": self.facts.tenant,
            "connection": connection,
            "zone": str(zone),
            "since": since,
            "until": until,
            "begin": day_start(since, zone),
            "end": day_start(until + _DAY, zone),
            "today": self.facts.today,
        }
