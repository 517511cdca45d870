"""What Tink documents comes out right: exact amounts, names, days, and what may never be shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import AccountKind, FlowClass, RetryLater
from flowd_tink import records
from flowd_tink.shape import exact, money

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "apis" / "tink"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded answers of Tink are not on this machine")


def value(unscaled: str, scale: str) -> dict[str, str]:
    return {"unscaledValue": unscaled, "scale": scale}


def account(id_: str, **more: Any) -> dict[str, Any]:
    """An account as Tink writes it."""
    return {
        "id": id_,
        "name": f"Konto {id_}",
        "type": "CHECKING",
        "balances": {"booked": {"amount": {"currencyCode": "EUR", "value": value("10050", "2")}}},
        "identifiers": {"iban": {"iban": "SE4550000000058398257466"}},
        **more,
    }


def row(number: int, day: date, unscaled: str = "-1250", **more: Any) -> dict[str, Any]:
    """A transaction as Tink writes it."""
    return {
        "id": f"tink-{number}",
        "accountId": "a1",
        "amount": {"currencyCode": "EUR", "value": value(unscaled, "2")},
        "dates": {"booked": day.isoformat()},
        "descriptions": {"display": f"Shop {number}", "original": f"SHOP {number} 0815"},
        "identifiers": {"providerTransactionId": f"bank-{number}"},
        "status": "BOOKED",
        **more,
    }


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(), parse_float=Decimal)


@needs_data
def test_the_exact_numbers_tink_documents() -> None:
    cases = load("expected.json")["cases"]
    assert len(cases) >= 4
    for case in cases:
        assert exact(case, "test") == Decimal(case["value"]), case


@needs_data
def test_the_documented_account() -> None:
    one = load("data_v2_accounts_get_one.json")
    reading = records.snapshot(one, AT)
    assert reading is not None
    assert (reading.quantity, reading.asset, reading.account) == (Decimal(19000), "EUR", one["id"])
    info = records.account_info(one)
    assert (info.name, info.kind, info.asset) == ("PERSONKONTO ••7693", AccountKind.BANK, "EUR")


@needs_data
def test_the_documented_transaction() -> None:
    (one,) = load("data_v2_transactions_list.json")["transactions"]
    made = records.transaction(one)
    assert made is not None
    assert made.amount == Decimal("-130.0")
    assert made.asset == "GBP"
    assert made.account == "4a2945d1481c4f4b98ab1b135afd96c0"
    assert made.external_id == "500015d3-acf3-48cc-9918-9e53738d3692"
    assert made.booked_at == date(2020, 12, 15)
    assert made.counterparty == "Joe Doe"
    assert made.description == "TESCO STORES 3297 · PAYMENT *SUBSCRIPTION 123/987 · RF12310007894321"
    assert made.kind is None
    assert not made.pending


@needs_data
def test_what_the_other_interface_writes_as_integers() -> None:
    costs = [
        exact(one["subscriptionCost"], "test")
        for one in load("finance_management_v1_subscriptions.json")["subscriptions"]
    ]
    assert costs == [Decimal("10.0"), Decimal("5.0")]


@pytest.mark.parametrize(
    ("unscaled", "scale", "is_"),
    [
        ("-1300", "1", "-130.0"),
        ("19", "-3", "19000"),
        (100, 1, "10.0"),
        ("1", "18", "0.000000000000000001"),
        ("123456789012345678901234567890", "2", "1234567890123456789012345678.90"),
        ("0", "-3", "0"),
        ("-0", "2", "0"),
    ],
)
def test_exact_numbers(unscaled: object, scale: object, is_: str) -> None:
    assert exact({"unscaledValue": unscaled, "scale": scale}, "test") == Decimal(is_)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "12",
        {},
        value("1.5", "2"),
        value("1", "9999999"),
        value("x", "2"),
        {"unscaledValue": True, "scale": 1},
    ],
)
def test_what_is_no_exact_number_is_named(wrong: object) -> None:
    with pytest.raises(RetryLater, match=r"/here is not as documented"):
        exact(wrong, "/here")


def test_an_amount_needs_its_currency() -> None:
    with pytest.raises(RetryLater, match="currencyCode"):
        money({"value": value("1", "2")}, "/here")


def test_who_is_the_other_side_depends_on_the_direction() -> None:
    parties = {"payee": {"name": "Me"}, "payer": {"name": "ACME AB"}}
    made = records.transaction(row(1, date(2026, 2, 1), "250000", counterparties=parties))
    assert made is not None
    assert (made.counterparty, made.amount) == ("ACME AB", Decimal("2500.00"))


@pytest.mark.parametrize(
    ("more", "kept", "pending"),
    [
        ({"status": "PENDING"}, True, True),
        ({"status": "PENDING", "identifiers": {}}, False, True),
        ({"status": "UNDEFINED"}, True, False),
        ({"status": "UNDEFINED", "dates": {"transaction": "2026-02-01"}}, True, True),
        ({"identifiers": {}}, True, False),
    ],
)
def test_what_is_only_reserved_is_kept_where_its_bank_names_it(more: dict[str, Any], kept: bool, pending: bool) -> None:
    made = records.transaction(row(1, date(2026, 2, 1), **more))
    assert (made is not None) is kept
    if made is not None:
        assert made.pending is pending
        assert made.booked_at == date(2026, 2, 1)
        assert made.external_id == ("tink-1" if more.get("identifiers") == {} else "bank-1")


def test_a_debt_that_is_paid_off_is_no_income() -> None:
    made = records.transaction(row(1, date(2026, 2, 1), "50000"), lent=True)
    assert made is not None
    assert made.kind is FlowClass.LOAN


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("SAVINGS", AccountKind.BANK),
        ("CREDIT_CARD", AccountKind.CARD),
        ("INVESTMENT", AccountKind.BROKER),
        ("", AccountKind.BANK),
    ],
)
def test_kinds_of_accounts(type_: str, kind: AccountKind) -> None:
    assert records.account_info(account("a", type=type_)).kind is kind


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"name": "SE45 5000 0000 0583 9825 7466"}, "Account ••7466"),
        ({"name": "5000 0000 0583 9825 7466"}, "Account ••7466"),
        ({"name": "", "type": "CREDIT_CARD"}, "Credit card ••7466"),
        ({"name": "Sparkonto 🐷", "identifiers": {}}, "Sparkonto 🐷"),
        ({"identifiers": {"pan": {"masked": "4000 12** **** 9010"}}}, "Konto a ••9010"),
        ({"name": "x" * 500}, "x" * 192 + " ••7466"),
    ],
)
def test_a_name_shows_four_digits_at_most(more: dict[str, Any], name: str) -> None:
    assert records.account_info(account("a", **more)).name == name


def test_an_account_without_a_balance_has_no_reading() -> None:
    assert records.snapshot(account("a", balances={}), AT) is None
    available = {"available": {"amount": {"currencyCode": "EUR", "value": value("-5", "0")}}}
    reading = records.snapshot(account("a", balances=available), AT)
    assert reading is not None
    assert reading.quantity == -5


def test_hostile_texts_are_kept_as_far_as_a_database_can() -> None:
    texts = {"original": "💸 \x00 \ud83d half", "display": "y" * 5000}
    made = records.transaction(row(1, date(2026, 2, 1), descriptions=texts))
    assert made is not None
    assert made.description == "💸  ? half"
    assert len(made.counterparty) == 1000


@pytest.mark.parametrize("missing", ["amount", "accountId", "dates"])
def test_what_is_missing_is_named(missing: str) -> None:
    one = row(1, date(2026, 2, 1))
    del one[missing]
    with pytest.raises(RetryLater, match=r"/data/v2/transactions.*not as documented"):
        records.transaction(one)
