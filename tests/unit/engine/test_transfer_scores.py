"""What two legs score: each word of docs/ledger.md about transfers has a case here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.json import Json
from flowd.engine.transfer_legs import (
    Leg,
    Said,
    ibans_of,
    is_iban,
    named_in,
    numbered,
    references_of,
    telling,
    texts_of,
)
from flowd.engine.transfer_scores import APPLIED, PROPOSED, TransferKind, kind_of_pair, score

DAY = date(2026, 3, 2)
GIRO, SAVINGS = "DE02120300000000202051", "DE02500105170137075030"


def leg(number: int, amount: str = "100", *, days: int = 0, text: tuple[str, str] = ("", ""), **more: Any) -> Leg:
    values: dict[str, Any] = {
        "subject": UUID(int=number),
        "connection": "one" if number % 2 else "two",
        "account": "a" if number % 2 else "b",
        "day": DAY + timedelta(days=days),
        "amount": Decimal(amount),
        "asset": "EUR",
        "said": Said.SILENT,
        "flow_class": FlowClass.TRANSFER,
        "texts": texts_of(*text),
    }
    return Leg(**{**values, **more})


def points(out: Leg, into: Leg, market: str | None = None) -> int | None:
    found = score(out, into, None if market is None else Decimal(market))
    return None if found is None else found.points


def said(first: Leg, second: Leg, out: Said, into: Said) -> int | None:
    return points(replace(first, said=out), replace(second, said=into))


def test_the_more_is_said_the_more_points() -> None:
    out, into = leg(1), leg(2, days=1)
    assert points(out, into) == 50 + 18 + 12 + 12
    assert said(out, into, Said.SOURCE, Said.SILENT) == 50 + 18 + 20 + 12
    assert said(out, into, Said.SOURCE, Said.SOURCE) == 50 + 18 + 20 + 20
    assert said(out, into, Said.SOURCE, Said.INCOME) == 50 + 18 + 20


@pytest.mark.parametrize(
    ("days", "kind", "found"),
    [
        (0, AccountKind.BANK, 20), (1, AccountKind.BANK, 18), (3, AccountKind.BANK, 14), (7, AccountKind.BANK, 6),
        (7, AccountKind.PAYOUT, 13), (-1, AccountKind.BANK, 16), (-3, AccountKind.BANK, 8), (8, AccountKind.BANK, None),
        (-4, AccountKind.BANK, None), (-1, AccountKind.PAYOUT, None),
    ],
)  # fmt: skip
def test_days_between_count_by_where_it_was_sent_from(days: int, kind: AccountKind, found: int | None) -> None:
    out, into = leg(1, said=Said.SOURCE, kind=kind), leg(2, days=days, said=Said.WORD)
    assert points(out, into) == (None if found is None else 50 + found + 20 + 16)


def test_what_nobody_calls_anything_is_at_most_three_days_apart() -> None:
    assert (points(leg(1), leg(2, days=3)) or 0) >= APPLIED
    assert points(leg(1), leg(2, days=4)) is None


def test_what_arrives_before_at_another_source_may_be_by_another_clock() -> None:
    wallet: dict[str, Any] = {"kind": AccountKind.WALLET_SPOT, "said": Said.SOURCE}
    assert points(leg(1, **wallet), leg(2, days=-1, **wallet)) is not None


@pytest.mark.parametrize(
    ("amount", "extra"), [("100", 0), ("1000", 0), ("12.5", 0), ("12.34", 5), ("123.45", 10), ("1234", 5)]
)
def test_an_amount_of_many_digits_is_rarely_equal_by_chance(amount: str, extra: int) -> None:
    assert points(leg(1, amount), leg(2, amount)) == 50 + 20 + 24 + extra


def test_what_arrives_may_be_less_but_not_more() -> None:
    out = leg(1, said=Said.SOURCE)
    found = score(out, leg(2, "98.5", said=Said.SOURCE))
    assert found is not None
    assert (found.points, found.fee) == (45 - 4 + 20 + 40, Decimal("1.5"))
    assert "1.5 EUR (1.5 %) kept on the way +41" in found.why
    assert points(out, leg(2, "89.99", said=Said.SOURCE)) is None
    assert points(out, leg(2, "100.01", said=Said.SOURCE)) is None
    # without a word at all it is never a fee, with one of the two it is proposed
    assert points(leg(1), leg(2, "99")) is None
    assert PROPOSED <= (points(out, leg(2, "99")) or 0) < APPLIED


def test_two_currencies_only_by_a_rate_and_close_to_it() -> None:
    out, into = leg(1, said=Said.SOURCE), leg(2, "108", asset="USD", said=Said.SOURCE)
    assert points(out, into, "1.08") == 45 + 20 + 40
    assert points(out, replace(into, amount=Decimal("106.92")), "1.08") == 45 - 4 + 20 + 40
    assert points(out, replace(into, amount=Decimal("102.5")), "1.08") is None
    assert points(out, replace(into, amount=Decimal("110.2")), "1.08") is None
    assert points(out, replace(into, amount=Decimal(100)), "1.08") is None
    assert points(out, replace(into, amount=Decimal(100))) is None


def test_without_a_rate_a_reference_is_enough_to_propose_and_not_to_apply() -> None:
    same: dict[str, Any] = {"references": frozenset({"ref-1"}), "said": Said.SOURCE}
    assert points(leg(1, **same), leg(2, "999", asset="USD", **same)) == APPLIED - 1


def test_on_a_chain_a_coin_stays_what_it_is() -> None:
    wallet: dict[str, Any] = {"kind": AccountKind.WALLET_SPOT, "said": Said.SOURCE}
    assert points(leg(1, "1", asset="BTC", **wallet), leg(2, "20", asset="ETH", **wallet), "20") is None
    assert points(leg(1, "1", asset="BTC", **wallet), leg(2, "50000", said=Said.SOURCE), "50000") is not None


@pytest.mark.parametrize("amount", ["100", "2500", "850"])
def test_money_from_somebody_else_is_at_most_proposed(amount: str) -> None:
    anna = leg(2, amount, text=("Anna Berg", "for dinner"))
    assert (points(leg(1, amount), anna) or 0) < APPLIED
    assert (points(leg(1, amount, said=Said.SOURCE), anna) or 0) < APPLIED
    # and where both sides name somebody, nothing is even proposed
    assert (points(leg(1, amount, text=("Baker", "bread")), anna) or 0) < PROPOSED
    # but what a platform pays out comes from a company nobody knows
    platform = leg(1, amount, said=Said.SOURCE, kind=AccountKind.WALLET_SPOT)
    assert (points(platform, leg(2, amount, days=2, text=("Payward Ltd", ""))) or 0) >= APPLIED


def test_pay_is_no_leg_of_what_a_platform_paid_out_unless_it_names_it() -> None:
    platform = leg(1, said=Said.SOURCE, kind=AccountKind.PAYOUT, connection="stripe")
    pay = leg(2, said=Said.INCOME, days=2, text=("ACME Widgets", "salary"))
    assert (points(platform, pay) or 0) < APPLIED
    named = replace(pay, texts=texts_of("STRIPE PAYMENTS", "salary"))
    assert (points(platform, named) or 0) >= APPLIED


def test_names_of_persons_speak_for_it_and_those_of_firms_do_not() -> None:
    max_ = ("Max Muster", "")
    assert points(leg(1, text=max_), leg(2, text=max_)) == 50 + 20 + 24 + 10
    firm = ("Muster Max GmbH", "")
    assert (points(leg(1, text=firm), leg(2, text=firm)) or 0) < PROPOSED


def test_numbers_and_ibans_speak_for_and_against() -> None:
    numbers = numbered({GIRO, SAVINGS, "a", "1234"})
    assert numbers == {GIRO: GIRO.lower(), SAVINGS: SAVINGS.lower()}
    named = named_in(texts_of("", f"to {SAVINGS[:4]} {SAVINGS[4:]}"), (), numbers, GIRO)
    assert named == {SAVINGS}
    out = leg(1, account=GIRO, named=named)
    assert points(out, leg(2, account=SAVINGS)) == 50 + 20 + 24 + 25
    assert points(out, leg(2, account="elsewhere")) is None
    stranger = leg(1, ibans=frozenset({"DE75512108001245126199"}))
    assert points(stranger, leg(2, account=SAVINGS)) is None
    assert points(stranger, leg(2, account="elsewhere")) is not None


def test_the_same_reference_and_wording_speak_for_it() -> None:
    same: dict[str, Any] = {"references": frozenset({"e2e-1"})}
    assert points(leg(1, **same), leg(2, **same)) == 50 + 20 + 24 + 40
    words = ("", "holiday money june")
    assert points(leg(1, text=words), leg(2, text=words)) == 50 + 20 + 24 + 5


def test_one_account_is_no_other() -> None:
    assert points(leg(1), leg(3)) is None


@pytest.mark.parametrize(
    ("raw", "description", "found"),
    [
        ({"end_to_end_id": "AB-12 34/X"}, "", {"ab1234x"}),
        ({"EndToEndId": "NOTPROVIDED", "txid": "0xdeadbeef01"}, "", {"0xdeadbeef01"}),
        ({"bic": "COBADEFF123", "reference": 7}, "", set()),
        (None, f"EREF 2026030212345 {GIRO}", {"2026030212345"}),
        (None, "Invoice 4711 thank you", set()),
    ],
)
def test_references_are_what_no_two_payments_share(raw: dict[str, Json], description: str, found: set[str]) -> None:
    assert references_of(raw, description) == found


def test_ibans_of_the_other_side() -> None:
    raw: dict[str, Json] = {"counterparty_iban": "de02 5001 0517 0137 0750 30", "iban": GIRO, "account_no": "12"}
    assert ibans_of(raw, GIRO) == {SAVINGS}
    assert is_iban(SAVINGS)
    assert not is_iban("main")


def test_names_that_tell_nothing_are_left_out() -> None:
    assert telling("Main account", "stripe-eu", "N26") == {"stripe"}


@pytest.mark.parametrize(
    ("out", "into", "kind"),
    [
        ({}, {"asset": "USD"}, TransferKind.CURRENCY),
        ({}, {"connection": "one"}, TransferKind.WITHIN),
        ({}, {"kind": AccountKind.CARD}, TransferKind.CARD),
        ({"kind": AccountKind.WALLET_SPOT}, {"kind": AccountKind.WALLET_EARN}, TransferKind.CHAIN),
        ({}, {"kind": AccountKind.WALLET_EARN}, TransferKind.EXCHANGE),
        ({"kind": AccountKind.PAYOUT}, {}, TransferKind.PAYOUT),
        ({}, {"kind": AccountKind.BROKER}, TransferKind.BROKER),
        ({}, {"kind": AccountKind.CASH}, TransferKind.CASH),
        ({}, {}, TransferKind.BANK),
    ],
)
def test_what_a_transfer_is_between(out: dict[str, Any], into: dict[str, Any], kind: TransferKind) -> None:
    assert kind_of_pair(leg(1, **out), leg(2, **into)) is kind
