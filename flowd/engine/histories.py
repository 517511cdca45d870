"""Reads the whole history of a tenant for studies: only in a process that studies, for it needs numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from flowd.api.studies import History, IncomeSeries, Series, StreamInfo
from flowd.config import Settings
from flowd.config.models import StreamSettings
from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.goals import GOAL, goals_of
from flowd.domain.json import canonical
from flowd.domain.results import Method, Receipt, ScheduleTerm
from flowd.domain.studied import ProjectionModel, Scope
from flowd.engine.clock import Clock
from flowd.engine.facts import read_facts
from flowd.engine.lines import FRESH, freshness
from flowd.engine.portfolios import read_portfolios
from flowd.engine.said import read_said
from flowd.engine.view import Facts, StoredView, kind_of, stored_rates
from flowd.plugins import Registry
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.statements import statements

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Seconds that reading everything may take.
STEP: Final = 600.0
#: A last reading counts for as long as statements of an account may be apart.
READING_AGE: Final = timedelta(days=45)
#: Accounts whose money can be spent as it is.
CASH: Final = frozenset({AccountKind.BANK, AccountKind.CARD, AccountKind.CASH, AccountKind.PAYOUT})

#: The columns of a stored model, in the order in which the statement gives them.
_MODEL: Final = ("scope", "name", "as_of", "method", "reason", "history_days", "short", "origins", "digest", "error",
                 "coverage", "confidence", "parts", "candidates", "fit")  # fmt: skip


def gather(
    database: Database, settings: Settings, registry: Registry, clock: Clock, *, currency: str | None = None
) -> History:
    """Return the tenant's history up to the last whole day, read at one moment; DatabaseAway where that fails.

    Amounts are in base currency; with `currency`, in that one at the rate of each day.
    """
    tenant = database.tenant_id
    with database.transaction(STEP) as session:
        session.execute(statements("studies")["one_moment"])
        facts = read_facts(session, tenant, settings, registry, clock)
        return _Gathering(session, database, settings, registry, facts, currency or facts.base_currency).history()


class _Gathering:
    """One transaction's worth of reading."""

    def __init__(
        self,
        session: Session,
        database: Database,
        settings: Settings,
        registry: Registry,
        facts: Facts,
        currency: str,
    ) -> None:
        self.session = session
        self.database = database
        self.settings = settings
        self.registry = registry
        self.facts = facts
        self.currency = currency
        self.until = facts.today - timedelta(days=1)
        self.rates = stored_rates(session, facts)
        self.fields = {"tenant": facts.tenant, "until": self.until, "own": currency != facts.base_currency}

    def history(self) -> History:
        view = StoredView(self.session, self.facts, self.rates, ())
        streams = self._streams()
        terms = tuple(view.schedules())
        goals = goals_of(view.events(GOAL))
        income = self._income([info.stream for info in streams])
        receipts = self._receipts([info.stream for info in streams])
        portfolios = read_portfolios(
            self._rows("portfolios"), self.daily_rates, self.facts.base_currency, self.currency
        )
        cash, worth = self._holdings()
        in_base = self.currency == self.facts.base_currency
        said = (
            read_said(self.session, tenant=self.facts.tenant, base=self.currency, until=self.until) if in_base else None
        )
        return History(
            currency=self.currency,
            zone=self.facts.zone,
            today=self.facts.today,
            seed=_seed(self.settings.tenant.name),
            streams=streams,
            income=income,
            receipts=receipts,
            terms=terms,
            told=dict(self._rows("told")),
            expenses=self._expenses(),
            portfolios=portfolios,
            cash=cash,
            net_worth=worth,
            goals=goals,
            said=said,
            models=self._models(),
            digests={
                info.stream: _digest(self.currency, info, income[info.stream], receipts[info.stream], terms)
                for info in streams
            },
            rate=_Later(self.database, self.facts).rate,
        )

    def daily_rates(self, base: str, quote: str, first: date, days: int) -> NDArray[np.float64]:
        """Return the rate of each of `days` days from `first` on; NaN where none is known."""
        import numpy as np

        if base == quote:
            return np.ones(days)
        self.rates.prepare(first, first + timedelta(days=max(days - 1, 0)))
        found = [self.rates.rate(base, quote, first + timedelta(days=one)) for one in range(days)]
        return np.array([np.nan if one is None else float(one) for one in found], dtype=np.float64)

    # --- parts ---

    def _streams(self) -> list[StreamInfo]:
        read_at, fresh = self._read_at(), freshness(self.settings, self.registry)
        return [
            _info(row, self.settings, read_at.get(row[2]), fresh.get(row[2], FRESH)) for row in self._rows("streams")
        ]

    def _read_at(self) -> dict[str, datetime]:
        """Return when the feed that was read the longest ago was read, of feeds there are and that ever were.

        A folder of files is looked at every few seconds, which says nothing of how far its statements reach.
        """
        found: dict[str, datetime] = {}
        for connection, feed, success in self._rows("read_at"):
            written = self.settings.connections.get(connection)
            connector = None if written is None else self.registry.connectors.get(written.type)
            if success is None or (connector is not None and feed not in {one.name for one in connector.feeds}):
                continue
            if written is not None and written.type == "files":
                continue
            found[connection] = min(success, found.get(connection, success))
        return found

    def _income(self, streams: Sequence[str]) -> dict[str, IncomeSeries]:
        import numpy as np

        parts: dict[str, list[_Part]] = {}
        for stream, unit, *columns in self._rows("income"):
            days = np.frombuffer(columns[0], dtype=">i4").astype(np.int64)
            earned, received = (np.frombuffer(one, dtype=">f8").astype(np.float64) for one in columns[1:3])
            estimated = np.frombuffer(columns[3], dtype=np.bool_)
            parts.setdefault(stream, []).append(
                _Part(unit=unit, days=days, earned=earned, received=received, estimated=estimated)
            )
        return {name: self._joined(parts.get(name, [])) for name in streams}

    def _joined(self, parts: Sequence[_Part]) -> IncomeSeries:
        """Add up what a stream brought in, in all its currencies: nothing on a day without a row."""
        import numpy as np

        first = min((int(part.days[0]) for part in parts), default=self.facts.today.toordinal())
        length = self.facts.today.toordinal() - first
        start = date.fromordinal(first)
        earned, received = np.zeros(length), np.zeros(length)
        estimated = np.zeros(length, dtype=np.bool_)
        for part in parts:
            at = part.days - first
            rate = self.daily_rates(part.unit, self.currency, start, length)[at] if self.fields["own"] else 1.0
            for total, numbers in ((earned, part.earned), (received, part.received)):
                # nothing is worth nothing in any currency
                np.add.at(total, at, np.where(numbers == 0.0, 0.0, numbers * rate))
            np.logical_or.at(estimated, at, part.estimated)
        return IncomeSeries(
            earned=Series(first=start, values=earned),
            received=Series(first=start, values=received),
            estimated=estimated,
        )

    def _receipts(self, streams: Sequence[str]) -> dict[str, list[Receipt]]:
        found: dict[str, list[Receipt]] = {name: [] for name in streams}
        # the same few texts in hundreds of thousands of rows are kept once
        texts: dict[str, str] = {}
        classes = {one.value: one for one in FlowClass}
        with self.session.cursor(name="study_receipts") as cursor:
            cursor.itersize = 5000
            cursor.execute(statements("studies")["receipts"], self.fields)
            for stream, day, asset, flow_class, account, payer, amount, guessed in cursor:
                found.setdefault(stream, []).append(
                    Receipt(
                        account=texts.setdefault(account, account),
                        payer=texts.setdefault(payer, payer),
                        flow_class=classes[flow_class],
                        asset=texts.setdefault(asset, asset),
                        day=day,
                        amount=amount,
                        guessed=guessed,
                    )
                )
        return found

    def _expenses(self) -> Series | None:
        import numpy as np

        rows = [
            (asset, np.frombuffer(days, dtype=">i4").astype(np.int64), np.frombuffer(amounts, dtype=">f8"))
            for asset, days, amounts in self._rows("expenses")
        ]
        if not rows:
            return None
        first = min(int(days[0]) for _, days, _ in rows)
        start, length = date.fromordinal(first), self.facts.today.toordinal() - first
        spent = np.zeros(length)
        for asset, days, amounts in rows:
            rate = self.daily_rates(asset, self.currency, start, length)[days - first]
            np.add.at(spent, days - first, np.where(amounts == 0.0, 0.0, amounts * rate))
        return Series(first=start, values=spent)

    def _holdings(self) -> tuple[Decimal | None, Decimal | None]:
        """Return what the accounts with readings hold that can be spent as it is, and all of them.

        None where no account was read, where a reading is too old to go by, or where a rate is missing.
        """
        cash: list[Decimal | None] = []
        worth: list[Decimal | None] = []
        self.rates.prepare(self.until, self.until)
        for connection, kind, asset, quantity, day in self._rows("holdings"):
            rate = self.rates.rate(asset, self.currency, self.until)
            known = rate is not None and self.until - day <= READING_AGE
            value = quantity * rate if known and rate is not None else None
            of_kind = self.facts.kinds.get(connection, AccountKind.BANK) if kind is None else kind_of(kind)
            worth.append(value)
            if of_kind in CASH:
                cash.append(value)
        return _sum(cash), _sum(worth)

    def _models(self) -> dict[tuple[Scope, str], ProjectionModel]:
        found = {}
        for row in self._rows("models"):
            values = dict(zip(_MODEL, row, strict=True))
            model = ProjectionModel(**{**values, "scope": Scope(values["scope"])})
            found[model.scope, model.name] = model
        return found

    def _rows(self, name: str) -> list[tuple[Any, ...]]:
        return self.session.execute(statements("studies")[name], self.fields).fetchall()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What a stream brought in, in one currency."""

    unit: str
    days: NDArray[np.int64]
    earned: NDArray[np.float64]
    received: NDArray[np.float64]
    estimated: NDArray[np.bool_]


class _Later:
    """Rates that are asked for when the transaction is over: each pair is then read once, in one of its own."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._database = database
        self._facts = facts
        self._tables: dict[tuple[str, str], dict[date, Decimal | None]] = {}

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """Return what one `base` was worth in `quote` at the end of `day`."""
        if base == quote:
            return Decimal(1)
        table = self._tables.setdefault((base, quote), {})
        if day not in table:
            with self._database.transaction(STEP) as session:
                rates = stored_rates(session, self._facts)
                # whoever asks for a day of a pair asks for others: those of five years are read at once
                first = day - timedelta(days=1826)
                rates.prepare(first, self._facts.today)
                table[day] = rates.rate(base, quote, day)
                for one in map(date.fromordinal, range(first.toordinal(), self._facts.today.toordinal())):
                    table.setdefault(one, rates.rate(base, quote, one))
        return table[day]


