"""Keeps positions in step: books go on from the last mark before what changed, and what is different is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from flowd.api import Analytic
from flowd.api.ledgers import Bookkeeper
from flowd.domain.flows import AccountKind
from flowd.domain.positions import BookRow, Lot, Mark, Position, PositionDay, Realised
from flowd.domain.shares import EXACT
from flowd.engine.bookfacts import StoredLedger
from flowd.engine.changes import Changes
from flowd.engine.rates import RateTable
from flowd.engine.transferring import MARGIN
from flowd.engine.view import Facts
from flowd.engine.windows import EARLIEST, LATEST
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: The table an analytic names in `writes` to keep books.
TABLE: Final = "derived.position"
#: Under this name the rates are noted that books lack; no stream is called so.
_NEEDING: Final = "(positions)"
_DAY: Final = timedelta(days=1)
_CHUNK: Final = 5000
#: Seconds for a chunk of rows: a million trades give them by and by.
_STEP: Final = 600.0
_TABLES: Final[Mapping[type[BookRow], str]] = {
    Position: "position",
    PositionDay: "position_day",
    Realised: "realised",
    Lot: "lot",
}


_Reader = Callable[[BookRow], tuple[object, ...]]


def _readers(kind: type[Position | PositionDay | Realised | Lot]) -> tuple[_Reader, _Reader]:
    """Return what reads the fields before the quality, and from there on: the base currency stands between them."""
    words = {"method", "part", "quality"}
    names = [f"{field.name}.value" if field.name in words else field.name for field in fields(kind)]
    place = names.index("quality.value")
    # one name alone would not give a tuple
    rest = attrgetter(*names[place:]) if len(names) > place + 1 else lambda row: (row.quality.value,)
    return attrgetter(*names[:place]), rest


_READ: Final[Mapping[type[BookRow], tuple[_Reader, _Reader]]] = {
    kind: _readers(kind) for kind in (Position, PositionDay, Realised, Lot)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Positioning:
    """The positions of one tenant within one transaction."""

    session: Session
    facts: Facts
    analytics: Sequence[Analytic]
    rates: RateTable
    accounts: Mapping[tuple[str, str], AccountKind]

    def run(self, changes: Changes, *, everything: bool, through: date | None) -> int:
        """Keep the books of what changed; return how many rows did.

        `through` is the day for which that was done last.
        """
        first = EARLIEST if everything else self._since(changes, through)
        keepers = [one for one in self.analytics if TABLE in one.writes and isinstance(one, Bookkeeper)]
        if first is None or not keepers or not self._fetch("any")[0][0]:
            return 0
        self.session.execute(statements("positions")["work"])
        return sum(self._keep(keeper, first) for keeper in keepers[:1])

    def _since(self, changes: Changes, through: date | None) -> date | None:
        """Return the first day on which anything may be different; None where nothing can."""
        days = [first for _, first, _ in changes.trades]
        # what a changed movement is taken for may change what others are taken for
        for windows in (changes.transactions, changes.decisions):
            days += [first - timedelta(days=min(MARGIN, (first - EARLIEST).days)) for _, first, _ in windows]
        days += [first for name, first, _ in changes.events if name == "split"]
        days += [first for _, first, _ in changes.rates]
        if through is not None and through != self.facts.today:
            days.append(min(through, self.facts.today))
        return min(days, default=None)

    def _keep(self, keeper: Bookkeeper, first: date) -> int:
        ledger = StoredLedger(self.session, self.facts, self.rates, self.accounts)
        mark = self._mark(keeper, ledger, first)
        after = EARLIEST if mark is None else mark.day
        self._execute("forget_marks", after=after)
        self.rates.take_missing()
        self.rates.prepare(after, self.facts.today)
        rows = iter(keeper.book(ledger, mark))
        while chunk := list(islice(rows, _CHUNK)):
            self._gather(chunk, ledger)
            self.session.prolong(_STEP)
        self.session.execute(statements("positions")["count_work"])
        changed = 0
        for table in _TABLES.values():
            for what in ("delete", "insert"):
                changed += self._execute(f"{what}_{table}", after=after)
        self.session.execute(statements("positions")["clear"])
        self._lay_gaps(after)
        return changed

    def _mark(self, keeper: Bookkeeper, ledger: StoredLedger, first: date) -> Mark | None:
        """Return the newest mark before `first` from which books can be kept on, knowing what is known today."""
        if first == EARLIEST:
            return None
        before = first
        # one at a time: together they may be large
        while found := self._fetch("last_mark", first=before):
            before, links, data = found[0]
            mark = Mark(day=before, data=data)
            if links == ledger.links_until(before) and keeper.continues(ledger, mark):
                return mark
        return None

    def _gather(self, rows: Iterable[BookRow], ledger: StoredLedger) -> None:
        sorted_out: dict[type[BookRow], list[list[object]]] = {kind: [] for kind in _TABLES}
        for row in rows:
            if isinstance(row, Mark):
                self._execute("keep_mark", day=row.day, links=ledger.links_until(row.day), data=row.data)
            else:
                sorted_out[type(row)].append(self._columns(row))
        for kind, lines in sorted_out.items():
            if lines:
                self._copy("positions", f"copy_{_TABLES[kind]}", lines)

    def _columns(self, row: BookRow) -> list[object]:
        before, after = _READ[type(row)]
        said = [self.facts.tenant, *before(row), self.facts.base_currency, *after(row)]
        # zeros behind the point say nothing, and would tell what was made anew from what was not
        return [value.normalize(EXACT) if type(value) is Decimal else value for value in said]

    def _lay_gaps(self, after: date) -> None:
        """Note the rates that books lack: they are fetched."""
        base_currency, begin = self.facts.base_currency, after + _DAY
        missing = sorted(one for one in self.rates.take_missing() if one[1] == base_currency and one[2] >= begin)
        self._copy("derived", "copy_windows", [(_NEEDING, begin, LATEST)])
        self._copy("derived", "copy_gaps", [(_NEEDING, *one) for one in missing])
        # the same statements as after income and performance: what those laid aside is still there
        for statement in ("delete_gaps", "upsert_gaps", "delete_missing", "upsert_missing"):
            self.session.execute(statements("derived")[statement], {"tenant": self.facts.tenant})

    def _copy(self, file: str, name: str, rows: Iterable[Sequence[object]]) -> None:
        with self.session.cursor() as cursor, cursor.copy(statements(file)[name]) as copy:
            for row in rows:
                copy.write_row(row)

    def _execute(self, name: str, **values: object) -> int:
        return self.session.execute(statements("positions")[name], {"tenant": self.facts.tenant, **values}).rowcount

    def _fetch(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        return self.session.execute(statements("positions")[name], {"tenant": self.facts.tenant, **values}).fetchall()
