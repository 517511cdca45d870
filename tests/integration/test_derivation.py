"""Derived rows follow the raw logs: incrementally or from scratch, they are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, FlowClass, Rate
from flowd.storage.database import Database
from flowd.storage.tenants import ensure_tenant
from tests.deriving import SPOT, Store, reading, schedule, transaction


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def test_a_schedule_accrues_day_by_day_until_today(store: Store) -> None:
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    assert store.income("salary") == {f"2026-03-{day:02}": "10" for day in range(1, 21)}
    assert store.income("salary", "received")["2026-03-20"] == "0"
    store.clock.step(timedelta(days=12))
    store.derivation.catch_up()
    assert len(store.income("salary")) == 32
    assert store.income("salary", "received")["2026-03-31"] == "310"
    assert store.rows("SELECT stream, method, grp FROM derived.stream") == [("salary", "schedule", "declared")]


def test_a_clock_that_went_back_leaves_nothing_of_the_days_to_come(store: Store) -> None:
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    before = store.everything()
    store.clock.step(timedelta(days=365))
    store.derivation.catch_up()
    store.clock.step(-timedelta(days=365))
    store.derivation.catch_up()
    assert store.everything() == before


def test_transactions_become_income_by_class(store: Store) -> None:
    store.write(
        "bank",
        transaction("2026-03-01", "2500", description="Gehalt März"),
        transaction("2026-03-02", "-900", description="Miete"),
        transaction("2026-03-03", "12.34", description="Habenzinsen"),
        transaction("2026-03-04", "50", description="who knows"),
        transaction("2026-03-05", "99", description="Refund"),
        transaction("2026-03-06", "1000", description="Darlehen"),
        transaction("2026-03-07", "77", description="Gehalt", pending=True),
    )
    store.derivation.catch_up()
    assert store.rows("SELECT stream, day::text, received::text, quality FROM derived.income_daily ORDER BY day") == [
        ("bank/salary", "2026-03-01", "2500", "exact"),
        ("bank/interest", "2026-03-03", "12.34", "exact"),
        ("bank/other", "2026-03-04", "50", "estimated"),
    ]
    classes = store.rows("SELECT flow_class, rule FROM derived.flow ORDER BY day")
    assert classes == [
        ("salary", "word gehalt"),
        ("expense", "sign"),
        ("interest", "word habenzinsen"),
        ("other", "sign"),
        ("refund", "word refund"),
        ("loan", "word darlehen"),
    ]


def test_a_valued_account_earns_its_change_in_value(store: Store) -> None:
    store.write(
        "exchange",
        SPOT,
        reading("2026-03-16T09:00:00", "1000"),
        reading("2026-03-16T20:00:00", "1005"),
        reading("2026-03-17T20:00:00", "1010"),
        reading("2026-03-18T20:00:00", "1522"),
        transaction("2026-03-18", "500", account="spot", kind=FlowClass.DEPOSIT),
    )
    store.derivation.catch_up()
    # the 19th has no reading and is over; today has none yet
    assert store.income("exchange") == {
        "2026-03-16": "5",
        "2026-03-17": "5",
        "2026-03-18": "12",
        "2026-03-19": None,
    }
    store.write("exchange", reading("2026-03-20T10:00:00", "1525"))
    store.derivation.catch_up()
    assert store.income("exchange")["2026-03-19"] == "1.5"
    assert store.income("exchange")["2026-03-20"] == "1.5"
    assert store.income("exchange", "quality")["2026-03-19"] == "spread"


def test_a_missing_rate_gives_no_number_and_says_so(store: Store) -> None:
    store.write("bank", transaction("2026-03-03", "100", asset="USD", description="salary"))
    store.derivation.catch_up()
    assert store.income("bank/salary", "received") == {"2026-03-03": "100"}
    assert store.income("bank/salary", "received_base") == {"2026-03-03": None}
    assert store.rows("SELECT base, quote, days FROM derived.rate_missing") == [("USD", "EUR", 1)]
    store.write("ecb", Rate(base="EUR", quote="USD", at=datetime(2026, 3, 2, 15, tzinfo=UTC), value=Decimal("1.25")))
    store.derivation.catch_up()
    assert store.income("bank/salary", "received_base") == {"2026-03-03": "80"}
    assert store.rows("SELECT * FROM derived.rate_missing") == []


def test_other_settings_lead_to_other_rows(store: Store) -> None:
    store.write("bank", transaction("2026-03-03", "100", counterparty="Meier", description="Apartment"))
    store.derivation.catch_up()
    assert store.income("bank/other") != {}
    store.set(rules=[{"match": {"counterparty": "meier"}, "class": "rent", "stream": "flat"}])
    assert store.derivation.catch_up().rebuilt
    assert store.income("bank/other") == {}
    assert store.income("flat") == {"2026-03-03": "100"}
    assert not store.derivation.catch_up().rebuilt


def test_texts_that_differ_in_digits_are_judged_apart_where_it_matters(store: Store) -> None:
    own = AccountInfo(account="12345678", name="Savings", kind=AccountKind.BANK)
    texts = ["order 7", "order 8", "order 18", "to 87654321", "to 12 34 56 78", "to １２３４５６７８"]
    store.write(
        "bank", own, *(transaction(f"2026-03-{day:02}", "5", description=text) for day, text in enumerate(texts, 1))
    )
    judged = "SELECT rule FROM derived.flow ORDER BY day"
    store.derivation.catch_up()
    assert [rule for (rule,) in store.rows(judged)] == ["sign"] * 4 + ["own account number"] * 2
    store.set(rules=[{"match": {"description": "order 8"}, "class": "rent"}])
    store.derivation.catch_up()
    assert [rule for (rule,) in store.rows(judged)] == ["sign", "rule 1", "sign", "sign"] + ["own account number"] * 2
    payers = {"Meier 1": "meier", "meier 22": "meier", "": ""}
    store.write("shop", *(transaction("2026-03-09", str(n), counterparty=name) for n, name in enumerate(payers, 1)))
    store.derivation.catch_up()
    assert store.rows("SELECT payer FROM derived.flow WHERE connection = 'shop' ORDER BY amount") == [
        (payer,) for payer in payers.values()
    ]


def test_an_analytic_that_is_switched_off_leaves_no_rows(store: Store) -> None:
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    assert store.income("salary")
    store.set(analytics={"income": {"enabled": False}})
    store.derivation.catch_up()
    assert store.income("salary") == {}
    store.set(analytics={"income": {"enabled": True}})
    store.derivation.catch_up()
    assert len(store.income("salary")) == 20


def test_both_legs_of_a_transfer_between_known_accounts_are_found(store: Store) -> None:
    for account in ("main", "savings"):
        store.write("bank", AccountInfo(account=account, name=account, kind=AccountKind.BANK))
    store.write(
        "bank",
        transaction("2026-03-02", "-500", description="Überweisung 1"),
        transaction("2026-03-04", "500", account="savings", description="Gutschrift"),
        # two candidates for one leg: nothing is concluded
        transaction("2026-03-10", "-70", description="a"),
        transaction("2026-03-11", "70", account="savings", description="b"),
        transaction("2026-03-12", "70", account="savings", description="c"),
        # another amount, an account that is not known, a day too far
        transaction("2026-03-15", "-20.01", description="d"),
        transaction("2026-03-15", "20", account="savings", description="e"),
        transaction("2026-03-15", "20.01", account="elsewhere", description="f"),
        transaction("2026-03-01", "-33", description="g"),
        transaction("2026-03-05", "33", account="savings", description="h"),
    )
    store.derivation.catch_up()
    found = store.rows("SELECT description FROM derived.flow JOIN derived.transaction USING (tenant_id, subject)"
                       " WHERE flow_class = 'transfer' ORDER BY 1")  # fmt: skip
    assert [row[0] for row in found] == ["Gutschrift", "Überweisung 1"]
    # what comes later may undo it
    store.write("bank", transaction("2026-03-03", "500", account="savings", description="Geschenk"))
    store.derivation.catch_up()
    assert store.rows("SELECT 1 FROM derived.flow WHERE flow_class = 'transfer'") == []


def test_a_day_has_twenty_three_or_twenty_five_hours_when_the_clocks_change(database: Database) -> None:
    store = Store(database)
    store.clock.step(datetime(2026, 3, 31, tzinfo=UTC) - store.clock.now())
    # in Berlin the 29th of March 2026 begins at 23:00 UTC and ends at 22:00 UTC
    moments = ["2026-03-28T22:59:00", "2026-03-28T23:00:00", "2026-03-29T21:59:00", "2026-03-29T22:00:00"]
    store.write("exchange", SPOT, *(reading(moment, str(number)) for number, moment in enumerate(moments, 1)))
    store.derivation.catch_up()
    days = store.rows("SELECT day::text, first::text, last::text, count FROM derived.snapshot_daily ORDER BY day")
    assert days == [("2026-03-28", "1", "1", 1), ("2026-03-29", "2", "3", 2), ("2026-03-30", "4", "4", 1)]
    hours = store.rows("SELECT hour::text, count FROM derived.snapshot_hourly ORDER BY hour")
    assert [hour[0][11:13] for hour in hours] == ["22", "23", "21", "22"]


def test_readings_are_worth_their_price_at_the_end_of_the_day(store: Store) -> None:
    store.write("exchange", SPOT, reading("2026-03-18T10:00:00", "2", asset="BTC"))
    store.derivation.catch_up()
    worth = (
        "SELECT last_base::text FROM derived.snapshot_daily"
        " UNION ALL SELECT last_base::text FROM derived.snapshot_hourly"
    )
    assert store.rows(worth) == [(None,), (None,)]
    for hour, price in ((9, "100"), (20, "110")):
        at = datetime(2026, 3, 18, hour, tzinfo=UTC)
        store.write("prices", Rate(base="BTC", quote="USDT", at=at, value=Decimal(price)))
    store.write("prices", Rate(base="USDT", quote="EUR", at=datetime(2026, 3, 16, tzinfo=UTC), value=Decimal("0.9")))
    store.derivation.catch_up()
    assert store.rows(worth) == [("198",), ("198",)]


def test_a_rate_older_than_a_week_is_none(store: Store) -> None:
    store.write("ecb", Rate(base="EUR", quote="USD", at=datetime(2026, 3, 2, 15, tzinfo=UTC), value=Decimal("1.25")))
    store.write("bank", *(transaction(f"2026-03-{day:02}", "10", asset="USD", description="salary") for day in (9, 10)))
    store.derivation.catch_up()
    assert store.income("bank/salary", "received_base") == {"2026-03-09": "8", "2026-03-10": None}
    assert store.derivation.missing_rates() == [("USD", "EUR", [date(2026, 3, 10)])]


def test_how_streams_are_shown_follows_the_settings(store: Store) -> None:
    store.write("bank", transaction("2026-03-03", "100", description="salary"))
    store.derivation.catch_up()
    shown = "SELECT name, grp, color, target::text FROM derived.stream"
    assert store.rows(shown) == [("bank/salary", "salary", None, None)]
    store.set(streams={"work": {"group": "Jobs", "color": "#2e7d32", "target": "3000", "of": ["bank/salary"]}})
    assert not store.derivation.catch_up().rebuilt
    assert store.rows(shown) == [("work", "Jobs", "#2e7d32", "3000")]


def test_a_schedule_that_cannot_be_read_stops_nothing(store: Store) -> None:
    store.write("odd", schedule("odd", every="whenever"))
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    assert len(store.income("salary")) == 20
    assert store.income("odd") == {}


def test_an_hour_that_two_days_share_is_priced_with_the_day_it_begins_on(database: Database) -> None:
    ensure_tenant(database, "home", base_currency="EUR", timezone="Asia/Kolkata")
    store = Store(database)
    # midnight is at 18:30 UTC
    for at, quantity in (("2026-03-18T18:10:00", "1"), ("2026-03-18T18:45:00", "2")):
        store.write("exchange", SPOT, reading(at, quantity))
        store.derivation.catch_up()
    assert store.rows("SELECT last::text, last_base::text FROM derived.snapshot_hourly") == [("2", "2")]
    assert store.rows("SELECT last_base::text FROM derived.snapshot_daily ORDER BY day") == [("1",), ("2",)]
