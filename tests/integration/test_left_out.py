"""An account that is there twice, or is not theirs, is left out: it counts nowhere, is listed, and may be taken in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from flowd.analytics.attribution import Attribution
from flowd.analytics.income import Income
from flowd.analytics.performance import DailyPerformance
from flowd.analytics.portfolios import Portfolios
from flowd.analytics.positions.study import Positions
from flowd.api import AccountInfo, AccountKind, Analytic, FlowClass, Record
from flowd.domain.decisions import BalanceDecision, DuplicateDecision, LeftOutDecision
from flowd.domain.keys import subject_of
from flowd.engine.derivation import Derivation
from flowd.engine.judging import MOST_ACCOUNTS
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.tenants import ensure_tenant
from tests.books import rate, stated
from tests.deriving import reading, transaction
from tests.integration.test_decisions import Ledger
from tests.integration.test_positions import trade, units

LIVE: Final = "DE02120300000000202051"
FILE: Final = "0000202051"
#: What follows from accounts that count.
TABLES: Final = (
    "flow", "stream", "income_daily", "performance", "metric", "transfer", "transfer_rate", "counterparty_month",
    "balance_day", "balance_line", "balance_gap", "position", "position_day", "realised", "lot", "rate_gap",
    "rate_missing",
)  # fmt: skip
VIEWS: Final = ("net_worth", "worth", "balance", "balance_gap", "position", "transfer", "counterparty")
PAID: Final = transaction("2026-03-02", "2500", account=FILE, description="Gehalt ACME", external_id="f1")
UNREAD: Final = LeftOutDecision(connection="csv", account="old")
BANK_AGAIN: Final = LeftOutDecision(connection="file", account=FILE, same_as=("bank", LIVE))
WALLET_AGAIN: Final = LeftOutDecision(connection="csv", account="spot", same_as=("kraken", "spot"))


class Household(Ledger):
    """A household with a bank account, another one and a wallet."""

    def set(self, **settings: Any) -> None:
        super().set(**settings)
        made: list[Analytic] = [Income(), Attribution(), DailyPerformance(), Portfolios(), Positions()]
        registry = Registry(analytics={one.name: one for one in made})
        self.derivation = Derivation(self.database, registry, self.settings, self.clock)

    def fill(self) -> None:
        """Write what is there once."""
        self.write(
            "bank",
            AccountInfo(account=LIVE, name="Giro", kind=AccountKind.BANK, asset="EUR"),
            AccountInfo(account="savings", name="Tagesgeld", kind=AccountKind.BANK, asset="EUR"),
            *statement(LIVE),
            transaction("2026-03-03", "300", account="savings", description="Umbuchung"),
            stated("2026-03-05", "900", account="savings"),
        )
        self.write("kraken", *wallet())
        self.write("rates", rate("2026-03-01", "0.9"))
        self.derivation.catch_up()

    def again(self) -> None:
        """Write two of the accounts a second time, with gaps and units that only the second ones have."""
        self.write(
            "file",
            AccountInfo(account=FILE, name="Konto", kind=AccountKind.BANK, asset="EUR"),
            *statement(FILE)[1:],
            PAID,
            stated("2026-03-09", "9000", account=FILE),
            transaction("2026-03-04", "80", account=FILE, asset="JPY", description="Tokyo"),
        )
        self.write("csv", *wallet(), *unread(), units("2026-03-06T10:00", "2", FlowClass.STAKING, asset="DOT"))
        self.derivation.catch_up()

    def counted(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that follows from accounts that count, without the numbers of tenants and series."""
        tenant = self.database.tenant_id
        row = "(to_jsonb(t) - 'tenant_id' - 'tenant')::text"
        found = {
            table: self.rows(f"SELECT {row} FROM derived.{table} t WHERE tenant_id = {tenant} ORDER BY 1")
            for table in TABLES
        }
        whose = f"tenant = '{self.database.tenant}'"
        return found | {
            f"report.{view}": self.rows(f"SELECT {row} FROM report.{view} t WHERE {whose} ORDER BY 1") for view in VIEWS
        }

    def all(self) -> dict[str, list[tuple[Any, ...]]]:
        tenant = self.database.tenant_id
        kept = ("account_left_out", "decided", "snapshot_daily")
        asked = "SELECT t::text FROM derived.{0} t WHERE tenant_id = {1} ORDER BY 1"
        return {**self.counted(), **{table: self.rows(asked.format(table, tenant)) for table in kept}}

    def holds_when_made_anew(self) -> None:
        before = self.all()
        self.derivation.rebuild()
        again = self.all()
        for name, rows in before.items():
            assert rows == again[name], name

    def accounts(self) -> dict[str, tuple[bool, str | None, str | None, str]]:
        rows = self.rows(
            "SELECT connection || '/' || account, left_out, same_as, worth::text, reason FROM report.account"
            f" WHERE tenant = '{self.database.tenant}' ORDER BY 1"
        )
        return {name: (left_out, same, worth, reason) for name, left_out, same, worth, reason in rows}


