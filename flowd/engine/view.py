"""What an analytic sees: the stored facts of one tenant, for the streams it is asked about, in a fixed order."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from psycopg.rows import TupleRow

from flowd.config.models import IncomeMethod
from flowd.domain.flows import AccountKind, FlowClass, Quality, Side
from flowd.domain.periods import parse_period
from flowd.domain.records import Trade
from flowd.domain.results import EventRow, Flow, Level, Receipt, ScheduleTerm, Stream
from flowd.domain.studied import Performance, Scope
from flowd.domain.time import day_start
from flowd.engine.methods import Methods
from flowd.engine.rates import RateTable
from flowd.storage.connections import Session
from flowd.storage.statements import statements

_log: Final = logging.getLogger(__name__)
_KINDS: Final = frozenset(AccountKind)
#: What is fetched at once.
_SHORT: Final = timedelta(days=31)
_FAR: Final = (date(1900, 1, 1), date(2200, 12, 31))
#: Money in these classes moves into or out of a valued account without being gain or loss.
OUTSIDE: Final = tuple(
    flow_class.value for flow_class in (FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.TRANSFER, FlowClass.LOAN)
)
#: What else is booked in a valued account: it says where a gain or loss came from, and is none of its own.
GAINS: Final = tuple(flow_class.value for flow_class in FlowClass if flow_class.value not in OUTSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The tenant and the day for which rows are derived; `kinds` says what accounts of a connection are by default."""

    tenant: int
    base_currency: str
    zone: ZoneInfo
    today: date
    kinds: Mapping[str, AccountKind]
    methods: Methods = field(default_factory=Methods)
    #: Who states rates, the one that counts first of those that state one at about the same time.
    sources: Sequence[str] = ()

    def is_valued(self, connection: str, account: str, kind: AccountKind | None = None) -> bool:
        """Say whether income of an account is its change in value; `kind` is what its source says, if it says it."""
        return self.methods.by_value(connection, account, kind or self.kinds.get(connection, AccountKind.BANK))

    def worth(self) -> Self:
        """Return the same facts with every account that is worth something valued."""
        return replace(self, methods=self.methods.worth())


