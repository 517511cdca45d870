"""What books are made of, read from the database in the order in which it happened; see flowd.api.ledgers.Ledger."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from heapq import merge
from typing import Any, Final

from psycopg.rows import TupleRow

from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.goals import OWN_WORD
from flowd.domain.positions import DividendFact, MoveFact, SplitFact, TradeFact
from flowd.domain.time import day_start
from flowd.engine.rates import RateTable
from flowd.engine.view import Facts
from flowd.engine.windows import EARLIEST
from flowd.storage.connections import Session
from flowd.storage.statements import statements

_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(microseconds=1)
_CLASSES: Final = frozenset(FlowClass)
_FETCHED: Final = 5000


class StoredLedger:
    """The facts of one tenant within one transaction."""

    def __init__(
        self, session: Session, facts: Facts, rates: RateTable, accounts: Mapping[tuple[str, str], AccountKind]
    ) -> None:
        self._session = session
        self._facts = facts
        self._rates = rates
        self._accounts = accounts
        #: The leg by which units left, by the one by which they came, with the day and time they left.
        self._origins: dict[str, tuple[str, date, datetime]] = {}
        self._links: list[tuple[date, str]] = []
        for left, came, day, at in self._fetch("links", zone=str(facts.zone)):
            self._origins[came] = left, day, at
            self._links.append((day, f"{left} {came}"))
        self._links.sort()

    @property
    def base_currency(self) -> str:
        """The currency everything is added up in."""
        return self._facts.base_currency

    @property
    def today(self) -> date:
        """The day for which this is computed."""
        return self._facts.today

    def trades(self, after: date | None) -> Iterator[TradeFact]:
        """All trades on days later than `after`."""
        return map(TradeFact._make, self._stream("trades", zone=str(self._facts.zone), **self._bounds(after)))

    def moves(self, after: date | None) -> Iterator[MoveFact]:
        """What else came or left in units, what comes from another own account not before it left there."""
        days = {"after": after or EARLIEST, "today": self._facts.today, "zone": str(self._facts.zone)}
        late: list[MoveFact] = []
        if self._origins:
            # few, and their order is another one than that of the table
            late = [fact for fact in map(self._moved, self._fetch("moves", **days)) if fact.origin is not None]
            late.sort(key=_order)
        booked = (fact for fact in map(self._moved, self._stream("moves", **days)) if fact.origin is None)
        return merge(booked, late, key=_order)

    def splits(self, after: date | None) -> Iterator[SplitFact]:
        """Splits, each once."""
        days = {"after": after or EARLIEST, "today": self._facts.today, "zone": str(self._facts.zone), "you": OWN_WORD}
        return map(SplitFact._make, self._fetch("splits", **days))

    def dividends(self) -> Iterator[DividendFact]:
        """All dividends of which their source says for which asset they were paid."""
        return map(DividendFact._make, self._fetch("dividends", today=self._facts.today))

    def quotes(self, after: date | None) -> Mapping[tuple[str, str, str], str]:
        """What the first trade after that day was quoted in."""
        rows = self._fetch("quotes", **self._bounds(after))
        return {(connection, account, base): quote for connection, account, base, quote in rows}

    def departures(self) -> frozenset[str]:
        """The movements whose units are known to have arrived in another own account."""
        return frozenset(left for left, _, _ in self._origins.values())

    def kind(self, connection: str, account: str) -> AccountKind:
        """What kind of account it is."""
        found = self._accounts.get((connection, account))
        return found or self._facts.kinds.get(connection, AccountKind.BANK)

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """What one `base` was worth in `quote`; one that lacks is noted."""
        return self._rates.rate(base, quote, day)

    def price(self, base: str, quote: str, day: date) -> Decimal | None:
        """The same without a note."""
        return self._rates.peek(base, quote, day)

    def latest(self, base: str, quote: str) -> tuple[date, Decimal] | None:
        """What anybody stated last, however long ago."""
        rows = self._fetch("latest", base=base, quote=quote, zone=str(self._facts.zone), end=self._bounds(None)["end"])
        return (rows[0][0], rows[0][1]) if rows else None

    def links_until(self, day: date) -> str:
        """Return what stands for the transfers up to `day`: other ones, another text."""
        known = self._links[: bisect_right(self._links, (day, "\U0010ffff"))]
        return blake2b("\n".join(pair for _, pair in known).encode(), digest_size=12).hexdigest() if known else ""

    def _moved(self, row: TupleRow) -> MoveFact:
        at, day, connection, account, subject, asset, amount, kind = row
        flow_class = FlowClass(kind) if kind in _CLASSES else FlowClass.TRANSFER
        origin = self._origins.get(subject) if amount > 0 else None
        if origin is None:
            return MoveFact(at, day, connection, account, subject, asset, amount, flow_class)
        left, left_day, left_at = origin
        # what is dated before it left comes when it left
        at, day = max(at, left_at + _MOMENT), max(day, left_day)
        return MoveFact(at, day, connection, account, subject, asset, amount, flow_class, left)

    def _bounds(self, after: date | None) -> dict[str, object]:
        zone = self._facts.zone
        begin = day_start(EARLIEST if after is None else after + _DAY, zone)
        return {"begin": begin, "end": day_start(self._facts.today + _DAY, zone)}

    def _stream(self, name: str, **values: object) -> Iterator[TupleRow]:
        """Fetch with a cursor on the server: there may be more rows than fit into memory."""
        with self._session.cursor(name=f"books_{name}_{id(values)}") as cursor:
            cursor.itersize = _FETCHED
            cursor.execute(statements("positions")[name], {"tenant": self._facts.tenant, **values})
            yield from cursor

    def _fetch(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        return self._session.execute(statements("positions")[name], {"tenant": self._facts.tenant, **values}).fetchall()


def _order(fact: MoveFact) -> tuple[date, datetime, bool, str, str, str]:
    return fact.day, fact.at, fact.amount < 0, fact.connection, fact.account, fact.id
