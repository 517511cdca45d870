"""Signs, names and days of what TrueLayer documents and its mock bank sends."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import AccountKind, FlowClass, RetryLater
from flowd_truelayer import records
from flowd_truelayer.records import Account
from flowd_truelayer.settings import CardAmounts

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "apis" / "truelayer"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded answers of TrueLayer are not on this machine")


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(), parse_float=Decimal)


def card(provider: str = "amex", amounts: CardAmounts = CardAmounts.AUTO, **more: Any) -> Account:
    """A card as TrueLayer writes it."""
    data = {
        "account_id": "c1",
        "display_name": "Gold Card",
        "partial_card_number": "1000",
        "currency": "GBP",
        "provider": {"provider_id": provider},
        **more,
    }
    return records.card(data, amounts)


def account(**more: Any) -> Account:
    """An account as TrueLayer writes it."""
    number = {"iban": "GB35LOYD12345678901234", "number": "12345678", "sort_code": "12-34-56"}
    return records.account(
        {"account_id": "a1", "display_name": "Club Lloyds", "currency": "GBP", "account_number": number, **more}
    )


def row(amount_: str, label: str = "", **more: Any) -> dict[str, Any]:
    """A transaction as TrueLayer writes it."""
    return {
        "timestamp": "2026-02-20T00:00:00Z",
        "description": "SHOP 0815",
        "transaction_type": label,
        "transaction_category": "OTHER",
        "amount": Decimal(amount_),
        "currency": "GBP",
        "transaction_id": "volatile",
        "normalised_provider_transaction_id": "txn-1",
        **more,
    }


# --- The mock bank's own answers --------------------------------------------------------------------------------------


@needs_data
def test_what_was_spent_with_the_mock_cards_went_out() -> None:
    one = records.card(load("mock_cards.json")["results"][0], CardAmounts.AUTO)
    rows = load("mock_card_transactions.json")["results"]
    made = [one.transaction(row) for row in rows]
    assert len(made) == 14
    assert [found.amount for found in made] == [Decimal(row["amount"]) for row in rows]
    assert sum(found.amount < 0 for found in made) == 9
    # The balance that runs along is the judge: it falls with what the mock bank calls a CREDIT.
    balances = [Decimal(row["running_balance"]["amount"]) for row in rows]
    steps = list(zip(balances, balances[1:], made[1:], strict=False))
    assert sum(after - before == found.amount for before, after, found in steps) == 7
    assert not [found for before, after, found in steps if before - after == found.amount]
    assert all(found.external_id is None for found in made), "transaction_id is volatile and no name"
    assert made[0].booked_at == date(2021, 7, 5)
    assert made[0].asset == "GBP"
    assert made[2].counterparty == "Vanquis Bank"
    assert one.info.name == "CREDIT CARD 1 ••1000"
    assert one.info.kind is AccountKind.CARD


@needs_data
def test_the_bank_s_own_name_is_the_name() -> None:
    data = load("transaction_with_ids.json")
    for one in (account(), card("mock")):
        made = one.transaction(data)
        assert made.external_id == "txn-4912996e337e5b5f3"
        assert made.amount == Decimal("-20.5")
        assert made.description == "MT SECURETRADE LIM · SOME-PROVIDER-REFERENCE"


# --- The sign ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "amount", "label", "is_"),
    [
        (account(), "-12.50", "DEBIT", "-12.50"),
        (account(), "2500", "CREDIT", "2500"),
        # The mock bank's labels on cards say the contrary, its signs are right.
        (card("mock"), "-60.0", "CREDIT", "-60.0"),
        (card("uk-cs-mock"), "70.0", "DEBIT", "70.0"),
        # Real cards count what is owed: a purchase is owed the more, a payment the less.
        (card("amex"), "12.34", "DEBIT", "-12.34"),
        (card("amex"), "-250", "CREDIT", "250"),
        # As documented: a payment signed as its holder would.
        (card("amex"), "192.52", "CREDIT", "192.52"),
        (card("amex"), "-12.34", "DEBIT", "-12.34"),
        (card("amex"), "12.34", "", "-12.34"),
        (card("amex"), "0", "DEBIT", "0"),
        (card("amex", CardAmounts.SIGNED), "-60", "CREDIT", "-60"),
        (card("mock", CardAmounts.OWED), "60", "DEBIT", "-60"),
    ],
)
def test_what_came_in_is_positive(one: Account, amount: str, label: str, is_: str) -> None:
    made = one.transaction(row(amount, label))
    assert str(made.amount) == is_


def test_digits_are_kept_to_the_last() -> None:
    made = card("amex").transaction(row("12345678901234567890123456789.12", "DEBIT"))
    assert str(made.amount) == "-12345678901234567890123456789.12"
    assert str(account().transaction(row("0.000000000000000001")).amount) == "1E-18"


@pytest.mark.parametrize(
    ("one", "balance", "is_"),
    [
        (account(), {"current": Decimal("594.87"), "available": Decimal(1094), "overdraft": 500}, "594.87"),
        (account(), {"available": Decimal(1094), "overdraft": 500}, "594"),
        (account(), {"current": -20}, "-20"),
        (card(), {"current": 20, "available": 3279, "credit_limit": 3300}, "-20"),
        (card(), {"current": 20}, "-20"),
        (card(), {"current": -5, "available": 3305, "credit_limit": 3300}, "5"),
        (card(), {"current": -20, "available": 3280, "credit_limit": 3300}, "-20"),
        (card(), {"current": 0, "available": 3300, "credit_limit": 3300}, "0"),
    ],
)
def test_what_is_owed_on_a_card_is_negative(one: Account, balance: dict[str, Any], is_: str) -> None:
    assert str(one.snapshot({"currency": "GBP", **balance}, AT).quantity) == is_


# --- Names, days, kinds -----------------------------------------------------------------------------------------------


def test_names_in_their_order() -> None:
    ids: dict[str, Any] = {"normalised_provider_transaction_id": "n", "provider_transaction_id": "p"}
    assert account().transaction(row("1", **ids)).external_id == "n"
    assert account().transaction(row("1", **{**ids, "normalised_provider_transaction_id": None})).external_id == "p"
    assert account().transaction(row("1", normalised_provider_transaction_id="")).external_id is None


@pytest.mark.parametrize(
    ("written", "is_"),
    [
        ("2026-02-20T00:00:00Z", date(2026, 2, 20)),
        ("2026-02-20T00:00:00", date(2026, 2, 20)),
        ("2026-02-20", date(2026, 2, 20)),
        ("2026-02-20T09:30:00.1160985Z", datetime(2026, 2, 20, 9, 30, 0, 116098, tzinfo=UTC)),
        ("2026-02-20T01:30:00+01:00", datetime(2026, 2, 20, 0, 30, tzinfo=UTC)),
    ],
)
def test_midnight_stands_for_a_day(written: str, is_: object) -> None:
    assert account().transaction(row("1", timestamp=written)).booked_at == is_


@pytest.mark.parametrize(
    ("category", "amount", "kind"),
    [
        ("INTEREST", "1", FlowClass.INTEREST),
        ("INTEREST", "-1", None),
        ("DIVIDEND", "1", FlowClass.DIVIDEND),
        ("CASHBACK", "1", FlowClass.REBATE),
        ("FEE_CHARGE", "-1", FlowClass.FEE),
        ("PURCHASE", "1", FlowClass.REFUND),
        ("PURCHASE", "-1", None),
        ("TRANSFER", "1", None),
        ("CREDIT", "1", None),
    ],
)
def test_only_what_the_bank_says_is_said(category: str, amount: str, kind: FlowClass | None) -> None:
    assert account().transaction(row(amount, transaction_category=category)).kind is kind


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (account(), "Club Lloyds ••1234"),
        (account(display_name="GB35 LOYD 1234 5678 9012 34"), "Account ••1234"),
        (account(account_number={}), "Club Lloyds"),
        (account(account_number={"number": "12345678"}, display_name=""), "Account ••5678"),
        (card(display_name="Amex 1000"), "Amex 1000"),
    ],
)
def test_a_name_shows_four_digits_at_most(one: Account, name: str) -> None:
    assert one.info.name == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": None},
        {"amount": "much"},
        {"amount": Decimal("1e30")},
        {"amount": True},
        {"currency": ""},
        {"currency": "£"},
        {"timestamp": "yesterday"},
        {"timestamp": "0001-01-01T00:00:00Z"},
    ],
)
def test_what_is_not_as_documented_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(RetryLater, match=r"/data/v1/accounts/a1/transactions.* is not as documented"):
        account().transaction(row("1", **wrong))


def test_hostile_texts_are_kept_as_far_as_a_database_can() -> None:
    made = account().transaction(row("1", description="💸 \x00 \ud83d half", merchant_name="y" * 5000))
    assert made.description == "💸  ? half"
    assert len(made.counterparty) == 1000
