"""Positions in the database: made of trades and movements, kept in step with them, and the same when made anew."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.analytics.positions.study import Positions
from flowd.api import AccountInfo, AccountKind, Batch, Event, FlowClass, Rate, Record, Removal, Side, Trade, Transaction
from flowd.engine.derivation import Derivation
from flowd.engine.facts import read_facts
from flowd.engine.view import StoredView, stored_rates
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.testing.facts import FactsView
from tests.deriving import NOW, Store

TABLES = ("position", "position_day", "realised", "lot", "rate_gap", "rate_missing")
WALLETS = [
    AccountInfo(account="spot", name="Spot", kind=AccountKind.WALLET_SPOT),
    AccountInfo(account="margin", name="Margin", kind=AccountKind.WALLET_MARGIN),
    AccountInfo(account="futures", name="Futures", kind=AccountKind.WALLET_FUTURES),
]


class Books(Store):
    """A store that keeps positions."""

    def set(self, **settings: Any) -> None:
        super().set(**settings)
        registry = Registry(analytics={"positions": Positions()})
        self.derivation = Derivation(self.database, registry, self.settings, self.clock)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: self.rows(f"SELECT t::text FROM derived.{table} t ORDER BY 1") for table in TABLES}

    def same_when_made_anew(self) -> dict[str, list[tuple[Any, ...]]]:
        self.derivation.catch_up()
        step_by_step = self.everything()
        self.derivation.rebuild()
        again = self.everything()
        for table in TABLES:
            assert step_by_step[table] == again[table], table
        return again

    def position(self, asset: str, columns: str, method: str = "fifo", account: str = "spot") -> tuple[Any, ...]:
        (found,) = self.rows(
            f"SELECT {columns} FROM derived.position"
            f" WHERE asset = '{asset}' AND method = '{method}' AND account = '{account}'"
        )
        return found


def trade(at: str, side: str, quantity: str, price: str, **more: Any) -> Trade:
    said: dict[str, Any] = {"account": "spot", "base": "BTC", "quote": "EUR", "fee": "0", "fee_asset": "EUR", **more}
    moment = datetime.fromisoformat(at + "+00:00")
    said.setdefault("external_id", f"{at}/{side}/{quantity}/{said['base']}")
    return Trade(
        at=moment,
        side=Side(side),
        quantity=Decimal(quantity),
        price=Decimal(price),
        **{**said, "fee": Decimal(said["fee"])},
    )


def units(at: str | date, amount: str, kind: FlowClass, asset: str = "BTC", account: str = "spot") -> Transaction:
    moment = datetime.fromisoformat(at + "+00:00") if isinstance(at, str) else at
    return Transaction(
        account=account,
        external_id=f"{at}/{amount}/{asset}/{account}",
        booked_at=moment,
        amount=Decimal(amount),
        asset=asset,
        kind=kind,
    )


def rate(at: str, base: str, quote: str, value: str) -> Rate:
    return Rate(base=base, quote=quote, at=datetime.fromisoformat(at + "+00:00"), value=Decimal(value))


def test_a_year_of_a_wallet(database: Database) -> None:
    store = Books(database)
    store.write(
        "kraken",
        *WALLETS,
        trade("2025-01-10 12:00", "buy", "1", "30000", fee="0.01", fee_asset="BTC"),
        trade("2025-06-10 12:00", "buy", "1", "60000", fee="60"),
        trade("2026-02-01 12:00", "sell", "1.49", "80000", fee="100"),
    )
    store.write("rates", rate("2026-03-20 11:00", "BTC", "EUR", "90000"))
    store.derivation.catch_up()
    assert store.rows(
        "SELECT method, acquired, quantity::text, proceeds::text, fee::text, cost::text, gain::text, gain_base::text"
        " FROM derived.realised ORDER BY 1, 2"
    ) == [
        # 90060 for 1.99 units, of which 1.49 are sold
        ("average", None, "1.49", "119200", "100", "67431.859296482412", "51668.140703517588", "51668.140703517588"),
        (
            "fifo",
            date(2025, 1, 10),
            "0.99",
            "79200",
            "66.442953020134",
            "30000",
            "49133.557046979866",
            "49133.557046979866",
        ),
        (
            "fifo",
            date(2025, 6, 10),
            "0.5",
            "40000",
            "33.557046979866",
            "30030",
            "9936.442953020134",
            "9936.442953020134",
        ),
    ]
    columns = "quantity::text, cost::text, value::text, unrealised::text, fees_base::text, quality"
    assert store.position("BTC", columns) == ("0.5", "30030", "45000", "14970", "460", "exact")
    assert store.rows("SELECT number, acquired, quantity::text, cost::text FROM derived.lot") == [
        (1, date(2025, 6, 10), "0.5", "30030")
    ]
    days = [day for (day,) in store.rows("SELECT day FROM derived.position_day WHERE method = 'fifo' ORDER BY day")]
    assert days[0] == date(2025, 1, 10)
    assert [day for day in days if day.day < 28] == [date(2025, 1, 10), date(2025, 6, 10), date(2026, 2, 1)]
    assert len(days) == 3 + 14
    store.same_when_made_anew()


def test_units_that_move_between_own_accounts_keep_their_cost(database: Database) -> None:
    store = Books(database)
    store.write(
        "kraken",
        *WALLETS,
        trade("2025-01-10 12:00", "buy", "2", "30000"),
        units("2025-03-01 09:00", "-1.5", FlowClass.WITHDRAWAL),
    )
    store.write("rates", rate("2026-03-20 11:00", "BTC", "EUR", "90000"))
    store.derivation.catch_up()
    cold = AccountInfo(account="cold", name="Cold", kind=AccountKind.WALLET_SPOT)
    store.write("ledger", cold, units("2025-03-01 09:40", "1.4995", FlowClass.DEPOSIT, account="cold"))
    store.same_when_made_anew()
    columns = "quantity::text, cost_base::text, opened, realised_base::text, quality"
    assert store.position("BTC", columns, account="cold") == ("1.4995", "44985", date(2025, 1, 10), "0", "exact")
    # what was kept on the way is a fee
    assert store.position("BTC", columns) == ("0.5", "15000", date(2025, 1, 10), "-15", "exact")
    store.write("ledger", Removal(account="cold", external_id="2025-03-01 09:40/1.4995/BTC/cold", at=NOW))
    store.same_when_made_anew()
    # nobody knows where it went: no gain, and no fee
    assert store.position("BTC", columns) == ("0.5", "15000", date(2025, 1, 10), "0", "exact")


def test_a_split_and_who_says_it(database: Database) -> None:
    store = Books(database)
    said = {"account": "depot", "asset": "NVDA", "numerator": "10", "denominator": "1"}
    split = Event(type="split", key="nvda", at=datetime(2025, 6, 10, 6, tzinfo=UTC), data=said)
    store.write(
        "broker",
        AccountInfo(account="depot", name="Depot", kind=AccountKind.BROKER),
        trade("2025-01-10 12:00", "buy", "3", "100", base="NVDA", account="depot"),
    )
    store.derivation.catch_up()
    assert store.position("NVDA", "quantity::text, cost::text", account="depot") == ("3", "300")
    store.write("broker", split)
    store.write("(you)", Event(type="split", key="nvda", at=split.at, data={**said, "connection": "broker"}))
    store.same_when_made_anew()
    assert store.position("NVDA", "quantity::text, cost::text, trades", account="depot") == ("30", "300", 1)
    store.write("(you)", Event(type="split", key="nvda", at=split.at, data={"removed": True}))
    store.write("broker", Event(type="split", key="nvda", at=split.at, data={"removed": True}))
    store.same_when_made_anew()
    assert store.position("NVDA", "quantity::text", account="depot") == ("3",)


def test_dividends_staking_and_what_is_owed(database: Database) -> None:
    store = Books(database)
    store.write(
        "kraken",
        *WALLETS,
        units("2025-02-01 12:00", "0.1", FlowClass.STAKING),
        trade("2025-03-01 12:00", "sell", "2", "50000", account="margin"),
        trade("2025-03-05 12:00", "buy", "1", "40000", account="margin"),
        trade("2025-03-01 12:00", "sell", "5", "100", account="futures", base="BTC/EUR:EUR"),
        Transaction(
            account="spot",
            external_id="dividend",
            booked_at=date(2025, 4, 1),
            amount=Decimal(12),
            asset="EUR",
            kind=FlowClass.DIVIDEND,
            raw={"asset": "BTC"},
        ),
        Transaction(
            account="spot",
            external_id="another",
            booked_at=date(2025, 5, 1),
            amount=Decimal(3),
            asset="EUR",
            kind=FlowClass.DIVIDEND,
            raw={"security": "BTC"},
        ),
    )
    store.derivation.catch_up()
    assert store.position("BTC", "quantity::text, cost_base, reason") == (
        "0.1", None, "no rate from BTC to EUR on 2025-02-01; nobody has a price of it",
    )  # fmt: skip
    assert ("BTC", "EUR", [date(2025, 2, 1)]) in store.derivation.missing_rates()
    store.write("rates", rate("2025-02-01 11:00", "BTC", "EUR", "30000"))
    store.same_when_made_anew()
    assert store.position("BTC", "quantity::text, cost_base::text, staking_base::text, dividends_base::text") == (
        "0.1", "3000", "3000", "15",
    )  # fmt: skip
    assert store.position("BTC", "quantity::text, cost::text, realised::text", account="margin") == (
        "-1", "-50000", "10000",
    )  # fmt: skip
    assert store.position("BTC/EUR:EUR", "quantity::text, cost, realised, quality", account="futures") == (
        "-5", None, None, "partial",
    )  # fmt: skip


class History:
    """A trader's facts, made from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def moment(self) -> datetime:
        begin = datetime(2025, 8, 20, tzinfo=UTC)
        return begin + timedelta(minutes=self.random.randrange(210 * 24 * 60))

    def amount(self, most: int = 500) -> Decimal:
        return Decimal(self.random.randrange(1, most)).scaleb(-self.random.choice([0, 1, 2]))

    def trade(self) -> Record:
        base, quote = self.random.choice(
            [("BTC", "EUR"), ("BTC", "USDT"), ("ETH", "BTC"), ("ETH", "USDT"), ("EUR", "USDT")]
        )
        return Trade(
            account=self.random.choice(["spot", "spot", "margin", "futures"]),
            external_id=str(self.random.randrange(60)),
            at=self.moment(),
            base=base,
            quote=quote,
            side=self.random.choice(list(Side)),
            quantity=self.amount(),
            price=self.amount(),
            fee=self.random.choice([Decimal(0), self.amount(20).scaleb(-3)]),
            fee_asset=self.random.choice([base, quote, "BNB", "EUR"]),
        )

    def units(self) -> Record:
        at = self.moment()
        return Transaction(
            account=self.random.choice(["spot", "margin"]),
            external_id=str(self.random.randrange(40)),
            booked_at=self.random.choice([at, at.date()]),
            amount=self.random.choice([1, -1]) * self.random.choice([Decimal(7), self.amount()]),
            asset=self.random.choice(["BTC", "ETH", "USDT", "BNB", "EUR"]),
            kind=self.random.choice(
                [
                    FlowClass.STAKING,
                    FlowClass.DEPOSIT,
                    FlowClass.WITHDRAWAL,
                    FlowClass.FEE,
                    FlowClass.EXPENSE,
                    FlowClass.DIVIDEND,
                ]
            ),
            raw={"asset": "ETH"},
        )

    def rate(self) -> Record:
        base, quote = self.random.choice([("BTC", "EUR"), ("USDT", "EUR"), ("ETH", "USDT"), ("BNB", "USDT")])
        return Rate(base=base, quote=quote, at=self.moment(), value=self.amount())

    def split(self) -> Record:
        many = str(self.random.choice([2, 3]))
        said = {"asset": "ETH", "numerator": many, "denominator": self.random.choice(["1", "7"])}
        if self.random.random() < 0.5:
            said["account"] = "spot"
        return Event(type="split", key=str(self.random.randrange(3)), at=self.moment(), data=said)

    def removal(self) -> Record:
        return Removal(account="spot", external_id=str(self.random.randrange(40)), at=self.moment())

    def batch(self) -> tuple[str, list[Record]]:
        makers = [self.trade] * 6 + [self.units] * 4 + [self.rate] * 3 + [self.split, self.removal]
        count = self.random.choice([1, 1, 3, 20])
        return self.random.choice(["kraken", "kraken", "binance"]), [self.random.choice(makers)() for _ in range(count)]


