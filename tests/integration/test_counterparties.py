"""Who paid and who was paid: kept month by month, and always what adding up every booking gives."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from flowd.api import AccountInfo, AccountKind, FlowClass, Rate, Record, Removal
from flowd.domain.decisions import TransferDecision, TransferVerdict, decision_event
from flowd.domain.goals import OWN_WORD
from flowd.engine.counterparties import whole_months
from flowd.storage.database import Database
from tests.deriving import Store, transaction


@pytest.fixture
def store(database: Database) -> Store:
    store = Store(database)
    for name in ("giro", "savings"):
        store.write("bank", AccountInfo(account=name, name=name, kind=AccountKind.BANK))
    store.derivation.catch_up()
    return store


def booked(day: str, amount: str, name: str = "Bakery", **more: Any) -> Record:
    return transaction(day, amount, counterparty=name, **{"account": "giro", **more})


def dollars(day: str, value: str, *, turned: bool = False) -> Rate:
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC) + timedelta(hours=15)
    base, quote = ("EUR", "USD") if turned else ("USD", "EUR")
    return Rate(base=base, quote=quote, at=at, value=Decimal(value))


def months(store: Store) -> list[tuple[Any, ...]]:
    """What is kept after a step, which is what making it anew gives."""
    store.derivation.catch_up()
    before = store.everything()["counterparty_month"]
    shown = store.rows(
        "SELECT month::text, direction, name, asset, amount::text, amount_base::text, count::int, own"
        " FROM report.counterparty ORDER BY month, direction, name, asset, flow_class, own"
    )
    store.derivation.rebuild()
    assert store.everything()["counterparty_month"] == before
    return shown


def versions(store: Store) -> set[tuple[Any, ...]]:
    """Which rows there are: one that was written again has another xmin."""
    return set(store.rows("SELECT month::text, xmin::text FROM derived.counterparty_month"))


def test_a_month_is_the_sum_of_its_bookings(store: Store) -> None:
    store.write(
        "bank",
        booked("2026-01-05", "-3.50"),
        booked("2026-01-31", "-4"),
        booked("2026-02-01", "-5"),
        booked("2026-01-07", "100", "Bakery 17"),
        booked("2026-01-07", "-8", "", pending=True),
    )
    assert months(store) == [
        ("2026-01-01", "in", "bakery", "EUR", "100", "100", 1, False),
        ("2026-01-01", "out", "bakery", "EUR", "-7.5", "-7.5", 2, False),
        ("2026-02-01", "out", "bakery", "EUR", "-5", "-5", 1, False),
    ]


def test_only_months_that_changed_are_written(store: Store) -> None:
    store.write("bank", *(booked(f"2025-{month:02}-15", "-5", "Rent") for month in range(1, 13)))
    store.derivation.catch_up()
    before = versions(store)
    store.write("bank", booked("2025-06-20", "-5", "Rent"), booked("2025-07-02", "-1", "Kiosk"))
    store.derivation.catch_up()
    gone = {month for month, _ in before - versions(store)}
    assert gone == {"2025-06-01"}
    assert {month for month, _ in versions(store) - before} == {"2025-06-01", "2025-07-01"}


def test_a_late_rate_counts_for_its_day_and_the_week_after(store: Store) -> None:
    store.write(
        "bank",
        booked("2026-01-30", "-10", "Hotel", asset="USD"),
        booked("2026-02-06", "-10", "Hotel", asset="USD"),
        booked("2026-03-06", "-10", "Hotel", asset="USD"),
    )
    assert [row[5] for row in months(store)] == [None, None, None]
    store.write("ecb", dollars("2026-01-30", "0.8"))
    assert [row[5] for row in months(store)] == ["-8", "-8", None]
    store.write("ecb", dollars("2026-02-04", "1.25", turned=True), dollars("2026-02-05", "0.9"))
    assert [row[5] for row in months(store)] == ["-8", "-9", None]


def test_of_a_month_with_a_day_without_a_rate_no_sum_is_told(store: Store) -> None:
    store.write("ecb", dollars("2026-01-01", "0.8"))
    hotel = [booked(f"2026-01-{day:02}", "-10", "Hotel", asset="USD", external_id=str(day)) for day in (2, 20)]
    store.write("bank", *hotel)
    assert [(row[4], row[5]) for row in months(store)] == [("-20", None)]
    store.write("ecb", dollars("2026-01-15", "0.5"))
    assert [(row[4], row[5]) for row in months(store)] == [("-20", "-13")]


def test_a_booking_that_is_revised_moves(store: Store) -> None:
    store.write("bank", booked("2026-01-05", "-3", external_id="a"), booked("2026-01-06", "-4", external_id="b"))
    store.derivation.catch_up()
    store.write("bank", booked("2026-03-05", "-3.25", "Butcher", external_id="a"))
    assert [row[:5] for row in months(store)] == [
        ("2026-01-01", "out", "bakery", "EUR", "-4"),
        ("2026-03-01", "out", "butcher", "EUR", "-3.25"),
    ]
    store.write("bank", Removal(account="giro", external_id="b", at=store.clock.now()))
    assert [row[:3] for row in months(store)] == [("2026-03-01", "out", "butcher")]


def test_a_transfer_that_is_refused_is_no_longer_your_own(store: Store) -> None:
    store.write(
        "bank",
        booked("2026-01-30", "-300", "", kind=FlowClass.TRANSFER, external_id="a"),
        booked("2026-02-02", "300", "", account="savings", kind=FlowClass.TRANSFER, external_id="b"),
    )
    assert [(row[0], row[7]) for row in months(store)] == [("2026-01-01", True), ("2026-02-01", True)]
    ((out, into),) = store.rows("SELECT out_subject, in_subject FROM derived.transfer WHERE in_subject IS NOT NULL")
    refused = TransferDecision(of=out, other=into, verdict=TransferVerdict.REFUSED)
    store.write(OWN_WORD, decision_event(refused, date(2026, 1, 30)))
    assert [(row[0], row[7]) for row in months(store)] == [("2026-01-01", False), ("2026-02-01", False)]


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_comes_in_whatever_order_it_is_the_sum(store: Store, seed: int) -> None:
    random = Random(seed)
    begin = date(2025, 6, 10)
    rates: dict[date, Decimal] = {}
    for _ in range(8):
        records: list[Record] = []
        for _ in range(random.randrange(1, 12)):
            day = (begin + timedelta(days=random.randrange(150))).isoformat()
            amount = Decimal(random.randrange(-50_000, 50_000)).scaleb(-2)
            name, asset = random.choice(["Acme 7", "Kiosk", "", "ACME"]), random.choice(["EUR", "USD", "USD", "JPY"])
            key = str(random.randrange(40))
            records.append(booked(day, str(amount), name, asset=asset, external_id=key))
        store.write("bank", *records)
        for _ in range(random.randrange(3)):
            stated = begin + timedelta(days=random.randrange(150))
            if stated not in rates:
                rates[stated] = Decimal(random.randrange(1, 20_000)).scaleb(-4)
                store.write("ecb", dollars(stated.isoformat(), str(rates[stated])))
        store.derivation.catch_up()
        assert set(store.rows(_SHOWN)) == added_up(store, rates)
    months(store)


_SHOWN = (
    "SELECT month, direction, name, flow_class, stream, own, asset, amount, amount_base, count::int, first_day,"
    " last_day FROM report.counterparty"
)


def added_up(store: Store, rates: dict[date, Decimal]) -> set[tuple[Any, ...]]:
    """The same from every booking there is, and every rate, by the rule that docs/numbers.md states."""
    sums: dict[tuple[Any, ...], list[tuple[Decimal, date, Decimal | None]]] = defaultdict(list)
    flows = "SELECT day, amount, asset, flow_class, stream, rule, payer FROM derived.flow"
    for day, amount, asset, flow_class, stream, rule, payer in store.rows(flows):
        known = [rates[when] for ago in range(8) if (when := day - timedelta(days=ago)) in rates]
        rate = {"EUR": Decimal(1), "USD": known[0] if known else None, "JPY": None}[asset]
        direction, own = "in" if amount > 0 else "out", rule.startswith("both legs")
        key = (day.replace(day=1), direction, payer, flow_class, stream, own, asset)
        sums[key].append((amount, day, rate))
    found = set()
    for key, rows in sums.items():
        days, total = [day for _, day, _ in rows], sum((amount for amount, _, _ in rows), Decimal(0))
        priced = [amount * rate for amount, _, rate in rows if rate is not None]
        base = sum(priced, Decimal(0)).quantize(Decimal("1e-8")) if len(priced) == len(rows) else None
        found.add((*key, total, base, len(rows), min(days), max(days)))
    return found


def test_stretches_of_months_are_whole_and_none_is_there_twice() -> None:
    def day(text: str) -> date:
        return date.fromisoformat(text)

    given = [
        ("2025-12-31", "2026-01-01"),
        ("2025-03-05", "2025-03-06"),
        ("2026-02-28", "2026-02-28"),
        ("2025-03-31",) * 2,
    ]
    found = whole_months((day(first), day(last)) for first, last in given)
    assert [(str(first), str(last)) for first, last in found] == [
        ("2025-03-01", "2025-03-31"),
        ("2025-12-01", "2026-02-28"),
    ]
