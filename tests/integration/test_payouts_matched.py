"""What a platform pays out is income once, there and net: what arrives at the bank is its other leg."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from flowd.api import AccountInfo, AccountKind, FlowClass, Record, Removal
from flowd.storage.database import Database
from tests.deriving import NOW, SPOT, Store, transaction

STRIPE = AccountInfo(account="acct", name="Stripe", kind=AccountKind.PAYOUT)
BANK = AccountInfo(account="main", name="Giro", kind=AccountKind.BANK)
SAVINGS = AccountInfo(account="savings", name="Savings", kind=AccountKind.BANK)


@pytest.fixture
def store(database: Database) -> Store:
    store = Store(database)
    store.write("stripe", STRIPE)
    store.write("bank", BANK, SAVINGS)
    return store


def payout(day: str, amount: str, number: int = 1) -> Record:
    return transaction(day, f"-{amount}", account="acct", kind=FlowClass.TRANSFER, external_id=f"po-{day}-{number}")


def arrived(day: str, amount: str, text: str = "STRIPE PAYMENTS EUROPE PAYOUT", **more: Any) -> Record:
    return transaction(day, amount, counterparty="STRIPE PAYMENTS", description=text, **more)


def charged(day: str, amount: str) -> Record:
    return transaction(day, amount, account="acct", kind=FlowClass.MRR, external_id=f"ch-{day}")


def verdicts(store: Store, connection: str = "bank") -> dict[str, tuple[str, str]]:
    """What is taken for what, by day; derived step by step, and the same made anew."""
    store.derivation.catch_up()
    before = store.everything()
    store.derivation.rebuild()
    assert store.everything() == before
    rows = store.rows(
        f"SELECT day::text, flow_class, rule FROM derived.flow WHERE connection = '{connection}' ORDER BY day, subject"
    )
    return {day: (flow_class, rule) for day, flow_class, rule in rows}


def income(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT stream, sum(received)::text FROM derived.income_daily GROUP BY 1 ORDER BY 1"))


@pytest.mark.parametrize(
    "text", ["STRIPE PAYMENTS", "Payout from Stripe", "salary", "Gutschrift Gehalt", "interest", "transfer"]
)
def test_a_payout_is_income_once_whatever_the_bank_says(store: Store, text: str) -> None:
    store.write("bank", arrived("2026-03-05", "1234.56", text))
    store.derivation.catch_up()
    store.write("stripe", charged("2026-03-01", "1234.56"), payout("2026-03-03", "1234.56"))
    assert verdicts(store) == {"2026-03-05": ("transfer", "both legs known")}
    assert income(store) == {"stripe/mrr": "1234.56"}


@pytest.mark.parametrize(
    ("day", "counts"), [("2026-03-03", 1), ("2026-03-10", 1), ("2026-03-11", 2), ("2026-03-02", 2)]
)
def test_it_arrives_within_a_week_and_never_before(store: Store, day: str, counts: int) -> None:
    store.write("stripe", charged("2026-03-01", "100"), payout("2026-03-03", "100"))
    store.write("bank", arrived(day, "100", "Stripe payout"))
    verdicts(store)
    assert len(income(store)) == counts


def test_much_less_or_the_same_amount_of_another_currency_is_not_the_other_leg(store: Store) -> None:
    store.write("stripe", payout("2026-03-03", "100"), payout("2026-03-04", "50"))
    store.write("bank", arrived("2026-03-05", "88.99", "payout"), arrived("2026-03-06", "50", "payout", asset="USD"))
    assert {rule for _, rule in verdicts(store).values()} == {"word stripe"}


def test_what_was_kept_on_the_way_is_a_fee_of_the_platform(store: Store) -> None:
    store.write("stripe", charged("2026-03-01", "100"), payout("2026-03-03", "100"))
    store.write("bank", arrived("2026-03-05", "99.99", "payout"))
    assert verdicts(store) == {"2026-03-05": ("transfer", "both legs known")}
    assert income(store) == {"stripe/mrr": "100"}
    parts = store.rows("SELECT flow_class, amount::text, rule FROM derived.flow WHERE connection = 'stripe' ORDER BY 2")
    assert parts == [
        ("fee", "-0.01", "kept on the way"), ("transfer", "-99.99", "both legs known"), ("mrr", "100", "source"),
    ]  # fmt: skip


def test_regular_payouts_of_one_amount_go_each_with_what_arrived_next(store: Store) -> None:
    for day in range(1, 15):
        store.write("stripe", payout(f"2026-03-{day:02}", "50"))
        store.write("bank", arrived(f"2026-03-{day + 1:02}", "50", "payout"))
        if day % 5 == 0:
            verdicts(store)
    found = verdicts(store)
    # The last one arrives when all others have been taken for the one of their own day, and is none the less.
    assert {flow_class for flow_class, _ in found.values()} == {"transfer"}
    for number in range(3):
        store.write("bank", transaction(f"2026-03-{10 + number}", "50", counterparty="Anna", external_id=f"a{number}"))
    verdicts(store)
    assert income(store) == {"bank/other": "150"}
    for week in ("2026-02-02", "2026-02-09", "2026-02-16"):
        store.write("stripe", payout(week, "75"))
        store.write("bank", arrived(week, "75", "payout"))
    store.write("stripe", payout("2026-02-20", "60", 1), payout("2026-02-20", "60", 2))
    store.write("bank", arrived("2026-02-23", "60", "payout", external_id="a"))
    store.write("bank", arrived("2026-02-23", "60", "payout", external_id="b"))
    found = verdicts(store)
    assert {found[day][0] for day in found if day < "2026-03-01"} == {"transfer"}
    assert store.rows("SELECT count(*) FROM derived.flow WHERE amount = 60 AND flow_class = 'transfer'") == [(2,)]


def test_a_rule_of_ones_own_wins_on_either_side(store: Store) -> None:
    store.write("stripe", payout("2026-03-03", "100"))
    store.write("bank", arrived("2026-03-05", "100", "payout"))
    assert verdicts(store)["2026-03-05"] == ("transfer", "both legs known")
    store.set(rules=[{"match": {"connection": "bank", "text": "stripe"}, "class": "payout"}])
    assert verdicts(store)["2026-03-05"] == ("payout", "rule 1")
    store.set(rules=[{"match": {"connection": "stripe"}, "class": "expense"}])
    assert verdicts(store)["2026-03-05"] == ("payout", "word stripe")


def test_what_an_exchange_pays_out_is_no_income_and_its_gains_are_no_transfers(store: Store) -> None:
    funding = AccountInfo(account="funding", name="Funding", kind=AccountKind.WALLET_FUNDING)
    store.set(connections={"exchange": {"type": "any", "income": "ledger"}})
    moves = {"account": "spot", "kind": FlowClass.TRANSFER}
    store.write(
        "exchange",
        SPOT,
        funding,
        transaction("2026-03-02", "-500", account="spot", kind=FlowClass.WITHDRAWAL),
        # From wallet to wallet, on the day a friend paid the same into the bank and a gain was booked of it.
        transaction("2026-03-09", "-40", **moves),
        transaction("2026-03-09", "40", account="funding", kind=FlowClass.TRANSFER),
        transaction("2026-03-09", "40", account="funding", kind=FlowClass.REALISED_PNL, external_id="gain"),
    )
    store.write("bank", arrived("2026-03-06", "500", "Zahlung"), transaction("2026-03-10", "40", description="Anna"))
    assert verdicts(store) == {"2026-03-06": ("transfer", "both legs known"), "2026-03-10": ("other", "sign")}
    assert income(store) == {"bank/other": "40", "exchange/realised_pnl": "40"}


def test_what_a_bank_itself_calls_a_transfer_has_its_other_leg_at_another_bank(store: Store) -> None:
    store.write(
        "bank",
        transaction("2026-03-02", "-300", kind=FlowClass.TRANSFER, external_id="a"),
        transaction("2026-03-04", "300", account="savings", description="salary"),
        # What a source itself calls a salary stays one where only a bank says that something left.
        transaction("2026-03-09", "-2500", kind=FlowClass.TRANSFER, external_id="b"),
        transaction("2026-03-10", "2500", account="savings", kind=FlowClass.SALARY, external_id="c"),
    )
    found = verdicts(store)
    assert found["2026-03-04"] == ("transfer", "both legs known")
    assert found["2026-03-10"] == ("salary", "source")


def test_a_leg_that_comes_late_is_revised_or_taken_back_changes_the_other(store: Store) -> None:
    store.write("bank", arrived("2026-03-09", "80", "payout", external_id="in"))
    assert verdicts(store)["2026-03-09"][0] == "payout"
    store.write("stripe", payout("2026-03-03", "80"))
    assert verdicts(store)["2026-03-09"][0] == "transfer"
    store.write("stripe", Removal(account="acct", external_id="po-2026-03-03-1", at=NOW - timedelta(days=1)))
    assert verdicts(store)["2026-03-09"][0] == "payout"


@pytest.mark.parametrize("seed", [0])
def test_whatever_comes_in_whatever_order_ends_in_the_rows_of_a_rebuild(store: Store, seed: int) -> None:
    store.write("exchange", SPOT)
    chance = Random(seed)
    begin = date(2025, 11, 1)
    for number in range(100):
        connection, account = chance.choice(
            [("stripe", "acct"), ("bank", "main"), ("bank", "savings"), ("exchange", "spot")]
        )
        sign = chance.choice([1, -1, -1]) if account in ("acct", "spot") else chance.choice([1, 1, -1])
        record = transaction(
            (begin + timedelta(days=chance.randrange(120))).isoformat(),
            str(sign * chance.choice([50, 50, 70])),
            account=account,
            external_id=str(chance.randrange(120)),
            kind=chance.choice([None, FlowClass.TRANSFER, FlowClass.TRANSFER, FlowClass.PAYOUT, FlowClass.DEPOSIT]),
            counterparty=chance.choice(["", "Stripe", "Anna"]),
            description=chance.choice(["", "salary", "payout", "refund"]),
        )
        store.write(connection, record)
        if chance.random() < 0.8:
            store.derivation.catch_up()
        if number % 16 == 15:
            verdicts(store)
    assert store.rows("SELECT count(*) > 20 FROM derived.flow WHERE rule = 'both legs known'") == [(True,)]


def test_many_wallets_do_not_keep_transfers_from_being_found(store: Store) -> None:
    wallets = [AccountInfo(account=f"w{n}", name=f"W{n}", kind=AccountKind.WALLET_SPOT) for n in range(40)]
    store.write("exchange", *wallets)
    store.write("stripe", payout("2026-03-03", "100"))
    store.write("bank", arrived("2026-03-05", "100", "payout"))
    assert verdicts(store)["2026-03-05"] == ("transfer", "both legs known")
