"""Has analytics compute the days that are due, and stores what is different from what was derived before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flowd.api import Analytic
from flowd.domain.results import IncomeDay, Stream
from flowd.engine.measuring import by_connection, measure, reads_events, reads_streams
from flowd.engine.rates import RateTable
from flowd.engine.tally import Tally
from flowd.engine.view import Facts, StoredView
from flowd.engine.windows import EARLIEST, LATEST, Windows
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: Seconds that one step may take; a step is at most everything of one kind.
STEP: Final = 600.0
_CHUNK: Final = 5000


@dataclass(slots=True, kw_only=True)
class Computing:
    """The analytics of one tenant within one transaction; `rows` counts what they changed."""

    session: Session
    facts: Facts
    analytics: Sequence[Analytic]
    rates: RateTable
    tally: Tally
    rows: int = 0

    def income(self, due: Windows, known: Mapping[str, Stream], streams: Mapping[str, Stream]) -> Windows:
        """Compute the rows of every stream that is due and store the difference; one that is gone loses its rows.

        Returns the stretch of days, up to today, for which that was done.
        """
        analytics = [analytic for analytic in self.analytics if "derived.income_daily" in analytic.writes]
        windows: list[tuple[str, date, date]] = []
        gaps: set[tuple[str, str, str, date]] = set()
        for name, first, last in due:
            if name not in known:
                continue
            asked = [streams[name]] if name in streams else []
            view = StoredView(self.session, self.facts, self.rates, asked)
            window = (first, last)
            self.rates.prepare(first, min(last, self.facts.today))
            for analytic in analytics:
                reached = analytic.reach(view, first, last)
                window = (max(min(window[0], reached[0]), EARLIEST), min(max(window[1], reached[1]), LATEST))
            windows.append((name, *window))
            for analytic in analytics if asked else ():
                rows = analytic.compute(view, *window)
                self._buffer((row for row in rows if isinstance(row, IncomeDay) and row.stream == name), window)
            gaps.update((name, *missing) for missing in self.rates.take_missing())
            self.session.prolong(STEP)
        self._copy("copy_windows", windows)
        self._copy("copy_gaps", sorted(gaps))
        base = self.facts.base_currency
        fields = {
            "tenant": self.facts.tenant,
            "base": base,
            "today": self.facts.today,
            "streams": [name for name, _, _ in windows],
            "since": min((first for _, first, _ in windows), default=self.facts.today),
            "until": max((last for _, _, last in windows), default=self.facts.today),
        }
        for name in ("delete_income", "upsert_income"):
            self.rows += self.tally.run(self.session, statements("derived")[name], fields)
        self._execute("delete_gaps")
        self._execute("upsert_gaps")
        self._execute("delete_missing")
        self._execute("upsert_missing")
        span = Windows()
        if windows:
            first, last = min(one[1] for one in windows), min(max(one[2] for one in windows), self.facts.today)
            span.add("", first, max(first, last))
        return span

    def metrics(self, spans: Windows, events: Windows, view: StoredView) -> None:
        """Keep the metrics of every analytic for the days on which something changed that it reads."""
        for analytic in self.analytics:
            if by_connection(analytic):
                continue
            due = Windows()
            for window in (spans if reads_streams(analytic) else (), events if reads_events(analytic) else ()):
                for name, first, last in window:
                    due.add(name, first, last)
            for _, first, last in due:
                self.rates.prepare(first, min(last, self.facts.today))
                self.rows += measure(self.session, self.facts.tenant, [analytic], view, first, last)
                self.session.prolong(STEP)

    def connections(self, due: Windows, holdings: Sequence[Stream]) -> None:
        """Keep the metrics of analytics that look at one connection at a time, for those that are due.

        One that is not among `holdings` (any more) loses its rows.
        """
        alone = [analytic for analytic in self.analytics if by_connection(analytic)]
        by_name = {holding.connection: holding for holding in holdings}
        for name, first, last in due if alone else ():
            asked = [by_name[name]] if name in by_name else []
            view = StoredView(self.session, self.facts, self.rates, [], asked)
            self.rates.prepare(first, min(last, self.facts.today))
            self.rows += measure(self.session, self.facts.tenant, alone, view, first, last, subject=name)
            self.session.prolong(STEP)

    def _buffer(self, rows: Iterable[IncomeDay], window: tuple[date, date]) -> None:
        """Lay rows aside in chunks: while they are stored, none can be fetched to compute the next."""
        for chunk in _chunks(row for row in rows if window[0] <= row.day <= window[1]):
            self._copy(
                "copy_income",
                [
                    (
                        row.stream,
                        row.day,
                        row.currency,
                        row.received,
                        row.earned,
                        row.received_base,
                        row.earned_base,
                        row.quality.value,
                    )
                    for row in chunk
                ],
            )

    def _execute(self, name: str, **fields: object) -> int:
        return self.session.execute(statements("derived")[name], {"tenant": self.facts.tenant, **fields}).rowcount

    def _copy(self, name: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self.session.cursor() as cursor, cursor.copy(statements("derived")[name]) as copy:
            for row in rows:
                copy.write_row(row)


def _chunks(rows: Iterator[IncomeDay] | Iterable[IncomeDay]) -> Iterator[list[IncomeDay]]:
    chunk: list[IncomeDay] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