def statement(account: str) -> list[Record]:
    return [
        transaction("2026-03-02", "2500", account=account, description="Gehalt ACME", external_id=f"{account}/1"),
        stated("2026-02-28", "1000", account=account),
        transaction("2026-03-03", "-300", account=account, description="Umbuchung"),
        transaction("2026-03-04", "-50.5", account=account, counterparty="Markt"),
        stated("2026-03-05", "3149.5", account=account),
    ]


def wallet() -> list[Record]:
    return [
        AccountInfo(account="spot", name="Spot", kind=AccountKind.WALLET_SPOT),
        units("2026-03-03T09:00", "0.5", FlowClass.DEPOSIT),
        trade("2026-03-04T10:00", "buy", "1", "100"),
        trade("2026-03-07T10:00", "sell", "0.25", "120"),
        reading("2026-03-05T12:00", "500"),
        reading("2026-03-08T12:00", "530"),
    ]


def unread() -> list[Record]:
    """A wallet whose trades alone tell what it holds."""
    return [
        AccountInfo(account="old", name="Old", kind=AccountKind.WALLET_SPOT),
        trade("2026-03-04T10:00", "buy", "2", "100", account="old"),
    ]


@pytest.fixture
def store(database: Database) -> Household:
    return Household(database)


def test_what_is_left_out_counts_as_if_it_had_never_been_there(
    store: Household, database: Database, database_url: str
) -> None:
    ensure_tenant(database, "once", base_currency="EUR", timezone="Europe/Berlin")
    with Database(database_url, tenant="once") as own:
        once = Household(own)
        once.fill()
        expected = once.counted()
    store.fill()
    store.again()
    twice = store.all()
    for table in ("flow", "balance_day", "position_day", "performance", "report.net_worth", "rate_gap"):
        assert len(twice[table]) > len(expected[table]) or table == "report.net_worth"
        assert twice[table] != expected[table]
    store.decide(BANK_AGAIN)
    store.decide(WALLET_AGAIN)
    store.decide(UNREAD)
    for name, rows in store.counted().items():
        assert rows == expected[name], name
    store.holds_when_made_anew()
    # what comes later counts no more than what was there
    store.write("file", transaction("2026-03-10", "77", account=FILE), stated("2026-03-10", "1", account=FILE))
    store.write("csv", trade("2026-03-10T10:00", "buy", "3", "90"), reading("2026-03-10T12:00", "900"))
    store.derivation.catch_up()
    for name, rows in store.counted().items():
        assert rows == expected[name], name
    store.holds_when_made_anew()


def test_what_is_taken_in_again_counts_as_before(store: Household) -> None:
    store.fill()
    store.again()
    before = store.all()
    store.decide(BANK_AGAIN)
    store.decide(WALLET_AGAIN)
    store.decide(UNREAD)
    store.undo(UNREAD)
    store.undo(WALLET_AGAIN)
    store.undo(BANK_AGAIN)
    again = store.all()
    for name, rows in before.items():
        assert rows == again[name], name
    store.holds_when_made_anew()