def _info(row: Sequence[Any], settings: Settings, read_at: datetime | None, fresh: timedelta) -> StreamInfo:
    stream, method, connection, name, group, color, target, classes = row
    own = settings.streams.get(stream)
    shown = [own, *(one for one in settings.streams.values() if stream in (one.of or ()))]
    said: list[StreamSettings] = [one for one in shown if one is not None]
    tax = next((one.tax for one in said if one.tax is not None), None)
    return StreamInfo(
        stream=stream,
        method=Method(method),
        connection=connection,
        name=name,
        group=group,
        color=color,
        target=target,
        tax=tax,
        passive=next((one.passive for one in said if one.passive is not None), None),
        every=None if own is None else own.every,
        read_at=read_at,
        fresh=fresh,
        classes=frozenset(classes),
    )


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if values and len(known) == len(values) else None


def _seed(tenant: str) -> int:
    return int.from_bytes(blake2b(tenant.encode(), digest_size=8).digest(), "big")


def _digest(
    currency: str, info: StreamInfo, income: IncomeSeries, receipts: Sequence[Receipt], terms: Sequence[ScheduleTerm]
) -> str:
    state = blake2b(digest_size=12)
    said: Mapping[str, object] = {
        "currency": currency,
        "first": income.earned.first.isoformat(),
        "stream": [info.stream, info.method.value, info.every, sorted(info.classes)],
        "terms": [
            [str(term.amount), term.currency, term.every, term.start.isoformat(), str(term.end)]
            for term in terms
            if term.stream == info.stream
        ],
    }
    state.update(canonical(said).encode())
    for part in (income.earned.values, income.received.values, income.estimated):
        state.update(part.tobytes())
    for one in receipts:
        words = (one.day, one.asset, one.flow_class.value, one.account, one.payer, one.amount, one.guessed)
        state.update("\x1f".join(map(str, words)).encode())
    return state.hexdigest()
