"""A view over facts that a test wrote down, for analytics without a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from flowd.api import EventRow, Flow, Level, Performance, Receipt, ScheduleTerm, Stream, Trade
from flowd.domain.studied import Scope
from flowd.domain.time import day_of


@dataclass(slots=True, kw_only=True)
class FactsView:
    """What `flowd.api.View` asks for, answered from lists; `rates` maps (base, quote) to one rate per day,
    `all_events` a type to its events, `all_trades` a connection to its trades, `quotes` an asset to what it is
    priced in.

    Lists may be in any order: they are answered in the order the interface promises.
    """

    today: date
    base_currency: str = "EUR"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Berlin"))
    stream: Stream | None = None
    all_receipts: Sequence[Receipt] = ()
    all_flows: Sequence[Flow] = ()
    all_gains: Sequence[Flow] = ()
    all_levels: Sequence[Level] = ()
    terms: Sequence[ScheduleTerm] = ()
    all_events: Mapping[str, Sequence[EventRow]] = field(default_factory=dict)
    all_trades: Mapping[str, Sequence[Trade]] = field(default_factory=dict)
    rates: dict[tuple[str, str], dict[date, Decimal]] = field(default_factory=dict)
    quotes: Mapping[str, str] = field(default_factory=dict)
    all_performance: Sequence[Performance] = ()
    more_streams: Sequence[Stream] = ()

    def streams(self) -> Sequence[Stream]:
        """Return the stream asked for, and `more_streams`."""
        return [*([] if self.stream is None else [self.stream]), *self.more_streams]

    def receipts(self, stream: str) -> Iterator[Receipt]:  # noqa: ARG002 - all of them are the stream's
        """Yield the receipts by asset, class, account, payer and day."""
        yield from sorted(
            self.all_receipts, key=lambda one: (one.asset, one.flow_class, one.account, one.payer, one.day)
        )

    def flows(self, connection: str, since: date, until: date) -> Iterator[Flow]:
        """Yield the flows of `connection` by day."""
        for flow in sorted(self.all_flows, key=lambda one: one.day):
            if flow.connection == connection and since <= flow.day <= until:
                yield flow

    def gains(self, connection: str, since: date, until: date) -> Iterator[Flow]:
        """Yield the gains of `connection` by day."""
        for flow in sorted(self.all_gains, key=lambda one: one.day):
            if flow.connection == connection and since <= flow.day <= until:
                yield flow

    def worth(self) -> FactsView:
        """Return this view: what it has is worth something."""
        return self

    def levels(self, connection: str, since: date, until: date) -> Iterator[Level]:
        """Yield the levels of `connection` by day, the last one of each asset before `since` among them."""
        mine = sorted(
            (level for level in self.all_levels if level.connection == connection and level.day <= until),
            key=lambda one: (one.day, one.account, one.asset),
        )
        before = {(level.account, level.asset): level for level in mine if level.day < since}
        yield from sorted(before.values(), key=lambda one: (one.day, one.account, one.asset))
        yield from (level for level in mine if level.day >= since)

    def schedules(self) -> Iterator[ScheduleTerm]:
        """Yield the terms."""
        yield from self.terms

    def events(self, type: str) -> Iterator[EventRow]:  # noqa: A002 - the word for it
        """Yield the events of `type` that were not removed, by connection and key."""
        for event in sorted(self.all_events.get(type, ()), key=lambda one: (one.connection, one.key)):
            if event.data.get("removed") is not True:
                yield event

    def trades(self, connection: str, since: date, until: date) -> Iterator[Trade]:
        """Yield the trades of `connection`, by time and id."""
        for trade in sorted(
            self.all_trades.get(connection, ()), key=lambda one: (one.at, one.external_id, one.account)
        ):
            if since <= day_of(trade.at, self.zone) <= until:
                yield trade

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """Return the rate written down for exactly that day."""
        if base == quote:
            return Decimal(1)
        return self.rates.get((base, quote), {}).get(day)

    def quoted_in(self, base: str, quote: str, day: date) -> str:  # noqa: ARG002 - the same on every day
        """Return what is written down in `quotes`, else `quote` itself."""
        return self.quotes.get(base, quote)

    def performance(self, scope: Scope, since: date, until: date) -> Iterator[Performance]:
        """Yield the performance of `scope`, by day and name."""
        for row in sorted(self.all_performance, key=lambda one: (one.day, one.name)):
            if row.scope is scope and since <= row.day <= until:
                yield row
