"""Keeps what accounts held at the end of days, told by their transactions and by what is stated of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from flowd.domain.decisions import BalanceDecision, DuplicateDecision
from flowd.domain.decisions_read import read_decision
from flowd.domain.flows import AccountKind
from flowd.engine.changes import Changes
from flowd.engine.view import Facts
from flowd.engine.windows import EARLIEST, LATEST, Windows
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: Accounts that a person keeps: what was said of them last counts on, and nothing was there before the first entry.
BY_HAND: Final = (AccountKind.MANUAL, AccountKind.CASH)
#: Accounts whose readings are held against their transactions; platforms hold money in states that readings leave out.
CHECKED: Final = (AccountKind.BANK, AccountKind.CARD, AccountKind.CASH)
#: Days within which what is stated and what is booked may differ, as value dates and booking dates do.
TIMING: Final = 5
#: Seconds that one statement may take; at most it is about everything.
_STEP: Final = 600.0
_CHAIN: Final = ("anchors", "lines", "chain", "delete_days", "upsert_days", "delete_lines", "upsert_lines", "series",
                 "number_lines", "held")  # fmt: skip
_GAPS: Final = ("running", "clear_gaps", "statement_gaps", "reading_gaps")
#: What the planner has to know the size of, once it is filled.
_FILLED: Final = {
    "stretches": "work_stretch",
    "anchors": "work_anchor",
    "lines": "work_line",
    "chain": "work_chain",
    "held": "work_held",
    "running": "work_running",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Days by connection on which balances changed, and how many of them are over."""

    windows: Windows
    whole: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """The balances of one tenant within one transaction."""

    session: Session
    facts: Facts
    #: Duplicates that count all the same.
    restored: Collection[UUID] = ()

    def keep(self, changes: Changes, *, everything: bool, through: date | None) -> Told:
        """Chain anew what `changes` reach, `everything` where that is said; `through` is the day it was told up to.

        Wallets and brokers are left alone: their transactions do not say what trades and prices do to them.
        """
        through = through or self.facts.today
        asked = changes.transactions or changes.balances or changes.decisions or through != self.facts.today
        if not (everything or asked or self._has_lines(changes.readings)):
            return Told(windows=Windows())
        duplicates = self._lay_aside(changes, everything=everything)
        fields: dict[str, Any] = {
            "tenant": self.facts.tenant,
            "zone": str(self.facts.zone),
            "today": self.facts.today,
            "through": through,
            "duplicates": duplicates,
            "valued": [kind.value for kind in AccountKind if kind.is_valued],
            "by_hand": [kind.value for kind in BY_HAND],
            "checked": [kind.value for kind in CHECKED],
            "timing": TIMING,
        }
        for name in ("memory", "left_out", "stretches", "booked", "due"):
            self._run(name, fields)
        told = Windows()
        if self.session.execute("SELECT FROM work_due LIMIT 1").fetchone() is None:
            return Told(windows=told)
        self.session.execute("ANALYZE work_due, work_booked, work_said")
        for name in _CHAIN:
            self._run(name, fields)
        whole = 0
        for connection, first, last, days in self.session.execute(self._sql("store_held"), fields).fetchall():
            told.add(connection, first, last)
            whole += days
        for name in _GAPS:
            self._run(name, fields, file="balance_gaps")
        return Told(windows=told, whole=whole)

    def _has_lines(self, readings: Windows) -> bool:
        """Say whether balances of any of these connections are told by transactions: most are only read."""
        fields = {"tenant": self.facts.tenant, "connections": [name for name, _, _ in readings]}
        return self.session.execute(self._sql("has_lines"), fields).fetchone() is not None

    def _lay_aside(self, changes: Changes, *, everything: bool) -> list[UUID]:
        """Lay aside where to look for changes and what people said; return the transactions that do not count."""
        self.session.execute(self._sql("work"))
        scope = [(connection, "booked", first, last) for connection, first, last in changes.transactions]
        scope += [(connection, "stated", first, last) for connection, first, last in changes.balances]
        scope += [(connection, "read", first, last) for connection, first, last in changes.readings]
        if everything:
            names = {name for (name,) in self._fetch("connections")}
            windows = [(name, EARLIEST, LATEST) for name in sorted(names)]
            scope += [(name, what, first, last) for name, first, last in windows for what in ("booked", "stated")]
        self._copy("copy_scope", scope)
        self._copy("copy_kinds", ((name, kind.value) for name, kind in sorted(self.facts.kinds.items())))
        said: dict[tuple[str, str, str, date], tuple[object, ...]] = {}
        duplicates: list[UUID] = []
        for kind, data, about, other in self._fetch("decided"):
            legs = {name: str(leg) for name, leg in (("of", about), ("other", other)) if leg is not None}
            decision, _ = read_decision({**data, "kind": kind, **legs})
            if isinstance(decision, BalanceDecision):
                place = (decision.connection, decision.account, decision.asset, decision.day)
                said[place] = (*place, decision.amount)
            elif isinstance(decision, DuplicateDecision) and decision.of not in self.restored:
                duplicates.append(decision.of)
        self._copy("copy_said", said.values())
        self.session.execute("ANALYZE work_balance_scope")
        return duplicates

    def _fetch(self, name: str) -> list[tuple[Any, ...]]:
        return self.session.execute(self._sql(name), {"tenant": self.facts.tenant}).fetchall()

    def _run(self, name: str, fields: dict[str, Any], *, file: str = "balances") -> None:
        self.session.execute(statements(file)[name], fields)
        if name in _FILLED:
            self.session.execute(f"ANALYZE {_FILLED[name]}")
        self.session.prolong(_STEP)

    def _copy(self, name: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self.session.cursor() as cursor, cursor.copy(self._sql(name)) as copy:
            for row in rows:
                copy.write_row(row)

    @staticmethod
    def _sql(name: str) -> str:
        return statements("balances")[name]
