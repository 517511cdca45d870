"""Own transfers: found across accounts, currencies and connectors; proposed where unsure; decided by people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

from flowd.api import AccountInfo, AccountKind, Event, FlowClass, Rate, Record, Removal
from flowd.domain.decisions import TransferDecision, TransferVerdict, decision_event
from flowd.domain.goals import OWN_WORD
from flowd.storage.database import Database
from tests.deriving import NOW, Store, reading, transaction

GIRO, SAVINGS = "DE02120300000000202051", "DE02500105170137075030"
KINDS = {
    ("bank", GIRO): AccountKind.BANK,
    ("bank", SAVINGS): AccountKind.BANK,
    ("wise", "eur"): AccountKind.BANK,
    ("wise", "usd"): AccountKind.BANK,
    ("visa", "card"): AccountKind.CARD,
    ("kraken", "spot"): AccountKind.WALLET_SPOT,
    ("binance", "spot"): AccountKind.WALLET_SPOT,
    ("depot", "broker"): AccountKind.BROKER,
}


@pytest.fixture
def store(database: Database) -> Store:
    store = Store(database)
    for (connection, account), kind in KINDS.items():
        store.write(connection, AccountInfo(account=account, name=account, kind=kind))
    return store


def booked(day: str, amount: str, account: str = GIRO, **more: Any) -> Record:
    return transaction(day, amount, account=account, **more)


def moved(day: str, amount: str, account: str = GIRO, **more: Any) -> Record:
    return booked(day, amount, account, **{"kind": FlowClass.TRANSFER, **more})


def rate(base: str, quote: str, day: str, value: str) -> Rate:
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC) + timedelta(hours=15)
    return Rate(base=base, quote=quote, at=at, value=Decimal(value))


def transfers(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    """What became of pairs; derived step by step, and the same made anew."""
    store.derivation.catch_up()
    before = store.everything()
    store.derivation.rebuild()
    again = store.everything()
    for table, found in before.items():
        assert found == again[table], table
    shown = ", ".join(columns or ("state", "out_amount::text", "in_amount::text", "days"))
    return store.rows(f"SELECT {shown} FROM derived.transfer ORDER BY day, out_amount, in_amount, transfer")


def flows(store: Store, connection: str) -> list[tuple[str, str, str]]:
    shown = "SELECT flow_class, amount::text, rule FROM derived.flow"
    return store.rows(f"{shown} WHERE connection = '{connection}' ORDER BY day, amount")


def decide(store: Store, verdict: TransferVerdict, place: int = 0) -> Event:
    """Say of the n-th pair whether it is one transfer."""
    rows = store.rows("SELECT out_subject, in_subject, day FROM derived.transfer ORDER BY day, transfer")
    out, into, day = rows[place]
    event = decision_event(TransferDecision(of=out, other=into, verdict=verdict), day)
    store.write(OWN_WORD, event)
    return event


def test_same_currency_between_two_banks(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-500", counterparty="Max Muster", description="Umbuchung"))
    store.write("wise", booked("2026-03-03", "500", "eur", counterparty="MAX MUSTER", description="Top up"))
    assert transfers(store, "state", "kind", "days", "fee", "score::text") == [("applied", "bank", 1, None, "1.00")]
    ((why,),) = transfers(store, "why")
    assert "the same name on both sides +10" in why
    assert "equal amounts +50" in why


def test_the_fee_between_the_legs_is_a_fee_of_who_sent(store: Store) -> None:
    more: dict[str, Any] = {"counterparty": "Max Muster", "raw": {"end_to_end_id": "E2E-2026-0302-77"}}
    store.write("bank", booked("2026-03-02", "-1000", description="SWIFT payment", **more))
    store.write("wise", booked("2026-03-04", "985", "eur", description="received", **more))
    assert transfers(store, "state", "fee::text", "fee_asset") == [("applied", "15", "EUR")]
    assert flows(store, "bank") == [
        ("fee", "-15", "kept on the way"),
        ("transfer", "-985", "both legs known"),
    ]
    assert store.rows("SELECT sum(amount)::text FROM derived.flow WHERE flow_class = 'transfer'") == [("0",)]
    # half of it is no fee
    store.write("bank", moved("2026-03-10", "-1000", description="again"))
    store.write("wise", booked("2026-03-11", "500", "eur", description="received"))
    assert transfers(store, "state") == [("applied",), ("open",)]


def test_two_currencies_at_the_rate_of_the_day_and_never_one_to_one(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-1000", counterparty="Wise", description="to USD balance"))
    store.write("wise", moved("2026-03-03", "1078.20", "usd", asset="USD"))
    store.write("wise", moved("2026-03-03", "1000", "usd", asset="USD"))
    assert transfers(store, "state") == [("open",), ("open",), ("open",)]
    # the rate comes later than both, and is another one at first
    store.write("ecb", rate("EUR", "USD", "2026-02-27", "1.5"))
    assert {state for (state,) in transfers(store, "state")} == {"open"}
    store.write("ecb", rate("EUR", "USD", "2026-03-02", "1.08"))
    found = transfers(store, "state", "kind", "in_amount::text", "rate::text", "market::text", "fee")
    assert found == [
        ("applied", "currency", "1078.2", "1.0782", "1.08", None),
        ("open", "unknown", "1000", None, None, None),
    ]
    ((why,),) = store.rows("SELECT why FROM derived.transfer WHERE state = 'applied'")
    assert "0.17 % below the rate of that day" in why


def test_what_a_reference_ties_together_without_a_rate_is_proposed(store: Store) -> None:
    same: dict[str, Any] = {"reference": "TRANSFER-88213377"}
    store.write("bank", moved("2026-03-02", "-1000", raw=same))
    store.write("wise", moved("2026-03-03", "1078.20", "usd", asset="USD", raw=same))
    assert transfers(store, "state", "rate::text", "market") == [("proposed", "1.0782", None)]
    assert {row[0] for row in flows(store, "wise")} == {"transfer"}


def test_a_withdrawal_on_chain_pays_its_fee_in_the_coin(store: Store) -> None:
    coin = {"asset": "BTC"}
    store.write(
        "kraken",
        booked("2026-03-02", "-0.1005", "spot", kind=FlowClass.WITHDRAWAL, external_id="w1", **coin),
        booked("2026-03-05", "-0.5", "spot", kind=FlowClass.WITHDRAWAL, external_id="w2", **coin),
    )
    store.write("binance", booked("2026-03-02", "0.1", "spot", kind=FlowClass.DEPOSIT, external_id="d1", **coin))
    assert transfers(store, "state", "kind", "fee::text", "fee_asset") == [
        ("applied", "chain", "0.0005", "BTC"),
        ("open", "unknown", None, None),
    ]
    assert ("fee", "-0.0005", "kept on the way") in flows(store, "kraken")


def test_another_coin_of_the_same_worth_is_no_leg(store: Store) -> None:
    store.write("ecb", rate("BTC", "EUR", "2026-03-02", "50000"), rate("ETH", "EUR", "2026-03-02", "2500"))
    store.write("kraken", booked("2026-03-02", "-0.1", "spot", asset="BTC", kind=FlowClass.WITHDRAWAL))
    store.write("binance", booked("2026-03-02", "2", "spot", asset="ETH", kind=FlowClass.DEPOSIT))
    assert {state for (state,) in transfers(store, "state")} == {"open"}


def test_a_card_that_is_settled_from_the_bank(store: Store) -> None:
    store.write("bank", booked("2026-03-02", "-431.17", counterparty="VISA", description="Kreditkartenabrechnung"))
    store.write("visa", booked("2026-03-03", "431.17", "card", description="Zahlung dankend erhalten"))
    assert transfers(store, "state", "kind") == [("applied", "card")]


def test_a_standing_order_goes_each_month_with_its_own(store: Store) -> None:
    for month in range(10, 13):
        store.write("bank", moved(f"2025-{month}-01", "-200", description="Sparen"))
        store.write("bank", booked(f"2025-{month}-02", "200", SAVINGS, description="Gutschrift Dauerauftrag"))
    assert transfers(store) == [("applied", "200", "200", 1)] * 3


def test_two_equal_transfers_on_one_day_are_two_pairs(store: Store) -> None:
    for number in ("a", "b"):
        store.write("bank", moved("2026-03-02", "-50", external_id=f"out-{number}"))
        store.write("bank", moved("2026-03-02", "50", SAVINGS, external_id=f"in-{number}"))
    assert transfers(store) == [("applied", "50", "50", 0)] * 2


@pytest.mark.parametrize("text", ["Gehalt Maerz", "Monthly payment"])
@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-04"])
def test_pay_that_equals_a_transfer_by_accident_stays_income(store: Store, text: str, day: str) -> None:
    store.write("bank", moved("2026-03-02", "-2500", description="to my other bank"))
    store.write("wise", booked(day, "2500", "eur", counterparty="ACME Widgets GmbH", description=text))
    assert "transfer" not in {row[0] for row in flows(store, "wise")}
    assert {state for (state,) in transfers(store, "state")} <= {"proposed", "open"}
    ((received,),) = store.rows("SELECT sum(received)::text FROM derived.income_daily")
    assert received == "2500"
    # and where the other leg is there, that is taken
    store.write("bank", booked("2026-03-03", "2500", SAVINGS, counterparty="", description="Gutschrift"))
    assert ("applied", "2500", "2500", 1) in transfers(store)
    ((received,),) = store.rows("SELECT sum(received)::text FROM derived.income_daily")
    assert received == "2500"


def test_what_names_another_account_is_not_the_other_leg(store: Store) -> None:
    store.write("bank", booked("2026-03-02", "-300", description=f"an {SAVINGS}"))
    store.write("wise", booked("2026-03-02", "300", "eur", description="received"))
    assert transfers(store, "state", "why") == [("open", "its text has the number of another account")]
    store.write("bank", booked("2026-03-04", "300", SAVINGS, description="received"))
    assert transfers(store) == [("applied", "300", "300", 2)]
    assert flows(store, "wise")[0][0] == "other"


def test_an_iban_of_somebody_else_speaks_against_it(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-80", raw={"counterparty_iban": "DE75512108001245126199"}))
    store.write("bank", booked("2026-03-02", "80", SAVINGS, description="received"))
    assert transfers(store, "state") == [("open",)]


def test_somebody_confirms_refuses_and_takes_it_back(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-250", description="out"))
    store.write("wise", booked("2026-03-03", "250", "eur", counterparty="Anna", description="in"))
    assert transfers(store) == [("proposed", "250", "250", 1)]
    assert flows(store, "wise") == [("other", "250", "sign")]
    event = decide(store, TransferVerdict.CONFIRMED)
    assert transfers(store) == [("confirmed", "250", "250", 1)]
    assert flows(store, "wise") == [("transfer", "250", "both legs, you say")]
    assert store.rows("SELECT 1 FROM derived.income_daily") == []
    store.write(OWN_WORD, Event(type=event.type, key=event.key, at=event.at, data={"removed": True}))
    assert transfers(store) == [("proposed", "250", "250", 1)]
    decide(store, TransferVerdict.REFUSED)
    assert transfers(store) == [("refused", "250", "250", 1), ("open", "250", None, None)]
    assert flows(store, "wise") == [("other", "250", "sign")]
    # what is refused makes way for another
    store.write("bank", booked("2026-03-04", "250", SAVINGS, description="in"))
    assert ("applied", "250", "250", 2) in transfers(store)


def test_a_confirmed_pair_lets_go_of_a_leg_that_is_gone(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-250", external_id="out"))
    store.write("wise", booked("2026-03-03", "250", "eur", counterparty="Anna", external_id="in"))
    transfers(store)
    event = decide(store, TransferVerdict.CONFIRMED)
    transfers(store)
    store.write("wise", Removal(account="eur", external_id="in", at=NOW - timedelta(days=1)))
    assert transfers(store) == [("open", "250", None, None)]
    # it holds also where it would not have been found: another amount, on another day
    store.write("wise", booked("2026-03-10", "200", "eur", counterparty="Anna", external_id="in"))
    assert transfers(store, "state", "fee::text", "days", "score") == [("confirmed", "50", 8, None)]
    assert isinstance(event, Event)


def test_a_leg_that_comes_late_or_is_revised_changes_what_was_concluded(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-75.50", external_id="out"))
    assert transfers(store, "state", "why") == [("open", "its source calls it a transfer")]
    store.write("bank", booked("2026-03-03", "75.50", SAVINGS, external_id="in", description="x"))
    assert transfers(store) == [("applied", "75.5", "75.5", 1)]
    store.write("bank", moved("2026-03-02", "-95.50", external_id="out"))
    assert transfers(store) == [("open", "95.5", None, None)]
    assert flows(store, "bank")[1][0] == "other"
    store.write("bank", moved("2026-03-02", "-75.50", external_id="out"))
    assert transfers(store) == [("applied", "75.5", "75.5", 1)]


def test_what_you_say_of_a_transaction_counts_for_more(store: Store) -> None:
    store.write("bank", moved("2026-03-02", "-60"))
    store.write("bank", booked("2026-03-02", "60", SAVINGS, description="present"))
    store.set(rules=[{"match": {"text": "present"}, "class": "other"}])
    assert transfers(store, "state") == [("open",)]
    assert flows(store, "bank")[1] == ("other", "60", "rule 1")


def test_a_household_of_many_accounts_has_no_open_ends_by_chance(store: Store) -> None:
    for number in range(40):
        store.write("many", AccountInfo(account=f"a{number}", name=f"A{number}", kind=AccountKind.BANK))
    store.write("bank", moved("2026-03-02", "-60"))
    store.write("bank", booked("2026-03-02", "60", SAVINGS, description="x"))
    assert transfers(store) == []


def test_a_row_of_equal_payouts_over_years_is_found_piece_by_piece(store: Store) -> None:
    begin = date(2025, 6, 1)
    out = [moved((begin + timedelta(days=n)).isoformat(), "-50", "spot", external_id=f"o{n}") for n in range(120)]
    came = [
        booked((begin + timedelta(days=n + 1)).isoformat(), "50", counterparty="KRAKEN", external_id=f"i{n}")
        for n in range(120)
    ]
    store.write("kraken", *out)
    store.write("bank", *came)
    assert {row[0] for row in flows_of(store)} == {"transfer"}
    store.write("bank", Removal(account=GIRO, external_id="i60", at=NOW - timedelta(days=1)))
    store.derivation.catch_up()
    store.write("kraken", Removal(account="spot", external_id="o60", at=NOW - timedelta(days=1)))
    assert {row[0] for row in flows_of(store)} == {"transfer"}


def flows_of(store: Store) -> list[tuple[str, str, str]]:
    transfers(store)
    return flows(store, "bank")


@pytest.mark.parametrize("seed", [1])
def test_whatever_comes_in_whatever_order_ends_in_the_rows_of_a_rebuild(store: Store, seed: int) -> None:
    chance = Random(seed)
    begin = date(2025, 9, 1)
    places = list(KINDS)
    decided: dict[str, Event] = {}
    for number in range(60):
        connection, account = chance.choice(places)
        if chance.random() < 0.1:
            day = (begin + timedelta(days=chance.randrange(150))).isoformat()
            store.write("ecb", rate("EUR", "USD", day, chance.choice(["1.1", "1.05", "1.2"])))
        record = transaction(
            (begin + timedelta(days=chance.randrange(150))).isoformat(),
            str(chance.choice([-1, 1]) * chance.choice([Decimal(50), Decimal(50), Decimal(49), Decimal(55)])),
            account=account,
            asset=chance.choice(["EUR", "EUR", "EUR", "USD"]),
            external_id=str(chance.randrange(150)),
            kind=chance.choice([None, FlowClass.TRANSFER, FlowClass.TRANSFER, FlowClass.DEPOSIT, FlowClass.SALARY]),
            counterparty=chance.choice(["", "", "Anna", "Max Muster", "KRAKEN"]),
            description=chance.choice(["", "salary", "payout", f"an {SAVINGS}"]),
            raw=chance.choice([None, None, {"reference": f"REF-{chance.randrange(20):06}"}]),
        )
        store.write(connection, record)
        if chance.random() < 0.1:
            pairs = store.rows("SELECT out_subject, in_subject, day FROM derived.transfer WHERE in_subject IS NOT NULL"
                               " AND out_subject IS NOT NULL ORDER BY day, transfer")  # fmt: skip
            if pairs:
                event = decision_event(_decision(chance, *chance.choice(pairs)[:2]), begin)
                decided[event.key] = event
                store.write(OWN_WORD, event)
        elif decided and chance.random() < 0.1:
            event = decided.pop(chance.choice(sorted(decided)))
            store.write(OWN_WORD, Event(type=event.type, key=event.key, at=event.at, data={"removed": True}))
        if chance.random() < 0.8:
            store.derivation.catch_up()
        if number % 20 == 19:
            transfers(store)
    states = dict(store.rows("SELECT state, count(*) FROM derived.transfer GROUP BY 1"))
    assert states["applied"] > 2
    assert states["open"] > 2
    legs = store.rows(
        "SELECT count(*), count(DISTINCT leg) FROM derived.transfer, unnest(ARRAY[out_subject, in_subject]) leg"
        " WHERE state IN ('applied', 'confirmed')"
    )
    assert legs[0][0] == legs[0][1]


def _decision(chance: Random, out: UUID, into: UUID) -> TransferDecision:
    return TransferDecision(of=out, other=into, verdict=chance.choice(list(TransferVerdict)))


def test_the_fee_of_a_withdrawal_is_a_loss_of_the_exchange_and_what_arrives_is_not(store: Store) -> None:
    for day, held in ((17, "1000"), (18, "899"), (19, "899")):
        store.write("kraken", reading(f"2026-03-{day}T20:00:00", held))
    store.write("kraken", booked("2026-03-18", "-101", "spot", kind=FlowClass.WITHDRAWAL))
    store.write("bank", booked("2026-03-19", "100", description="Kraken"))
    assert transfers(store, "state", "fee::text") == [("applied", "1")]
    found = store.rows(
        "SELECT flow::text, pnl::text, fees::text FROM derived.performance"
        " WHERE scope = 'connection' AND name = 'kraken' AND day = '2026-03-18'"
    )
    assert found == [("-100", "-1", "-1")]


def test_hundreds_of_equal_amounts_on_one_day_are_not_multiplied(store: Store) -> None:
    count = 400
    out = [moved("2026-03-02", "-5", external_id=f"o{n}") for n in range(count)]
    came = [booked("2026-03-02", "5", "eur", counterparty="Max Muster", external_id=f"i{n}") for n in range(count)]
    store.write("bank", *out)
    store.write("wise", *came)
    store.derivation.catch_up()
    states = dict(store.rows("SELECT state, count(*)::int FROM derived.transfer GROUP BY 1"))
    assert states == {"open": count - 20, "proposed": 20}


def test_a_rule_that_calls_one_side_a_transfer_means_the_other(store: Store) -> None:
    store.set(rules=[{"match": {"text": "savings plan", "sign": "out"}, "class": "transfer"}])
    store.write("bank", booked("2026-03-05", "-300", description="Savings plan"))
    store.write("bank", booked("2026-03-06", "300", SAVINGS, description="Monthly"))
    store.write("bank", booked("2026-03-06", "120", SAVINGS, description="Monthly"))
    assert transfers(store, "state", "out_amount::int") == [("applied", 300)]
    assert flows(store, "bank") == [
        ("transfer", "-300", "both legs known"),
        ("other", "120", "sign"),
        ("transfer", "300", "both legs known"),
    ]