@pytest.mark.parametrize(("seed", "zone"), [(2, "America/New_York")])
def test_step_by_step_equals_a_rebuild(database: Database, seed: int, zone: str) -> None:
    store, history = Books(database), History(seed)
    with database.transaction(role="owner") as session:
        session.execute("UPDATE ops.tenant SET timezone = %s WHERE id = %s", (zone, database.tenant_id))
    compared = 0
    for connection in ("kraken", "binance"):
        store.write(connection, *WALLETS)
    for number in range(30):
        connection, records = history.batch()
        store.rawlog.write_batch(connection, Batch(records=records), tick=NOW, now=NOW + timedelta(days=30))
        if history.random.random() < 0.7:
            store.derivation.catch_up()
        if history.random.random() < 0.1:
            store.clock.step(timedelta(days=history.random.choice([-1, 1, 15])))
        if number % 10 == 9:
            compared += sum(map(len, store.same_when_made_anew().values()))
    assert compared > 500
    assert store.rows("SELECT count(*) > 3 FROM ops.position_mark") == [(True,)]


def test_only_what_changed_is_written(database: Database) -> None:
    store = Books(database)
    store.write(
        "kraken", *WALLETS, *(trade(f"2025-{month:02}-10 12:00", "buy", "1", "30000") for month in range(1, 13))
    )
    store.derivation.catch_up()
    before = dict(store.rows("SELECT day, xmin::text FROM derived.position_day WHERE method = 'fifo'"))
    store.write("kraken", trade("2025-12-15 12:00", "sell", "1", "50000"))
    done = store.derivation.catch_up()
    after = dict(store.rows("SELECT day, xmin::text FROM derived.position_day WHERE method = 'fifo'"))
    changed = {day for day in after if before.get(day) != after[day]}
    assert min(changed) == date(2025, 12, 15)
    # that day and the ends of months since, by both methods, taken away and put back
    assert 0 < done.rows < 50
    assert store.derivation.catch_up().rows == 0


