"""The household the dashboards are measured with: exchanges read for years, a busy bank account, books, coins."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg

from bench.panels_ledger import ASSETS, savings, shop_name, trades, trips
from flowd.api import AccountInfo, AccountKind, Batch, Event, FlowClass, Goal, Record, Snapshot, Transaction
from flowd.config import Settings
from flowd.domain.goals import OWN_WORD, goal_event
from flowd.engine.derivation import Derivation
from flowd.engine.studying import Outcome, Studies
from flowd.plugins import load_plugins
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from flowd.storage.statements import parse
from flowd.testing.fakes import FakeClock

_SQL: Final = parse((Path(__file__).parent / "panels.sql").read_text(encoding="utf-8"), "panels")
_SLICE: Final = 400_000
_BATCH: Final = 5_000
_YEAR: Final = 365


class Part(Enum):
    """Which of the readings are written: every tenth, or the nine between."""

    TENTH = True
    REST = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is: days, exchanges, the time between two readings of each, nights that were foretold on."""

    days: int = 1826
    streams: int = 50
    every: timedelta = timedelta(minutes=5)
    movements: int = 55
    nights: int = 365

    @property
    def count(self) -> int:
        """How many readings each exchange has in the end."""
        return int(timedelta(days=self.days) / self.every)


class Household:
    """One tenant of a database: its facts are written, and everything is derived and studied as flowd does."""

    def __init__(self, database: Database, size: Size, now: datetime) -> None:
        """Of this size, up to this moment."""
        self._database = database
        self._size = size
        self._clock = FakeClock(now)
        self._rawlog = RawLog(database)
        self._registry = load_plugins((), path=[])
        self._settings = settings_of(size.streams)

    def begin(self) -> None:
        """Write everything but the readings: accounts, movements of the bank, declared income, goals, rates."""
        now, since = self._clock.now(), self._clock.now() - timedelta(days=self._size.days)
        for number in range(self._size.streams):
            asset = "USD" if number % 4 == 3 else "EUR"
            spot = AccountInfo(account="spot", name=f"Spot {number}", kind=AccountKind.WALLET_SPOT)
            first = Snapshot(account="spot", asset=asset, quantity=Decimal(1), at=since)
            self._write(_exchange(number), spot, first, *_ledger(number, since.date(), now.date()))
        self._write(_exchange(0), Snapshot(account="odd", asset="ZZZ", quantity=Decimal(3), at=now - timedelta(days=3)))
        self._write("bank", AccountInfo(account="giro", name="Giro", kind=AccountKind.BANK, asset="EUR"))
        self._write("bank", Snapshot(account="giro", asset="EUR", quantity=Decimal(25_000), at=now))
        rows = list(_movements(self._size, since.date(), now.date()))
        self._write_all("bank", rows)
        self._keep_books(since.date(), now.date())
        for name in ("flat", "pension"):
            term = {"amount": "900", "currency": "EUR", "every": "month on 25", "start": since.date().isoformat()}
            self._write(name, Event(type="schedule", key=name, at=now, data={"terms": [{**term, "end": None}]}))
        self._write(OWN_WORD, *(goal_event(goal, now) for goal in _goals(now.date())))
        self._run("rates", since=since, now=now)
        self._run("prices", since=since, now=now, assets=list(ASSETS))

    def read(self, part: Part) -> int:
        """Write readings and the log of their runs; gives how many readings."""
        size, now = self._size, self._clock.now()
        written = write_readings(self._database, size.count, size.streams, now=now, step=size.every, part=part)
        newest = int(timedelta(days=min(_YEAR, size.days)) / size.every)
        _run_slices(self._database, "runs", newest, size.streams, now=now, step=size.every, tenth=part.value)
        for statement in ("states", "consents", "budgets"):
            self._run(statement, step=size.every)
        return written

    def derive(self) -> tuple[float, float]:
        """Derive and study everything anew; gives the seconds of both."""
        begun = time.monotonic()
        Derivation(self._database, self._registry, self._settings, self._clock).rebuild()
        derived = time.monotonic()
        studies = Studies(self._database, self._registry, self._settings, self._clock)
        results = studies.run()
        if self._run("nights", nights=self._size.nights):
            results += studies.run(["scores"], rebuild=True)
        failed = [f"{one.study}: {one.reason}" for one in results if one.outcome is Outcome.FAILED]
        if failed:
            raise RuntimeError("; ".join(failed))
        self._tidy()
        return derived - begun, time.monotonic() - derived

    # --- inside ---

    def _keep_books(self, since: date, until: date) -> None:
        by_connection: dict[str, list[Record]] = {
            "card": list(trips(since, until)),
            "coins": list(trades(since, until)),
        }
        for connection, record in savings(since, until):
            by_connection.setdefault(connection, []).append(record)
        for connection, records in by_connection.items():
            self._write_all(connection, records)

    def _write_all(self, connection: str, rows: list[Record]) -> None:
        for begin in range(0, len(rows), _BATCH):
            self._write(connection, *rows[begin : begin + _BATCH])

    def _write(self, connection: str, *records: Record) -> None:
        now = self._clock.now()
        self._rawlog.write_batch(connection, Batch(records=records), tick=now, now=now)

    def _run(self, statement: str, **fields: Any) -> int:
        return _run(self._database, statement, **{"now": self._clock.now(), **fields})

    def _tidy(self) -> None:
        """What autovacuum does by and by, at once."""
        with psycopg.connect(self._database.dsn, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")


def write_readings(
    database: Database, count: int, accounts: int, *, now: datetime, step: timedelta, part: Part | None = None
) -> int:
    """Write so many readings of each account `spot`, the last one `now`, or every tenth or the rest; gives how many."""
    tenth = None if part is None else part.value
    day = step / timedelta(days=1)
    return _run_slices(database, "readings", count - 1, accounts, now=now, step=step, count=count, day=day, tenth=tenth)


def _run_slices(database: Database, statement: str, oldest: int, accounts: int, **fields: Any) -> int:
    """As they come: all accounts at one moment, then all at the next, some at a time."""
    width = max(_SLICE // accounts, 1)
    return sum(
        _run(database, statement, first=max(last - width + 1, 0), last=last, **fields)
        for last in range(oldest, -1, -width)
    )


def _run(database: Database, statement: str, **fields: Any) -> int:
    with database.owner(3600.0) as session:
        session.execute("SELECT set_config('flowd.tenant', %s, true)", (str(database.tenant_id),))
        return session.execute(_SQL[statement].encode(), {"tenant": database.tenant_id, **fields}).rowcount


def settings_of(streams: int) -> Settings:
    """Return the settings of a tenant with so many exchanges, banks, a card, coins, a flat and a pension."""
    names = [*(_exchange(number) for number in range(streams)), "bank", "flat", "pension", "savings", "card", "coins"]
    return Settings.model_validate(
        {
            "tenant": {"base_currency": "EUR", "timezone": "Europe/Berlin"},
            "connections": {name: {"type": "any"} for name in names},
            "streams": {
                name: {"group": f"group {number % 6}", "name": name.title(), "target": 10, "tax": "20%"}
                for number, name in enumerate(names)
                if name not in ("bank", "savings", "card", "coins")
            },
        }
    )


def _exchange(number: int) -> str:
    return f"exchange{number:02}"


def _ledger(number: int, since: date, until: date) -> Iterator[Record]:
    """What an exchange says of its account every month."""
    if number % 5:
        return
    for day in range(0, (until - since).days, 30):
        for kind, amount in ((FlowClass.FUNDING, "1.5"), (FlowClass.FEE, "-0.25"), (FlowClass.STAKING, "0.75")):
            yield Transaction(
                account="spot",
                external_id=f"{kind}{day}",
                booked_at=since + timedelta(days=day),
                amount=Decimal(amount),
                asset="USD" if number % 4 == 3 else "EUR",
                kind=kind,
            )


def _movements(size: Size, since: date, until: date) -> Iterator[Record]:
    """What a busy bank account shows: regular income of some payers, and every day something is spent."""
    random = Random(7)
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        paid = [("Acme", FlowClass.SALARY, 3200)] if day.day == 27 else []
        paid += [("Savings", FlowClass.INTEREST, 14)] if day.day == 1 else []
        paid += [("Fund", FlowClass.DIVIDEND, 120)] if day.day == 15 and day.month % 3 == 0 else []
        paid += [("Tenant", FlowClass.RENT, 700)] if day.day == 3 else []
        paid += [("Shop", FlowClass.PAYOUT, 90)] if day.weekday() == 1 else []
        shops = [random.randrange(200) for _ in range(size.movements)]
        spent = [(shop_name(shop), FlowClass.EXPENSE, -random.randrange(2, 4)) for shop in shops]
        for place, (party, kind, amount) in enumerate([*paid, *spent]):
            yield Transaction(
                account="giro",
                external_id=f"{number}/{place}",
                booked_at=day,
                amount=Decimal(amount) + Decimal(random.randrange(100)) / 100,
                asset="EUR",
                kind=kind,
                counterparty=party,
                description=f"what {party} was for",
            )


def _goals(today: date) -> list[Goal]:
    names = (("monthly", "monthly", 9_000), ("house", "saved", 60_000), ("free", "net_worth", 400_000))
    return [
        Goal(
            goal=name,
            kind=kind,
            amount=Decimal(amount),
            currency="EUR",
            since=today - timedelta(days=100),
            by_day=today + timedelta(days=365),
        )
        for name, kind, amount in names
    ]
