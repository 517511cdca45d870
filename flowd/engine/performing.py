"""Keeps derived.performance in step: each connection by itself where it changed, then the sums of those days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

from flowd.api import Analytic
from flowd.domain.results import IncomeDay, Metric, Stream
from flowd.domain.studied import Performance, Scope
from flowd.engine.rates import RateTable
from flowd.engine.tally import Tally
from flowd.engine.view import Facts, StoredView
from flowd.engine.windows import EARLIEST, LATEST, Windows
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: The table an analytic names in `writes` to have its rows kept, and in `reads` to be computed after the others.
TABLE: Final = "derived.performance"
_DAY: Final = timedelta(days=1)
_CHUNK: Final = 5000
#: A long history is computed in pieces of so many days, so that it does not have to fit into memory.
_PIECE: Final = timedelta(days=366)
#: Seconds for one connection.
_STEP: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Performing:
    """The performance of one tenant within one transaction."""

    session: Session
    facts: Facts
    analytics: Sequence[Analytic]
    rates: RateTable
    tally: Tally

    def run(self, due: Windows, holdings: Sequence[Stream], *, regroup: bool) -> int:
        """Compute the connections that are `due` and the sums of their days; return how many rows changed.

        A connection that is not among `holdings` (any more) loses its rows. `regroup` says that groups are others than
        before, so that all sums are due.
        """
        writers = [analytic for analytic in self.analytics if TABLE in analytic.writes]
        own = [analytic for analytic in writers if TABLE not in analytic.reads]
        sums = [analytic for analytic in writers if TABLE in analytic.reads]
        self.session.execute(statements("performance")["work"])
        self.rates.take_missing()
        by_name = {holding.connection: holding for holding in holdings}
        span, changed = Windows(), 0
        for name, first, last in due if writers else ():
            asked = [by_name[name]] if name in by_name else []
            found, window = self._connection(name, asked, own, first, last)
            if found:
                span.add("", *window)
            changed += found
            self.session.prolong(_STEP)
        if due and writers:
            # the same statements as after income: what that laid aside is still there
            for statement in ("delete_gaps", "upsert_gaps", "delete_missing", "upsert_missing"):
                self.session.execute(statements("derived")[statement], {"tenant": self.facts.tenant})
        if regroup and writers:
            span.add("")
        for _, first, last in span:
            view = StoredView(self.session, self.facts, self.rates, [], holdings)
            rows = (row for analytic in sums for row in analytic.compute(view, first, last))
            self._gather(rows, {Scope.TOTAL, Scope.GROUP}, first, last)
            changed += self._store({Scope.TOTAL: None, Scope.GROUP: None}, first, last)
        return changed

    def _connection(
        self, name: str, asked: Sequence[Stream], analytics: Sequence[Analytic], since: date, until: date
    ) -> tuple[int, tuple[date, date]]:
        view = StoredView(self.session, self.facts, self.rates, [], asked)
        today, first, last = self.facts.today, since, until
        self.rates.prepare(first, min(last, today))
        for analytic in analytics if asked else ():
            reached = analytic.reach(view, since, until)
            first, last = max(min(first, reached[0]), EARLIEST), min(max(last, reached[1]), LATEST)
        for begin, end in self._pieces(name, first, last) if asked else ():
            self.rates.prepare(begin, end)
            for analytic in analytics:
                rows = analytic.compute(view, begin, end)
                self._gather(rows, {Scope.ACCOUNT, Scope.CONNECTION}, begin, end)
            self._lay_gaps(name, begin)
            self.session.prolong(_STEP)
        self._copy("derived", "copy_windows", [(_needing(name), first, last)])
        accounts = [f"{name}/{account}" for (account,) in self._fetch("accounts", connection=name)]
        return self._store({Scope.ACCOUNT: accounts, Scope.CONNECTION: [name]}, first, last), (first, last)

    def _lay_gaps(self, name: str, begin: date) -> None:
        """Note the rates that the worth of a connection lacks: they are fetched, whatever its income is made from."""
        missing = sorted(self.rates.take_missing())
        base_currency = self.facts.base_currency
        gaps = [(base, quote, day) for base, quote, day in missing if quote == base_currency and day >= begin]
        self._copy("derived", "copy_gaps", [(_needing(name), *gap) for gap in gaps])

    def _pieces(self, name: str, first: date, last: date) -> Iterator[tuple[date, date]]:
        """Yield the stretches from the first reading on, or from `first`, up to `last` or today."""
        (begun,) = self._fetch("first_day", connection=name)[0]
        if begun is None:
            return
        begin, last = max(first, begun), min(last, self.facts.today)
        while begin <= last:
            yield begin, min(begin + _PIECE - _DAY, last)
            begin += _PIECE

    def _gather(
        self, rows: Iterable[IncomeDay | Metric | Performance], scopes: Collection[Scope], since: date, until: date
    ) -> None:
        """Lay rows aside in chunks: while they are copied, none can be fetched to compute the next."""
        given = (row for row in rows if isinstance(row, Performance) and row.scope in scopes)
        wanted = (row for row in given if since <= row.day <= until)
        while chunk := list(islice(wanted, _CHUNK)):
            self._copy("performance", "copy", [_columns(row) for row in chunk])

    def _store(self, names: Mapping[Scope, Sequence[str] | None], since: date, until: date) -> int:
        """Store the difference to what was gathered for some days; None stands for every name of a scope."""
        sql = statements("performance")
        fields: dict[str, Any] = {
            "tenant": self.facts.tenant,
            "base": self.facts.base_currency,
            "today": self.facts.today,
        }
        changed = 0
        for scope, own in names.items():
            gone = {"scope": scope.value, "names": None if own is None else list(own), "since": since, "until": until}
            changed += self.tally.run(self.session, sql["delete_gone"], {**fields, **gone})
        changed += self.tally.run(self.session, sql["upsert"], fields)
        self.session.execute(sql["clear"])
        return changed

    def _copy(self, file: str, name: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self.session.cursor() as cursor, cursor.copy(statements(file)[name]) as copy:
            for row in rows:
                copy.write_row(row)

    def _fetch(self, name: str, **fields: object) -> list[tuple[Any, ...]]:
        return self.session.execute(statements("performance")[name], {"tenant": self.facts.tenant, **fields}).fetchall()


def _needing(name: str) -> str:
    """Return under which name the rates are noted that the worth of a connection needs; no stream is called so."""
    return f"{name}/worth"


def _columns(row: Performance) -> tuple[object, ...]:
    return (
        row.scope.value,
        row.name,
        row.day,
        row.value,
        row.flow,
        row.pnl,
        row.day_return,
        row.income,
        row.price,
        row.fx,
        row.fees,
        row.other,
        row.quality.value,
        row.reason,
    )
