"""What a computation over stored facts is, and what it may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from flowd.domain.records import Trade
from flowd.domain.results import EventRow, Flow, IncomeDay, Level, Metric, Receipt, ScheduleTerm, Stream
from flowd.domain.studied import Performance
from flowd.domain.studied import Scope as About


class View(Protocol):
    """What an analytic may read: the tenant's stored facts, always in the same order, nothing else."""

    @property
    def base_currency(self) -> str:
        """The currency everything is added up in."""

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone, which says when a day ends."""

    @property
    def today(self) -> date:
        """The tenant's day for which this is computed; nothing later has happened."""

    def streams(self) -> Sequence[Stream]:
        """The streams whose rows are asked for."""

    def receipts(self, stream: str) -> Iterable[Receipt]:
        """All income booked in `stream`, summed per payer and day, ordered by asset, class, account, payer and day."""

    def flows(self, connection: str, since: date, until: date) -> Iterable[Flow]:
        """Money that came into or left the valued accounts of `connection` without being gain or loss, by day."""

    def gains(self, connection: str, since: date, until: date) -> Iterable[Flow]:
        """What else is booked in the valued accounts of `connection`: where their gains came from, by day."""

    def worth(self) -> View:
        """The same facts with every account that is worth something valued, also where its income is its ledger.

        The streams of that view are the connections of such accounts.
        """

    def levels(self, connection: str, since: date, until: date) -> Iterable[Level]:
        """Daily readings of a connection's valued accounts, with the last one before `since` of each asset, by day."""

    def schedules(self) -> Iterable[ScheduleTerm]:
        """The declared incomes, by stream and term."""

    def events(self, type: str) -> Iterable[EventRow]:  # noqa: A002 - the word for it
        """What plugins stated as events of `type`: the newest version of each, by connection and key.

        One whose data says `"removed": true` is left out. Only analytics that name `raw.event` in `reads` are computed
        anew when events change.
        """

    def trades(self, connection: str, since: date, until: date) -> Iterable[Trade]:
        """What was bought and sold in `connection`, by time and its source's id.

        Analytics that name `raw.event` in `reads` are computed anew when trades change, too.
        """

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """What one `base` was worth in `quote` at the end of `day`; None where no dated rate is near enough."""

    def quoted_in(self, base: str, quote: str, day: date) -> str:
        """What `base` is priced in where `rate` is asked: `quote`, or the first asset that stands between the two."""

    def performance(self, scope: About, since: date, until: date) -> Iterable[Performance]:
        """The stored performance of every portfolio of `scope`, by day and name.

        Only analytics that name `derived.performance` in `reads` are computed after it, and when it changed.
        """


class Analytic(Protocol):
    """A computation over stored facts: pure, so that it can be replayed and gives the same rows again.

    One that says `by_connection = True` tells of each connection that is worth something, in metrics whose subject is
    the connection and which depend on no other: it is computed for the connections that changed only.
    """

    @property
    def name(self) -> str:
        """The name under which it is switched on and shown."""

    @property
    def reads(self) -> Sequence[str]:
        """The tables it depends on, such as `derived.flow`, or `raw.event` for what `View.events` gives."""

    @property
    def writes(self) -> Sequence[str]:
        """The tables whose rows it makes, such as `derived.income_daily`."""

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        """Return the first and last day whose rows may change when facts of the days `since` to `until` changed."""

    def compute(self, view: View, since: date, until: date) -> Iterable[IncomeDay | Metric | Performance]:
        """Return every row of the view's streams for the days from `since` to `until`, both included."""
