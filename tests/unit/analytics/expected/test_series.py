"""Regular series are found among all receipts of a stream."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from flowd.analytics.expected import find
from flowd.analytics.expected.matching import pairs
from flowd.analytics.expected.payers import payer_key
from flowd.api import FlowClass, Receipt
from tests.unit.analytics.expected.receiving import months, receipt

DAYS = months(date(2025, 1, 25), 18)


def found(receipts: Iterable[Receipt]) -> list[tuple[str, int, int, str, Decimal]]:
    return [
        (one.payer, one.number, len(one.paid), one.rhythm.words, one.rhythm.amount.typical)
        for one in find(receipts).series
    ]


def test_one_payer_is_one_series() -> None:
    assert found(receipt(day) for day in DAYS) == [("Acme", 0, 18, "monthly on the 25th", Decimal(2800))]


def test_two_salaries_of_one_payer_in_a_month_are_two() -> None:
    for other in (10, 27):
        both = [*(receipt(day) for day in DAYS), *(receipt(day.replace(day=other), 900) for day in DAYS)]
        assert sorted(row[2:] for row in found(both)) == sorted(
            [(18, "monthly on the 25th", Decimal(2800)), (18, f"monthly on the {other}th", Decimal(900))]
        )


def test_half_a_salary_twice_a_month_is_one_series() -> None:
    both = [*(receipt(day) for day in DAYS), *(receipt(day.replace(day=10)) for day in DAYS)]
    assert found(both) == [("Acme", 0, 36, "twice a month, on the 10th and the 25th", Decimal(2800))]


def test_tenants_are_a_series_each() -> None:
    rents = [
        receipt(day.replace(day=1 + n), 900 + 50 * n, payer)
        for day in DAYS
        for n, payer in enumerate(("Anna", "Bert", "Cleo"))
    ]
    assert [row[0] for row in found(rents)] == ["Anna", "Bert", "Cleo"]


def test_a_payer_whose_text_changes_is_one() -> None:
    numbered = [receipt(day, payer=f"ACME GmbH {day:%m/%Y} REF{day.toordinal()}") for day in DAYS]
    assert [row[2] for row in found(numbered)] == [18]
    never_the_same = [receipt(day, payer="abcdefghijklmnopqr"[n] * 5) for n, day in enumerate(DAYS)]
    assert [row[2] for row in found(never_the_same)] == [18]


@pytest.mark.parametrize("since", [date(2026, 1, 1), date(2026, 6, 1)])
def test_a_payer_that_renamed_goes_on(since: date) -> None:
    both = [receipt(day, payer="Acme" if day < since else "Beta Holding") for day in DAYS]
    assert [row[:3] for row in found(both)] == [("Beta Holding", 0, 18)]


def test_a_new_employer_that_pays_otherwise_is_another_series() -> None:
    both = [receipt(day, payer="Acme") for day in DAYS[:9]]
    both += [receipt(day.replace(day=15), 4500, "Beta") for day in DAYS[9:]]
    assert [row[0] for row in found(both)] == ["Acme", "Beta"]


def test_several_series_of_nobody_are_told_apart() -> None:
    mixed = [receipt(day.replace(day=n), amount, "") for day in DAYS for n, amount in ((1, 900), (15, 1234), (28, 77))]
    assert [row[2] for row in found(mixed)] == [18, 18, 18]


def test_a_thirteenth_salary_stays_in_its_series_also_where_nobody_is_named() -> None:
    paid = [receipt(day, 4200 if day.month in (6, 12) else 2800, "") for day in DAYS]
    assert [row[2] for row in found(paid)] == [18]


def test_a_bonus_is_no_salary() -> None:
    bonus = [receipt(date(2025, 4, 10), 5000), receipt(date(2026, 4, 11), 5500)]
    result = find([*(receipt(day) for day in DAYS), *bonus])
    assert [len(one.paid) for one in result.series] == [18]
    assert list(result.rest) == bonus


def test_what_is_taken_back_and_what_trading_gained_is_in_no_series() -> None:
    back = [receipt(day + timedelta(days=1), -100) for day in DAYS]
    gains = [receipt(day, 50, "Exchange", flow_class=FlowClass.REALISED_PNL) for day in DAYS]
    assert [row[2] for row in found([*(receipt(day) for day in DAYS), *back, *gains])] == [18]


def test_currencies_are_not_mixed() -> None:
    both = [receipt(day, asset="EUR" if n % 2 else "USD") for n, day in enumerate(DAYS)]
    assert {(one.currency, one.rhythm.words.partition(" on")[0]) for one in find(both).series} == {
        ("EUR", "every two months"), ("USD", "every two months")
    }  # fmt: skip


def test_daily_and_random_payments_are_no_series() -> None:
    chance = random.Random(3)
    daily = [receipt(date(2025, 1, 1) + timedelta(days=n), chance.randint(10, 30), "Exchange") for n in range(500)]
    assert found(daily) == []
    orders = [
        receipt(date(2025, 1, 1) + timedelta(days=chance.randint(0, 500)), chance.randint(10, 3000), payer)
        for payer in ("x shop", "y shop", "")
        for _ in range(50)
    ]
    assert found(orders) == []


def test_the_order_of_receipts_changes_nothing() -> None:
    rows = [receipt(day.replace(day=n), amount, "") for day in DAYS for n, amount in ((1, 900), (1, 900), (15, 1234))]
    first = find(rows)
    random.Random(1).shuffle(rows)
    assert find(rows) == first


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME GmbH 03/2026 Ref 4711", "Acme GmbH April"),
        ("Müller Verwaltung März", "MULLER VERWALTUNG 2026-04"),
        ("PAYOUT-PO_1a2b3c Stripe", "payout po_9z8y7x STRIPE"),
    ],
)
def test_what_changes_from_month_to_month_is_no_part_of_the_payer(one: str, other: str) -> None:
    assert payer_key(one) == payer_key(other) != ""


def test_a_number_is_nobody() -> None:
    assert payer_key("4711-2026") == ""


# --- which receipt is for which day ---


def test_as_many_as_can_be_are_paired_and_none_twice() -> None:
    due = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert pairs(due, [date(2026, 1, 28), date(2026, 2, 2)], 5, 27) == [(0, 0), (1, 1)]
    assert pairs(due, [date(2026, 1, 28)], 5, 25) == [(1, 0)]
    assert pairs(due, [date(2026, 1, 20)], 5, 25) == [(0, 0)]
    assert pairs(due, [], 5, 25) == []
    assert pairs([], due, 5, 25) == []