class StoredView:
    """The view over the database within one transaction; see flowd.api.View."""

    def __init__(
        self,
        session: Session,
        facts: Facts,
        rates: RateTable,
        streams: Sequence[Stream],
        holdings: Sequence[Stream] = (),
    ) -> None:
        self._session = session
        self._facts = facts
        self._rates = rates
        self._streams = tuple(streams)
        self._holdings = tuple(holdings)

    @property
    def base_currency(self) -> str:
        """The currency everything is added up in."""
        return self._facts.base_currency

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return self._facts.zone

    @property
    def today(self) -> date:
        """The day for which this is computed."""
        return self._facts.today

    def streams(self) -> Sequence[Stream]:
        """The streams whose rows are asked for."""
        return self._streams

    def worth(self) -> StoredView:
        """The same view with every account that is worth something valued, and its connection among the streams."""
        return StoredView(self._session, self._facts.worth(), self._rates, self._holdings)

    def receipts(self, stream: str) -> Iterator[Receipt]:
        """All income booked in `stream`, per payer and day."""
        for account, payer, flow_class, asset, day, amount, guessed in self._rows("receipts", stream=stream):
            yield Receipt(
                account=account,
                payer=payer,
                flow_class=FlowClass(flow_class),
                asset=asset,
                day=day,
                amount=amount,
                guessed=guessed,
            )

    def flows(self, connection: str, since: date, until: date) -> Iterator[Flow]:
        """Money that came into or left the valued accounts of `connection`."""
        yield from self._flows("flows", OUTSIDE, connection, since, until)

    def gains(self, connection: str, since: date, until: date) -> Iterator[Flow]:
        """What the ledgers of the valued accounts of `connection` say their gains and losses came from."""
        yield from self._flows("gains", GAINS, connection, since, until)

    def _flows(self, name: str, classes: Sequence[str], connection: str, since: date, until: date) -> Iterator[Flow]:
        bounds = {"since": _clip(since), "until": _clip(until)}
        rows = self._rows(name, classes=list(classes), **self._of(connection), **bounds)
        for account, day, at, amount, asset, flow_class in rows:
            yield Flow(
                connection=connection,
                account=account,
                day=day,
                at=at,
                amount=amount,
                asset=asset,
                flow_class=FlowClass(flow_class),
                stream=None,
            )

    def levels(self, connection: str, since: date, until: date) -> Iterator[Level]:
        """Daily readings of the valued accounts of `connection`, with the last one before `since` of each asset."""
        rows = self._rows("levels", **self._of(connection), since=_clip(since), until=_clip(until))
        for account, asset, day, at, quantity, first_at, first in rows:
            yield Level(
                connection=connection,
                account=account,
                asset=asset,
                day=day,
                at=at,
                quantity=quantity,
                first_at=first_at,
                first=first,
            )

    def schedules(self) -> Iterator[ScheduleTerm]:
        """The declared incomes; a term whose period is not understood is left out, with a line in the log."""
        for connection, amount, currency, every, start, end in self._rows("schedules"):
            try:
                parse_period(every)
            except ValueError as error:
                _log.warning("a term of the schedule of %s is left out: %s", connection, error)
                continue
            yield ScheduleTerm(stream=connection, amount=amount, currency=currency, every=every, start=start, end=end)

    def events(self, type: str) -> Iterator[EventRow]:  # noqa: A002 - the word for it
        """The newest version of every event of `type` that was not removed."""
        for connection, key, at, data in self._rows("events", type=type):
            yield EventRow(connection=connection, key=str(key), at=at.astimezone(UTC), data=data)

    def trades(self, connection: str, since: date, until: date) -> Iterator[Trade]:
        """What was bought and sold in `connection`, by time and its source's id."""
        bounds = {"since": _clip(since), "until": _clip(until), "zone": str(self._facts.zone)}
        for row in self._rows("trades", connection=connection, **bounds):
            account, external_id, at, base, quote, side, quantity, price, fee, fee_asset = row
            yield Trade(
                account=account,
                external_id=external_id,
                at=at,
                base=base,
                quote=quote,
                side=Side(side),
                quantity=quantity,
                price=price,
                fee=fee,
                fee_asset=fee_asset,
            )

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """What one `base` was worth in `quote` at the end of `day`."""
        return self._rates.rate(base, quote, day)

    def quoted_in(self, base: str, quote: str, day: date) -> str:
        """What `base` is priced in on the way to `quote`."""
        return self._rates.quoted_in(base, quote, day)

    def performance(self, scope: Scope, since: date, until: date) -> Iterator[Performance]:
        """The stored performance of every portfolio of `scope`, by day and name."""
        for row in self._rows("performance", scope=scope.value, since=_clip(since), until=_clip(until)):
            name, day, value, flow, pnl, day_return, income, price, fx, fees, other, quality, reason = row
            yield Performance(
                scope=scope,
                name=name,
                day=day,
                value=value,
                flow=flow,
                pnl=pnl,
                day_return=day_return,
                income=income,
                price=price,
                fx=fx,
                fees=fees,
                other=other,
                quality=Quality(quality),
                reason=reason,
            )

    def _of(self, connection: str) -> dict[str, object]:
        kind = self._facts.kinds.get(connection, AccountKind.BANK)
        methods = self._facts.methods
        return {
            "connection": connection,
            "default_kind": kind.value,
            "valued": [one.value for one in methods.kinds(connection)],
            "by_value": methods.named(connection, IncomeMethod.VALUE),
            "by_ledger": methods.named(connection, IncomeMethod.LEDGER),
        }

    def _rows(self, name: str, **fields: object) -> Iterator[TupleRow]:
        """Fetch with a cursor on the server, so that a long history does not have to fit into memory.

        A few days are fetched at once: three times less to and fro, and most of what is asked after one new reading.
        """
        since, until = fields.get("since"), fields.get("until")
        if isinstance(since, date) and isinstance(until, date) and until - since <= _SHORT:
            yield from self._session.execute(
                statements("view")[name], {"tenant": self._facts.tenant, **fields}
            ).fetchall()
            return
        with self._session.cursor(name=f"view_{name}_{id(fields)}") as cursor:
            cursor.itersize = 5000
            cursor.execute(statements("view")[name], {"tenant": self._facts.tenant, **fields})
            yield from cursor


def kind_of(text: str) -> AccountKind:
    """Return the account kind called `text`; one that is not known counts as a bank account."""
    return AccountKind(text) if text in _KINDS else AccountKind.BANK


def stored_rates(session: Session, facts: Facts) -> RateTable:
    """Return the tenant's rates as the database has them."""
    fields: dict[str, Any] = {"tenant": facts.tenant, "zone": str(facts.zone), "sources": list(facts.sources)}

    def closing(base: str, quote: str, since: date, until: date) -> Sequence[tuple[date, Decimal]]:
        begin, end = day_start(_clip(since), facts.zone), day_start(_clip(until) + timedelta(days=1), facts.zone)
        bounds = {"base": base, "quote": quote, "begin": begin, "end": end}
        rows = session.execute(statements("view")["closing"], {**fields, **bounds}).fetchall()
        return [(day, value) for day, value in rows]

    pairs = session.execute(statements("view")["pairs"], fields).fetchall()
    return RateTable([(base, quote) for base, quote in pairs], closing, facts.base_currency)


def _clip(day: date) -> date:
    return min(max(day, _FAR[0]), _FAR[1])