def test_what_is_left_out_is_listed_as_that(store: Household) -> None:
    store.fill()
    store.again()
    store.decide(BANK_AGAIN)
    store.decide(LeftOutDecision(connection="csv", account="spot"))
    told = store.accounts()
    assert told[f"file/{FILE}"] == (True, f"bank/{LIVE}", None, f"left out by you: the same as bank/{LIVE}")
    assert told["csv/spot"] == (True, None, None, "left out by you: it does not count")
    assert [told[f"bank/{LIVE}"][0], told["kraken/spot"][0]] == [False, False]
    listed = store.rows(
        "SELECT connection, count(*), count(flow_class) FROM report.transaction WHERE left_out GROUP BY 1"
    )
    assert sorted(listed) == [("csv", 2, 0), ("file", 4, 0)]
    assert store.rows("SELECT kind, about, problem FROM report.decision") == [("left_out", None, "")] * 2


def test_one_of_many_accounts_is_left_out(store: Household) -> None:
    """Kinds of many accounts are not looked at; what counts is."""
    store.fill()
    store.write("shared", *(AccountInfo(account=f"{n}", name="x", kind=AccountKind.BANK) for n in range(MOST_ACCOUNTS)))
    store.derivation.catch_up()
    before = store.counted()
    store.again()
    store.decide(BANK_AGAIN)
    store.decide(WALLET_AGAIN)
    store.decide(UNREAD)
    assert store.counted() == before
    store.holds_when_made_anew()


def test_a_balance_that_somebody_said_of_it_counts_no_more(store: Household) -> None:
    store.write("file", AccountInfo(account=FILE, name="Konto", kind=AccountKind.BANK, asset="EUR"), PAID)
    store.derivation.catch_up()
    day = date(2026, 3, 4)
    store.decide(BalanceDecision(connection="file", account=FILE, asset="EUR", day=day, amount=Decimal(9)))
    before = store.all()
    store.decide(BANK_AGAIN)
    assert not store.counted()["balance_day"]
    assert not store.counted()["report.net_worth"]
    store.holds_when_made_anew()
    store.undo(BANK_AGAIN)
    assert store.all()["balance_day"] == before["balance_day"]
    store.holds_when_made_anew()


def test_payments_merged_into_what_is_left_out_count_again_once(store: Household) -> None:
    """Merging made each payment one, some of them the one of the account that goes."""
    store.fill()
    store.again()
    paid = replace(PAID, account=LIVE, external_id=f"{LIVE}/1")
    live = UUID(bytes=subject_of("bank", paid))
    file = UUID(bytes=subject_of("file", PAID))
    third = store.pay("2500", day="2026-03-02", account=LIVE, description="Gehalt ACME", external_id="third")
    salary = "SELECT subject FROM derived.flow WHERE amount = 2500"
    for duplicate in (live, third):
        store.decide(DuplicateDecision(of=duplicate, other=file))
    assert store.rows(salary) == [(file,)]
    balance = f"SELECT booked::text FROM derived.balance_day WHERE account = '{LIVE}' AND day = '2026-03-02'"
    assert store.rows(balance) == []
    store.decide(BANK_AGAIN)
    ((counted,),) = store.rows(salary)
    assert counted in (live, third)
    assert store.rows(balance) == [("2500",)]
    shown = (
        "SELECT subject, duplicate_of FROM report.transaction WHERE amount = 2500 AND NOT left_out AND flow_class {0}"
    )
    assert store.rows(shown.format("IS NOT NULL")) == [(counted, None)]
    assert store.rows(shown.format("IS NULL")) == [(({live, third} - {counted}).pop(), file)]
    store.holds_when_made_anew()
    store.undo(BANK_AGAIN)
    assert store.rows(salary) == [(file,)]
    assert store.rows(balance) == []
    store.holds_when_made_anew()


@pytest.mark.parametrize(("same", "found"), [(("bank", LIVE), "transfer"), (None, "expense")])
def test_a_text_that_names_a_number_of_ones_own_account_is_a_transfer(
    store: Household, same: tuple[str, str] | None, found: str
) -> None:
    store.fill()
    store.again()
    named = store.pay("-45", day="2026-03-11", account="savings", description=f"an Konto {FILE}")
    asked = f"SELECT flow_class FROM derived.flow WHERE subject = '{named}'"
    assert store.rows(asked) == [("transfer",)]
    store.decide(LeftOutDecision(connection="file", account=FILE, same_as=same))
    assert store.rows(asked) == [(found,)]
    store.holds_when_made_anew()