def test_an_analytic_may_read_trades(database: Database) -> None:
    store = Books(database)
    late = trade("2025-01-11 22:59", "sell", "1", "30000")
    done = [trade("2025-01-10 23:30", "buy", "1", "30000"), late]
    store.write("kraken", *done, trade("2025-01-11 23:00", "buy", "1", "30000"))
    store.write("binance", trade("2025-01-11 12:00", "buy", "2", "30000"))
    with database.transaction() as session:
        facts = read_facts(session, database.tenant_id, store.settings, Registry(), store.clock)
        view = StoredView(session, facts, stored_rates(session, facts), [])
        day = date(2025, 1, 11)
        assert list(view.trades("kraken", day, day)) == done
        assert list(view.trades("kraken", date(2020, 1, 1), day)) == done
    written = FactsView(today=date(2026, 1, 1), all_trades={"kraken": done[::-1]})
    assert list(written.trades("kraken", day, day)) == done


def test_without_units_nothing_is_kept(database: Database) -> None:
    store = Books(database)
    store.write(
        "bank", Transaction(account="main", external_id="1", booked_at=date(2026, 1, 1), amount=Decimal(5), asset="EUR")
    )
    store.derivation.catch_up()
    assert not any(store.everything()[table] for table in ("position", "position_day", "lot"))
